import { describe, expect, it } from 'vitest';
import { MAX_BUDGET_DOMAINS, MAX_BUDGET_NAMES, NameBudget } from '../../../sidecar/dns/budget.ts';
import { MAX_CACHE_ENTRIES, MAX_CACHE_TTL, TtlCache } from '../../../sidecar/dns/cache.ts';
import { FrameReader, frame } from '../../../sidecar/dns/frames.ts';
import { hostOf, labelsOf } from '../../../sidecar/dns/names.ts';
import { MAX_SYNTHETIC_NAMES, SyntheticAddresses } from '../../../sidecar/dns/synthetic.ts';
import { budgetDomain } from '../../../sidecar/policy/domain.ts';
import { hex, labels } from './support.ts';

describe('names', () => {
  it('joins labels, in lower case and as sent', () => {
    expect(hostOf(labels('_SRV._tcp.Git-Hub.com'))).toEqual({
      host: '_srv._tcp.git-hub.com',
      asSent: '_SRV._tcp.Git-Hub.com',
    });
    expect(hostOf([])).toEqual({ host: '', asSent: '' });
  });

  it.each(['x.allowed', 'a b', 'caf\u00e9', 'a\0', 'a/b', '*', ''])('refuses the label %j', (label) => {
    expect(hostOf([Buffer.from(label, 'latin1'), Buffer.from('com')])).toBeUndefined();
  });

  it('takes 63 characters in a label and 253 in a host, and no more', () => {
    const host = [...Array(3).fill('a'.repeat(63)), 'a'.repeat(61)].join('.');
    expect(host).toHaveLength(253);
    expect(hostOf(labels(host))?.host).toBe(host);
    expect(labelsOf(host)?.join('.')).toBe(host);
    expect(hostOf(labels(`${host}a`))).toBeUndefined();
    expect(labelsOf(`${host}a`)).toBeUndefined();
    expect(labelsOf('a'.repeat(63))).toHaveLength(1);
    expect(labelsOf('a'.repeat(64))).toBeUndefined();
    expect(hostOf(labels('a'.repeat(64)))).toBeUndefined();
    expect(labelsOf('a..b')).toBeUndefined();
  });
});

describe('SyntheticAddresses', () => {
  it('gives each name addresses of its own, and the same ones again', () => {
    const synthetic = new SyntheticAddresses();
    const first = synthetic.assign('a.example');
    const second = synthetic.assign('b.example');
    expect(first).toEqual({ v4: '198.18.0.16', v6: 'fd77:6569:7200::10' });
    expect(second).toEqual({ v4: '198.18.0.17', v6: 'fd77:6569:7200::11' });
    expect(synthetic.assign('a.example')).toEqual(first);
    expect(synthetic.nameOf('198.18.0.16')).toBe('a.example');
    expect(synthetic.nameOf('fd77:6569:7200:0::11')).toBe('b.example');
    expect(synthetic.nameOf('::ffff:198.18.0.17')).toBe('b.example');
  });

  it('has no name for the refusal address, the local source or strangers', () => {
    const synthetic = new SyntheticAddresses();
    synthetic.assign('a.example');
    const strange = [synthetic.refusal.v4, synthetic.refusal.v6, '198.18.0.1', '198.18.0.17', '192.0.2.1', 'x', ''];
    expect(strange.map((address) => synthetic.nameOf(address))).toEqual(strange.map(() => undefined));
    expect(synthetic.refusal).toEqual({ v4: '198.18.0.2', v6: 'fd77:6569:7200::2' });
  });

  it.each([
    ['198.17.255.255', false],
    ['198.18.0.0', true],
    ['198.19.255.255', true],
    ['198.20.0.0', false],
    ['::ffff:198.18.0.1', true],
    ['fd77:6569:71ff:ffff::', false],
    ['fd77:6569:7200::', true],
    ['fd77:6569:7200:ffff:ffff:ffff:ffff:ffff', true],
    ['fd77:6569:7201::', false],
    ['not an address', false],
    ['fd77:6569:7200::1%lo', false],
  ])('knows whether %s is ours: %s', (address, expected) => {
    expect(new SyntheticAddresses().isSynthetic(address)).toBe(expected);
  });

  it(`has ${MAX_SYNTHETIC_NAMES} pairs, all different and ours, and not one more`, () => {
    const synthetic = new SyntheticAddresses();
    const seen = new Set<string>();
    for (let i = 0; i < MAX_SYNTHETIC_NAMES; i++) {
      const pair = synthetic.assign(`n${i}`);
      if (pair) seen.add(pair.v4).add(pair.v6);
    }
    expect(seen.size).toBe(2 * MAX_SYNTHETIC_NAMES);
    expect(seen.has('198.18.0.1')).toBe(false);
    expect(synthetic.isSynthetic([...seen].at(-2) ?? '')).toBe(true);
    expect(synthetic.assign('one-more')).toBeUndefined();
    expect(synthetic.assign('n0')?.v4).toBe('198.18.0.16');
  });
});

