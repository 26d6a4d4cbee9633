/** The control plane as its clients see it: the API server, sidecars, people who read statuses and Events. */
import type { EventsV1Event, V1MutatingWebhookConfiguration } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAX_REPORT_BYTES, type PolicyAnswer } from '../../../crds/control.ts';
import type { Event } from '../../../crds/runtime.ts';
import type { EgressPolicy } from '../../../crds/types.generated.ts';
import { ask, eventually } from './ask.ts';
import { Lab } from './lab.ts';
import type { Replica } from './replica.ts';

const rule = (host: string) => ({ egress: [{ name: 'r', to: { hosts: [host] } }] });
const EVENT: Event = {
  time: '2026-01-01T00:00:00.000Z',
  id: '0123456789abcdef',
  action: 'deny',
  layer: 'dns',
  reason: 'dns.name',
  host: 'evil.example.com',
};

let lab: Lab;
let replica: Replica;
let ca: string;
let pod: { uid: string; token: string };
let number = 0;

const get = (path: string, token?: string) => ask(lab.socket(443), { path, ca, ...(token !== undefined && { token }) });
const report = (token: string, body: unknown) => ask(lab.socket(443), { path: '/v1/reports', token, body, ca });

async function injected(name = `pod-${++number}`, labels: Record<string, string> = {}) {
  const { metadata } = await lab.pod('ci', name, labels);
  return { name, uid: metadata.uid, token: await lab.token('ci', name, metadata.uid) };
}

async function events(reason: string, name: string): Promise<EventsV1Event[]> {
  const { items } = await lab.client.call<{ items: EventsV1Event[] }>('GET', '/apis/events.k8s.io/v1/events');
  return items.filter((event) => event.reason === reason && event.regarding?.name === name);
}

beforeAll(async () => {
  lab = await Lab.start();
  replica = await lab.replica();
  await lab.namespace('ci', { 'weir.dev/inject': 'enabled' });
  ca = await eventually(async () => (await lab.bundle('ci')) || undefined, 5000, 'the ConfigMap');
  await lab.policy('ci', 'web', rule('a.acme.dev'));
  pod = await injected('first');
});

afterAll(() => lab?.stop());

describe('policies', () => {
  test('a sidecar gets the policy of its own pod, and only with the token of one', async () => {
    const { status, body } = await get('/v1/policy', pod.token);
    expect(status).toBe(200);
    const answer = JSON.parse(body) as PolicyAnswer;
    expect(answer).toMatchObject({ schema: 1, life: 'First', policy: { policies: ['ci/web'] } });

    expect((await get('/v1/policy')).status).toBe(401);
    expect((await get('/v1/policy', await lab.token('ci', 'first', pod.uid, 'other'))).status).toBe(401);
    expect((await get('/v1/policy', `${pod.token.slice(0, -8)}AAAAAAAA`)).status).toBe(401);
    expect((await get('/v1/policy?have=x', pod.token)).status).toBe(400);
    await lab.namespace('plain', {});
    const bare = await lab.pod('plain', 'bare', { 'weir.dev/injected': 'true' });
    expect((await get('/v1/policy', await lab.token('plain', 'bare', bare.metadata.uid))).status).toBe(403);
  });

  test('a change reaches who waits in less than a second, and only whom it is for', async () => {
    const hash = async () => (JSON.parse((await get('/v1/policy', pod.token)).body) as PolicyAnswer).policy.hash;
    const times: number[] = [];
    for (let i = 0; i < 20; i++) {
      const waiting = get(`/v1/policy?have=${await hash()}`, pod.token);
      await eventually(
        async () => ((await replica.metric('weir_waiting_sidecars')) === 1 ? true : undefined),
        5000,
        'a wait',
      );
      await lab.policy('ci', 'other', { podSelector: { matchLabels: { not: 'this' } }, ...rule(`o${i}.acme.dev`) });
      const edited = performance.now();
      await lab.policy('ci', 'web', rule(`b${i}.acme.dev`));
      const { status, body } = await waiting;
      times.push(performance.now() - edited);
      expect([status, body.includes(`b${i}.acme.dev`)]).toEqual([200, true]);
    }
    times.sort((a, b) => a - b);
    console.log(`an edit reaches a waiting sidecar: p50 ${times[9]?.toFixed(0)} ms, p95 ${times[18]?.toFixed(0)} ms`);
    expect(times[18]).toBeLessThan(1000);
  });

  test('labels count as the API server has them, at once', async () => {
    await lab.policy('ci', 'stage', { podSelector: { matchLabels: { stage: 'x' } }, ...rule('stage.acme.dev') });
    const one = await injected('labelled', { stage: 'x' });
    expect((await get('/v1/policy', one.token)).body).toContain('stage.acme.dev');
    expect((await get('/v1/policy', pod.token)).body).not.toContain('stage.acme.dev');
  });

  test('a policy that `weir check` refuses is refused, at its field', async () => {
    await expect(lab.policy('ci', 'bad', rule('*.com'))).rejects.toThrow(/spec\.egress\[0\]\.to\.hosts\[0\]/);
  });
});

