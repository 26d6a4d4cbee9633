/**
 * Finds any of a few short texts, whatever the case of their ASCII letters. Every other pair of bytes is looked up, until one is in
 * a text; from there on it goes byte by byte (Aho and Corasick, 1975), as long as something is begun: no byte is looked at
 * more than twice.
 */

/** Of every two neighbouring pairs in a text of three, one is looked up. */
const MIN_LENGTH = 3;

interface Entry<T> {
  /** Latin1, in lower case, MIN_LENGTH characters or more. */
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
  /** Whether two bytes, the first in the lower eight bits, are among the first three of a text. */
  readonly #pairs = new Uint8Array(1 << 16);

  constructor(entries: readonly Entry<T>[]) {
    if (entries.some(({ literal }) => literal.length < MIN_LENGTH)) throw new RangeError('a text is too short');
    for (const { literal } of entries) this.#addPairs(literal);
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
    const pairs = this.#pairs;
    const end = Math.min(bytes.length, to + this.longest - 1);
    let at = from;
    // What begins before this was seen.
    let seen = from;
    for (;;) {
      while (at + 1 < end && pairs[(bytes[at] as number) | ((bytes[at + 1] as number) << 8)] === 0) at += 2;
      if (at + 1 >= end) return;
      at = this.#follow(bytes, Math.max(seen, at - 1), at, to, end, found);
      seen = at;
    }
  }

  /** Goes on byte by byte, beyond `least`, as long as something is begun; gives where nothing is. */
  #follow(
    bytes: Uint8Array,
    from: number,
    least: number,
    to: number,
    end: number,
    found: (of: T, at: number) => void,
  ): number {
    const next = this.#next;
    const classOf = this.#classOf;
    let row = 0;
    let at = from;
    while (at < end && (row !== 0 || at <= least)) {
      row = next[row + (classOf[bytes[at] as number] as number)] as number;
      at++;
      if (row === 0) continue;
      for (const { length, of } of this.#hits[row / this.#classes] as readonly Hit<T>[]) {
        if (at - length < to) found(of, at - length);
      }
    }
    return at;
  }

  #addPairs(literal: string): void {
    const cases = (character: string) => [character.charCodeAt(0), character.toUpperCase().charCodeAt(0)];
    for (const at of [0, 1]) {
      for (const first of cases(literal.charAt(at))) {
        for (const second of cases(literal.charAt(at + 1))) this.#pairs[(first & 0xff) | ((second & 0xff) << 8)] = 1;
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
