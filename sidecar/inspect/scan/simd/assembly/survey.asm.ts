/**
 * One pass over a text. It writes one bitmap for each class of bytes (one bit a byte, the first in the lowest bit), and
 * finds literals. At every other place low bits of three neighbouring bytes are looked up in a table; a place is a candidate
 * when what stands there begins the rarest bytes of literals of one bucket, and what stands two bytes on goes on with them.
 * Of candidates four bytes are looked up in a bitmap by hash, without a branch; where that has them, in a hash table, and the
 * literal is compared. (Tables by nibble, as of "Teddy", let two thirds of ordinary text through with a thousand literals.)
 * Of XORed literals the same is done with differences.
 */
import { BASE64, BREAK, CAPITAL, DENSE, HEXABLE, LINE, PERCENT, PLUS, BACKSLASH } from './block.asm';

/**
 * In a table of literals: bytes for keys of three bytes, and of three differences (the low half says in which buckets
 * literals begin so, the high half in which they go on so); bits by hash of four bytes, and of three differences; the heads
 * of the chains by hash; the entries. What is looked up always is small, so that it stays in the nearest cache.
 */
const KEY_BITS: u32 = 16;
const XOR_KEY_BITS: u32 = 15;
const FOUR_BITS: u32 = 17;
const XOR_BITS: u32 = 16;
const XOR_KEYS: usize = 1 << KEY_BITS;
const FOURS: usize = XOR_KEYS + (1 << XOR_KEY_BITS);
const XOR_THREES: usize = FOURS + (1 << (FOUR_BITS - 3));
/** Tables by nibble for the first two bytes of keys that are no text. */
const BINARIES: usize = XOR_THREES + (1 << (XOR_BITS - 3));
/** Sets of characters that a byte is in, as in beside.ts. */
const MEMBER_OF: usize = BINARIES + 128;
const HEADS: usize = MEMBER_OF + 256;
/** Of a key that is looked up by hash: of its last byte the low five bits. */
const FOUR_MASK: u32 = 0x1fffffff;
export const HASH_BITS: u32 = 14;
export const XOR_HEADS: usize = HEADS + (4 << HASH_BITS);
const ENTRIES: usize = XOR_HEADS + (4 << HASH_BITS);
/** Size of an entry: rarest four bytes, their offset in the literal, number, length, address, next entry (0: none), which of the bytes count, what stands before and behind it. */
export const ENTRY: usize = 36;

/** Bytes in a row of the shortest text that a literal which is text stands in, and how many have the same high bit where one is XORed. */
const TEXT_RUN: usize = BINARIES + 64;
const SAME_RUN: usize = TEXT_RUN + 4;

