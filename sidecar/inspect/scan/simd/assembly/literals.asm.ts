/**
 * Where literals stand in a text. At every other place low bits of three neighbouring bytes are looked up in a table; a place
 * is a candidate when what stands there begins the rarest bytes of literals of one bucket, and what stands two bytes on goes
 * on with them. Of candidates four bytes are looked up in a bitmap by hash, without a branch; where that has them, in a hash
 * table, and the literal is compared. (Tables by nibble, as of "Teddy", let two thirds of ordinary text through with a
 * thousand literals.) Of XORed literals the same is done with differences.
 */
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

/** Bytes in a row of the shortest text that a literal which is text stands in, and how many have the same high bit where one is XORed. */
const TEXT_RUN: usize = BINARIES + 64;
const SAME_RUN: usize = TEXT_RUN + 4;

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
    listed = append(<u64>goingOn(XORED_KEYS, keys, load<u8>(XORED_KEYS + behind)), at, 1, listed);
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
export function confirmXor(
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
