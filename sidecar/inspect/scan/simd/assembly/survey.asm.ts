/**
 * One pass over a text. It writes one bitmap for each class of bytes (one bit a byte, the first in the lowest bit), and
 * finds literals: at every other place low bits of three neighbouring bytes are looked up in a bitmap of those that any
 * literal has among its rarest four; where one has, four bytes are looked up in a bitmap by hash, without a branch;
 * where that has them, in a hash table, and the literal is compared. (Tables by nibble, as of "Teddy", let two thirds of
 * ordinary text through with a thousand literals.) Of XORed literals two differences are looked up, at every other place.
 */
import { BACKSLASH, BASE64, BREAK, CAPITAL, DENSE, HEXABLE, LINE, PERCENT, PLUS } from './block.asm';

/**
 * In a table of literals: bits for keys of three bytes, and for each two differences; bits by hash of four bytes, and of three
 * differences; the heads of the chains by hash; the entries. The bitmaps are small, so that they stay in the nearest cache.
 */
const KEY_BITS: u32 = 16;
const PAIR_BITS: u32 = 15;
const FOUR_BITS: u32 = 17;
const XOR_BITS: u32 = 16;
const PAIRS: usize = 1 << KEY_BITS;
const FOURS: usize = PAIRS + (1 << PAIR_BITS);
const XOR_THREES: usize = FOURS + (1 << (FOUR_BITS - 3));
/** Tables by nibble for the first two bytes of keys that are no text. */
const BINARIES: usize = XOR_THREES + (1 << (XOR_BITS - 3));
const HEADS: usize = BINARIES + 64;
/** Of a key that is looked up by hash: of its last byte the low five bits. */
const FOUR_MASK: u32 = 0x1fffffff;
export const HASH_BITS: u32 = 14;
export const XOR_HEADS: usize = HEADS + (4 << HASH_BITS);
const ENTRIES: usize = XOR_HEADS + (4 << HASH_BITS);
/** Size of an entry: rarest four bytes, their offset in the literal, number, length, address, next entry (0: none), which of the bytes count. */
export const ENTRY: usize = 28;

/** Bytes that are looked at before any literal is compared; where `keys` has room for the lists of their places, and how much. */
const STRIDE_BYTES: u32 = 4096;
const LISTS: usize = 64;
const LIST: usize = 4 * 4096 + 64;

/** Places of a block, of those that are looked at, up to which they are taken as they are where the text is broken. */
const MOST_SPARSE: u64 = 10;
const EVEN: u64 = 0x5555555555555555;

/** Hits that one block of 64 bytes can have at most: 64 literals a place (MAX_CHAIN in literals.ts). */
export const BLOCK_HITS: u32 = 8192;

/** Texts that were surveyed so far: what is known of one holds until the next. */
export let surveys: u32 = 0;

/** Which of sixteen bytes are in none of the sets of a mask. */
// @ts-ignore: decorator
@inline
function without(classes: v128, mask: v128): u64 {
  return <u64>i8x16.bitmask(i8x16.eq(v128.and(classes, mask), i8x16.splat(0)));
}

