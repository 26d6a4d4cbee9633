/** What bodies and messages take, over all of them, never exceeds the bound; who finds no room waits, then hears why. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_UNDER_WAY, MIN_THREAD_BYTES } from '../../../sidecar/inspect/thread/bounds.ts';
import {
  BODY_BYTES,
  BODY_HOLDS_BYTES,
  bodyBytes,
  bodyHolds,
  type Lease,
  MAX_HELD_MEMORY,
  MEMORY_WAIT_MS,
  Memory,
} from '../../../sidecar/memory.ts';

const now = (taken: ReturnType<Memory['take']>): Lease => {
  if (taken instanceof Promise) throw new Error('it waits');
  return taken;
};

describe('Memory', () => {
  test('is given up to the last byte; one more waits until there is room', async () => {
    const memory = new Memory(100, 5000);
    const first = now(memory.take(60));
    now(memory.take(40));
    let isThere = false;
    const waiting = Promise.resolve(memory.take(1)).then((lease) => {
      isThere = true;
      return lease;
    });
    await Promise.resolve();
    expect([isThere, memory.used, memory.waiting]).toEqual([false, 100, 1]);
    first.release();
    first.release();
    expect(await waiting).toBeDefined();
    expect([memory.used, memory.waiting, memory.refused]).toEqual([41, 0, 0]);
  });

  test('is refused after the time to wait, and counted', async () => {
    const memory = new Memory(100, 20);
    now(memory.take(100));
    expect(await memory.take(1)).toBeUndefined();
    expect([memory.used, memory.waiting, memory.refused]).toEqual([100, 0, 1]);
    expect(MEMORY_WAIT_MS).toBe(10_000);
  });

  test('a lease grows while there is room; what does not fit leaves it as it was', () => {
    const memory = new Memory(100);
    const lease = now(memory.take(50));
    expect(lease.resize(100)).toBe(true);
    expect(lease.resize(101)).toBe(false);
    expect(memory.used).toBe(100);
    expect(lease.resize(10)).toBe(true);
    expect(memory.used).toBe(10);
    lease.release();
    expect(lease.resize(90)).toBe(true);
    expect(memory.used).toBe(0);
  });

  test('never holds more than the bound, whatever is taken, changed and given back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(2), fc.nat(120), fc.nat(9))), async (steps) => {
        const memory = new Memory(100, 1);
        const leases: Lease[] = [];
        for (const [kind, bytes, index] of steps) {
          const lease = leases[index];
          if (kind === 0) {
            const taken = memory.take(bytes);
            if (taken instanceof Promise) taken.then((late) => late && leases.push(late));
            else leases.push(taken);
          } else if (kind === 1) lease?.resize(bytes);
          else lease?.release();
          await Promise.resolve();
          expect(memory.used).toBeLessThanOrEqual(100);
          expect(memory.used).toBeGreaterThanOrEqual(0);
        }
        while (memory.waiting > 0) await new Promise((resolve) => setTimeout(resolve, 1));
        for (const lease of leases) lease.release();
        expect(memory.used).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});

test('a body takes what it may come to need: little when it is short, the windows of its decoders when it is encoded', () => {
  expect(bodyBytes(0)).toBeLessThan(16 * 1024);
  expect(bodyBytes(10_000)).toBeGreaterThanOrEqual(40_000);
  expect(bodyBytes(undefined)).toBe(BODY_BYTES);
  expect(bodyBytes(MIN_THREAD_BYTES - 1)).toBe(BODY_BYTES);
  expect(bodyBytes(1, ['identity'])).toBe(bodyBytes(1));
  for (const [encoding, window] of [
    ['zstd', 2 ** 23],
    ['br', 2 ** 24],
    ['gzip', 2 ** 15],
    ['x', 0],
  ] as const) {
    expect(bodyBytes(1, [encoding])).toBeGreaterThan(BODY_BYTES + window);
    // Several at once.
    expect(bodyBytes(1, [encoding])).toBeLessThan(MAX_HELD_MEMORY / 4);
    expect(bodyBytes(MIN_THREAD_BYTES, [encoding])).toBe(bodyBytes(1, [encoding]));
    expect(bodyHolds(MIN_THREAD_BYTES, [encoding])).toBe(BODY_HOLDS_BYTES);
  }
});

test('a body that another thread may judge takes what is under way to it, and may hold as much back', () => {
  expect(bodyBytes(MIN_THREAD_BYTES)).toBe(BODY_BYTES + 2 * MAX_UNDER_WAY);
  expect(bodyBytes(1e12, ['identity'])).toBe(BODY_BYTES + 2 * MAX_UNDER_WAY);
  expect(bodyHolds(MIN_THREAD_BYTES)).toBe(BODY_HOLDS_BYTES + MAX_UNDER_WAY);
  for (const length of [MIN_THREAD_BYTES - 1, 0, undefined]) expect(bodyHolds(length)).toBe(BODY_HOLDS_BYTES);
});
