/** The table that `survey` finds literals with. Of each literal its rarest four bytes are looked for. */

import { CLASS, NO_TEXT } from '../classes.ts';
import { compileBegins } from './dull.ts';

/** Shorter literals are refused: they would hit everywhere. */
export const MIN_LITERAL = 3;
/** Literals that may have the same three of their rarest bytes. */
export const MAX_CHAIN = 64;

/** Compiled literals. */
export interface Literals {
  readonly table: Uint8Array;
  /** Where the table is in the memory of the module; undefined: not there yet. */
  address?: number;
  /** Tables for those that may be found in bytes without text (dull.ts), and where they are. */
  readonly begins: Uint8Array;
  beginsAddress?: number;
}

/** Sizes of the bitmaps as powers of two; as in survey.asm.ts. */
const KEY_BITS = 16;
const PAIR_BITS = 15;
const FOUR_BITS = 17;
const XOR_BITS = 16;
const PAIRS = 1 << KEY_BITS;
const FOURS = PAIRS + (1 << PAIR_BITS);
const XOR_THREES = FOURS + (1 << (FOUR_BITS - 3));
/** Tables by nibble for the first two bytes of keys that are no text. */
const BINARIES = XOR_THREES + (1 << (XOR_BITS - 3));
const HEADS = BINARIES + 64;
const HASH_BITS = 14;
const XOR_HEADS = HEADS + (4 << HASH_BITS);
const ENTRIES = XOR_HEADS + (4 << HASH_BITS);
const ENTRY = 28;
/** Shorter literals are not looked for as XORed: three differences tell too little. */
const MIN_XORED = 4;

interface Entry {
  bytes: Buffer;
  /** Offset of the rarest four bytes (three where there are no more), they, and a mask of those there are. */
  window: number;
  key: number;
  mask: number;
}

/**
 * Compiles `literals` (latin1); those in `xored` are looked for as XORed with any byte, too, and reported with numbers of their
 * own behind those of `literals`. `strange`: those that tell something without any text around. Throws a RangeError for one
 * below MIN_LITERAL, and for more than MAX_CHAIN that share their rarest bytes.
 */
export function compileLiterals(
  literals: readonly string[],
  xored: readonly string[] = [],
  strange: readonly string[] = [],
): Literals {
  const chains = new Map<string, number>();
  const entries: Entry[] = [];
  for (const text of [...literals, ...xored]) {
    const differences = entries.length < literals.length ? 0 : 1;
    const entry = entryOf(text, differences, chains);
    const name = chainOf(differences, entry.key);
    const chain = (chains.get(name) ?? 0) + 1;
    if (chain > MAX_CHAIN) throw new RangeError(`more than ${MAX_CHAIN} literals like "${text}"`);
    chains.set(name, chain);
    entries.push(entry);
  }
  const size = ENTRIES + ENTRY * entries.length + entries.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const table = new Uint8Array(Math.ceil(size / 4) * 4);
  const words = new Uint32Array(table.buffer);
  let text = ENTRIES + ENTRY * entries.length;
  let binaries = 0;
  entries.forEach(({ bytes, window, key, mask }, number) => {
    const isXored = number >= literals.length;
    const isFour = mask === 0xffffffff;
    const set = (bitmap: number, bit: number): void => {
      table[bitmap + (bit >> 3)] = (table[bitmap + (bit >> 3)] as number) | (1 << (bit & 7));
    };
    if (isXored) {
      // One of them is at a place that is looked at.
      table[PAIRS + pairKey(key)] = 1;
      table[PAIRS + pairKey(key >>> 8)] = 1;
      set(XOR_THREES, hash(key & 0xffffff, XOR_BITS));
    } else {
      // So is this: where the key begins, or behind its first byte. What follows three bytes is anything.
      table[filterKey(key)] = 1;
      if (!isText(key)) {
        const bit = 1 << (binaries++ & 7);
        for (const [place, nibble] of [key & 15, (key >>> 4) & 15, (key >>> 8) & 15, (key >>> 12) & 15].entries()) {
          table[BINARIES + 16 * place + nibble] = (table[BINARIES + 16 * place + nibble] as number) | bit;
        }
      }
      for (let last = 0; last < (isFour ? 1 : 32); last++) {
        const four = isFour ? key : key | (last << 24);
        table[filterKey(four >>> 8)] = 1;
        set(FOURS, hash(four & FOUR_MASK, FOUR_BITS));
      }
    }
    const head = ((isXored ? XOR_HEADS : HEADS) >> 2) + hash(key & 0xffffff, HASH_BITS);
    words.set([key, window, number, bytes.length, text, words[head] as number, mask], (ENTRIES + ENTRY * number) >> 2);
    words[head] = number + 1;
    table.set(bytes, text);
    text += bytes.length;
  });
  return { table, begins: compileBegins(strange) };
}

