/** Policies of both kinds, requests, and texts and objects that are nearly policies. */
import fc from 'fast-check';
import { compile } from '../../crds/compile.ts';
import type { RequestFacts } from '../../crds/runtime.ts';
import type { ClusterEgressPolicy, EgressPolicy, EgressRule, HttpRule } from '../../crds/types.generated.ts';
import { Budgets, PolicyEngine } from '../../sidecar/policy/index.ts';

export const DETECTORS = ['jwt', 'npm-token'];
export const HEAD = 'apiVersion: weir.dev/v1alpha1\nkind: EgressPolicy\nmetadata: {name: p}\n';

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

export const policiesWith = (limits: fc.Arbitrary<EgressRule['limits'] | undefined>, maxLength = 4) =>
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

export const constraints = fc
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

export const clusterPoliciesWith = (limits: fc.Arbitrary<EgressRule['limits'] | undefined>) =>
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

export const limited = maybe(
  fc.record({ requests: fc.integer({ min: 1, max: 3 }), uploadSize: fc.constantFrom('1Ki', 5) }),
);
export const unlimited = fc.constant(undefined);

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
export const path = fc.array(pathPiece, { maxLength: 8 }).map((pieces) => `/${pieces.join('/')}`);
export const query = maybe(
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

export const request: fc.Arbitrary<RequestFacts> = fc
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

export const decide = (
  policies: readonly EgressPolicy[],
  facts: RequestFacts,
  clusterPolicies: readonly ClusterEgressPolicy[] = [],
) => new PolicyEngine(compile(policies, undefined, { clusterPolicies }), new Budgets()).decideRequest(facts);

/** Text that looks like a policy here and there. */
export const yamlish = fc.oneof(
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

export const mutatedPolicy = fc
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
