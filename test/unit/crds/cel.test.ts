/** Every rule of the definitions: what it refuses, where, in which words; and that what it should admit it does. */
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { checkCel } from '../../../crds/cel.ts';
import { pathText } from '../../../crds/issues.ts';
import type { Kind } from '../../../crds/kinds.ts';
import { SCHEMAS } from '../../../crds/schema.generated.ts';
import type { JsonSchema, ValidationRule } from '../../../crds/schema.ts';
import { validatePolicy } from '../../../crds/validate.ts';

const document = (kind: Kind, spec: string) => ({
  apiVersion: 'weir.dev/v1alpha1',
  kind,
  metadata: { name: 'p' },
  spec: load(spec),
});
const told = (kind: Kind, spec: string) =>
  validatePolicy(document(kind, spec), ['jwt'])
    .filter(({ code }) => code === 'cel')
    .map(({ path, message }) => `${pathText(path)}: ${message}`);

const HOST = {
  alone: 'write the host name alone, without scheme, port, path, brackets or blanks',
  star: '`*` is only allowed as the whole first label: *.acme.dev',
  empty: 'a host has no empty label: one dot between two names, none before the first',
  hyphen: 'a label neither starts nor ends with a hyphen',
  address: 'an address cannot be allowed, since Weir resolves names itself: write the host name that the client uses',
  loopback: 'loopback never leaves the pod, so there is nothing to allow: remove it',
};

const LABEL_KEY = 'a label key is a name such as stage, or a domain and a name such as acme.dev/team';

const NO_LOOKAROUND = 'lookaround cannot be searched for in linear time: leave it out, or use \\b';

/** Specs of an EgressPolicy and what they are told; `[]`: they are admitted. */
const CASES: [spec: string, told: string[]][] = [
  ['{podSelector: {matchLabels: {a: b, acme.dev/team: c, A_1: d}}}', []],
  ['{podSelector: {matchLabels: {a: b, acme.dev/: c}}}', [`spec.podSelector.matchLabels: ${LABEL_KEY}`]],
  ['{podSelector: {matchLabels: {-a: b}}}', [`spec.podSelector.matchLabels: ${LABEL_KEY}`]],
  ['{podSelector: {matchExpressions: [{key: a, operator: NotIn, values: [b]}, {key: a, operator: DoesNotExist}]}}', []],
  [
    '{podSelector: {matchExpressions: [{key: a, operator: NotIn}]}}',
    ['spec.podSelector.matchExpressions[0].values: NotIn needs values: add values: [...]'],
  ],
  [
    '{podSelector: {matchExpressions: [{key: a, operator: DoesNotExist, values: [b]}]}}',
    ['spec.podSelector.matchExpressions[0].values: DoesNotExist takes no values: remove them'],
  ],
  ['{egress: [{name: a, preset: {name: git-fetch}}, {name: b, to: {hosts: [a.dev]}}]}', []],
  [String.raw`{content: {patterns: [{name: a, regex: 'acme\\1'}, {name: b, regex: 'acme\(?='}]}}`, []],
  [
    String.raw`{content: {patterns: [{name: a, regex: '(acme)\1'}]}}`,
    [
      'spec.content.patterns[0].regex: a backreference cannot be searched for in linear time: write out what may stand there',
    ],
  ],
  ['{content: {patterns: [{name: a, regex: "(?<!x)acme"}]}}', [`spec.content.patterns[0].regex: ${NO_LOOKAROUND}`]],
  [
    '{egress: [{name: a, to: {ports: [1]}}]}',
    ['spec.egress[0].to.hosts: the rule names no host: add to: {hosts: [...]}, or a preset'],
  ],
  ['{egress: [{name: a, protocol: TLS, to: {hosts: [a.dev]}, limits: {uploadSize: 0}}]}', []],
  [
    '{egress: [{name: a, protocol: TLS, to: {hosts: [a.dev]}, limits: {requests: 1}}]}',
    [
      'spec.egress[0].limits.uploadSize: TLS needs limits.uploadSize, since nobody judges what is sent: add limits: {uploadSize: 1Mi}',
    ],
  ],
  [
    '{egress: [{name: a, protocol: TCP, to: {hosts: [a.dev], ports: [1]}, http: [{methods: [GET]}], limits: {uploadSize: 1}}]}',
    ['spec.egress[0].http: TCP is not decrypted, so requests cannot be judged: remove http, or use protocol: HTTPS'],
  ],
  [
    '{egress: [{name: a, protocol: TLS, to: {hosts: [a.dev]}, limits: {uploadSize: 1, newTextSize: 1}}]}',
    ['spec.egress[0].limits.newTextSize: newTextSize is for HTTPS and HTTP: nobody reads what is sent under TLS'],
  ],
  [
    '{egress: [{name: a, protocol: TLS, preset: {name: git-fetch}, limits: {uploadSize: 1}}]}',
    ['spec.egress[0].preset: a preset cannot be used with TLS: remove protocol, or the preset'],
  ],
  [
    '{egress: [{name: a, protocol: TCP, to: {hosts: [a.dev]}, limits: {uploadSize: 1}}]}',
    ['spec.egress[0].to.ports: TCP has no usual port: add ports: [...] under to'],
  ],
  ['{egress: [{name: a, to: {hosts: [a.dev], ports: [52, 54, 853]}}]}', []],
  [
    '{egress: [{name: a, to: {hosts: [a.dev], ports: [80, 53]}}]}',
    ['spec.egress[0].to.ports[1]: port 53 is DNS, which Weir answers itself: remove it'],
  ],
  ['{egress: [{name: a, to: {hosts: [a.dev]}, http: [{methods: [GET, CONNECTED]}]}]}', []],
  [
    '{egress: [{name: a, to: {hosts: [a.dev]}, http: [{methods: [CONNECT, GET, TRACE]}]}]}',
    [0, 2].map((i) => `spec.egress[0].http[0].methods[${i}]: CONNECT and TRACE are never forwarded: remove it`),
  ],
  ['{egress: [{name: a, to: {hosts: [a.dev]}, http: [{forwardHeaders: [Accept, X-Host, tea]}]}]}', []],
  [
    '{egress: [{name: a, to: {hosts: [a.dev]}, http: [{forwardHeaders: [Host, Transfer-ENCODING]}]}]}',
    ['Host', 'Transfer-ENCODING'].map(
      (name, i) => `spec.egress[0].http[0].forwardHeaders[${i}]: Weir writes or drops ${name} itself: remove it`,
    ),
  ],
  ['{egress: [{name: a, preset: {name: git-fetch}}], content: {suppressions: [{detector: jwt, rule: a}]}}', []],
  ...[
    '{egress: [{name: a, preset: {name: git-fetch}}], content: {suppressions: [{detector: jwt, rule: b}]}}',
    '{content: {suppressions: [{detector: jwt, rule: b}]}}',
  ].map((spec): [string, string[]] => [
    spec,
    [
      'spec.content.suppressions: a suppression names a rule that this policy does not have: write the name of one in egress',
    ],
  ]),
];

