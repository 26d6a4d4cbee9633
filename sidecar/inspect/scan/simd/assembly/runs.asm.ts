/** Runs of digits that may be encoded text. */
import { bitsBefore, bitsFrom, lowest, nextRun, runEnd, runStart } from './bitmaps.asm';
import { BASE64, CLASS_BASE64, CLASS_GAP, DIGITS, KINDS, LENGTH, LINE, MAPS, STRIDE, TEXT, fieldOf } from './block.asm';
import { copyDigits } from './digits.asm';
import { isLoud } from './loud.asm';

/** What `nextLines` says besides a place. */
export const NO_LINES: i32 = -1;

/**
 * The first run of base64 in lines, of `least` digits, that begins in `[from, limit)`: each line but the last has
 * `line` digits or more, and at most `gap` bytes (a line end, indentation, quotes) stand between two. None: -1; when the
 * end of the text leaves it open and it is not `final`: -2 - where it may begin.
 */
export function nextLines(
  text: usize,
  kinds: usize,
  map: usize,
  lines: usize,
  from: u32,
  limit: u32,
  length: u32,
  least: u32,
  line: u32,
  gap: u32,
  final: bool,
): i32 {
  let end = from;
  while (true) {
    end = nextLineEnd(text, kinds, map, lines, end, length, least, line, gap);
    if (end >= length || end > limit + gap + least) return NO_LINES;
    const before = bitsBefore(map, end);
    const between = <u32>clz(before);
    const last = end - between;
    end++;
    // Too far off, or too few: a run that goes on before these places has enough.
    if (between > gap || last <= from) continue;
    if (<u32>clz(~(before << between)) < line || !isPlain(text, kinds, last, end - 1)) continue;
    const start = runStart(map, last, last - from > least ? last - least : from);
    if (start >= limit) return NO_LINES;
    if (last - start < line) continue;
    const counted = countLines(text, kinds, map, lines, start, length, least, line, gap);
    if (counted === ENOUGH) return <i32>start;
    if (counted === OPEN && !final) return -2 - <i32>start;
  }
}

/** Bytes of which the line ends are listed at once; where, and how far they were taken. */
const LISTED: u32 = 1024;
const LIST: usize = memory.data(4 * 1024 + 16);
let listAt: usize = LIST;
let listEnd: usize = LIST;
/** The first place that was not listed yet. */
let listedTo: u32 = 0;
/** Bytes behind a line end that are looked at: two gaps and a line. */
const AHEAD: u32 = 160;

/** Begins with the line ends of another text, or of the same. */
function beginLines(): void {
  listAt = LIST;
  listEnd = LIST;
  listedTo = 0;
}

/** The first line end from `from` on, not before that of the last call, at which a run in lines may go on; `length` for none. */
function nextLineEnd(
  text: usize,
  kinds: usize,
  map: usize,
  lines: usize,
  from: u32,
  length: u32,
  least: u32,
  line: u32,
  gap: u32,
): u32 {
  while (true) {
    for (; listAt !== listEnd; listAt += 4) if (load<u32>(listAt) >= from) return load<u32>(listAt);
    if (max(from, listedTo) >= length) return length;
    listLines(text, kinds, map, lines, max(from & ~63, listedTo), length, least, line, gap);
  }
}

/**
 * Lists the line ends of the next LISTED bytes around which `countLines` may find enough: `line` digits before it at most
 * `gap` bytes off, digits behind it as near, and enough of both or another line end behind those. What most are not is
 * found out without a branch, since it is not to be foretold.
 */
function listLines(
  text: usize,
  kinds: usize,
  map: usize,
  lines: usize,
  from: u32,
  length: u32,
  least: u32,
  line: u32,
  gap: u32,
): void {
  const near = lowest(gap + 1);
  const stop = min(length, from + LISTED);
  let end = LIST;
  for (let base = from; base < stop; base += 64) {
    let word = load<u64>(lines + (base >> 3));
    const count = <usize>popcnt(word);
    let next = end;
    do {
      store<u32>(next, base + <u32>ctz(word));
      word &= word - 1;
      store<u32>(next, base + <u32>ctz(word), 4);
      word &= word - 1;
      store<u32>(next, base + <u32>ctz(word), 8);
      word &= word - 1;
      next += 12;
    } while (word !== 0);
    end += count << 2;
  }
  let kept = LIST;
  for (let entry = LIST; entry < end; entry += 4) {
    const at = load<u32>(entry);
    store<u32>(kept, at);
    kept += <usize>((load<u8>(kinds + load<u8>(text + at - 1)) & (CLASS_BASE64 | CLASS_GAP)) !== 0) << 2;
  }
  let last = LIST;
  for (let entry = LIST; entry < kept; entry += 4) {
    const at = load<u32>(entry);
    const before = bitsBefore(map, at);
    const between = <u32>clz(before);
    const first = <u32>clz(~(before << between));
    const after = bitsFrom(map, at + 1) & near;
    const behind = at + 1 + <u32>ctz(after);
    const second = <u32>ctz(~bitsFrom(map, behind));
    const following = bitsFrom(map, behind + second) & near;
    const ends = bitsFrom(lines, behind + second) & ((following & -following) - 1);
    const isNear = <u32>(between <= gap) & <u32>(first >= line) & <u32>(after !== 0);
    const goesOn = <u32>(second >= line) & <u32>(following !== 0) & <u32>(ends !== 0);
    store<u32>(last, at);
    last += <usize>((isNear & (goesOn | <u32>(first + second >= least))) | <u32>(at + AHEAD > length)) << 2;
  }
  listAt = LIST;
  listEnd = last;
  listedTo = (from & ~63) + LISTED;
}

