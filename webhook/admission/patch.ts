/** The difference of two JSON values as a JSON Patch (RFC 6902): deterministic, and no longer than it need be. */
import { isRecord, type JsonRecord } from '../records.ts';

export type Operation =
  | { op: 'add' | 'replace'; path: string; value: unknown }
  | { op: 'remove'; path: string }
  | { op: 'move'; from: string; path: string };

/** Elements of one list that are moved; beyond, the list is written anew: each move looks through the list. */
export const MAX_MOVES = 16;

/** What a patch took, in elements looked at. */
export interface Work {
  steps: number;
}

interface Patch {
  operations: Operation[];
  work: Work;
}

/** The operations that make `after` of `before`. Undefined fields count as absent. `work` counts, linear in both. */
export function jsonPatch(before: unknown, after: unknown, work: Work = { steps: 0 }): Operation[] {
  const operations: Operation[] = [];
  compare(before, after, '', { operations, work });
  return operations;
}

function compare(before: unknown, after: unknown, path: string, patch: Patch): void {
  if (Array.isArray(before) && Array.isArray(after)) compareLists(before, after, path, patch);
  else if (isRecord(before) && isRecord(after)) compareObjects(before, after, path, patch);
  else if (before !== after) patch.operations.push({ op: 'replace', path, value: after });
}

function compareObjects(before: JsonRecord, after: JsonRecord, path: string, patch: Patch): void {
  const { operations } = patch;
  const has = (fields: JsonRecord, name: string) => Object.hasOwn(fields, name) && fields[name] !== undefined;
  for (const name of Object.keys(before)) {
    if (has(before, name) && !has(after, name)) operations.push({ op: 'remove', path: child(path, name) });
  }
  for (const name of Object.keys(after)) {
    if (!has(after, name)) continue;
    if (has(before, name)) compare(before[name], after[name], child(path, name), patch);
    else operations.push({ op: 'add', path: child(path, name), value: after[name] });
  }
}

/**
 * Elements are known by their key: those that are gone are removed, then each place is filled in order. What another
 * injector put before ours is moved; a list that is in another order altogether is written anew.
 */
function compareLists(
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
  { operations, work }: Patch,
): void {
  work.steps += before.length + after.length;
  const keysBefore = before.map(keyOf);
  const keysAfter = after.map(keyOf);
  const origins = new Map(keysBefore.map((key, i) => [key, i]));
  const wanted = new Set(keysAfter);
  if (wanted.size < after.length || origins.size < before.length) {
    if (JSON.stringify(before) !== JSON.stringify(after)) operations.push({ op: 'replace', path, value: after });
    return;
  }
  const mark = operations.length;
  for (let i = before.length - 1; i >= 0; i--) {
    if (!wanted.has(keysBefore[i] as string)) operations.push({ op: 'remove', path: child(path, i) });
  }
  const rest = new Remaining(
    [...before.keys()].filter((i) => wanted.has(keysBefore[i] as string)),
    work,
  );
  for (const [i, value] of after.entries()) {
    const origin = origins.get(keysAfter[i] as string);
    if (origin === undefined) {
      operations.push({ op: 'add', path: child(path, i), value });
      continue;
    }
    const distance = rest.take(origin);
    if (rest.moves > MAX_MOVES) {
      operations.splice(mark, operations.length, { op: 'replace', path, value: after });
      return;
    }
    if (distance > 0) operations.push({ op: 'move', from: child(path, i + distance), path: child(path, i) });
    compare(before[origin], value, child(path, i), { operations, work });
  }
}

/** The elements that have no place yet, in their order. */
class Remaining {
  readonly #order: readonly number[];
  readonly #taken = new Set<number>();
  readonly #work: Work;
  #next = 0;
  /** How many were not the first when they were taken. */
  moves = 0;

  constructor(order: readonly number[], work: Work) {
    this.#order = order;
    this.#work = work;
  }

  /** How many stand before it. At most one pass over all for each of MAX_MOVES, and one for the rest. */
  take(origin: number): number {
    let distance = 0;
    while (this.#taken.has(this.#order[this.#next] as number)) this.#next++;
    for (let at = this.#next; this.#order[at] !== origin; at++) {
      this.#work.steps++;
      if (!this.#taken.has(this.#order[at] as number)) distance++;
    }
    this.#taken.add(origin);
    if (distance > 0) this.moves++;
    return distance;
  }
}

/** Lists of Kubernetes are keyed by mount path or name; whatever else is known by all of itself. */
function keyOf(value: unknown): string {
  if (isRecord(value)) {
    for (const field of ['mountPath', 'name']) if (typeof value[field] === 'string') return `${field}:${value[field]}`;
  }
  return JSON.stringify(value);
}

/** RFC 6901. */
function child(path: string, name: string | number): string {
  return `${path}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
