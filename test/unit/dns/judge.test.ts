import { describe, expect, it } from 'vitest';
import { RUNTIME_SCHEMA, type RuntimePolicy, type RuntimeRule, type Verdict } from '../../../crds/runtime.ts';
import { followChain, MAX_ALIASES } from '../../../sidecar/dns/chain.ts';
import { type DnsFacts, type Judgement, judge, type NamePolicy, SEARCH_DETAIL } from '../../../sidecar/dns/judge.ts';
import type { Reply } from '../../../sidecar/dns/response.ts';
import { TYPE } from '../../../sidecar/dns/wire.ts';
import { labels, name } from './support.ts';

const RULE = { id: 'p/allowed' } as RuntimeRule;

/** Allows the given hosts for A and AAAA, as the engine does; in Audit mode everything else with a remark. */
function policy(
  hosts: string[],
  denied: 'Explain' | 'NXDomain' = 'Explain',
  mode: 'Enforce' | 'Audit' = 'Enforce',
): NamePolicy {
  const runtime: RuntimePolicy = {
    schema: RUNTIME_SCHEMA,
    hash: '',
    mode,
    policies: ['p'],
    rules: [],
    dns: { queryTypes: ['A', 'AAAA', 'TXT'], denied, budget: 128 },
    content: { disabledDetectors: [], homeHosts: [], suppressions: [] },
  };
  return {
    policy: runtime,
    decideName(host, queryType): Verdict {
      const rule = hosts.includes(host) ? { rule: RULE } : {};
      if (!['A', 'AAAA', 'TXT'].includes(queryType)) return { allow: false, reason: 'dns.query-type', ...rule };
      if (hosts.includes(host)) return { allow: true, ...rule };
      return mode === 'Audit' ? { allow: true, audit: { reason: 'dns.name' } } : { allow: false, reason: 'dns.name' };
    },
  };
}

const FACTS: DnsFacts = {
  searchDomains: ['ci.svc.cluster.local', 'svc.cluster.local', '.', 'Acme.Example.'],
  hasIpv6Route: true,
};

function judged(
  host: string,
  type: number,
  rules = policy(['registry.npmjs.org', 'db.svc.cluster.local']),
  facts = FACTS,
): Judgement {
  const query = { id: 1, recursionDesired: true, checkingDisabled: false, labels: labels(host), type, edns: undefined };
  return judge(query, rules, facts);
}

const summary = (judgement: Judgement): string =>
  judgement.answer === 'lookup'
    ? `lookup ${judgement.host} ${judgement.type}`
    : `${judgement.answer} ${judgement.denial?.reason ?? '-'}`;

describe('judge', () => {
  it.each([
    ['Registry.NPMJS.org', TYPE.A, 'lookup registry.npmjs.org A'],
    ['registry.npmjs.org', TYPE.AAAA, 'lookup registry.npmjs.org AAAA'],
    ['registry.npmjs.org', TYPE.TXT, 'lookup registry.npmjs.org TXT'],
    ['registry.npmjs.org', TYPE.HTTPS, 'nodata dns.query-type'],
    ['registry.npmjs.org', TYPE.ANY, 'nodata dns.query-type'],
    ['registry.npmjs.org', 65_280, 'nodata dns.query-type'],
    ['evil.example', TYPE.A, 'refusal-address dns.name'],
    ['evil.example', TYPE.AAAA, 'refusal-address dns.name'],
    ['evil.example', TYPE.TXT, 'nodata dns.name'],
    ['evil.example', TYPE.HTTPS, 'nodata dns.query-type'],
    ['', TYPE.A, 'nodata dns.name'],
    ['', TYPE.NS, 'nodata dns.query-type'],
    ['localhost', TYPE.A, 'loopback -'],
    ['a.localhost', TYPE.TXT, 'loopback -'],
    ['nolocalhost', TYPE.A, 'refusal-address dns.name'],
    ['a b.registry.npmjs.org', TYPE.A, 'nxdomain dns.malformed'],
  ])('%s type %i: %s', (host, type, expected) => {
    expect(summary(judged(host, type))).toBe(expected);
  });

  it('sees a dot that hides in a label', () => {
    const query = {
      id: 1,
      recursionDesired: true,
      checkingDisabled: false,
      labels: [Buffer.from('registry.npmjs'), Buffer.from('org')],
      type: 1,
      edns: undefined,
    };
    expect(summary(judge(query, policy(['registry.npmjs.org']), FACTS))).toBe('nxdomain dns.malformed');
  });

  it('answers no AAAA without an IPv6 route, and reports nothing', () => {
    const facts = { ...FACTS, hasIpv6Route: false };
    expect(summary(judged('registry.npmjs.org', TYPE.AAAA, undefined, facts))).toBe('nodata -');
    expect(summary(judged('evil.example', TYPE.AAAA, undefined, facts))).toBe('nodata dns.name');
    expect(summary(judged('evil.example', TYPE.A, undefined, facts))).toBe('refusal-address dns.name');
  });

  it('lets the search go on: NXDOMAIN for its expansions, silently when the name itself is allowed', () => {
    expect(summary(judged('registry.npmjs.org.ci.svc.cluster.local', TYPE.A))).toBe('nxdomain -');
    expect(summary(judged('registry.npmjs.org.svc.cluster.local', TYPE.HTTPS))).toBe('nxdomain -');
    expect(summary(judged('registry.npmjs.org.acme.example', TYPE.A))).toBe('nxdomain -');
    expect(summary(judged('evil.example.acme.example', TYPE.A))).toBe('nxdomain dns.name');
    expect(judged('evil.example.acme.example', TYPE.A).denial?.detail).toBe(SEARCH_DETAIL);
    expect(summary(judged('acme.example', TYPE.A))).toBe('refusal-address dns.name');
    expect(summary(judged('xacme.example', TYPE.A))).toBe('refusal-address dns.name');
  });

  it('lets the search come to an allowed expansion of a short name', () => {
    expect(summary(judged('db', TYPE.A))).toBe('nxdomain dns.name');
    expect(summary(judged('db.svc.cluster.local', TYPE.A))).toBe('lookup db.svc.cluster.local A');
    expect(summary(judged('db.ci.svc.cluster.local', TYPE.A))).toBe('nxdomain -');
  });

  it('says NXDOMAIN for every type of a denied name when the policy wants that', () => {
    const rules = policy(['registry.npmjs.org'], 'NXDomain');
    expect(summary(judged('evil.example', TYPE.A, rules))).toBe('nxdomain dns.name');
    expect(summary(judged('evil.example', TYPE.HTTPS, rules))).toBe('nxdomain dns.query-type');
    expect(summary(judged('registry.npmjs.org', TYPE.HTTPS, rules))).toBe('nodata dns.query-type');
  });

  it('looks up in Audit mode what it would deny, but for expansions of what is allowed', () => {
    const rules = policy(['registry.npmjs.org'], 'Explain', 'Audit');
    expect(judged('evil.example', TYPE.A, rules)).toMatchObject({
      answer: 'lookup',
      verdict: { audit: { reason: 'dns.name' } },
    });
    expect(summary(judged('registry.npmjs.org.acme.example', TYPE.A, rules))).toBe('nxdomain -');
    expect(summary(judged('evil.example.acme.example', TYPE.A, rules))).toBe('lookup evil.example.acme.example A');
  });
});

