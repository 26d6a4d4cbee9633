import { describe, expect, test } from 'vitest';
import { upInterfaces } from '../../../sidecar/netfilter/interfaces.ts';
import { type Outcome, probes } from '../../../sidecar/netfilter/probes.ts';
import { check } from '../../../sidecar/netfilter/selftest.ts';
import { inNamespace } from './namespace.ts';

const dropped = (probe: string): Outcome => ({ probe, result: 'dropped' });
const sent = (probe: string): Outcome => ({ probe, result: 'sent' });
const impossible = (probe: string): Outcome => ({ probe, result: 'impossible', code: 'ENETUNREACH' });

describe('check', () => {
  test('holds when each family was tried and everything was dropped', () => {
    expect(() => check([dropped('v4 udp'), impossible('v4 icmp'), dropped('v6 udp')], ['v4', 'v6'])).not.toThrow();
  });

  test('fails when one packet got out', () => {
    expect(() => check([dropped('v4 udp'), sent('v4 dns by eth0')], ['v4'])).toThrow(
      'the rules do not hold: sent v4 dns by eth0',
    );
  });

  test('fails when a family could not be tried', () => {
    expect(() => check([dropped('v4 udp'), impossible('v6 udp')], ['v4', 'v6'])).toThrow(
      'it could not be tried over every family (v4 udp: dropped, v6 udp: ENETUNREACH)',
    );
  });

  test('expects nothing of a family without an address', () => {
    expect(() => check([dropped('v4 udp'), impossible('v6 udp')], ['v4'])).not.toThrow();
    expect(() => check([], [])).not.toThrow();
    expect(() => check([sent('v4 udp')], [])).toThrow();
  });
});

test('probes past the routing table on every device', () => {
  const names = probes(['eth0', 'eth1'], ['v4', 'v6']).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of ['v4 udp', 'v6 icmpv6', 'v4 dns by eth1', 'v6 multicast by eth0', 'v4 broadcast by eth0']) {
    expect(names).toContain(name);
  }
});

test('upInterfaces', () => {
  expect(upInterfaces()).toContain('lo');
});

describe('selfTest in local mode', () => {
  test.each(['nft', 'legacy'])('holds with the rules (%s)', (variant) => {
    const { report, error, milliseconds } = inNamespace('selftest.ts', variant) as Record<string, never>;
    expect(error).toBeUndefined();
    expect(report).toEqual({
      devicesTried: true,
      dropped: expect.arrayContaining(['v4 udp by weir0', 'v4 dns by weir0']),
      sent: [],
    });
    expect(milliseconds).toBeLessThan(500);
  });

  test.each([
    ['without any rules', 'none', /not redirected|the rules do not hold: sent v4 udp by weir0/],
    ['with nat alone', 'nat-only', /the rules do not hold: sent v4 udp by weir0/],
    ['with mangle alone', 'mangle-only', /TCP over v4 is not redirected/],
    ['with IPv4 alone', 'v4-only', /the rules do not hold: sent v6 multicast by weir0/],
    ['with another interface', 'interface-up', /interfaces that lead out: other0/],
  ])('fails %s', (_, scenario, message) => {
    expect((inNamespace('selftest.ts', scenario) as { error: string }).error).toMatch(message);
  });

  test('does not mind an interface that is down', () => {
    expect(inNamespace('selftest.ts', 'interface-down')).toMatchObject({ report: { devicesTried: true, sent: [] } });
  });

  test('expects no IPv6 where it is switched off', () => {
    const { report } = inNamespace('selftest.ts', 'no-ipv6') as { report: { dropped: string[] } };
    expect(report).toMatchObject({ devicesTried: true, sent: [] });
    expect(report.dropped.filter((name) => name.startsWith('v6'))).toEqual([]);
  });

  test('without /dev/net/tun shows the redirect alone, and says so', () => {
    expect(inNamespace('selftest.ts', 'no-tun')).toMatchObject({
      report: { devicesTried: false, dropped: [], sent: [] },
    });
  });
});
