/** The bitmaps of a text, one for each class of bytes (one bit a byte, the first in the lowest bit). */
import { BACKSLASH, BREAK, LINE, NEAR, PERCENT } from './block.asm';
import { beginNear, noteAlike } from './near.asm';

/**
 * What bytes are compared with. V8 makes a vector of a constant in three instructions, and anew wherever it is used when there
 * are more of them than registers; one that was loaded is kept.
 */
const BYTES: usize = memory.data<u8>([0x0f, 0x25, 0x5c, 0x2b, 0x0a, 0x0d, 0x01, 0x20, 0x21, 0x1f, 0x3e, 0x72, 0x7a, 0x25, 0x65, 0x06, 0x2f, 0x5f], 16);

/** The highest bits of 64 bytes. */
// @ts-ignore: decorator
@inline
function bits(one: v128, two: v128, three: v128, four: v128): u64 {
  return (
    <u64>(<u32>(i8x16.bitmask(one) | (i8x16.bitmask(two) << 16))) |
    (<u64>(<u32>(i8x16.bitmask(three) | (i8x16.bitmask(four) << 16))) << 32)
  );
}

/** Writes the highest bits of 64 bytes. */
// @ts-ignore: decorator
@inline
function put(map: usize, one: v128, two: v128, three: v128, four: v128): void {
  store<u16>(map, i8x16.bitmask(one));
  store<u16>(map, i8x16.bitmask(two), 2);
  store<u16>(map, i8x16.bitmask(three), 4);
  store<u16>(map, i8x16.bitmask(four), 6);
}

/** Which bytes are above `floor`, as numbers with a sign, when `shift` is added. */
// @ts-ignore: decorator
@inline
function above(bytes: v128, shift: v128, floor: v128): v128 {
  return i8x16.gt_s(i8x16.add(bytes, shift), floor);
}

// @ts-ignore: decorator
@inline
function within(map: usize, one: v128, two: v128, three: v128, four: v128, shift: v128, floor: v128): void {
  put(map, above(one, shift, floor), above(two, shift, floor), above(three, shift, floor), above(four, shift, floor));
}

// @ts-ignore: decorator
@inline
function either(bytes: v128, one: v128, other: v128): v128 {
  return v128.or(i8x16.eq(bytes, one), i8x16.eq(bytes, other));
}

/** `+`, `-`, `/` and `)`, which differ in two bits, and `_`. */
// @ts-ignore: decorator
@inline
function isSign(bytes: v128, signBits: v128, slash: v128, underscore: v128): v128 {
  return v128.or(i8x16.eq(v128.or(bytes, signBits), slash), i8x16.eq(bytes, underscore));
}

/** Blanks, what is visible, and white space. */
// @ts-ignore: decorator
@inline
function isText(bytes: v128, shift: v128, floor: v128, whiteShift: v128, whiteFloor: v128): v128 {
  return v128.or(above(bytes, shift, floor), above(bytes, whiteShift, whiteFloor));
}

/** The sets that bytes are in, by tables for their nibbles: in the range in which `relaxed` is exact. */
// @ts-ignore: decorator
@inline
function classesOf(bytes: v128, low: v128, high: v128, nibble: v128): v128 {
  return v128.and(i8x16.relaxed_swizzle(low, v128.and(bytes, nibble)), i8x16.relaxed_swizzle(high, v128.and(i16x8.shr_u(bytes, 4), nibble)));
}

/** Which of 64 bytes are in none of the sets of a mask. */
// @ts-ignore: decorator
@inline
function without(one: v128, two: v128, three: v128, four: v128, mask: v128): u64 {
  const none = i8x16.splat(0);
  return bits(
    i8x16.eq(v128.and(one, mask), none),
    i8x16.eq(v128.and(two, mask), none),
    i8x16.eq(v128.and(three, mask), none),
    i8x16.eq(v128.and(four, mask), none),
  );
}

/** Of the last text with all maps: whether it has bytes that are no text, per cent signs, backslashes, and line ends in text. */
export let hasBreak: bool = false;
export let hasPercent: bool = false;
export let hasBackslash: bool = false;
export let hasLine: bool = false;
/** Whether there are blocks of which the maps from PERCENT on are not written. */
export let isPartial: bool = false;

/** Characters of text in a row in which anybody asks for the maps from PERCENT on: LEAST_STRETCH in bitmaps.asm.ts, and fewer than any digits in a row. */
const LEAST_ASKED: u32 = 12;
/**
 * What stands in CAPITAL for a block that is not asked for: whoever looks for pieces of digits looks closer, and no run of capitals
 * goes on.
 */
const MAYBE_CAPITAL: u64 = 0x6666666666666666;

/**
 * Writes the maps of a text, in the order of their numbers in block.asm.ts; without `whole` those alone that tell noise from text.
 * Begins what near.asm.ts knows of the text. `classes`: as `survey` has them.
 */
