/** Searches in the bitmaps that a survey wrote. */
import { BREAK, MAPS, STRIDE, fieldOf } from './block.asm';

/** The first place from `from` on that is in the class; `length` for none. */
export function next(map: usize, from: u32, length: u32): u32 {
  if (from >= length) return length;
  let word = load<u64>(map + ((from >> 6) << 3)) & (~(<u64>0) << (from & 63));
  let base = from & ~63;
  while (word === 0) {
    base += 64;
    if (base >= length) return length;
    word = load<u64>(map + (base >> 3));
  }
  return min(base + <u32>ctz(word), length);
}

/** The first place from `from` on that is in any of three classes; `length` for none. */
export function nextOfThree(one: usize, two: usize, three: usize, from: u32, length: u32): u32 {
  if (from >= length) return length;
  let base = from & ~63;
  let at = base >> 3;
  let word = (load<u64>(one + at) | load<u64>(two + at) | load<u64>(three + at)) & (~(<u64>0) << (from & 63));
  while (word === 0) {
    base += 64;
    if (base >= length) return length;
    at = base >> 3;
    word = load<u64>(one + at) | load<u64>(two + at) | load<u64>(three + at);
  }
  return min(base + <u32>ctz(word), length);
}

/** The first place from `from` on that is not in the class; `length` for none. */
export function runEnd(map: usize, from: u32, length: u32): u32 {
  if (from >= length) return length;
  let word = ~load<u64>(map + ((from >> 6) << 3)) & (~(<u64>0) << (from & 63));
  let base = from & ~63;
  while (word === 0) {
    base += 64;
    if (base >= length) return length;
    word = ~load<u64>(map + (base >> 3));
  }
  return min(base + <u32>ctz(word), length);
}

/** Where the run that holds the byte before `to` begins, but not before `floor`; `to` when that byte is not in the class. */
export function runStart(map: usize, to: u32, floor: u32): u32 {
  let at = to;
  while (at > floor) {
    const last = at - 1;
    const word = ~load<u64>(map + ((last >> 6) << 3)) << (63 - (last & 63));
    const zeros = <u32>clz(word);
    // Zeros count the bytes of the class before `at` in this word.
    const inWord = (last & 63) + 1;
    if (zeros < inWord) return max(at - zeros, floor);
    at -= inWord;
  }
  return floor;
}

/**
 * The first run of `least` bytes (16 to 32) of a class: returns where it begins. None: returns -1 - where a run begins
 * that reaches the end of the text and may go on, or -1 - `length`.
 */
export function nextRun(map: usize, from: u32, length: u32, least: u32): i32 {
  if (from >= length) return -1 - <i32>length;
  const rest = <u64>(least - 16);
  let base = from & ~63;
  let word = load<u64>(map + (base >> 3)) & (~(<u64>0) << (from & 63));
  while (true) {
    const next: u64 = base + 64 < length ? load<u64>(map + (base >> 3) + 8) : 0;
    // Which places have two, four, eight and sixteen of the class from there on, and so many more; without a branch.
    let runs = word & ((word >> 1) | (next << 63));
    let behind = next & (next >> 1);
    runs &= (runs >> 2) | (behind << 62);
    behind &= behind >> 2;
    runs &= (runs >> 4) | (behind << 60);
    behind &= behind >> 4;
    runs &= (runs >> 8) | (behind << 56);
    behind &= behind >> 8;
    if (rest !== 0) runs &= (runs >> rest) | (behind << (64 - rest));
    if (runs !== 0) return <i32>(base + <u32>ctz(runs));
    base += 64;
    if (base >= length) break;
    while (base + 160 <= length && !hasRun(map + (base >> 3), <i32>rest)) base += 128;
    word = load<u64>(map + (base >> 3));
  }
  return -1 - <i32>runStart(map, length, from);
}

/**
 * Whether two bytes of a map in a row are full, behind one of sixteen: they are where a run of 24 or more begins. Among noise there are
 * none.
 */
// @ts-ignore: decorator
@inline
export function hasFull(map: usize): bool {
  const full = v128.and(v128.load(map, 1), v128.load(map, 2));
  return v128.any_true(i8x16.eq(full, i8x16.splat(-1)));
}