/**
 * `differences`: 1 for the window of what each byte and the next differ by. The window is taken that costs least: how often the
 * filter has it, and how many literals share it, since a chain of them is gone through at each place that has it.
 */
function entryOf(text: string, differences: 0 | 1, chains: ReadonlyMap<string, number>): Entry {
  const bytes = Buffer.from(text, 'latin1');
  const least = differences === 1 ? MIN_XORED : MIN_LITERAL;
  if (bytes.length < least) throw new RangeError(`literal "${text}" is shorter than ${least} bytes`);
  let best: Entry | undefined;
  let lowest = Number.POSITIVE_INFINITY;
  const count = Math.min(4, bytes.length - differences);
  const mask = count === 4 ? 0xffffffff : 0xffffff;
  for (let window = 0; window + count + differences <= bytes.length; window++) {
    let key = 0;
    let often = 1;
    for (let i = count - 1; i >= 0; i--) {
      const byte = bytes[window + i] as number;
      key = ((key << 8) | (differences === 1 ? byte ^ (bytes[window + i + 1] as number) : byte)) >>> 0;
      often *= frequency(byte);
    }
    const chain = 1 + (chains.get(chainOf(differences, key)) ?? 0);
    const cost = looks(key, differences === 1, count) + CONFIRM_COST * often * chain;
    if (cost >= lowest) continue;
    lowest = cost;
    best = { bytes, window, key, mask };
  }
  return best as Entry;
}

/** Whether the first three bytes are. */
function isText(key: number): boolean {
  return [key & 0xff, (key >>> 8) & 0xff, (key >>> 16) & 0xff].every(
    (byte) => ((CLASS[byte] as number) & NO_TEXT) === 0,
  );
}

/** Of a key that is looked up by hash: of its last byte the low five bits. */
const FOUR_MASK = 0x1fffffff;

/** Two differences, of the first the low seven bits: those of text have no more. */
function pairKey(key: number): number {
  return (key & 0x7f) | ((key >>> 1) & 0x7f80);
}

/** The low six bits of a byte and five of each of the next two. */
function filterKey(key: number): number {
  return (key & 63) | ((key >>> 2) & 0x7c0) | ((key >>> 5) & 0xf800);
}

/** How often a key is looked at more closely, in ordinary text: at the places where the filter has it. */
function looks(key: number, isXored: boolean, count: number): number {
  const byteAt = (at: number) => (key >>> (8 * at)) & 0xff;
  const differing = (at: number) => DIFFERING[byteAt(at)] as number;
  if (isXored) return differing(0) * differing(1) + differing(1) * differing(2);
  const first = (at: number) => FOLDED_FIRST[byteAt(at) & 63] as number;
  const folded = (at: number) => FOLDED[byteAt(at) & 31] as number;
  return first(0) * folded(1) * folded(2) + first(1) * folded(2) * (count === 4 ? folded(3) : 1);
}

function hash(key: number, bits: number): number {
  return Math.imul(key, 0x9e3779b1) >>> (32 - bits);
}

function chainOf(differences: 0 | 1, key: number): string {
  return `${differences} ${key & 0xffffff}`;
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

/** The same of what two bytes differ by, and of the low five and six bits of a byte. */
const DIFFERING = new Float64Array(256);
const FOLDED = new Float64Array(32);
const FOLDED_FIRST = new Float64Array(64);
for (let byte = 0; byte < 256; byte++) {
  FOLDED[byte & 31] = (FOLDED[byte & 31] as number) + frequency(byte);
  FOLDED_FIRST[byte & 63] = (FOLDED_FIRST[byte & 63] as number) + frequency(byte);
  for (let other = 0; other < 256; other++) {
    DIFFERING[byte ^ other] = (DIFFERING[byte ^ other] as number) + frequency(byte) * frequency(other);
  }
}

/** What comparing a literal costs, beside a closer look. */
const CONFIRM_COST = 4;

function frequency(byte: number): number {
  return FREQUENCY[byte] as number;
}
