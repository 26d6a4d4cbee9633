/** Properties of the API: validation takes anything, compiling does not depend on order, policies only add up, suggestions hold. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalHash } from '../../crds/canonical.ts';
import { compile, compileAll } from '../../crds/compile.ts';
import { parseDocuments } from '../../crds/document.ts';
import { matchGlob, parseGlob } from '../../crds/globs.ts';
import { hostMatches, normaliseHost } from '../../crds/hosts.ts';
import { canonicalPath, canonicalQuery } from '../../crds/paths.ts';
import type { RequestFacts } from '../../crds/runtime.ts';
import { SCHEMAS } from '../../crds/schema.generated.ts';
import { suggestRule } from '../../crds/suggest.ts';
import type { ClusterEgressPolicy, EgressPolicy, EgressRule, HttpRule } from '../../crds/types.generated.ts';
import { validatePolicy } from '../../crds/validate.ts';
import { Budgets, PolicyEngine } from '../../sidecar/policy/index.ts';

const DETECTORS = ['jwt', 'npm-token'];
const HEAD = 'apiVersion: weir.dev/v1alpha1\nkind: EgressPolicy\nmetadata: {name: p}\n';

const defined = <T extends object>(record: T): T =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const some = <T>(...values: T[]) =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: values.length });

const hosts = some('a.dev', 'b.a.dev', '*.a.dev', 'registry.npmjs.org', 'github.com', 'bücher.example', 'X.Y.DEV');
const http: fc.Arbitrary<HttpRule> = fc
  .record({
    methods: some('GET', 'POST', 'PUT'),
    paths: maybe(some('/', '/a', '/a/*', '/a/**', '/**/c', '/x*y', '/\\*')),
    query: maybe(fc.constantFrom([], [{ name: 'q' }], [{ name: 'q', values: ['1', '2'] }])),
    contentTypes: maybe(some('application/json', 'text/plain')),
    maxBodySize: maybe(fc.constantFrom(0, 10, '1Ki')),
    forwardHeaders: maybe(some('Accept', 'x-a', 'x-b')),
  })
  .map((record) => defined(record) as unknown as HttpRule);

const ruleWith = (limits: fc.Arbitrary<EgressRule['limits'] | undefined>): fc.Arbitrary<Omit<EgressRule, 'name'>> =>
  fc
    .record({
      protocol: maybe(fc.constantFrom('HTTPS' as const, 'HTTP' as const)),
      to: fc
        .record({
          hosts,
          ports: maybe(some(80, 443, 8443)),
          addressScope: maybe(fc.constantFrom('Public' as const, 'Private' as const)),
        })
        .map(defined),
      preset: maybe(fc.constantFrom({ name: 'npm-install' }, { name: 'git-fetch' })),
      http: maybe(fc.array(http, { minLength: 1, maxLength: 3 })),
      limits,
    })
    .map((record) => defined(record) as Omit<EgressRule, 'name'>);

const specWith = (limits: fc.Arbitrary<EgressRule['limits'] | undefined>) =>
  fc
    .record({
      mode: maybe(fc.constantFrom('Enforce' as const, 'Audit' as const)),
      egress: fc
        .array(ruleWith(limits), { maxLength: 4 })
        .map((rules) => rules.map((rule, i): EgressRule => ({ name: `r${i}`, ...rule }))),
      dns: maybe(
        fc
          .record({
            queryTypes: maybe(some('A' as const, 'AAAA' as const, 'TXT' as const)),
            budget: maybe(fc.nat(100)),
            denied: maybe(fc.constantFrom('Explain' as const, 'NXDomain' as const)),
          })
          .map(defined),
      ),
      content: maybe(
        fc
          .record({
            detectors: maybe(some(...DETECTORS).map((disabled) => ({ disabled }))),
            homeHosts: maybe(hosts.map((list) => [{ detector: 'jwt', hosts: list }])),
          })
          .map(defined),
      ),
    })
    .map(defined);