/**
 * Surveys `text` from `from` (a multiple of 64) to `length`. `classes`: two pairs of nibble tables, then the masks of the
 * four classes that they tell apart. `keys`: room to work in. Writes hits (place, number) for literals that begin at `first` or later and lie whole
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
  const letterLow = v128.load(classes);
  const letterHigh = v128.load(classes, 16);
  const otherLow = v128.load(classes, 32);
  const otherHigh = v128.load(classes, 48);
  const base64 = i8x16.splat(load<i8>(classes + 64));
  const endLetter = i8x16.splat(load<i8>(classes + 65));
  const textBreak = i8x16.splat(load<i8>(classes + 66));
  const line = i8x16.splat(load<i8>(classes + 67));
  const percent = i8x16.splat(0x25);
  const backslash = i8x16.splat(0x5c);
  const plus = i8x16.splat(0x2b);
  const blank = i8x16.splat(0x20);
  const graphic = i8x16.splat(0x21);
  const graphics = i8x16.splat(0x7f - 0x21);
  const capitals = i8x16.splat(0x61 - 0x20);
  const nibble = i8x16.splat(0x0f);
  const zero = i8x16.splat(0);
  surveys++;
  let count: u32 = 0;
  /** Whether a key that is no text may begin with the last byte of the block before. */
  let before: u64 = 1;
  let at = from;
  v128.store(text + length, zero);
  v128.store(text + length, zero, 16);
  v128.store(text + length, zero, 32);
  v128.store(text + length, zero, 48);
  const plains = keys + LISTS;
  const others = plains + LIST;
  while (at < length) {
    const begin = at;
    const end = min(length, begin + STRIDE_BYTES);
    let plainEnd = plains;
    let otherEnd = others;
    for (; at < end; at += 64) {
    let inBase64: u64 = 0;
    let inHexable: u64 = 0;
    let inText: u64 = 0;
    let inPercent: u64 = 0;
    let inBackslash: u64 = 0;
    let inLine: u64 = 0;
    let inPlus: u64 = 0;
    let inDense: u64 = 0;
    let inCapital: u64 = 0;
    let candidates: u64 = 0;
    let xors: u64 = 0;
    for (let part: u32 = 0; part < 64; part += 16) {
      const here = text + at + part;
      const one = v128.load(here);
      const low = v128.and(one, nibble);
      const high = v128.and(i16x8.shr_u(one, 4), nibble);
      const letters = v128.and(i8x16.swizzle(letterLow, low), i8x16.swizzle(letterHigh, high));
      const others = v128.and(i8x16.swizzle(otherLow, low), i8x16.swizzle(otherHigh, high));
      if (whole) inBase64 |= without(letters, base64) << part;
      inHexable |= without(letters, endLetter) << part;
      inText |= without(others, textBreak) << part;
      if (whole) inPercent |= (<u64>i8x16.bitmask(i8x16.eq(one, percent))) << part;
      if (whole) inBackslash |= (<u64>i8x16.bitmask(i8x16.eq(one, backslash))) << part;
      if (whole) inLine |= without(others, line) << part;
      if (whole) inPlus |= (<u64>i8x16.bitmask(i8x16.eq(one, plus))) << part;
      if (whole) inDense |= (<u64>i8x16.bitmask(i8x16.lt_u(i8x16.sub(one, graphic), graphics))) << part;
      if (whole) inCapital |= (<u64>i8x16.bitmask(i8x16.lt_u(i8x16.sub(one, blank), capitals))) << part;
      // What is the same whatever byte the text was XORed with: how each byte differs from the next.
      const differing = v128.xor(one, v128.load(here, 1));
      v128.store(keys, v128.or(v128.and(differing, i16x8.splat(0x7f)), v128.and(i16x8.shr_u(differing, 1), i16x8.splat(0x7f80))));
      xors |= pairs(literals + PAIRS, keys) << part;
    }
    inBase64 = ~inBase64;
    inLine = ~inLine;
    let inBreak = ~inText;
    // Nearly all keys are text: where there is little of it, those places are looked at, and what begins like the others.
    const begins = inText & ((inText >> 1) | ((<u64>1) << 63)) & ((inText >> 2) | ((<u64>3) << 62));
    candidates = (begins | (begins << 1) | (inText & (inText >> 1) & 1)) & EVEN;
    if (popcnt(candidates) <= MOST_SPARSE) {
      let binary: u64 = 0;
      for (let part: u32 = 0; part < 64; part += 16) binary |= binaries(literals + BINARIES, text + at + part) << part;
      candidates |= (binary | (binary << 1) | before) & EVEN;
      before = binary >> 63;
    } else {
      candidates = 0;
      before = 1;
      for (let part: u32 = 0; part < 64; part += 16) {
        const here = text + at + part;
        keysOf(v128.load(here), v128.load(here, 2), keys);
        candidates |= pairs(literals, keys) << part;
      }
    }
    if (length - at < 64) {
      const valid = ((<u64>1) << (length - at)) - 1;
      inBase64 &= valid;
      inHexable &= valid;
      inBreak &= valid;
      inPercent &= valid;
      inBackslash &= valid;
      inLine &= valid;
      inPlus &= valid;
      inDense &= valid;
      inCapital &= valid;
      candidates &= valid;
      xors &= valid;
    }
    const map = maps + (at >> 3);
    if (whole) store<u64>(map + BASE64 * stride, inBase64);
    store<u64>(map + HEXABLE * stride, inHexable);
    store<u64>(map + BREAK * stride, inBreak);
    if (whole) store<u64>(map + PERCENT * stride, inPercent);
    if (whole) store<u64>(map + BACKSLASH * stride, inBackslash);
    if (whole) store<u64>(map + LINE * stride, inLine);
    if (whole) store<u64>(map + PLUS * stride, inPlus);
    if (whole) store<u64>(map + DENSE * stride, inDense);
    if (whole) store<u64>(map + CAPITAL * stride, inCapital);
    plainEnd = list(candidates, at, plainEnd);
    otherEnd = list(xors, at, otherEnd);
    }
    // Without a branch: which of them have a literal's bytes is not to be foretold.
    let kept = plains;
    for (let entry = plains; entry < plainEnd; entry += 4) {
      const place = load<u32>(entry);
      const four = load<u32>(text + place);
      const before = load<u32>(text + place - 1);
      store<u32>(kept, place);
      kept +=
        (bitOf(literals + FOURS, four & FOUR_MASK, FOUR_BITS) | bitOf(literals + FOURS, before & FOUR_MASK, FOUR_BITS)) << 2;
    }
    plainEnd = kept;
    kept = others;
    for (let entry = others; entry < otherEnd; entry += 4) {
      const place = load<u32>(entry);
      const here = differencesAt(text + place);
      const before = differencesAt(text + place - 1);
      store<u32>(kept, place);
      kept +=
        (bitOf(literals + XOR_THREES, here & 0xffffff, XOR_BITS) | bitOf(literals + XOR_THREES, before & 0xffffff, XOR_BITS)) << 2;
    }
    otherEnd = kept;
    if (plainEnd === plains && otherEnd === others) continue;
    let plain = plains;
    let other = others;
    for (at = begin; at < end; at += 64) {
      if (count + BLOCK_HITS > room) {
        store<u32>(hits, at);
        return count;
      }
      for (; plain < plainEnd && load<u32>(plain) < at + 64; plain += 4) {
        const place = load<u32>(plain);
        if (place > 0) count = confirm(text, place - 1, length, first, literals, hits, count);
        count = confirm(text, place, length, first, literals, hits, count);
      }
      for (; other < otherEnd && load<u32>(other) < at + 64; other += 4) {
        const place = load<u32>(other);
        count = confirmXor(text, place, length, first, literals, hits, count);
        if (place > 0) count = confirmXor(text, place - 1, length, first, literals, hits, count);
      }
    }
  }
  store<u32>(hits, min(at, length));
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

