/** The webhook alone, without the ValidatingAdmissionPolicies, on a real API server: it refuses every case or makes it honest. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INIT_CONTAINER, NAMESPACE_LABEL, NAMESPACE_LABEL_VALUE, SIDECAR_CONTAINER } from '../../../crds/injected.ts';
import { type GuardRequest, judge } from '../../../webhook/admission/guard/judge.ts';
import type { Pod } from '../../../webhook/admission/pod.ts';
import type { ApiServer } from '../../conformance/api.ts';
import { Lab } from '../control/lab.ts';
import { HONEST, REFUSED, type Refused, SETTINGS, waiting } from './cases.ts';
import { must, NAMESPACE, prepare, send } from './server.ts';

const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;
const SEEN_WITHIN_MS = 10_000;
const directory = mkdtempSync(join(tmpdir(), 'weir-admission-'));
let lab: Lab;
let server: ApiServer;

beforeAll(async () => {
  lab = await Lab.start();
  server = lab.api;
  await prepare(server);
  await lab.replica();
  await lab.namespace(NAMESPACE, { [NAMESPACE_LABEL]: NAMESPACE_LABEL_VALUE });
  for (const { pod } of HONEST.values()) await must(server.request('POST', PODS, waiting(pod, NAMESPACE)));
  await lab.policy(NAMESPACE, 'build', { podSelector: { matchLabels: { stage: 'build' } }, egress: [] });
  await selectorIsKnown();
});

/** The replica sees the policy by and by: until a label that it selects by must stay. */
async function selectorIsKnown(): Promise<void> {
  const each = REFUSED.find(({ path }) => path === 'metadata.labels{stage}') as Refused;
  const end = Date.now() + SEEN_WITHIN_MS;
  while ((await send(server, each, directory)).status !== 403) {
    if (Date.now() > end) throw new Error(`the policy's selector is not known after ${SEEN_WITHIN_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

afterAll(async () => {
  rmSync(directory, { recursive: true });
  await lab?.stop();
});

/** What the guard finds in a pod, whose settings may be another control plane's. */
async function findings(pod: Pod): Promise<string[]> {
  const sidecar = pod.spec?.initContainers?.find(({ name }) => name === SIDECAR_CONTAINER);
  const controlPlane = sidecar?.env?.find(({ name }) => name === 'WEIR_CONTROL_PLANE')?.value ?? '';
  const request: GuardRequest = {
    operation: 'CREATE',
    resource: 'pods',
    namespace: NAMESPACE,
    name: '',
    user: '',
    groups: [],
    object: pod,
    oldObject: null,
  };
  const { refusals } = await judge(request, { settings: { ...SETTINGS, controlPlane }, mayOptOut: async () => false });
  return refusals.map(({ path }) => path);
}

describe('the webhook', () => {
  it.each([...HONEST.keys()])('injects and admits: %s', async (name) => {
    const { body } = await must(server.request('GET', `${PODS}/${name}`));
    const names = (body as Pod).spec?.initContainers?.map((container) => container.name);
    expect(names?.slice(0, 2)).toEqual([INIT_CONTAINER, SIDECAR_CONTAINER]);
    expect(await findings(body as Pod)).toEqual([]);
  });

  it.each(REFUSED.filter(({ repaired }) => !repaired))('refuses: $name', async (each) => {
    const { status, body } = await send(server, each, directory);
    expect(body.message).toMatch(/admission webhook ".*weir\.dev" denied the request/);
    expect(body.message).toContain(each.injectPath ?? each.webhookPath ?? each.path);
    expect(status).toBe(403);
  });

  it.each(REFUSED.filter(({ repaired }) => repaired))('makes it honest: $name', async (each) => {
    const { body } = await must(send(server, each, directory));
    expect(await findings(body as Pod)).toEqual([]);
  });
});
