/**
 * What is new in paths, queries and headers: who sends the same as before says nothing with it. The memory is bounded; what it
 * has forgotten costs again.
 */
import { hash } from 'node:crypto';
import type { RequestFacts, RuntimeRule } from '../../crds/runtime.ts';

/** Texts that are remembered, over all hosts. */
export const MAX_SEEN_TEXTS = 16_384;
/** What a text costs that was sent before, beside others: which of MAX_SEEN_TEXTS it is, in bytes. */
export const REPEATED_TEXT = 2;
/** Characters of a hash: 96 bits. */
const HASH_LENGTH = 16;

/** The texts of one request that the sender chooses, as they are sent. */
export type RequestTexts = Pick<RequestFacts, 'path' | 'query'> & { headers: readonly (readonly [string, string])[] };

/** Parts of paths, and parameters, that a rule spells out. */
export type FixedTexts = ReadonlySet<string>;

/** Weir writes them, from what was judged. */
const OWN_HEADERS: ReadonlySet<string> = new Set(['host', 'content-length', 'transfer-encoding']);

export function fixedTexts({ http }: Pick<RuntimeRule, 'http'>): FixedTexts {
  const fixed = new Set<string>();
  for (const { paths = [], query = [] } of http.flat()) {
    for (const segment of paths.flatMap((glob) => glob.split('/'))) if (!/[*\\]/.test(segment)) fixed.add(segment);
    for (const { name, values = [] } of query) for (const value of values) fixed.add(`?${name}=${value}`);
  }
  return fixed;
}

interface Group {
  parts: readonly string[];
  whole: string;
}

export class NewTexts {
  /** The least recently sent first. */
  readonly #seen = new Set<string>();

  get size(): number {
    return this.#seen.size;
  }

  /** Bytes of what is new to the host, or domain, in these texts. */
  cost(host: string, fixed: FixedTexts, texts: RequestTexts): number {
    let cost = 0;
    for (const { parts, whole } of groupsOf(texts)) {
      if (this.#has(host, whole)) continue;
      const here = new Set<string>();
      for (const part of parts) {
        // Empty segments say how many they are; one stands behind the last slash.
        const length = Math.max(1, part.length);
        if (!here.has(part) && (part === '' || fixed.has(part))) cost += 0;
        else if (here.has(part) || this.#has(host, part)) cost += Math.min(REPEATED_TEXT, length);
        else cost += length;
        here.add(part);
      }
    }
    return cost;
  }

  /** They are sent. */
  keep(host: string, texts: RequestTexts): void {
    for (const { parts, whole } of groupsOf(texts)) {
      for (const part of [...parts, whole]) {
        const key = keyOf(host, part);
        this.#seen.delete(key);
        this.#seen.add(key);
      }
    }
    for (const oldest of this.#seen) {
      if (this.#seen.size <= MAX_SEEN_TEXTS) break;
      this.#seen.delete(oldest);
    }
  }

  #has(host: string, text: string): boolean {
    return this.#seen.has(keyOf(host, text));
  }
}

/** Segments, parameters and headers; each sort together says something too. */
function groupsOf({ path, query, headers }: RequestTexts): Group[] {
  const group = (sort: string, parts: readonly string[]): Group => ({ parts, whole: `${sort} ${parts.join('\n')}` });
  const lines = headers.filter(([name]) => !OWN_HEADERS.has(name)).map(([name, value]) => `${name}: ${value}`);
  return [
    group('path', path.slice(1).split('/')),
    ...(query === undefined
      ? []
      : [
          group(
            'query',
            query.split('&').map((parameter) => `?${parameter}`),
          ),
        ]),
    ...(lines.length === 0 ? [] : [group('headers', lines)]),
  ];
}

function keyOf(host: string, text: string): string {
  return hash('sha256', `${host}\n${text}`, 'base64').slice(0, HASH_LENGTH);
}
