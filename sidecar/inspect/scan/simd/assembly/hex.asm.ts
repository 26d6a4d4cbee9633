/** Dumps that are worth a look, and their digits. */
import { runsOf } from './bitmaps.asm';
import { CLASS_DUMP, CLASS_HEX, CLASS_X, DIGITS, HEXABLE, KINDS, LENGTH, MAPS, OUT_LAST, OUT_LENGTH, OUT_SAW, STRIDE, TEXT, TEXT_ID, fieldOf } from './block.asm';
import { copyDigits } from './digits.asm';
import { endsDump, hexDigits, nextHex } from './dumps.asm';
import { isIn } from './lines.asm';
import { isLoud } from './loud.asm';

/** As `nextLoud`, for dumps of `least` hex digits at most `gap` bytes apart. */
export function nextLoudHex(
  block: usize,
  from: u32,
  final: bool,
  least: u32,
  gap: u32,
  most: u32,
  apart: u32,
): i32 {
  const text = fieldOf(block, TEXT);
  const length = <u32>fieldOf(block, LENGTH);
  const stride = fieldOf(block, STRIDE);
  const maps = fieldOf(block, MAPS);
  let at = from;
  while (true) {
    const start = nextHex(text, maps + HEXABLE * stride, <u32>fieldOf(block, TEXT_ID), at, length, least, gap);
    if (start < 0) return final ? -1 - <i32>length : start;
    const end = gatherHex(block, <u32>start, final, gap, most);
    if (end < 0 || isLoud(block, load<u32>(block + OUT_LENGTH), 2, apart)) return start;
    at = <u32>end;
  }
}

/** As `gather`, for a dump: an `x` takes back the 0 before it. */
function gatherHex(block: usize, from: u32, final: bool, gap: u32, most: u32): i32 {
  const at = takeHex(block, from, 0, 0, gap, most);
  if (load<u32>(block + OUT_SAW) === FULL) return -1;
  return at < <u32>fieldOf(block, LENGTH) || final ? <i32>at : -1;
}

/** Why `takeHex` stopped: the dump ends, the text does, or there are digits enough; as in digits.ts. */
const CLOSED: u32 = 0;
const ENDED: u32 = 1;
const FULL: u32 = 2;

/**
 * Takes the digits of a dump from `from` on, behind `count` of them and `since` other bytes, until there are `most`. Returns
 * where it stopped; writes how many digits there are, bytes since the last one, and why it stopped.
 */
export function takeHex(block: usize, from: u32, count: u32, since: u32, gap: u32, most: u32): u32 {
  const text = fieldOf(block, TEXT);
  const length = <u32>fieldOf(block, LENGTH);
  const kinds = fieldOf(block, KINDS);
  const digits = fieldOf(block, DIGITS);
  let at = from;
  let why = ENDED;
  while (at < length && why === ENDED) {
    // Many at a time, where there is no x and no gap that is too long.
    const valid = length - at < 64 ? ((<u64>1) << (length - at)) - 1 : ~(<u64>0);
    const size = <u32>ctz(endsDump64(text + at) | ~valid);
    const within = size < 64 ? ((<u64>1) << size) - 1 : ~(<u64>0);
    const here = hexDigits(text + at) & within;
    const none = ~here & within;
    if (
      (xs(text + at) & within) === 0 &&
      since + <u32>ctz(~none) <= gap &&
      runsOf(none, gap + 1) === 0 &&
      count + <u32>popcnt(here) <= most
    ) {
      let to = digits + count;
      for (let left = here; left !== 0; ) {
        const first = <u32>ctz(left);
        const run = <u32>ctz(~(left >> first));
        copyDigits(to, text + at + first, run);
        to += run;
        left &= left + ((<u64>1) << first);
      }
      count += <u32>popcnt(here);
      since = here === 0 ? since + size : size - (64 - <u32>clz(here));
      at += size;
      if (size < 64 && at < length) why = CLOSED;
      continue;
    }
    const end = min(length, at + 64);
    for (; at < end; at++) {
      const byte = load<u8>(text + at);
      const kind = load<u8>(kinds + byte);
      if ((kind & CLASS_HEX) !== 0) {
        if (count === most) {
          why = FULL;
          break;
        }
        store<u8>(digits + count, byte);
        count++;
        since = 0;
        continue;
      }
      if ((kind & CLASS_DUMP) === 0 || since === gap) {
        why = CLOSED;
        break;
      }
      if ((kind & CLASS_X) !== 0 && isPrefix(text, kinds, at) && count > 0) count--;
      since++;
    }
  }
  store<u32>(block + OUT_LENGTH, count);
  store<u32>(block + OUT_LAST, since);
  store<u32>(block + OUT_SAW, why);
  return at;
}

/** Which of 64 bytes are an x. */
function xs(at: usize): u64 {
  const x = i8x16.splat(0x78);
  const small = i8x16.splat(0x20);
  return (
    <u64>i8x16.bitmask(i8x16.eq(v128.or(v128.load(at), small), x)) |
    (<u64>i8x16.bitmask(i8x16.eq(v128.or(v128.load(at, 16), small), x)) << 16) |
    (<u64>i8x16.bitmask(i8x16.eq(v128.or(v128.load(at, 32), small), x)) << 32) |
    (<u64>i8x16.bitmask(i8x16.eq(v128.or(v128.load(at, 48), small), x)) << 48)
  );
}

function endsDump64(at: usize): u64 {
  return (
    <u64>i8x16.bitmask(endsDump(v128.load(at))) |
    (<u64>i8x16.bitmask(endsDump(v128.load(at, 16))) << 16) |
    (<u64>i8x16.bitmask(endsDump(v128.load(at, 32))) << 32) |
    (<u64>i8x16.bitmask(endsDump(v128.load(at, 48))) << 48)
  );
}

/** Whether the digit before `at`, where an x stands, is the 0 of `0x`. */
export function isPrefix(text: usize, kinds: usize, at: u32): bool {
  return at > 0 && load<u8>(text + at - 1) === 0x30 && (at < 2 || !isIn(text, kinds, at - 2, CLASS_HEX));
}

