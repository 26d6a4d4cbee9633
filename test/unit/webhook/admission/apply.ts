/** Applies a JSON Patch (RFC 6902) as the API server does, for tests. */
import type { Operation } from '../../../../webhook/admission/patch.ts';

export function applyPatch(document: unknown, patch: readonly Operation[]): unknown {
  const root = { '': structuredClone(document) };
  for (const operation of patch) {
    if (operation.op === 'move') put(root, operation.path, take(root, operation.from), true);
    else if (operation.op === 'remove') take(root, operation.path);
    else put(root, operation.path, structuredClone(operation.value), operation.op === 'add');
  }
  return root[''];
}

type Node = Record<string, unknown> | unknown[];

function parent(root: Node, pointer: string): [Node, string] {
  const names = pointer.split('/').map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = names.pop() as string;
  let node: Node = root;
  for (const name of names) {
    const next = (node as Record<string, unknown>)[name];
    if (typeof next !== 'object' || next === null) throw new Error(`no such place: ${pointer}`);
    node = next as Node;
  }
  return [node, last];
}

function take(root: Node, pointer: string): unknown {
  const [node, name] = parent(root, pointer);
  if (!Object.hasOwn(node, name)) throw new Error(`nothing to remove at ${pointer}`);
  if (Array.isArray(node)) return node.splice(Number(name), 1)[0];
  const value = node[name];
  delete node[name];
  return value;
}

function put(root: Node, pointer: string, value: unknown, isAdding: boolean): void {
  const [node, name] = parent(root, pointer);
  if (!isAdding && !Object.hasOwn(node, name)) throw new Error(`nothing to replace at ${pointer}`);
  if (Array.isArray(node)) {
    if (Number(name) > node.length) throw new Error(`beyond the end: ${pointer}`);
    node.splice(Number(name), isAdding ? 0 : 1, value);
  } else node[name] = value;
}
