/** The chart as helm renders it, and the programs that its tests run. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dump, loadAll } from 'js-yaml';
import { must, type Outcome, run } from '../../net/process.ts';

export const ROOT: string = join(import.meta.dirname, '../../..');
export const CHART: string = join(ROOT, 'charts/weir');
export const NAMESPACE = 'weir-system';
/** The project's own cluster, unless another script with the verbs `helm` and `kubectl` is named. */
const CLUSTER = process.env.WEIR_CLUSTER_COMMAND ?? join(import.meta.dirname, '../cluster');
/** For what asks no cluster; `cluster build` makes it. */
const HELM = join(process.env.WEIR_CLUSTER_DIR ?? '/var/lib/weir-cluster', 'bin/helm');

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Values = { [key: string]: Json };

export interface Document {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  [key: string]: unknown;
}

export const helm = (...args: string[]): Promise<string> => must([CLUSTER, 'helm', ...args]);
export const tryHelm = (...args: string[]): Promise<Outcome> => run([CLUSTER, 'helm', ...args]);
/** Without a cluster: `template`, `lint`, `package`. */
export const offline = (...args: string[]): Promise<Outcome> => run([HELM, ...args]);
export const kubectl = (...args: string[]): Promise<string> => must([CLUSTER, 'kubectl', ...args]);
export const tryKubectl = (args: string[], input?: string): Promise<Outcome> =>
  run([CLUSTER, 'kubectl', ...args], input === undefined ? {} : { input });

/** Runs `use` with a file of these values. */
export async function withValues<T>(values: Values, use: (file: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'weir-values-'));
  try {
    const file = join(directory, 'values.yaml');
    writeFileSync(file, dump(values));
    return await use(file);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export const template = (values: Values): Promise<Outcome> =>
  withValues(values, (file) => offline('template', 'weir', CHART, '-n', NAMESPACE, '-f', file));

/** What the chart makes with these values, hooks included. Throws what helm says. */
export async function render(values: Values): Promise<Document[]> {
  const { status, stdout, stderr } = await template(values);
  if (status !== 0) throw new Error(stderr);
  return loadAll(stdout).filter((document): document is Document => document !== null && document !== undefined);
}

/** `{a: {b: 1}}` of `a.b` and 1. */
export function nested(path: string, value: Json): Values {
  const [first = '', ...rest] = path.split('.');
  return { [first]: rest.length === 0 ? value : nested(rest.join('.'), value) };
}

export function merged(into: Values, from: Values): Values {
  const result: Values = { ...into };
  for (const [key, value] of Object.entries(from)) {
    const before = result[key];
    result[key] = isObject(before) && isObject(value) ? merged(before, value) : value;
  }
  return result;
}

export function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