const HOSTS: [text: string, told: string[]][] = [
  ...[
    'a.dev',
    'A.b-c.dev.',
    '*.a.dev',
    '_a.dev',
    'bücher.example',
    '例え.jp',
    'a',
    '1.2.3.x',
    'localhost.dev',
    'a.0xg',
  ].map((text): [string, string[]] => [text, []]),
  ...[
    'https://a.dev',
    'a.dev:443',
    'a.dev/x',
    'a b',
    'user@a.dev',
    '[a]',
    '::1',
    'a,b',
    'a|b',
    'a~b',
    'a\u0000b',
    'a\u007fb',
    'a%2e',
    'a`b',
    'a\\b',
  ].map((text): [string, string[]] => [text, [HOST.alone]]),
  ['*', [HOST.star]],
  ['*.*.dev', [HOST.star]],
  ['a.*', [HOST.star]],
  ['a*.dev', [HOST.star]],
  ['.a.dev', [HOST.empty]],
  ['a..dev', [HOST.empty]],
  ['a.dev..', [HOST.empty]],
  ['-a.dev', [HOST.hyphen]],
  ['a-.dev', [HOST.hyphen]],
  ['*.-a.dev', [HOST.hyphen]],
  ['192.0.2.1', [HOST.address]],
  ['2130706433', [HOST.address]],
  ['0x7f.1', [HOST.address]],
  ['a.0x', [HOST.address]],
  ['*.1', [HOST.address]],
  ['localhost', [HOST.loopback]],
  ['a.LOCALHOST.', [HOST.loopback]],
];

const MASKED =
  'Kubernetes or Weir needs this path: name a narrower one; the ServiceAccount token is removed by serviceAccountToken: Remove';

