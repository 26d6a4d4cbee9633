import { describe, expect, it } from 'vitest';
import { REASONS } from '../../../crds/reasons.ts';
import type { AddressScope, Channel, Reason, RuntimeRule } from '../../../crds/runtime.ts';
import { Budgets, decideAddress, deny, refusal } from '../../../sidecar/policy/index.ts';
import { canonicalPath, pathMatches } from '../../../sidecar/policy/paths.ts';
import { HostTrie } from '../../../sidecar/policy/trie.ts';
import { engineOf, finding } from './support.ts';

const rule = {
  id: 'p/a',
  origin: { kind: 'EgressPolicy', namespace: 'ci', policy: 'p', rule: 'a' },
  limits: { uploadSize: 10 },
} as RuntimeRule;

describe('Budgets', () => {
  it('spends up to the limit and not one more', () => {
    const budgets = new Budgets();
    expect(budgets.charge(rule, 'uploadSize', 7)).toBe(true);
    expect(budgets.charge(rule, 'uploadSize', 4)).toBe(false);
    expect(budgets.remaining(rule, 'uploadSize')).toBe(3);
    expect(budgets.charge(rule, 'uploadSize', 3)).toBe(true);
    expect(budgets.charge(rule, 'uploadSize', 1)).toBe(false);
    expect(budgets.charge(rule, 'uploadSize', 0)).toBe(true);
    expect(budgets.spent('p/a', 'uploadSize')).toBe(10);
  });

  it('counts rules without a limit, for a policy that sets one later', () => {
    const budgets = new Budgets();
    expect(budgets.charge(rule, 'requests', 5)).toBe(true);
    expect(budgets.remaining(rule, 'requests')).toBe(Number.POSITIVE_INFINITY);
    expect(budgets.remaining({ ...rule, limits: { requests: 3 } }, 'requests')).toBe(0);
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('throws on %s', (n) => {
    expect(() => new Budgets().charge(rule, 'requests', n)).toThrow(RangeError);
  });
});

describe('HostTrie', () => {
  it('gives the values of every pattern on the way', () => {
    const trie = new HostTrie<string>();
    trie.add({ name: 'acme.dev', wildcard: true }, 'far');
    trie.add({ name: 'b.acme.dev', wildcard: true }, 'near');
    trie.add({ name: 'a.b.acme.dev', wildcard: false }, 'exact');
    expect(trie.find('a.b.acme.dev')).toEqual({ values: ['far', 'near', 'exact'], exact: true });
    expect(trie.find('c.b.acme.dev')).toEqual({ values: ['far', 'near'], exact: false });
    expect(trie.find('b.acme.dev')).toEqual({ values: ['far'], exact: false });
    expect(trie.find('acme.dev')).toEqual({ values: [], exact: false });
    expect(trie.find('dev')).toEqual({ values: [], exact: false });
  });
});

describe('decideAddress', () => {
  it.each<[AddressScope, string, boolean]>([
    ['Public', '93.184.216.34', true],
    ['Public', '192.0.2.1', true],
    ['Public', '2606:2800:220:1::1', true],
    ['Public', '10.1.2.3', false],
    ['Public', 'fd12::1', false],
    ['Public', '100.64.0.1', false],
    ['Public', '127.0.0.1', false],
    ['Public', '0x7f000001', false],
    ['Public', '::ffff:10.0.0.1', false],
    ['Public', '64:ff9b::a00:1', false],
    ['Public', 'not an address', false],
    ['Private', '93.184.216.34', true],
    ['Private', '10.1.2.3', true],
    ['Private', '172.16.0.1', true],
    ['Private', '100.64.0.1', true],
    ['Private', '127.0.0.1', false],
    ['Private', '::1', false],
    ['Private', '169.254.1.1', false],
    ['Private', 'fe80::1', false],
    ['Private', '169.254.169.254', false],
    ['Private', '224.0.0.1', false],
    ['Private', '240.0.0.1', false],
    ['Private', '198.18.0.2', false],
  ])('%s %s: %s', (scope, address, admitted) => {
    const denial = decideAddress(scope, address);
    expect(denial === undefined).toBe(admitted);
    if (denial) expect(denial.reason).toBe('address.not-allowed');
  });
});

describe('decideFindings', () => {
  const engine = engineOf(`
egress:
- {name: api, to: {hosts: [api.acme.dev]}}
- {name: other, to: {hosts: [api.acme.dev]}}
content:
  detectors: {disabled: [npm-token]}
  homeHosts: [{detector: github-token, hosts: ["*.ghe.acme.dev"]}]
  suppressions: [{detector: jwt, rule: api}]
`);
  const [api, other] = engine.policy.rules;
  const left = (r: RuntimeRule | undefined, host: string, ...findings: ReturnType<typeof finding>[]) =>
    engine.decideFindings(r, host, findings).map(({ detector }) => detector);

  it('drops disabled detectors and suppressed rules, and nothing else', () => {
    expect(left(api, 'api.acme.dev', finding('npm-token'), finding('jwt'), finding('github-token'))).toEqual([
      'github-token',
    ]);
    expect(left(other, 'api.acme.dev', finding('npm-token'), finding('jwt'))).toEqual(['jwt']);
    expect(left(undefined, 'api.acme.dev', finding('jwt'))).toEqual(['jwt']);
  });

  it('lets a secret go home', () => {
    const token = finding('github-token', { homeHosts: ['github.com', '*.github.com'] });
    expect(left(api, 'github.com', token)).toEqual([]);
    expect(left(api, 'api.github.com', token)).toEqual([]);
    expect(left(api, 'x.ghe.acme.dev', token)).toEqual([]);
    expect(left(api, 'ghe.acme.dev', token)).toEqual(['github-token']);
    expect(left(api, 'evilgithub.com', token)).toEqual(['github-token']);
    expect(left(api, 'github.com.evil.dev', token)).toEqual(['github-token']);
  });

  describe.each(['dns.name', 'tls.sni'] as const)('in %s, which others read', (channel) => {
    it('has no home', () => {
      const token = finding('github-token', { homeHosts: ['*.github.com'], channel });
      expect(left(api, 'x.github.com', token)).toEqual(['github-token']);
      expect(left(api, 'x.ghe.acme.dev', token)).toEqual(['github-token']);
      expect(left(api, 'api.acme.dev', finding('npm-token', { channel }))).toEqual([]);
    });

    it('excepts what a rule with a suppression spells out, whichever rule is asked of', () => {
      const jwt = finding('jwt', { channel });
      for (const rule of [api, other, undefined]) {
        expect(left(rule, 'api.acme.dev', jwt, finding('github-token', { channel }))).toEqual(['github-token']);
        expect(left(rule, 'x.api.acme.dev', jwt)).toEqual(['jwt']);
        expect(left(rule, 'acme.dev', jwt)).toEqual(['jwt']);
      }
    });

    it('does not except what only a wildcard of the rule matches', () => {
      const wild = engineOf(`
egress: [{name: wild, to: {hosts: ["*.acme.dev", spelt.acme.dev]}}]
content: {suppressions: [{detector: jwt, rule: wild}]}
`);
      const [rule] = wild.policy.rules;
      const standing = (host: string) => wild.decideFindings(rule, host, [finding('jwt', { channel })]);
      expect(standing('x.acme.dev')).toHaveLength(1);
      expect(standing('spelt.acme.dev')).toEqual([]);
      expect(wild.decideFindings(rule, 'x.acme.dev', [finding('jwt')])).toEqual([]);
    });
  });
});

describe('a suppression for some hosts of its rule', () => {
  const engine = engineOf(`
egress: [{name: wild, to: {hosts: ["*.acme.dev", a.acme.dev, b.acme.dev]}}, {name: other, to: {hosts: ["*.acme.dev"]}}]
content: {suppressions: [{detector: jwt, rule: wild, hosts: [a.acme.dev, "*.eu.acme.dev"]}]}
`);
  const [wild, other] = ['p/wild', 'p/other'].map((id) => engine.policy.rules.find((rule) => rule.id === id));
  const stands = (rule: typeof wild, host: string, detector = 'jwt', channel: Channel = 'http.body') =>
    engine.decideFindings(rule, host, [finding(detector, { channel })]).length > 0;

  it('is for those, and for that detector and rule', () => {
    for (const host of ['a.acme.dev', 'x.eu.acme.dev']) expect(stands(wild, host), host).toBe(false);
    for (const host of ['b.acme.dev', 'x.acme.dev', 'eu.acme.dev']) expect(stands(wild, host), host).toBe(true);
    expect(stands(other, 'a.acme.dev')).toBe(true);
    expect(stands(wild, 'a.acme.dev', 'github-token')).toBe(true);
  });

  it('is for a name itself that the rule spells out and the suppression is for', () => {
    expect(stands(wild, 'a.acme.dev', 'jwt', 'dns.name')).toBe(false);
    for (const host of ['b.acme.dev', 'x.eu.acme.dev']) expect(stands(wild, host, 'jwt', 'dns.name'), host).toBe(true);
  });

  it('says nothing to a data plane that does not know of it', () => {
    expect(engine.policy.content.suppressions).toEqual([]);
  });
});

describe('refusal', () => {
  it('is JSON for people and programs, without the detail', () => {
    const { status, headers, body } = refusal(deny('http.path', rule, 'secret detail'), 'id-1');
    expect(status).toBe(403);
    expect(JSON.parse(body)).toEqual({
      error: 'Weir: the rule does not allow this path',
      policy: 'p',
      rule: 'a',
      reason: 'http.path',
      id: 'id-1',
      help: REASONS['http.path'].help,
    });
    expect(body).not.toContain('secret detail');
    const byName = Object.fromEntries(headers);
    expect(byName['content-type']).toBe('application/json');
    expect(Number(byName['content-length'])).toBe(Buffer.byteLength(body));
    expect(byName['cache-control']).toBe('no-store');
  });

  it('adds the help it is given, and names no rule when none was near', () => {
    const parsed = JSON.parse(refusal(deny('host.not-allowed'), 'id-2', '  - name: x\n').body);
    expect(parsed).toMatchObject({ policy: null, rule: null });
    expect(parsed.help).toBe(`${REASONS['host.not-allowed'].help}\n  - name: x\n`);
    expect(JSON.parse(refusal(deny('host.not-allowed'), 'id-3', '').body).help).toBe(REASONS['host.not-allowed'].help);
  });

  it.each<[Reason, number]>([
    ['host.not-allowed', 403],
    ['http.malformed', 400],
    ['http.body-size', 413],
    ['http.host-mismatch', 421],
    ['tls.host-mismatch', 421],
    ['limit.requests', 429],
    ['upstream.tls', 502],
    ['upstream.unreachable', 502],
    ['upstream.timeout', 504],
    ['bound.connections', 503],
    ['bound.time', 503],
    ['bound.memory', 503],
  ])('%s is a %s', (reason, status) => {
    expect(refusal(deny(reason), 'x').status).toBe(status);
  });
});

describe('pathMatches', () => {
  it('joins glob and canonical path', () => {
    expect(pathMatches('/@*/*', canonicalPath('/@types%2fnode') ?? [])).toBe(true);
    expect(pathMatches('/a', ['b'])).toBe(false);
    expect(pathMatches('no slash', ['no slash'])).toBe(false);
  });
});
