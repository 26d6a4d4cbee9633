/** The ValidatingAdmissionPolicies alone, without any webhook, on a real API server: they refuse every case. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NAMESPACE_LABEL, NAMESPACE_LABEL_VALUE } from '../../../crds/injected.ts';
import { MAX_ENTRIES, MAX_PARTS } from '../../../webhook/admission/bounds.ts';
import type { Pod, PodSpec } from '../../../webhook/admission/pod.ts';
import { ApiServer } from '../../conformance/api.ts';
import { type Document, render } from '../chart/tools.ts';
import { changed, HONEST, injected, REFUSED, type Refused, withStatuses } from './cases.ts';
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
    const put = async (part: string, set: Record<string, unknown>) => {
      const { body } = await must(server.request('GET', `${PODS}/job`));
      await must(server.request('PUT', `${PODS}/job${part}?dryRun=All`, changed(body, { set })));
    };
    await put('', { '/spec/containers/0/image': 'golang:2' });
    await put('', { '/metadata/annotations/acme.dev~1note': 'x', '/metadata/finalizers': ['acme.dev/wait'] });
    await put('/status', { '/status/phase': 'Running' });
    await must(server.request('PUT', `${PODS}/job/status`, withStatuses(body as Pod)));
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
    const mounts = Array.from({ length: 50 }, (_, i) => ({ name: 'work', mountPath: `/data/${i}` }));
    const many = (each: number) => Array.from({ length: each }, (_, i) => ({ name: `V${i}`, value: 'x' }));
    const containers = Array.from({ length: 40 }, (_, i) => ({
      ...app,
      name: `app-${i}`,
      env: [] as { name: string; value: string }[],
      volumeMounts: [...(app?.volumeMounts ?? []), ...mounts],
    }));
    const volumes = [...(pod.spec?.volumes ?? []), { name: 'work', emptyDir: {} }];
    const spec = { ...pod.spec, containers, volumes, automountServiceAccountToken: false } as PodSpec;
    const large = { ...pod, metadata: { ...pod.metadata, name: 'large' }, spec };
    const left = MAX_ENTRIES - entriesOf(spec);
    for (const [i, container] of containers.entries()) container.env = many(i === 0 ? left - 39 * 180 : 180);
    expect(entriesOf(spec)).toBe(MAX_ENTRIES);
    await must(server.request('POST', `${PODS}?dryRun=All`, large));
    containers[0]?.env.push({ name: 'ONE_MORE', value: 'x' });
    const { body } = await server.request('POST', `${PODS}?dryRun=All`, large);
    expect(body.message).toContain(`spec: has ${MAX_ENTRIES + 1} variables, mounts, ports and sources`);
  });

  it('refuse a pod of too many volumes, and tell nothing else of it', async () => {
    const pod = injected('plain', NAMESPACE);
    const volumes = Array.from({ length: MAX_PARTS }, (_, i) => ({ name: `v${i}`, hostPath: { path: '/' } }));
    const all = [...(pod.spec?.volumes ?? []), ...volumes];
    const { body } = await server.request('POST', `${PODS}?dryRun=All`, {
      ...pod,
      spec: { ...pod.spec, volumes: all },
    });
    expect(body.message).toMatch(
      /denied request: spec: has 1[0-9]{3} containers and volumes, and 1000 is the most; split the pod$/,
    );
  });
});

function entriesOf(spec: PodSpec): number {
  const lists = [...(spec.initContainers ?? []), ...spec.containers].map(
    ({ env = [], envFrom = [], ports = [], volumeMounts = [] }) =>
      env.length + envFrom.length + ports.length + volumeMounts.length,
  );
  const sources = (spec.volumes ?? []).map(({ projected }) => projected?.sources?.length ?? 0);
  return [...lists, ...sources].reduce((sum, each) => sum + each, 0);
}

describe('with values', () => {
  it('take what the platform lists', async () => {
    const pod = changed(injected('plain', NAMESPACE), {
      set: {
        '/metadata/name': 'listed',
        '/spec/hostUsers': false,
        '/spec/initContainers/0/image': 'old.acme.dev/weir:0.0.9',
        '/spec/initContainers/1/image': 'old.acme.dev/weir:0.0.9',
        '/spec/runtimeClassName': 'admission-gvisor',
        '/spec/dnsPolicy': 'None',
        '/spec/dnsConfig': { nameservers: ['10.1.2.3', 'fd00::53'] },
        '/spec/securityContext/sysctls': [{ name: 'kernel.shm_rmid_forced', value: '1' }],
        '/spec/containers/0/resources': { limits: { 'acme.dev/gpu': '1' }, requests: { 'acme.dev/gpu': '1' } },
      },
    });
    const { status } = await server.request('POST', `${PODS}?dryRun=All`, pod);
    expect(status).toBeGreaterThanOrEqual(400);
    const listed = await render({
      guard: {
        formerRepositories: ['older.acme.dev/weir', 'old.acme.dev/weir'],
        allowedRuntimeClasses: ['admission-gvisor'],
        allowedSysctls: ['kernel.shm_rmid_forced'],
        allowedNameservers: ['10.1.2.3', 'fd00::53', 'fd00::54'],
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
