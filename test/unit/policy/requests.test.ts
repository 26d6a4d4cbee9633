import { describe, expect, it } from 'vitest';
import type { RequestFacts } from '../../../crds/runtime.ts';
import { Budgets, PolicyEngine } from '../../../sidecar/policy/index.ts';
import { engineOf, outcome, policyOf, request } from './support.ts';

const SPEC = `
egress:
- name: api
  to: {hosts: [api.acme.dev]}
  http:
  - methods: [GET, HEAD]
    paths: [/v1/items/*, "/docs/**"]
  - methods: [POST]
    paths: [/v1/events]
    query: [{name: kind, values: [a, b]}, {name: trace}]
    contentTypes: [application/json]
    maxBodySize: 16Ki
- name: plain
  protocol: HTTP
  to: {hosts: [api.acme.dev], ports: [8080]}
- name: wild
  to: {hosts: ["*.cdn.acme.dev"], ports: [443, 8443]}
`;

const json = (contentLength: number): Partial<RequestFacts> => ({
  hasBody: true,
  contentType: 'application/json',
  contentLength,
});

describe('decideRequest', () => {
  const engine = engineOf(SPEC);
  const event = 'https://api.acme.dev/v1/events?kind=a&trace=1';
  it.each<[string, RequestFacts, string]>([
    ['a path', request('GET', 'https://api.acme.dev/v1/items/7'), 'allow p/api'],
    ['a deeper path under **', request('GET', 'https://api.acme.dev/docs/a/b/c'), 'allow p/api'],
    ['the root of **', request('HEAD', 'https://api.acme.dev/docs'), 'allow p/api'],
    ['any query where none is said', request('GET', 'https://api.acme.dev/v1/items/7?x=1&x=2&%'), 'allow p/api'],
    ['plain HTTP without http rules', request('PUT', 'http://api.acme.dev:8080/anything'), 'allow p/plain'],
    ['a name under a wildcard', request('GET', 'https://a.b.cdn.acme.dev:8443/x'), 'allow p/wild'],
    ['a body within the bound', request('POST', event, json(16384)), 'allow p/api'],
    [
      'parameters in another order',
      request('POST', 'https://api.acme.dev/v1/events?trace=&kind=b', json(1)),
      'allow p/api',
    ],
    ['no body where a type is said', request('POST', event), 'allow p/api'],

    ['another host', request('GET', 'https://evil.example/v1/items/7'), 'host.not-allowed'],
    ['the bare name of a wildcard', request('GET', 'https://cdn.acme.dev/x'), 'host.not-allowed'],
    ['a name that only ends alike', request('GET', 'https://evilcdn.acme.dev/x'), 'host.not-allowed'],
    ['a host that is not normalised', request('GET', 'https://API.acme.dev/v1/items/7'), 'host.not-allowed'],
    ['another port', request('GET', 'https://api.acme.dev:444/v1/items/7'), 'port.not-allowed p/api'],
    ['HTTPS on the port of plain HTTP', request('GET', 'https://api.acme.dev:8080/'), 'protocol.not-allowed p/plain'],
    ['plain HTTP on the port of HTTPS', request('GET', 'http://api.acme.dev:443/docs'), 'protocol.not-allowed p/api'],
    ['another method', request('DELETE', 'https://api.acme.dev/v1/items/7'), 'http.method p/api'],
    ['the method in lower case', request('get', 'https://api.acme.dev/v1/items/7'), 'http.method p/api'],
    ['the path of another alternative', request('GET', 'https://api.acme.dev/v1/events'), 'http.path p/api'],
    ['a path one segment longer', request('GET', 'https://api.acme.dev/v1/items/7/8'), 'http.path p/api'],
    ['an empty last segment', request('GET', 'https://api.acme.dev/v1/items/'), 'http.path p/api'],
    ['a further parameter', request('POST', `${event}&x=1`, json(1)), 'http.query p/api'],
    ['a missing parameter', request('POST', 'https://api.acme.dev/v1/events?kind=a', json(1)), 'http.query p/api'],
    ['a parameter given twice', request('POST', `${event}&kind=b`, json(1)), 'http.query p/api'],
    ['another value', request('POST', 'https://api.acme.dev/v1/events?kind=c&trace=1', json(1)), 'http.query p/api'],
    [
      'a query that is not valid',
      request('POST', 'https://api.acme.dev/v1/events?kind=a&trace=%ff', json(1)),
      'http.query p/api',
    ],
    ['another type', request('POST', event, { ...json(1), contentType: 'text/plain' }), 'http.content-type p/api'],
    ['a body without a type', request('POST', event, { hasBody: true, contentLength: 1 }), 'http.content-type p/api'],
    ['a body over the bound', request('POST', event, json(16385)), 'http.body-size p/api'],
    ['dot segments', request('GET', 'https://api.acme.dev/docs/../v1'), 'http.malformed p/api'],
  ])('%s', (_, facts, expected) => {
    expect(outcome(engine.decideRequest(facts))).toBe(expected);
  });

  it('does not let a body begin where none is admitted, whatever its length', () => {
    const closed = engineOf('egress: [{name: a, to: {hosts: [a.dev]}, http: [{maxBodySize: 0}]}]');
    expect(outcome(closed.decideRequest(request('POST', 'https://a.dev/', { hasBody: true })))).toBe(
      'http.body-size p/a',
    );
    expect(outcome(closed.decideRequest(request('POST', 'https://a.dev/')))).toBe('allow p/a');
  });

  it('reads an empty query list as no parameters', () => {
    const closed = engineOf('egress: [{name: a, to: {hosts: [a.dev]}, http: [{query: []}]}]');
    expect(outcome(closed.decideRequest(request('GET', 'https://a.dev/?')))).toBe('allow p/a');
    expect(outcome(closed.decideRequest(request('GET', 'https://a.dev/?a')))).toBe('http.query p/a');
  });

  it('says that no policy applies when there is none', () => {
    const none = new PolicyEngine({ ...policyOf('egress: []'), policies: [] }, new Budgets());
    expect(outcome(none.decideRequest(request('GET', 'https://a.dev/')))).toBe('policy.none');
    expect(none.decideName('a.dev', 'A')).toMatchObject({ allow: false, reason: 'policy.none' });
  });

  it('takes the rule of a specific reason before one that failed early, whatever their order', () => {
    const near = engineOf(`
egress:
- {name: a, to: {hosts: ["*.x.dev"], ports: [1]}}
- {name: b, to: {hosts: [a.x.dev]}, http: [{paths: [/a]}]}
- {name: c, to: {hosts: [a.x.dev]}, http: [{methods: [PUT]}]}
`);
    expect(outcome(near.decideRequest(request('GET', 'https://a.x.dev/b')))).toBe('http.path p/b');
  });
});

