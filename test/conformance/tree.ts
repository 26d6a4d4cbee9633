/** Reading and changing plain data by path. */
import type { Path } from '../../crds/yaml.ts';
import { ITEM, VALUE } from './definitions.ts';

type Node = Record<string | number, unknown>;

export function at(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((node, step) => (node as Node | undefined)?.[step], root);
}

/** A copy with another value at the path; `undefined` removes the field. */
export function withValue<T>(root: T, path: Path, value: unknown): T {
  const copy = structuredClone(root);
  const parent = at(copy, path.slice(0, -1)) as Node;
  const last = path.at(-1) as string | number;
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy;
}

/** The paths at which the data has something for the steps of a site. */
export function pathsTo(root: unknown, steps: readonly string[]): Path[] {
  const [step, ...rest] = steps;
  if (step === undefined) return [[]];
  if (typeof root !== 'object' || root === null) return [];
  const keys = step === ITEM ? [...(root as unknown[]).keys()] : step === VALUE ? Object.keys(root) : [step];
  return keys
    .filter((key) => Object.hasOwn(root, key))
    .flatMap((key) => pathsTo((root as Node)[key], rest).map((path) => [key, ...path]));
}
