import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Event } from '../../../crds/runtime.ts';
import { Expansions, HELD_MS, MAX_HELD } from '../../../sidecar/dns/expansions.ts';
import { lookedUp, unexpanded } from '../../../sidecar/dns/judge.ts';

const SEARCH = ['ci.svc.cluster.local', 'svc.cluster.local', 'cluster.local'];

describe('denials of names that a search list made', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  const world = () => {
    const told: (string | undefined)[] = [];
    const expansions = new Expansions(({ host }) => told.push(host));
    const denied = (host: string, bases = unexpanded(host, SEARCH)): void =>
      expansions.denied(host, bases, { host, action: 'deny', layer: 'dns', reason: 'dns.name' } as Event);
    return { told, expansions, denied };
  };

  it('are left out when the name itself is asked for after them', () => {
    const { told, expansions, denied } = world();
    for (const domain of SEARCH) for (const _type of ['A', 'AAAA']) denied(`evil.com.${domain}`);
    expect(told).toEqual([]);
    denied('evil.com');
    denied('evil.com');
    vi.advanceTimersByTime(2 * HELD_MS);
    expect(told).toEqual(['evil.com', 'evil.com']);
    expect(expansions.leftOut).toBe(6);
  });

  it('are left out when it was asked for just before them', () => {
    const { told, expansions, denied } = world();
    denied('a.b.c.d.evil.com');
    denied('a.b.c.d.evil.com.svc.cluster.local');
    expansions.flush();
    expect([told, expansions.leftOut]).toEqual([['a.b.c.d.evil.com'], 1]);
    vi.advanceTimersByTime(HELD_MS);
    denied('a.b.c.d.evil.com.svc.cluster.local');
    expansions.flush();
    expect(told).toEqual(['a.b.c.d.evil.com', 'a.b.c.d.evil.com.svc.cluster.local']);
  });

  it('are told when it is not: the name of a Service was meant', () => {
    const { told, expansions, denied } = world();
    const service = 'db.dev.svc.cluster.local';
    for (const domain of SEARCH) denied(`${service}.${domain}`);
    denied(service);
    vi.advanceTimersByTime(HELD_MS - 1);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1);
    expect([told, expansions.leftOut]).toEqual([[service], 3]);
  });

  it('each wait their own time', () => {
    const { told, denied } = world();
    denied('a.cluster.local');
    vi.advanceTimersByTime(HELD_MS / 2);
    denied('b.cluster.local');
    vi.advanceTimersByTime(HELD_MS / 2);
    expect(told).toEqual(['a.cluster.local']);
    vi.advanceTimersByTime(HELD_MS / 2);
    expect(told).toEqual(['a.cluster.local', 'b.cluster.local']);
  });

  it('are told at once when more is wrong with them than the name', () => {
    const { told, denied } = world();
    denied('secret.evil.com.cluster.local', []);
    expect(told).toEqual(['secret.evil.com.cluster.local']);
  });

  it('are held in a bounded number', () => {
    const { told, expansions, denied } = world();
    for (let i = 0; i < 3 * MAX_HELD; i++) denied(`n${i}.cluster.local`);
    expect(told).toHaveLength(2 * MAX_HELD);
    expect(told[0]).toBe('n0.cluster.local');
    // The first are remembered no longer.
    denied('n0.cluster.local.svc.cluster.local');
    expansions.flush();
    expect(told).toHaveLength(3 * MAX_HELD + 1);
  });
});

describe('what was looked up', () => {
  it.each([
    ['a.dev', 'a.dev'],
    ['a.dev.ci.svc.cluster.local', 'a.dev'],
    ['A.dev.CI.svc.cluster.local', 'A.dev'],
    ['a.dev.cluster.local', 'a.dev'],
    ['cluster.local', 'cluster.local'],
    ['acluster.local', 'acluster.local'],
  ])('%s: %s', (asSent, expected) => {
    expect(lookedUp(asSent, ['ci.svc.cluster.local.', 'svc.cluster.local', 'cluster.local'])).toBe(expected);
  });
});
