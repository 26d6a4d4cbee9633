/** Runs of digits that may be encoded text. */
import { next, nextRun, runEnd, runStart } from './bitmaps.asm';
import { BASE64, BELOW_MAPS, BELOW_STRIDE, BELOW_TEXT, CLASSES, CLASS_BASE64, CLASS_DUMP, CLASS_GAP, CLASS_HEX, CLASS_X, DIGITS, HEXABLE, HITS, HITS_ROOM, KEYS, KINDS, KNOWN, LENGTH, LINE, LITERALS, MAPS, STARTS, STRIDE, TEXT, WORK, fieldOf } from './block.asm';
import { copyDigits, decodeTogether } from './digits.asm';
import { isKnownIn } from './known.asm';
import { isNoise } from './noise.asm';
import { surveyForNoise, surveys } from './survey.asm';

/** The last search for a dump, and what it found: those in hex and in decimal are looked for one after the other. */
let soughtIn: u32 = 0;
let soughtMap: usize = 0;
let soughtFrom: u32 = 0;
let soughtLength: u32 = 0;
let soughtLeast: u32 = 0;
let soughtGap: u32 = 0;
let sought: i32 = 0;

/**
 * The first dump of `least` hex digits, of which no two are more than `gap` bytes apart: returns where its first digit is.
 * None: returns -1 - the place from which one may still come when the text goes on, or -1 - `length`.
 */
export function nextHex(
  text: usize,
  kinds: usize,
  map: usize,
  from: u32,
  length: u32,
  least: u32,
  gap: u32,
): i32 {
  const isSame = soughtIn === surveys && soughtMap === map && soughtFrom === from && soughtLength === length;
  if (isSame && soughtLeast === least && soughtGap === gap) return sought;
  sought = firstHex(text, kinds, map, from, length, least, gap);
  soughtIn = surveys;
  soughtMap = map;
  soughtFrom = from;
  soughtLength = length;
  soughtLeast = least;
  soughtGap = gap;
  return sought;
}

function firstHex(text: usize, kinds: usize, map: usize, from: u32, length: u32, least: u32, gap: u32): i32 {
  let at = from;
  while (true) {
    const run = nextRun(map, at, length, least);
    if (run < 0) return run;
    let start = <u32>run;
    const end = runEnd(map, start, length);
    if (end < length && digitsIn(text, start, end) < least) {
      at = end + 1;
      continue;
    }
    let digits: u32 = 0;
    let since: u32 = 0;
    at = start;
    for (; at < length; at++) {
      const kind = load<u8>(kinds + load<u8>(text + at));
      if ((kind & CLASS_HEX) !== 0) {
        if (digits === 0) start = at;
        since = 0;
        if (++digits === least) return <i32>start;
      } else if ((kind & CLASS_DUMP) === 0) break;
      else if (++since > gap) {
        digits = 0;
        start = at;
      }
    }
    if (at >= length) return -1 - <i32>start;
    at++;
  }
}

/** Hex digits from `from` to `to`. */
function digitsIn(text: usize, from: u32, to: u32): u32 {
  let count: u32 = 0;
  for (let at = from; at < to; at += 16) {
    const block = v128.load(text + at);
    const digit = i8x16.lt_u(i8x16.sub(block, i8x16.splat(0x30)), i8x16.splat(10));
    const folded = v128.or(block, i8x16.splat(0x20));
    const letter = i8x16.lt_u(i8x16.sub(folded, i8x16.splat(0x61)), i8x16.splat(6));
    const found = <u32>i8x16.bitmask(v128.or(digit, letter));
    count += <u32>popcnt(to - at < 16 ? found & ((1 << (to - at)) - 1) : found);
  }
  return count;
}

/** What `nextLines` says besides a place. */
export const NO_LINES: i32 = -1;

/**
 * The first run of base64 in lines, of `least` digits, that begins in `[from, limit)`: each line but the last has
 * `line` digits or more, and at most `gap` bytes (a line end, indentation, quotes) stand between two. None: -1; when the
 * end of the text leaves it open and it is not `final`: -2 - where it may begin.
 */
