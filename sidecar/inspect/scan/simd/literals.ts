/** The table that `survey` finds literals with. Of each literal its rarest four bytes are looked for. */

import { type Beside, type Row, SETS } from '../../detectors/beside.ts';
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
}

/** Sizes of the bitmaps as powers of two; as in table.asm.ts. */
const KEY_BITS = 16;
const XOR_KEY_BITS = 15;
const FOUR_BITS = 17;
const XOR_BITS = 16;
const XOR_KEYS = 1 << KEY_BITS;
const FOURS = XOR_KEYS + (1 << XOR_KEY_BITS);
const XOR_THREES = FOURS + (1 << (FOUR_BITS - 3));
/** Tables for those that may stand alone; whether the others are looked for near text in a row alone, and how far rarest bytes are from the first. */
export const ALONE: number = XOR_THREES + (1 << (XOR_BITS - 3));
export const NEAR_ALONE: number = ALONE + 96;
/** Sets of characters that a byte is in, as in beside.ts. */
const MEMBER_OF = NEAR_ALONE + 32;
const HEADS = MEMBER_OF + 256;
const HASH_BITS = 14;
const XOR_HEADS = HEADS + (4 << HASH_BITS);
const ENTRIES = XOR_HEADS + (4 << HASH_BITS);
const ENTRY = 36;
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
 * own behind those of `literals`. `strange`: those that tell something without any text around (near.asm.ts); undefined: all may.
 * `besideOf` says what stands beside the literal of a number wherever it is wanted. Throws a RangeError for one below MIN_LITERAL, and for more than
 * MAX_CHAIN that share their rarest bytes.
 */
export function compileLiterals(
  literals: readonly string[],
  xored: readonly string[] = [],
  strange?: readonly string[],
  besideOf: (number: number) => Beside | undefined = () => undefined,
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
  // Threads that start later have the same.
  const table = new Uint8Array(new SharedArrayBuffer(Math.ceil(size / 4) * 4));
  const words = new Uint32Array(table.buffer);
  table.set(SETS, MEMBER_OF);
  table.set(compileBegins(strange ?? []), ALONE);
  table[NEAR_ALONE] = strange === undefined ? 0 : 1;
  words[(NEAR_ALONE >> 2) + 1] = Math.max(0, ...entries.map(({ window }) => window));
  let text = ENTRIES + ENTRY * entries.length;
  const mark = (at: number, bits: number): void => {
    table[at] = (table[at] as number) | bits;
  };
  entries.forEach(({ bytes, window, key, mask }, number) => {
    const isXored = number >= literals.length;
    const isFour = mask === 0xffffffff;
    const set = (bitmap: number, bit: number): void => {
      mark(bitmap + (bit >> 3), 1 << (bit & 7));
    };
    const bucket = 1 << bucketOf(bytes);
    const base = isXored ? XOR_KEYS : 0;
    for (const place of [window, window - 1]) {
      // One of the two is an even place: the table says there that the literal begins, and two bytes on that it goes on.
      keysAt(bytes, place, isXored, (key) => mark(base + key, bucket));
      keysAt(bytes, place + 2, isXored, (key) => mark(base + key, bucket << BUCKETS));
    }
    if (isXored) set(XOR_THREES, hash(key & 0xffffff, XOR_BITS));
    else {
      // What follows three bytes is anything.
      for (let last = 0; last < (isFour ? 1 : 32); last++) {
        set(FOURS, hash((isFour ? key : key | (last << 24)) & FOUR_MASK, FOUR_BITS));
      }
    }
    const head = ((isXored ? XOR_HEADS : HEADS) >> 2) + hash(key & 0xffffff, HASH_BITS);
    const beside = besideOf(number);
    const entry = [key, window, number, bytes.length, text, words[head] as number, mask];
    words.set([...entry, packed(beside?.before), packed(beside?.behind)], (ENTRIES + ENTRY * number) >> 2);
    words[head] = number + 1;
    table.set(bytes, text);
    text += bytes.length;
  });
  return { table };
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
    const cost = looks(bytes, window, differences === 1) + CONFIRM_COST * often * chain;
    if (cost >= lowest) continue;
    lowest = cost;
    best = { bytes, window, key, mask };
  }
  return best as Entry;
}

