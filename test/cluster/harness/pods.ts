/** Pods and Jobs of the tools image: manifests (pure), and what one does with the pods that run. */
import type { Outcome, RunOptions } from '../../net/process.ts';
import { kubectl, tryKubectl } from './cluster.ts';
import { get, type KubeObject, list, type Manifest, until, waitFor } from './objects.ts';

/** Another cluster pulls its own: WEIR_E2E_TOOLS_IMAGE. */
export const TOOLS_IMAGE: string = process.env.WEIR_E2E_TOOLS_IMAGE ?? 'localhost/weir-tools:1';

export interface PodOptions {
  /** Default: sleeps. */
  command?: readonly string[];
  env?: Readonly<Record<string, string>>;
  labels?: Readonly<Record<string, string>>;
  annotations?: Readonly<Record<string, string>>;
  /** Merged into the one container, `app`. */
  container?: Manifest;
  /** Merged into the pod's spec. */
  spec?: Manifest;
}

/** `app`, of the tools image, as root, not restarted. */
export function podSpec({ command = ['sleep', '1d'], env = {}, container = {}, spec = {} }: PodOptions = {}): Manifest {
  const variables = Object.entries(env).map(([name, value]) => ({ name, value }));
  return {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 2,
    containers: [
      { name: 'app', image: TOOLS_IMAGE, imagePullPolicy: 'IfNotPresent', command, env: variables, ...container },
    ],
    ...spec,
  };
}

export function pod(name: string, options: PodOptions = {}): Manifest {
  const { labels = {}, annotations = {} } = options;
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels, annotations }, spec: podSpec(options) };
}

export function job(name: string, options: PodOptions = {}, more: Manifest = {}): Manifest {
  const { labels = {}, annotations = {} } = options;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: { backoffLimit: 0, template: { metadata: { labels, annotations }, spec: podSpec(options) }, ...more },
  };
}

/** Runs a command in a container; its status and output. */
export function exec(
  namespace: string,
  name: string,
  argv: readonly string[],
  { container = 'app', ...more }: RunOptions & { container?: string } = {},
): Promise<Outcome> {
  const stdin = more.input === undefined ? [] : ['--stdin'];
  return tryKubectl(['exec', name, '--namespace', namespace, '--container', container, ...stdin, '--', ...argv], more);
}

/** `previous`: of the container before its last restart. */
export function logs(namespace: string, name: string, container = 'app', { previous = false } = {}): Promise<string> {
  const more = previous ? ['--previous'] : [];
  return kubectl(['logs', name, '--namespace', namespace, '--container', container, '--tail=-1', ...more]);
}

export const ready = (namespace: string, name: string, seconds = 60): Promise<void> =>
  waitFor(`pod/${name}`, 'condition=Ready', namespace, seconds);

export interface Finished {
  succeeded: boolean;
  /** Of the app container. */
  log: string;
  pod: KubeObject;
}

/** Waits until a Job's pod has ended, well or not. */
export async function finished(namespace: string, name: string, seconds = 120): Promise<Finished> {
  const ended = await until(
    `Job ${name} has ended`,
    async () => {
      const { status } = (await get(`job/${name}`, namespace)) as { status?: { succeeded?: number; failed?: number } };
      return status?.succeeded || status?.failed ? status : undefined;
    },
    { seconds, everyMs: 300 },
  );
  const [one] = await list('pods', namespace, `job-name=${name}`);
  if (one === undefined) throw new Error(`Job ${name} has no pod any more`);
  return { succeeded: (ended.succeeded ?? 0) > 0, log: await logs(namespace, `pod/${one.metadata.name}`), pod: one };
}

/** Events about an object, oldest first. */
export async function eventsOf(namespace: string, kind: string, name: string): Promise<KubeObject[]> {
  const all = await list('events', namespace);
  return all.filter(({ involvedObject }) => {
    const about = involvedObject as { kind: string; name: string };
    return about.kind === kind && about.name === name;
  });
}
