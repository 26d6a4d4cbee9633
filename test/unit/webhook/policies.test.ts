import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { PolicyAnswer } from '../../../crds/control.ts';
import type { ClusterEgressPolicy, EgressPolicy } from '../../../crds/types.generated.ts';
import { DETECTOR_NAMES } from '../../../sidecar/inspect/detectors/names.ts';
import { inject } from '../../../webhook/admission/mutate.ts';
import { DEFAULT_GUARD } from '../../../webhook/admission/settings.ts';
import { policyAtAdmission } from '../../../webhook/policies/at-admission.ts';
import { MAX_ENTRIES, PolicyBook } from '../../../webhook/policies/book.ts';
import { COALESCE_MS, EVERYWHERE, onPolicyChanges } from '../../../webhook/policies/changes.ts';
import { isPolicyRequest, reviewPolicy } from '../../../webhook/policies/review.ts';
import { Tally } from '../../../webhook/status/tally.ts';
import { injectedBy } from '../../../webhook/watch/injected.ts';
import {
  type ClusterPolicy,
  type NamespaceItem,
  type OwnPolicy,
  type PodItem,
  trimNamespace,
  trimPod,
  trimPolicy,
} from '../../../webhook/watch/objects.ts';
import { Store } from '../../../webhook/watch/store.ts';

const view = {
  namespaces: new Store<NamespaceItem>(),
  policies: new Store<OwnPolicy>(),
  clusterPolicies: new Store<ClusterPolicy>(),
  pods: new Store<PodItem>(),
};
let generation = 0;
function policy(name: string, spec: object, status?: object): void {
  const metadata = { name, namespace: 'ci', uid: `uid-${name}`, generation };
  const object = { apiVersion: 'weir.dev/v1alpha1', kind: 'EgressPolicy', metadata, spec, status };
  view.policies.put(trimPolicy<EgressPolicy>(object as never) as OwnPolicy);
}
function clusterPolicy(name: string, spec: object): void {
  const metadata = { name, uid: `uid-${name}`, generation };
  const object = { apiVersion: 'weir.dev/v1alpha1', kind: 'ClusterEgressPolicy', metadata, spec };
  view.clusterPolicies.put(trimPolicy<ClusterEgressPolicy>(object as never) as ClusterPolicy);
}
function namespace(labels: Record<string, string>): void {
  view.namespaces.put(trimNamespace({ metadata: { name: 'ci', uid: 'ns', labels } }) as NamespaceItem);
}
const rule = (host: string) => ({ egress: [{ name: 'r', to: { hosts: [host] } }] });

beforeEach(() => {
  generation++;
  for (const store of Object.values(view)) store.replace([]);
  namespace({ team: 'a' });
});

describe('PolicyBook', () => {
  it('compiles once for all pods that the same policies select', () => {
    let compiled = 0;
    const book = new PolicyBook(view, (compile) => {
      compiled++;
      return compile();
    });
    policy('all', rule('a.acme.dev'));
    policy('build', { podSelector: { matchLabels: { stage: 'build' } }, ...rule('b.acme.dev') });
    const plain = book.entryFor('ci', { x: '1' });
    expect(book.entryFor('ci', { x: '2' })).toBe(plain);
    const build = book.entryFor('ci', { stage: 'build' });
    expect([plain.compiled.policy.rules.length, build.compiled.policy.rules.length, compiled]).toEqual([1, 2, 2]);
    const { policy: sent, life } = JSON.parse(build.body('Later').toString()) as PolicyAnswer;
    expect([sent.hash, life]).toEqual([build.hash, 'Later']);
    expect(build.body('Later')).toBe(build.body('Later'));
  });

  it('goes by generation, not by status, and takes the namespace into account', () => {
    const book = new PolicyBook(view);
    policy('all', rule('a.acme.dev'));
    clusterPolicy('shared', { namespaceSelector: { matchLabels: { team: 'b' } }, ...rule('c.acme.dev') });
    const before = book.entryFor('ci', {});
    policy('all', rule('a.acme.dev'), { conditions: [] });
    expect(book.entryFor('ci', {})).toBe(before);
    namespace({ team: 'b' });
    expect(book.entryFor('ci', {}).compiled.policy.rules.map(({ id }) => id)).toEqual(['cluster:shared/r', 'all/r']);
    generation++;
    policy('all', rule('z.acme.dev'));
    expect(book.entryFor('ci', {}).hash).not.toBe(before.hash);
  });

  it('keeps at most MAX_ENTRIES', () => {
    const book = new PolicyBook(view);
    for (let i = 0; i <= MAX_ENTRIES; i++) {
      generation++;
      policy('all', { egress: [] });
      book.entryFor('ci', {});
    }
    expect(book.size).toBe(MAX_ENTRIES);
  });
});

