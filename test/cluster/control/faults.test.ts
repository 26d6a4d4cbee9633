/** What happens to a control plane: two replicas at once, authorities that follow each other, an API server that dies, an end. */
import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PolicyAnswer } from '../../../crds/control.ts';
import { pemBlocks } from '../../../sidecar/tls/pem.ts';
import { DEFAULT_LIFETIMES } from '../../../webhook/certificates/rotation.ts';
import { createServing, createSigner } from '../../../webhook/certificates/sign.ts';
import type { Document } from '../chart/tools.ts';
import { ask, eventually } from './ask.ts';
import { Lab, stuck } from './lab.ts';

const rule = (host: string) => ({ egress: [{ name: 'r', to: { hosts: [host] } }] });
const SECOND = { name: 'weir-1', port: 8444, healthPort: 8081 };

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.start();
});
afterEach(() => lab?.stop());

async function waitingPod(): Promise<{ token: string; ca: string; hash: string }> {
  await lab.namespace('ci', { 'weir.dev/inject': 'enabled' });
  await lab.policy('ci', 'web', rule('a.acme.dev'));
  const ca = await eventually(async () => (await lab.bundle('ci')) || undefined, 5000, 'the ConfigMap');
  const { metadata } = await lab.pod('ci', 'web');
  const token = await lab.token('ci', 'web', metadata.uid);
  const { body } = await ask(lab.socket(443), { path: '/v1/policy', token, ca });
  return { token, ca, hash: (JSON.parse(body) as PolicyAnswer).policy.hash };
}

test('two replicas that start together have one authority, and one of them leads', async () => {
  const replicas = await Promise.all([lab.replica(), lab.replica(SECOND)]);
  const { token, ca } = await waitingPod();
  expect(ca.match(/BEGIN/g)?.length).toBe(1);
  for (const port of [443, 8444]) {
    expect((await ask(lab.socket(port), { path: '/v1/policy', token, ca })).status).toBe(200);
  }
  const led = async () => (await Promise.all(replicas.map((one) => one.metric('weir_leader')))).sort();
  await eventually(async () => ((await led()).join() === '0,1' ? true : undefined), 10_000, 'a leader');
});

test('authorities follow each other while requests flow, and none fails; a namespace that cannot be written does not hold them up', async () => {
  const certificates = { caLifetime: '36s', leafLifetime: '6s', publishFor: '2s', clockSkew: '5s' };
  await Promise.all([
    lab.replica({ settings: { certificates } }),
    lab.replica({ ...SECOND, settings: { certificates } }),
  ]);
  const { token } = await waitingPod();
  await stuck(lab, 'cannot');
  const authorities = new Set<string>();
  const failures: string[] = [];
  let pods = 0;
  const end = Date.now() + 60_000;
  while (Date.now() < end) {
    // As a sidecar and as the API server see it: each with what was published to it a moment ago.
    const ca = await lab.bundle('ci');
    for (const block of pemBlocks(ca)) {
      authorities.add(new X509Certificate(block.pem).fingerprint256);
    }
    await sleep(300);
    for (const port of [443, 8444]) {
      const asked = ask(lab.socket(port), { path: '/v1/policy', token, ca });
      const status = await asked.then((answer) => answer.status).catch((error: Error) => error.message);
      if (status !== 200) failures.push(`${port}: ${status}`);
    }
    await lab.pod('ci', `dry-${pods++}`, {}, true).catch((error: Error) => failures.push(error.message));
  }
  console.log(`${authorities.size} authorities in 60 s, ${pods} pods admitted`);
  expect(failures).toEqual([]);
  expect(authorities.size).toBeGreaterThanOrEqual(3);
}, 120_000);

test('an API server that is killed and comes back is followed again', async () => {
  const replica = await lab.replica();
  const { token, ca, hash } = await waitingPod();
  const waiting = ask(lab.socket(443), { path: `/v1/policy?have=${hash}`, token, ca });
  const restart = await lab.killApiServer();
  // What is known goes on being told; a token that was reviewed a moment ago is still good.
  await sleep(2000);
  expect((await ask(lab.socket(443), { path: '/v1/policy', token, ca })).status).toBe(200);
  await restart();
  await lab.policy('ci', 'web', rule('after.acme.dev'));
  const edited = performance.now();
  const answer = await waiting;
  // A poll that ended meanwhile is asked again, as a sidecar does.
  const { body } =
    answer.status === 200 ? answer : await ask(lab.socket(443), { path: `/v1/policy?have=${hash}`, token, ca });
  console.log(`heard ${(performance.now() - edited).toFixed(0)} ms after the edit`);
  expect(body).toContain('after.acme.dev');
  expect(replica.log).toContain('watch failed');
  await expect(replica.metric('weir_synced')).resolves.toBe(1);
});

test('with certificates of another, the path is written all the same, and the caBundle is not', async () => {
  const now = Date.now();
  const signer = createSigner(now, DEFAULT_LIFETIMES);
  const { certificate, key } = createServing('weir.weir-system.svc', signer, now, DEFAULT_LIFETIMES);
  const files = { 'tls.crt': certificate, 'tls.key': key, 'ca.crt': signer.certificate };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(lab.directory, name), text);
  // As its injector does.
  for (const document of lab.webhooks) {
    const { webhooks, ...rest } = structuredClone(document) as Document & { webhooks: { clientConfig: object }[] };
    const caBundle = Buffer.from(signer.certificate).toString('base64');
    const written = webhooks.map((each) => ({ ...each, clientConfig: { ...each.clientConfig, caBundle } }));
    await lab.put({ ...rest, webhooks: written });
  }
  await lab.replica({
    settings: { certificates: { mode: 'CertManager' } },
    env: { WEIR_TLS_DIR: lab.directory },
  });
  const { token, ca } = await waitingPod();
  expect(ca).toBe(signer.certificate);
  expect((await ask(lab.socket(443), { path: '/v1/policy', token, ca })).status).toBe(200);
  const managers = await lab.api.kubectl(
    'get',
    'validatingwebhookconfiguration/weir',
    '--show-managed-fields',
    '-o',
    'jsonpath={.metadata.managedFields[?(@.manager=="weir-ca")].fieldsV1}',
  );
  expect([managers.includes('f:path'), managers.includes('f:caBundle')]).toEqual([true, false]);
});

test('a replica that is told to end says so at once, goes on answering, lets sidecars go, and ends', async () => {
  const replica = await lab.replica({ settings: { drainSeconds: 7 } });
  const { token, ca, hash } = await waitingPod();
  const waiting = ask(lab.socket(443), { path: `/v1/policy?have=${hash}`, token, ca });
  await eventually(
    async () => ((await replica.metric('weir_waiting_sidecars')) === 1 ? true : undefined),
    5000,
    'a wait',
  );
  replica.terminate();
  await eventually(async () => ((await replica.get('/readyz')) === 'draining\n' ? true : undefined), 1000, 'not ready');
  const pod = (await lab.pod('ci', 'late')) as { spec?: { initContainers?: { name: string }[] } };
  expect(pod.spec?.initContainers?.[1]?.name).toBe('weir');
  const answer = await waiting;
  expect([answer.status, answer.headers['retry-after'], answer.headers.connection]).toEqual([503, '0', 'close']);
  const again = await ask(lab.socket(443), { path: `/v1/policy?have=${hash}`, token, ca });
  expect([again.status, again.headers.connection]).toEqual([503, 'close']);
  await replica.ended();
  expect(replica.exitCode).toBe(0);
});
