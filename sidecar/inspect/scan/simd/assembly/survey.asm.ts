/** One pass over a text. It writes one bitmap for each class of bytes (one bit a byte, the first in the lowest bit), and finds literals. */
import { NEAR } from './block.asm';
import { confirm, confirmXor } from './confirm.asm';
import { filterPlain, filterXored, listPlain, listXored, LISTS, NOWHERE, place, STRIDE_BYTES } from './literals.asm';
import { beginNear, endNear, noteAlike } from './near.asm';

/** Hits that one block of 64 bytes can have at most: 64 literals a place (MAX_CHAIN in literals.ts). */
export const BLOCK_HITS: u32 = 8192;

/** Texts that were surveyed so far: what is known of one holds until the next. */
export let surveys: u32 = 0;

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
function equal(one: v128, two: v128, three: v128, four: v128, byte: i8): u64 {
  const all = i8x16.splat(byte);
  return bits(i8x16.eq(one, all), i8x16.eq(two, all), i8x16.eq(three, all), i8x16.eq(four, all));
}

/** Which bytes are above `floor`, as numbers with a sign, when `shift` is added. */
// @ts-ignore: decorator
@inline
function within(one: v128, two: v128, three: v128, four: v128, shift: i8, floor: i8): u64 {
  const shifts = i8x16.splat(shift);
  const floors = i8x16.splat(floor);
  return bits(
    i8x16.gt_s(i8x16.add(one, shifts), floors),
    i8x16.gt_s(i8x16.add(two, shifts), floors),
    i8x16.gt_s(i8x16.add(three, shifts), floors),
    i8x16.gt_s(i8x16.add(four, shifts), floors),
  );
}

/** Blanks, what is visible, and white space. */
// @ts-ignore: decorator
@inline
function isText(bytes: v128): v128 {
  return v128.or(
    i8x16.gt_s(i8x16.add(bytes, i8x16.splat(1)), i8x16.splat(0x20)),
    i8x16.gt_s(i8x16.add(bytes, i8x16.splat(0x72)), i8x16.splat(0x7a)),
  );
}

// @ts-ignore: decorator
@inline
function isLine(bytes: v128): v128 {
  return v128.or(i8x16.eq(bytes, i8x16.splat(0x0a)), i8x16.eq(bytes, i8x16.splat(0x0d)));
}

