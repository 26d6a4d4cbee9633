import { describe, expect, it } from 'vitest';
import { compile } from '../../../crds/compile.ts';
import { isExcluded, KNOWN_SECRET_DEFAULTS } from '../../../crds/known-secrets.ts';
import { compilePodFields } from '../../../crds/pod.ts';
import type {
  ClusterEgressPolicy,
  EgressPolicy,
  EgressPolicySpec,
  KnownSecrets,
} from '../../../crds/types.generated.ts';

const policy = (name: string, spec: EgressPolicySpec): EgressPolicy =>
  ({
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'EgressPolicy',
    metadata: { name, namespace: 'ci' },
    spec,
  }) as EgressPolicy;
const cluster = (name: string, spec: ClusterEgressPolicy['spec']): ClusterEgressPolicy =>
  ({ apiVersion: 'weir.dev/v1alpha1', kind: 'ClusterEgressPolicy', metadata: { name }, spec }) as ClusterEgressPolicy;

describe('compilePodFields', () => {
  const a = policy('a', { pod: { maskedPaths: ['/root/.ssh', '/root/.aws'], serviceAccountToken: 'Keep' } });
  const b = policy('b', { pod: { maskedPaths: ['/root/.aws/cache', '/root/.aw', '/opt'] } });
  const stage = { podSelector: { matchLabels: { stage: 'build' } } };

  it('adds masked paths up, without those under another', () => {
    const { maskedPaths, serviceAccountToken } = compilePodFields([b, a], {});
    expect(maskedPaths).toEqual(['/opt', '/root/.aw', '/root/.aws', '/root/.ssh']);
    expect(serviceAccountToken).toBe('Keep');
  });

  it('removes the token when one policy says so, of either kind', () => {
    const remove = { pod: { serviceAccountToken: 'Remove' } } as const;
    expect(compilePodFields([a, policy('r', remove)], {}).serviceAccountToken).toBe('Remove');
    const options = { clusterPolicies: [cluster('r', remove)] };
    expect(compilePodFields([a], {}, options).serviceAccountToken).toBe('Remove');
    const elsewhere = cluster('r', { ...remove, namespaceSelector: { matchLabels: { tier: 'prod' } } });
    const selection = { clusterPolicies: [elsewhere], namespaceLabels: { tier: 'ci' } };
    expect(compilePodFields([a], {}, selection).serviceAccountToken).toBe('Keep');
  });

  it('is of the policies that select the pod, and nothing without them', () => {
    const other = policy('o', { ...stage, pod: { maskedPaths: ['/x'], serviceAccountToken: 'Remove' } });
    expect(compilePodFields([other], { stage: 'test' })).toEqual(compilePodFields([], {}));
    expect(compilePodFields([], {})).toMatchObject({ maskedPaths: [], serviceAccountToken: 'Keep' });
    expect(compilePodFields([other], { stage: 'build' }).maskedPaths).toEqual(['/x']);
    expect(compilePodFields([other], undefined).maskedPaths).toEqual(['/x']);
  });

  it('has one hash for one outcome', () => {
    expect(compilePodFields([a, b], {}).hash).toBe(compilePodFields([b, a], {}).hash);
    expect(compilePodFields([a], {}).hash).not.toBe(compilePodFields([b], {}).hash);
    expect(compilePodFields([a], {}).hash).toMatch(/^[0-9a-f]{64}$/);
    const twice = policy('t', { pod: { maskedPaths: ['/root/.aws', '/root/.ssh'] } });
    expect(compilePodFields([a, twice], {}).hash).toBe(compilePodFields([a], {}).hash);
  });
});

describe('content.knownSecrets', () => {
  const rules = (own: (KnownSecrets | undefined)[], floor: KnownSecrets[] = [], constraints = {}) =>
    compile(
      own.map((known, i) => policy(`p${i}`, known ? { content: { knownSecrets: known } } : {})),
      {},
      {
        clusterPolicies: [
          ...floor.map((known, i) => cluster(`c${i}`, { content: { knownSecrets: known } })),
          cluster('constraints', { constraints }),
        ],
      },
    ).content.knownSecrets;
  const npm = (...keys: string[]): KnownSecrets => ({
    exclude: [{ secretName: 'npm', ...(keys.length > 0 && { keys }) }],
  });

  it('looks for everything unless something is said', () => {
    expect(rules([])).toEqual(KNOWN_SECRET_DEFAULTS);
    expect(rules([undefined])).toEqual(KNOWN_SECRET_DEFAULTS);
  });

  it('leaves out what every policy leaves out', () => {
    expect(rules([{ source: 'None' }])?.source).toBe('None');
    expect(rules([{ source: 'None' }, undefined])?.source).toBe('PodSecrets');
    expect(rules([{ minLength: 20 }, { minLength: 16 }])?.minLength).toBe(16);
    expect(rules([{ minLength: 20 }, undefined])?.minLength).toBe(12);
    expect(rules([{ minLength: 8 }, undefined])?.minLength).toBe(8);
    expect(rules([npm('b', 'a')])?.exclude).toEqual([{ secretName: 'npm', keys: ['a', 'b'] }]);
    expect(rules([npm('a', 'b'), npm('b', 'c')])?.exclude).toEqual([{ secretName: 'npm', keys: ['b'] }]);
    expect(rules([npm('a'), npm()])?.exclude).toEqual([{ secretName: 'npm', keys: ['a'] }]);
    expect(rules([npm(), npm()])?.exclude).toEqual([{ secretName: 'npm' }]);
    expect(rules([npm('a'), npm('b')])?.exclude).toEqual([]);
    expect(rules([npm('a'), undefined])?.exclude).toEqual([]);
  });

  it('takes a ClusterEgressPolicy as it takes another, where it says something', () => {
    expect(rules([npm('a', 'b')], [{ minLength: 8 }])).toEqual({
      source: 'PodSecrets',
      minLength: 8,
      exclude: [{ secretName: 'npm', keys: ['a', 'b'] }],
    });
    expect(rules([npm('a', 'b')], [npm('b')])?.exclude).toEqual([{ secretName: 'npm', keys: ['b'] }]);
    expect(rules([{ source: 'None' }], [{ source: 'PodSecrets' }])?.source).toBe('PodSecrets');
    expect(rules([{ source: 'None' }], [{ source: 'None' }])?.source).toBe('None');
  });

  it('under TightenOnly leaves out nothing that the cluster does not', () => {
    const strict = { content: 'TightenOnly' } as const;
    const loose: KnownSecrets = { source: 'None', minLength: 32, ...npm('a') };
    expect(rules([loose], [], strict)).toEqual(KNOWN_SECRET_DEFAULTS);
    expect(rules([{ minLength: 8 }], [], strict)?.minLength).toBe(8);
    expect(rules([loose], [loose], strict)).toEqual({
      source: 'None',
      minLength: 32,
      exclude: [{ secretName: 'npm', keys: ['a'] }],
    });
  });

  it('excludes by Secret, or by its keys', () => {
    const some = { ...KNOWN_SECRET_DEFAULTS, exclude: [{ secretName: 'npm', keys: ['a'] }, { secretName: 'all' }] };
    expect(isExcluded(some, 'npm', 'a')).toBe(true);
    expect(isExcluded(some, 'npm', 'b')).toBe(false);
    expect(isExcluded(some, 'all', 'b')).toBe(true);
    expect(isExcluded(some, 'al', 'a')).toBe(false);
  });
});
