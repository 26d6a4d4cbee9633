/** Places where text in base 85 or 91 may stand. */
import { bitsBefore, bitsFrom, isSet, runStart } from './bitmaps.asm';
import { DENSE, LENGTH, MAPS, STRIDE, TEXT, VALUES, fieldOf } from './block.asm';
import { ASCII85, BASE91, EVERY, IS_FIRST, IS_SMALL, Z85, capitals, digits, found, isMagic, isText, letters, longBegins, longEnd, nextLong } from './found.asm';
import { DRAWN_CAPITALS, LEAST_DENSE, LEAST_LISTED, MOST_LISTED, MOST_NEIGHBOURS, MOST_PLAIN, listPlaces, listed, mayBeMagic85 } from './windows.asm';

/**
 * Drawn characters are of all kinds, and small letters are seldom neighbours. `most`: letters and digits; fewer in a long run, of which
 * there are more windows to come. Without a branch: which it is cannot be foretold.
 */
// @ts-ignore: decorator
@inline
function isDrawnText(window: v128, most: u32): bool {
  const large = capitals(window);
  const all = letters(window);
  const small = all & ~large;
  const neighbours = <u32>popcnt(small & (small >> 1));
  const plain = <u32>popcnt(all | digits(window));
  return (<u32>(<u32>popcnt(large) >= DRAWN_CAPITALS) & <u32>(neighbours <= MOST_NEIGHBOURS) & <u32>(plain <= most)) !== 0;
}

/** Whether commas or quotes are among sixteen bytes, which neither RFC 1924 nor Z85 has. */
// @ts-ignore: decorator
@inline
function hasQuote(window: v128): bool {
  const quotes = v128.or(i8x16.eq(window, i8x16.splat(0x22)), i8x16.eq(window, i8x16.splat(0x27)));
  return v128.any_true(v128.or(quotes, i8x16.eq(window, i8x16.splat(0x2c))));
}

/** Whether what ascii85 has not is among them: what stands behind `u`, but for `z`. */
// @ts-ignore: decorator
@inline
function hasLast(window: v128): bool {
  return v128.any_true(v128.and(i8x16.gt_u(window, i8x16.splat(0x75)), i8x16.ne(window, i8x16.splat(0x7a))));
}

/** Four bytes of five digits of base 85, most significant first; or -1. */
function group85(table: usize, at: usize): i64 {
  let value: u64 = 0;
  for (let i: usize = 0; i < 5; i++) {
    const digit = <u32>load<u8>(table + load<u8>(at + i));
    if (digit === 0xff) return -1;
    value = value * 85 + digit;
  }
  return value > 0xffffffff ? -1 : <i64>value;
}

/** The first digit of text lies between 10, that of a blank, and 40, that of `~`; line ends hardly ever come first. */
const FIRST_DIGIT: u8 = 10;
const FIRST_DIGITS: u8 = 31;

/** Which of sixteen bytes are first digits of text, by kind: those of RFC 1924 and Z85 are the letters of one case and five of the other. */
// @ts-ignore: decorator
@inline
function firstDigits(window: v128, kind: u32): u32 {
  if (kind === ASCII85) {
    return <u32>i8x16.bitmask(i8x16.lt_u(i8x16.sub(window, i8x16.splat(0x21 + FIRST_DIGIT)), i8x16.splat(FIRST_DIGITS)));
  }
  const isSmallFirst = kind === Z85;
  const all = i8x16.sub(window, i8x16.splat(isSmallFirst ? 0x61 : 0x41));
  const five = i8x16.sub(window, i8x16.splat(isSmallFirst ? 0x41 : 0x61));
  return <u32>i8x16.bitmask(v128.or(i8x16.lt_u(all, i8x16.splat(26)), i8x16.lt_u(five, i8x16.splat(FIRST_DIGITS - 26))));
}

function isText85(table: usize, at: usize): bool {
  const value = group85(table, at);
  if (value < 0) return false;
  const four = <u32>value;
  return isText(four >> 24) && isText((four >> 16) & 0xff) && isText((four >> 8) & 0xff) && isText(four & 0xff);
}

