/**
 * Where literals stand in a text. At every other place low bits of three neighbouring bytes are looked up in a table; a place
 * is a candidate when what stands there begins the rarest bytes of literals of one bucket, and what stands two bytes on goes
 * on with them. Of candidates four bytes are looked up in a bitmap by hash, without a branch; where that has them, in a hash
 * table, and the literal is compared. (Tables by nibble, as of "Teddy", let two thirds of ordinary text through with a
 * thousand literals.) Of XORed literals the same is done with differences.
 */
import { FOURS, FOUR_BITS, FOUR_MASK, XOR_BITS, XOR_KEYS, XOR_THREES, differencesAt, hash } from './table.asm';

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
/** Where `keys` has room: for the keys of a block, and the lists of places. */
export const LISTS: usize = 64;
/** What keys are masked with, in memory: see maps.asm.ts. */
const WORDS: usize = memory.data<u16>([0x001f, 0x07e0, 0x03e0, 0x7c00, 0x0f0f], 16);
/** What ends a list. */
export const NOWHERE: u32 = 0xffffffff;

/**
 * Lists the places of `[begin, end)` where a literal's rarest bytes may begin, or one further on; returns where the list ends.
 * `near`: the blocks where one is looked for.
 */
export function listPlain(text: usize, begin: u32, end: u32, near: usize, keys: usize, list: usize): usize {
  const low = v128.load_splat<u16>(WORDS);
  const middle = v128.load_splat<u16>(WORDS, 2);
  const half = v128.load_splat<u16>(WORDS, 8);
  let listed = list;
  for (let at = begin; at < end; at += 64) {
    if (load<u8>(near + (at >> 6)) === 0) continue;
    const here = text + at;
    v128.store(keys, keysOf(v128.load(here), v128.load(here, 2), low, middle));
    v128.store(keys, keysOf(v128.load(here, 16), v128.load(here, 18), low, middle), 16);
    v128.store(keys, keysOf(v128.load(here, 32), v128.load(here, 34), low, middle), 32);
    v128.store(keys, keysOf(v128.load(here, 48), v128.load(here, 50), low, middle), 48);
    const behind = keyOf(load<u32>(text + at + 64));
    listed = append(goingOn(PLAIN_KEYS, keys, load<u8>(PLAIN_KEYS + behind), half), at, listed);
  }
  return listed;
}

/** The same for XORed literals. */
export function listXored(text: usize, begin: u32, end: u32, near: usize, keys: usize, list: usize): usize {
  const low = v128.load_splat<u16>(WORDS);
  const middle = v128.load_splat<u16>(WORDS, 4);
  const high = v128.load_splat<u16>(WORDS, 6);
  const half = v128.load_splat<u16>(WORDS, 8);
  let listed = list;
  for (let at = begin; at < end; at += 64) {
    if (load<u8>(near + (at >> 6)) === 0) continue;
    const here = text + at;
    v128.store(keys, xorKeysAt(here, low, middle, high));
    v128.store(keys, xorKeysAt(here + 16, low, middle, high), 16);
    v128.store(keys, xorKeysAt(here + 32, low, middle, high), 32);
    v128.store(keys, xorKeysAt(here + 48, low, middle, high), 48);
    const behind = xorKeyOf(differencesAt(text + at + 64));
    listed = append(goingOn(XORED_KEYS, keys, load<u8>(XORED_KEYS + behind), half), at, listed);
  }
  return listed;
}

