import { describe, expect, it } from 'vitest';
import { Budgets, PolicyEngine } from '../../../sidecar/policy/index.ts';
import { engineOf, outcome, policyOf, request } from './support.ts';

const SPEC = `
egress:
- {name: web, to: {hosts: [a.dev, "*.w.dev"]}}
- {name: plain, protocol: HTTP, to: {hosts: [a.dev]}}
- {name: both, protocol: HTTP, to: {hosts: [a.dev], ports: [443]}}
- {name: pinned, protocol: TLS, to: {hosts: [t.dev]}, limits: {uploadSize: 100, requests: 1}}
- {name: db, protocol: TCP, to: {hosts: [db.dev], ports: [5432]}, limits: {uploadSize: 100, requests: 2}}
`;

describe('name and decideName', () => {
  const engine = engineOf(SPEC);

  it('finds rules, and says whether one is exact', () => {
    expect(engine.name('a.dev')).toMatchObject({
      rules: [{ id: 'p/both' }, { id: 'p/plain' }, { id: 'p/web' }],
      exact: true,
    });
    expect(engine.name('x.w.dev')).toMatchObject({ rules: [{ id: 'p/web' }], exact: false });
    expect(engine.name('w.dev')).toEqual({ rules: [], exact: false });
    expect(engine.name('')).toEqual({ rules: [], exact: false });
    expect(engine.name('.w.dev')).toEqual({ rules: [], exact: false });
    expect(engine.name('__proto__')).toEqual({ rules: [], exact: false });
  });

  it('allows addresses of names that a rule has, and no other records', () => {
    expect(engine.decideName('a.dev', 'AAAA')).toMatchObject({ allow: true, rule: { id: 'p/both' } });
    expect(engine.decideName('a.dev', 'TXT')).toMatchObject({
      allow: false,
      reason: 'dns.query-type',
      rule: { id: 'p/both' },
      detail: 'TXT',
    });
    expect(engine.decideName('b.dev', 'A')).toEqual({ allow: false, reason: 'dns.name' });
    expect(engine.decideName('b.dev', 'TXT')).toEqual({ allow: false, reason: 'dns.name' });
  });

  it('denies what has no name in the same words: there is no rule, or there is no policy', () => {
    expect(engine.unnamed().reason).toBe('host.not-allowed');
    const none = new PolicyEngine({ ...engine.policy, policies: [], rules: [] }, new Budgets());
    expect(none.unnamed().reason).toBe('policy.none');
  });
});

describe('decideConnection', () => {
  it('says what a destination may begin with', () => {
    const engine = engineOf(SPEC);
    expect(engine.decideConnection('a.dev', 443)).toEqual({ kind: 'inspect', tls: true, http: true });
    expect(engine.decideConnection('a.dev', 80)).toEqual({ kind: 'inspect', tls: false, http: true });
    expect(engine.decideConnection('t.dev', 443)).toEqual({ kind: 'inspect', tls: true, http: false });
    expect(engine.decideConnection('a.dev', 22)).toMatchObject({
      kind: 'deny',
      denial: { reason: 'port.not-allowed', rule: { id: 'p/both' }, detail: '22' },
    });
    expect(engine.decideConnection('b.dev', 443)).toEqual({ kind: 'deny', denial: { reason: 'host.not-allowed' } });
  });

  it('charges an opaque connection, until the budget is spent', () => {
    const budgets = new Budgets();
    const engine = engineOf(SPEC, budgets);
    expect(engine.decideConnection('db.dev', 5432)).toMatchObject({ kind: 'opaque', rule: { id: 'p/db' } });
    expect(engine.decideConnection('db.dev', 5432)).toMatchObject({ kind: 'opaque' });
    expect(engine.decideConnection('db.dev', 5432)).toMatchObject({
      kind: 'deny',
      denial: { reason: 'limit.requests', rule: { id: 'p/db' } },
    });
  });

  it('refuses an opaque connection that could send nothing', () => {
    const budgets = new Budgets();
    const engine = engineOf(SPEC, budgets);
    const [rule] = engine.name('db.dev').rules;
    expect(rule && budgets.charge(rule, 'uploadSize', 100)).toBe(true);
    expect(engine.decideConnection('db.dev', 5432)).toMatchObject({
      kind: 'deny',
      denial: { reason: 'limit.upload-size' },
    });
  });

  it('goes on to the other rules when two policies mix protocols and the opaque budget is spent', () => {
    const tcp = policyOf(
      'egress: [{name: x, protocol: TCP, to: {hosts: [a.dev], ports: [443]}, limits: {uploadSize: 1, requests: 1}}]',
      'a',
    );
    const https = policyOf('egress: [{name: web, to: {hosts: [a.dev]}}]', 'b');
    const engine = new PolicyEngine({ ...tcp, rules: [...tcp.rules, ...https.rules] }, new Budgets());
    expect(engine.decideConnection('a.dev', 443)).toMatchObject({ kind: 'opaque', rule: { id: 'a/x' } });
    expect(engine.decideConnection('a.dev', 443)).toEqual({ kind: 'inspect', tls: true, http: false });
  });
});

