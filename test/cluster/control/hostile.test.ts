/** Who can reach the control plane, or writes in a namespace before it is labelled, against it. */
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type {
  EventsV1Event,
  V1ConfigMap,
  V1Pod,
  V1ValidatingWebhook,
  V1ValidatingWebhookConfiguration,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HANDSHAKE_MS, MAX_REVIEW_BYTES } from '../../../webhook/server/api.ts';
import type { Document } from '../chart/tools.ts';
import { ask, eventually } from './ask.ts';
import { Lab, stuck } from './lab.ts';
import type { Replica } from './replica.ts';

const LABEL = { 'weir.dev/inject': 'enabled' };
const KINDS = { mutate: 'mutatingwebhookconfigurations', validate: 'validatingwebhookconfigurations' } as const;

let lab: Lab;
let replica: Replica;
let ca: string;

const post = (path: string, body: unknown) => ask(lab.socket(443), { path, body, ca });
const mapPath = (namespace: string) => `/api/v1/namespaces/${namespace}/configmaps/weir-ca`;
const mapOf = (namespace: string) => lab.client.call<V1ConfigMap>('GET', mapPath(namespace));

async function clientConfigs(webhook: keyof typeof KINDS): Promise<V1ValidatingWebhook['clientConfig'][]> {
  const path = `/apis/admissionregistration.k8s.io/v1/${KINDS[webhook]}/weir`;
  const { webhooks = [] } = await lab.client.call<V1ValidatingWebhookConfiguration>('GET', path);
  return webhooks.map(({ clientConfig }) => clientConfig);
}
const pathOf = async (webhook: keyof typeof KINDS) => (await clientConfigs(webhook))[0]?.service?.path ?? '';

function review(namespace: string, object: object, more: object = {}) {
  const resource = { group: '', version: 'v1', resource: 'pods' };
  const request = {
    uid: 'u',
    userInfo: { username: 'system:admin' },
    operation: 'CREATE',
    namespace,
    resource,
    object,
  };
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: { ...request, ...more } };
}

async function events(reason: string, name: string): Promise<EventsV1Event[]> {
  const { items } = await lab.client.call<{ items: EventsV1Event[] }>('GET', '/apis/events.k8s.io/v1/events');
  return items.filter((event) => event.reason === reason && event.regarding?.name === name);
}

beforeAll(async () => {
  lab = await Lab.start();
  replica = await lab.replica();
  await lab.namespace('ci', LABEL);
  ca = await eventually(async () => (await lab.bundle('ci')) || undefined, 5000, 'the ConfigMap');
  await lab.pod('ci', 'first');
});

afterAll(() => lab?.stop());

