/** Weir on the cluster: installed by its chart, with the image that `make image` made and the outside's CA. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../setup/processes.ts';
import { helm, isOwn, kubectl } from './cluster.ts';
import { tryApply, until } from './objects.ts';
import { outsidePki } from './outside/internet.ts';

export const NAMESPACE = 'weir-system';
export const RELEASE = 'weir';
const CHART = join(root, 'charts/weir');
const WAIT_SECONDS = 120;

/** `repository:tag`. Another cluster pulls its own: WEIR_E2E_IMAGE. */
export function image(): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return process.env.WEIR_E2E_IMAGE ?? `localhost/weir:${version}`;
}

/** The values that the suites need, as helm's flags. */
async function baseFlags(): Promise<string[]> {
  const [, repository = '', tag = ''] = /^(.*):([^:/]+)$/.exec(image()) ?? [];
  const flags = ['--set-string', `image.repository=${repository}`, '--set-string', `image.tag=${tag}`];
  if (isOwn) flags.push('--set-file', `upstream.caBundle=${(await outsidePki()).ca}`);
  return flags;
}

/** Installs or upgrades, and waits until every replica is ready and the API server reaches them. `flags` are helm's (`--set`, `--values`), the later ones win. */
export async function installWeir(...flags: string[]): Promise<void> {
  const where = ['--namespace', NAMESPACE, '--create-namespace'];
  const waiting = ['--wait', '--timeout', `${WAIT_SECONDS}s`];
  await helm(['upgrade', '--install', RELEASE, CHART, ...where, ...waiting, ...(await baseFlags()), ...flags], {
    timeoutMs: (WAIT_SECONDS + 30) * 1000,
  });
  // Ready replicas are not yet behind the Service's address: the node's proxy follows within a second or two.
  const tried = {
    apiVersion: 'weir.dev/v1alpha1',
    kind: 'EgressPolicy',
    metadata: { name: 'tried', namespace: 'default' },
    spec: { egress: [] },
  };
  await until('the webhooks answer', async () =>
    (await tryApply([tried], { dryRun: true })).status === 0 ? true : undefined,
  );
}

/** No error when it is not there. */
export async function uninstallWeir(): Promise<void> {
  await helm(['uninstall', RELEASE, '--namespace', NAMESPACE, '--ignore-not-found', '--wait', '--timeout', '90s']);
}

/** Pods of the control plane that are ready now. */
export async function controlPlanePods(): Promise<string[]> {
  const names = await kubectl([
    ...['get', 'pods', '--namespace', NAMESPACE, '--field-selector', 'status.phase=Running'],
    ...['--selector', `app.kubernetes.io/instance=${RELEASE}`, '--output', 'name'],
  ]);
  return names.trim().split('\n').filter(Boolean);
}
