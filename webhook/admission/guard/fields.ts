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
  const above = generic(path);
  return Object.entries(value ?? {})
    .filter(([name, field]) => field !== undefined && field !== null && !list.includes(name))
    .filter(([name]) => !allowed.includes(`${above}.${name}`))
    .map(([name]) => ({ path: `${path}.${name}`, message }));
}

/** `spec.initContainers{web}.securityContext` as `spec.containers.securityContext`. */
export function generic(path: string): string {
  // Not by an expression: names are the author's, and one of open braces alone would be searched to its end from each.
  let text = '';
  for (let at = 0; at < path.length; ) {
    const open = path.indexOf('{', at);
    const close = open < 0 ? -1 : path.indexOf('}', open);
    text += path.slice(at, close < 0 ? undefined : open);
    at = close < 0 ? path.length : close + 1;
  }
  return text.replace(/^spec\.(?:init|ephemeral)Containers/, 'spec.containers');
}