/** Writes the places of the bits of a word to a list; returns where it ends. Eight are written always. */
// @ts-ignore: decorator
@inline
function list(bits: u64, at: u32, to: usize): usize {
  const count = <usize>popcnt(bits);
  let word = bits;
  let next = to;
  do {
    store<u32>(next, at + <u32>ctz(word));
    word &= word - 1;
    store<u32>(next, at + <u32>ctz(word), 4);
    word &= word - 1;
    store<u32>(next, at + <u32>ctz(word), 8);
    word &= word - 1;
    store<u32>(next, at + <u32>ctz(word), 12);
    word &= word - 1;
    store<u32>(next, at + <u32>ctz(word), 16);
    word &= word - 1;
    store<u32>(next, at + <u32>ctz(word), 20);
    word &= word - 1;
    store<u32>(next, at + <u32>ctz(word), 24);
    word &= word - 1;
    store<u32>(next, at + <u32>ctz(word), 28);
    word &= word - 1;
    next += 32;
  } while (word !== 0);
  return to + (count << 2);
}

// @ts-ignore: decorator
@inline
function hash(key: u32, bits: u32): u32 {
  return (key * 0x9e3779b1) >> (32 - bits);
}

// @ts-ignore: decorator
@inline
function bitOf(bitmap: usize, key: u32, bits: u32): u32 {
  const bit = hash(key, bits);
  return (<u32>load<u8>(bitmap + (bit >> 3)) >> (bit & 7)) & 1;
}

/** How each of four bytes differs from the next. */
// @ts-ignore: decorator
@inline
function differencesAt(at: usize): u32 {
  return load<u32>(at) ^ load<u32>(at + 1);
}

/** Which of sixteen places, every other of which is looked at, have a key whose bit is set. */
// @ts-ignore: decorator
@inline
function places(bitmap: usize, keys: usize): u64 {
  return <u64>(
    place(bitmap, keys, 0) |
    place(bitmap, keys, 2) |
    place(bitmap, keys, 4) |
    place(bitmap, keys, 6) |
    place(bitmap, keys, 8) |
    place(bitmap, keys, 10) |
    place(bitmap, keys, 12) |
    place(bitmap, keys, 14)
  );
}

// @ts-ignore: decorator
@inline
function place(bitmap: usize, keys: usize, at: u32): u32 {
  const key = <u32>load<u16>(keys + at);
  return ((<u32>load<u8>(bitmap + (key >> 3)) >> (key & 7)) & 1) << at;
}

