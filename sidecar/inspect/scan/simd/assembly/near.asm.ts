/**
 * Where literals are looked for: wherever a detector finds something LEAST_ALIKE bytes in a row have the same highest bit, within
 * what it looks at, but for a few literals that may stand alone (dull.ts says why). So random bytes are passed over.
 */
import { COLON_SLASH, LEAST_ALIKE } from './dull.asm';
import { ALONE, NEAR_ALONE } from './table.asm';

/** Blocks of 64 to both sides of one in which such bytes end: as far as a detector looks, and a literal. */
const AROUND: u32 = 35;

/** What a block's byte says: there are such bytes around; what may stand alone is in it, or beside it. */
const IN_ROW: u8 = 1;
const IS_ALONE: u8 = 2;

/** What bytes are compared with, in memory: see maps.asm.ts. */
const BYTES: usize = memory.data<u8>([0x0f, COLON_SLASH], 16);

/** The byte of the first block, that behind the last one, and that behind the last that has bytes in a row around it. */
let first: usize = 0;
let last: usize = 0;
let marked: usize = 0;
/** The highest bits of the block before; of the first those of none that is alike. */
let before: u64 = 0;
const NONE_ALIKE: u64 = 0x5555555555555555;

/** Begins a text of `length` bytes; `near`: room for a byte for each block. */
export function beginNear(near: usize, length: u32): void {
  first = near;
  last = near + ((<usize>length + 63) >> 6);
  marked = near;
  before = NONE_ALIKE;
}

/** Takes the highest bits of the block at `at`; of blocks in order. */
// @ts-ignore: decorator
@inline
export function noteAlike(at: u32, highs: u64): void {
  if ((highs | (before >> 63)) === 0) {
    // The block of a text.
    markAround(at);
  } else if (hasUniform(highs) || hasUniform(before)) noteMixed(at, highs);
  before = highs;
}

/** Whether one of eight bytes is all ones, or all zeros: of LEAST_ALIKE bits in a row that are the same one is. */
// @ts-ignore: decorator
@inline
function hasUniform(bits: u64): bool {
  const ones = 0x0101010101010101;
  const tops = 0x8080808080808080;
  return ((((bits - ones) & ~bits) | ((~bits - ones) & bits)) & tops) !== 0;
}

function noteMixed(at: u32, highs: u64): void {
  const like = ~(highs ^ ((highs << 1) | (before >> 63)));
  const likeBefore = ~(before ^ (before << 1));
  const twos = like & (like >> 1);
  const fours = twos & (twos >> 2);
  const eights = fours & (fours >> 4);
  const lead = <u32>clz(~likeBefore) + <u32>ctz(~like);
  if (lead >= LEAST_ALIKE - 1 || (eights & (eights >> (LEAST_ALIKE - 9))) !== 0) markAround(at);
}

function markAround(at: u32): void {
  const block = first + <usize>(at >> 6);
  const to = min(last, block + AROUND + 1);
  const from = max(marked, block > first + AROUND ? block - AROUND : first);
  // What was passed over.
  for (; marked < from; marked++) store<u8>(marked, 0);
  for (; marked < to; marked++) store<u8>(marked, IN_ROW);
}

/** All blocks were taken: adds those where a literal may stand alone. */
export function endNear(text: usize, literals: usize): void {
  if (load<u8>(literals + NEAR_ALONE) === 0) {
    memory.fill(first, IN_ROW, last - first);
    return;
  }
  for (; marked < last; marked++) store<u8>(marked, 0);
  const tables = literals + ALONE;
  const low1 = v128.load(tables);
  const high1 = v128.load(tables, 16);
  const low2 = v128.load(tables, 32);
  const high2 = v128.load(tables, 48);
  const low3 = v128.load(tables, 64);
  const high3 = v128.load(tables, 80);
  const nibble = v128.load_splat<u8>(BYTES);
  const slash = v128.load_splat<u8>(BYTES, 1);
  for (let block = first; block < last; block++) {
    if ((load<u8>(block) & IN_ROW) !== 0) continue;
    let places = i8x16.splat(0);
    const begin = text + ((block - first) << 6);
    let one = v128.load(begin);
    let lows = v128.and(one, nibble);
    let highs = v128.and(i16x8.shr_u(one, 4), nibble);
    let second = setsOf(lows, highs, low2, high2);
    let third = setsOf(lows, highs, low3, high3);
    for (let at = begin; at < begin + 64; at += 16) {
      const begins = setsOf(lows, highs, low1, high1);
      const next = v128.load(at, 16);
      lows = v128.and(next, nibble);
      highs = v128.and(i16x8.shr_u(next, 4), nibble);
      const nextSecond = setsOf(lows, highs, low2, high2);
      const nextThird = setsOf(lows, highs, low3, high3);
      const goesOn = v128.and(
        i8x16.shuffle(second, nextSecond, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16),
        i8x16.shuffle(third, nextThird, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17),
      );
      const two = v128.load(at, 1);
      const scheme = isScheme(v128.xor(one, two), v128.xor(two, v128.load(at, 2)), slash);
      places = v128.or(places, v128.or(v128.and(begins, goesOn), scheme));
      one = next;
      second = nextSecond;
      third = nextThird;
    }
    if (!v128.any_true(places)) continue;
    // A literal may begin in the block before, and end in the next one.
    if (block > first) store<u8>(block - 1, load<u8>(block - 1) | IS_ALONE);
    store<u8>(block, IS_ALONE);
    if (block + 1 < last) store<u8>(block + 1, load<u8>(block + 1) | IS_ALONE);
  }
}

/** Whether bytes differ as those of a scheme's `://` do, as it is or reversed, whatever they are XORed with. */
// @ts-ignore: decorator
@inline
function isScheme(firstTwo: v128, lastTwo: v128, slash: v128): v128 {
  return v128.and(
    i8x16.eq(v128.or(firstTwo, lastTwo), slash),
    i8x16.eq(v128.and(firstTwo, lastTwo), i8x16.splat(0)),
  );
}

/** The sets that bytes are in, by two tables for their nibbles, which are in the range in which `relaxed` is exact. */
// @ts-ignore: decorator
@inline
function setsOf(lows: v128, highs: v128, low: v128, high: v128): v128 {
  return v128.and(i8x16.relaxed_swizzle(low, lows), i8x16.relaxed_swizzle(high, highs));
}