const policiesWith = (limits: fc.Arbitrary<EgressRule['limits'] | undefined>, maxLength = 4) =>
  fc.array(fc.tuple(specWith(limits), fc.constantFrom(undefined, 'ci', 'qa')), { maxLength }).map((specs) =>
    specs.map(
      ([spec, namespace], i): EgressPolicy => ({
        apiVersion: 'weir.dev/v1alpha1',
        kind: 'EgressPolicy',
        metadata: {
          name: `p${i % 2}${namespace === undefined ? i : ''}`,
          ...(namespace !== undefined && { namespace: `${namespace}${i}` }),
        },
        spec: spec as EgressPolicy['spec'],
      }),
    ),
  );

const constraints = fc
  .record({
    allowedHosts: maybe(hosts),
    deniedHosts: maybe(some('a.dev', '*.b.a.dev', 'x.y.dev')),
    allowedModes: maybe(fc.constantFrom<('Enforce' | 'Audit')[]>(['Enforce'], ['Enforce', 'Audit'])),
    allowedProtocols: maybe(some('HTTPS' as const, 'HTTP' as const)),
    allowedAddressScopes: maybe(fc.constantFrom<('Public' | 'Private')[]>(['Public'], ['Public', 'Private'])),
    maxLimits: maybe(fc.record({ requests: fc.integer({ min: 1, max: 3 }), uploadSize: fc.constantFrom('1Ki', 5) })),
    content: maybe(fc.constant('TightenOnly' as const)),
  })
  .map((record) => defined(record) as NonNullable<ClusterEgressPolicy['spec']['constraints']>);

const clusterPoliciesWith = (limits: fc.Arbitrary<EgressRule['limits'] | undefined>) =>
  fc.array(fc.tuple(specWith(limits), maybe(constraints)), { maxLength: 3 }).map((all) =>
    all.map(
      ([{ mode: _mode, ...spec }, constraint], i): ClusterEgressPolicy => ({
        apiVersion: 'weir.dev/v1alpha1',
        kind: 'ClusterEgressPolicy',
        metadata: { name: `p${i}` },
        spec: { ...spec, ...(constraint && { constraints: constraint }) } as ClusterEgressPolicy['spec'],
      }),
    ),
  );

const limited = maybe(fc.record({ requests: fc.integer({ min: 1, max: 3 }), uploadSize: fc.constantFrom('1Ki', 5) }));
const unlimited = fc.constant(undefined);

const pathPiece = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'c',
    '*',
    '**',
    '.',
    '..',
    '%2f',
    '%2e',
    '%25',
    '%252e',
    '\\',
    ';',
    '',
    ' ',
    '?',
    '%C3%A9',
    '%ff',
    'x',
    'y',
  ),
  fc.string({ maxLength: 6, unit: 'grapheme' }),
);
const path = fc.array(pathPiece, { maxLength: 8 }).map((pieces) => `/${pieces.join('/')}`);
const query = maybe(
  fc.oneof(
    fc.constantFrom('', 'q=1', 'q=2', 'q=3', 'q=1&q=2', 'r=1', 'q=1;r=2', 'q=%'),
    fc.webQueryParameters(),
    fc
      .array(fc.tuple(fc.string({ unit: 'grapheme', maxLength: 5 }), fc.string({ unit: 'grapheme', maxLength: 5 })), {
        maxLength: 4,
      })
      .map((pairs) => new URLSearchParams(pairs).toString()),
  ),
);