/** Bytes that are looked at before any literal is compared. */
const STRIDE_BYTES: u32 = 4096;
/** Where `keys` has room: for the keys of a block, the high bits of each byte, and the lists of places. */
const HIGHS: usize = 64;
const LISTS: usize = HIGHS + (<usize>STRIDE_BYTES >> 3) + 64;
const LIST: usize = 4 * <usize>STRIDE_BYTES + 64;

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
  let at = from;
  v128.store(text + length, zero);
  v128.store(text + length, zero, 16);
  v128.store(text + length, zero, 32);
  v128.store(text + length, zero, 48);
  const highs = keys + HIGHS;
  while (at < length) {
    const begin = at;
    const end = min(length, begin + STRIDE_BYTES);
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
      let high: u64 = 0;
      for (let part: u32 = 0; part < 64; part += 16) {
        const one = v128.load(text + at + part);
        const low = v128.and(one, nibble);
        const upper = v128.and(i16x8.shr_u(one, 4), nibble);
        const letters = v128.and(i8x16.swizzle(letterLow, low), i8x16.swizzle(letterHigh, upper));
        const others = v128.and(i8x16.swizzle(otherLow, low), i8x16.swizzle(otherHigh, upper));
        if (whole) inBase64 |= without(letters, base64) << part;
        inHexable |= without(letters, endLetter) << part;
        inText |= without(others, textBreak) << part;
        if (whole) inPercent |= (<u64>i8x16.bitmask(i8x16.eq(one, percent))) << part;
        if (whole) inBackslash |= (<u64>i8x16.bitmask(i8x16.eq(one, backslash))) << part;
        if (whole) inLine |= without(others, line) << part;
        if (whole) inPlus |= (<u64>i8x16.bitmask(i8x16.eq(one, plus))) << part;
        if (whole) inDense |= (<u64>i8x16.bitmask(i8x16.lt_u(i8x16.sub(one, graphic), graphics))) << part;
        if (whole) inCapital |= (<u64>i8x16.bitmask(i8x16.lt_u(i8x16.sub(one, blank), capitals))) << part;
        high |= (<u64>i8x16.bitmask(one)) << part;
      }
      inBase64 = ~inBase64;
      inLine = ~inLine;
      let inBreak = ~inText;
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
      store<u64>(highs + ((at - begin) >> 3), high);
    }
    const plains = keys + LISTS;
    const others = plains + LIST;
    const plainEnd = filterPlain(text, listPlain(text, begin, end, maps + BREAK * stride, literals, keys, plains), literals, plains);
    const otherEnd = filterXored(text, listXored(text, begin, end, highs, literals, keys, others), literals, others);
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
        count = confirm(text, place, length, first, literals, hits, count);
        count = confirm(text, place + 1, length, first, literals, hits, count);
      }
      for (; other < otherEnd && load<u32>(other) < at + 64; other += 4) {
        const place = load<u32>(other);
        count = confirmXor(text, place, length, first, literals, hits, count);
        count = confirmXor(text, place + 1, length, first, literals, hits, count);
      }
    }
  }
  store<u32>(hits, min(at, length));
  return count;
}

/** Lists the places of `[begin, end)` where a literal's rarest bytes may begin, or one further on; returns where the list ends. */
function listPlain(text: usize, begin: u32, end: u32, breaks: usize, literals: usize, keys: usize, list: usize): usize {
  const run = load<u32>(literals + TEXT_RUN);
  let listed = list;
  /** Which bytes begin a run of text, in the block before, where it matters for this one. */
  let before: u64 = 1;
  for (let at = begin; at < end; at += 64) {
    const inText = ~load<u64>(breaks + (at >> 3));
    let isTouched: u64 = 1;
    // The block of a text is text.
    if (inText !== ~(<u64>0)) {
      const begins = runsOf(inText, at + 64 < end ? ~load<u64>(breaks + (at >> 3) + 8) : ~(<u64>0), run);
      isTouched = begins | before;
      before = begins >> (65 - run);
    } else before = 1;
    if (isTouched === 0) {
      let binary: u64 = 0;
      for (let part: u32 = 0; part < 64; part += 16) binary |= binaries(literals + BINARIES, text + at + part) << part;
      listed = append(binary, at, 0, listed);
      continue;
    }
    for (let part: u32 = 0; part < 64; part += 16) {
      const here = text + at + part;
      v128.store(keys + part, keysOf(v128.load(here), v128.load(here, 2)));
    }
    const behind = keyOf(load<u32>(text + at + 64));
    listed = append(<u64>goingOn(literals, keys, load<u8>(literals + behind)), at, 1, listed);
  }
  return listed;
}

/** The same for XORed literals: their differences have no high bit. */
function listXored(text: usize, begin: u32, end: u32, highs: usize, literals: usize, keys: usize, list: usize): usize {
  const run = load<u32>(literals + SAME_RUN);
  let listed = list;
  let before: u64 = 1;
  for (let at = begin; at < end; at += 64) {
    const high = load<u64>(highs + ((at - begin) >> 3));
    let isTouched: u64 = 1;
    if (high !== 0) {
      const isLast = at + 64 >= end;
      const next = isLast ? 0 : load<u64>(highs + ((at - begin) >> 3) + 8);
      const begins = runsOf(~(high ^ ((high >> 1) | (next << 63))), isLast ? ~(<u64>0) : ~(next ^ (next >> 1)), run);
      isTouched = begins | before;
      before = begins >> (65 - run);
    } else before = 1;
    if (isTouched === 0) continue;
    for (let part: u32 = 0; part < 64; part += 16) {
      const here = text + at + part;
      const differing = v128.xor(v128.load(here), v128.load(here, 1));
      v128.store(keys + part, xorKeysOf(differing, v128.xor(v128.load(here, 2), v128.load(here, 3))));
    }
    const behind = xorKeyOf(differencesAt(text + at + 64));
    listed = append(<u64>goingOn(literals + XOR_KEYS, keys, load<u8>(literals + XOR_KEYS + behind)), at, 1, listed);
  }
  return listed;
}

