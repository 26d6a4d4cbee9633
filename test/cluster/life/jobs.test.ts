/** Jobs end, and their last words arrive; probes that come from outside are refused, others work. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  ATTACKER,
  describeOwn,
  HOSTS,
  Internet,
  installWeir,
  job,
  type KubeObject,
  list,
  mustBeUp,
  Namespace,
  pod,
  until,
} from '../harness/index.ts';
import { QUICK } from './release.ts';

/** The grace period of the sidecar is not used up: Weir drains in two seconds, the kubelet and the controller tell each other. */
const COMPLETE_WITHIN_S = 10;
const EVENTS_WITHIN_S = 10;

interface JobStatus {
  completionTime: string;
  succeeded: number;
}
interface PodStatus {
  containerStatuses: { state: { terminated?: { exitCode: number; finishedAt: string } } }[];
  initContainerStatuses: { name: string; restartCount: number; state: { terminated?: { exitCode: number } } }[];
}

describeOwn('a Job', () => {
  let internet: Internet;
  let builds: Namespace;
  let plain: Namespace;

  beforeAll(async () => {
    await mustBeUp();
    internet = await Internet.start();
    await installWeir(...QUICK);
    builds = await Namespace.create('jobs', { inject: true });
    plain = await Namespace.create('jobs-plain', { inject: false });
    await builds.policy('web', { egress: [{ name: 'web', to: { hosts: [HOSTS.analytics.name] } }] });
  });
  afterAll(async () => {
    await builds?.delete();
    await plain?.delete();
    await internet?.stop();
  });

  test('that is over within a second completes soon after, and what it was refused is told', async () => {
    const tried = `curl -sS -o /dev/null -w '%{http_code} %{time_total}' https://${ATTACKER.name}/`;
    const [{ succeeded, log, pod }] = await Promise.all([
      builds.job('short', { command: ['sh', '-c', tried] }),
      plain.job('short', { command: ['true'] }),
    ]);
    const { containerStatuses, initContainerStatuses } = pod.status as unknown as PodStatus;
    const ended = containerStatuses[0]?.state.terminated;
    const [seconds, without] = await Promise.all([completedAfter(builds), completedAfter(plain)]);
    expect({ succeeded, code: log.split(' ')[0], exitCode: ended?.exitCode }).toEqual({
      succeeded: true,
      code: '403',
      exitCode: 0,
    });
    expect(Number(log.split(' ')[1])).toBeLessThan(1);
    const sidecar = initContainerStatuses.find(({ name }) => name === 'weir');
    expect(sidecar).toMatchObject({ restartCount: 0, state: { terminated: { exitCode: 0 } } });
    const event = await until('the Event of the refusal', () => denialOf(pod), { seconds: EVENTS_WITHIN_S });
    console.log(
      `Job complete ${seconds} s after its app ended, ${without} s without Weir; Event: ${event.reason}: ${event.note ?? event.message}`,
    );
    expect(seconds).toBeLessThanOrEqual(COMPLETE_WITHIN_S);
    expect(String(event.message)).toContain(ATTACKER.name);
  });

  test('that fails has failed, with the status of its app', async () => {
    const { succeeded, pod } = await builds.job('bad', { command: ['sh', '-c', 'exit 3'] });
    const { containerStatuses } = pod.status as unknown as PodStatus;
    expect({ succeeded, exitCode: containerStatuses[0]?.state.terminated?.exitCode }).toEqual({
      succeeded: false,
      exitCode: 3,
    });
  });

  test('and a pod with an exec probe work, one with a network probe is refused with the advice', async () => {
    const probed = (readinessProbe: object) => ({
      container: { readinessProbe: { periodSeconds: 1, ...readinessProbe } },
    });
    await builds.pod('exec-probe', probed({ exec: { command: ['true'] } }));
    for (const probe of [{ httpGet: { port: 8080 } }, { tcpSocket: { port: 8080 } }, { grpc: { port: 8080 } }]) {
      const { status, stderr } = await builds.tryApply([pod('network-probe', probed(probe))]);
      expect(status).not.toBe(0);
      expect(stderr).toMatch(new RegExp(`spec\\.containers\\S+\\.readinessProbe\\.${Object.keys(probe)[0]}`));
      expect(stderr).toMatch(/exec/);
    }
    // A Job's pods are refused where its controller says it.
    await builds.apply(job('network-probe', probed({ httpGet: { port: 8080 } })));
    const refused = await until('the controller says why', async () =>
      (await builds.events('Job', 'network-probe')).find(({ reason }) => reason === 'FailedCreate'),
    );
    expect(String(refused.message)).toMatch(/exec/);
  });

  /** Seconds from the end of the app to the completion of the Job `short`; Kubernetes has whole ones. */
  async function completedAfter(namespace: Namespace): Promise<number> {
    const { completionTime } = (await namespace.get('job/short')).status as unknown as JobStatus;
    const [pod] = await list('pods', namespace.name, 'job-name=short');
    if (pod === undefined) throw new Error(`${namespace.name}: no pod of the Job`);
    const { containerStatuses } = pod.status as unknown as PodStatus;
    return (Date.parse(completionTime) - Date.parse(containerStatuses[0]?.state.terminated?.finishedAt ?? '')) / 1000;
  }

  async function denialOf({ metadata }: KubeObject): Promise<KubeObject | undefined> {
    const events = await builds.events('Pod', metadata.name);
    return events.find(({ type, message }) => type === 'Warning' && String(message).includes(ATTACKER.name));
  }
});