const request: fc.Arbitrary<RequestFacts> = fc
  .record({
    protocol: fc.constantFrom('HTTPS' as const, 'HTTP' as const),
    host: fc.oneof(
      fc.constantFrom(
        'a.dev',
        'b.a.dev',
        'c.b.a.dev',
        'registry.npmjs.org',
        'github.com',
        'xn--bcher-kva.example',
        'evil.example',
      ),
      fc.domain(),
    ),
    port: fc.constantFrom(443, 80, 8443),
    method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'get', 'CONNECT'),
    path: fc.oneof(path, fc.webPath(), fc.constantFrom('/', '/a', '/a/b/c', '/left-pad')),
    query,
    body: maybe(
      fc.record({
        contentType: maybe(fc.constantFrom('application/json', 'text/plain', 'x')),
        contentLength: maybe(fc.constantFrom(1, 10, 11, 1024, 4096)),
      }),
    ),
  })
  .map(({ body, ...facts }) => defined({ ...facts, hasBody: body !== undefined, ...body }) as RequestFacts);

const decide = (
  policies: readonly EgressPolicy[],
  facts: RequestFacts,
  clusterPolicies: readonly ClusterEgressPolicy[] = [],
) => new PolicyEngine(compile(policies, undefined, { clusterPolicies }), new Budgets()).decideRequest(facts);

/** Text that looks like a policy here and there. */
const yamlish = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          'spec:',
          ' egress:',
          '- name: a',
          '{',
          '}',
          '[',
          ']',
          '&a',
          '*a',
          '<<: *a',
          ': ',
          '\n',
          '\n  ',
          '---\n',
          '"',
          "'",
          '#',
          '|',
          '!!str',
          'to:',
          'hosts',
          ', ',
          '? ',
          'yes',
          '0777',
          '\t',
          '%YAML 1.1\n',
          HEAD,
        ),
        fc.string({ maxLength: 5 }),
      ),
      { maxLength: 60 },
    )
    .map((pieces) => pieces.join('')),
  fc.json().map((json) => `${HEAD}spec: ${json}\n`),
);

const mutatedPolicy = fc
  .tuple(policiesWith(limited, 1), fc.array(fc.tuple(fc.nat(40), fc.anything({ maxDepth: 2 })), { maxLength: 4 }))
  .map(([[policy], changes]) => {
    const copy: unknown = structuredClone(policy ?? {});
    const places: [Record<string, unknown>, string][] = [];
    const walk = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const key of Object.keys(value)) {
        places.push([value as Record<string, unknown>, key]);
        walk((value as Record<string, unknown>)[key]);
      }
    };
    walk(copy);
    for (const [at, value] of changes) {
      const place = places[at % Math.max(1, places.length)];
      if (place) place[0][place[1]] = value;
    }
    return copy;
  });

const PATH_PATTERN =
  SCHEMAS.EgressPolicy.properties?.spec?.properties?.egress?.items?.properties?.http?.items?.properties?.paths?.items
    ?.pattern ?? '';

