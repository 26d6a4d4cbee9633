/** Random policies of both kinds, pods and requests, from a seed. Few names, so that rules and requests meet often. */
import type { RequestFacts } from '../../../crds/runtime.ts';
import type {
  ClusterEgressPolicy,
  ContentRules,
  EgressPolicy,
  EgressRule,
  HttpRule,
  PodSelector,
} from '../../../crds/types.generated.ts';
import type { World } from './reference.ts';

const API_VERSION = 'weir.dev/v1alpha1';
const HOSTS = [
  'a.dev',
  'b.a.dev',
  'c.b.a.dev',
  '*.a.dev',
  '*.b.a.dev',
  'registry.npmjs.org',
  'GitHub.com',
  'bücher.example',
];
const REQUESTED = [
  'a.dev',
  'b.a.dev',
  'c.b.a.dev',
  'x.c.b.a.dev',
  'registry.npmjs.org',
  'github.com',
  'xn--bcher-kva.example',
  'evil.example',
];
const GLOBS = ['/', '/a', '/a/*', '/a/**', '/**/c', '/**', '/x*y', '/\\*', '/*.git/**', '/a/*/c', '/é'];
const PATHS = [
  '/',
  '/a',
  '/a/',
  '/a/b',
  '/a/b/c',
  '/c',
  '/x1y',
  '/*',
  '/left-pad',
  '/@types%2fnode',
  '/o/r.git/info/refs',
  '/o/r.git/git-upload-pack',
  '/%C3%A9',
  '/%c3%a9',
  '/a%2fb',
  '/a/%2e%2e/c',
  '/a/..',
  '/a//c',
  '/%252e',
  '/a%25%32%66b',
  '/a;x',
  '/..;/a',
  '/a%00',
  '/%zz',
  '/a b',
  '/a%255cb',
  '/%EF%BC%8E%EF%BC%8E',
];
const QUERIES = [
  undefined,
  undefined,
  '',
  'q=1',
  'q=2',
  'q=3',
  'q=1&q=2',
  'q',
  'q=1;r=2',
  'q=%',
  'service=git-upload-pack',
  'service=git-receive-pack',
  'q=1+2',
];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'get'];
const TYPES = [undefined, 'application/json', 'text/plain', 'application/x-git-upload-pack-request'];
const PRESETS = ['npm-install', 'git-fetch', 'npm-publish', 'pypi-install', 'oci-pull', 'otlp-export'];
const DETECTORS = ['github-token', 'npm-token', 'jwt'];

/** mulberry32: small, and good enough to mix cases. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(n: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  }

  one<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  /** One or more different ones. */
  some<T>(values: readonly T[], most = values.length): T[] {
    return this.shuffled(values).slice(0, 1 + this.below(most));
  }

  shuffled<T>(values: readonly T[]): T[] {
    return values
      .map((value) => ({ value, at: this.below(1 << 30) }))
      .sort((a, b) => a.at - b.at)
      .map(({ value }) => value);
  }

  /** The field in one case of `in`. */
  maybe<T>(chances: number, value: () => T): T | undefined {
    return this.below(chances) === 0 ? value() : undefined;
  }
}

export function randomWorld(dice: Dice): World {
  return {
    policies: Array.from({ length: dice.below(4) }, (_, i) => randomPolicy(dice, `p${i}`)),
    clusterPolicies: Array.from({ length: dice.below(3) }, (_, i) => randomClusterPolicy(dice, `p${i}`)),
    podLabels: present({ stage: dice.one(['build', 'test']), team: dice.maybe(2, () => 'web') }),
    namespaceLabels: present({ tier: dice.maybe(2, () => dice.one(['ci', 'prod'])) }),
  };
}

export function randomPolicy(dice: Dice, name: string): EgressPolicy {
  const egress = randomRules(dice);
  return {
    apiVersion: API_VERSION,
    kind: 'EgressPolicy',
    metadata: { name, namespace: 'ci' },
    spec: present({
      podSelector: dice.maybe(3, () => randomSelector(dice, 'stage', ['build', 'test'])),
      mode: dice.maybe(3, () => dice.one(['Audit', 'Enforce'] as const)),
      egress,
      content: dice.maybe(3, () => randomContent(dice, egress)),
    }),
  };
}

export function randomClusterPolicy(dice: Dice, name: string): ClusterEgressPolicy {
  const egress = dice.maybe(2, () => randomRules(dice));
  return {
    apiVersion: API_VERSION,
    kind: 'ClusterEgressPolicy',
    metadata: { name },
    spec: present({
      namespaceSelector: dice.maybe(2, () => randomSelector(dice, 'tier', ['ci', 'prod'])),
      podSelector: dice.maybe(4, () => randomSelector(dice, 'stage', ['build', 'test'])),
      egress,
      constraints: dice.maybe(2, () => randomConstraints(dice)),
      content: dice.maybe(4, () => randomContent(dice, egress ?? [])),
    }),
  };
}

