/**
 * Places where text may stand that was encoded in some base, found by looking at few windows of what is unlike ordinary text:
 * what the digits of a window stand for must be text. Where digits begin is told by the place; which base, by OUT_CODEC.
 */
import { bitsBefore, bitsFrom, hasFull, isSet, next, nextRun, runEnd, runStart, runsOf } from './bitmaps.asm';
import { BASE64, CAPITAL, DENSE, LARGE, LENGTH, MAPS, OUT_CODEC, STRIDE, TEXT, VALUES, fieldOf } from './block.asm';
import { LEAST_CAPITALS, LEAST_DENSE, LEAST_LISTED, MOST_LISTED, MOST_NEIGHBOURS, MOST_PLAIN, listPlaces, listed, mayBeMagic85 } from './windows.asm';

/** Nothing stands before the text; and it is small: every place is looked at. */
const IS_FIRST: u32 = 1;
const IS_SMALL: u32 = 2;

/** Numbers of the encodings, which are those of their tables: as in alphabets.ts. */
const ASCII85: u32 = 1;
const Z85: u32 = 2;
const BASE91: u32 = 3;
const BASE45: u32 = 4;
const BASE58: u32 = 5;
const BASE32: u32 = 6;
const UUENCODE: u32 = 7;
const PIECES: u32 = 8;

const LEAST_LETTERS: u32 = 27;
const LEAST_NO_SMALL: u32 = 29;
/** How far apart windows are inside a run. */
const EVERY: u32 = 32;

/** Where the run ends that was found last, and whether something else stands before it. */
let longEnd: u32 = 0;
let longBegins: bool = false;

/**
 * As `nextRun` for runs of 24 or more; says where the run ends, and whether something else stands before it. `first`: nothing stands before
 * the text.
 */
function nextLong(map: usize, from: u32, length: u32, least: u32, first: u32): i32 {
  let base = from & ~63;
  while (base + 160 <= length && !hasFull(map + (base >> 3))) base += 128;
  const start = nextRun(map, max(from, base), length, least);
  if (start < 0) return start;
  longEnd = runEnd(map, <u32>start + least, length);
  longBegins = <u32>start > from || (start === 0 ? (first & IS_FIRST) !== 0 : !isSet(map, <u32>start - 1));
  return start;
}

