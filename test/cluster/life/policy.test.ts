/** What a policy does in a running pod: its edits, its absence, the control plane’s absence, the label’s end. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { POLL_DEAD_MS } from '../../../crds/control.ts';
import { Companion, must } from '../../net/process.ts';
import {
  describeOwn,
  HOSTS,
  Internet,
  inNode,
  installWeir,
  kubectl,
  kubectlCommand,
  mustBeUp,
  NAMESPACE,
  Namespace,
  nodeProcesses,
  pod,
  ready,
  tryKubectl,
  until,
  waitFor,
} from '../harness/index.ts';
import { patch } from './api.ts';
import { processOf, startingProcessOf, statusOf } from './containers.ts';
import { noReplicas, QUICK } from './release.ts';

const EDITS = 40;
const EDIT_P95_MS = 1000;
const POLL_MS = 25;
const EDIT_LOST_MS = 15_000;
/** The hook of a sidecar that does not become ready ends after 20 s; it comes again after 10 s, 20, 40. */
const HOOK_WITHIN_S = 90;
const STARTED_WITHIN_S = 120;
/** Replicas drain, and a poll whose connection ended unheard is given up only by its own bound. */
const AWAY_WITHIN_S = 15 + POLL_DEAD_MS / 1000;
const OUTAGE_WITHIN_MS = 300_000;
/** More than the hook lets a deletion wait, and less than the sidecar has to end. */
const DELETED_WITHIN_MS = 30_000;
const GRACE_S = 120;
const URL = `https://${HOSTS.analytics.name}/ok/flag`;
const POLLER = ['node', '--input-type=module', '-e', readFileSync(join(import.meta.dirname, 'poll.mjs'), 'utf8')];
/** Between pods, to the control plane: the API server, which is not a pod, still reaches it. */
const BLOCK = ['FORWARD', '-i', 'pods0', '-p', 'tcp', '--dport', '8443', '-j', 'REJECT', '--reject-with', 'tcp-reset'];

interface Status {
  conditions?: Record<string, string>[];
  pods?: object;
}

const allowing = (path: string) => ({
  egress: [{ name: 'web', to: { hosts: [HOSTS.analytics.name] }, http: [{ methods: ['GET'], paths: [path] }] }],
});
const patchSpec = (namespace: string, spec: object) =>
  patch(`/apis/weir.dev/v1alpha1/namespaces/${namespace}/egresspolicies/web`, { spec });
const quantile = (sorted: readonly number[], q: number) => sorted[Math.ceil(q * sorted.length) - 1] ?? Number.NaN;

