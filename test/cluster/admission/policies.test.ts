/** The ValidatingAdmissionPolicies alone, without any webhook, on a real API server: they refuse every case. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NAMESPACE_LABEL, NAMESPACE_LABEL_VALUE } from '../../../crds/injected.ts';
import { ApiServer } from '../../conformance/api.ts';
import { type Document, render } from '../chart/tools.ts';
import { changed, HONEST, injected, REFUSED, type Refused } from './cases.ts';
import { must, NAMESPACE, prepare, send } from './server.ts';

const READY_WITHIN_MS = 30_000;
const directory = mkdtempSync(join(tmpdir(), 'weir-admission-'));
const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;
/** Which policy is for which operation. */
const POLICIES = {
  create: 'weir-pods',
  update: 'weir-changes',
  binding: 'weir-bindings',
  connect: 'weir-connections',
  token: 'weir-tokens',
  authorities: 'weir-authorities',
  namespace: 'weir-namespaces',
};
let server: ApiServer;
let documents: Document[];

beforeAll(async () => {
  server = await ApiServer.start();
  await prepare(server);
  const labels = { [NAMESPACE_LABEL]: NAMESPACE_LABEL_VALUE };
  const namespaced = `/api/v1/namespaces/${NAMESPACE}`;
  await must(server.apply(namespaced, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels } }));
  for (const [kind, plural, name] of [
    ['ServiceAccount', 'serviceaccounts', 'default'],
    ['ConfigMap', 'configmaps', 'weir-ca'],
  ]) {
    await must(server.apply(`${namespaced}/${plural}/${name}`, { apiVersion: 'v1', kind, metadata: { name } }));
  }
  for (const name of HONEST.keys()) await must(server.request('POST', PODS, injected(name, NAMESPACE)));
  documents = (await render({})).filter(({ kind }) => kind.startsWith('ValidatingAdmissionPolicy'));
  for (const document of documents) await put(document);
  await everyPolicyIsUp();
});

afterAll(async () => {
  rmSync(directory, { recursive: true });
  await server?.stop();
});

function put({ kind, apiVersion, metadata, ...rest }: Document) {
  const plural = kind.endsWith('y') ? 'validatingadmissionpolicies' : 'validatingadmissionpolicybindings';
  return must(server.apply(`/apis/${apiVersion}/${plural}/${metadata.name}`, { kind, apiVersion, metadata, ...rest }));
}

/** The API server compiles them by and by: until each has refused something. */
async function everyPolicyIsUp(): Promise<void> {
  const end = Date.now() + READY_WITHIN_MS;
  for (const [operation, policy] of Object.entries(POLICIES)) {
    const each = REFUSED.find((one) => (one.operation ?? 'create') === operation) as Refused;
    for (;;) {
      const { body } = await send(server, each, directory);
      if (body.message?.includes(`'${policy}'`)) break;
      if (Date.now() > end) throw new Error(`${policy} is not up after ${READY_WITHIN_MS} ms: ${body.message}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

describe('the ValidatingAdmissionPolicies', () => {
  it.each(REFUSED)('refuse: $name', async (each) => {
    const { status, body } = await send(server, each, directory);
    expect(body.message).toMatch(/ValidatingAdmissionPolicy 'weir-[a-z]+'.* denied request: /);
    expect(body.message).toContain(each.policyPath ?? each.path);
    expect(status).toBeGreaterThanOrEqual(400);
  });

  it.each([...HONEST.keys()])('admit: %s', async (name) => {
    const pod = injected(name, NAMESPACE);
    const again = { ...pod, metadata: { ...pod.metadata, name: `${name}-again` } };
    await must(server.request('POST', `${PODS}?dryRun=All`, again));
  });

  it('admit what is done to a pod that runs', async () => {
    const { body } = await must(server.request('GET', `${PODS}/job`));
    const dbg = {
      name: 'dbg',
      image: 'a',
      targetContainerName: 'app',
      securityContext: { capabilities: { drop: ['NET_RAW'] } },
    };
    const put = (part: string, set: Record<string, unknown>) =>
      must(server.request('PUT', `${PODS}/job${part}?dryRun=All`, changed(body, { set })));
    await put('', { '/spec/containers/0/image': 'golang:2' });
    await put('', { '/metadata/annotations/acme.dev~1note': 'x', '/metadata/finalizers': ['acme.dev/wait'] });
    await put('/status', { '/status/phase': 'Running' });
    await put('/ephemeralcontainers', { '/spec/ephemeralContainers': [dbg] });
    await put('/resize', {
      '/spec/containers/0/resources/limits/cpu': '1',
      '/spec/containers/0/resources/requests/cpu': '1',
    });
    await must(server.request('DELETE', `${PODS}/job?dryRun=All`));
  });

  it('let an administrator take the label off', async () => {
    const { body } = await must(server.request('GET', `/api/v1/namespaces/${NAMESPACE}`));
    const without = changed(body, { remove: ['/metadata/labels/weir.dev~1inject'] });
    await must(server.request('PUT', `/api/v1/namespaces/${NAMESPACE}?dryRun=All`, without));
  });

  it('judge the largest pod within their cost', async () => {
    const pod = injected('secrets', NAMESPACE);
    const [app] = pod.spec?.containers ?? [];
    const env = Array.from({ length: 200 }, (_, i) => ({ name: `V${i}`, value: 'x' }));
    const mounts = Array.from({ length: 50 }, (_, i) => ({ name: 'work', mountPath: `/work/${i}` }));
    const containers = Array.from({ length: 40 }, (_, i) => ({
      ...app,
      name: `app-${i}`,
      env: [...(app?.env ?? []), ...env],
      volumeMounts: [...(app?.volumeMounts ?? []), ...mounts],
    }));
    const volumes = [...(pod.spec?.volumes ?? []), { name: 'work', emptyDir: {} }];
    const large = { ...pod, metadata: { ...pod.metadata, name: 'large' }, spec: { ...pod.spec, containers, volumes } };
    await must(server.request('POST', `${PODS}?dryRun=All`, large));
  });
});

describe('with values', () => {
  it('take what the platform lists', async () => {
    const pod = changed(injected('plain', NAMESPACE), {
      set: {
        '/metadata/name': 'listed',
        '/spec/hostUsers': false,
        '/spec/runtimeClassName': 'admission-gvisor',
        '/spec/securityContext/sysctls': [{ name: 'kernel.shm_rmid_forced', value: '1' }],
        '/spec/containers/0/resources': { limits: { 'acme.dev/gpu': '1' }, requests: { 'acme.dev/gpu': '1' } },
      },
    });
    const { status } = await server.request('POST', `${PODS}?dryRun=All`, pod);
    expect(status).toBeGreaterThanOrEqual(400);
    const listed = await render({
      guard: {
        allowedRuntimeClasses: ['admission-gvisor'],
        allowedSysctls: ['kernel.shm_rmid_forced'],
        allowedFields: [
          'spec.hostUsers',
          'spec.containers.resources.limits.acme.dev/gpu',
          'spec.containers.resources.requests.acme.dev/gpu',
        ],
      },
    });
    for (const document of listed.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy')) await put(document);
    const end = Date.now() + READY_WITHIN_MS;
    for (;;) {
      const { status, body } = await server.request('POST', `${PODS}?dryRun=All`, pod);
      if (status === 201) break;
      if (Date.now() > end) throw new Error(`refused after ${READY_WITHIN_MS} ms: ${body.message}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
});