describe('admission', () => {
  const pod = { metadata: { name: 'x' }, spec: { containers: [{ name: 'a', image: 'i' }] } };

  test('answers on the path of the configuration alone, whatever else the caller knows', async () => {
    for (const webhook of ['mutate', 'validate'] as const) {
      const path = await pathOf(webhook);
      expect(path).toMatch(new RegExp(`^/${webhook}/[0-9a-f]{64}$`));
      expect((await post(path, review('ci', pod))).status).toBe(200);
      const other = webhook === 'mutate' ? path.replace('mutate', 'validate') : path.replace('validate', 'mutate');
      for (const wrong of [
        `/${webhook}`,
        `/${webhook}/`,
        `/${webhook}/x`,
        path.slice(0, -1),
        `${path}A`,
        `${path}/`,
        other,
      ]) {
        const { status, body } = await post(wrong, review('ci', pod));
        expect([status, body], wrong).toEqual([404, '{"error":"there is no such path"}']);
      }
      expect(replica.log).not.toContain(path.split('/')[2]);
    }
  });

  test('does not read the body of a stranger, and not too much of the API server', async () => {
    const containers = Array.from({ length: 400_000 }, (_, i) => ({ name: `c${i}` }));
    const large = review('ci', { spec: { containers } });
    const before = replica.usage();
    // The connection may go before the answer is read: the rest of the body is on its way.
    const statuses = await Promise.all(
      ['/mutate', '/validate', '/mutate/x', '/v1/reports'].map((path) =>
        post(path, large).then(
          ({ status }) => status,
          () => 0,
        ),
      ),
    );
    for (const status of statuses) expect([0, 401, 404]).toContain(status);
    expect([0, 413]).toContain(
      await post(await pathOf('mutate'), large).then(
        ({ status }) => status,
        () => 0,
      ),
    );
    const after = replica.usage();
    expect(after.rss - before.rss).toBeLessThan(64e6);
    expect(after.cpu - before.cpu).toBeLessThan(1);
    const small = review('ci', { ...pod, metadata: { name: 'x', annotations: { a: 'x'.repeat(MAX_REVIEW_BYTES) } } });
    expect([0, 413]).toContain(
      await post(await pathOf('mutate'), small).then(
        ({ status }) => status,
        () => 0,
      ),
    );
    await lab.pod('ci', 'still-made');
  });

  test('a review of as many containers as fit is answered soon', async () => {
    const containers = Array.from({ length: 100_000 }, (_, i) => ({ name: `c${i}` }));
    for (const webhook of ['mutate', 'validate'] as const) {
      const { took, status } = await post(await pathOf(webhook), review('ci', { spec: { containers } }));
      console.log(`${webhook} of 100,000 containers: ${status} after ${took.toFixed(0)} ms`);
      expect(took).toBeLessThan(4000);
    }
    await lab.pod('ci', 'made-after');
  });

  test('the paths stay when the chart is applied again, either way, and come back when they are taken', async () => {
    // Time makes another of it: here it is told from none and from that of the other configuration.
    const isPath = (webhook: string) => new RegExp(`^/${webhook}/[0-9a-f]{64}$`);
    const file = join(lab.directory, 'webhooks.json');
    for (const timeoutSeconds of [5, 6, 5]) {
      for (const document of lab.webhooks) {
        const changed = structuredClone(document) as Document & { webhooks: { timeoutSeconds: number }[] };
        for (const webhook of changed.webhooks) webhook.timeoutSeconds = timeoutSeconds;
        // As helm 4 does, and as kubectl and helm 3 do.
        await lab.put(changed);
        writeFileSync(file, JSON.stringify(changed));
        await lab.api.kubectl('apply', '-f', file);
      }
      for (const webhook of ['mutate', 'validate'] as const) {
        for (const { caBundle, service } of await clientConfigs(webhook)) {
          expect(service?.path).toMatch(isPath(webhook));
          expect(Buffer.from(caBundle ?? '', 'base64').toString()).toBe(ca);
        }
      }
    }
    const configuration = `/apis/admissionregistration.k8s.io/v1/${KINDS.mutate}/weir`;
    const patch = [{ op: 'remove', path: '/webhooks/0/clientConfig/service/path' }];
    await lab.client.call('PATCH', configuration, { body: patch, contentType: 'application/json-patch+json' });
    await eventually(async () => (isPath('mutate').test(await pathOf('mutate')) ? true : undefined), 5000, 'the path');
    await lab.pod('ci', 'made-again');
  });

  test('who connects and says nothing is let go', async () => {
    const socket = connect(lab.socket(443));
    const began = performance.now();
    await new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve));
    expect(performance.now() - began).toBeLessThan(HANDSHAKE_MS + 3000);
    expect(await replica.metric('weir_connections{kind="admission"}')).toBeGreaterThan(0);
  });
});

