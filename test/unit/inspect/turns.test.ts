import { setImmediate as nextImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Jobs } from '../../../sidecar/inspect/jobs.ts';
import { atOnce, inOwnTurn, inTurns, LEAST_STEPS, MAX_TURN_MS, type Work } from '../../../sidecar/inspect/turns.ts';

function busy(milliseconds: number): void {
  for (const until = performance.now() + milliseconds; performance.now() < until; );
}

function* work(name: string, steps: number, milliseconds: number, log: string[] = []): Work<string> {
  for (let step = 0; step < steps; step++) {
    busy(milliseconds);
    log.push(name);
    yield;
  }
  return name;
}

describe('work in turns', () => {
  it('that is short is done at once', async () => {
    await nextImmediate();
    expect(inTurns(work('a', 3, 0))).toBe('a');
  });

  it('that is long lets others have their turn', async () => {
    await nextImmediate();
    let turns = 0;
    const count = () => {
      turns++;
      if (turns < 100) setImmediate(count);
    };
    setImmediate(count);
    const long = inTurns(work('a', 10, MAX_TURN_MS));
    expect(long).toBeInstanceOf(Promise);
    expect(await long).toBe('a');
    expect(turns).toBeGreaterThanOrEqual(9);
  });

  it('of many is done one a turn, and what begins in the first shares two turns of time', async () => {
    await nextImmediate();
    const log: string[] = [];
    const all = ['a', 'b', 'c'].map((name) => inTurns(work(name, 3, MAX_TURN_MS, log)));
    expect(log).toEqual(['a', 'b']);
    for (const one of all) expect(one).toBeInstanceOf(Promise);
    let most = 0;
    for (let before = log.length; log.length < 9; before = log.length) {
      await nextImmediate();
      most = Math.max(most, log.length - before);
    }
    expect(most).toBe(1);
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c']);
  });

  it('of a field has some steps and a turn of its own', async () => {
    busy(MAX_TURN_MS);
    expect(inOwnTurn(work('a', LEAST_STEPS - 1, 1))).toBe('a');
    expect(inOwnTurn(work('a', LEAST_STEPS + 9, 0))).toBe('a');
    expect(await inOwnTurn(work('a', LEAST_STEPS + 1, MAX_TURN_MS / 2))).toBe('a');
    expect(inOwnTurn(work('a', LEAST_STEPS + 5, MAX_TURN_MS / 2))).toBeInstanceOf(Promise);
    expect(atOnce(work('a', LEAST_STEPS, 1))).toBe('a');
  });

  it('throws what was thrown in it, at once or later', async () => {
    await nextImmediate();
    function* failing(steps: number): Work<void> {
      yield* work('a', steps, MAX_TURN_MS);
      throw new RangeError('no');
    }
    expect(() => inTurns(failing(0))).toThrow(RangeError);
    await expect(async () => inTurns(failing(3))).rejects.toThrow(RangeError);
  });
});

describe('jobs', () => {
  it('are done in their order, and what comes of one before it goes on', () => {
    const jobs = new Jobs();
    const log: string[] = [];
    const job = (name: string, steps: number, inner: () => void = () => {}) => ({
      step() {
        log.push(name);
        if (log.filter((other) => other === name).length === 1) inner();
        return log.filter((other) => other === name).length === steps;
      },
      close: () => log.push(`${name} closed`),
    });
    jobs.add([job('a', 2, () => jobs.add([job('c', 2), job('d', 1)])), job('b', 1)]);
    atOnce(jobs.run());
    expect(log).toEqual(['a', 'c', 'c', 'd', 'a', 'b']);
    jobs.add([job('e', 1)]);
    jobs.clear();
    atOnce(jobs.run());
    expect(log.slice(6)).toEqual(['e closed']);
    // One that waits for more is not among them, but holds something.
    const [waiting, through] = [job('f', 1), job('g', 1)];
    jobs.add([waiting, through]);
    for (const each of [waiting, through]) jobs.begun(each);
    atOnce(jobs.run());
    jobs.through(through);
    jobs.clear();
    expect(log.slice(7)).toEqual(['f', 'g', 'f closed']);
  });
});
