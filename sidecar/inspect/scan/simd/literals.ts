/** The table that `survey` finds literals with. Of each literal its rarest three bytes are looked for. */

/** Shorter literals are refused: they would hit everywhere. */
export const MIN_LITERAL = 3;
/** Literals that may have the same rarest three bytes. */
export const MAX_CHAIN = 64;

/** Compiled literals. */
export interface Literals {
  readonly table: Uint8Array;
  /** Where the table is in the memory of the module; undefined: not there yet. */
  address?: number;
}

const HEADS = 1 << 15;
const HASH_BITS = 14;
const ENTRIES = HEADS + (4 << HASH_BITS);
const ENTRY = 24;

interface Entry {
  bytes: Buffer;
  /** Offset of the rarest three bytes, and they. */
  window: number;
  key: number;
}

/** Compiles `literals` (latin1). Throws a RangeError for one below MIN_LITERAL, and for more than MAX_CHAIN that share their rarest bytes. */
export function compileLiterals(literals: readonly string[]): Literals {
  const entries = literals.map(entryOf);
  const size = ENTRIES + ENTRY * entries.length + entries.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const table = new Uint8Array(Math.ceil(size / 4) * 4);
  const words = new Uint32Array(table.buffer);
  const chains = new Map<number, number>();
  let text = ENTRIES + ENTRY * entries.length;
  entries.forEach(({ bytes, window, key }, number) => {
    const chain = (chains.get(key) ?? 0) + 1;
    if (chain > MAX_CHAIN) throw new RangeError(`more than ${MAX_CHAIN} literals like "${literals[number]}"`);
    chains.set(key, chain);
    const hash = Math.imul(key, 0x9e3779b1) >>> 0;
    table[(key & 31) | ((key >> 3) & 0x3e0) | ((key >> 6) & 0x7c00)] = 1;
    const head = (HEADS >> 2) + (hash >>> (32 - HASH_BITS));
    words.set([key, window, number, bytes.length, text, words[head] as number], (ENTRIES + ENTRY * number) >> 2);
    words[head] = number + 1;
    table.set(bytes, text);
    text += bytes.length;
  });
  return { table };
}

function entryOf(text: string): Entry {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.length < MIN_LITERAL) throw new RangeError(`literal "${text}" is shorter than ${MIN_LITERAL} bytes`);
  let window = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let start = 0; start + 3 <= bytes.length; start++) {
    const often = [0, 1, 2].reduce((product, i) => product * frequency(bytes[start + i] as number), 1);
    if (often < least) {
      least = often;
      window = start;
    }
  }
  return { bytes, window, key: bytes.readUIntLE(window, 3) };
}

/** Share of a byte in source text and JSON, about. */
const FREQUENCY = Float64Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte);
  if (char === ' ') return 0.15;
  if ('etaoinsr'.includes(char)) return 0.045;
  if (/[a-z]/.test(char)) return 0.015;
  if (/["'./:=,()\n;_-]/.test(char)) return 0.012;
  if (/[0-9]/.test(char)) return 0.008;
  if (/[A-Z]/.test(char)) return 0.003;
  return byte === 0 ? 0.01 : 0.001;
});

function frequency(byte: number): number {
  return FREQUENCY[byte] as number;
}