describe('NameBudget', () => {
  it('charges distinct subdomains to the limit and not beyond', () => {
    const budget = new NameBudget();
    expect(budget.charge('abcd.example.com', 'example.com', 8)).toBe(true);
    expect(budget.charge('abcde.example.com', 'example.com', 8)).toBe(false);
    expect(budget.charge('a.bc.example.com', 'example.com', 8)).toBe(true);
    expect(budget.spent('example.com')).toBe(8);
    expect(budget.charge('x.example.com', 'example.com', 8)).toBe(false);
  });

  it('charges nothing for a name seen before, for the domain itself, or when it refuses', () => {
    const budget = new NameBudget();
    for (let i = 0; i < 3; i++) expect(budget.charge('abcd.example.com', 'example.com', 4)).toBe(true);
    expect(budget.charge('example.com', 'example.com', 0)).toBe(true);
    expect(budget.charge('b.example.com', 'example.com', 4)).toBe(false);
    expect(budget.spent('example.com')).toBe(4);
    expect(budget.spent('example.org')).toBe(0);
  });

  it('refuses a host that is not under the domain', () => {
    expect(new NameBudget().charge('xexample.com', 'example.com', 100)).toBe(false);
  });

  it(`keeps accounts for ${MAX_BUDGET_DOMAINS} domains`, () => {
    const budget = new NameBudget();
    for (let i = 0; i < MAX_BUDGET_DOMAINS; i++)
      expect(budget.charge(`a.d${i}.example`, `d${i}.example`, 1)).toBe(true);
    expect(budget.charge('a.more.example', 'more.example', 1)).toBe(false);
    expect(budget.charge('b.d0.example', 'd0.example', 2)).toBe(true);
  });

  it(`remembers ${MAX_BUDGET_NAMES} names`, () => {
    const budget = new NameBudget();
    const charge = (i: number) => budget.charge(`${i}.example.com`, 'example.com', Number.MAX_SAFE_INTEGER);
    for (let i = 0; i < MAX_BUDGET_NAMES; i++) charge(i);
    expect(charge(MAX_BUDGET_NAMES)).toBe(false);
    expect(charge(MAX_BUDGET_NAMES - 1)).toBe(true);
  });

  it.each([
    ['a.metrics.acme.dev', 'metrics.acme.dev', 'acme.dev'],
    ['a.b.acme.co.uk', 'b.acme.co.uk', 'acme.co.uk'],
    ['secret.internal', 'internal', 'internal'],
    ['a.secret.internal', 'internal', 'internal'],
    ['secret.github.io', 'github.io', 'github.io'],
  ])('draws %s under *.%s on the account of %s', (host, wildcard, domain) => {
    const others = [
      { name: host, wildcard: false },
      { name: 'dev', wildcard: false },
      { name: 'z.dev', wildcard: true },
    ];
    expect(budgetDomain(host, [{ name: wildcard, wildcard: true }, ...others])).toBe(domain);
  });
});

describe('TtlCache', () => {
  it('counts the TTL down and forgets at its end', () => {
    let now = 0;
    const cache = new TtlCache<string>(() => now);
    cache.set('a', 'x', 2);
    expect(cache.get('a')).toEqual({ value: 'x', ttl: 2 });
    now = 1001;
    expect(cache.get('a')).toEqual({ value: 'x', ttl: 0 });
    now = 2000;
    expect(cache.get('a')).toBeUndefined();
    expect(cache.size).toBe(0);
  });

  it('keeps nothing for 0 seconds, and drops what was there', () => {
    const cache = new TtlCache<string>(() => 0);
    cache.set('a', 'x', 1);
    cache.set('a', 'y', 0);
    expect(cache.get('a')).toBeUndefined();
  });

  it(`keeps nothing longer than ${MAX_CACHE_TTL} s`, () => {
    let now = 0;
    const cache = new TtlCache<string>(() => now);
    cache.set('a', 'x', 1_000_000);
    now = MAX_CACHE_TTL * 1000 - 1;
    expect(cache.get('a')?.value).toBe('x');
    now++;
    expect(cache.get('a')).toBeUndefined();
  });

  it(`holds ${MAX_CACHE_ENTRIES} entries, the oldest going first`, () => {
    const cache = new TtlCache<number>(() => 0);
    for (let i = 0; i < MAX_CACHE_ENTRIES; i++) cache.set(`k${i}`, i, 60);
    expect([cache.size, cache.get('k0')?.value]).toEqual([MAX_CACHE_ENTRIES, 0]);
    cache.set('more', -1, 60);
    expect(cache.size).toBe(MAX_CACHE_ENTRIES);
    expect(cache.get('k0')).toBeUndefined();
    expect(cache.get('k1')?.value).toBe(1);
  });
});

describe('FrameReader', () => {
  it('joins messages from single bytes and splits them from one segment', () => {
    const stream = Buffer.concat([frame(Buffer.from('hello')), frame(Buffer.from('you'))]);
    const reader = new FrameReader(5);
    const messages: string[] = [];
    for (const byte of stream) messages.push(...(reader.push(Buffer.of(byte)) ?? []).map(String));
    expect(messages).toEqual(['hello', 'you']);
    expect(new FrameReader(5).push(stream)?.map(String)).toEqual(['hello', 'you']);
  });

  it('takes the shortest message allowed and fails for good on one byte less', () => {
    const reader = new FrameReader(512, 12);
    expect(reader.push(frame(Buffer.alloc(12)))).toHaveLength(1);
    expect(reader.push(frame(Buffer.alloc(11)))).toBeUndefined();
    expect(reader.push(frame(Buffer.alloc(12)))).toBeUndefined();
  });

  it('takes the longest message allowed and fails for good on one byte more, or none', () => {
    expect(new FrameReader(3).push(hex('0003 616263'))).toHaveLength(1);
    const reader = new FrameReader(3);
    expect(reader.push(hex('0004'))).toBeUndefined();
    expect(reader.push(hex('0001 61'))).toBeUndefined();
    expect(new FrameReader(3).push(hex('0000'))).toBeUndefined();
  });
});