/** The set, from the second byte on the count, and in the highest byte what the row ends with. */
function packed(row: Row | undefined): number {
  if (row === undefined) return 0;
  return row.set | (row.count << 8) | ((row.until?.charCodeAt(0) ?? 0) << 24);
}

/** Of a key that is looked up by hash: of its last byte the low five bits. */
const FOUR_MASK = 0x1fffffff;

/**
 * In how many kinds literals are sorted, whose beginnings only go on as those of the same kind do. Of short ones some bytes are
 * anything; nearly all end alike.
 */
const BUCKETS = 4;
const SHORT = 4;

function bucketOf(bytes: Buffer): number {
  if (bytes.length > SHORT) return 3;
  const last = String.fromCharCode(bytes.at(-1) as number);
  return last === '_' ? 0 : last === '-' || last === '.' ? 1 : 2;
}

/** Bits that are looked at of each of three bytes, and of three differences. */
const KEPT_BITS: readonly number[] = [5, 6, 5];
const KEPT_XOR_BITS: readonly number[] = [5, 5, 5];

/** Tells the keys of the three bytes (or differences) from `from` on; of what is outside of the literal all that it may have. */
function keysAt(bytes: Buffer, from: number, isXored: boolean, tell: (key: number) => void): void {
  const kept = isXored ? KEPT_XOR_BITS : KEPT_BITS;
  // There are up to 65536: no list of them is made.
  const fill = (place: number, shift: number, key: number): void => {
    const bits = kept[place];
    if (bits === undefined) {
      tell(key);
      return;
    }
    const one = bytes[from + place];
    const next = bytes[from + place + 1];
    const value = isXored ? (one === undefined || next === undefined ? undefined : one ^ next) : one;
    const most = (1 << bits) - 1;
    if (value !== undefined) fill(place + 1, shift + bits, key | ((value & most) << shift));
    else for (let any = 0; any <= most; any++) fill(place + 1, shift + bits, key | (any << shift));
  };
  fill(0, 0, 0);
}

/** Share of the places of ordinary text at which a literal is looked for more closely: what begins there, and goes on, is like it. */
function looks(bytes: Buffer, window: number, isXored: boolean): number {
  const likely = isXored ? FOLDED_DIFFERING : FOLDED;
  const length = bytes.length - (isXored ? 1 : 0);
  let sum = 0;
  for (const from of [window, window - 1]) {
    let share = 1;
    for (let at = Math.max(0, from); at < Math.min(from + LOOKED_AT, length); at++) {
      const byte = bytes[at] as number;
      share *= likely[(isXored ? byte ^ (bytes[at + 1] as number) : byte) & 31] as number;
    }
    sum += share;
  }
  return sum;
}

/** Bytes, or differences, of a key and the one two bytes on. */
const LOOKED_AT = 5;

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

/** The same of the low five bits of a byte, and of what two bytes differ by. */
const FOLDED = new Float64Array(32);
const FOLDED_DIFFERING = new Float64Array(32);
for (let byte = 0; byte < 256; byte++) {
  FOLDED[byte & 31] = (FOLDED[byte & 31] as number) + frequency(byte);
  for (let other = 0; other < 256; other++) {
    const differing = (byte ^ other) & 31;
    FOLDED_DIFFERING[differing] = (FOLDED_DIFFERING[differing] as number) + frequency(byte) * frequency(other);
  }
}

/** What comparing a literal costs, beside a closer look. */
const CONFIRM_COST = 4;

function frequency(byte: number): number {
  return FREQUENCY[byte] as number;
}
