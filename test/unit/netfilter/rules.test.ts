import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rules } from '../../../sidecar/netfilter/rules.ts';
import { DNS_PORT, MARK, type Settings, settingsFrom, TCP_PORT } from '../../../sidecar/netfilter/settings.ts';

const pod: Settings = { mark: MARK, tcpPort: TCP_PORT, dnsPort: DNS_PORT, metricsPort: 15090, local: false };

describe('rules', () => {
  test('in a pod, over IPv6', () => {
    expect(rules(pod).v6).toBe(`\
*mangle
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING DROP [0:0]
-A POSTROUTING -o lo -j ACCEPT
-A POSTROUTING -m mark --mark 0x57454952 -j ACCEPT
-A POSTROUTING -p ipv6-icmp -m icmp6 --icmpv6-type 135 -m hl --hl-eq 255 -j ACCEPT
-A POSTROUTING -p ipv6-icmp -m icmp6 --icmpv6-type 136 -m hl --hl-eq 255 -j ACCEPT
-A INPUT -i lo -j ACCEPT
-A INPUT -p tcp --dport 15090 -j ACCEPT
-A INPUT -m conntrack --ctstate NEW -j DROP
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A OUTPUT -m mark --mark 0x57454952 -j RETURN
-A OUTPUT -p udp --dport 53 -j REDIRECT --to-ports 15053
-A OUTPUT -p tcp --dport 53 -j REDIRECT --to-ports 15053
-A OUTPUT -d ::1/128 -j RETURN
-A OUTPUT -m addrtype --dst-type LOCAL -j RETURN
-A OUTPUT -p tcp -j REDIRECT --to-ports 15001
COMMIT
`);
  });

  test('over IPv4 the same, without neighbour discovery', () => {
    const { v4, v6 } = rules(pod);
    const translated = v6
      .split('\n')
      .filter((line) => !line.includes('icmp'))
      .join('\n')
      .replace('::1/128', '127.0.0.0/8');
    expect(v4).toBe(translated);
  });

  test('in local mode nothing is exempt and nothing is let in', () => {
    const { v4, v6 } = rules({ ...pod, local: true });
    for (const text of [v4, v6]) {
      expect(text).not.toMatch(/mark|icmp|15090/);
      expect(text.match(/^-A POSTROUTING.*$/gm)).toEqual(['-A POSTROUTING -o lo -j ACCEPT']);
      expect(text.match(/^-A INPUT.*$/gm)).toEqual([
        '-A INPUT -i lo -j ACCEPT',
        '-A INPUT -m conntrack --ctstate NEW -j DROP',
      ]);
    }
  });

  test('whatever the settings: mangle first, POSTROUTING and FORWARD drop, no accept by connection state', () => {
    const settings = fc.record(
      {
        mark: fc.integer({ min: 1, max: 0xffffffff }),
        tcpPort: fc.integer({ min: 1, max: 65535 }),
        dnsPort: fc.integer({ min: 1, max: 65535 }),
        metricsPort: fc.integer({ min: 1, max: 65535 }),
        local: fc.boolean(),
      },
      { requiredKeys: ['mark', 'tcpPort', 'dnsPort', 'local'] },
    );
    fc.assert(
      fc.property(settings, (given) => {
        for (const text of Object.values(rules(given))) {
          expect(text.startsWith('*mangle\n')).toBe(true);
          expect(text).toMatch(/^:POSTROUTING DROP .*$/m);
          expect(text).toMatch(/^:FORWARD DROP .*$/m);
          expect(text).not.toMatch(/state.*ACCEPT|NaN|undefined/);
        }
      }),
    );
  });
});

describe('settingsFrom', () => {
  test('has defaults for what is unset', () => {
    expect(settingsFrom({})).toEqual({ mark: MARK, tcpPort: TCP_PORT, dnsPort: DNS_PORT, local: false });
  });

  test('reads decimal and hexadecimal', () => {
    const env = { WEIR_MARK: '0xFFFFFFFF', WEIR_TCP_PORT: '1', WEIR_DNS_PORT: '65535', WEIR_METRICS_PORT: '0x10' };
    expect(settingsFrom(env)).toEqual({ mark: 0xffffffff, tcpPort: 1, dnsPort: 65535, metricsPort: 16, local: false });
  });

  test.each([
    ['WEIR_MARK', '0'],
    ['WEIR_MARK', '0x0'],
    ['WEIR_MARK', '4294967296'],
    ['WEIR_MARK', '0x100000000'],
    ['WEIR_MARK', '-1'],
    ['WEIR_MARK', '1/0xff'],
    ['WEIR_MARK', ''],
    ['WEIR_TCP_PORT', '0'],
    ['WEIR_TCP_PORT', '65536'],
    ['WEIR_DNS_PORT', '53 '],
    ['WEIR_DNS_PORT', '1e3'],
    ['WEIR_METRICS_PORT', '80\n-A POSTROUTING -j ACCEPT'],
  ])('refuses %s=%j', (name, value) => {
    expect(() => settingsFrom({ [name]: value })).toThrow(new RegExp(`^${name} must be`));
  });
});