export function nextLines(
  text: usize,
  kinds: usize,
  map: usize,
  lines: usize,
  from: u32,
  limit: u32,
  length: u32,
  least: u32,
  line: u32,
  gap: u32,
  final: bool,
): i32 {
  let end = from;
  while (true) {
    end = next(lines, end, length);
    if (end >= length || end > limit + gap + least) return NO_LINES;
    let last = end;
    while (last > from && end - last < gap && isIn(text, kinds, last - 1, CLASS_GAP)) last--;
    const start = runStart(map, last, last - from > least ? last - least : from);
    if (start >= limit) return NO_LINES;
    end++;
    if (last - start < line) continue;
    const counted = countLines(text, kinds, map, start, length, least, line, gap);
    if (counted === ENOUGH) return <i32>start;
    if (counted === OPEN && !final) return -2 - <i32>start;
  }
}

export const TOO_FEW: u32 = 0;
export const ENOUGH: u32 = 1;
export const OPEN: u32 = 2;

export function countLines(text: usize, kinds: usize, map: usize, start: u32, length: u32, least: u32, line: u32, gap: u32): u32 {
  let digits: u32 = 0;
  let at = start;
  while (true) {
    const end = runEnd(map, at, min(length, at + least));
    digits += end - at;
    if (digits >= least) return ENOUGH;
    if (end === length) return OPEN;
    const limit = end + gap;
    if (end - at < line && limit < length) return TOO_FEW;
    let hasEnd = false;
    let isPlain = true;
    let behind = end;
    while (behind < limit && behind < length && !isIn(text, kinds, behind, CLASS_BASE64)) {
      const byte = load<u8>(text + behind);
      if (byte === 0x0a || byte === 0x0d) hasEnd = true;
      else if (!isIn(text, kinds, behind, CLASS_GAP)) isPlain = false;
      behind++;
    }
    if (behind === length && behind <= limit) return OPEN;
    if (end - at < line || !hasEnd || !isPlain || !isIn(text, kinds, behind, CLASS_BASE64)) return TOO_FEW;
    at = behind;
  }
}

// @ts-ignore: decorator
@inline
export function isIn(text: usize, kinds: usize, at: u32, kind: u8): bool {
  return (load<u8>(kinds + load<u8>(text + at)) & kind) !== 0;
}

/**
 * The first run of base64 that is worth a look: in what it decodes to is a literal or enough text for another decoder, or it
 * is longer than `most` digits or may go on. Returns where it begins, or -1 - the place from which one may still come. Runs
 * that are not are passed over here, since nearly all are words. A run has `least` digits unbroken or in lines of `line`;
 * it goes on over `gap` bytes behind pieces of `piece` digits, or of `line` at a line end.
 */
export function nextLoud(
  block: usize,
  from: u32,
  final: bool,
  least: u32,
  line: u32,
  piece: u32,
  gap: u32,
  most: u32,
  apart: u32,
): i32 {
  const text = fieldOf(block, TEXT);
  const length = <u32>fieldOf(block, LENGTH);
  const kinds = fieldOf(block, KINDS);
  const stride = fieldOf(block, STRIDE);
  const maps = fieldOf(block, MAPS);
  const map = maps + BASE64 * stride;
  let at = from;
  let unbroken: i32 = -1;
  let inLines: i32 = -1;
  let known = false;
  let linesKnown = false;
  while (true) {
    if (!known || (unbroken >= 0 && <u32>unbroken < at)) {
      unbroken = nextRun(map, at, length, least);
      if (unbroken < 0 && final) unbroken = -1 - <i32>length;
      known = true;
    }
    if (!linesKnown || (inLines >= 0 && <u32>inLines < at)) {
      inLines = nextLines(text, kinds, map, maps + LINE * stride, at, length, length, least, line, gap, final);
      linesKnown = true;
    }
    const limit = unbroken < 0 ? <u32>(-1 - unbroken) : <u32>unbroken;
    let start: u32;
    if (inLines >= 0 && <u32>inLines < limit) start = <u32>inLines;
    else {
      // What no later bytes can make a run in lines is left behind.
      let open = limit;
      if (!final) open = max(at, min(limit, length > gap + least ? length - gap - least : 0));
      if (inLines < -1) open = min(open, max(at, <u32>(-2 - inLines)));
      if (open < limit || unbroken < 0) return -1 - <i32>open;
      start = limit;
    }
    const end = gather(block, start, final, line, piece, gap, most);
    if (end < 0) {
      // A long run, a part at a time: what begins at the end of one is whole in the next.
      const isOpen = gatheredTo === length;
      if (gathered < 2 * OVERLAP) return isOpen ? -1 - <i32>start : <i32>start;
      if (isBase64Loud(block, apart)) return <i32>start;
      at = digitsBack(text, kinds, gatheredTo, start);
      if (isOpen) return -1 - <i32>at;
      continue;
    }
    if (isBase64Loud(block, apart)) return <i32>start;
    at = <u32>end;
  }
}