export const TOO_FEW: u32 = 0;
export const ENOUGH: u32 = 1;
export const OPEN: u32 = 2;

export function countLines(
  text: usize,
  kinds: usize,
  map: usize,
  lines: usize,
  start: u32,
  length: u32,
  least: u32,
  line: u32,
  gap: u32,
): u32 {
  let digits: u32 = 0;
  let at = start;
  while (true) {
    const size = min(<u32>ctz(~bitsFrom(map, at)), min(least, length - at));
    const end = at + size;
    digits += size;
    if (digits >= least) return ENOUGH;
    if (end === length) return OPEN;
    if (size < line && end + gap < length) return TOO_FEW;
    const following = bitsFrom(map, end) & lowest(min(gap + 1, length - end));
    if (following === 0) return end + gap >= length ? OPEN : TOO_FEW;
    const behind = end + <u32>ctz(following);
    if (size < line || !hasLineEnd(lines, end, behind) || !isPlain(text, kinds, end, behind)) return TOO_FEW;
    at = behind;
  }
}

/** Whether a line ends in `[from, to)`, 32 bytes or fewer. */
// @ts-ignore: decorator
@inline
function hasLineEnd(lines: usize, from: u32, to: u32): bool {
  return (bitsFrom(lines, from) & lowest(to - from)) !== 0;
}

/** Whether `[from, to)` is what stands between two lines. */
function isPlain(text: usize, kinds: usize, from: u32, to: u32): bool {
  for (let at = from; at < to; at++) if (!isIn(text, kinds, at, CLASS_GAP)) return false;
  return true;
}

// @ts-ignore: decorator
@inline
export function isIn(text: usize, kinds: usize, at: u32, kind: u8): bool {
  return (load<u8>(kinds + load<u8>(text + at)) & kind) !== 0;
}

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
  beginLines();
  let at = from;
  let unbroken: i32 = -1;
  let inLines: i32 = -1;
  let known = false;
  let linesKnown = false;
  while (true) {
    if (!known || (unbroken >= 0 && <u32>unbroken < at)) {
      unbroken = nextRun(map, at, length, least);
      if (unbroken < 0 && final) unbroken = -1 - <i32>length;
      known = true;
    }
    if (!linesKnown || (inLines >= 0 && <u32>inLines < at)) {
      inLines = nextLines(text, kinds, map, maps + LINE * stride, at, length, length, least, line, gap, final);
      linesKnown = true;
    }
    const limit = unbroken < 0 ? <u32>(-1 - unbroken) : <u32>unbroken;
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

/** Digits that `gather` took. */
export let gathered: u32 = 0;
export function setGathered(count: u32): void {
  gathered = count;
}

/** Where they end in the text. */
export let gatheredTo: u32 = 0;

/** Takes the digits of a run; returns where it ends, -1 when it may go on or has more than `most`. */
export function gather(block: usize, from: u32, final: bool, line: u32, least: u32, gap: u32, most: u32): i32 {
  const text = fieldOf(block, TEXT);
  const length = <u32>fieldOf(block, LENGTH);
  const kinds = fieldOf(block, KINDS);
  const stride = fieldOf(block, STRIDE);
  const map = fieldOf(block, MAPS) + BASE64 * stride;
  const lines = fieldOf(block, MAPS) + LINE * stride;
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
    if (size < least && !(hasLineEnd(lines, at, behind) && isPlain(text, kinds, at, behind))) return <i32>at;
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
  let hasNumber: u32 = 0;
  let hasCapital: u32 = 0;
  let hasOdd: u32 = 0;
  for (let at: u32 = 0; at < count; at += 14) {
    const window = v128.load(digits + at);
    const isIn: u32 = count - at < 16 ? (1 << (count - at)) - 1 : 0xffff;
    const small = <u32>i8x16.bitmask(i8x16.lt_u(i8x16.sub(window, i8x16.splat(0x61)), i8x16.splat(26)));
    const capital = isIn & <u32>i8x16.bitmask(i8x16.lt_u(i8x16.sub(window, i8x16.splat(0x41)), i8x16.splat(26)));
    hasNumber |= isIn & <u32>i8x16.bitmask(i8x16.lt_u(i8x16.sub(window, i8x16.splat(0x30)), i8x16.splat(10)));
    hasCapital |= capital;
    // What stands behind the last two is seen with the next ones.
    hasOdd |= capital & 0x3fff & ~((small >> 1) & (small >> 2));
    if (hasCapital !== 0 && (hasNumber | hasOdd) !== 0) return false;
  }
  return true;
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