describe('reports', () => {
  test('denials become one Event of the pod with a count; what is no report is refused', async () => {
    for (let i = 0; i < 3; i++) expect((await report(pod.token, { events: [EVENT], dropped: 1 })).status).toBe(204);
    const [event] = await eventually(
      async () => {
        const found = await events('EgressDenied', 'first');
        return (found[0]?.series?.count ?? 0) >= 3 ? found : undefined;
      },
      20_000,
      'an Event with its count',
    );
    expect(event?.note).toContain('evil.example.com: no rule allows this host');
    expect((await events('EgressDenied', 'first')).length).toBe(1);
    const description = await lab.api.kubectl('get', 'events', '-n', 'ci', '--field-selector', 'reason=EgressDenied');
    expect(description).toContain('pod/first');

    expect((await report(pod.token, { events: 7 })).status).toBe(400);
    const large = { events: [{ ...EVENT, detail: 'x'.repeat(MAX_REPORT_BYTES) }] };
    // The connection may go before the answer is read: the rest of the body is on its way.
    const refused = await report(pod.token, large).then(
      ({ status }) => status,
      () => 0,
    );
    expect([0, 413]).toContain(refused);
    const metrics = await replica.get('/metrics');
    expect(metrics).toContain('weir_reported_events_total{action="deny",layer="dns",reason="dns.name"} 3');
    expect(metrics).toContain('weir_lost_events_total{kind="dropped"} 3');
  });

  test('a flood is told to wait', async () => {
    const one = await injected();
    const answers = await Promise.all(Array.from({ length: 30 }, () => report(one.token, { events: [], dropped: 0 })));
    const limited = answers.filter(({ status }) => status === 429);
    expect(limited.length).toBeGreaterThan(0);
    expect(limited[0]?.headers['retry-after']).toBe('5');
  });
});

describe('statuses', () => {
  const status = async (name: string, type: string) => {
    const path = `/apis/weir.dev/v1alpha1/namespaces/ci/egresspolicies/${name}`;
    const policy = await lab.client.call<EgressPolicy & { metadata: { generation: number } }>('GET', path);
    const condition = policy.status?.conditions?.find((one) => one.type === type);
    const isCurrent = condition?.observedGeneration === policy.metadata.generation;
    return {
      reason: isCurrent ? condition?.reason : undefined,
      pods: policy.status?.pods,
      message: condition?.message,
    };
  };
  const reason = (name: string, type: string, wanted: string) =>
    eventually(
      async () => {
        const found = await status(name, type);
        return found.reason === wanted ? found : undefined;
      },
      10_000,
      `${type} of ${name}: ${wanted}`,
    );

  test('a policy counts its pods, and says which are to be made anew', async () => {
    const one = await injected('counted', { count: 'me' });
    await lab.policy('ci', 'counted', { podSelector: { matchLabels: { count: 'me' } }, ...rule('c.acme.dev') });
    expect((await reason('counted', 'PodsCurrent', 'Current')).pods).toEqual({ matched: 1, current: 1 });
    const more = { podSelector: { matchLabels: { count: 'me' } }, pod: { maskedPaths: ['/root/.aws'] } };
    await lab.policy('ci', 'counted', { ...more, ...rule('c.acme.dev') });
    const stale = await reason('counted', 'PodsCurrent', 'RecreateRequired');
    expect([stale.pods, stale.message]).toEqual([
      { matched: 1, current: 0 },
      expect.stringContaining(`ci/${one.name}`),
    ]);
  });

  test('a rule outside a constraint is told, and only while it is', async () => {
    await lab.policy('ci', 'wide', rule('other.example.com'));
    await reason('wide', 'Accepted', 'Valid');
    const path = '/apis/weir.dev/v1alpha1/clusteregresspolicies/floor';
    const spec = { namespaceSelector: {}, constraints: { allowedHosts: ['*.acme.dev'] } };
    const body = { apiVersion: 'weir.dev/v1alpha1', kind: 'ClusterEgressPolicy', metadata: { name: 'floor' }, spec };
    await lab.client.apply(path, 'test', body);
    const violated = await reason('wide', 'Accepted', 'ConstraintViolated');
    expect(violated.message).toContain('cluster:floor, allowedHosts');
    await lab.client.call('DELETE', path);
    await reason('wide', 'Accepted', 'Valid');
  });
});

describe('namespaces', () => {
  test('pods that are older than the label are told of; so is the label when it is taken off', async () => {
    await lab.namespace('old', {});
    await lab.pod('old', 'older');
    await lab.namespace('old', { 'weir.dev/inject': 'enabled' });
    const [event] = await eventually(
      async () => {
        const found = await events('NotInjected', 'older');
        return found.length > 0 ? found : undefined;
      },
      20_000,
      'NotInjected',
    );
    expect(event?.note).toContain('Recreate it');
    expect(await lab.bundle('old')).toBe(ca);
    expect(await replica.metric('weir_uninjected_pods')).toBe(1);

    await lab.namespace('old', { 'weir.dev/inject': 'disabled' });
    await eventually(async () => ((await events('OptedOut', 'old')).length > 0 ? true : undefined), 10_000, 'OptedOut');
  });

  test('nobody else may change the authority that sidecars trust; what the API server trusts is put right', async () => {
    const path = '/api/v1/namespaces/ci/configmaps/weir-ca';
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'weir-ca' }, data: { 'ca.crt': 'other' } };
    await expect(lab.client.apply(path, 'somebody', map)).rejects.toThrow(/weir-ca/);
    const configuration = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/weir';
    const caBundle = async () => {
      const { webhooks } = await lab.client.call<V1MutatingWebhookConfiguration>('GET', configuration);
      return Buffer.from(webhooks?.[0]?.clientConfig.caBundle ?? '', 'base64').toString('utf8');
    };
    const patch = [{ op: 'remove', path: '/webhooks/0/clientConfig/caBundle' }];
    await lab.client.call('PATCH', configuration, { body: patch, contentType: 'application/json-patch+json' });
    await eventually(async () => ((await caBundle()) === ca ? true : undefined), 5000, 'the caBundle');
  });
});