function randomContent(dice: Dice, rules: readonly EgressRule[]): ContentRules {
  return present({
    detectors: dice.maybe(2, () => ({ disabled: dice.some(DETECTORS) })),
    homeHosts: dice.maybe(2, () => [{ detector: dice.one(DETECTORS), hosts: dice.some(HOSTS, 2) }]),
    knownSecrets: dice.maybe(2, () => ({
      source: dice.one(['PodSecrets', 'None'] as const),
      exclude: [{ secretName: 'npm', keys: dice.some(['token', 'user']) }],
    })),
    maxRefusals: dice.maybe(3, () => 1 + dice.below(40)),
    opaqueUploads: dice.maybe(3, () => ({ maxSize: dice.one(['1Ki', 5, '1Mi']) })),
    patterns: dice.maybe(3, () => [
      { name: dice.one(['a', 'b']), regex: dice.one(['acme_[a-z]+', '[0-9]{4}-acme']), hosts: dice.some(HOSTS, 2) },
    ]),
    suppressions: dice.maybe(2, () => rules.map(({ name }) => ({ detector: dice.one(DETECTORS), rule: name }))),
  });
}

export function randomConstraints(dice: Dice): NonNullable<ClusterEgressPolicy['spec']['constraints']> {
  const constraints = present({
    allowedHosts: dice.maybe(3, () => dice.some(HOSTS)),
    deniedHosts: dice.maybe(3, () => dice.some(HOSTS, 2)),
    allowedModes: dice.maybe(3, () => dice.one([['Enforce' as const], ['Enforce' as const, 'Audit' as const]])),
    allowedProtocols: dice.maybe(3, () => dice.some(['HTTPS', 'HTTP', 'TLS', 'TCP'] as const)),
    allowedAddressScopes: dice.maybe(3, () => dice.one([['Public' as const], ['Public' as const, 'Private' as const]])),
    maxLimits: dice.maybe(3, () => ({ uploadSize: dice.one(['1Ki', 5, '1Mi']), requests: 1 + dice.below(5) })),
    content: dice.maybe(3, () => 'TightenOnly' as const),
  });
  return Object.keys(constraints).length > 0 ? constraints : { content: 'TightenOnly' };
}

function randomSelector(dice: Dice, key: string, values: string[]): PodSelector {
  if (dice.below(2) === 0) return { matchLabels: { [key]: dice.one(values) } };
  const operator = dice.one(['In', 'NotIn', 'Exists', 'DoesNotExist'] as const);
  const takesValues = operator === 'In' || operator === 'NotIn';
  return { matchExpressions: [{ key, operator, ...(takesValues && { values: dice.some(values) }) }] };
}

function randomRules(dice: Dice): EgressRule[] {
  return Array.from({ length: dice.below(5) }, (_, i) => ({ name: `r${i}`, ...randomRule(dice) }));
}

function randomRule(dice: Dice): Omit<EgressRule, 'name'> {
  const limits = dice.maybe(3, () => ({ uploadSize: dice.one<string | number>(['1Ki', 5, '2Mi']) }));
  const addressScope = dice.maybe(3, () => dice.one(['Public', 'Private'] as const));
  if (dice.below(10) === 0) {
    const to = present({ hosts: dice.some(HOSTS, 2), ports: [5432], addressScope });
    return { protocol: dice.one(['TLS', 'TCP'] as const), to, limits: { uploadSize: '1Ki' } };
  }
  const preset = dice.maybe(4, () => ({ name: dice.one(PRESETS) }));
  const hasHosts = preset !== undefined && preset.name !== 'otlp-export';
  const hosts = hasHosts && dice.below(2) === 0 ? undefined : dice.some(HOSTS, 3);
  return present({
    protocol: dice.maybe(3, () => dice.one(['HTTPS', 'HTTP'] as const)),
    to: present({ hosts, ports: dice.maybe(3, () => dice.some([80, 443, 8443])), addressScope }),
    preset,
    http: dice.maybe(2, () => Array.from({ length: 1 + dice.below(3) }, () => randomHttp(dice))),
    limits,
  });
}

function randomHttp(dice: Dice): HttpRule {
  return present({
    methods: dice.some(METHODS.slice(0, 4)),
    paths: dice.maybe(2, () => dice.some(GLOBS, 3)),
    query: dice.maybe(3, () => dice.one([[], [{ name: 'q' }], [{ name: 'q', values: ['1', '2', '1 2'] }]])),
    contentTypes: dice.maybe(3, () => dice.some(['application/json', 'text/plain'])),
    maxBodySize: dice.maybe(3, () => dice.one<string | number>([0, 10, '1Ki'])),
  });
}

export function randomRequest(dice: Dice): RequestFacts {
  const hasBody = dice.below(3) === 0;
  const query = dice.one(QUERIES);
  const contentType = hasBody ? dice.one(TYPES) : undefined;
  const contentLength = hasBody ? dice.one([undefined, 1, 10, 11, 1024, 1025]) : undefined;
  return {
    protocol: dice.below(4) === 0 ? 'HTTP' : 'HTTPS',
    host: dice.one(REQUESTED),
    port: dice.one([443, 443, 80, 8443]),
    method: dice.one(METHODS),
    path: dice.one(PATHS),
    ...(query !== undefined && { query }),
    hasBody,
    ...(contentType !== undefined && { contentType }),
    ...(contentLength !== undefined && { contentLength }),
  };
}

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Without the fields that are undefined. */
function present<T extends object>(record: T): Present<T> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Present<T>;
}
