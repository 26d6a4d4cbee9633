/** Objects on the cluster: applied, awaited, read, deleted. All over kubectl: what users do. */
import type { Outcome } from '../../net/process.ts';
import { kubectl, tryKubectl } from './cluster.ts';

export type Manifest = Record<string, unknown>;

/** The parts that nearly every test reads; the rest is there too. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
  [field: string]: unknown;
}

const text = (manifests: readonly Manifest[]): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests });

/** Throws what the API server said when it refuses one. */
export async function apply(...manifests: Manifest[]): Promise<void> {
  await kubectl(['apply', '--filename', '-'], { input: text(manifests) });
}

/** For what may be refused. `dryRun`: the whole admission, nothing kept. */
export function tryApply(manifests: readonly Manifest[], { dryRun = false } = {}): Promise<Outcome> {
  const more = dryRun ? ['--dry-run=server'] : [];
  return tryKubectl(['apply', '--filename', '-', ...more], { input: text(manifests) });
}

/** As apply, but for `generateName` and for what must be new. */
export function tryCreate(manifest: Manifest, { dryRun = false } = {}): Promise<Outcome> {
  const more = dryRun ? ['--dry-run=server'] : [];
  return tryKubectl(['create', '--filename', '-', '--output=json', ...more], { input: JSON.stringify(manifest) });
}

const within = (namespace?: string): string[] => (namespace === undefined ? [] : ['--namespace', namespace]);

/** `resource` as kubectl has it: `pod/x`, `deployment/y`. */
export async function get(resource: string, namespace?: string): Promise<KubeObject> {
  return JSON.parse(await kubectl(['get', resource, ...within(namespace), '--output=json']));
}

export async function list(kind: string, namespace?: string, selector?: string): Promise<KubeObject[]> {
  const where = namespace === undefined ? ['--all-namespaces'] : within(namespace);
  const which = selector === undefined ? [] : ['--selector', selector];
  return JSON.parse(await kubectl(['get', kind, ...where, ...which, '--output=json'])).items;
}

/** Until `condition` (`condition=Ready`, `delete`, `jsonpath=...`), at most `seconds`. */
export async function waitFor(resource: string, condition: string, namespace?: string, seconds = 60): Promise<void> {
  const flags = [`--for=${condition}`, `--timeout=${seconds}s`];
  await kubectl(['wait', resource, ...within(namespace), ...flags], { timeoutMs: (seconds + 10) * 1000 });
}

/** Deletes and waits until it is gone; no error when it is. */
export async function remove(resource: string, namespace?: string): Promise<void> {
  await kubectl(['delete', resource, ...within(namespace), '--ignore-not-found', '--wait', '--timeout=90s']);
}

/** Until `read` gives something other than undefined; it is asked again every `everyMs`, the rest of the time nothing happens. */
export async function until<T>(
  what: string,
  read: () => Promise<T | undefined>,
  { seconds = 30, everyMs = 200 } = {},
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await read();
    if (value !== undefined) return value;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