export const properties: { name: string; property: fc.IRawProperty<unknown> }[] = [
  {
    name: 'reading a file never throws, and every problem has a place in it',
    property: fc.property(yamlish, (text) => {
      const { policies, clusterPolicies, places, problems } = parseDocuments(text, 'f.yaml', DETECTORS);
      assert.equal(places.size, policies.length + clusterPolicies.length);
      const lines = text.split(/\r\n|\n|\r/).length;
      for (const { line, column, message } of problems) {
        assert.ok(
          line >= 1 && line <= lines && column >= 1 && message !== '',
          JSON.stringify({ line, column, message, lines }),
        );
      }
      for (const policy of policies) compile([policy], undefined);
    }),
  },
  {
    name: 'validation takes any object, and what it passes compiles whole',
    property: fc.property(fc.oneof(fc.anything(), mutatedPolicy), (value) => {
      const issues = validatePolicy(value, DETECTORS);
      if (issues.some(({ severity }) => severity === 'error')) return;
      const policy = value as EgressPolicy;
      const { rules } = compile([policy], undefined);
      assert.equal(rules.length, policy.spec.egress?.length ?? 0);
      new PolicyEngine(compile([policy], undefined), new Budgets());
    }),
  },
  {
    name: 'the order of policies of both kinds, rules and lists does not change what is compiled',
    property: fc.property(
      policiesWith(limited),
      clusterPoliciesWith(limited),
      fc.infiniteStream(fc.nat()),
      (policies, clusterPolicies, numbers) => {
        const shuffled = (value: unknown): unknown => {
          if (Array.isArray(value)) {
            return value
              .map((item) => ({ item: shuffled(item), at: numbers.next().value as number }))
              .sort((a, b) => a.at - b.at)
              .map(({ item }) => item);
          }
          if (typeof value !== 'object' || value === null) return value;
          return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, shuffled(field)]));
        };
        const first = compile(policies, undefined, { clusterPolicies });
        const mixed = { clusterPolicies: shuffled(clusterPolicies) as ClusterEgressPolicy[] };
        assert.deepEqual(compile(shuffled(policies) as EgressPolicy[], undefined, mixed), first);
        const { hash, ...rest } = first;
        assert.equal(hash, canonicalHash(rest));
      },
    ),
  },
  {
    name: 'a further constraint never allows what was denied, and says what it took away',
    property: fc.property(
      policiesWith(limited),
      clusterPoliciesWith(limited),
      constraints,
      fc.array(request, { minLength: 1, maxLength: 8 }),
      (policies, clusterPolicies, constraint, requests) => {
        const further: ClusterEgressPolicy = {
          apiVersion: 'weir.dev/v1alpha1',
          kind: 'ClusterEgressPolicy',
          metadata: { name: 'further' },
          spec: { constraints: constraint },
        };
        const more = [...clusterPolicies, further];
        for (const facts of requests) {
          if (!decide(policies, facts, clusterPolicies).allow) assert.ok(!decide(policies, facts, more).allow);
        }
        const before = compileAll(policies, undefined, { clusterPolicies });
        const after = compileAll(policies, undefined, { clusterPolicies: more });
        const isRule = ({ origin }: { origin: { rule?: string } }) => origin.rule !== undefined;
        assert.equal(
          before.policy.rules.length + before.dropped.filter(isRule).length,
          after.policy.rules.length + after.dropped.filter(isRule).length,
        );
        for (const { id, limits } of after.policy.rules) {
          const was = before.policy.rules.find((rule) => rule.id === id);
          assert.ok(was);
          for (const kind of ['requests', 'uploadSize'] as const)
            assert.ok((limits[kind] ?? Number.POSITIVE_INFINITY) <= (was.limits[kind] ?? Number.POSITIVE_INFINITY));
        }
      },
    ),
  },
  {
    name: 'a further policy never denies what was allowed',
    property: fc.property(
      policiesWith(unlimited),
      fc.array(request, { minLength: 1, maxLength: 8 }),
      (policies, requests) => {
        const enforced = policies.map((policy) => ({ ...policy, spec: { ...policy.spec, mode: 'Enforce' as const } }));
        for (let i = 0; i < enforced.length; i++) {
          const without = enforced.toSpliced(i, 1);
          for (const facts of requests) {
            if (decide(without, facts).allow) assert.ok(decide(enforced, facts).allow);
          }
        }
      },
    ),
  },
  {
    name: 'a decision is the first verdict that the explanation gives, and its rule matches the host',
    property: fc.property(policiesWith(limited), request, (policies, facts) => {
      const engine = new PolicyEngine(compile(policies, undefined), new Budgets());
      const { verdict, perRule } = engine.explainRequest(facts);
      const decided = engine.decideRequest(facts);
      assert.deepEqual(decided, verdict);
      const nearest = perRule[0];
      if (decided.allow && !decided.audit) {
        assert.equal(nearest?.rule, decided.rule?.id);
        assert.ok(decided.rule?.hosts.some((pattern) => hostMatches(pattern, facts.host)));
        assert.ok(decided.rule?.ports.includes(facts.port) && decided.rule.protocol === facts.protocol);
      } else {
        const denial = decided.allow ? decided.audit : decided;
        if (denial?.rule) assert.deepEqual(nearest, { rule: denial.rule.id, reason: denial.reason });
      }
    }),
  },
  {
    name: 'a suggestion parses, validates and allows its request, and no other method, host or path',
    property: fc.property(
      request,
      fc.array(fc.constantFrom('a-dev', 'github-com', 'rule'), { maxLength: 2 }),
      (facts, names) => {
        const yaml = suggestRule(facts, names);
        if (yaml === '') {
          const isSayable =
            /^[A-Z]+$/.test(facts.method) &&
            facts.method !== 'CONNECT' &&
            canonicalPath(facts.path) &&
            'name' in normaliseHost(facts.host);
          assert.ok(!isSayable, 'nothing was suggested for a request that a rule can allow');
          return;
        }
        const { policies, problems } = parseDocuments(`${HEAD}spec:\n  egress:\n${yaml}`, 's.yaml', DETECTORS);
        assert.deepEqual(
          problems.filter(({ severity }) => severity === 'error'),
          [],
        );
        assert.ok(!names.some((name) => name === policies[0]?.spec.egress?.[0]?.name));
        const own = { ...facts, host: hostOf(facts.host) };
        assert.ok(decide(policies, own).allow, yaml);
        assert.ok(!decide(policies, { ...own, method: own.method === 'GET' ? 'PUT' : 'GET' }).allow);
        assert.ok(!decide(policies, { ...own, host: `x.${own.host}` }).allow);
        assert.ok(!decide(policies, { ...own, path: `/zz${own.path}` }).allow);
        if (!own.hasBody) assert.ok(!decide(policies, { ...own, hasBody: true }).allow);
      },
    ),
  },
  {
    name: 'a normalised host is stable, has no address form, and matches itself',
    property: fc.property(
      fc.oneof(fc.string({ unit: 'grapheme', maxLength: 30 }), fc.domain(), fc.ipV4Extended(), fc.ipV6(), fc.webUrl()),
      (text) => {
        const host = normaliseHost(text);
        if (!('name' in host)) {
          assert.notEqual(host.error, '');
          return;
        }
        assert.match(host.name, /^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/);
        assert.doesNotMatch(host.name, /(^|\.)(\d+|0x[0-9a-f]*)$/);
        assert.deepEqual(normaliseHost(host.wildcard ? `*.${host.name}` : host.name), host);
        assert.ok(hostMatches(host, host.wildcard ? `a.${host.name}` : host.name));
        assert.equal(URL.parse(`http://${host.name}/`)?.hostname, host.name);
      },
    ),
  },
  {
    name: 'a host that needs no normalisation is read as one that does',
    property: fc.property(
      fc.oneof(
        fc.domain(),
        fc
          .array(fc.constantFrom('a', 'b-c', 'xn--', 'xn--bcher-kva', '_x', '-', '1', '0x1', 'localhost', 'com', ''), {
            minLength: 1,
            maxLength: 4,
          })
          .map((labels) => labels.join('.')),
      ),
      fc.boolean(),
      (name, wildcard) => {
        fc.pre(!name.endsWith('.'));
        const text = wildcard ? `*.${name}` : name;
        // A trailing dot is dropped, and keeps the quick way from being taken.
        const slow = normaliseHost(`${text}.`);
        const quick = normaliseHost(text);
        if ('name' in quick) assert.deepEqual(slow, quick);
        else assert.ok(!('name' in slow));
      },
    ),
  },
  {
    name: 'the definition refuses no host that is valid',
    property: fc.property(
      fc.oneof(
        fc.domain(),
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
        fc
          .array(fc.constantFrom('a', 'bücher', '*', '-', '_', '1', '0x1', 'localhost', '例え', '.', '..', ':', '/'), {
            minLength: 1,
            maxLength: 6,
          })
          .map((parts) => parts.join('')),
      ),
      (text) => {
        const spec = { egress: [{ name: 'a', to: { hosts: [text] } }] };
        const policy = { apiVersion: 'weir.dev/v1alpha1', kind: 'EgressPolicy', metadata: { name: 'p' }, spec };
        const refused = validatePolicy(policy, DETECTORS).filter(({ code }) => code !== 'semantic');
        if (refused.length > 0) assert.ok(!('name' in normaliseHost(text)), JSON.stringify(refused));
      },
    ),
  },
  {
    name: 'the definition refuses exactly the paths that are no globs',
    property: fc.property(
      fc.oneof(
        fc
          .array(
            fc.constantFrom('/', '*', '**', '.', '..', '\\', '\\*', 'a', '\u0000', '\u2028', 'é', '😀', '?', ' '),
            {
              maxLength: 10,
            },
          )
          .map((parts) => parts.join('')),
        fc.array(fc.constantFrom('/', '/a', '/**'), { minLength: 60, maxLength: 70 }).map((parts) => parts.join('')),
        fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => `/${text}`),
      ),
      (text) => {
        assert.equal(new RegExp(PATH_PATTERN, 'u').test(text), parseGlob(text).ok);
      },
    ),
  },
  {
    name: 'a canonical path has no dot segment at any level of decoding, and every URL parser keeps its segments',
    property: fc.property(fc.oneof(path, fc.webPath(), fc.string({ unit: 'binary', maxLength: 40 })), (raw) => {
      const segments = canonicalPath(raw);
      if (!segments) return;
      let level = raw;
      for (let i = 0; i < 5; i++) {
        assert.ok(!level.split(/[/\\]/).some((segment) => segment === '.' || segment === '..'), level);
        level = level.replace(/(%[0-9a-f]{2})+/gi, (run) => decodeURIComponent(run));
      }
      assert.equal(segments.length, decodeURIComponent(raw).split(/[/\\]/).length - 1);
      const parsed = URL.parse(`http://a.dev${raw}`);
      assert.equal(parsed?.pathname.split('/').length, raw.split(/[/\\]/).length);
    }),
  },
  {
    name: 'a query is read as URLSearchParams reads it, or not at all',
    property: fc.property(
      fc.oneof(
        query.map((text) => text ?? ''),
        fc.string({ maxLength: 30 }),
      ),
      (raw) => {
        const parameters = canonicalQuery(raw);
        if (!parameters || raw.includes(';') || raw.startsWith('?')) return;
        const reference = [...new URLSearchParams(raw)];
        assert.deepEqual(
          parameters.filter(({ name, value }) => name !== '' || value !== '').map(({ name, value }) => [name, value]),
          reference.filter(([name, value]) => name !== '' || value !== ''),
        );
      },
    ),
  },
  {
    name: 'globs match what the regular expression of the same meaning matches',
    property: fc.property(
      fc.array(fc.constantFrom('a', 'b', '*', '**', 'a*', '*b', 'a*b', '*a*'), { minLength: 1, maxLength: 5 }),
      fc.array(fc.constantFrom('a', 'b', 'ab', 'aab', 'bab', ''), { minLength: 1, maxLength: 6 }),
      (parts, segments) => {
        const parsed = parseGlob(`/${parts.join('/')}`);
        assert.ok(parsed.ok);
        const source = parts
          .map((part) =>
            part === '**' ? '(?:/[^/]*)*' : part === '*' ? '/[^/]+' : `/${part.replaceAll('*', '[^/]*')}`,
          )
          .join('');
        assert.equal(matchGlob(parsed.glob, segments), new RegExp(`^${source}$`).test(`/${segments.join('/')}`));
      },
    ),
  },
];

function hostOf(text: string): string {
  const host = normaliseHost(text);
  return 'name' in host ? host.name : text;
}