/** The highest bits of four bytes, which text has not; and what the first of five digits counts for. */
const HIGHEST: u32 = 0x80808080;
const FIRST_WEIGHT: u32 = 85 * 85 * 85 * 85;

/** The first of five places, those of `shifts`, at which three groups are text; or -1. What five digits make goes on from place to place. */
function nextText85(table: usize, at: usize, shifts: u32): i32 {
  if (shifts === 0) return -1;
  let value: u32 = 0;
  for (let i: usize = 0; i < 5; i++) value = value * 85 + <u32>load<u8>(table + load<u8>(at + i));
  for (let shift: u32 = 0; shift < 5; shift++) {
    const first = at + shift;
    if ((value & HIGHEST) === 0 && ((shifts >> shift) & 1) !== 0) {
      if (isText85(table, first) && isText85(table, first + 5) && isText85(table, first + 10)) return <i32>shift;
    }
    value = (value - <u32>load<u8>(table + load<u8>(first)) * FIRST_WEIGHT) * 85 + <u32>load<u8>(table + load<u8>(first + 5));
  }
  return -1;
}

/** The first digits of what compressed data begins with: 10 of gzip, 13 of zstd, 21 of bzip2, 25 of zip; and 81 of xz. */
const MAGIC_DIGITS: u32 = (1 << 10) | (1 << 13) | (1 << 21) | (1 << 25);
const XZ_DIGIT: u32 = 81;

function isMagic85(table: usize, at: usize): bool {
  const first = <u32>load<u8>(table + load<u8>(at));
  if (first === XZ_DIGIT ? false : first > 31 || ((MAGIC_DIGITS >> first) & 1) === 0) return false;
  const value = group85(table, at);
  return value >= 0 && isMagic(<u32>value >> 8);
}

/** Text of twelve bytes in base91 from its very beginning. */
function isText91(table: usize, text: usize): bool {
  let value: u32 = 0;
  let bits: u32 = 0;
  let made: u32 = 0;
  let at = text;
  while (made < 12) {
    const low = <u32>load<u8>(table + load<u8>(at));
    const high = <u32>load<u8>(table + load<u8>(at + 1));
    if (low === 0xff || high === 0xff) return false;
    const pair = low + high * 91;
    // Of what compressed data begins with only these are no text.
    if (made === 0 && !isText(pair & 0xff) && (pair & 0xff) !== 0x1f && (pair & 0xff) !== 0xfd) return false;
    value |= pair << bits;
    bits += (pair & 8191) > 88 ? 13 : 14;
    while (bits >= 8) {
      if (made === 2 && isMagic(magicOf)) return true;
      const byte = value & 0xff;
      magicOf = ((magicOf << 8) | byte) & 0xffffff;
      if (!isText(byte) && made > 2) return false;
      if (made === 2 && !isMagic(magicOf) && !(isText(magicOf & 0xff) && isText((magicOf >> 8) & 0xff) && isText(magicOf >> 16))) return false;
      made++;
      value >>= 8;
      bits -= 8;
    }
    at += 2;
  }
  return true;
}
let magicOf: u32 = 0;

/** As many characters as a window needs, as bits. */
const WHOLE: u64 = 0xffffff;

/**
 * Where the window at `place` has text of base 85 or 91; or -1. `most`: as in `isDrawnText`. `begins`: what compressed data begins
 * with may stand there, too.
 */
function inWindow(block: usize, place: u32, most: u32, begins: bool, isSmall: bool): i32 {
  const at = fieldOf(block, TEXT) + place;
  const values = fieldOf(block, VALUES);
  const window = v128.load(at);
  const isDrawn = isSmall || isDrawnText(window, most);
  if (isDrawn) {
    const isAdobe = !isSmall && hasQuote(window);
    const isNotAdobe = !isSmall && hasLast(window);
    for (let kind: u32 = 0; kind < 3; kind++) {
      if (kind === ASCII85 ? isNotAdobe : isAdobe) continue;
      const firsts = firstDigits(window, kind);
      const shift = nextText85(values + (kind << 8), at, firsts & (firsts >> 5) & (firsts >> 10) & 31);
      if (shift >= 0) return found(block, place + shift, kind);
    }
  }
  if (begins && mayBeMagic85(at)) {
    for (let kind: u32 = 0; kind < 3; kind++) {
      if (isMagic85(values + (kind << 8), at)) return found(block, place, kind);
    }
  }
  if (isDrawn && (begins || (place & 127) === 0 || isSmall)) {
    if (isText91(values + (BASE91 << 8), at)) return found(block, place, BASE91);
  }
  return -1;
}