describe('what holds for an allowed request', () => {
  const match = (spec: string, facts: RequestFacts) => {
    const verdict = engineOf(spec).decideRequest(facts);
    return verdict.allow ? verdict.match : verdict.reason;
  };
  const chunked = request('POST', 'https://a.dev/x', { hasBody: true });

  it('is nothing when the rule says nothing', () => {
    expect(match('egress: [{name: a, to: {hosts: [a.dev]}}]', chunked)).toEqual({});
  });

  it('adds up over the alternatives that match', () => {
    const spec = `
egress:
- name: a
  to: {hosts: [a.dev]}
  http:
  - {maxBodySize: 10, forwardHeaders: [Accept]}
  - {methods: [POST], maxBodySize: 20, forwardHeaders: [X-A]}
  - {methods: [PUT], maxBodySize: 99, forwardHeaders: [X-B]}
`;
    expect(match(spec, chunked)).toEqual({ maxBodySize: 20, forwardHeaders: new Set(['accept', 'x-a']) });
    expect(match(spec, { ...chunked, contentLength: 15 })).toEqual({
      maxBodySize: 20,
      forwardHeaders: new Set(['x-a']),
    });
  });

  it('forwards everything when one matching alternative does', () => {
    const spec =
      'egress: [{name: a, to: {hosts: [a.dev]}, http: [{paths: [/x], forwardHeaders: [a]}, {methods: [POST]}]}]';
    expect(match(spec, chunked)).toEqual({});
  });

  it('narrows from the preset to the rule', () => {
    const spec = `
egress:
- name: npm
  preset: {name: npm-install}
  http: [{paths: ["/-/**"], maxBodySize: 1Ki, forwardHeaders: [accept, authorization, x-own]}]
`;
    const audit = request('POST', 'https://registry.npmjs.org/-/npm/v1/security/advisories/bulk', {
      hasBody: true,
      contentType: 'application/json',
    });
    expect(match(spec, audit)).toEqual({ maxBodySize: 1024, forwardHeaders: new Set(['accept', 'authorization']) });
    expect(match(spec, { ...audit, contentLength: 1025 })).toBe('http.body-size');
    expect(match(spec, request('GET', 'https://registry.npmjs.org/left-pad'))).toBe('http.path');
  });
});

describe('a WebSocket upgrade', () => {
  const engine = (http: string) => engineOf(`egress:\n- name: r\n  to: {hosts: [t.dev]}\n  http:\n${http}`);
  const upgrade = request('GET', 'https://t.dev/', { upgrade: true });

  it.each([
    ['contentTypes', '  - {contentTypes: [application/json]}', 'http.content-type p/r'],
    ['maxBodySize: 0', '  - {maxBodySize: 0}', 'http.body-size p/r'],
    ['another alternative', '  - {maxBodySize: 0}\n  - {maxBodySize: 1}', 'allow p/r'],
    ['neither', '  - {methods: [GET]}', 'allow p/r'],
  ])('under %s', (_what, http, expected) => {
    expect(outcome(engine(http).decideRequest(upgrade))).toBe(expected);
    expect(outcome(engine(http).decideRequest(request('GET', 'https://t.dev/')))).toBe('allow p/r');
  });
});

