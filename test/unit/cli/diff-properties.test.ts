/** Any request on which two policies disagree is among what `weir diff` tells, and every example that it tells is one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare } from '../../../cli/diff/compare.ts';
import { Steps } from '../../../cli/diff/steps.ts';
import { questionOf } from '../../../cli/question.ts';
import { hostMatches, hostText } from '../../../crds/host-patterns.ts';
import type { HostPattern, HttpMatch, RequestFacts, RuntimePolicy, RuntimeRule } from '../../../crds/runtime.ts';
import { Budgets, PolicyEngine } from '../../../sidecar/policy/index.ts';

const HOSTS: HostPattern[] = [
  { name: 'a.dev', wildcard: false },
  { name: 'a.dev', wildcard: true },
  { name: 'b.a.dev', wildcard: false },
  { name: 'b.a.dev', wildcard: true },
];
const some = <T>(values: readonly T[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 });
const glob = fc
  .array(fc.constantFrom('a', 'b', '*', '**', 'a*', '*b', 'a*b', '*a*', ''), { minLength: 1, maxLength: 3 })
  .map((segments) => `/${segments.join('/')}`);

const match: fc.Arbitrary<HttpMatch> = fc.record(
  {
    methods: some(['GET', 'POST', 'PUT']),
    paths: fc.uniqueArray(glob, { minLength: 1, maxLength: 3 }),
    query: fc.constantFrom<NonNullable<HttpMatch['query']>>(
      [],
      [{ name: 'q' }],
      [{ name: 'q', values: ['1', '2'] }],
      [{ name: 'q', values: ['1'] }, { name: 'r' }],
    ),
    contentTypes: some(['text/plain', 'application/json']),
    maxBodySize: fc.constantFrom(0, 5, 9),
  },
  { requiredKeys: [] },
);

const rule: fc.Arbitrary<Omit<RuntimeRule, 'id' | 'origin'>> = fc.record({
  protocol: fc.constantFrom('HTTPS', 'HTTPS', 'HTTP', 'TLS', 'TCP'),
  hosts: some(HOSTS),
  ports: some([80, 443]),
  addressScope: fc.constantFrom('Public', 'Private'),
  http: fc.array(fc.array(match, { minLength: 1, maxLength: 2 }), { maxLength: 2 }),
  limits: fc.constant({}),
});

const policy: fc.Arbitrary<RuntimePolicy> = fc.array(rule, { maxLength: 3 }).map((rules) => ({
  schema: 1,
  hash: '',
  mode: 'Enforce',
  policies: ['p'],
  rules: rules.map((each, i) => ({
    ...each,
    http: each.protocol === 'TLS' || each.protocol === 'TCP' ? [] : each.http,
    id: `p/r${i}`,
    origin: { kind: 'EgressPolicy', namespace: '', policy: 'p', rule: `r${i}` },
  })),
  dns: { queryTypes: ['A'], denied: 'Explain', budget: 0 },
  content: { disabledDetectors: [], homeHosts: [], suppressions: [] },
}));

const request: fc.Arbitrary<RequestFacts> = fc
  .record({
    protocol: fc.constantFrom('HTTPS' as const, 'HTTP' as const),
    host: fc.constantFrom('a.dev', 'x.a.dev', 'b.a.dev', 'y.b.a.dev', 'a.b.c.a.dev', 'other.dev'),
    port: fc.constantFrom(80, 443),
    method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH'),
    path: fc
      .array(fc.constantFrom('a', 'b', 'ab', 'azb', 'z', 'ba', 'aa', ''), { minLength: 1, maxLength: 4 })
      .map((segments) => `/${segments.join('/')}`),
    query: fc.constantFrom(undefined, 'q=1', 'q=3', 'q=1&r=7', 'z=1'),
    body: fc.constantFrom<Pick<RequestFacts, 'hasBody' | 'contentType' | 'contentLength'>>(
      { hasBody: false },
      { hasBody: true, contentType: 'text/plain', contentLength: 4 },
      { hasBody: true, contentType: 'application/json', contentLength: 7 },
      { hasBody: true, contentType: 'application/json', contentLength: 100 },
      { hasBody: true, contentType: 'image/png' },
      { hasBody: true, contentLength: 2 },
    ),
  })
  .map(({ body, query, ...facts }) => ({ ...facts, ...(query !== undefined && { query }), ...body }));

/** Whether a request gets out, by whatever way. */
function passes(engine: PolicyEngine, facts: RequestFacts): boolean {
  const connection = engine.decideConnection(facts.host, facts.port);
  if (connection.kind !== 'inspect') return connection.kind === 'opaque';
  if (
    facts.protocol === 'HTTPS' &&
    engine.decideHello(facts.host, facts.port, { serverName: facts.host, hasEch: false }).kind === 'passthrough'
  )
    return true;
  return engine.decideRequest(facts).allow;
}