/** The same for a table of bytes, which is larger, and quicker to look into. */
// @ts-ignore: decorator
@inline
function pairs(table: usize, keys: usize): u64 {
  return <u64>(
    pair(table, keys, 0) |
    pair(table, keys, 2) |
    pair(table, keys, 4) |
    pair(table, keys, 6) |
    pair(table, keys, 8) |
    pair(table, keys, 10) |
    pair(table, keys, 12) |
    pair(table, keys, 14)
  );
}

// @ts-ignore: decorator
@inline
function pair(table: usize, keys: usize, at: u32): u32 {
  return <u32>load<u8>(table + load<u16>(keys + at)) << at;
}

/** Which of sixteen places have the first two bytes of a key that is no text, about. */
// @ts-ignore: decorator
@inline
function binaries(tables: usize, at: usize): u64 {
  const nibble = i8x16.splat(0x0f);
  const one = v128.load(at);
  const two = v128.load(at, 1);
  const first = v128.and(
    i8x16.swizzle(v128.load(tables), v128.and(one, nibble)),
    i8x16.swizzle(v128.load(tables, 16), v128.and(i16x8.shr_u(one, 4), nibble)),
  );
  const second = v128.and(
    i8x16.swizzle(v128.load(tables, 32), v128.and(two, nibble)),
    i8x16.swizzle(v128.load(tables, 48), v128.and(i16x8.shr_u(two, 4), nibble)),
  );
  return ~without(first, second) & 0xffff;
}

/** Writes the keys of the even ones of sixteen places, of which `one` holds the bytes and `behind` those two further on. */
// @ts-ignore: decorator
@inline
function keysOf(one: v128, behind: v128, keys: usize): void {
  const byte0 = v128.and(one, i16x8.splat(0x3f));
  const byte1 = v128.and(i16x8.shr_u(one, 2), i16x8.splat(0x07c0));
  const byte2 = i16x8.shl(behind, 11);
  v128.store(keys, v128.or(v128.or(byte0, byte1), byte2));
}

/** As `confirm`, for literals that were XORed with one byte, which is not 0. */
function confirmXor(
  text: usize,
  place: u32,
  length: u32,
  first: u32,
  literals: usize,
  hits: usize,
  count: u32,
): u32 {
  const four = differencesAt(text + place);
  let entry = load<u32>(literals + XOR_HEADS + (hash(four & 0xffffff, HASH_BITS) << 2));
  while (entry !== 0) {
    const address = literals + ENTRIES + <usize>(entry - 1) * ENTRY;
    if (((load<u32>(address) ^ four) & load<u32>(address, 24)) === 0) {
      const begins = <i32>place - load<i32>(address, 4);
      const size = load<u32>(address, 12);
      if (begins >= <i32>first && <u32>begins + size <= length) {
        const literal = literals + load<u32>(address, 16);
        const key = load<u8>(text + begins) ^ load<u8>(literal);
        let same: u32 = 0;
        while (same < size && (load<u8>(text + begins + same) ^ load<u8>(literal + same)) === key) same++;
        if (same === size && key !== 0) {
          store<u32>(hits + (count << 3), begins, 8);
          store<u32>(hits + (count << 3), load<u32>(address, 8), 12);
          count++;
        }
      }
    }
    entry = load<u32>(address, 20);
  }
  return count;
}

/** Adds the literals that have their rarest bytes at `place` to the hits. */
export function confirm(
  text: usize,
  place: u32,
  length: u32,
  first: u32,
  literals: usize,
  hits: usize,
  count: u32,
): u32 {
  const four = load<u32>(text + place);
  let entry = load<u32>(literals + HEADS + (hash(four & 0xffffff, HASH_BITS) << 2));
  while (entry !== 0) {
    const address = literals + ENTRIES + <usize>(entry - 1) * ENTRY;
    if (((load<u32>(address) ^ four) & load<u32>(address, 24)) === 0) {
      const begins = <i32>place - load<i32>(address, 4);
      const size = load<u32>(address, 12);
      if (begins >= <i32>first && <u32>begins + size <= length) {
        const literal = literals + load<u32>(address, 16);
        let same: u32 = 0;
        while (same < size && load<u8>(text + begins + same) === load<u8>(literal + same)) same++;
        if (same === size) {
          store<u32>(hits + (count << 3), begins, 8);
          store<u32>(hits + (count << 3), load<u32>(address, 8), 12);
          count++;
        }
      }
    }
    entry = load<u32>(address, 20);
  }
  return count;
}
