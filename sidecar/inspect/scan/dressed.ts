/**
 * Secrets that were turned around, shifted by thirteen letters or XORed with one byte: their literals are looked for as they
 * look then, and what is found is undressed around the place and confirmed like any other.
 */
import { LOOK_AHEAD, LOOK_BEHIND } from '../detectors/types.ts';
import { BASE64, CLASS, WORD } from './classes.ts';

export interface Dress {
  /** As in the decoding of a finding. */
  name: string;
  /** What a literal looks like; undefined: XORed, which the search finds by itself. */
  literal?(text: string): string;
  /**
   * The text around a literal that was found at `at`, undressed, and where the literal is in it. `isWord`: only the word that it
   * is in, and a little before it, is asked for.
   */
  undress(bytes: Buffer, at: number, literal: string, isWord: boolean): { text: string; at: number };
  /** Whether what was found can be told from chance: `bytes` as they were sent. Default: it can. */
  isTelling?(bytes: Buffer): boolean;
  /** Whether anything around a literal at `at`, which is all in one word, can be telling. */
  mayTell?(bytes: Buffer, at: number): boolean;
}

const ROTATED = Uint8Array.from({ length: 256 }, (_, code) => {
  const letter = (code & 0xdf) - 65;
  return letter < 0 || letter >= 26 ? code : code - letter + ((letter + 13) % 26);
});

/** `bytes` with each letter thirteen letters on. */
export function rotated(bytes: Uint8Array): Buffer {
  const copy = Buffer.from(bytes);
  for (let at = 0; at < copy.length; at++) copy[at] = ROTATED[copy[at] as number] as number;
  return copy;
}

function rotate(bytes: Buffer): string {
  return rotated(bytes).toString('latin1');
}

/** Bytes beside a word that tell whether it stands in a run of digits. */
const BESIDE_WORD = 64;
/** Bytes to either side that are looked at for where the word ends. */
const MOST_WORD = 256;

/** How far to look to both sides of `[from, to)`: as far as any detector does, or little further than the word, XORed with `key`. */
function limits(bytes: Buffer, from: number, to: number, behind: number, ahead: number, isWord: boolean, key = 0) {
  let first = Math.max(0, from - behind);
  let last = Math.min(bytes.length, from + ahead);
  if (!isWord) return { first, last };
  const least = Math.max(first, from - MOST_WORD);
  let begin = from;
  while (begin > least && ((CLASS[(bytes[begin - 1] as number) ^ key] as number) & WORD) !== 0) begin--;
  const most = Math.min(last, to + MOST_WORD);
  let end = Math.min(to, last);
  while (end < most && ((CLASS[(bytes[end] as number) ^ key] as number) & WORD) !== 0) end++;
  if (begin > least) first = Math.max(first, begin - BESIDE_WORD);
  if (end < most) last = Math.min(last, end + BESIDE_WORD);
  return { first, last };
}

const reversed: Dress = {
  name: 'reversed',
  literal: (text) => Buffer.from(text, 'latin1').reverse().toString('latin1'),
  undress(bytes, at, literal, isWord) {
    const end = at + literal.length;
    const { first, last } = limits(bytes, at, end, LOOK_AHEAD - literal.length, LOOK_BEHIND + literal.length, isWord);
    const copy = Buffer.from(bytes.subarray(first, last));
    return { text: copy.reverse().toString('latin1'), at: last - end };
  },
};

const rot13: Dress = {
  name: 'rot13',
  literal: (text) => rotate(Buffer.from(text, 'latin1')),
  undress(bytes, at, literal, isWord) {
    const { first, last } = limits(bytes, at, at + literal.length, LOOK_BEHIND, LOOK_AHEAD, isWord);
    return { text: rotate(bytes.subarray(first, last)), at: at - first };
  },
};

/** Share of the bytes of a XORed secret whose upper halves are not the most frequent one; a random key has twice as many. */
const LEAST_SPREAD = 0.25;
/** Share of its bytes that are neither letters nor digits: names in a program have fewer. */
const LEAST_STRANGE = 1 / 6;
/** Bytes of a XORed secret that are judged: what stands behind it may look as if it belonged to it. */
const TELLING = 24;

/** Bytes beside a literal among which the first ones of any token are. */
const BESIDE_LITERAL = 128;

/** Where bytes are XORed, four at a time. */
let words = new Uint32Array(1024);

function xoredText(bytes: Buffer, key: number): string {
  const count = Math.ceil(bytes.length / 4);
  if (count > words.length) words = new Uint32Array(2 * count);
  const copy = Buffer.from(words.buffer, 0, bytes.length);
  copy.set(bytes);
  const four = Math.imul(key, 0x01010101);
  for (let i = 0; i < count; i++) words[i] = (words[i] as number) ^ four;
  return copy.toString('latin1');
}

const xored: Dress = {
  name: 'xor',
  undress(bytes, at, literal, isWord) {
    const key = (bytes[at] as number) ^ literal.charCodeAt(0);
    const { first, last } = limits(bytes, at, at + literal.length, LOOK_BEHIND, LOOK_AHEAD, isWord, key);
    return { text: xoredText(bytes.subarray(first, last), key), at: at - first };
  },
  mayTell(bytes, at) {
    const to = Math.min(bytes.length, at + BESIDE_LITERAL);
    for (let i = Math.max(0, at - BESIDE_LITERAL); i < to; i++) {
      if (((CLASS[bytes[i] as number] as number) & BASE64) === 0) return true;
    }
    return false;
  },
  isTelling(all) {
    const bytes = all.subarray(0, TELLING);
    // With some byte or other random base64 and names become what begins like a token, and a table of small numbers letters.
    const counts = Array.from({ length: 16 }, () => 0);
    let strange = 0;
    for (const byte of bytes) {
      if (((CLASS[byte] as number) & BASE64) === 0) strange++;
      counts[byte >> 4] = (counts[byte >> 4] as number) + 1;
    }
    const spread = bytes.length - Math.max(...counts);
    return strange >= LEAST_STRANGE * bytes.length && spread >= LEAST_SPREAD * bytes.length;
  },
};

export const DRESSES: readonly Dress[] = [reversed, rot13, xored];

/** Different characters of a literal that is looked for as XORed: `ACCA` is in every pattern. */
const LEAST_DIFFERENT = 3;

/** Whether a literal says enough to be looked for in a dress: words turn up in any text, and what is short in any dress. */
export function isDressed(literal: string, dress: Dress): boolean {
  if (literal.length < 4) return false;
  if (dress === xored && new Set(literal).size < LEAST_DIFFERENT) return false;
  if (/^[A-Z]{4}$/.test(literal) || literal === 'PRIVATE KEY') return true;
  return /[^A-Za-z ]/.test(literal) && /[A-Za-z]{2}/.test(literal);
}