/** Where runs of `least` ones or more begin, or are under way with so many left; `next`: the word that follows. */
// @ts-ignore: decorator
@inline
function runsOf(word: u64, next: u64, least: u32): u64 {
  let runs = word;
  let following = next;
  let size: u32 = 1;
  while (size < least) {
    const step = <u64>min(size, least - size);
    runs &= (runs >> step) | (following << (64 - step));
    following &= following >> step;
    size += <u32>step;
  }
  return runs;
}

/** Of the 32 even places of a block those where a literal begins and goes on two bytes later; `behind`: what is said of the place behind them. */
// @ts-ignore: decorator
@inline
function goingOn(table: usize, keys: usize, behind: u8): u32 {
  const one = sixteen(table, keys);
  const two = sixteen(table, keys + 32);
  const afterOne = i8x16.shuffle(one, two, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
  const afterTwo = i8x16.shuffle(two, i8x16.splat(behind), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
  return inCommon(one, afterOne) | (inCommon(two, afterTwo) << 16);
}

/** Which of sixteen bytes have a bit of their low half in the high half of the other. */
// @ts-ignore: decorator
@inline
function inCommon(begins: v128, goesOn: v128): u32 {
  const both = v128.and(v128.and(begins, i16x8.shr_u(goesOn, 4)), i8x16.splat(0x0f));
  return 0xffff & ~i8x16.bitmask(i8x16.eq(both, i8x16.splat(0)));
}

/** What a table has for sixteen keys. (Bytes that are loaded into a vector one by one take twice as long.) */
// @ts-ignore: decorator
@inline
function sixteen(table: usize, keys: usize): v128 {
  return i64x2.replace_lane(i64x2.splat(eight(table, keys)), 1, eight(table, keys + 16));
}

// @ts-ignore: decorator
@inline
function eight(table: usize, keys: usize): u64 {
  const low = four(table, keys);
  return <u64>low | (<u64>four(table, keys + 8) << 32);
}

// @ts-ignore: decorator
@inline
function four(table: usize, keys: usize): u32 {
  return (
    <u32>load<u8>(table + load<u16>(keys)) |
    (<u32>load<u8>(table + load<u16>(keys, 2)) << 8) |
    (<u32>load<u8>(table + load<u16>(keys, 4)) << 16) |
    (<u32>load<u8>(table + load<u16>(keys, 6)) << 24)
  );
}

/** Writes the places of the bits of a word, each of which stands for 1 << `scale` bytes, to a list; returns where it ends. Four are written always. */
// @ts-ignore: decorator
@inline
function append(bits: u64, at: u32, scale: u32, list: usize): usize {
  const count = <usize>popcnt(bits);
  let word = bits;
  store<u32>(list, at + (<u32>ctz(word) << scale));
  word &= word - 1;
  store<u32>(list, at + (<u32>ctz(word) << scale), 4);
  word &= word - 1;
  store<u32>(list, at + (<u32>ctz(word) << scale), 8);
  word &= word - 1;
  store<u32>(list, at + (<u32>ctz(word) << scale), 12);
  word &= word - 1;
  for (let next = list + 16; word !== 0; next += 4) {
    store<u32>(next, at + (<u32>ctz(word) << scale));
    word &= word - 1;
  }
  return list + (count << 2);
}

/** Keeps what has a literal's bytes, at a place or one further on: without a branch, since which of them do is not to be foretold. */
function filterPlain(text: usize, end: usize, literals: usize, list: usize): usize {
  let kept = list;
  for (let entry = list; entry < end; entry += 4) {
    const place = load<u32>(entry);
    const here = load<u32>(text + place);
    const next = load<u32>(text + place + 1);
    store<u32>(kept, place);
    kept += (bitOf(literals + FOURS, here & FOUR_MASK, FOUR_BITS) | bitOf(literals + FOURS, next & FOUR_MASK, FOUR_BITS)) << 2;
  }
  return kept;
}

/** The same for XORed literals. */
function filterXored(text: usize, end: usize, literals: usize, list: usize): usize {
  let kept = list;
  for (let entry = list; entry < end; entry += 4) {
    const place = load<u32>(entry);
    const here = differencesAt(text + place);
    const next = differencesAt(text + place + 1);
    store<u32>(kept, place);
    kept +=
      (bitOf(literals + XOR_THREES, here & 0xffffff, XOR_BITS) | bitOf(literals + XOR_THREES, next & 0xffffff, XOR_BITS)) << 2;
  }
  return kept;
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

/** The keys of the even ones of sixteen places, of which `one` holds the bytes and `behind` those two further on: low bits of three bytes. */
// @ts-ignore: decorator
@inline
function keysOf(one: v128, behind: v128): v128 {
  const byte0 = v128.and(one, i16x8.splat(0x1f));
  const byte1 = v128.and(i16x8.shr_u(one, 3), i16x8.splat(0x07e0));
  return v128.or(v128.or(byte0, byte1), i16x8.shl(behind, 11));
}

// @ts-ignore: decorator
@inline
function keyOf(three: u32): usize {
  return (three & 0x1f) | ((three >> 3) & 0x07e0) | ((three >> 5) & 0xf800);
}

/** The same of differences, of which fewer are told apart. */
// @ts-ignore: decorator
@inline
function xorKeysOf(one: v128, behind: v128): v128 {
  const byte0 = v128.and(one, i16x8.splat(0x1f));
  const byte1 = v128.and(i16x8.shr_u(one, 3), i16x8.splat(0x03e0));
  const byte2 = v128.and(i16x8.shl(behind, 10), i16x8.splat(0x7c00));
  return v128.or(v128.or(byte0, byte1), byte2);
}

// @ts-ignore: decorator
@inline
function xorKeyOf(three: u32): usize {
  return (three & 0x1f) | ((three >> 3) & 0x03e0) | ((three >> 6) & 0x7c00);
}

/**
 * Whether what a literal is wanted with may stand before and behind it, all XORed with `key`. What the text's edge or a NUL, as
 * stands between texts, leaves open may.
 */
function isBeside(text: usize, begins: u32, size: u32, length: u32, literals: usize, entry: usize, key: u8): bool {
  return (
    isRow(text, begins + size, 1, length - begins - size, literals + MEMBER_OF, load<u32>(entry, 32), key) &&
    isRow(text, begins - 1, -1, begins, literals + MEMBER_OF, load<u32>(entry, 28), key)
  );
}

/** Whether the bytes from `from` on, of which there are `most`, may be a row of those of a set (see Row in beside.ts). */
function isRow(text: usize, from: u32, step: i32, most: u32, sets: usize, row: u32, key: u8): bool {
  const set = <u8>row;
  const until = <u8>(row >> 24);
  let place = text + from;
  for (let left = min(most, (row >> 8) & 0xffff); left > 0; left--) {
    const byte = load<u8>(place);
    if (byte === 0) return true;
    const plain = byte ^ key;
    if (until !== 0 && plain === until) return true;
    if ((load<u8>(sets + plain) & set) === 0) return false;
    place += step;
  }
  return until === 0 || most <= ((row >> 8) & 0xffff) || (load<u8>(place) ^ key) === until;
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
        if (same === size && key !== 0 && isBeside(text, begins, size, length, literals, address, key)) {
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
        if (same === size && isBeside(text, begins, size, length, literals, address, 0)) {
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
