/**
 * Where literals stand in a text. At every other place low bits of three neighbouring bytes are looked up in a table; a place
 * is a candidate when what stands there begins the rarest bytes of literals of one bucket, and what stands two bytes on goes
 * on with them. Of candidates four bytes are looked up in a bitmap by hash, without a branch; where that has them, in a hash
 * table, and the literal is compared. (Tables by nibble, as of "Teddy", let two thirds of ordinary text through with a
 * thousand literals.) Of XORed literals the same is done with differences.
 */
import { BINARIES, FOURS, FOUR_BITS, FOUR_MASK, XOR_BITS, XOR_KEYS, XOR_THREES, differencesAt, hash } from './table.asm';

/** The tables of the literals that are looked for, at a fixed place: an address that is known costs less. */
const KEYS_SIZE: i32 = 0x18000;
const PLAIN_KEYS: usize = memory.data(KEYS_SIZE, 64);
const XORED_KEYS: usize = PLAIN_KEYS + XOR_KEYS;
let placed: usize = 0;

/** Makes `literals` those that are looked for. */
export function place(literals: usize): void {
  if (placed === literals) return;
  memory.copy(PLAIN_KEYS, literals, KEYS_SIZE);
  placed = literals;
}

/** Bytes that are looked at before any literal is compared. */
export const STRIDE_BYTES: u32 = 4096;
/** Where `keys` has room: for the keys of a block, the high bits of each byte, and the lists of places. */
export const HIGHS: usize = 64;
export const LISTS: usize = HIGHS + (<usize>STRIDE_BYTES >> 3) + 64;
/** Every other place. */
const EVEN: u64 = 0x5555555555555555;
/** What ends a list. */
export const NOWHERE: u32 = 0xffffffff;

/** Lists the places of `[begin, end)` where a literal's rarest bytes may begin, or one further on; returns where the list ends. */
export function listPlain(text: usize, begin: u32, end: u32, breaks: usize, literals: usize, keys: usize, list: usize): usize {
  let listed = list;
  /** Which bytes begin a run of text, in the block before, where it matters for this one. */
  let before: u64 = 1;
  for (let at = begin; at < end; at += 64) {
    const inText = ~load<u64>(breaks + (at >> 3));
    let isTouched: u64 = 1;
    // The block of a text is text.
    if (inText !== ~(<u64>0)) {
      const begins = threesOf(inText, at + 64 < end ? ~load<u64>(breaks + (at >> 3) + 8) : ~(<u64>0));
      isTouched = begins | before;
      before = begins >> 62;
    } else before = 1;
    if (isTouched === 0) {
      let binary: u64 = 0;
      for (let part: u32 = 0; part < 64; part += 16) binary |= binaries(literals + BINARIES, text + at + part) << part;
      listed = append((binary | (binary >> 1)) & EVEN, at, 0, listed);
      continue;
    }
    for (let part: u32 = 0; part < 64; part += 16) {
      const here = text + at + part;
      v128.store(keys + part, keysOf(v128.load(here), v128.load(here, 2)));
    }
    const behind = keyOf(load<u32>(text + at + 64));
    listed = append(<u64>goingOn(PLAIN_KEYS, keys, load<u8>(PLAIN_KEYS + behind)), at, 1, listed);
  }
  return listed;
}

/** The same for XORed literals: their differences have no high bit. */
export function listXored(text: usize, begin: u32, end: u32, highs: usize, literals: usize, keys: usize, list: usize): usize {
  let listed = list;
  let before: u64 = 1;
  for (let at = begin; at < end; at += 64) {
    const high = load<u64>(highs + ((at - begin) >> 3));
    let isTouched: u64 = 1;
    if (high !== 0) {
      const isLast = at + 64 >= end;
      const next = isLast ? 0 : load<u64>(highs + ((at - begin) >> 3) + 8);
      const begins = threesOf(~(high ^ ((high >> 1) | (next << 63))), isLast ? ~(<u64>0) : ~(next ^ (next >> 1)));
      isTouched = begins | before;
      before = begins >> 62;
    } else before = 1;
    if (isTouched === 0) continue;
    for (let part: u32 = 0; part < 64; part += 16) {
      const here = text + at + part;
      const differing = v128.xor(v128.load(here), v128.load(here, 1));
      v128.store(keys + part, xorKeysOf(differing, v128.xor(v128.load(here, 2), v128.load(here, 3))));
    }
    const behind = xorKeyOf(differencesAt(text + at + 64));
    listed = append(<u64>goingOn(XORED_KEYS, keys, load<u8>(XORED_KEYS + behind)), at, 1, listed);
  }
  return listed;
}

/** Where three ones begin, as many as the shortest literal has bytes (MIN_LITERAL), and a XORed one differences; `next`: the word that follows. */
// @ts-ignore: decorator
@inline
function threesOf(word: u64, next: u64): u64 {
  return word & ((word >> 1) | (next << 63)) & ((word >> 2) | (next << 62));
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

// @ts-ignore: decorator
@inline
function sixteen(table: usize, keys: usize): v128 {
  return i8x16.shuffle(
    eight(table, keys),
    eight(table, keys + 16),
    0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23,
  );
}

// @ts-ignore: decorator
@inline
function eight(table: usize, keys: usize): v128 {
  let found = v128.load_zero<u32>(table + load<u16>(keys));
  found = v128.load_lane<u8>(table + load<u16>(keys, 2), found, 1);
  found = v128.load_lane<u8>(table + load<u16>(keys, 4), found, 2);
  found = v128.load_lane<u8>(table + load<u16>(keys, 6), found, 3);
  found = v128.load_lane<u8>(table + load<u16>(keys, 8), found, 4);
  found = v128.load_lane<u8>(table + load<u16>(keys, 10), found, 5);
  found = v128.load_lane<u8>(table + load<u16>(keys, 12), found, 6);
  found = v128.load_lane<u8>(table + load<u16>(keys, 14), found, 7);
  return found;
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

/**
 * Keeps of places and those behind them the ones that have a literal's bytes: without a branch, since which do is not to be
 * foretold. The list may become twice as long, and is written behind itself.
 */
export function filterPlain(text: usize, end: usize, literals: usize, list: usize): usize {
  let kept = end;
  for (let entry = list; entry < end; entry += 4) {
    const place = load<u32>(entry);
    store<u32>(kept, place);
    kept += bitOf(literals + FOURS, load<u32>(text + place) & FOUR_MASK, FOUR_BITS) << 2;
    store<u32>(kept, place + 1);
    kept += bitOf(literals + FOURS, load<u32>(text + place, 1) & FOUR_MASK, FOUR_BITS) << 2;
  }
  return kept;
}

/** The same for XORed literals. */
export function filterXored(text: usize, end: usize, literals: usize, list: usize): usize {
  let kept = end;
  for (let entry = list; entry < end; entry += 4) {
    const place = load<u32>(entry);
    store<u32>(kept, place);
    kept += bitOf(literals + XOR_THREES, differencesAt(text + place) & 0xffffff, XOR_BITS) << 2;
    store<u32>(kept, place + 1);
    kept += bitOf(literals + XOR_THREES, differencesAt(text + place + 1) & 0xffffff, XOR_BITS) << 2;
  }
  return kept;
}

// @ts-ignore: decorator
@inline
function bitOf(bitmap: usize, key: u32, bits: u32): u32 {
  const bit = hash(key, bits);
  return (<u32>load<u8>(bitmap + (bit >> 3)) >> (bit & 7)) & 1;
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
  return 0xffff & ~<u64>(<u32>i8x16.bitmask(i8x16.eq(v128.and(first, second), i8x16.splat(0))));
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
