/** One escape, as unescape.ts describes them: `%XX` (RFC 3986, 2.1) or a backslash with what follows (RFC 8259, 7). */
import { hexValue } from './digits.asm';

/** Times a per cent sign or a backslash is escaped again and still read at once (MAX_ESCAPED in unescape.ts). */
const MOST_ESCAPED: u32 = 32;
/** Bytes that one escape may take. */
export const MOST_ESCAPE: u32 = 2 * MOST_ESCAPED + 16;

export const PERCENT_SIGN: u8 = 0x25;
export const BACKSLASH_SIGN: u8 = 0x5c;
const LETTER_X: u8 = 0x78;

/** What `readEscape` found: the byte, the place behind it, whether a backslash may stand before it, how often it was escaped. */
export let escapeByte: u32 = 0;
export let escapeEnd: u32 = 0;
export let escapeAfterBackslash: bool = false;
export let escapeTimes: u32 = 0;

/** Reads the escape at `at`; false: there is none. What the end of the text cuts off is none. */
export function readEscape(text: usize, length: u32, at: u32): bool {
  return load<u8>(text + at) === PERCENT_SIGN ? readPercent(text, length, at) : readBackslash(text, length, at);
}

/** The same for one place: the byte that it stands for, and above that how many it takes; 0: there is none. */
export function escapeAt(text: usize, length: u32, at: u32): u32 {
  return readEscape(text, length, at) ? ((escapeEnd - at) << 8) | escapeByte : 0;
}

function isHexAt(text: usize, length: u32, at: u32): bool {
  if (at >= length) return false;
  const byte = <u32>load<u8>(text + at);
  return byte - 0x30 < 10 || (byte | 0x20) - 0x61 < 6;
}

/** The byte that two hex digits at `at`, which lie in the text, stand for; 256 or more: they are none. */
// @ts-ignore: decorator
@inline
export function hexPair(at: usize): u32 {
  return (hexDigit(load<u8>(at)) << 4) | hexDigit(load<u8>(at + 1));
}

// @ts-ignore: decorator
@inline
function hexDigit(byte: u32): u32 {
  const digit = byte - 0x30;
  if (digit < 10) return digit;
  const letter = (byte | 0x20) - 0x61;
  return letter < 6 ? letter + 10 : 256;
}

function readPercent(text: usize, length: u32, at: u32): bool {
  if (!isHexAt(text, length, at + 1) || !isHexAt(text, length, at + 2)) return false;
  let digits = at + 1;
  const limit = at + 2 * MOST_ESCAPED;
  while (digits < limit && load<u16>(text + digits) === 0x3532) {
    if (!isHexAt(text, length, digits + 2) || !isHexAt(text, length, digits + 3)) break;
    digits += 2;
  }
  escapeByte = hexValue(load<u8>(text + digits)) * 16 + hexValue(load<u8>(text + digits + 1));
  escapeEnd = digits + 2;
  escapeAfterBackslash = false;
  escapeTimes = (digits - at + 1) >> 1;
  return true;
}

function readBackslash(text: usize, length: u32, at: u32): bool {
  // Most escapes are these: `\n`, `\"`.
  if (at + 1 < length) {
    const simple = simpleEscape(load<u8>(text + at + 1));
    if (simple !== 0) {
      escapeByte = simple;
      escapeAfterBackslash = false;
      escapeTimes = 0;
      escapeEnd = at + 2;
      return true;
    }
  }
  if (at + 4 <= length && load<u8>(text + at + 1) === LETTER_X) {
    const value = hexPair(text + at + 2);
    if (value < 256) {
      escapeByte = value;
      escapeAfterBackslash = false;
      escapeTimes = 0;
      escapeEnd = at + 4;
      return true;
    }
  }
  let next = at + 1;
  const limit = at + MOST_ESCAPED;
  while (next < limit && next < length && load<u8>(text + next) === BACKSLASH_SIGN) next++;
  if (next >= length) return false;
  const letter = load<u8>(text + next);
  const count = next - at;
  escapeAfterBackslash = (count & (count - 1)) !== 0;
  escapeTimes = 0;
  escapeEnd = next + 1;
  escapeByte = simpleEscape(letter);
  if (escapeByte !== 0) return true;
  switch (letter) {
    case 0x78: // x
      return readCoded(text, length, next + 1, 2);
    case 0x75: // u
      return readCoded(text, length, next + 1, 4);
    case 0x55: // U
      return readCoded(text, length, next + 1, 8);
    default:
      return readOctal(text, length, next);
  }
}

/** What an escape of one letter stands for; 0: it is none. */
// @ts-ignore: decorator
@inline
function simpleEscape(letter: u8): u32 {
  switch (letter) {
    case 0x22: // "
    case 0x27: // '
    case 0x2f: // /
    case 0x60: // `
      return letter;
    case 0x6e: // n
      return 0x0a;
    case 0x72: // r
      return 0x0d;
    case 0x74: // t
      return 0x09;
    case 0x62: // b
      return 0x08;
    case 0x66: // f
      return 0x0c;
    default:
      return 0;
  }
}

/** One to three octal digits, as of C and the shell. */
function readOctal(text: usize, length: u32, from: u32): bool {
  let at = from;
  let value: u32 = 0;
  while (at < length && at < from + 3 && <u32>load<u8>(text + at) - 0x30 < 8) {
    value = value * 8 + load<u8>(text + at) - 0x30;
    at++;
  }
  if (at - from < 3) return false;
  escapeByte = value & 0xff;
  escapeEnd = at;
  return true;
}

/** `digits` hex digits, or some in braces (`\u{41}`). */
function readCoded(text: usize, length: u32, from: u32, digits: u32): bool {
  const braced = from < length && load<u8>(text + from) === 0x7b;
  const first = braced ? from + 1 : from;
  const most = first + (braced ? 8 : digits);
  let at = first;
  let value: u32 = 0;
  while (at < most && isHexAt(text, length, at)) {
    value = value * 16 + hexValue(load<u8>(text + at));
    at++;
  }
  if (braced) {
    if (at === first || at >= length || load<u8>(text + at) !== 0x7d) return false;
    at++;
  } else if (at - first !== digits) return false;
  // No secret has a character beyond latin1.
  escapeByte = min(value, 0xff);
  escapeEnd = at;
  return true;
}