/** Characters, tab and line ends. */
// @ts-ignore: decorator
@inline
function isText(byte: u32): bool {
  return byte - 0x20 < 0x5f || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

// @ts-ignore: decorator
@inline
function found(block: usize, at: u32, codec: u32): i32 {
  store<u32>(block + OUT_CODEC, codec);
  return <i32>at;
}

/** What compressed data begins with: three bytes of gzip, zstd, zip, xz, bzip2. */
function isMagic(three: u32): bool {
  return three === 0x1f8b08 || three === 0x28b52f || three === 0x504b03 || three === 0xfd377a || three === 0x425a68;
}

/** What bytes are compared with, in memory: see maps.asm.ts. */
const BYTES: usize = memory.data<u8>([0x41, 26, 0x20, 0x61, 0x30, 10], 16);

/** Which of sixteen bytes are capitals; and which are letters. */
// @ts-ignore: decorator
@inline
function capitals(window: v128): u32 {
  return <u32>i8x16.bitmask(i8x16.lt_u(i8x16.sub(window, v128.load_splat<u8>(BYTES)), v128.load_splat<u8>(BYTES, 1)));
}

// @ts-ignore: decorator
@inline
function letters(window: v128): u32 {
  const folded = v128.or(window, v128.load_splat<u8>(BYTES, 2));
  return <u32>i8x16.bitmask(i8x16.lt_u(i8x16.sub(folded, v128.load_splat<u8>(BYTES, 3)), v128.load_splat<u8>(BYTES, 1)));
}

// @ts-ignore: decorator
@inline
function digits(window: v128): u32 {
  return <u32>i8x16.bitmask(i8x16.lt_u(i8x16.sub(window, v128.load_splat<u8>(BYTES, 4)), v128.load_splat<u8>(BYTES, 5)));
}

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
  return (<u32>(<u32>popcnt(large) >= LEAST_CAPITALS) & <u32>(neighbours <= MOST_NEIGHBOURS) & <u32>(plain <= most)) !== 0;
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

/** Values of the digits of a window. */
const VALUES_32: usize = memory.data(48);

/** Writes the values of 32 digits of base32, whatever they are. */
function values32(at: usize): void {
  v128.store(VALUES_32, valuesOf32(v128.load(at)));
  v128.store(VALUES_32, valuesOf32(v128.load(at, 16)), 16);
}

/** Which of sixteen bytes are digits of base32, in either case. */
// @ts-ignore: decorator
@inline
function digits32(window: v128): u32 {
  return letters(window) | <u32>i8x16.bitmask(i8x16.lt_u(i8x16.sub(window, i8x16.splat(0x32)), i8x16.splat(6)));
}

// @ts-ignore: decorator
@inline
function valuesOf32(bytes: v128): v128 {
  const letter = i8x16.sub(v128.or(bytes, i8x16.splat(0x20)), i8x16.splat(0x61));
  const digit = i8x16.sub(bytes, i8x16.splat(24));
  return v128.bitselect(letter, digit, i8x16.gt_u(bytes, i8x16.splat(0x40)));
}

/** Whether ten bytes of base32 from a digit of the window on can be text: none has its highest bit. */
// @ts-ignore: decorator
@inline
function mayBeText32(shift: u32): bool {
  const highest = i8x16(0x10, 0x02, 0, 0x08, 0x01, 0, 0x04, 0, 0x10, 0x02, 0, 0x08, 0x01, 0, 0x04, 0);
  return !v128.any_true(v128.and(v128.load(VALUES_32 + shift), highest));
}

/** Ten bytes of base32 are text. */
function isText32(table: usize, at: usize): bool {
  let value: u32 = 0;
  let bits: u32 = 0;
  for (let i: usize = 0; i < 16; i++) {
    const digit = <u32>load<u8>(table + load<u8>(at + i));
    if (digit === 0xff) return false;
    value = (value << 5) | digit;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    if (!isText((value >> bits) & 0xff)) return false;
  }
  return true;
}

/** The same for base32 and base58. What is said to be base58 has only its digits. */
export function nextSingleCase(block: usize, from: u32, final: bool, first: u32): i32 {
  const text = fieldOf(block, TEXT);
  const length = <u32>fieldOf(block, LENGTH);
  const map = fieldOf(block, MAPS) + BASE64 * fieldOf(block, STRIDE);
  const base32 = fieldOf(block, VALUES) + (BASE32 << 8);
  const base58 = fieldOf(block, VALUES) + (BASE58 << 8);
  const isSmall = (first & IS_SMALL) !== 0;
  const every: u32 = isSmall ? 8 : EVERY;
  let at = from;
  while (true) {
    const run = nextLong(map, at, length, LEAST_LETTERS, first);
    if (run < 0) return final ? -1 - <i32>length : run;
    const start = <u32>run;
    const end = longEnd;
    const begins = longBegins;
    let place = start;
    while (place + LEAST_LETTERS <= end) {
      const window = v128.load(text + place);
      const large = <u32>popcnt(capitals(window));
      const both = <u32>popcnt(letters(window));
      if (isSmall || large === both || large === 0) {
        const behind = v128.load(text + place, 16);
        // Sixteen digits from each of eight places on: words and paths have other characters among them.
        let places = runsOf(<u64>(digits32(window) | (digits32(behind) << 16)), 16) & 0xff;
        if (!isSmall && both === 16 && place + EVERY <= end && <u32>popcnt(letters(behind)) === 16) places = 0;
        if (places !== 0) values32(text + place);
        for (; places !== 0; places &= places - 1) {
          const shift = <u32>ctz(places);
          if (mayBeText32(shift) && isText32(base32, text + place + shift)) return found(block, place + shift, BASE32);
        }
      }
      if (begins && place === start && (isSmall || (large >= 2 && large < both))) {
        const hasDigit = (digits(window) | digits(v128.load(text + place, LEAST_LETTERS - 16))) !== 0;
        if ((isSmall || hasDigit) && isAll(base58, text + start, end - start)) return found(block, start, BASE58);
      }
      place = begins && place === start ? start + 8 : (place + every) & ~(every - 1);
    }
    if (end === length && !final) return -1 - <i32>place;
    at = end;
  }
}

function isAll(table: usize, at: usize, count: u32): bool {
  for (let i: u32 = 0; i < count; i++) {
    if (load<u8>(table + load<u8>(at + i)) === 0xff) return false;
  }
  return true;
}

/** Digits of the longest piece of base64 in pieces, and of the longest gap between two; the shortest has eight. */
const MOST_PIECE: u32 = 19;
const PIECE_GAP: u32 = 4;

/** Bytes that three pieces and what is between may take. */
const MOST_PIECES: u32 = 3 * (MOST_PIECE + PIECE_GAP);

/** What says that none begins before `limit`: a piece that is cut there may be the first. */
function openPiece(map: usize, from: u32, limit: u32, final: bool): i32 {
  if (final) return -1 - <i32>limit;
  return -1 - <i32>runStart(map, limit, max(from, limit > MOST_PIECE ? limit - MOST_PIECE : 0));
}

/**
 * The bytes of the map that are full of digits, of sixteen from `at` on. Not all: those of which two or more are capitals and others
 * small letters, as they are where base64 is.
 */
// @ts-ignore: decorator
@inline
function fullOfDigits(map: usize, capital: usize, large: usize, at: usize, all: bool): u32 {
  const ones = i8x16.splat(-1);
  const full = i8x16.eq(v128.load(map + at), ones);
  if (all) return <u32>i8x16.bitmask(full);
  const letters = v128.load(large + at);
  const few = i8x16.eq(v128.and(letters, i8x16.add(letters, ones)), i8x16.splat(0));
  return <u32>i8x16.bitmask(v128.andnot(full, v128.or(few, i8x16.eq(v128.load(capital + at), ones))));
}

/** The first of three pieces of base64 that are as long as each other, with few other characters between. */
export function nextPieces(block: usize, from: u32, final: bool, first: u32): i32 {
  const text = fieldOf(block, TEXT);
  const length = <u32>fieldOf(block, LENGTH);
  const stride = fieldOf(block, STRIDE);
  const map = fieldOf(block, MAPS) + BASE64 * stride;
  const capital = fieldOf(block, MAPS) + CAPITAL * stride;
  const large = fieldOf(block, MAPS) + LARGE * stride;
  const isSmall = (first & IS_SMALL) !== 0;
  // What begins here may not be whole yet.
  const limit = final ? length : max(from, length > MOST_PIECES ? length - MOST_PIECES : 0);
  let at = (from + 7) & ~7;
  while (at < limit) {
    const base = at;
    at += 128;
    for (let parts = fullOfDigits(map, capital, large, base >> 3, isSmall); parts !== 0; parts &= parts - 1) {
      const inside = base + (<u32>ctz(parts) << 3);
      if (inside >= limit) break;
      const window = v128.load(text + inside);
      const count = <u32>popcnt(capitals(window) & 0xff);
      if (!isSmall && (count < 2 || <u32>popcnt(letters(window) & 0xff) === count)) continue;
      // Two pieces and what is between are seen at once: how long they are is not to be foretold.
      const start = max(<i32>max(<i32>from, <i32>inside - <i32>MOST_PIECE), <i32>inside - <i32>clz(~bitsBefore(map, inside)));
      const following = bitsFrom(map, inside);
      const rest = <u32>ctz(~following);
      const size = inside + rest - start;
      if (size > MOST_PIECE) {
        at = max(at, (runEnd(map, inside, length) + 7) & ~7);
        if (at > base + 128) break;
        continue;
      }
      const gap = <u32>ctz(following >> rest);
      const second = inside + rest + gap;
      if (gap > PIECE_GAP || <u32>ctz(~(following >> (rest + gap))) !== size || second + size > length) continue;
      const secondEnd = second + size;
      const third = next(map, secondEnd, min(length, secondEnd + PIECE_GAP + 1));
      const thirdEnd = runEnd(map, third, min(length, third + size + 1));
      if (third - secondEnd > PIECE_GAP || thirdEnd === third || thirdEnd - third > size) continue;
      return found(block, start, PIECES);
    }
  }
  return openPiece(map, from, limit, final);
}

/** Two bytes of three digits of base45 are text. */
function isText45(table: usize, at: usize): bool {
  const first = <u32>load<u8>(table + load<u8>(at));
  const second = <u32>load<u8>(table + load<u8>(at + 1));
  const third = <u32>load<u8>(table + load<u8>(at + 2));
  if (first === 0xff || second === 0xff || third === 0xff) return false;
  const value = first + 45 * second + 2025 * third;
  return value <= 0xffff && isText(value >> 8) && isText(value & 0xff);
}

/** Whether a line of uuencode is at `at`: as long as its first character says. */
function isUuencoded(text: usize, at: u32, length: u32): bool {
  const count = (<u32>load<u8>(text + at) - 0x20) & 0x3f;
  const end = at + 1 + ((count + 2) / 3) * 4;
  if (count < 3 || end > length) return false;
  if (end < length && load<u8>(text + end) !== 0x0a && load<u8>(text + end) !== 0x0d) return false;
  let made: u32 = 0;
  for (let i: u32 = 1; i <= 12; i += 4) {
    const here = text + at + i;
    let value: u32 = 0;
    for (let j: usize = 0; j < 4; j++) value = (value << 6) | ((<u32>load<u8>(here + j) - 0x20) & 0x3f);
    if (i === 1 && isMagic(value)) return true;
    if (!isText(value >> 16) || !isText((value >> 8) & 0xff) || !isText(value & 0xff)) return false;
    made += 3;
    if (made >= count) return true;
  }
  return true;
}

/** The same for base45 and uuencode. */
export function nextCapitals(block: usize, from: u32, final: bool, first: u32): i32 {
  const text = fieldOf(block, TEXT);
  const length = <u32>fieldOf(block, LENGTH);
  const map = fieldOf(block, MAPS) + CAPITAL * fieldOf(block, STRIDE);
  const base45 = fieldOf(block, VALUES) + (BASE45 << 8);
  const isSmall = (first & IS_SMALL) !== 0;
  const every: u32 = isSmall ? 8 : EVERY;
  let at = from;
  while (true) {
    const run = nextLong(map, at, length, LEAST_NO_SMALL, first);
    if (run < 0) return final ? -1 - <i32>length : run;
    const start = <u32>run;
    const end = longEnd;
    const before = start === 0 ? ((first & IS_FIRST) !== 0 ? 0x0a : 0) : <u32>load<u8>(text + start - 1);
    if (before === 0x0a || before === 0x0d || before === 0) {
      if (end === length && !final && length - start < 90) return -1 - <i32>start;
      if (isUuencoded(text, start, length)) return found(block, start, UUENCODE);
    }
    let place = start;
    const begins = longBegins;
    while (place + LEAST_NO_SMALL <= end) {
      for (let shift: u32 = 0; shift < 3; shift++) {
        let here = text + place + shift;
        let count: u32 = 0;
        while (count < 6 && isText45(base45, here)) {
          here += 3;
          count++;
        }
        if (count === 6) return found(block, place + shift, BASE45);
      }
      place = begins && place === start ? start + 8 : (place + every) & ~(every - 1);
    }
    if (end === length && !final) return -1 - <i32>place;
    at = end;
  }
}
