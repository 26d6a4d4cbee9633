/** The difference of two JSON values as a JSON Patch (RFC 6902): deterministic, and no longer than it need be. */

export type Operation =
  | { op: 'add' | 'replace'; path: string; value: unknown }
  | { op: 'remove'; path: string }
  | { op: 'move'; from: string; path: string };

/** The operations that make `after` of `before`. Undefined fields count as absent. */
export function jsonPatch(before: unknown, after: unknown): Operation[] {
  const operations: Operation[] = [];
  compare(before, after, '', operations);
  return operations;
}

function compare(before: unknown, after: unknown, path: string, operations: Operation[]): void {
  if (Array.isArray(before) && Array.isArray(after)) compareLists(before, after, path, operations);
  else if (isObject(before) && isObject(after)) compareObjects(before, after, path, operations);
  else if (before !== after) operations.push({ op: 'replace', path, value: after });
}

function compareObjects(before: Fields, after: Fields, path: string, operations: Operation[]): void {
  const has = (fields: Fields, name: string) => Object.hasOwn(fields, name) && fields[name] !== undefined;
  for (const name of Object.keys(before)) {
    if (has(before, name) && !has(after, name)) operations.push({ op: 'remove', path: child(path, name) });
  }
  for (const name of Object.keys(after)) {
    if (!has(after, name)) continue;
    if (has(before, name)) compare(before[name], after[name], child(path, name), operations);
    else operations.push({ op: 'add', path: child(path, name), value: after[name] });
  }
}

/** Elements are known by their key: those that are gone are removed, then each place is filled in order. */
function compareLists(
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
  operations: Operation[],
): void {
  const keysAfter = after.map(keyOf);
  const keysBefore = before.map(keyOf);
  const wanted = new Set(keysAfter);
  if (wanted.size < after.length || new Set(keysBefore).size < before.length) {
    if (JSON.stringify(before) !== JSON.stringify(after)) operations.push({ op: 'replace', path, value: after });
    return;
  }
  const rest: { key: string; value: unknown }[] = before.map((value, i) => ({ key: keysBefore[i] as string, value }));
  for (let i = rest.length - 1; i >= 0; i--) {
    if (wanted.has(rest[i]?.key as string)) continue;
    operations.push({ op: 'remove', path: child(path, i) });
    rest.splice(i, 1);
  }
  after.forEach((value, i) => {
    const key = keysAfter[i] as string;
    const place = rest.findIndex((each) => each.key === key);
    if (place < 0) {
      operations.push({ op: 'add', path: child(path, i), value });
      rest.splice(i, 0, { key, value });
      return;
    }
    const [element] = rest.splice(place, 1);
    rest.splice(i, 0, element as { key: string; value: unknown });
    if (place !== i) operations.push({ op: 'move', from: child(path, place), path: child(path, i) });
    compare(element?.value, value, child(path, i), operations);
  });
}

/** Lists of Kubernetes are keyed by mount path or name; whatever else is known by all of itself. */
function keyOf(value: unknown): string {
  if (isObject(value)) {
    for (const field of ['mountPath', 'name']) if (typeof value[field] === 'string') return `${field}:${value[field]}`;
  }
  return JSON.stringify(value);
}

type Fields = Record<string, unknown>;

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** RFC 6901. */
function child(path: string, name: string | number): string {
  return `${path}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