/** The sets that bytes are in, by tables for their nibbles. */
// @ts-ignore: decorator
@inline
function classesOf(bytes: v128, low: v128, high: v128): v128 {
  const nibble = i8x16.splat(0x0f);
  return v128.and(i8x16.swizzle(low, v128.and(bytes, nibble)), i8x16.swizzle(high, v128.and(i16x8.shr_u(bytes, 4), nibble)));
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

/** Writes the maps of a text; with `whole` those too that tell decoders where to begin. */
// @ts-ignore: decorator
@inline
function classify(text: usize, length: u32, maps: usize, stride: usize, classes: usize, whole: bool): void {
  const letterLow = v128.load(classes);
  const letterHigh = v128.load(classes, 16);
  const base64 = i8x16.splat(load<i8>(classes + 32));
  const endLetter = i8x16.splat(load<i8>(classes + 33));
  const zero = i8x16.splat(0);
  v128.store(text + length, zero);
  v128.store(text + length, zero, 16);
  v128.store(text + length, zero, 32);
  v128.store(text + length, zero, 48);
  beginNear(maps + NEAR * stride, length);
  for (let at: u32 = 0; at < length; at += 64) {
    const one = v128.load(text + at);
    const two = v128.load(text + at, 16);
    const three = v128.load(text + at, 32);
    const four = v128.load(text + at, 48);
    const letters1 = classesOf(one, letterLow, letterHigh);
    const letters2 = classesOf(two, letterLow, letterHigh);
    const letters3 = classesOf(three, letterLow, letterHigh);
    const letters4 = classesOf(four, letterLow, letterHigh);
    noteAlike(at, bits(one, two, three, four));
    const valid = length - at < 64 ? ((<u64>1) << (length - at)) - 1 : ~(<u64>0);
    let map = maps + (at >> 3);
    // In the order of their numbers in block.asm.ts.
    if (whole) store<u64>(map, ~without(letters1, letters2, letters3, letters4, base64) & valid);
    map += stride;
    store<u64>(map, without(letters1, letters2, letters3, letters4, endLetter) & valid);
    map += stride;
    store<u64>(map, ~bits(isText(one), isText(two), isText(three), isText(four)) & valid);
    if (!whole) continue;
    map += stride;
    store<u64>(map, equal(one, two, three, four, 0x25) & valid);
    map += stride;
    store<u64>(map, equal(one, two, three, four, 0x5c) & valid);
    map += stride;
    store<u64>(map, bits(isLine(one), isLine(two), isLine(three), isLine(four)) & valid);
    map += stride;
    store<u64>(map, equal(one, two, three, four, 0x2b) & valid);
    map += stride;
    store<u64>(map, within(one, two, three, four, 1, 0x21) & valid);
    map += stride;
    store<u64>(map, within(one, two, three, four, 0x1f, 0x3e) & valid);
  }
}

/**
 * Surveys `text` from `from` (a multiple of 64; 0 at first) to `length`. `classes`: a pair of nibble tables, then the masks of the
 * two classes that they tell apart. `keys`: room to work in. Writes hits (place, number) for literals that begin at `first` or later and lie whole
 * in the text; returns how many. Before the hits it writes how far it came: less than the length when `room` is used up.
 */
// @ts-ignore: decorator
@inline
function pass(
  text: usize,
  from: u32,
  length: u32,
  first: u32,
  maps: usize,
  stride: usize,
  classes: usize,
  literals: usize,
  keys: usize,
  hits: usize,
  room: u32,
  whole: bool,
): u32 {
  surveys++;
  place(literals);
  const near = maps + NEAR * stride;
  if (from === 0) {
    classify(text, length, maps, stride, classes, whole);
    endNear(text, length, literals);
  }
  let count: u32 = 0;
  for (let begin = from; begin < length; begin += STRIDE_BYTES) {
    const end = min(length, begin + STRIDE_BYTES);
    const plains = keys + LISTS;
    const plain = listPlain(text, begin, end, near, keys, plains);
    const plainEnd = filterPlain(text, plain, literals, plains);
    const others = plainEnd + 4;
    const other = listXored(text, begin, end, near, keys, others);
    const otherEnd = filterXored(text, other, literals, others);
    store<u32>(plainEnd, NOWHERE);
    store<u32>(otherEnd, NOWHERE);
    let nextPlain = plain;
    let nextOther = other;
    while (true) {
      const next = min(load<u32>(nextPlain), load<u32>(nextOther));
      if (next === NOWHERE) break;
      const block = next & ~63;
      if (count + BLOCK_HITS > room) {
        store<u32>(hits, block);
        return count;
      }
      for (; load<u32>(nextPlain) < block + 64; nextPlain += 4) {
        count = confirm(text, load<u32>(nextPlain), length, first, literals, hits, count);
      }
      for (; load<u32>(nextOther) < block + 64; nextOther += 4) {
        count = confirmXor(text, load<u32>(nextOther), length, first, literals, hits, count);
      }
    }
  }
  store<u32>(hits, length);
  return count;
}

/** As `pass`, with all maps. */
export function survey(
  text: usize,
  from: u32,
  length: u32,
  first: u32,
  maps: usize,
  stride: usize,
  classes: usize,
  literals: usize,
  keys: usize,
  hits: usize,
  room: u32,
): u32 {
  return pass(text, from, length, first, maps, stride, classes, literals, keys, hits, room, true);
}

/** As `pass`, with the maps that tell noise from text alone. */
export function surveyForNoise(
  text: usize,
  from: u32,
  length: u32,
  first: u32,
  maps: usize,
  stride: usize,
  classes: usize,
  literals: usize,
  keys: usize,
  hits: usize,
  room: u32,
): u32 {
  return pass(text, from, length, first, maps, stride, classes, literals, keys, hits, room, false);
}

