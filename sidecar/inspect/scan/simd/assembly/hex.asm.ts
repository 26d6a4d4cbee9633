/** Dumps: hex digits with other characters between. */
import { nextRun, runEnd, runsOf } from './bitmaps.asm';
import { CLASS_DUMP, CLASS_HEX, CLASS_X, DIGITS, HEXABLE, KINDS, LENGTH, MAPS, STRIDE, TEXT, fieldOf } from './block.asm';
import { isLoud } from './loud.asm';
import { gathered, isIn, setGathered } from './runs.asm';
import { surveys } from './survey.asm';

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
    const end = runEnd(map, <u32>run, length);
    if (end < length && hexDigitsIn(text, <u32>run, end) < least) {
      at = end + 1;
      continue;
    }
    const found = dumpFrom(text, <u32>run, end, least, gap);
    if (found >= 0) return found;
    if (end >= length) return found;
    at = end + 1;
  }
}

/**
 * The first of `least` hex digits, of which no two are more than `gap` bytes apart, in `[from, end)`; or -1 - the place from
 * which some may still come.
 */
function dumpFrom(text: usize, from: u32, end: u32, least: u32, gap: u32): i32 {
  let digits: u32 = 0;
  let start = from;
  let last = from;
  for (let base = from; base < end; base += 64) {
    let here = hexDigits(text + base);
    if (end - base < 64) here &= ((<u64>1) << (end - base)) - 1;
    for (; here !== 0; here &= here - 1) {
      const place = base + <u32>ctz(here);
      if (digits === 0 || place - last > gap + 1) {
        digits = 0;
        start = place;
      }
      last = place;
      if (++digits === least) return <i32>start;
    }
  }
  return -1 - <i32>(digits === 0 || end - last > gap + 1 ? end : start);
}

/** Whether a dump begins at `from` or behind it, before the first letter that is no hex digit. */
export function isDump(text: usize, from: u32, length: u32, least: u32, gap: u32): bool {
  let end = from;
  for (; end < length; end += 16) {
    const ends = <u32>i8x16.bitmask(endsDump(v128.load(text + end)));
    if (ends !== 0) {
      end += <u32>ctz(ends);
      break;
    }
  }
  return dumpFrom(text, from, min(end, length), least, gap) >= 0;
}

/** Letters behind f, but x. */
// @ts-ignore: decorator
@inline
export function endsDump(bytes: v128): v128 {
  const folded = v128.or(bytes, i8x16.splat(0x20));
  const letter = i8x16.lt_u(i8x16.sub(folded, i8x16.splat(0x67)), i8x16.splat(20));
  return v128.andnot(letter, i8x16.eq(folded, i8x16.splat(0x78)));
}

/** Which of 64 bytes are hex digits. */
function hexDigits(at: usize): u64 {
  return (
    <u64>hexDigitsOf(v128.load(at)) |
    (<u64>hexDigitsOf(v128.load(at, 16)) << 16) |
    (<u64>hexDigitsOf(v128.load(at, 32)) << 32) |
    (<u64>hexDigitsOf(v128.load(at, 48)) << 48)
  );
}

// @ts-ignore: decorator
@inline
function hexDigitsOf(block: v128): u32 {
  const digit = i8x16.lt_u(i8x16.sub(block, i8x16.splat(0x30)), i8x16.splat(10));
  const folded = v128.or(block, i8x16.splat(0x20));
  const letter = i8x16.lt_u(i8x16.sub(folded, i8x16.splat(0x61)), i8x16.splat(6));
  return <u32>i8x16.bitmask(v128.or(digit, letter));
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
  while (at < length) {
    // Many at a time, where there is no x and no gap that is too long.
    const valid = length - at < 64 ? ((<u64>1) << (length - at)) - 1 : ~(<u64>0);
    const here = hexDigits(text + at) & valid;
    const others = endsDump64(text + at) | ~valid;
    const size = <u32>ctz(others);
    const within = size < 64 ? ((<u64>1) << size) - 1 : ~(<u64>0);
    const none = ~here & within;
    if (
      (xs(text + at) & within) === 0 &&
      since + <u32>ctz(~none) <= gap &&
      (gap < 63 && runsOf(none, gap + 1) === 0) &&
      count + 64 <= most
    ) {
      let left = here & within;
      let to = digits + count;
      count += <u32>popcnt(left);
      do {
        store<u8>(to, load<u8>(text + at + <u32>ctz(left)));
        left &= left - 1;
        store<u8>(to, load<u8>(text + at + <u32>ctz(left)), 1);
        left &= left - 1;
        store<u8>(to, load<u8>(text + at + <u32>ctz(left)), 2);
        left &= left - 1;
        store<u8>(to, load<u8>(text + at + <u32>ctz(left)), 3);
        left &= left - 1;
        to += 4;
      } while (left !== 0);
      const trailing = size - (64 - <u32>clz(here & within));
      since = (here & within) === 0 ? since + size : trailing;
      at += size;
      if (size < 64) break;
      continue;
    }
    const end = min(length, at + 64);
    for (; at < end; at++) {
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
    if (at < end) break;
  }
  setGathered(count);
  return at < length || final ? <i32>at : -1;
}

/** Which of 64 bytes are an x. */
function xs(at: usize): u64 {
  const x = i8x16.splat(0x78);
  const small = i8x16.splat(0x20);
  return (
    <u64>i8x16.bitmask(i8x16.eq(v128.or(v128.load(at), small), x)) |
    (<u64>i8x16.bitmask(i8x16.eq(v128.or(v128.load(at, 16), small), x)) << 16) |
    (<u64>i8x16.bitmask(i8x16.eq(v128.or(v128.load(at, 32), small), x)) << 32) |
    (<u64>i8x16.bitmask(i8x16.eq(v128.or(v128.load(at, 48), small), x)) << 48)
  );
}

function endsDump64(at: usize): u64 {
  return (
    <u64>i8x16.bitmask(endsDump(v128.load(at))) |
    (<u64>i8x16.bitmask(endsDump(v128.load(at, 16))) << 16) |
    (<u64>i8x16.bitmask(endsDump(v128.load(at, 32))) << 32) |
    (<u64>i8x16.bitmask(endsDump(v128.load(at, 48))) << 48)
  );
}

/** Hex digits in `[from, to)`. */
function hexDigitsIn(text: usize, from: u32, to: u32): u32 {
  let count: u32 = 0;
  for (let at = from; at < to; at += 16) {
    const found = hexDigitsOf(v128.load(text + at));
    count += <u32>popcnt(to - at < 16 ? found & ((1 << (to - at)) - 1) : found);
  }
  return count;
}

/** Whether the digit before `at`, where an x stands, is the 0 of `0x`. */
export function isPrefix(text: usize, kinds: usize, at: u32): bool {
  return at > 0 && load<u8>(text + at - 1) === 0x30 && (at < 2 || !isIn(text, kinds, at - 2, CLASS_HEX));
}

