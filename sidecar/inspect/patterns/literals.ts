/**
 * Finds any of a few short texts, whatever the case of their ASCII letters, in time that does not depend on what is searched
 * (Aho and Corasick, 1975, as one table: a look-up for a byte).
 */

interface Entry<T> {
  /** Latin1, in lower case, not empty. */
  literal: string;
  of: T;
}

/** What ends in a state: how long each of the texts is, and what it stands for. */
interface Hit<T> {
  length: number;
  of: T;
}

export class LiteralIndex<T> {
  readonly longest: number;
  /** Next state, times the number of classes, by state and class. */
  readonly #next: Uint32Array;
  readonly #classOf = new Uint8Array(256);
  readonly #classes: number;
  readonly #hits: readonly (readonly Hit<T>[])[];

  constructor(entries: readonly Entry<T>[]) {
    this.longest = Math.max(...entries.map(({ literal }) => literal.length));
    this.#classes = this.#classify(entries);
    const { children, fails, hits } = this.#trie(entries);
    this.#hits = hits;
    this.#next = new Uint32Array(children.length * this.#classes);
    // Parents come before their children, and failures lead up.
    children.forEach((edges, state) => {
      const row = state * this.#classes;
      const failed = (fails[state] as number) * this.#classes;
      if (state > 0) this.#next.copyWithin(row, failed, failed + this.#classes);
      for (const [byteClass, child] of edges) this.#next[row + byteClass] = child * this.#classes;
    });
  }

  /** Every text that begins in `[from, to)` of `bytes`: what it stands for, and where. */
  search(bytes: Uint8Array, from: number, to: number, found: (of: T, at: number) => void): void {
    const next = this.#next;
    const classOf = this.#classOf;
    const end = Math.min(bytes.length, to + this.longest - 1);
    let row = 0;
    for (let at = from; at < end; at++) {
      row = next[row + (classOf[bytes[at] as number] as number)] as number;
      if (row === 0) continue;
      for (const { length, of } of this.#hits[row / this.#classes] as readonly Hit<T>[]) {
        const start = at + 1 - length;
        if (start < to) found(of, start);
      }
    }
  }

  /** Bytes that are in no text are all of class 0. */
  #classify(entries: readonly Entry<T>[]): number {
    let classes = 1;
    for (const { literal } of entries) {
      for (const character of literal) {
        const byte = character.charCodeAt(0);
        if (this.#classOf[byte] !== 0) continue;
        this.#classOf[byte] = classes;
        if (character >= 'a' && character <= 'z') this.#classOf[byte - 32] = classes;
        classes++;
      }
    }
    return classes;
  }

  #trie(entries: readonly Entry<T>[]) {
    const children: Map<number, number>[] = [new Map()];
    const hits: Hit<T>[][] = [[]];
    for (const { literal, of } of entries) {
      let state = 0;
      for (const character of literal) {
        const byteClass = this.#classOf[character.charCodeAt(0)] as number;
        let child = children[state]?.get(byteClass);
        if (child === undefined) {
          child = children.push(new Map()) - 1;
          hits.push([]);
          children[state]?.set(byteClass, child);
        }
        state = child;
      }
      hits[state]?.push({ length: literal.length, of });
    }
    return breadthFirst(children, hits);
  }
}

/** The same states in the order of their depth, with the longest other beginning that each ends in. */
function breadthFirst<T>(children: readonly Map<number, number>[], hits: readonly Hit<T>[][]) {
  const order = [0];
  const place = new Map([[0, 0]]);
  const fails = [0];
  const sorted: Map<number, number>[] = [];
  const told: Hit<T>[][] = [[...(hits[0] ?? [])]];
  for (let at = 0; at < order.length; at++) {
    const edges = new Map<number, number>();
    for (const [byteClass, child] of children[order[at] as number] ?? []) {
      const now = order.push(child) - 1;
      place.set(child, now);
      edges.set(byteClass, now);
      let fail = at;
      let target: number | undefined;
      while (fail > 0 && target === undefined) {
        fail = fails[fail] as number;
        target = sorted[fail]?.get(byteClass);
      }
      fails[now] = target ?? 0;
      told[now] = [...(hits[child] ?? []), ...(told[fails[now] as number] ?? [])];
    }
    sorted[at] = edges;
  }
  return { children: sorted, fails, hits: told };
}
