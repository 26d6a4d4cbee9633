/**
 * Secrets that were turned around, shifted by thirteen letters or XORed with one byte: their literals are looked for as they
 * look then, and what is found is undressed around the place and confirmed like any other.
 */
import { LOOK_AHEAD, LOOK_BEHIND } from '../detectors/types.ts';
import { BASE64, CLASS } from './classes.ts';

export interface Dress {
  /** As in the decoding of a finding. */
  name: string;
  /** What a literal looks like; undefined: XORed, which the search finds by itself. */
  literal?(text: string): string;
  /** The text around a literal that was found at `at`, undressed, and where the literal is in it. */
  undress(bytes: Buffer, at: number, literal: string): { text: string; at: number };
  /** Whether what was found can be told from chance: `bytes` as they were sent. Default: it can. */
  isTelling?(bytes: Buffer): boolean;
}

const ROTATED = Uint8Array.from({ length: 256 }, (_, code) => {
  const letter = (code & 0xdf) - 65;
  return letter < 0 || letter >= 26 ? code : code - letter + ((letter + 13) % 26);
});

/** `bytes` with each letter thirteen letters on. */
export function rotated(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.map((byte) => ROTATED[byte] as number));
}

function rotate(bytes: Buffer): string {
  return rotated(bytes).toString('latin1');
}

/** A copy of the bytes around a literal at `at`. */
function around(bytes: Buffer, at: number): { copy: Buffer; from: number } {
  const from = Math.max(0, at - LOOK_BEHIND);
  return { copy: Buffer.from(bytes.subarray(from, at + LOOK_AHEAD)), from };
}

const reversed: Dress = {
  name: 'reversed',
  literal: (text) => Buffer.from(text, 'latin1').reverse().toString('latin1'),
  undress(bytes, at, literal) {
    const end = at + literal.length;
    const to = Math.min(bytes.length, end + LOOK_BEHIND);
    const copy = Buffer.from(bytes.subarray(Math.max(0, end - LOOK_AHEAD), to));
    return { text: copy.reverse().toString('latin1'), at: to - end };
  },
};

const rot13: Dress = {
  name: 'rot13',
  literal: (text) => rotate(Buffer.from(text, 'latin1')),
  undress(bytes, at) {
    const { copy, from } = around(bytes, at);
    return { text: rotate(copy), at: at - from };
  },
};

/** Share of the bytes of a XORed secret whose upper halves are not the most frequent one; a random key has twice as many. */
const LEAST_SPREAD = 0.25;
/** Share of its bytes that are neither letters nor digits: names in a program have fewer. */
const LEAST_STRANGE = 1 / 6;
/** Bytes of a XORed secret that are judged: what stands behind it may look as if it belonged to it. */
const TELLING = 24;

const xored: Dress = {
  name: 'xor',
  undress(bytes, at, literal) {
    const key = (bytes[at] as number) ^ literal.charCodeAt(0);
    const { copy, from } = around(bytes, at);
    for (let i = 0; i < copy.length; i++) copy[i] = (copy[i] as number) ^ key;
    return { text: copy.toString('latin1'), at: at - from };
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