/** Whether a run of sixteen and `rest` more (up to 16) begins in the next 128 places; four parts of 32 with as many behind each are looked at. */
// @ts-ignore: decorator
@inline
function hasRun(map: usize, rest: i32): bool {
  return v128.any_true(v128.or(runsIn(v128.load(map), rest), runsIn(v128.load(map, 4), rest)));
}

// @ts-ignore: decorator
@inline
function runsIn(words: v128, rest: i32): v128 {
  const two = v128.and(words, i64x2.shr_u(words, 1));
  const four = v128.and(two, i64x2.shr_u(two, 2));
  const eight = v128.and(four, i64x2.shr_u(four, 4));
  const sixteen = v128.and(eight, i64x2.shr_u(eight, 8));
  return v128.and(sixteen, i64x2.shr_u(sixteen, rest));
}

/** The bits of 57 places from `at` on; those behind the text are anything. */
// @ts-ignore: decorator
@inline
export function bitsFrom(map: usize, at: u32): u64 {
  return load<u64>(map + (at >> 3)) >> (at & 7);
}

/** The bits of 57 places before `at`, the last one the highest; those before the text are anything. */
// @ts-ignore: decorator
@inline
export function bitsBefore(map: usize, at: u32): u64 {
  return load<u64>(map + (at >> 3) - 7) << (8 - (at & 7));
}

/** The lowest `count` bits, fewer than 64. */
// @ts-ignore: decorator
@inline
export function lowest(count: u32): u64 {
  return ((<u64>1) << count) - 1;
}

/** Where in a word runs of `least` bits (1 to 64) begin. */
// @ts-ignore: decorator
@inline
export function runsOf(word: u64, least: u32): u64 {
  let runs = word;
  let size: u32 = 1;
  while (size + size <= least) {
    runs &= runs >> size;
    size += size;
  }
  return runs & (runs >> (least - size));
}

/** Bytes of the shortest stretch of text that is read on: MIN_STRETCH in unescape.ts. */
export const LEAST_STRETCH: u32 = 12;

/** The first place from `from` on that begins LEAST_STRETCH bytes that are not in the class, or as many as there are; `length` for none. */
export function nextStretchWithout(map: usize, from: u32, length: u32): u32 {
  if (from >= length) return length;
  let base = from & ~63;
  let free = ~load<u64>(map + (base >> 3)) & (~(<u64>0) << (from & 63));
  while (true) {
    const two = free & (free >> 1);
    const four = two & (two >> 2);
    const runs = four & (four >> 4) & (four >> 8);
    if (runs !== 0) return min(base + <u32>ctz(runs), length);
    const last = <u32>clz(~free);
    base += 64;
    if (base >= length) return last > 0 ? min(base - last, length) : length;
    free = ~load<u64>(map + (base >> 3));
    if (last > 0 && last + <u32>ctz(~free) >= LEAST_STRETCH) return base - last;
  }
}

/** A bit in each byte that is all ones; for long runs in every other byte, two of which are. */
// @ts-ignore: decorator
@inline
export function fullParts(word: u64, least: u32): u64 {
  // Exact: no carry passes from part to part.
  if (least >= 31) return (word & 0x8000800080008000) & ((word & 0x7fff7fff7fff7fff) + 0x0001000100010001);
  return (word & 0x8080808080808080) & ((word & 0x7f7f7f7f7f7f7f7f) + 0x0101010101010101);
}

/** Where the text begins that `at` is in, but not before `floor`. */
export function textStart(block: usize, at: u32, floor: u32): u32 {
  const breaks = fieldOf(block, MAPS) + BREAK * fieldOf(block, STRIDE);
  let from = at;
  while (from > floor) {
    const last = from - 1;
    const word = load<u64>(breaks + ((last >> 6) << 3)) << (63 - (last & 63));
    const zeros = <u32>clz(word);
    const inWord = (last & 63) + 1;
    if (zeros < inWord) return max(from - zeros, floor);
    from -= inWord;
  }
  return floor;
}

// @ts-ignore: decorator
@inline
export function isSet(map: usize, at: u32): bool {
  return ((load<u8>(map + (at >> 3)) >> (<u8>at & 7)) & 1) !== 0;
}
