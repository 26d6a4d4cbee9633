/** The attempts of escapes.yaml, read and checked: a slip there must not become an attempt that cannot fail. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { load } from 'js-yaml';
import type { Feature } from '../../net/attacks/index.ts';

export const EVIDENCE = ['packets', 'payload', 'reached'] as const;
export const CONTROLS = ['plain', 'unconfined', 'host', 'naive'] as const;

export type Control = (typeof CONTROLS)[number];

export interface Attempt {
  /** `group/variant`, unique. */
  name: string;
  /** A script and its arguments. */
  run: readonly [script: string, ...args: string[]];
  /** What the control runs instead, when the way in is part of what must fail. */
  controlRun?: readonly [script: string, ...args: string[]];
  evidence: (typeof EVIDENCE)[number];
  control: Control;
  needs?: Feature;
  /** Not beside others: it changes the ground that they all stand on. */
  alone: boolean;
  /** The outside dials the pod's port meanwhile. */
  inbound: boolean;
}

const FIELDS = new Set(['name', 'run', 'controlRun', 'evidence', 'control', 'needs', 'alone', 'inbound']);
const local = (path: string) => fileURLToPath(new URL(path, import.meta.url));
export const SCRIPT_DIRECTORIES: readonly string[] = [local('../../net/attacks/scripts'), local('./scripts')];

/** @throws Error naming the attempt and the field. */
export function readAttempts(): Attempt[] {
  const { attempts } = load(readFileSync(local('../escapes.yaml'), 'utf8')) as { attempts: Record<string, unknown>[] };
  const found = attempts.map(attemptFrom);
  const names = new Set(found.map(({ name }) => name));
  if (names.size < found.length) throw new Error('escapes.yaml: two attempts have the same name');
  return found;
}

function attemptFrom(row: Record<string, unknown>): Attempt {
  const { name, run, controlRun, evidence, control = 'plain', needs, alone = false, inbound = false } = row;
  const wrong = (field: string): Error => new Error(`escapes.yaml: ${String(name)}: ${field} is not right`);
  for (const field of Object.keys(row)) if (!FIELDS.has(field)) throw wrong(field);
  if (typeof name !== 'string' || !/^[\w-]+\/.+/.test(name)) throw wrong('name');
  for (const [field, argv] of [['run', run] as const, ['controlRun', controlRun ?? run] as const]) {
    const isArgv = Array.isArray(argv) && argv.length > 0 && argv.every((arg) => typeof arg === 'string');
    if (!isArgv || !SCRIPT_DIRECTORIES.some((directory) => existsSync(`${directory}/${argv[0]}`))) throw wrong(field);
  }
  if (!EVIDENCE.includes(evidence as Attempt['evidence'])) throw wrong('evidence');
  if (!CONTROLS.includes(control as Control)) throw wrong('control');
  if (typeof alone !== 'boolean' || typeof inbound !== 'boolean') throw wrong('alone');
  return {
    name,
    run: run as Attempt['run'],
    ...(controlRun === undefined ? {} : { controlRun: controlRun as Attempt['run'] }),
    evidence: evidence as Attempt['evidence'],
    control: control as Control,
    ...(needs === undefined ? {} : { needs: needs as Feature }),
    alone,
    inbound,
  };
}
