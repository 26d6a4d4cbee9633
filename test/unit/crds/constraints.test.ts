/** What a ClusterEgressPolicy adds to a pod's policies, and what it takes away. */
import { describe, expect, it } from 'vitest';
import { compile, compileAll } from '../../../crds/compile.ts';
import { parseDocuments } from '../../../crds/document.ts';
import type { ClusterEgressPolicy, EgressPolicy } from '../../../crds/types.generated.ts';

const DETECTORS = ['jwt', 'npm-token'];

function read(kind: 'EgressPolicy' | 'ClusterEgressPolicy', name: string, spec: string) {
  const metadata = kind === 'EgressPolicy' ? `{name: ${name}, namespace: ci}` : `{name: ${name}}`;
  const text = `apiVersion: weir.dev/v1alpha1\nkind: ${kind}\nmetadata: ${metadata}\nspec: ${spec}\n`;
  const found = parseDocuments(text, 'test.yaml', DETECTORS);
  expect(found.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  return found;
}
const policy = (name: string, spec: string): EgressPolicy => {
  const [found] = read('EgressPolicy', name, spec).policies;
  if (!found) throw new Error('no policy');
  return found;
};
const cluster = (name: string, spec: string): ClusterEgressPolicy => {
  const [found] = read('ClusterEgressPolicy', name, spec).clusterPolicies;
  if (!found) throw new Error('no policy');
  return found;
};
const constrained = (rule: string, constraints: string) => {
  const { policy: compiled, dropped } = compileAll([policy('web', `{egress: [{name: r, ${rule}}]}`)], undefined, {
    clusterPolicies: [cluster('floor', `{constraints: ${constraints}}`)],
  });
  const [first] = dropped;
  return first ? `${first.constraint.field}: ${first.reason}` : JSON.stringify(compiled.rules[0]?.limits);
};
const to = (hosts: string) => `to: {hosts: [${hosts}]}`;

describe('a constraint', () => {
  it.each<[string, string, string]>([
    [to('a.dev'), '{allowedHosts: [a.dev]}', '{}'],
    [to('A.dev'), '{allowedHosts: ["a.DEV."]}', '{}'],
    [to('b.a.dev, a.dev'), '{allowedHosts: ["*.a.dev", a.dev]}', '{}'],
    [to('"*.b.a.dev"'), '{allowedHosts: ["*.a.dev"]}', '{}'],
    [to('"*.a.dev"'), '{allowedHosts: ["*.a.dev"]}', '{}'],
    [to('a.dev'), '{allowedHosts: ["*.a.dev"]}', 'allowedHosts: the cluster does not allow all of "a.dev"'],
    [to('"*.a.dev"'), '{allowedHosts: [b.a.dev]}', 'allowedHosts: the cluster does not allow all of "*.a.dev"'],
    [to('"*.a.dev"'), '{allowedHosts: [a.dev]}', 'allowedHosts: the cluster does not allow all of "*.a.dev"'],
    [to('xa.dev'), '{allowedHosts: ["*.a.dev"]}', 'allowedHosts: the cluster does not allow all of "xa.dev"'],
    [to('b.a.dev, c.dev'), '{allowedHosts: ["*.a.dev"]}', 'allowedHosts: the cluster does not allow all of "c.dev"'],
    [
      'preset: {name: git-fetch}',
      '{allowedHosts: [a.dev]}',
      'allowedHosts: the cluster does not allow all of "github.com"',
    ],
    [to('b.dev'), '{deniedHosts: [a.dev]}', '{}'],
    [to('a.dev'), '{deniedHosts: ["*.a.dev"]}', '{}'],
    [to('b.dev, a.dev'), '{deniedHosts: [a.dev]}', 'deniedHosts: the cluster denies "a.dev"'],
    [
      to('b.a.dev'),
      '{deniedHosts: ["*.a.dev"]}',
      'deniedHosts: the cluster denies "*.a.dev", which "b.a.dev" overlaps',
    ],
    [
      to('"*.a.dev"'),
      '{deniedHosts: [b.a.dev]}',
      'deniedHosts: the cluster denies "b.a.dev", which "*.a.dev" overlaps',
    ],
    [to('a.dev'), '{allowedProtocols: [HTTPS]}', '{}'],
    [
      `protocol: HTTP, ${to('a.dev')}`,
      '{allowedProtocols: [HTTPS]}',
      'allowedProtocols: the cluster allows HTTPS, not HTTP',
    ],
    [to('a.dev'), '{allowedAddressScopes: [Public]}', '{}'],
    [
      'to: {hosts: [a.dev], addressScope: Private}',
      '{allowedAddressScopes: [Public]}',
      'allowedAddressScopes: the cluster allows Public addresses, not Private',
    ],
    [to('a.dev'), '{maxLimits: {uploadSize: 1Ki, requests: 5}}', '{"requests":5,"uploadSize":1024}'],
    [
      `${to('a.dev')}, limits: {uploadSize: 10, requests: 9}`,
      '{maxLimits: {uploadSize: 1Ki, requests: 5}}',
      '{"requests":5,"uploadSize":10}',
    ],
    [
      `${to('a.dev')}, limits: {newTextSize: 1Ki}`,
      '{maxLimits: {newTextSize: 64, uploadSize: 5}}',
      '{"newTextSize":64,"uploadSize":5}',
    ],
    [`${to('a.dev')}, limits: {uploadSize: 10}`, '{maxLimits: {requests: 5}}', '{"requests":5,"uploadSize":10}'],
  ])('%s under %s: %s', (rule, constraints, expected) => {
    expect(constrained(rule, constraints)).toBe(expected);
  });

  it('says which rule of which policy it took away, and leaves the others', () => {
    const { policy: compiled, dropped } = compileAll(
      [policy('web', `{egress: [{name: bad, ${to('x.dev')}}, {name: good, ${to('a.dev')}}]}`)],
      undefined,
      { clusterPolicies: [cluster('floor', '{constraints: {deniedHosts: [x.dev]}}')] },
    );
    expect(compiled.rules.map(({ id }) => id)).toEqual(['web/good']);
    expect(dropped).toEqual([
      {
        origin: { kind: 'EgressPolicy', namespace: 'ci', policy: 'web', rule: 'bad' },
        constraint: { policy: 'cluster:floor', field: 'deniedHosts' },
        reason: 'the cluster denies "x.dev"',
      },
    ]);
  });

  it('holds with those of other policies: the least of the limits, within every list of hosts', () => {
    const clusterPolicies = [
      cluster('one', '{constraints: {allowedHosts: ["*.a.dev"], maxLimits: {requests: 7}}}'),
      cluster('two', '{constraints: {allowedHosts: ["*.b.a.dev"], maxLimits: {requests: 3}}}'),
    ];
    const rules = `{egress: [{name: in, ${to('c.b.a.dev')}}, {name: out, ${to('c.a.dev')}}]}`;
    const { policy: compiled, dropped } = compileAll([policy('web', rules)], undefined, { clusterPolicies });
    expect(compiled.rules.map(({ id, limits }) => [id, limits])).toEqual([['web/in', { requests: 3 }]]);
    expect(dropped.map(({ constraint }) => constraint.policy)).toEqual(['cluster:two']);
  });

  it('is for every rule, those of ClusterEgressPolicies too', () => {
    const clusterPolicies = [
      cluster('allows', `{egress: [{name: r, ${to('x.dev')}}]}`),
      cluster('denies', '{constraints: {deniedHosts: [x.dev]}}'),
    ];
    expect(compileAll([], {}, { clusterPolicies })).toMatchObject({
      policy: { rules: [], policies: ['cluster:allows'] },
      dropped: [{ origin: { kind: 'ClusterEgressPolicy', namespace: '', policy: 'allows', rule: 'r' } }],
    });
  });

  it('turns Audit into Enforce, and never Enforce into Audit', () => {
    const floor = (modes: string) => ({
      clusterPolicies: [cluster('floor', `{constraints: {allowedModes: ${modes}}}`)],
    });
    const audit = policy('web', '{mode: Audit}');
    expect(compile([audit], {}, floor('[Enforce, Audit]')).mode).toBe('Audit');
    expect(compile([policy('web', '{}')], {}, floor('[Enforce, Audit]')).mode).toBe('Enforce');
    const { policy: compiled, dropped } = compileAll([audit], {}, floor('[Enforce]'));
    expect(compiled.mode).toBe('Enforce');
    expect(dropped).toEqual([
      {
        origin: { kind: 'EgressPolicy', namespace: 'ci', policy: 'web' },
        constraint: { policy: 'cluster:floor', field: 'allowedModes' },
        reason: 'the cluster allows Enforce alone, so the policy is enforced',
      },
    ]);
  });

  it('lets no EgressPolicy raise the count of refusals under TightenOnly', () => {
    const own = (count: number) => [policy('web', `{content: {maxRefusals: ${count}}}`)];
    const strict = cluster('strict', '{constraints: {content: TightenOnly}}');
    const raised = cluster('raised', '{content: {maxRefusals: 30}}');
    const refusals = (count: number, ...clusterPolicies: ReturnType<typeof cluster>[]) =>
      compile(own(count), {}, { clusterPolicies }).content.maxRefusals;
    expect(refusals(100)).toBe(100);
    expect(refusals(100, strict)).toBe(20);
    expect(refusals(5, strict)).toBe(5);
    expect(refusals(100, strict, raised)).toBe(30);
    expect(compileAll(own(100), {}, { clusterPolicies: [strict] }).dropped).toMatchObject([
      { origin: { policy: 'web' }, constraint: { field: 'content' } },
    ]);
    expect(compileAll(own(5), {}, { clusterPolicies: [strict] }).dropped).toEqual([]);
  });

  it('takes no exceptions of EgressPolicies under TightenOnly, and still those of the platform', () => {
    const content = (detector: string) =>
      `content: {detectors: {disabled: [${detector}]}, homeHosts: [{detector: jwt, hosts: [${detector}.dev]}], suppressions: [{detector: jwt, rule: r}]}`;
    const rule = `egress: [{name: r, ${to('a.dev')}}]`;
    const own = [policy('web', `{${rule}, ${content('jwt')}}`)];
    const free = cluster('free', `{${rule}, ${content('jwt')}}`);
    const strict = cluster('strict', '{constraints: {content: TightenOnly}}');
    expect(compile(own, {}, { clusterPolicies: [free] }).content).toEqual({
      disabledDetectors: ['jwt'],
      homeHosts: [{ detector: 'jwt', hosts: [{ name: 'jwt.dev', wildcard: false }] }],
      knownSecrets: { source: 'PodSecrets', minLength: 12, exclude: [] },
      maxRefusals: 20,
      patterns: [],
      suppressions: [
        { detector: 'jwt', rule: 'cluster:free/r' },
        { detector: 'jwt', rule: 'web/r' },
      ],
    });
    const { policy: compiled, dropped } = compileAll(own, {}, { clusterPolicies: [free, strict] });
    expect(compiled.content).toMatchObject({
      disabledDetectors: ['jwt'],
      suppressions: [{ detector: 'jwt', rule: 'cluster:free/r' }],
    });
    expect(dropped).toMatchObject([
      { origin: { policy: 'web' }, constraint: { policy: 'cluster:strict', field: 'content' } },
    ]);
    expect(compile(own, {}, { clusterPolicies: [strict] }).content).toEqual({
      disabledDetectors: [],
      homeHosts: [],
      knownSecrets: { source: 'PodSecrets', minLength: 12, exclude: [] },
      maxRefusals: 20,
      patterns: [],
      suppressions: [],
    });
  });

  it('admits nothing when it is not valid itself', () => {
    const broken = cluster('floor', '{constraints: {deniedHosts: [x.dev]}}');
    if (broken.spec.constraints) broken.spec.constraints.deniedHosts = ['*'];
    const own = [policy('web', `{egress: [{name: r, ${to('a.dev')}}]}`)];
    expect(compileAll(own, {}, { clusterPolicies: [broken] })).toMatchObject({
      policy: { rules: [] },
      dropped: [{ constraint: { field: 'constraints' } }],
    });
  });
});

describe('a ClusterEgressPolicy', () => {
  const shared = cluster(
    'shared',
    `{namespaceSelector: {matchLabels: {tier: ci}}, podSelector: {matchLabels: {stage: build}}, egress: [{name: r, ${to('a.dev')}}]}`,
  );
  const ids = (podLabels: Record<string, string> | undefined, namespaceLabels?: Record<string, string>) =>
    compile([], podLabels, { clusterPolicies: [shared], ...(namespaceLabels && { namespaceLabels }) }).rules.map(
      ({ id }) => id,
    );

  it('is for pods by their namespace and their own labels; without labels, for all', () => {
    expect(ids({ stage: 'build' }, { tier: 'ci' })).toEqual(['cluster:shared/r']);
    expect(ids({ stage: 'build' }, { tier: 'prod' })).toEqual([]);
    expect(ids({ stage: 'test' }, { tier: 'ci' })).toEqual([]);
    expect(ids(undefined)).toEqual(['cluster:shared/r']);
  });

  it('comes first, under a name that no EgressPolicy can take from it', () => {
    const rule = `egress: [{name: r, ${to('a.dev')}}]`;
    const own = [policy('a', `{${rule}}`), policy('shared', `{${rule}}`)];
    const compiled = compile(own, undefined, { clusterPolicies: [shared] });
    expect(compiled.rules.map(({ id }) => id)).toEqual(['cluster:shared/r', 'a/r', 'shared/r']);
    expect(compiled.policies).toEqual(['cluster:shared', 'ci/a', 'ci/shared']);
    expect(compiled.rules[0]?.origin).toEqual({
      kind: 'ClusterEgressPolicy',
      namespace: '',
      policy: 'shared',
      rule: 'r',
    });
  });

  it('is no policy for a pod when it only constrains: nothing applies, and that is said', () => {
    const floor = cluster('floor', '{constraints: {deniedHosts: [x.dev]}}');
    expect(compile([], {}, { clusterPolicies: [floor] }).policies).toEqual([]);
  });

  it('sets the mode of no pod', () => {
    const clusterPolicies = [shared];
    expect(compile([policy('web', '{mode: Audit}')], undefined, { clusterPolicies }).mode).toBe('Audit');
    expect(compile([], undefined, { clusterPolicies }).mode).toBe('Enforce');
  });

  it('tightens look-ups as an EgressPolicy does', () => {
    const strict = cluster('strict', '{dns: {budget: 10, denied: NXDomain, queryTypes: [A]}}');
    expect(compile([policy('web', '{dns: {budget: 500}}')], {}, { clusterPolicies: [strict] }).dns).toEqual({
      budget: 10,
      denied: 'NXDomain',
      queryTypes: ['A'],
    });
  });

  it('is given once', () => {
    expect(() => compile([], undefined, { clusterPolicies: [shared, shared] })).toThrow(
      new RangeError('two policies are named cluster:shared'),
    );
  });

  it('is in no namespace', () => {
    const text =
      'apiVersion: weir.dev/v1alpha1\nkind: ClusterEgressPolicy\nmetadata: {name: a, namespace: ci}\nspec: {mode: Audit}\n';
    expect(parseDocuments(text, 'a.yaml', []).problems).toMatchObject([
      { path: 'metadata.namespace', message: 'a ClusterEgressPolicy is in no namespace', code: 'semantic' },
      { path: 'spec.mode', message: 'unknown field', code: 'schema' },
    ]);
  });
});
