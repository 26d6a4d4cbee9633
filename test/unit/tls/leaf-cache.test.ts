import { describe, expect, it, vi } from 'vitest';
import { LeafCache } from '../../../sidecar/tls/leaf-cache.ts';

function cache(limit = 2) {
  const clock = { now: 1000 };
  return { clock, leaves: new LeafCache<string>({ limit, lifetimeMs: 100, now: () => clock.now }) };
}

describe('LeafCache', () => {
  it('makes a value once for concurrent callers', async () => {
    const { leaves } = cache();
    const make = vi.fn(async () => 'leaf');
    expect(await Promise.all([leaves.get('a', make), leaves.get('a', make)])).toEqual(['leaf', 'leaf']);
    expect(make).toHaveBeenCalledTimes(1);
  });

  it('holds its limit and lets the least recently used go', async () => {
    const { leaves } = cache(2);
    await leaves.get('a', () => 'a1');
    await leaves.get('b', () => 'b1');
    await leaves.get('a', () => 'a2');
    await leaves.get('c', () => 'c1');
    expect(leaves.size).toBe(2);
    expect(await leaves.get('a', () => 'a2')).toBe('a1');
    expect(await leaves.get('b', () => 'b2')).toBe('b2');
  });

  it('makes anew at its lifetime, not before, and when the clock was set back', async () => {
    const { leaves, clock } = cache();
    await leaves.get('a', () => 'first');
    clock.now = 1099;
    expect(await leaves.get('a', () => 'second')).toBe('first');
    clock.now = 1100;
    expect(await leaves.get('a', () => 'third')).toBe('third');
    clock.now = 1000;
    expect(await leaves.get('a', () => 'fourth')).toBe('fourth');
  });

  it('gives a failure to all who wait, and does not keep it', async () => {
    const { leaves } = cache();
    const failing = () => {
      throw new Error('no leaf');
    };
    await expect(leaves.get('a', failing)).rejects.toThrow('no leaf');
    expect(leaves.size).toBe(0);
    expect(await leaves.get('a', () => 'leaf')).toBe('leaf');
  });

  it('a late failure does not remove what was made since', async () => {
    const { leaves, clock } = cache();
    const slow = Promise.withResolvers<string>();
    const first = leaves.get('a', () => slow.promise);
    clock.now = 2000;
    await leaves.get('a', () => 'second');
    slow.reject(new Error('late'));
    await expect(first).rejects.toThrow('late');
    expect(await leaves.get('a', () => 'third')).toBe('second');
  });
});
