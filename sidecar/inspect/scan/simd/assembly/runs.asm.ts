/** Runs of digits that may be encoded text. */
import { bitsBefore, bitsFrom, lowest, next, nextRun, runEnd, runStart } from './bitmaps.asm';
import { BASE64, CLASS_BASE64, DIGITS, HAS, HAS_LINE, KINDS, LARGE, LENGTH, LINE, MAPS, STRIDE, TEXT, fieldOf } from './block.asm';
import { copyDigits } from './digits.asm';
import { NO_LINES, beginLines, hasLineEnd, isIn, isPlain, nextLines } from './lines.asm';
import { isLoud } from './loud.asm';

/**
 * The first run of base64 that is worth a look: in what it decodes to is a literal or enough text for another decoder, or it
 * is longer than `most` digits or may go on. Returns where it begins, or -1 - the place from which one may still come. Runs
 * that are not are passed over here, since nearly all are words. A run has `least` digits unbroken or in lines of `line`;
 * it goes on over `gap` bytes behind pieces of `piece` digits, or of `line` at a line end.
 */
export function nextLoud(
  block: usize,
  from: u32,
  final: bool,
  least: u32,
  line: u32,
  piece: u32,
  gap: u32,
  most: u32,
  apart: u32,
): i32 {
  const text = fieldOf(block, TEXT);
  const length = <u32>fieldOf(block, LENGTH);
  const kinds = fieldOf(block, KINDS);
  const stride = fieldOf(block, STRIDE);
  const maps = fieldOf(block, MAPS);
  const map = maps + BASE64 * stride;
  const large = maps + LARGE * stride;
  beginLines();
  let at = from;
  /** The next capital: what it is in no run with is words. */
  let capital: i32 = -1;
  let unbroken: i32 = -1;
  let inLines: i32 = -1;
  let known = false;
  /** Up to where no run in lines begins but `inLines`. */
  let linesTo = (<u32>fieldOf(block, HAS) & HAS_LINE) === 0 ? length : 0;
  while (true) {
    if (!known || (unbroken >= 0 && <u32>unbroken < at)) {
      unbroken = nextRun(map, at, length, least);
      if (unbroken < 0 && final) unbroken = -1 - <i32>length;
      known = true;
    }
    const limit = unbroken < 0 ? <u32>(-1 - unbroken) : <u32>unbroken;
    if (inLines >= 0 ? <u32>inLines < at : linesTo < limit) {
      inLines = nextLines(text, kinds, map, maps + LINE * stride, at, limit, length, least, line, gap, final);
      linesTo = inLines === NO_LINES ? limit : length;
    }
    let start: u32;
    if (inLines >= 0 && <u32>inLines < limit) start = <u32>inLines;
    else {
      // What no later bytes can make a run in lines is left behind.
      let open = limit;
      if (!final) open = max(at, min(limit, length > gap + least ? length - gap - least : 0));
      if (inLines < -1) open = min(open, max(at, <u32>(-2 - inLines)));
      if (open < limit || unbroken < 0) return -1 - <i32>open;
      start = limit;
    }
    if (<i32>start > capital) {
      capital = <i32>next(large, start, length);
      at = final && capital === length ? length : groupStart(map, <u32>capital, start, line, gap);
      if (at > start) continue;
    }
    const end = gather(block, start, final, line, piece, gap, most);
    if (end < 0) {
      // A long run, a part at a time: what begins at the end of one is whole in the next.
      const isOpen = gatheredTo === length;
      if (gathered < 2 * OVERLAP) return isOpen ? -1 - <i32>start : <i32>start;
      if (isBase64Loud(block, apart)) return <i32>start;
      at = digitsBack(text, kinds, gatheredTo, start);
      if (isOpen) return -1 - <i32>at;
      continue;
    }
    if (isBase64Loud(block, apart)) return <i32>start;
    at = <u32>end;
  }
}

/**
 * The first digit from `from` on of a run that may go on to `to`: before it are pieces of `line` digits or more, `gap` bytes apart or
 * less. If there is none, `to`.
 */
function groupStart(map: usize, to: u32, from: u32, line: u32, gap: u32): u32 {
  let start = runStart(map, to, from);
  while (start > from) {
    const before = bitsBefore(map, start);
    const between = <u32>clz(before);
    if (between > gap || <u32>clz(~(before << between)) < line || start < from + line + between) return start;
    start = runStart(map, start - between, from);
  }
  return start;
}

/** Digits that `gather` took. */
let gathered: u32 = 0;
/** Where they end in the text. */
let gatheredTo: u32 = 0;

