/** Fields that no list knows. */
import type { Refusal } from '../refusal.ts';

/** A JSON object of the API, looked at by its field names. */
export type Fields = Readonly<Record<string, unknown>>;

const UNKNOWN =
  'is not a field that Weir knows to be harmless; remove it, or let the platform team judge it and list it in guard.allowedFields';

/** One refusal for each field of `value` that is neither in `list` nor, by its path without names, in `allowed`. */
export function unlisted(
  value: object | undefined,
  list: readonly string[],
  path: string,
  allowed: readonly string[],
  message: string = UNKNOWN,
): Refusal[] {
  return Object.entries(value ?? {})
    .filter(([name, field]) => field !== undefined && field !== null && !list.includes(name))
    .map(([name]) => `${path}.${name}`)
    .filter((each) => !allowed.includes(generic(each)))
    .map((each) => ({ path: each, message }));
}

/** `spec.initContainers{web}.securityContext` as `spec.containers.securityContext`. */
export function generic(path: string): string {
  return path.replaceAll(/\{[^}]*\}/g, '').replace(/^spec\.(?:init|ephemeral)Containers/, 'spec.containers');
}