/** Digits that `gather` took. */
export let gathered: u32 = 0;
/** Where they end in the text. */
export let gatheredTo: u32 = 0;

/** Takes the digits of a run; returns where it ends, -1 when it may go on or has more than `most`. */
export function gather(block: usize, from: u32, final: bool, line: u32, least: u32, gap: u32, most: u32): i32 {
  const text = fieldOf(block, TEXT);
  const length = <u32>fieldOf(block, LENGTH);
  const kinds = fieldOf(block, KINDS);
  const map = fieldOf(block, MAPS) + BASE64 * fieldOf(block, STRIDE);
  const digits = fieldOf(block, DIGITS);
  let count: u32 = 0;
  let at = from;
  let end = runEnd(map, at, length);
  while (count + (end - at) <= most) {
    const size = end - at;
    copyDigits(digits + count, text + at, size);
    count += size;
    gathered = count;
    at = end;
    gatheredTo = at;
    if (at === length) return final ? <i32>at : -1;
    if (size < line) return <i32>at;
    const limit = min(length, at + gap);
    let hasEnd = false;
    let isPlain = true;
    let behind = at;
    while (behind < limit) {
      const byte = load<u8>(text + behind);
      const kind = load<u8>(kinds + byte);
      if ((kind & CLASS_BASE64) !== 0) break;
      if (byte === 0x0a || byte === 0x0d) hasEnd = true;
      else if ((kind & CLASS_GAP) === 0) isPlain = false;
      behind++;
    }
    if (behind === length && !final) {
      gatheredTo = length;
      return -1;
    }
    if (behind === length || !isIn(text, kinds, behind, CLASS_BASE64)) return <i32>at;
    if (!(hasEnd && isPlain) && size < least) return <i32>at;
    at = behind;
    end = runEnd(map, at, length);
  }
  const rest = most - count;
  copyDigits(digits + count, text + at, rest);
  gathered = most;
  gatheredTo = at + rest;
  return -1;
}

/**
 * As `isLoud`, for what was gathered. Words and paths are passed over: of random digits four in ten are capitals, of those of
 * text as many, and one in six is a number. A secret that has no capital in twenty digits comes about once in ten thousand,
 * and one that looks like words in both cases more seldom still.
 */
function isBase64Loud(block: usize, apart: u32): bool {
  return !isWords(fieldOf(block, DIGITS), gathered) && isLoud(block, gathered, 4, apart);
}

/** Whether there is no capital among the digits; or no number, and two small letters behind every capital. */
function isWords(digits: usize, count: u32): bool {
  let hasNumber: u32 = 0;
  let hasCapital: u32 = 0;
  let hasOdd: u32 = 0;
  for (let at: u32 = 0; at < count; at += 14) {
    const window = v128.load(digits + at);
    const isIn: u32 = count - at < 16 ? (1 << (count - at)) - 1 : 0xffff;
    const small = <u32>i8x16.bitmask(i8x16.lt_u(i8x16.sub(window, i8x16.splat(0x61)), i8x16.splat(26)));
    const capital = isIn & <u32>i8x16.bitmask(i8x16.lt_u(i8x16.sub(window, i8x16.splat(0x41)), i8x16.splat(26)));
    hasNumber |= isIn & <u32>i8x16.bitmask(i8x16.lt_u(i8x16.sub(window, i8x16.splat(0x30)), i8x16.splat(10)));
    hasCapital |= capital;
    // What stands behind the last two is seen with the next ones.
    hasOdd |= capital & 0x3fff & ~((small >> 1) & (small >> 2));
    if (hasCapital !== 0 && (hasNumber | hasOdd) !== 0) return false;
  }
  return true;
}

/** Digits that two parts of a long run have in common: more than a literal needs, and text that a decoder makes something of. */
const OVERLAP: u32 = 256;