describe('followChain', () => {
  const record = (owner: string, type: number, ttl: number, rdata: Buffer) => ({
    owner: labels(owner),
    type,
    ttl,
    rdata,
  });
  const alias = (owner: string, target: string, ttl = 100) => record(owner, TYPE.CNAME, ttl, name(target));
  const reply = (parts: Partial<Reply>): Reply => ({
    kind: 'reply',
    rcode: 0,
    answers: [],
    negativeTtl: undefined,
    referral: false,
    ...parts,
  });
  const follow = (parts: Partial<Reply>, allowance = MAX_ALIASES) =>
    followChain(reply(parts), labels('A.example'), TYPE.A, allowance);
  const address = Buffer.from([192, 0, 2, 1]);

  it('takes the least TTL along the chain, and the records at its end alone', () => {
    const answers = [
      record('evil.example', TYPE.A, 1, Buffer.from([6, 6, 6, 6])),
      record('c.example', TYPE.A, 60, address),
      alias('b.example', 'C.example', 50),
      alias('a.example', 'b.example', 40),
    ];
    expect(follow({ answers })).toEqual({ kind: 'records', records: [address], ttl: 40, aliases: 2 });
  });

  it('names the target that is still to be asked for', () => {
    expect(follow({ answers: [alias('a.example', 'b.example')] })).toEqual({
      kind: 'alias',
      target: labels('b.example'),
      ttl: 100,
      aliases: 1,
    });
  });

  it.each([
    ['NXDOMAIN', { rcode: 3, negativeTtl: 30 }, { kind: 'nxdomain', ttl: 30 }],
    ['NXDOMAIN without SOA', { rcode: 3 }, { kind: 'nxdomain', ttl: undefined }],
    ['NODATA', { negativeTtl: 30 }, { kind: 'nodata', ttl: 30 }],
    ['an empty answer', {}, { kind: 'nodata', ttl: undefined }],
    [
      'NXDOMAIN at the end of a chain',
      { rcode: 3, negativeTtl: 300, answers: [alias('a.example', 'b.example', 20)] },
      { kind: 'nxdomain', ttl: 20 },
    ],
    [
      'NODATA at the end of a chain',
      { negativeTtl: 10, answers: [alias('a.example', 'b.example', 20)] },
      { kind: 'nodata', ttl: 10 },
    ],
    ['SERVFAIL', { rcode: 2 }, { kind: 'failure', detail: 'rcode 2' }],
    ['REFUSED', { rcode: 5 }, { kind: 'failure', detail: 'rcode 5' }],
    ['a referral', { referral: true }, { kind: 'failure', detail: 'referral' }],
    [
      'an alias of itself',
      { answers: [alias('a.example', 'a.example')] },
      { kind: 'failure', detail: 'too many aliases' },
    ],
    [
      'a loop of two',
      { answers: [alias('a.example', 'b.example'), alias('b.example', 'a.example')] },
      { kind: 'failure', detail: 'too many aliases' },
    ],
  ])('reads %s', (_what, parts, expected) => {
    expect(follow(parts)).toEqual(expected);
  });

  it(`follows ${MAX_ALIASES} aliases and not one more`, () => {
    const chain = (length: number) => [
      ...Array.from({ length }, (_, i) => alias(i === 0 ? 'a.example' : `n${i}.example`, `n${i + 1}.example`)),
      record(`n${length}.example`, TYPE.A, 1, address),
    ];
    expect(follow({ answers: chain(MAX_ALIASES) }).kind).toBe('records');
    expect(follow({ answers: chain(MAX_ALIASES + 1) }).kind).toBe('failure');
  });
});