// @ts-ignore: decorator
@inline
export function classify(text: usize, length: u32, maps: usize, stride: usize, classes: usize, whole: bool): void {
  const letterLow = v128.load(classes);
  const letterHigh = v128.load(classes, 16);
  const base64 = v128.load_splat<u8>(classes, 32);
  const endLetter = v128.load_splat<u8>(classes, 33);
  const nibble = v128.load_splat<u8>(BYTES);
  const percent = v128.load_splat<u8>(BYTES, 1);
  const backslash = v128.load_splat<u8>(BYTES, 2);
  const plus = v128.load_splat<u8>(BYTES, 3);
  const lineFeed = v128.load_splat<u8>(BYTES, 4);
  const carriageReturn = v128.load_splat<u8>(BYTES, 5);
  const shift = v128.load_splat<u8>(BYTES, 6);
  const textFloor = v128.load_splat<u8>(BYTES, 7);
  const denseFloor = v128.load_splat<u8>(BYTES, 8);
  const capitalShift = v128.load_splat<u8>(BYTES, 9);
  const capitalFloor = v128.load_splat<u8>(BYTES, 10);
  const whiteShift = v128.load_splat<u8>(BYTES, 11);
  const whiteFloor = v128.load_splat<u8>(BYTES, 12);
  const largeShift = v128.load_splat<u8>(BYTES, 13);
  const largeFloor = v128.load_splat<u8>(BYTES, 14);
  const signBits = v128.load_splat<u8>(BYTES, 15);
  const slash = v128.load_splat<u8>(BYTES, 16);
  const underscore = v128.load_splat<u8>(BYTES, 17);
  const zero = i8x16.splat(0);
  v128.store(text + length, zero);
  v128.store(text + length, zero, 16);
  v128.store(text + length, zero, 32);
  v128.store(text + length, zero, 48);
  let inBreak: u64 = 0;
  isPartial = false;
  beginNear(maps + NEAR * stride, length);
  for (let at: u32 = 0; at < length; at += 64) {
    const one = v128.load(text + at);
    const two = v128.load(text + at, 16);
    const three = v128.load(text + at, 32);
    const four = v128.load(text + at, 48);
    const letters1 = classesOf(one, letterLow, letterHigh, nibble);
    const letters2 = classesOf(two, letterLow, letterHigh, nibble);
    const letters3 = classesOf(three, letterLow, letterHigh, nibble);
    const letters4 = classesOf(four, letterLow, letterHigh, nibble);
    noteAlike(at, bits(one, two, three, four));
    // Behind the text are zeros, which are in none of the other maps.
    const valid = length - at < 64 ? ((<u64>1) << (length - at)) - 1 : ~(<u64>0);
    let map = maps + (at >> 3);
    if (whole) store<u64>(map, ~without(letters1, letters2, letters3, letters4, base64) & valid);
    map += stride;
    store<u64>(map, without(letters1, letters2, letters3, letters4, endLetter) & valid);
    map += stride;
    const inText = bits(
      isText(one, shift, textFloor, whiteShift, whiteFloor),
      isText(two, shift, textFloor, whiteShift, whiteFloor),
      isText(three, shift, textFloor, whiteShift, whiteFloor),
      isText(four, shift, textFloor, whiteShift, whiteFloor),
    );
    const breaks = ~inText & valid;
    store<u64>(map, breaks);
    if (!whole) continue;
    inBreak |= breaks;
    if (breaks !== 0) continue;
    writeRest(
      one,
      two,
      three,
      four,
      map + stride,
      stride,
      percent,
      backslash,
      plus,
      lineFeed,
      carriageReturn,
      shift,
      denseFloor,
      capitalShift,
      capitalFloor,
      largeShift,
      largeFloor,
      signBits,
      slash,
      underscore,
    );
  }
  if (!whole) return;
  hasBreak = inBreak !== 0;
  if (hasBreak) writeMixed(text, length, maps, stride, false);
  hasPercent = hasAny(maps + PERCENT * stride, length);
  hasBackslash = hasAny(maps + BACKSLASH * stride, length);
  hasLine = hasAny(maps + LINE * stride, length);
}

/** Whether a map has any bit. */
function hasAny(map: usize, length: u32): bool {
  const end = map + (<usize>((length + 63) >> 6) << 3);
  let any = i8x16.splat(0);
  let at = map;
  for (; at + 32 <= end; at += 32) any = v128.or(any, v128.or(v128.load(at), v128.load(at, 16)));
  let rest: u64 = 0;
  for (; at < end; at += 8) rest |= load<u64>(at);
  return v128.any_true(any) || rest !== 0;
}

/** Writes all maps of a text of which some were left. */
export function completeMaps(text: usize, length: u32, maps: usize, stride: usize): void {
  writeMixed(text, length, maps, stride, true);
}

/**
 * Writes the maps from PERCENT on of the blocks that are not all text: where LEAST_ASKED characters of text are in a row, or may be
 * with what comes before or behind the text, or everywhere (`all`). Elsewhere nothing is in them, but for MAYBE_CAPITAL, and LARGE is full.
 */