/** The place OVERLAP digits before `to`, of a run that begins at `from`; at least one byte behind that. */
function digitsBack(text: usize, kinds: usize, to: u32, from: u32): u32 {
  let count: u32 = 0;
  let at = to;
  while (at > from + 1 && count < OVERLAP) {
    at--;
    if (isIn(text, kinds, at, CLASS_BASE64)) count++;
  }
  return at;
}

/** As `nextLoud`, for dumps of `least` hex digits at most `gap` bytes apart. */
export function nextLoudHex(
  block: usize,
  from: u32,
  final: bool,
  least: u32,
  gap: u32,
  most: u32,
  apart: u32,
): i32 {
  const text = fieldOf(block, TEXT);
  const length = <u32>fieldOf(block, LENGTH);
  const kinds = fieldOf(block, KINDS);
  const stride = fieldOf(block, STRIDE);
  const maps = fieldOf(block, MAPS);
  let at = from;
  while (true) {
    const start = nextHex(text, kinds, maps + HEXABLE * stride, at, length, least, gap);
    if (start < 0) return final ? -1 - <i32>length : start;
    const end = gatherHex(block, <u32>start, final, gap, most);
    if (end < 0 || isLoud(block, gathered, 2, apart)) return start;
    at = <u32>end;
  }
}

/** As `gather`, for a dump: an `x` takes back the 0 before it. */
export function gatherHex(block: usize, from: u32, final: bool, gap: u32, most: u32): i32 {
  const text = fieldOf(block, TEXT);
  const length = <u32>fieldOf(block, LENGTH);
  const kinds = fieldOf(block, KINDS);
  const digits = fieldOf(block, DIGITS);
  let count: u32 = 0;
  let since: u32 = 0;
  let at = from;
  for (; at < length; at++) {
    const byte = load<u8>(text + at);
    const kind = load<u8>(kinds + byte);
    if ((kind & CLASS_HEX) !== 0) {
      if (count === most) return -1;
      store<u8>(digits + count, byte);
      count++;
      since = 0;
      continue;
    }
    if ((kind & CLASS_DUMP) === 0 || since === gap) break;
    if ((kind & CLASS_X) !== 0 && isPrefix(text, kinds, at) && count > 0) count--;
    since++;
  }
  gathered = count;
  return at < length || final ? <i32>at : -1;
}

/** Whether the digit before `at`, where an x stands, is the 0 of `0x`. */
export function isPrefix(text: usize, kinds: usize, at: u32): bool {
  return at > 0 && load<u8>(text + at - 1) === 0x30 && (at < 2 || !isIn(text, kinds, at - 2, CLASS_HEX));
}

/** Whether compressed data may begin here (RFC 1950, 2.2; as `headless` in containers.ts). */
export function isZlib(at: usize): bool {
  const first = <u32>load<u8>(at);
  const second = <u32>load<u8>(at + 1);
  return (first & 0x8f) === 8 && (second & 0x20) === 0 && ((first << 8) | second) % 31 === 0;
}

/** Whether a literal or enough text for a decoder is in what the digits decode to, at any alignment. */
export function isLoud(block: usize, count: u32, group: u32, apart: u32): bool {
  const text = fieldOf(block, BELOW_TEXT);
  const maps = fieldOf(block, BELOW_MAPS);
  const stride = fieldOf(block, BELOW_STRIDE);
  const length = decodeTogether(fieldOf(block, DIGITS), count, group, apart, text, fieldOf(block, STARTS));
  const room = <u32>fieldOf(block, HITS_ROOM);
  const hits = fieldOf(block, HITS);
  if (surveyForNoise(text, 0, length, 0, maps, stride, fieldOf(block, CLASSES), fieldOf(block, LITERALS), fieldOf(block, KEYS), hits, room) > 0) return true;
  const starts = fieldOf(block, STARTS);
  for (let alignment: u32 = 0; alignment < group; alignment++) {
    if (isZlib(text + load<u32>(starts + (alignment << 2)))) return true;
  }
  if (!isNoise(text, fieldOf(block, KINDS), maps, stride, length)) return true;
  if (fieldOf(block, KNOWN) !== 0 && isKnownIn(text, length)) return true;
  // What is worth a look is decoded again, and charged then.
  store<u32>(block + WORK, fieldOf(block, WORK) + length);
  return false;
}
