/**
 * Escapes in text: `%XX` (RFC 3986, 2.1), backslash escapes (RFC 8259, 7, and what programming languages add), and the
 * blank of forms, `+` (WHATWG URL, 5.1). Escaping on top of escaping (`%2541`, `\\\\u0041`) is read at once: no secret needs
 * a per cent sign or a backslash of its own, but UTF-16 loses step without one.
 */
import { CLASS, HEX } from '../scan/classes.ts';

const PERCENT = 0x25;
const BACKSLASH = 0x5c;
/** Times a per cent sign or a backslash is escaped again and still read at once. */
export const MAX_ESCAPED = 32;
/** Bytes that one escape may take: MAX_ESCAPED doublings, and what follows them. */
export const MAX_ESCAPE: number = 2 * MAX_ESCAPED + 16;

/**
 * What `readEscape` found: the byte it stands for, the index after it, whether its backslashes are too many for one code,
 * however often that was escaped again: then they may be a backslash and the code (`\\\u0000`); how many times it was
 * escaped with per cent signs (`%2541`: twice).
 */
export const unescaped = { value: 0, end: 0, isAfterBackslash: false, times: 0 };

/** Reads the escape at `at` into `unescaped`; false: there is none. What is cut off by the end of `bytes` is none. */
export function readEscape(bytes: Buffer, at: number): boolean {
  return bytes[at] === PERCENT ? readPercent(bytes, at) : readBackslash(bytes, at);
}

function readPercent(bytes: Buffer, at: number): boolean {
  if (!isHex(bytes[at + 1]) || !isHex(bytes[at + 2])) return false;
  let digits = at + 1;
  const limit = at + 2 * MAX_ESCAPED;
  while (digits < limit && bytes[digits] === 0x32 && bytes[digits + 1] === 0x35) {
    if (!isHex(bytes[digits + 2]) || !isHex(bytes[digits + 3])) break;
    digits += 2;
  }
  unescaped.value = hexValue(bytes[digits] as number) * 16 + hexValue(bytes[digits + 1] as number);
  unescaped.end = digits + 2;
  unescaped.isAfterBackslash = false;
  unescaped.times = (digits - at + 1) / 2;
  return true;
}

/** The character for each letter after a backslash, and the number of hex digits; 0: none. */
const SIMPLE = new Uint8Array(256);
const CODED = new Uint8Array(256);
for (const [letter, char] of ['""', "''", '//', '``', 'n\n', 'r\r', 't\t', 'b\b', 'f\f']) {
  SIMPLE[(letter as string).charCodeAt(0)] = (char as string).charCodeAt(0);
}
CODED['x'.charCodeAt(0)] = 2;
CODED['u'.charCodeAt(0)] = 4;
CODED['U'.charCodeAt(0)] = 8;

function readBackslash(bytes: Buffer, at: number): boolean {
  let next = at + 1;
  const limit = at + MAX_ESCAPED;
  while (next < limit && bytes[next] === BACKSLASH) next++;
  const letter = bytes[next];
  if (letter === undefined) return false;
  const count = next - at;
  unescaped.isAfterBackslash = (count & (count - 1)) !== 0;
  unescaped.times = 0;
  const simple = SIMPLE[letter] as number;
  if (simple !== 0) {
    unescaped.value = simple;
    unescaped.end = next + 1;
    return true;
  }
  const coded = CODED[letter] as number;
  return coded !== 0 && readCoded(bytes, next + 1, coded);
}

/** `digits` hex digits, or some in braces (`\u{41}`). */
function readCoded(bytes: Buffer, from: number, digits: number): boolean {
  const braced = bytes[from] === 0x7b;
  const first = braced ? from + 1 : from;
  let at = first;
  let value = 0;
  while (at < first + (braced ? 8 : digits) && isHex(bytes[at])) value = value * 16 + hexValue(bytes[at++] as number);
  if (braced ? at === first || bytes[at] !== 0x7d : at - first !== digits) return false;
  // No secret has a character beyond latin1.
  unescaped.value = Math.min(value, 0xff);
  unescaped.end = braced ? at + 1 : at;
  return true;
}

function isHex(byte: number | undefined): boolean {
  return byte !== undefined && ((CLASS[byte] as number) & HEX) !== 0;
}

/** Value of a hex digit. */
function hexValue(byte: number): number {
  return byte <= 0x39 ? byte - 0x30 : (byte & 0x0f) + 9;
}
