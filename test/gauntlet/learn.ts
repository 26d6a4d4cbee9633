/**
 * What the attacker's server learns from all that reached it: it knows every encoding of the gauntlet, tries them on every
 * run of bytes that could be one, and counts the longest run of secret bytes it then holds.
 */

/** Shorter runs are met by chance in text of the same alphabet. */
export const MIN_RUN_BYTES = 8;
const MAX_DEPTH = 3;

const RUNS: readonly { shape: RegExp; decode: (run: string) => string[] }[] = [
  { shape: /[0-9a-fA-F]{8,}/g, decode: (run) => [Buffer.from(run, 'hex').toString('latin1')] },
  { shape: /[0-9a-fA-F]{8,}/g, decode: (run) => [Buffer.from(run.slice(1), 'hex').toString('latin1')] },
  {
    // Any offset: the characters before a run are often of the same alphabet (a path's slash).
    shape: /[A-Za-z0-9+/_-]{10,}/g,
    decode: (run) => [0, 1, 2, 3].map((skip) => Buffer.from(run.slice(skip), 'base64').toString('latin1')),
  },
  {
    shape: /[^%]{0,3}(?:%[0-9a-fA-F]{2})[\s\S]*/g,
    decode: (run) => [run.replace(/%([0-9a-fA-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))],
  },
  { shape: /[\s\S]*\\[n/"][\s\S]*/g, decode: (run) => [run.replaceAll('\\n', '\n').replace(/\\([/"\\])/g, '$1')] },
];

/** The bytes as they came and everything they decode to, to a depth of three. */
export function readings(text: string, depth = MAX_DEPTH): string[] {
  const found = [text];
  if (depth === 0) return found;
  for (const { shape, decode } of RUNS) {
    for (const [run] of text.matchAll(shape)) {
      for (const decoded of decode(run)) if (decoded !== text) found.push(...readings(decoded, depth - 1));
    }
  }
  return found;
}

/** All that arrived, in every reading, made fit to be searched for many secrets. */
export class Arrivals {
  readonly #text: string;
  /** Every run of the minimal length: most secrets are found absent here. */
  readonly #runs = new Set<string>();
  readonly #folded: boolean;

  /** `folded`: compare without regard to case (DNS). */
  constructor(texts: readonly string[], folded = false) {
    this.#folded = folded;
    const all = new Set(texts.flatMap((text) => readings(text)).map((text) => (folded ? text.toLowerCase() : text)));
    for (const text of all) {
      for (let at = 0; at + MIN_RUN_BYTES <= text.length; at++) this.#runs.add(text.slice(at, at + MIN_RUN_BYTES));
    }
    this.#text = [...all].join('\n');
  }

  /** Bytes of the longest run of `secret` that arrived; 0 when there is none of the minimal length. */
  longestRun(secret: string): number {
    const wanted = this.#folded ? secret.toLowerCase() : secret;
    let longest = 0;
    for (let from = 0; from + Math.max(longest, MIN_RUN_BYTES - 1) < wanted.length; from++) {
      if (!this.#runs.has(wanted.slice(from, from + MIN_RUN_BYTES))) continue;
      if (longest === 0 && this.#text.includes(wanted.slice(from))) return wanted.length - from;
      let length = Math.max(longest + 1, MIN_RUN_BYTES);
      while (from + length <= wanted.length && this.#text.includes(wanted.slice(from, from + length)))
        longest = length++;
    }
    return longest;
  }
}

/** Bytes learned of a secret: the longest runs of its parts, summed. */
export function learned(core: readonly string[], arrivals: readonly Arrivals[]): number {
  return core.reduce((sum, part) => sum + Math.max(0, ...arrivals.map((one) => one.longestRun(part))), 0);
}