describe('onPolicyChanges', () => {
  it('tells once of what changes together, and not of statuses', () => {
    vi.useFakeTimers();
    try {
      const told: string[][] = [];
      onPolicyChanges(view, (namespaces) => told.push([...namespaces]));
      policy('a', rule('a.acme.dev'));
      policy('b', rule('b.acme.dev'));
      vi.advanceTimersByTime(COALESCE_MS);
      policy('b', rule('b.acme.dev'), { conditions: [] });
      vi.advanceTimersByTime(COALESCE_MS);
      clusterPolicy('c', rule('c.acme.dev'));
      policy('d', rule('d.acme.dev'));
      vi.advanceTimersByTime(COALESCE_MS);
      expect(told).toEqual([['ci'], [EVERYWHERE]]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('what a pod took at admission', () => {
  const settings = {
    imageRepository: 'weir',
    image: 'weir:1',
    pullPolicy: 'Never',
    sidecarResources: {},
    initResources: {},
    controlPlane: 'https://10.0.0.1:443',
    controlName: 'weir.weir-system.svc',
    namespace: 'weir-system',
    user: 'u',
    guard: DEFAULT_GUARD,
  } as const;

  it('is what the watch makes of the pod and the policies, until they change', () => {
    const book = new PolicyBook(view);
    policy('all', { pod: { maskedPaths: ['/root/.aws'] }, ...rule('a.acme.dev') });
    const secrets = [{ name: 'T', valueFrom: { secretKeyRef: { name: 'npm', key: 'token' } } }];
    const spec = { containers: [{ name: 'app', image: 'x', env: secrets }], imagePullSecrets: [{ name: 'pull' }] };
    const { maskedPaths, serviceAccountToken } = book.entryFor('ci', {}).podFields;
    const { pod } = inject({ metadata: { name: 'web', namespace: 'ci', uid: 'u' }, spec }, settings, {
      maskedPaths,
      serviceAccountToken,
    });
    const seen = trimPod(pod, injectedBy(settings)) as PodItem;
    expect([seen.isInjected, seen.holdsAuthorities]).toEqual([true, false]);
    expect(seen.secrets).toEqual({ all: ['npm', 'pull'], held: ['npm'] });
    expect(seen.atAdmission).toBe(policyAtAdmission(book.entryFor('ci', {}).podFields, seen.secrets));

    const tally = new Tally(book);
    const id = `uid-all/${generation}`;
    tally.count('ci', [seen]);
    expect(tally.of(id)).toEqual({ matched: 1, stale: [], dropped: [] });
    policy('also', { pod: { serviceAccountToken: 'Remove' }, ...rule('b.acme.dev') });
    tally.count('ci', [seen, { ...seen, name: 'ended', isEnding: true }]);
    expect(tally.of(id)).toEqual({ matched: 1, stale: ['ci/web'], dropped: [] });
    tally.count('ci', []);
    expect(tally.of(id).matched).toBe(0);
  });
});

describe('reviewPolicy', () => {
  const review = (spec: object, more: object = {}) => {
    const object = {
      apiVersion: 'weir.dev/v1alpha1',
      kind: 'EgressPolicy',
      metadata: { name: 'web', namespace: 'ci', managedFields: [{}] },
      spec,
      status: {},
    };
    const resource = { group: 'weir.dev', version: 'v1alpha1', resource: 'egresspolicies' };
    const request = { uid: '7', resource, operation: 'CREATE', userInfo: {}, object, ...more } as const;
    return reviewPolicy(request as never, DETECTOR_NAMES, view);
  };

  it('lets a valid one in, and says what is wrong with another at its field', () => {
    expect(isPolicyRequest({ resource: { group: 'weir.dev' } } as never)).toBe(true);
    expect(review(rule('a.acme.dev'))).toEqual({ uid: '7', allowed: true });
    const refused = review({
      egress: [{ name: 'r', to: { hosts: ['*.com'] } }],
      content: { detectors: { disabled: ['nope'] } },
    });
    expect(refused).toMatchObject({ uid: '7', allowed: false, status: { code: 422, reason: 'Invalid' } });
    expect(refused.status?.message).toMatch(
      /spec\.egress\[0\]\.to\.hosts\[0\]: .*; spec\.content\.detectors\.disabled\[0\]: /,
    );
  });

  it('makes warnings of what `weir check` warns of, and of what a constraint takes away', () => {
    expect(review(rule('*.github.io')).warnings?.[0]).toContain('spec.egress[0].to.hosts[0]');
    clusterPolicy('floor', { constraints: { allowedHosts: ['*.acme.dev'] } });
    expect(review(rule('other.example.com'))).toEqual({
      uid: '7',
      allowed: true,
      warnings: [
        'rule r will not be in force: the cluster does not allow all of "other.example.com" (cluster:floor, allowedHosts)',
      ],
    });
  });

  it('does not hold up what leaves the text as it is, nor what is no change of it', () => {
    const spec = rule('*.com');
    expect(review(spec, { operation: 'UPDATE', oldObject: { spec } }).allowed).toBe(true);
    expect(review(spec, { operation: 'UPDATE', oldObject: { spec: rule('*.org') } }).allowed).toBe(false);
    expect(review(spec, { operation: 'DELETE' }).allowed).toBe(true);
  });
});
