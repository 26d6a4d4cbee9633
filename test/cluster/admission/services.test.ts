/** Services that would take the connections of Weir's own or of the cluster's DNS (CVE-2020-8554), on a real API server. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, ApiServer } from '../../conformance/api.ts';
import { type Document, render } from '../chart/tools.ts';
import { must } from './server.ts';

const READY_WITHIN_MS = 30_000;
const KEPT = [
  ['weir-system', 'weir', '10.96.7.7'],
  ['kube-system', 'kube-dns', '10.96.0.10'],
] as const;
const ELSEWHERE = '/api/v1/namespaces/attack/services';
let server: ApiServer;
let policy: Document;

beforeAll(async () => {
  server = await ApiServer.start();
  for (const name of ['weir-system', 'kube-system', 'attack']) await must(namespace(name));
  for (const [where, name, clusterIP] of KEPT) {
    await must(server.request('POST', `/api/v1/namespaces/${where}/services`, service(name, { clusterIP })));
  }
  const documents = (await render({})).filter(({ metadata: { name } }) => name.startsWith('weir-services'));
  policy = documents.find(({ kind }) => kind === 'ValidatingAdmissionPolicy') as Document;
  for (const document of documents) await must(put(document));
  await until(async () => (await make('10.96.7.7')).status === 403 && (await make('10.96.0.10')).status === 403);
});

afterAll(() => server?.stop());

const namespace = (name: string) =>
  server.apply(`/api/v1/namespaces/${name}`, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

const service = (name: string, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector: { app: 'x' }, ports: [{ port: 443 }], ...spec },
});

function put({ kind, apiVersion, metadata, ...rest }: Document): Promise<Answer> {
  const plural = kind.endsWith('y') ? 'validatingadmissionpolicies' : 'validatingadmissionpolicybindings';
  return server.apply(`/apis/${apiVersion}/${plural}/${metadata.name}`, { kind, apiVersion, metadata, ...rest });
}

const make = (...externalIPs: string[]): Promise<Answer> =>
  server.request('POST', `${ELSEWHERE}?dryRun=All`, service('s', { externalIPs }));

/** Parameters and policies are seen by and by. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + READY_WITHIN_MS; !(await isSo()); ) {
    if (Date.now() > end) throw new Error(`not so after ${READY_WITHIN_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe('external addresses', () => {
  it.each(KEPT)('refuse that of %s/%s', async (where, name, address) => {
    const { status, body } = await make('203.0.113.9', address);
    expect(body.message).toContain(`spec.externalIPs: ${address}: is the address of the Service ${where}/${name}`);
    expect(status).toBe(403);
  });

  it.each(['010.96.7.7', 'FD00::7', 'fd00::007', '::ffff:10.96.7.7'])('refuse the spelling %s', async (address) => {
    const { status, body } = await make(address);
    expect(body.message).toMatch(/spec\.externalIPs: .*(?:cannot be compared|Invalid value)/);
    expect(status).toBeGreaterThanOrEqual(400);
  });

  it.each([['203.0.113.9'], ['203.0.113.9', '198.51.100.1'], ['2001:db8::7'], ['fd00:0:0:0:0:0:0:7'], ['::1:2']])(
    'admit %s',
    async (...addresses) => {
      await must(make(...addresses));
    },
  );

  it('refuse it later, and in the status', async () => {
    await must(server.request('POST', ELSEWHERE, service('late', { type: 'LoadBalancer' })));
    const { body } = await must(server.request('GET', `${ELSEWHERE}/late`));
    const spec = { ...(body.spec as object), externalIPs: ['10.96.7.7'] };
    const late = await server.request('PUT', `${ELSEWHERE}/late?dryRun=All`, { ...body, spec });
    expect(late.body.message).toContain('10.96.7.7: is the address of');
    const inStatus = (ip: string) => ({ ...body, status: { loadBalancer: { ingress: [{ ip, ipMode: 'VIP' }] } } });
    await must(server.request('PUT', `${ELSEWHERE}/late/status?dryRun=All`, inStatus('203.0.113.9')));
    const balanced = await server.request('PUT', `${ELSEWHERE}/late/status?dryRun=All`, inStatus('10.96.0.10'));
    expect(balanced.body.message).toContain('10.96.0.10: is the address of the Service kube-system/kube-dns');
  });

  it('compare IPv6 addresses however they are shortened', async () => {
    // The lab has no IPv6 ClusterIPs: in their place, one in the policy's text.
    const text = JSON.stringify(policy);
    const kept = 'params.spec.?clusterIPs.orValue([])';
    expect(text).toContain(kept);
    await must(put(JSON.parse(text.replaceAll(kept, "['fd00:10:0:96::7']")) as Document));
    await until(async () => (await make('10.96.7.7')).status === 201);
    for (const address of ['fd00:10:0:96::7', 'fd00:10:0:96:0:0:0:7', 'fd00:10::96:0:0:0:7']) {
      expect((await make(address)).body.message, address).toContain(`${address}: is the address of`);
    }
    for (const address of ['fd00:10:0:96::8', 'fd00:10::96:0:0:7', '::7']) await must(make(address));
    await must(put(policy));
    await until(async () => (await make('10.96.7.7')).status === 403);
  });

  it('what was there stays, so that a Service can end', async () => {
    await must(server.request('DELETE', `/api/v1/namespaces/kube-system/services/kube-dns`));
    await until(async () => (await make('10.96.0.10')).status === 201);
    const finalizers = ['acme.dev/wait'];
    const old = service('old', { externalIPs: ['10.96.0.10'] });
    await must(server.request('POST', ELSEWHERE, { ...old, metadata: { ...old.metadata, finalizers } }));
    const dns = service('kube-dns', { clusterIP: '10.96.0.10' });
    await must(server.request('POST', '/api/v1/namespaces/kube-system/services', dns));
    await until(async () => (await make('10.96.0.10')).status === 403);
    await must(server.request('DELETE', `${ELSEWHERE}/old`));
    const { body } = await must(server.request('GET', `${ELSEWHERE}/old`));
    const metadata = { ...(body.metadata as object), finalizers: [] };
    await must(server.request('PUT', `${ELSEWHERE}/old`, { ...body, metadata }));
  });
});