/** Of the 32 even places of a block those where a literal begins and goes on two bytes later; `behind`: what is said of the place behind them. */
// @ts-ignore: decorator
@inline
function goingOn(table: usize, keys: usize, behind: u8, half: v128): u32 {
  const one = sixteen(table, keys);
  const two = sixteen(table, keys + 32);
  const afterOne = i8x16.shuffle(one, two, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
  const afterTwo = i8x16.shuffle(two, i8x16.splat(behind), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
  return inCommon(one, afterOne, half) | (inCommon(two, afterTwo, half) << 16);
}

/** Which of sixteen bytes have a bit of their low half in the high half of the other. */
// @ts-ignore: decorator
@inline
function inCommon(begins: v128, goesOn: v128, half: v128): u32 {
  const both = v128.and(v128.and(begins, i16x8.shr_u(goesOn, 4)), half);
  return 0xffff & ~i8x16.bitmask(i8x16.eq(both, i8x16.splat(0)));
}

// @ts-ignore: decorator
@inline
function sixteen(table: usize, keys: usize): v128 {
  return i8x16.shuffle(
    table === PLAIN_KEYS ? eightPlain(keys) : eightXored(keys),
    table === PLAIN_KEYS ? eightPlain(keys + 16) : eightXored(keys + 16),
    0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23,
  );
}

// @ts-ignore: decorator
@inline
function eightPlain(keys: usize): v128 {
  let found = v128.load_zero<u32>(load<u16>(keys), PLAIN_KEYS);
  found = v128.load_lane<u8>(load<u16>(keys, 2), found, 1, PLAIN_KEYS);
  found = v128.load_lane<u8>(load<u16>(keys, 4), found, 2, PLAIN_KEYS);
  found = v128.load_lane<u8>(load<u16>(keys, 6), found, 3, PLAIN_KEYS);
  found = v128.load_lane<u8>(load<u16>(keys, 8), found, 4, PLAIN_KEYS);
  found = v128.load_lane<u8>(load<u16>(keys, 10), found, 5, PLAIN_KEYS);
  found = v128.load_lane<u8>(load<u16>(keys, 12), found, 6, PLAIN_KEYS);
  found = v128.load_lane<u8>(load<u16>(keys, 14), found, 7, PLAIN_KEYS);
  return found;
}

// @ts-ignore: decorator
@inline
function eightXored(keys: usize): v128 {
  let found = v128.load_zero<u32>(load<u16>(keys), XORED_KEYS);
  found = v128.load_lane<u8>(load<u16>(keys, 2), found, 1, XORED_KEYS);
  found = v128.load_lane<u8>(load<u16>(keys, 4), found, 2, XORED_KEYS);
  found = v128.load_lane<u8>(load<u16>(keys, 6), found, 3, XORED_KEYS);
  found = v128.load_lane<u8>(load<u16>(keys, 8), found, 4, XORED_KEYS);
  found = v128.load_lane<u8>(load<u16>(keys, 10), found, 5, XORED_KEYS);
  found = v128.load_lane<u8>(load<u16>(keys, 12), found, 6, XORED_KEYS);
  found = v128.load_lane<u8>(load<u16>(keys, 14), found, 7, XORED_KEYS);
  return found;
}

/** Writes the places of the bits of a word, of which each stands for two bytes, to a list; returns where it ends. Four are written always. */
// @ts-ignore: decorator
@inline
function append(bits: u32, at: u32, list: usize): usize {
  const count = <usize>popcnt(bits);
  let word = bits;
  store<u32>(list, at + (ctz(word) << 1));
  word &= word - 1;
  store<u32>(list, at + (ctz(word) << 1), 4);
  word &= word - 1;
  store<u32>(list, at + (ctz(word) << 1), 8);
  word &= word - 1;
  store<u32>(list, at + (ctz(word) << 1), 12);
  word &= word - 1;
  for (let next = list + 16; word !== 0; next += 4) {
    store<u32>(next, at + (ctz(word) << 1));
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

/** The keys of the even ones of sixteen places, of which `one` holds the bytes and `behind` those two further on: low bits of three bytes. */
// @ts-ignore: decorator
@inline
function keysOf(one: v128, behind: v128, low: v128, middle: v128): v128 {
  const byte0 = v128.and(one, low);
  const byte1 = v128.and(i16x8.shr_u(one, 3), middle);
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
function xorKeysAt(at: usize, low: v128, middle: v128, high: v128): v128 {
  const one = v128.xor(v128.load(at), v128.load(at, 1));
  const behind = v128.xor(v128.load(at, 2), v128.load(at, 3));
  const byte0 = v128.and(one, low);
  const byte1 = v128.and(i16x8.shr_u(one, 3), middle);
  const byte2 = v128.and(i16x8.shl(behind, 10), high);
  return v128.or(v128.or(byte0, byte1), byte2);
}

// @ts-ignore: decorator
@inline
function xorKeyOf(three: u32): usize {
  return (three & 0x1f) | ((three >> 3) & 0x03e0) | ((three >> 6) & 0x7c00);
}
