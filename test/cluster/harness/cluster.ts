/**
 * The cluster that the suites run against, by its script: the project's own (test/cluster/cluster; `make cluster`), or
 * anybody's when WEIR_E2E_KUBECONFIG or WEIR_E2E_KUBECTL is set (test/cluster/kubeconfig), or the script that
 * WEIR_CLUSTER_COMMAND names, with the same verbs.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import { must, type Outcome, type RunOptions, run } from '../../net/process.ts';

const DEFAULT_TIMEOUT_MS = 120_000;
const here = join(import.meta.dirname, '..');
const { WEIR_E2E_KUBECONFIG, WEIR_E2E_KUBECTL, WEIR_CLUSTER_COMMAND, WEIR_CLUSTER_DIR, WEIR_CLUSTER_NAME } =
  process.env;
const elsewhere = WEIR_E2E_KUBECONFIG !== undefined || WEIR_E2E_KUBECTL !== undefined;

/** Whether it is the project's own: only there are the outside, the node's processes and its containers ours to touch. */
export const isOwn: boolean = !elsewhere && WEIR_CLUSTER_COMMAND === undefined;
const command = WEIR_CLUSTER_COMMAND ?? join(here, elsewhere ? 'kubeconfig' : 'cluster');
/** Files of our own cluster: kubeconfig, api.sock with ca.crt, admin.crt and admin.key, logs. */
export const stateDirectory: string = join(
  WEIR_CLUSTER_DIR ?? '/var/lib/weir-cluster',
  `run-${WEIR_CLUSTER_NAME ?? 'e2e'}`,
);

const options = (more: RunOptions): RunOptions => ({ timeoutMs: DEFAULT_TIMEOUT_MS, ...more });

/** kubectl's stdout; throws what it said when it fails. */
export const kubectl = (args: readonly string[], more: RunOptions = {}): Promise<string> =>
  must([command, 'kubectl', ...args], options(more));
export const tryKubectl = (args: readonly string[], more: RunOptions = {}): Promise<Outcome> =>
  run([command, 'kubectl', ...args], options(more));
export const helm = (args: readonly string[], more: RunOptions = {}): Promise<string> =>
  must([command, 'helm', ...args], options(more));
export const tryHelm = (args: readonly string[], more: RunOptions = {}): Promise<Outcome> =>
  run([command, 'helm', ...args], options(more));

/** For a process that stays, `new Companion(title, kubectlCommand('get', '--watch', ...))`. */
export const kubectlCommand = (...args: string[]): string[] => [command, 'kubectl', ...args];

/** A process of our own node: etcd, apiserver, controllers, scheduler, containerd, kubelet, proxy, coredns, socket. */
export type NodeProcess =
  | 'etcd'
  | 'apiserver'
  | 'controllers'
  | 'scheduler'
  | 'containerd'
  | 'kubelet'
  | 'proxy'
  | 'coredns'
  | 'socket';

/** Ends (SIGTERM, or SIGKILL for `kill`), starts, or both; resolves when a started one is ready. */
export const nodeProcesses = (
  action: 'start' | 'stop' | 'restart' | 'kill',
  ...names: NodeProcess[]
): Promise<string> => must([own(), action, ...names], options({}));

/** Prefixes a command so that it runs in the node's network (the API is 10.97.0.1:6443 there; pods are reached). */
export const inNode = (...argv: string[]): string[] => [own(), 'node', ...argv];
/** The same for the network outside the cluster. */
export const inOutside = (...argv: string[]): string[] => [own(), 'outside', ...argv];
/** For a server that runs outside: it ends with this process, whatever ends this process. */
export const servingOutside = (...argv: string[]): string[] => inOutside('setpriv', '--pdeathsig', 'KILL', ...argv);
/** containerd's client, for images and tasks of our own node. */
export const ctr = (...args: string[]): Promise<string> => must([own(), 'ctr', ...args], options({}));
export const load = (archive: string): Promise<string> => must([own(), 'load', archive], options({}));

function own(): string {
  if (!isOwn) throw new Error('only the project’s own cluster (make cluster) has an outside and processes to touch');
  return command;
}

/** Fails at once, saying what to do, when there is no cluster. For `beforeAll`. */
export async function mustBeUp(): Promise<void> {
  if (isOwn && !existsSync(join(stateDirectory, 'kubeconfig'))) throw new Error('no cluster is up: run `make cluster`');
  const { status, stderr } = await tryKubectl(['get', '--raw', '/readyz'], { timeoutMs: 20_000 });
  if (status !== 0) throw new Error(`the cluster does not answer: ${stderr.trim()}`);
}

/**
 * `describe` for what needs the outside or the node's processes: on somebody else's cluster its tests are not run, and the
 * reporter and the counts of `make e2e` say so.
 */
export const describeOwn: typeof describe | typeof describe.skip = isOwn ? describe : describe.skip;
