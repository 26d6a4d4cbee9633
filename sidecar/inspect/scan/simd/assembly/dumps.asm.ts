/** Where dumps are: hex digits with other characters between. */
import { nextRun, runEnd, runStart, runsOf } from './bitmaps.asm';

/** What bytes are compared with, in memory: see maps.asm.ts. */
const BYTES: usize = memory.data<u8>([0x20, 0x66, 0x7b, 0x78, 0x30, 10, 0x61, 6], 16);

/** Stretches of one text without other letters that have digits enough: dumps in hex and in decimal are looked for one after the other. */
const MOST_LISTED: u32 = 1024;
const LIST: usize = memory.data(8 * 1024);
/** Which text they are of, those of which bytes, and how many digits are enough. */
let listOf: u32 = 0;
let listFrom: u32 = 0;
let listTo: u32 = 0;
let listLeast: u32 = 0;
let listed: u32 = 0;
/** The next one. */
let listAt: u32 = 0;

/**
 * The first dump of `least` hex digits, of which no two are more than `gap` bytes apart: returns where its first digit is.
 * None: returns -1 - the place from which one may still come when the text goes on, or -1 - `length`. `id`: a number that no other
 * text has; 0: it has none.
 */
export function nextHex(text: usize, map: usize, id: u32, from: u32, length: u32, least: u32, gap: u32): i32 {
  if (id === 0) return firstHex(text, map, from, length, least, gap);
  let at = from;
  while (true) {
    const entry = stretchFrom(text, map, id, at, length, least);
    if (entry === 0) return -1 - <i32>runStart(map, length, min(at, length));
    const end = load<u32>(entry, 4);
    const found = dumpFrom(text, max(at, load<u32>(entry)), end, least, gap);
    if (found >= 0 || end >= length) return found;
    at = end + 1;
  }
}

/** The first listed stretch that ends behind `at`; 0 for none. */
function stretchFrom(text: usize, map: usize, id: u32, at: u32, length: u32, least: u32): usize {
  if (listOf !== id || listLeast !== least || at < listFrom) {
    listOf = id;
    listLeast = least;
    list(text, map, at, length, least);
  }
  if (listAt > 0 && load<u32>(LIST + ((listAt - 1) << 3), 4) > at) listAt = 0;
  while (true) {
    for (; listAt < listed; listAt++) {
      const entry = LIST + (listAt << 3);
      if (load<u32>(entry, 4) > at) return entry;
    }
    if (listTo >= length) return 0;
    list(text, map, max(at, listTo), length, least);
  }
}

function list(text: usize, map: usize, from: u32, length: u32, least: u32): void {
  listFrom = from;
  listed = 0;
  listAt = 0;
  let at = from;
  while (listed < MOST_LISTED) {
    const run = nextRun(map, at, length, least);
    if (run < 0) {
      at = length;
      break;
    }
    const end = runEnd(map, <u32>run, length);
    if (end >= length || hexDigitsIn(text, <u32>run, end) >= least) {
      store<u32>(LIST + (listed << 3), run);
      store<u32>(LIST + (listed << 3), end, 4);
      listed++;
    }
    at = end + 1;
  }
  listTo = min(at, length);
}

function firstHex(text: usize, map: usize, from: u32, length: u32, least: u32, gap: u32): i32 {
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
    if (here === 0) continue;
    const first = base + <u32>ctz(here);
    if ((digits === 0 || first - last <= gap + 1) && !hasGap(here, gap + 1)) {
      if (digits === 0) start = first;
      digits += <u32>popcnt(here);
      if (digits >= least) return <i32>start;
      last = base + 63 - <u32>clz(here);
      continue;
    }
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

/** Whether `size` places or more (1 to 63) in a row are free between two of a word, which is not empty. */
// @ts-ignore: decorator
@inline
export function hasGap(word: u64, size: u32): bool {
  // What is free before the first and behind the last is not between.
  const first = <u64>ctz(word);
  const span = 63 - <u64>clz(word) - first;
  return (runsOf(~word >> first, size) & (((<u64>1) << span) - 1)) !== 0;
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
  const folded = v128.or(bytes, v128.load_splat<u8>(BYTES));
  const letter = v128.and(i8x16.gt_s(folded, v128.load_splat<u8>(BYTES, 1)), i8x16.lt_s(folded, v128.load_splat<u8>(BYTES, 2)));
  return v128.andnot(letter, i8x16.eq(folded, v128.load_splat<u8>(BYTES, 3)));
}

/** Which of 64 bytes are hex digits. */
export function hexDigits(at: usize): u64 {
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
  const digit = i8x16.lt_u(i8x16.sub(block, v128.load_splat<u8>(BYTES, 4)), v128.load_splat<u8>(BYTES, 5));
  const folded = v128.or(block, v128.load_splat<u8>(BYTES));
  const letter = i8x16.lt_u(i8x16.sub(folded, v128.load_splat<u8>(BYTES, 6)), v128.load_splat<u8>(BYTES, 7));
  return <u32>i8x16.bitmask(v128.or(digit, letter));
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