describe('limits', () => {
  const SPEC = `
egress:
- {name: a, to: {hosts: [a.dev]}, limits: {requests: 2}}
- {name: b, to: {hosts: [a.dev]}, limits: {requests: 1, uploadSize: 10}}
`;
  const get = request('GET', 'https://a.dev/');

  it('charges the first admitting rule, then the next, then refuses', () => {
    const engine = engineOf(SPEC);
    const results = [1, 2, 3, 4].map(() => outcome(engine.decideRequest(get)));
    expect(results).toEqual(['allow p/a', 'allow p/a', 'allow p/b', 'limit.requests p/a']);
  });

  it('keeps what was spent over a change of policy', () => {
    const budgets = new Budgets();
    engineOf(SPEC, budgets).decideRequest(get);
    const next = engineOf(SPEC.replace('requests: 2', 'requests: 1'), budgets);
    expect(outcome(next.decideRequest(get))).toBe('allow p/b');
    expect(outcome(next.decideRequest(get))).toBe('limit.requests p/a');
  });

  it('refuses a body that cannot fit, and any body once nothing is left', () => {
    const budgets = new Budgets();
    const engine = engineOf('egress: [{name: b, to: {hosts: [a.dev]}, limits: {uploadSize: 10}}]', budgets);
    const post = (contentLength?: number) =>
      outcome(
        engine.decideRequest(
          request('POST', 'https://a.dev/', { hasBody: true, ...(contentLength !== undefined && { contentLength }) }),
        ),
      );
    expect(post(10)).toBe('allow p/b');
    expect(post(11)).toBe('limit.upload-size p/b');
    expect(post()).toBe('allow p/b');
    const [rule] = engine.policy.rules;
    expect(rule && budgets.charge(rule, 'uploadSize', 10)).toBe(true);
    expect(post()).toBe('limit.upload-size p/b');
    expect(outcome(engine.decideRequest(get))).toBe('allow p/b');
  });
});

describe('explainRequest', () => {
  it('orders rules by how near they come, and charges nothing', () => {
    const engine = engineOf(
      `
egress:
- {name: far, to: {hosts: [b.dev]}}
- {name: near, to: {hosts: [a.dev]}, http: [{paths: [/x]}]}
- {name: nearer, to: {hosts: [a.dev]}, http: [{paths: [/a], query: []}]}
- {name: port, to: {hosts: [a.dev], ports: [8443]}}
- {name: ok, to: {hosts: [a.dev]}, http: [{methods: [GET]}], limits: {requests: 1}}
`,
    );
    const facts = request('GET', 'https://a.dev/a?q=1');
    const explained = engine.explainRequest(facts);
    expect(explained.perRule).toEqual([
      { rule: 'p/ok', reason: 'matches' },
      { rule: 'p/nearer', reason: 'http.query' },
      { rule: 'p/near', reason: 'http.path' },
      { rule: 'p/port', reason: 'port.not-allowed' },
      { rule: 'p/far', reason: 'host.not-allowed' },
    ]);
    expect(outcome(explained.verdict)).toBe('allow p/ok');
    expect(outcome(engine.decideRequest(facts))).toBe('allow p/ok');
    expect(outcome(engine.explainRequest(facts).verdict)).toBe('limit.requests p/ok');
  });

  it('tells a malformed path of every rule', () => {
    const engine = engineOf('egress: [{name: a, to: {hosts: [a.dev]}}]');
    expect(engine.explainRequest(request('GET', 'https://a.dev/%2e%2e')).perRule).toEqual([
      { rule: 'p/a', reason: 'http.malformed' },
    ]);
  });
});

describe('speed', () => {
  it('decides in microseconds over many rules', () => {
    const rules = Array.from(
      { length: 128 },
      (_, i) =>
        `- {name: r${i}, to: {hosts: [h${i}.acme.dev, "*.w${i}.acme.dev"]}, http: [{methods: [GET], paths: ["/a/**/b*", /v1/x]}]}`,
    );
    const engine = engineOf(`egress:\n${rules.join('\n')}`);
    const facts = request('GET', 'https://x.w99.acme.dev/a/1/2/3/bcd');
    expect(outcome(engine.decideRequest(facts))).toBe('allow p/r99');
    const runs = 20_000;
    const start = performance.now();
    for (let i = 0; i < runs; i++) engine.decideRequest(facts);
    const micros = ((performance.now() - start) * 1000) / runs;
    expect(micros).toBeLessThan(100);
  });
});