const engineOf = (of: RuntimePolicy) => new PolicyEngine(of, new Budgets());

describe('weir diff', () => {
  it('tells of every request on which the sides disagree', () => {
    let disagreements = 0;
    fc.assert(
      fc.property(policy, policy, fc.array(request, { minLength: 40, maxLength: 40 }), (before, after, requests) => {
        const { changes, complete } = compare(before, after, new Steps());
        expect(complete).toBe(true);
        const sides = [engineOf(before), engineOf(after)] as const;
        for (const facts of requests) {
          const [old, young] = sides.map((engine) => passes(engine, facts));
          if (old === young) continue;
          disagreements++;
          const told = changes.some(
            ({ kind, host, port, protocol }) =>
              kind === (young ? 'allowed' : 'denied') &&
              port === facts.port &&
              (protocol === facts.protocol || protocol === 'TCP' || protocol === 'TLS') &&
              HOSTS.some((pattern) => hostText(pattern) === host && hostMatches(pattern, facts.host)),
          );
          expect(told, JSON.stringify({ facts, changes })).toBe(true);
        }
      }),
      { seed: 20261125, numRuns: 120 },
    );
    expect(disagreements).toBeGreaterThan(300);
  }, 60_000);

  it('tells examples on which the sides disagree', () => {
    let examples = 0;
    fc.assert(
      fc.property(policy, policy, (before, after) => {
        const sides = [engineOf(before), engineOf(after)] as const;
        for (const { kind, examples: told } of compare(before, after, new Steps()).changes) {
          for (const example of told) {
            const [method, url = ''] = example.split(' ');
            const body = /with a body (?:of unknown length|of (\S+)) \((.*)\)$/.exec(example);
            const question = questionOf({ url, method });
            if ('error' in question) throw new Error(question.error);
            const { shownHost: _, ...facts } = question;
            const size = body?.[1];
            const type = body?.[2];
            const found: RequestFacts = {
              ...(facts as RequestFacts),
              hasBody: body !== null,
              ...(size !== undefined && { contentLength: Number(size) }),
              ...(type !== undefined && type !== 'no type' && { contentType: type }),
            };
            examples++;
            const [old, young] = sides.map((engine) => passes(engine, found));
            expect([old, young], example).toEqual(
              kind === 'allowed' ? [false, true] : kind === 'denied' ? [true, false] : [true, true],
            );
          }
        }
      }),
      { seed: 20261126, numRuns: 60 },
    );
    expect(examples).toBeGreaterThan(60);
  }, 60_000);

  it('tells nothing of a policy and itself, in any order', () => {
    fc.assert(
      fc.property(policy, (one) => {
        const turned = { ...one, rules: one.rules.toReversed() };
        // The order in which opaque and judged rules are tried is the policy's own; what gets out does not depend on it.
        const { changes } = compare(one, turned, new Steps());
        expect(changes.filter(({ kind }) => kind !== 'changed')).toEqual([]);
      }),
      { seed: 20261127, numRuns: 60 },
    );
  });
});