for (const path of [
  '/root/.ssh',
  '/etcetera',
  '/etc/ssl',
  '/etc/weird',
  '/process',
  '/var/lib',
  '/run/x',
  '/var/run/x',
]) {
  CASES.push([`{pod: {maskedPaths: [${path}]}}`, []]);
}
for (const path of [
  ...['/etc', '/etc/weir', '/etc/weir/trust', '/proc', '/proc/self', '/sys', '/sys/fs', '/dev', '/dev/shm', '/run'],
  ...['/var', '/var/run', '/run/secrets', '/var/run/secrets', '/var/run/secrets/kubernetes.io/serviceaccount'],
]) {
  CASES.push([`{pod: {maskedPaths: [/a, ${path}]}}`, [`spec.pod.maskedPaths[1]: ${MASKED}`]]);
}

const CLUSTER_CASES: [spec: string, told: string[]][] = [
  ['{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ci}}}', []],
  ['{namespaceSelector: {matchLabels: {/a: b}}}', [`spec.namespaceSelector.matchLabels: ${LABEL_KEY}`]],
  ['{constraints: {allowedModes: [Enforce]}}', []],
  [
    '{constraints: {allowedModes: [Audit]}}',
    ['spec.constraints.allowedModes: Enforce is the stricter mode, which is always allowed: add it'],
  ],
  ['{constraints: {allowedAddressScopes: [Private, Public]}}', []],
  [
    '{constraints: {allowedAddressScopes: [Private]}}',
    ['spec.constraints.allowedAddressScopes: Public is the narrower scope, which is always allowed: add it'],
  ],
];

describe('the rules of an EgressPolicy', () => {
  it.each(CASES)('%s', (spec, expected) => {
    expect(told('EgressPolicy', spec)).toEqual(expected);
  });
});

describe('the rules of a ClusterEgressPolicy', () => {
  it.each([...CASES, ...CLUSTER_CASES])('%s', (spec, expected) => {
    expect(told('ClusterEgressPolicy', spec)).toEqual(expected);
  });
});

describe.each([
  ['spec.egress[0].to.hosts[0]', (host: string) => `{egress: [{name: a, to: {hosts: [${host}]}}]}`],
  [
    'spec.content.homeHosts[0].hosts[0]',
    (host: string) => `{content: {homeHosts: [{detector: jwt, hosts: [${host}]}]}}`,
  ],
  ['spec.constraints.allowedHosts[0]', (host: string) => `{constraints: {allowedHosts: [${host}]}}`],
  ['spec.constraints.deniedHosts[0]', (host: string) => `{constraints: {deniedHosts: [${host}]}}`],
])('a host at %s', (path, spec) => {
  it.each(HOSTS)('%j', (text, expected) => {
    expect(told('ClusterEgressPolicy', spec(JSON.stringify(text)))).toEqual(
      expected.map((message) => `${path}: ${message}`),
    );
  });
});

describe('checkCel', () => {
  it('has a case for every rule of the definitions', () => {
    const rules = new Set<string>();
    const walk = (schema: JsonSchema): void => {
      for (const { message } of schema['x-kubernetes-validations'] ?? []) rules.add(message);
      for (const property of Object.values(schema.properties ?? {})) walk(property);
      if (schema.items) walk(schema.items);
    };
    for (const schema of Object.values(SCHEMAS)) walk(schema);
    const all = JSON.stringify([CASES, HOSTS, CLUSTER_CASES]);
    const untold = [...rules].filter((message) => !all.includes(JSON.stringify(message).slice(1, -1)));
    // These have a messageExpression, with cases above.
    expect(untold).toEqual([
      'In and NotIn need values, Exists and DoesNotExist take none',
      'TLS and TCP need limits.uploadSize',
      'http is for HTTPS and HTTP',
      'a preset is for HTTPS and HTTP',
      'Weir writes or drops this header itself: remove it',
    ]);
  });

  it('tells the plain message when the rule or its message cannot be evaluated', () => {
    const rules: ValidationRule[] = [
      { rule: 'self.a.b == 1', message: 'one' },
      { rule: 'false', message: 'two', messageExpression: 'self.a.b' },
      { rule: 'false', message: 'three', messageExpression: '1' },
      { rule: 'not CEL', message: 'four' },
    ];
    const schema: JsonSchema = { type: 'object', 'x-kubernetes-validations': rules };
    expect(checkCel({}, schema, () => false).map(({ message }) => message)).toEqual(['one', 'two', 'three', 'four']);
  });

  it('looks at no part that is said to be of the wrong shape', () => {
    const schema: JsonSchema = {
      type: 'object',
      'x-kubernetes-validations': [{ rule: "self.a == 'x'", message: 'no' }],
      properties: { a: { type: 'string' }, b: { type: 'string' } },
    };
    const found = (faulty: string) => checkCel({ a: 'y', b: 1 }, schema, (path) => path[0] === faulty).length;
    expect([found('a'), found('b')]).toEqual([0, 1]);
  });
});
