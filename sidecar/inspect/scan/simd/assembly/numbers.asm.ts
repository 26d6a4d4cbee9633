/** Bytes that are written as decimal numbers. */
import { CLASS_BETWEEN, HEXABLE, KINDS, LENGTH, MAPS, OUT, OUT_LENGTH, STRIDE, TEXT, TEXT_ID, fieldOf } from './block.asm';
import { runEnd } from './bitmaps.asm';
import { hasGap, nextHex } from './dumps.asm';

/** Bytes between two numbers at most. */
const NUMBER_GAP: u32 = 16;
/** How far apart two numbers begin at most: one has three digits. */
const APART: u32 = 3 + NUMBER_GAP;

/**
 * Reads numbers up to 255 from `from`, a number or what stands before one, on, with bytes that are no letters or digits between, until something else comes; writes
 * the bytes to OUT and their count to OUT_LENGTH. Returns where it stopped, or -1 - the place from which it may go on.
 */
export function readNumbers(block: usize, from: u32, final: bool): i32 {
  const text = fieldOf(block, TEXT);
  const length = <u32>fieldOf(block, LENGTH);
  const kinds = fieldOf(block, KINDS);
  const out = fieldOf(block, OUT);
  let made: u32 = 0;
  store<u32>(block + OUT_LENGTH, 0);
  let stopped = from;
  let at = gapEnd(text, kinds, from, length);
  let open = true;
  if (at < length && <u32>load<u8>(text + at) - 0x30 >= 10) return <i32>from;
  while (at < length) {
    let value: u32 = 0;
    let end = at;
    while (end < length && end - at < 4 && <u32>load<u8>(text + end) - 0x30 < 10) {
      value = value * 10 + load<u8>(text + end) - 0x30;
      end++;
    }
    if (end === length && !final) break;
    open = false;
    if (end === at || end - at > 3 || value > 255) break;
    const isLetter = end < length && (load<u8>(kinds + load<u8>(text + end)) & CLASS_BETWEEN) === 0;
    if (isLetter) break;
    store<u8>(out + made, value);
    made++;
    stopped = end;
    at = gapEnd(text, kinds, end, length);
    open = true;
    if (at < length && <u32>load<u8>(text + at) - 0x30 >= 10) {
      open = false;
      break;
    }
    if (at < length) stopped = at;
  }
  store<u32>(block + OUT_LENGTH, made);
  return open && !final ? -1 - <i32>stopped : <i32>max(stopped, from);
}

/** The first byte from `from` on that is a letter or digit, or NUMBER_GAP further. */
function gapEnd(text: usize, kinds: usize, from: u32, length: u32): u32 {
  let at = from;
  const limit = min(length, from + NUMBER_GAP);
  while (at < limit && (load<u8>(kinds + load<u8>(text + at)) & CLASS_BETWEEN) !== 0) at++;
  return at;
}

/**
 * The first run of `least` numbers or more that begins at `from` or later: returns where, or -1 - the place from which one may
 * still come. Dumps are gone through once: where no run is, the next number is tried.
 */
export function nextNumbers(block: usize, from: u32, final: bool, least: u32): i32 {
  const text = fieldOf(block, TEXT);
  const length = <u32>fieldOf(block, LENGTH);
  const kinds = fieldOf(block, KINDS);
  const map = fieldOf(block, MAPS) + HEXABLE * fieldOf(block, STRIDE);
  let at = from;
  while (true) {
    const found = nextHex(text, map, <u32>fieldOf(block, TEXT_ID), at, length, 2 * least, NUMBER_GAP);
    if (found < 0) return final ? -1 - <i32>length : found;
    const end = runEnd(map, <u32>found, length);
    let start = <u32>found;
    let group = numbersFrom(text, start, end, least);
    while (group >= 0) {
      const stopped = readNumbers(block, <u32>group, final);
      if (stopped < 0 || load<u32>(block + OUT_LENGTH) >= least) return group;
      start = max(<u32>stopped, <u32>group + 1);
      group = numbersFrom(text, start, end, least);
    }
    if (end >= length) return final ? -1 - <i32>length : group;
    at = end;
  }
}

/** What bytes are compared with, in memory: see maps.asm.ts. */
const BYTES: usize = memory.data<u8>([0x30, 10, 0x20, 0x61, 26], 16);

/**
 * Where the first of `least` numbers, of three digits at most and NUMBER_GAP bytes or less apart with no letter between, or of
 * more, is in `[from, end)`; or -1 - where one may still begin when the text goes on.
 */
function numbersFrom(text: usize, from: u32, end: u32, least: u32): i32 {
  let count: u32 = 0;
  let start = from;
  const zero = v128.load_splat<u8>(BYTES);
  const ten = v128.load_splat<u8>(BYTES, 1);
  const small = v128.load_splat<u8>(BYTES, 2);
  const letterA = v128.load_splat<u8>(BYTES, 3);
  const alphabet = v128.load_splat<u8>(BYTES, 4);
  let last = from;
  /** What stands before: a digit, or a letter. */
  let digit: u64 = 0;
  let other: u64 = from > 0 && isLetter(load<u8>(text + from - 1)) ? 1 : 0;
  if (from > 0 && <u32>load<u8>(text + from - 1) - 0x30 < 10) digit = 1;
  for (let base = from; base < end; base += 64) {
    const valid = end - base < 64 ? ((<u64>1) << (end - base)) - 1 : ~(<u64>0);
    let digits: u64 = 0;
    let letters: u64 = 0;
    for (let part: u32 = 0; part < 64; part += 16) {
      const one = v128.load(text + base + part);
      digits |= (<u64>i8x16.bitmask(i8x16.lt_u(i8x16.sub(one, zero), ten))) << part;
      const folded = v128.or(one, small);
      letters |= (<u64>i8x16.bitmask(i8x16.lt_u(i8x16.sub(folded, letterA), alphabet))) << part;
    }
    digits &= valid;
    letters &= valid;
    const before = (digits << 1) | digit;
    // Numbers, and what ends them: a letter, or a fourth digit.
    const starts = digits & ~before & ~((letters << 1) | other);
    const ends = letters | (digits & before & (digits << 2) & (digits << 3));
    digit = digits >> 63;
    other = letters >> 63;
    if ((starts | ends) === 0) continue;
    const first = base + <u32>ctz(starts);
    if (ends === 0 && (count === 0 || first - last <= APART) && !hasGap(starts, APART)) {
      if (count === 0) start = first;
      count += <u32>popcnt(starts);
      if (count >= least) return <i32>start;
      last = base + 63 - <u32>clz(starts);
      continue;
    }
    for (let left = starts | ends; left !== 0; left &= left - 1) {
      const place = base + <u32>ctz(left);
      if ((left & -left & starts) === 0) {
        count = 0;
        continue;
      }
      if (count === 0 || place - last > APART) {
        count = 0;
        start = place;
      }
      last = place;
      if (++count === least) return <i32>start;
    }
  }
  return -1 - <i32>(count === 0 || end - last > APART ? end : start);
}

function isLetter(byte: u8): bool {
  return <u32>(byte | 0x20) - 0x61 < 26;
}
