/** The bitmaps of a text, one for each class of bytes (one bit a byte, the first in the lowest bit). */
import { NEAR } from './block.asm';
import { beginNear, noteAlike } from './near.asm';

/**
 * What bytes are compared with. V8 makes a vector of a constant in three instructions, and anew wherever it is used when there
 * are more of them than registers; one that was loaded is kept.
 */
const BYTES: usize = memory.data<u8>([0x0f, 0x25, 0x5c, 0x2b, 0x0a, 0x0d, 0x01, 0x20, 0x21, 0x1f, 0x3e, 0x72, 0x7a], 16);

/** The highest bits of 64 bytes. */
// @ts-ignore: decorator
@inline
function bits(one: v128, two: v128, three: v128, four: v128): u64 {
  return (
    <u64>(<u32>(i8x16.bitmask(one) | (i8x16.bitmask(two) << 16))) |
    (<u64>(<u32>(i8x16.bitmask(three) | (i8x16.bitmask(four) << 16))) << 32)
  );
}

// @ts-ignore: decorator
@inline
function equal(one: v128, two: v128, three: v128, four: v128, byte: v128): u64 {
  return bits(i8x16.eq(one, byte), i8x16.eq(two, byte), i8x16.eq(three, byte), i8x16.eq(four, byte));
}

/** Which bytes are above `floor`, as numbers with a sign, when `shift` is added. */
// @ts-ignore: decorator
@inline
function above(bytes: v128, shift: v128, floor: v128): v128 {
  return i8x16.gt_s(i8x16.add(bytes, shift), floor);
}

// @ts-ignore: decorator
@inline
function within(one: v128, two: v128, three: v128, four: v128, shift: v128, floor: v128): u64 {
  return bits(above(one, shift, floor), above(two, shift, floor), above(three, shift, floor), above(four, shift, floor));
}

// @ts-ignore: decorator
@inline
function either(bytes: v128, one: v128, other: v128): v128 {
  return v128.or(i8x16.eq(bytes, one), i8x16.eq(bytes, other));
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

/** Of the last text with all maps: whether it has bytes that are no text, per cent signs, and backslashes. */
export let hasBreak: bool = false;
export let hasPercent: bool = false;
export let hasBackslash: bool = false;

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
  const zero = i8x16.splat(0);
  v128.store(text + length, zero);
  v128.store(text + length, zero, 16);
  v128.store(text + length, zero, 32);
  v128.store(text + length, zero, 48);
  let inBreak: u64 = 0;
  let inPercent: u64 = 0;
  let inBackslash: u64 = 0;
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
    store<u64>(map, ~inText & valid);
    if (!whole) continue;
    inBreak |= ~inText & valid;
    map += stride;
    const percents = equal(one, two, three, four, percent);
    inPercent |= percents;
    store<u64>(map, percents);
    map += stride;
    const backslashes = equal(one, two, three, four, backslash);
    inBackslash |= backslashes;
    store<u64>(map, backslashes);
    map += stride;
    const inLine = bits(
      either(one, lineFeed, carriageReturn),
      either(two, lineFeed, carriageReturn),
      either(three, lineFeed, carriageReturn),
      either(four, lineFeed, carriageReturn),
    );
    store<u64>(map, inLine);
    map += stride;
    store<u64>(map, equal(one, two, three, four, plus));
    map += stride;
    store<u64>(map, within(one, two, three, four, shift, denseFloor));
    map += stride;
    store<u64>(map, within(one, two, three, four, capitalShift, capitalFloor));
  }
  if (!whole) return;
  hasBreak = inBreak !== 0;
  hasPercent = inPercent !== 0;
  hasBackslash = inBackslash !== 0;
}
