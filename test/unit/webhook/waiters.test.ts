import { describe, expect, it } from 'vitest';
import { POLL_JITTER, POLL_MS } from '../../../crds/control.ts';
import {
  BATCH,
  MAX_WAITERS,
  MAX_WAITS_PER_POD,
  type Outcome,
  TURN_MS,
  type Waiter,
  Waiters,
} from '../../../webhook/policies/waiters.ts';
import { Wheel } from '../../../webhook/policies/wheel.ts';

interface Heard extends Waiter {
  outcomes: Outcome[];
}

function waiter(uid: string, namespace = 'ci'): Heard {
  const outcomes: Outcome[] = [];
  return { namespace, pod: uid, uid, have: 'h', slot: 0, outcomes, answer: (outcome) => outcomes.push(outcome) };
}

describe('Wheel', () => {
  it('gives each item at its turn, once, unless it was taken out', () => {
    const wheel = new Wheel<{ slot: number }>(4);
    const [a, b, c] = [{ slot: 0 }, { slot: 0 }, { slot: 0 }];
    wheel.add(a, 1);
    wheel.add(b, 3);
    wheel.add(c, 2);
    wheel.remove(c);
    expect(Array.from({ length: 8 }, () => wheel.turn())).toEqual([[a], [], [b], [], [], [], [], []]);
  });

  it('holds nothing longer than it has slots', () => {
    const wheel = new Wheel<{ slot: number }>(3);
    const a = { slot: 0 };
    wheel.add(a, 100);
    expect([wheel.turn(), wheel.turn()]).toEqual([[], [a]]);
  });
});

describe('Waiters', () => {
  it('answers "unchanged" between the shortest and the longest poll', () => {
    for (const [random, ms] of [
      [0, POLL_MS * (1 - POLL_JITTER)],
      [1, POLL_MS * (1 + POLL_JITTER)],
    ] as const) {
      const waiters = new Waiters(() => random);
      const one = waiter('a');
      waiters.add(one);
      for (let i = 1; i < ms / TURN_MS; i++) waiters.turn();
      expect(one.outcomes).toEqual([]);
      waiters.turn();
      expect(one.outcomes).toEqual(['unchanged']);
      expect(waiters.size).toBe(0);
    }
  });

  it('answers the oldest poll of a pod that has more than it may', () => {
    const waiters = new Waiters();
    const polls = Array.from({ length: MAX_WAITS_PER_POD + 1 }, () => waiter('a'));
    for (const poll of polls) expect(waiters.add(poll)).toBe(true);
    expect(polls.map(({ outcomes }) => outcomes.length)).toEqual([1, ...Array(MAX_WAITS_PER_POD).fill(0)]);
    expect(waiters.size).toBe(MAX_WAITS_PER_POD);
  });

  it('takes MAX_WAITERS and no more', () => {
    const waiters = new Waiters();
    for (let i = 0; i < MAX_WAITERS; i++) expect(waiters.add(waiter(`${i}`))).toBe(true);
    expect(waiters.add(waiter('more'))).toBe(false);
    expect(waiters.size).toBe(MAX_WAITERS);
  });

  it('wakes those of a namespace for whom something changed, and lets other work in between', async () => {
    const waiters = new Waiters();
    const ours = Array.from({ length: BATCH * 2 }, (_, i) => waiter(`${i}`));
    const theirs = waiter('x', 'other');
    for (const one of [...ours, theirs]) waiters.add(one);
    const waking = waiters.wake('ci', ({ uid }) => (uid === '0' ? undefined : 'changed'));
    expect(ours.filter(({ outcomes }) => outcomes.length > 0).length).toBe(BATCH);
    await waking;
    expect(ours.flatMap(({ outcomes }) => outcomes)).toEqual(Array(BATCH * 2 - 1).fill('changed'));
    expect([ours[0]?.outcomes, theirs.outcomes]).toEqual([[], []]);
    await waiters.wake(undefined, () => 'moved');
    expect([ours[0]?.outcomes, theirs.outcomes]).toEqual([['moved'], ['moved']]);
    expect(waiters.size).toBe(0);
  });

  it('forgets one whose client is gone', () => {
    const waiters = new Waiters(() => 0);
    const one = waiter('a');
    waiters.add(one);
    waiters.remove(one);
    waiters.remove(one);
    for (let i = 0; i < 60; i++) waiters.turn();
    expect([one.outcomes, waiters.size]).toEqual([[], 0]);
  });
});