function writeMixed(text: usize, length: u32, maps: usize, stride: usize, all: bool): void {
  const percent = v128.load_splat<u8>(BYTES, 1);
  const backslash = v128.load_splat<u8>(BYTES, 2);
  const plus = v128.load_splat<u8>(BYTES, 3);
  const lineFeed = v128.load_splat<u8>(BYTES, 4);
  const carriageReturn = v128.load_splat<u8>(BYTES, 5);
  const shift = v128.load_splat<u8>(BYTES, 6);
  const denseFloor = v128.load_splat<u8>(BYTES, 8);
  const capitalShift = v128.load_splat<u8>(BYTES, 9);
  const capitalFloor = v128.load_splat<u8>(BYTES, 10);
  const largeShift = v128.load_splat<u8>(BYTES, 13);
  const largeFloor = v128.load_splat<u8>(BYTES, 14);
  const signBits = v128.load_splat<u8>(BYTES, 15);
  const slash = v128.load_splat<u8>(BYTES, 16);
  const underscore = v128.load_splat<u8>(BYTES, 17);
  const breaks = maps + BREAK * stride;
  for (let at: u32 = 0; at < length; at += 64) {
    const map = breaks + (at >> 3);
    if (load<u64>(map) === 0) continue;
    if (!all && !isAsked(map, at, length)) {
      isPartial = true;
      store<u64>(map + stride, 0);
      store<u64>(map + 2 * stride, 0);
      store<u64>(map + 3 * stride, 0);
      store<u64>(map + 4 * stride, 0);
      store<u64>(map + 5 * stride, 0);
      store<u64>(map + 6 * stride, MAYBE_CAPITAL);
      store<u64>(map + 7 * stride, ~(<u64>0));
      store<u64>(map + 8 * stride, 0);
      continue;
    }
    writeRest(
      v128.load(text + at),
      v128.load(text + at, 16),
      v128.load(text + at, 32),
      v128.load(text + at, 48),
      map + stride,
      stride,
      percent,
      backslash,
      plus,
      lineFeed,
      carriageReturn,
      shift,
      denseFloor,
      capitalShift,
      capitalFloor,
      largeShift,
      largeFloor,
      signBits,
      slash,
      underscore,
    );
  }
}

/** Writes the maps from PERCENT on, the first of which is at `map`, of a block. */
// @ts-ignore: decorator
@inline
function writeRest(
  one: v128,
  two: v128,
  three: v128,
  four: v128,
  map: usize,
  stride: usize,
  percent: v128,
  backslash: v128,
  plus: v128,
  lineFeed: v128,
  carriageReturn: v128,
  shift: v128,
  denseFloor: v128,
  capitalShift: v128,
  capitalFloor: v128,
  largeShift: v128,
  largeFloor: v128,
  signBits: v128,
  slash: v128,
  underscore: v128,
): void {
  put(map, i8x16.eq(one, percent), i8x16.eq(two, percent), i8x16.eq(three, percent), i8x16.eq(four, percent));
  put(map + stride, i8x16.eq(one, backslash), i8x16.eq(two, backslash), i8x16.eq(three, backslash), i8x16.eq(four, backslash));
  put(
    map + 2 * stride,
    either(one, lineFeed, carriageReturn),
    either(two, lineFeed, carriageReturn),
    either(three, lineFeed, carriageReturn),
    either(four, lineFeed, carriageReturn),
  );
  put(map + 3 * stride, i8x16.eq(one, plus), i8x16.eq(two, plus), i8x16.eq(three, plus), i8x16.eq(four, plus));
  within(map + 4 * stride, one, two, three, four, shift, denseFloor);
  within(map + 5 * stride, one, two, three, four, capitalShift, capitalFloor);
  within(map + 6 * stride, one, two, three, four, largeShift, largeFloor);
  put(
    map + 7 * stride,
    isSign(one, signBits, slash, underscore),
    isSign(two, signBits, slash, underscore),
    isSign(three, signBits, slash, underscore),
    isSign(four, signBits, slash, underscore),
  );
}

/** Whether LEAST_ASKED characters in a row are in a block or reach into it, or may; `breaks`: what is no text of it. */
// @ts-ignore: decorator
@inline
function isAsked(breaks: usize, at: u32, length: u32): bool {
  const here = load<u64>(breaks);
  const before: u32 = at === 0 ? 64 : <u32>clz(load<u64>(breaks - 8));
  const behind: u32 = at + 64 >= length ? 64 : <u32>ctz(load<u64>(breaks, 8));
  return isInRow(here) | (before + <u32>ctz(here) >= LEAST_ASKED) | (<u32>clz(here) + behind >= LEAST_ASKED);
}

/** Whether LEAST_ASKED of 64 bytes in a row are none of `breaks`. */
// @ts-ignore: decorator
@inline
function isInRow(breaks: u64): bool {
  const twos = ~breaks & (~breaks >> 1);
  const fours = twos & (twos >> 2);
  return (fours & (fours >> 4) & (fours >> 8)) !== 0;
}
