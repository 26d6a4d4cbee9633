/** Values by host pattern, found in one walk over the labels of a host from the right. */
import type { HostPattern } from '../../crds/runtime.ts';

interface Node<T> {
  children: Map<string, Node<T>>;
  exact: T[];
  wildcard: T[];
}

export interface HostHits<T> {
  /** In no particular order, each at most once per pattern. */
  values: readonly T[];
  /** Whether a pattern without a wildcard was among those that matched. */
  exact: boolean;
}

export class HostTrie<T> {
  readonly #root: Node<T> = newNode();

  add(pattern: HostPattern, value: T): void {
    let node = this.#root;
    for (const label of pattern.name.split('.').reverse()) {
      const child = node.children.get(label) ?? newNode<T>();
      node.children.set(label, child);
      node = child;
    }
    (pattern.wildcard ? node.wildcard : node.exact).push(value);
  }

  /** `host` as normalised by `normaliseHost`; anything else matches nothing. */
  find(host: string): HostHits<T> {
    let values: readonly T[] = [];
    let node = this.#root;
    let end = host.length;
    for (;;) {
      const dot = host.lastIndexOf('.', end - 1);
      const child = node.children.get(host.slice(dot + 1, end));
      if (!child) return { values, exact: false };
      if (dot < 0) {
        return { values: joined(values, child.exact), exact: child.exact.length > 0 };
      }
      if (dot > 0) values = joined(values, child.wildcard);
      node = child;
      end = dot;
    }
  }
}

/** Most hosts are named by one pattern: then nothing is copied. */
function joined<T>(some: readonly T[], more: readonly T[]): readonly T[] {
  if (more.length === 0) return some;
  return some.length === 0 ? more : [...some, ...more];
}

function newNode<T>(): Node<T> {
  return { children: new Map(), exact: [], wildcard: [] };
}