describe('the authorities of a namespace', () => {
  const theirs = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'weir-ca' } };
  test.each([
    ['immutable', { data: { 'ca.crt': 'theirs' }, immutable: true }],
    ['binary', { binaryData: { 'ca.crt': 'dGhlaXJz' } }],
    ['of-more-keys', { data: { 'ca.crt': 'theirs', 'upstream.crt': 'theirs' } }],
    [
      'that-stay',
      { metadata: { name: 'weir-ca', finalizers: ['example.com/stay'] }, data: { 'ca.crt': 'x' }, immutable: true },
    ],
  ])('made before the label, %s: are replaced by ours, before any pod is made', async (name, map) => {
    const namespace = `before-${name}`;
    await lab.namespace(namespace, {});
    await lab.client.call('POST', `/api/v1/namespaces/${namespace}/configmaps`, { body: { ...theirs, ...map } });
    await lab.namespace(namespace, LABEL);
    await lab.pod(namespace, 'web');
    const { data, binaryData, immutable, metadata } = await mapOf(namespace);
    expect({ data, binaryData, immutable, finalizers: metadata?.finalizers }).toEqual({ data: { 'ca.crt': ca } });
  });

  test('that cannot be written: no pod is made, and it is told', async () => {
    await stuck(lab, 'cannot');
    await expect(lab.pod('cannot', 'web')).rejects.toThrow(/is being prepared .* try again/);
    expect(await replica.metric('weir_unprepared_namespaces')).toBe(1);
    expect(replica.log).toContain('authority not published');
    await lab.namespace('cannot', { ...LABEL, stuck: 'no' });
    await eventually(async () => await lab.pod('cannot', 'web'), 40_000, 'a pod');
  });

  test('are remembered by nodes while an older pod refers to them: no pod is made until it is gone', async () => {
    await lab.namespace('held', {});
    const volumes = [{ name: 'v', configMap: { name: 'weir-ca' } }];
    const spec = { containers: [{ name: 'app', image: 'x' }], volumes };
    const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'holder' }, spec };
    await lab.client.call('POST', '/api/v1/namespaces/held/pods', { body });
    await lab.namespace('held', LABEL);
    await expect(lab.pod('held', 'web')).rejects.toThrow(/delete them first: holder/);
    await lab.client.call('DELETE', '/api/v1/namespaces/held/pods/holder', { query: { gracePeriodSeconds: '0' } });
    await eventually(async () => await lab.pod('held', 'web'), 5000, 'a pod');
  });
});

test('a pod that looks injected is told of, gets no policy, and nobody gets into it', async () => {
  await lab.namespace('masked', {});
  const always = { image: 'x', restartPolicy: 'Always' };
  const body: V1Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'disguised',
      labels: { 'weir.dev/injected': 'true' },
      annotations: { 'weir.dev/injected': '1' },
    },
    spec: {
      initContainers: [
        { name: 'weir-init', image: 'x' },
        { name: 'weir', ...always },
      ],
      containers: [{ name: 'a', image: 'x' }],
    },
  };
  const made = await lab.client.call<V1Pod>('POST', '/api/v1/namespaces/masked/pods', { body });
  await lab.namespace('masked', LABEL);
  const told = async () => ((await events('NotInjected', 'disguised')).length > 0 ? true : undefined);
  await eventually(told, 20_000, 'NotInjected');
  const token = await lab.token('masked', 'disguised', made.metadata?.uid ?? '');
  expect((await ask(lab.socket(443), { path: '/v1/policy', token, ca })).status).toBe(403);
  const exec = (namespace: string, pod: string, container: string) =>
    lab.client.call(
      'POST',
      `/api/v1/namespaces/${namespace}/pods/${pod}/exec?container=${container}&command=sh&stdout=true`,
    );
  await expect(exec('masked', 'disguised', 'a')).rejects.toThrow(/is a pod without Weir in a guarded namespace/);
  // Nothing runs here: one that is as it should be gets as far as its node.
  await expect(exec('ci', 'first', 'app')).rejects.toThrow(/does not have a host assigned/);
});

test('the control plane may write what is named weir-ca and weir-admission, and no other', async () => {
  const can = async (verb: string, resource: string, namespace: string) => {
    const as = '--as=system:serviceaccount:weir-system:weir';
    const run = lab.api.kubectl('auth', 'can-i', verb, resource, '-n', namespace, as);
    return (await run.catch((error: Error) => error.message)).includes('yes');
  };
  for (const verb of ['create', 'delete', 'patch']) {
    expect([verb, await can(verb, 'configmaps/weir-ca', 'ci'), await can(verb, 'configmaps/other', 'ci')]).toEqual([
      verb,
      true,
      false,
    ]);
  }
  expect(await can('create', 'secrets/weir-admission', 'weir-system')).toBe(true);
  expect(await can('create', 'secrets/other', 'weir-system')).toBe(false);
  expect(await can('create', 'secrets/weir-admission', 'ci')).toBe(false);
});