/** The same where a run begins or is gone on with: at `start`, where there are characters enough; if it `begins` 8 behind, too. */
function inStart(block: usize, map: usize, start: u32, begins: bool): i32 {
  const hit = inWindow(block, start, MOST_PLAIN, begins, false);
  if (hit >= 0 || !begins || start + 8 + LEAST_DENSE > <u32>fieldOf(block, LENGTH)) return hit;
  return (~bitsFrom(map, start) & (WHOLE << 8)) === 0 ? inWindow(block, start + 8, MOST_PLAIN, false, false) : -1;
}

/** The same for the window at `place` in a run, of which what is before `from` was looked at. In the first 8 characters there are others. */
function inMiddle(block: usize, map: usize, place: u32, from: u32, begins: bool): i32 {
  const before = <u32>clz(~bitsBefore(map, place));
  const start = before < place - from ? place - before : from;
  if (place - start < 8 && (start > from || begins)) return -1;
  return inWindow(block, place, place - start < LEAST_DENSE ? MOST_PLAIN : MOST_PLAIN - 1, false, false);
}

/** The first place where base85 of any kind or base91 may begin, from `from` on; or -1 - the place from which one may still come. */
export function nextDense(block: usize, from: u32, final: bool, first: u32): i32 {
  if ((first & IS_SMALL) !== 0) return nextDenseInSmall(block, from, final, first);
  const length = <u32>fieldOf(block, LENGTH);
  const map = fieldOf(block, MAPS) + DENSE * fieldOf(block, STRIDE);
  const begins = from === 0 ? (first & IS_FIRST) !== 0 : !isSet(map, from - 1);
  if (from + LEAST_DENSE <= length && (~bitsFrom(map, from) & WHOLE) === 0) {
    const hit = inStart(block, map, from, begins);
    if (hit >= 0) return hit;
  }
  let size = LEAST_LISTED;
  for (let at = from + 1; at + LEAST_DENSE <= length; ) {
    for (let entry = listPlaces(block, at, size); entry < listed; entry += 4) {
      const place = load<u32>(entry);
      const hit = isSet(map, place - 1) ? inMiddle(block, map, place, from, begins) : inStart(block, map, place, true);
      if (hit >= 0) return hit;
    }
    at = (at & ~63) + size;
    size = min(2 * size, MOST_LISTED);
  }
  if (final) return -1 - <i32>length;
  // The run that may go on, and its first window that is not whole yet.
  const start = runStart(map, length, min(from, length));
  if (start + LEAST_DENSE > length) return -1 - <i32>start;
  if ((start > from || begins) && start + 8 + LEAST_DENSE > length) return -1 - <i32>(start + 8);
  return -1 - <i32>(((length - LEAST_DENSE) & ~(EVERY - 1)) + EVERY);
}

/** The same for a small text. */
function nextDenseInSmall(block: usize, from: u32, final: bool, first: u32): i32 {
  const length = <u32>fieldOf(block, LENGTH);
  const map = fieldOf(block, MAPS) + DENSE * fieldOf(block, STRIDE);
  let at = from;
  while (true) {
    const run = nextLong(map, at, length, LEAST_DENSE, first);
    if (run < 0) return final ? -1 - <i32>length : run;
    const start = <u32>run;
    for (let place = start; place + LEAST_DENSE <= longEnd; place = longBegins && place === start ? start + 8 : (place + 8) & ~7) {
      const hit = inWindow(block, place, MOST_PLAIN, longBegins && place === start, true);
      if (hit >= 0) return hit;
    }
    at = longEnd;
  }
}
