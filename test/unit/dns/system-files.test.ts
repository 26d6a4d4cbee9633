import { describe, expect, it } from 'vitest';
import { parseHosts, parseResolvConf } from '../../../sidecar/dns/system-files.ts';

describe('parseResolvConf', () => {
  it('reads what a kubelet writes', () => {
    const text =
      'search ci.svc.cluster.local Svc.cluster.local. .\nnameserver 10.96.0.10\nnameserver fd00::a\noptions ndots:5\n';
    expect(parseResolvConf(text)).toEqual({
      nameservers: ['10.96.0.10', 'fd00::a'],
      searchDomains: ['ci.svc.cluster.local', 'svc.cluster.local'],
    });
  });

  it('takes the last search or domain, skips comments and nonsense, and falls back to the machine itself', () => {
    const text =
      '# nameserver 192.0.2.1\n; search no\nnameserver resolver.example\nsearch a.example\ndomain b.example\n';
    expect(parseResolvConf(text)).toEqual({ nameservers: ['127.0.0.1'], searchDomains: ['b.example'] });
  });
});

describe('parseHosts', () => {
  it('collects addresses by name, without loopback and comments', () => {
    const text =
      '127.0.0.1 localhost\n::1 localhost\n10.0.0.1 DB.internal db # main\nfd00::1 db.internal.\nnonsense x\n\n';
    expect([...parseHosts(text)]).toEqual([
      ['db.internal', ['10.0.0.1', 'fd00::1']],
      ['db', ['10.0.0.1']],
    ]);
  });
});