/** Takes the digits of a run; returns where it ends, -1 when it may go on or has more than `most`. */
function gather(block: usize, from: u32, final: bool, line: u32, least: u32, gap: u32, most: u32): i32 {
  const text = fieldOf(block, TEXT);
  const length = <u32>fieldOf(block, LENGTH);
  const stride = fieldOf(block, STRIDE);
  const map = fieldOf(block, MAPS) + BASE64 * stride;
  const digits = fieldOf(block, DIGITS);
  let count: u32 = 0;
  let at = from;
  let end = runEnd(map, at, length);
  while (count + (end - at) <= most) {
    const size = end - at;
    copyDigits(digits + count, text + at, size);
    count += size;
    gathered = count;
    at = end;
    gatheredTo = at;
    if (at === length) return final ? <i32>at : -1;
    if (size < line) return <i32>at;
    const following = bitsFrom(map, at) & lowest(min(gap + 1, length - at));
    if (following === 0) {
      if (at + gap < length || final) return <i32>at;
      gatheredTo = length;
      return -1;
    }
    const behind = at + <u32>ctz(following);
    if (size < least && !(hasLineEnd(text, at, behind) && isPlain(text, at, behind))) return <i32>at;
    at = behind;
    end = runEnd(map, at, length);
  }
  const rest = most - count;
  copyDigits(digits + count, text + at, rest);
  gathered = most;
  gatheredTo = at + rest;
  return -1;
}

/**
 * As `isLoud`, for what was gathered. Words and paths are passed over: of random digits four in ten are capitals, of those of
 * text as many, and one in six is a number. A secret that has no capital in twenty digits comes about once in ten thousand,
 * and one that looks like words in both cases more seldom still.
 */
function isBase64Loud(block: usize, apart: u32): bool {
  return !isWords(fieldOf(block, DIGITS), gathered) && isLoud(block, gathered, 4, apart);
}

/** Whether there is no capital among the digits; or no number, and two small letters behind every capital. */
function isWords(digits: usize, count: u32): bool {
  const smallA = v128.load_splat<u8>(BYTES);
  const capitalA = v128.load_splat<u8>(BYTES, 1);
  const letters = v128.load_splat<u8>(BYTES, 2);
  const zero = v128.load_splat<u8>(BYTES, 3);
  const numbers = v128.load_splat<u8>(BYTES, 4);
  let hasNumber: u64 = 0;
  let hasCapital: u64 = 0;
  let hasOdd: u64 = 0;
  for (let at: u32 = 0; at < count; at += 62) {
    const isIn = count - at < 64 ? lowest(count - at) : ~(<u64>0);
    const here = digits + at;
    const small = among(here, smallA, letters) & isIn;
    const capital = among(here, capitalA, letters) & isIn;
    hasNumber |= among(here, zero, numbers) & isIn;
    hasCapital |= capital;
    // What stands behind the last two is seen with the next ones.
    const odd = capital & ~((small >> 1) & (small >> 2));
    hasOdd |= count - at > 64 ? odd & lowest(62) : odd;
    if (hasCapital !== 0 && (hasNumber | hasOdd) !== 0) return false;
  }
  return true;
}

/** What bytes are compared with, in memory: see maps.asm.ts. */
const BYTES: usize = memory.data<u8>([0x61, 0x41, 26, 0x30, 10], 16);

/** Which of 64 bytes are `first` or one of the next, of which there are `size`. */
// @ts-ignore: decorator
@inline
function among(at: usize, first: v128, size: v128): u64 {
  return (
    <u64>i8x16.bitmask(i8x16.lt_u(i8x16.sub(v128.load(at), first), size)) |
    (<u64>i8x16.bitmask(i8x16.lt_u(i8x16.sub(v128.load(at, 16), first), size)) << 16) |
    (<u64>i8x16.bitmask(i8x16.lt_u(i8x16.sub(v128.load(at, 32), first), size)) << 32) |
    (<u64>i8x16.bitmask(i8x16.lt_u(i8x16.sub(v128.load(at, 48), first), size)) << 48)
  );
}

/** Digits that two parts of a long run have in common: a detector looks so far around (LOOK_BEHIND), and what tells it of a match is whole. */
const OVERLAP: u32 = 1408;

/** The place OVERLAP digits before `to`, of a run that begins at `from`; at least one byte behind that. */
function digitsBack(text: usize, kinds: usize, to: u32, from: u32): u32 {
  let count: u32 = 0;
  let at = to;
  while (at > from + 1 && count < OVERLAP) {
    at--;
    if (isIn(text, kinds, at, CLASS_BASE64)) count++;
  }
  return at;
}