describe('decideHello', () => {
  const engine = engineOf(SPEC);
  it('judges the server name', () => {
    expect(engine.decideHello('a.dev', 443, { serverName: 'a.dev', hasEch: false })).toEqual({ kind: 'terminate' });
    expect(engine.decideHello('a.dev', 443, { serverName: undefined, hasEch: false })).toMatchObject({
      kind: 'deny',
      denial: { reason: 'tls.no-sni' },
    });
    expect(engine.decideHello('a.dev', 443, { serverName: 't.dev', hasEch: false })).toMatchObject({
      kind: 'deny',
      denial: { reason: 'tls.host-mismatch', detail: 't.dev' },
    });
    expect(engine.decideHello('a.dev', 80, { serverName: 'a.dev', hasEch: false })).toMatchObject({
      kind: 'deny',
      denial: { reason: 'protocol.not-allowed', rule: { id: 'p/plain' } },
    });
    expect(engine.decideHello('b.dev', 443, { serverName: 'b.dev', hasEch: false })).toEqual({
      kind: 'deny',
      denial: { reason: 'host.not-allowed' },
    });
  });

  it('refuses what may name another host, encrypted, where it is passed on, and charges nothing', () => {
    const hidden = { serverName: 't.dev', hasEch: true };
    const other = engineOf(SPEC);
    for (let i = 0; i < 2; i++) {
      expect(other.decideHello('t.dev', 443, hidden)).toMatchObject({
        kind: 'deny',
        denial: { reason: 'tls.encrypted-hello', rule: { id: 'p/pinned' } },
      });
    }
    expect(other.decideHello('t.dev', 443, { ...hidden, hasEch: false })).toMatchObject({ kind: 'passthrough' });
    expect(other.decideHello('a.dev', 443, { serverName: 'a.dev', hasEch: true })).toEqual({ kind: 'terminate' });
    const [rule] = other.name('t.dev').rules;
    if (!rule) throw new Error('no rule');
    expect(other.decideNextHello('t.dev', rule, hidden)).toMatchObject({ reason: 'tls.encrypted-hello', rule });
    expect(other.decideNextHello('t.dev', rule, { hasEch: false })).toMatchObject({ reason: 'tls.no-sni' });
    expect(other.decideNextHello('t.dev', rule, { serverName: 'u.dev', hasEch: true })).toMatchObject({
      reason: 'tls.host-mismatch',
    });
    expect(other.decideNextHello('t.dev', rule, { serverName: 't.dev', hasEch: false })).toBeUndefined();
  });

  it('passes TLS rules through, and charges them', () => {
    expect(engine.decideHello('t.dev', 443, { serverName: undefined, hasEch: false })).toMatchObject({
      kind: 'deny',
      denial: { reason: 'tls.no-sni' },
    });
    expect(engine.decideHello('t.dev', 443, { serverName: 't.dev', hasEch: false })).toMatchObject({
      kind: 'passthrough',
      rule: { id: 'p/pinned' },
    });
    expect(engine.decideHello('t.dev', 443, { serverName: 't.dev', hasEch: false })).toMatchObject({
      kind: 'deny',
      denial: { reason: 'limit.requests' },
    });
  });
});

describe('Audit mode', () => {
  const engine = engineOf(`mode: Audit\n${SPEC.trim()}`);

  it('lets policy denials pass and reports them', () => {
    expect(engine.decideName('b.dev', 'A')).toEqual({ allow: true, audit: { reason: 'dns.name' } });
    expect(engine.decideName('a.dev', 'TXT')).toMatchObject({ allow: true, audit: { reason: 'dns.query-type' } });
    expect(engine.decideConnection('b.dev', 443)).toEqual({
      kind: 'inspect',
      tls: true,
      http: true,
      audit: { reason: 'host.not-allowed' },
    });
    expect(engine.decideHello('b.dev', 443, { serverName: 'b.dev', hasEch: false })).toEqual({ kind: 'terminate' });
    expect(engine.decideHello('a.dev', 80, { serverName: 'a.dev', hasEch: false })).toEqual({ kind: 'terminate' });
    expect(outcome(engine.decideRequest(request('GET', 'https://b.dev/')))).toBe('audit host.not-allowed');
    expect(outcome(engine.decideRequest(request('GET', 'https://a.dev/')))).toBe('allow p/web');
  });

  it('goes on over spent budgets', () => {
    const spent = engineOf(`mode: Audit\n${SPEC.trim()}`);
    for (let i = 0; i < 2; i++) spent.decideConnection('db.dev', 5432);
    expect(spent.decideConnection('db.dev', 5432)).toMatchObject({
      kind: 'opaque',
      rule: { id: 'p/db' },
      audit: { reason: 'limit.requests' },
    });
  });

  it('still refuses what is malformed, hidden or private', () => {
    expect(engine.decideHello('b.dev', 443, { serverName: undefined, hasEch: false })).toMatchObject({ kind: 'deny' });
    expect(engine.decideHello('b.dev', 443, { serverName: 'c.dev', hasEch: false })).toMatchObject({ kind: 'deny' });
    expect(engine.decideRequest(request('GET', 'https://a.dev/..'))).toMatchObject({
      allow: false,
      reason: 'http.malformed',
    });
    expect(engine.decideAddress('Public', '10.0.0.1')).toMatchObject({ reason: 'address.not-allowed' });
    expect(engine.judge(engine.deny('content.secret'))).toEqual({ allow: false, reason: 'content.secret' });
  });
});
