/** A release of the chart in the cluster, its next version, and requests that go on while it changes. */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { dump } from 'js-yaml';
import { CHART, kubectl, NAMESPACE, offline, tryKubectl } from './tools.ts';

export const RELEASE = 'weir';
export const NEXT_VERSION = '0.1.1';
/** What the next version has and this one has not: a field of the definition, and another timeout. */
export const NEXT_FIELD = 'somethingNew';
export const NEXT_TIMEOUT = 6;

/** The chart as the next version might be, packaged. */
export async function packageNext(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'weir-chart-'));
  const copy = join(directory, 'weir');
  cpSync(CHART, copy, { recursive: true });
  const edit = (name: string, from: string | RegExp, to: string): void => {
    const path = join(copy, 'templates', name);
    const text = readFileSync(path, 'utf8');
    const edited = text.replace(from, to);
    if (edited === text) throw new Error(`${name}: nothing to edit`);
    writeFileSync(path, edited);
  };
  edit('webhooks.yaml', /timeoutSeconds: 5/g, `timeoutSeconds: ${NEXT_TIMEOUT}`);
  edit(
    'crd-egresspolicy.yaml',
    /^( +)podSelector:\n/m,
    `$1${NEXT_FIELD}:\n$1  type: string\n$1  maxLength: 10\n$1podSelector:\n`,
  );
  const { status, stderr } = await offline('package', copy, '--version', NEXT_VERSION, '-d', directory);
  if (status !== 0) throw new Error(stderr);
  return join(directory, `weir-${NEXT_VERSION}.tgz`);
}

export interface Webhook {
  name: string;
  timeoutSeconds: number;
  clientConfig: { caBundle?: string; service?: { path?: string } };
}

export async function webhooks(): Promise<Webhook[]> {
  const kinds = 'mutatingwebhookconfigurations,validatingwebhookconfigurations';
  const text = await kubectl('get', kinds, '-o', 'json', '--field-selector', 'metadata.name=weir');
  const { items } = JSON.parse(text) as { items: { webhooks?: Webhook[] }[] };
  return items.flatMap((item) => item.webhooks ?? []);
}

export async function definitionKnows(field: string): Promise<boolean> {
  const text = await kubectl('get', 'crd', 'egresspolicies.weir.dev', '-o', 'json');
  return text.includes(`"${field}":`);
}

export const POD: string = dump({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'tried' },
  spec: { containers: [{ name: 'build', image: 'localhost/never-pulled' }] },
});

/** Names of the init containers with which the pod would be made; throws what the API server says. */
export async function tryPod(namespace: string): Promise<string[]> {
  const args = ['create', '-n', namespace, '--dry-run=server', '-o', 'json', '-f', '-'];
  const { status, stdout, stderr } = await tryKubectl(args, POD);
  if (status !== 0) throw new Error(stderr);
  const { spec } = JSON.parse(stdout) as { spec: { initContainers?: { name: string }[] } };
  return (spec.initContainers ?? []).map(({ name }) => name);
}

/** Tries pods, one after another, while `change` goes on. What came of each. */
export async function meanwhile(namespace: string, change: () => Promise<unknown>): Promise<string[]> {
  const seen: string[] = [];
  let isOver = false;
  const changing = change().finally(() => {
    isOver = true;
  });
  while (!isOver) {
    seen.push(
      await tryPod(namespace).then(
        (names) => names.join(',') || 'plain',
        (error: Error) => error.message,
      ),
    );
    await sleep(50);
  }
  await changing;
  return seen;
}

export async function until(what: string, withinMs: number, isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + withinMs; !(await isSo()); await sleep(250)) {
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`);
  }
}

/** The release, its namespace and what an uninstall leaves. */
export async function remove(helm: (...args: string[]) => Promise<unknown>): Promise<void> {
  await helm('uninstall', RELEASE, '-n', NAMESPACE, '--ignore-not-found', '--wait');
  await kubectl('delete', 'namespace', NAMESPACE, 'weir-test', '--ignore-not-found');
  await kubectl('delete', 'crd', 'egresspolicies.weir.dev', 'clusteregresspolicies.weir.dev', '--ignore-not-found');
}
