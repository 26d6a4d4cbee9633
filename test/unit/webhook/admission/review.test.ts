/** Reviews in and out. */
import { describe, expect, it } from 'vitest';
import { NO_POD_FIELDS } from '../../../../crds/injected.ts';
import {
  type AccessQuestion,
  type AdmissionDeps,
  type AdmissionRequest,
  mutateReview,
  validateReview,
} from '../../../../webhook/admission/index.ts';
import { inject } from '../../../../webhook/admission/mutate.ts';
import type { Operation } from '../../../../webhook/admission/patch.ts';
import type { Pod } from '../../../../webhook/admission/pod.ts';
import { applyPatch } from './apply.ts';
import { SETTINGS } from './settings.ts';

const POD: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { generateName: 'web-', labels: { stage: 'build', colour: 'red' } },
  spec: { containers: [{ name: 'app', image: 'node:24' }] },
};
const INJECTED = inject(POD, SETTINGS, NO_POD_FIELDS).pod;

const deps = (more: Partial<AdmissionDeps> = {}): AdmissionDeps => ({
  settings: SETTINGS,
  podFields: () => NO_POD_FIELDS,
  podSelectors: () => [{ matchLabels: { stage: 'build' } }, undefined],
  subjectAccessReview: async () => false,
  ...more,
});

const review = (request: Partial<AdmissionRequest>) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'u1',
    resource: { group: '', version: 'v1', resource: 'pods' },
    namespace: 'ci',
    operation: 'CREATE' as const,
    userInfo: { username: 'alice', groups: ['builders'] },
    ...request,
  },
});

const relabelled = (labels: Record<string, string>): Pod => ({
  ...INJECTED,
  metadata: { ...INJECTED.metadata, labels: { ...INJECTED.metadata?.labels, ...labels } },
});
const message = async (request: Partial<AdmissionRequest>, more: Partial<AdmissionDeps> = {}) =>
  (await validateReview(review(request), deps(more))).response.status?.message;