describeOwn('a policy', () => {
  let internet: Internet;
  let builds: Namespace;
  let bare: Namespace;

  beforeAll(async () => {
    await mustBeUp();
    internet = await Internet.start();
    await installWeir(...QUICK);
    [builds, bare] = await Promise.all([
      Namespace.create('policy', { inject: true }),
      Namespace.create('policy-bare', { inject: true }),
    ]);
    await builds.policy('web', allowing('/ok/**'));
    await Promise.all([builds.pod('poller', { command: [...POLLER, URL, String(POLL_MS)] }), bare.pod('lone')]);
  });
  afterAll(async () => {
    await must(inNode('iptables', '-w', '-D', ...BLOCK)).catch(() => {});
    await scale(2).catch(() => {});
    await builds?.delete();
    await bare?.delete();
    await internet?.stop();
  });

  const scale = async (replicas: number): Promise<void> => {
    await kubectl(['scale', 'deployment/weir', '--namespace', NAMESPACE, `--replicas=${replicas}`]);
  };
  const askIn = async (namespace: Namespace, name: string) =>
    (await namespace.exec(name, ['curl', '-sS', '--max-time', '10', '-w', '\n%{http_code}', URL])).stdout;

  /** What the poller is told is what was allowed last. */
  async function goesOn(): Promise<void> {
    const since = Date.now();
    const last = await until('an answer', async () => {
      const [time, ...answer] = ((await builds.logs('poller')).trim().split('\n').at(-1) ?? '').split(' ');
      const isLost = /^(E[A-Z]+|cut|socket)/.test(answer[0] ?? '');
      return Number(time) > since && !isLost ? answer[0] : undefined;
    });
    expect(last).toBe('200');
  }

  test(`that is edited reaches a running pod within a second (p95 of ${EDITS})`, async () => {
    const logs = new Companion('logs', kubectlCommand('logs', 'poller', '-n', builds.name, '-c', 'app', '-f'));
    const changed = (to: string) => logs.line((line) => line.split(' ')[1] === to, EDIT_LOST_MS);
    try {
      await changed('200');
      const took: number[] = [];
      for (let edit = 0; edit < EDITS; edit++) {
        const [path, status] = edit % 2 === 0 ? ['/no/**', '403'] : ['/ok/**', '200'];
        const seen = changed(status as string);
        const began = Date.now();
        await patchSpec(builds.name, allowing(path as string));
        took.push(Number((await seen).split(' ')[0]) - began);
        await sleep(50 + Math.random() * 150);
      }
      const sorted = took.toSorted((a, b) => a - b);
      const [p50, p95, max] = [quantile(sorted, 0.5), quantile(sorted, 0.95), sorted.at(-1)];
      console.log(`an edit in a running pod, ms over ${EDITS}: p50 ${p50}, p95 ${p95}, max ${max}`);
      expect(p95).toBeLessThan(EDIT_P95_MS);
    } finally {
      await logs.stop();
    }
  });

  test('that there never was denies everything, and says so', async () => {
    const answer = await askIn(bare, 'lone');
    expect(answer).toContain('policy.none');
    expect(answer).toMatch(/403$/);
    expect(await bare.logs('lone', 'weir')).toContain('"policies":[]');
    const event = await until('the Event', async () =>
      (await bare.events('Pod', 'lone')).find(({ message }) => String(message).includes('policy.none')),
    );
    expect(event.type).toBe('Warning');
  });

  test('what it says under pod is taken at admission: RecreateRequired afterwards', async () => {
    const current = async () => {
      const { conditions = [], pods } = ((await builds.get('egresspolicy/web')).status ?? {}) as Status;
      const { status, reason, message } = conditions.find(({ type }) => type === 'PodsCurrent') ?? {};
      return { status, reason, message, pods };
    };
    await patchSpec(builds.name, { pod: { maskedPaths: ['/root/.ssh'] } });
    const stale = await until('RecreateRequired', async () => {
      const now = await current();
      return now.status === 'False' ? now : undefined;
    });
    expect(stale).toMatchObject({ reason: 'RecreateRequired', pods: { matched: 1, current: 0 } });
    expect(stale.message).toContain(`${builds.name}/poller`);
    await patchSpec(builds.name, { pod: null });
    await until('Current', async () => ((await current()).status === 'True' ? true : undefined));
  });

  test('pods older than the label are told of', async () => {
    const old = await Namespace.create('policy-old', { inject: false });
    try {
      await old.pod('older');
      await old.kubectl('label', 'namespace', old.name, 'weir.dev/inject=enabled');
      const event = await until('the Event', async () =>
        (await old.events('Pod', 'older')).find(({ reason }) => reason === 'NotInjected'),
      );
      expect(String(event.message)).toContain('Recreate it');
    } finally {
      await old.delete();
    }
  });

  test('is not escaped by taking the label off, but by who may, and that is told', async () => {
    const role = `life-${builds.name}`;
    const away = await Namespace.create('policy-off', { inject: true });
    const takeOff = () =>
      tryKubectl(['label', 'namespace', away.name, 'weir.dev/inject-', '--as=somebody', `--as-group=${role}`]);
    try {
      await kubectl(['create', 'clusterrole', role, '--verb=get,patch', '--resource=namespaces']);
      await kubectl(['create', 'clusterrolebinding', role, `--clusterrole=${role}`, `--group=${role}`]);
      const refused = await takeOff();
      expect(refused.status).not.toBe(0);
      expect(refused.stderr).toContain('somebody may not take a namespace from under the guard');
      const binding = ['create', 'clusterrolebinding', `${role}-out`, '--clusterrole=weir-opt-out', `--group=${role}`];
      await kubectl(binding);
      await until('the role', async () => ((await takeOff()).status === 0 ? true : undefined));
      const event = await until('the Event', async () => {
        // Events about what has no namespace are in `default`.
        const events = JSON.parse(await kubectl(['get', 'events', '-n', 'default', '-o', 'json'])).items;
        return events.find(
          (one: { reason: string; involvedObject: { name: string } }) =>
            one.reason === 'OptedOut' && one.involvedObject.name === away.name,
        );
      });
      expect(event.type).toBe('Warning');
      const logs = await kubectl(['logs', '-n', NAMESPACE, '-l', 'app.kubernetes.io/instance=weir', '--tail=-1']);
      expect(logs).toMatch(new RegExp(`"namespace":"${away.name}".*opted out|opted out.*"namespace":"${away.name}"`));
    } finally {
      await kubectl(['delete', 'clusterrolebinding', role, `${role}-out`, '--ignore-not-found']);
      await kubectl(['delete', 'clusterrole', role, '--ignore-not-found']);
      await away.delete();
    }
  });

  const starting = (name: string) =>
    until(`the sidecar of ${name}`, async () =>
      startingProcessOf(await builds.get(`pod/${name}`), 'weir').catch(() => undefined),
    );

  test('a kubelet that begins anew does not wait for the sidecar: what starts then gets nowhere', async () => {
    await must(inNode('iptables', '-w', '-I', ...BLOCK));
    await builds.apply(pod('early'));
    await starting('early');
    await nodeProcesses('restart', 'kubelet');
    await until('its container runs', async () => statusOf(await builds.get('pod/early'), 'app')?.state.running);
    for (const url of [URL, `https://${HOSTS.analytics.v4}/`]) {
      const { status } = await builds.exec('early', ['curl', '-sSk', '--max-time', '5', url]);
      expect(status, url).not.toBe(0);
    }
    await must(inNode('iptables', '-w', '-D', ...BLOCK));
    await until('a policy', async () => ((await askIn(builds, 'early')).endsWith('200') ? true : undefined));
    expect(statusOf(await builds.get('pod/early'), 'weir')?.restartCount).toBe(0);
  });

  const outage = 'outlives the control plane in a running pod; without either, a pod does not start, and says why';
  test(outage, { timeout: OUTAGE_WITHIN_MS }, async () => {
    // Admitted, then without a way to the control plane.
    await must(inNode('iptables', '-w', '-I', ...BLOCK));
    await builds.apply(pod('unheard'), pod('unwanted', { spec: { terminationGracePeriodSeconds: GRACE_S } }));
    await Promise.all(['unheard', 'unwanted'].map(starting));

    const began = Date.now();
    const deleted = builds.kubectl('delete', 'pod/unwanted').then(() => Date.now() - began);
    deleted.catch(() => {});

    await scale(0);
    await until(
      'the running pod’s sidecar says so',
      async () => (await builds.logs('poller', 'weir')).includes('control plane away') || undefined,
      { seconds: AWAY_WITHIN_S },
    );
    await noReplicas();
    const refused = await builds.tryApply([pod('late')]);
    expect(refused.status).not.toBe(0);
    expect(refused.stderr).toContain('failed calling webhook "pods.inject.weir.dev"');
    // It goes on, by the policy that it has; also when it has to begin anew.
    await goesOn();
    process.kill(await processOf(await builds.get('pod/poller'), 'weir'), 'SIGKILL');
    await until('its restart', async () =>
      statusOf(await builds.get('pod/poller'), 'weir')?.restartCount === 1 ? true : undefined,
    );
    await goesOn();

    // The kubelet waited for the hook, not for what the sidecar has to end.
    const deletedMs = await deleted;
    console.log(`a pod whose sidecar was not ready was deleted in ${deletedMs} ms`);
    expect(deletedMs).toBeLessThan(DELETED_WITHIN_MS);

    // The hook's words, as the sidecar's last: they stay while the kubelet backs off.
    const why = await until(
      'the status says why',
      async () => statusOf(await builds.get('pod/unheard'), 'weir')?.lastState.terminated?.message,
      { seconds: HOOK_WITHIN_S, everyMs: 500 },
    );
    console.log(`a pod that never had a policy: ${why}`);
    expect(why).toMatch(/^weir is not ready: no policy after \d+ attempts?.*weir\.weir-system\.svc/s);
    expect(await kubectl(['describe', 'pod/unheard', '-n', builds.name])).toContain('weir is not ready: no policy');
    const { status } = await builds.get('pod/unheard');
    expect((status as { containerStatuses: { started: boolean }[] }).containerStatuses[0]?.started).toBe(false);

    await must(inNode('iptables', '-w', '-D', ...BLOCK));
    await scale(2);
    await waitFor('deployment/weir', 'condition=Available', NAMESPACE);
    await ready(builds.name, 'unheard', STARTED_WITHIN_S);
    await until('connected again', async () =>
      (await builds.logs('poller', 'weir')).lastIndexOf('control plane connected') >
      (await builds.logs('poller', 'weir')).lastIndexOf('control plane away')
        ? true
        : undefined,
    );
  });
});