describe('mutateReview', () => {
  it('answers with a patch that makes the injected pod', () => {
    const asked: unknown[] = [];
    const podFields = (...question: unknown[]) => {
      asked.push(question);
      return NO_POD_FIELDS;
    };
    const { apiVersion, kind, response } = mutateReview(review({ object: POD }), deps({ podFields }));
    expect({ apiVersion, kind }).toEqual({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' });
    expect(response).toMatchObject({ uid: 'u1', allowed: true, patchType: 'JSONPatch' });
    const patch = JSON.parse(Buffer.from(response.patch ?? '', 'base64').toString()) as Operation[];
    expect(applyPatch(POD, patch)).toEqual(INJECTED);
    expect(asked).toEqual([['ci', { stage: 'build', colour: 'red' }]]);
  });

  it('has no patch for a pod that is right', () => {
    expect(mutateReview(review({ object: INJECTED }), deps()).response).toEqual({ uid: 'u1', allowed: true });
  });

  it('refuses with the field and the fix', () => {
    const object = { ...POD, spec: { containers: [{ name: 'weir', image: 'a' }] } };
    expect(mutateReview(review({ object }), deps()).response).toEqual({
      uid: 'u1',
      allowed: false,
      status: {
        code: 403,
        message: 'spec.containers{weir}.name: the name is reserved for Weir (weir and weir-*); choose another',
        reason: 'Forbidden',
      },
    });
  });

  it('makes no pod before the policies are known', async () => {
    const unknown = deps({ podFields: () => undefined });
    expect(mutateReview(review({ object: POD }), unknown).response).toMatchObject({
      allowed: false,
      status: { code: 503 },
    });
    const { response } = await validateReview(review({ object: INJECTED }), unknown);
    expect(response).toMatchObject({ allowed: false, status: { code: 503 } });
  });

  it('leaves its own namespace and other resources alone', () => {
    for (const request of [
      { object: POD, namespace: 'weir-system' },
      { object: POD, resource: { group: 'acme.dev', version: 'v1', resource: 'pods' } },
      { object: POD, operation: 'UPDATE' as const, oldObject: POD },
      { object: {}, subResource: 'binding' },
    ]) {
      expect(mutateReview(review(request), deps()).response).toEqual({ uid: 'u1', allowed: true });
    }
  });

  it('tells the author what is kept, and no more than a few lines', () => {
    const env = [{ name: 'SSL_CERT_FILE', value: '/x' }];
    const containers = Array.from({ length: 12 }, (_, i) => ({ name: `c${i}`, image: 'a', env }));
    const { warnings } = mutateReview(review({ object: { ...POD, spec: { containers } } }), deps()).response;
    expect(warnings).toHaveLength(8);
    expect(warnings?.[0]).toContain('spec.containers{c0}.env: SSL_CERT_FILE');
  });

  it('throws without a request', () => {
    expect(() => mutateReview({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' }, deps())).toThrow(
      RangeError,
    );
  });
});

describe('validateReview', () => {
  it('admits what was injected, and names every fault of what was not', async () => {
    expect((await validateReview(review({ object: INJECTED }), deps())).response).toEqual({ uid: 'u1', allowed: true });
    const { response } = await validateReview(
      review({ object: { ...POD, spec: { ...POD.spec, hostPID: true } } }),
      deps(),
    );
    expect(response.status?.message).toMatch(
      /metadata\.labels\{weir\.dev\/injected\}: .*; spec\.hostPID: .*; spec\.initContainers: /,
    );
    expect(response.auditAnnotations?.refused).toContain('spec.hostPID');
  });

  it('tells a bounded number of faults', async () => {
    const containers = Array.from({ length: 40 }, (_, i) => ({ name: `c${i}`, image: 'a' }));
    const text = await message({ object: { ...INJECTED, spec: { ...INJECTED.spec, containers } } });
    expect(text?.split('; ')).toHaveLength(2 * 32 + 1);
    expect(text).toMatch(/; and 8 more$/);
  });

  it('holds the labels that policies select by, and lets go of others', async () => {
    const request = { operation: 'UPDATE' as const, oldObject: INJECTED };
    expect(await message({ ...request, object: relabelled({ colour: 'blue' }) })).toBeUndefined();
    expect(await message({ ...request, object: relabelled({ stage: 'x' }) })).toMatch(/^metadata\.labels\{stage\}: /);
    // Not known which: all.
    const unknown = { podSelectors: () => undefined };
    expect(await message({ ...request, object: relabelled({ colour: 'blue' }) }, unknown)).toMatch(/\{colour\}/);
    const expressions = {
      podSelectors: () => [{ matchExpressions: [{ key: 'colour', operator: 'Exists' as const }] }],
    };
    expect(await message({ ...request, object: relabelled({ colour: 'blue' }) }, expressions)).toMatch(/\{colour\}/);
  });

  it('lets controllers of Kubernetes and the control plane label', async () => {
    const request = { operation: 'UPDATE' as const, oldObject: INJECTED, object: relabelled({ stage: 'x' }) };
    for (const username of ['system:serviceaccount:kube-system:statefulset-controller', SETTINGS.user]) {
      expect(await message({ ...request, userInfo: { username } })).toBeUndefined();
    }
  });

  it('lets a pod that is older than the label live, but not pretend', async () => {
    const other = (more: object) => ({ ...POD, metadata: { ...POD.metadata, ...more } });
    const request = { operation: 'UPDATE' as const, oldObject: POD };
    expect(await message({ ...request, object: other({ labels: {}, finalizers: ['a/b'] }) })).toBeUndefined();
    expect(await message({ ...request, object: other({ labels: { 'weir.dev/injected': 'true' } }) })).toMatch(
      /leave it$/,
    );
  });

  it('lets an injected pod end under stricter settings', async () => {
    const old = { ...INJECTED, spec: { ...INJECTED.spec, runtimeClassName: 'gvisor' } } as Pod;
    const ending = { ...old, metadata: { ...old.metadata, finalizers: [] } };
    expect(await message({ operation: 'UPDATE', oldObject: old, object: ending })).toBeUndefined();
    expect(await message({ operation: 'DELETE', oldObject: old })).toBeUndefined();
    const changed = { ...old, spec: { ...old.spec, activeDeadlineSeconds: 1 } };
    expect(await message({ operation: 'UPDATE', oldObject: old, object: changed })).toMatch(
      /^spec\.runtimeClassName: /,
    );
  });

  it('takes what the settings list', async () => {
    const [app] = INJECTED.spec?.containers ?? [];
    const spec = {
      ...INJECTED.spec,
      hostUsers: false,
      runtimeClassName: 'gvisor',
      dnsPolicy: 'None',
      dnsConfig: { nameservers: ['10.1.2.3', 'fd00::53'] },
      securityContext: { ...INJECTED.spec?.securityContext, sysctls: [{ name: 'kernel.shm_rmid_forced', value: '1' }] },
      containers: [{ ...app, resources: { limits: { 'nvidia.com/gpu': '1' } } }],
    };
    const object = { ...INJECTED, spec };
    expect((await message({ object }))?.split('; ').map((part) => part.split(': ')[0])).toEqual(
      expect.arrayContaining([
        'spec.hostUsers',
        'spec.runtimeClassName',
        'spec.dnsPolicy',
        'spec.dnsConfig.nameservers',
        'spec.securityContext.sysctls{kernel.shm_rmid_forced}',
      ]),
    );
    const guard = {
      ...SETTINGS.guard,
      allowedFields: ['spec.hostUsers', 'spec.containers.resources.limits.nvidia.com/gpu'],
      allowedRuntimeClasses: ['gvisor'],
      allowedSysctls: ['kernel.shm_rmid_forced'],
      allowedNameservers: ['10.1.2.3', 'fd00::53'],
    };
    expect(await message({ object }, { settings: { ...SETTINGS, guard } })).toBeUndefined();
    const none = { ...object, spec: { ...spec, dnsConfig: {} } };
    expect(await message({ object: none }, { settings: { ...SETTINGS, guard } })).toMatch(/^spec\.dnsPolicy: /);
  });

  it('finds what another webhook undid of the policy', async () => {
    const podFields = () => ({ maskedPaths: ['/root/.ssh'], serviceAccountToken: 'Remove' as const });
    const volumes = [
      ...(INJECTED.spec?.volumes ?? []),
      { name: 't', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } },
    ];
    const object = { ...INJECTED, spec: { ...INJECTED.spec, volumes } };
    const text = await message({ object }, { podFields });
    expect(text).toMatch(/^spec\.containers\{app\}\.volumeMounts: \/root\/\.ssh is not masked/);
    expect(text).toContain('spec.volumes{t}: holds a token');
  });

  it('asks who may take a namespace from under the guard', async () => {
    const asked: AccessQuestion[] = [];
    const request = {
      resource: { group: '', version: 'v1', resource: 'namespaces' },
      namespace: 'ci',
      name: 'ci',
      operation: 'UPDATE' as const,
      oldObject: { metadata: { labels: { 'weir.dev/inject': 'enabled' } } },
      object: { metadata: {} },
    };
    const subjectAccessReview = async (question: AccessQuestion) => {
      asked.push(question);
      return true;
    };
    const { response } = await validateReview(review(request), deps({ subjectAccessReview }));
    expect(response).toMatchObject({
      allowed: true,
      auditAnnotations: { 'opt-out': 'alice took ci from under the guard' },
    });
    expect(response.warnings).toHaveLength(1);
    expect(asked).toEqual([
      {
        user: { username: 'alice', groups: ['builders'] },
        verb: 'opt-out',
        group: 'weir.dev',
        resource: 'namespaces',
        name: 'ci',
      },
    ]);
    expect(await message(request)).toMatch(/^metadata\.labels\{weir\.dev\/inject\}: must stay enabled: alice may not/);
    expect(await message({ ...request, object: request.oldObject })).toBeUndefined();
    expect(await message({ ...request, oldObject: { metadata: {} } })).toBeUndefined();
  });

  it('does not guard its own namespace, nor what it was not asked about', async () => {
    expect(await message({ object: POD, namespace: 'weir-system' })).toBeUndefined();
    expect(
      await message({ object: {}, resource: { group: 'apps', version: 'v1', resource: 'deployments' } }),
    ).toBeUndefined();
  });
});
