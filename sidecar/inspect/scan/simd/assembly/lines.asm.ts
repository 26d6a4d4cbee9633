/** Runs of base64 in lines. */
import { bitsBefore, bitsFrom, lowest, runStart } from './bitmaps.asm';
import { CLASS_BASE64, CLASS_GAP } from './block.asm';

/** What bytes are compared with, in memory: see maps.asm.ts. */
const BYTES: usize = memory.data<u8>([0x0f, 0x0a, 0x0d], 16);

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
  // Longer lines are unbroken runs.
  const stop = min(length, limit + gap + least + 1);
  let end = from;
  while (true) {
    end = nextLineEnd(text, kinds, map, lines, end, stop, length, least, line, gap);
    if (end >= stop) return NO_LINES;
    const before = bitsBefore(map, end);
    const between = <u32>clz(before);
    const last = end - between;
    end++;
    // Too far off, or too few: a run that goes on before these places has enough.
    if (between > gap || last <= from) continue;
    if (<u32>clz(~(before << between)) < line || !isPlain(text, last, end - 1)) continue;
    const start = runStart(map, last, last - from > least ? last - least : from);
    if (start >= limit) return NO_LINES;
    if (last - start < line) continue;
    const counted = countLines(text, map, start, length, least, line, gap);
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
export function beginLines(): void {
  listAt = LIST;
  listEnd = LIST;
  listedTo = 0;
}

/** The first line end from `from` on, not before that of the last call, at which a run in lines may go on; or one behind `stop`, or `length`. */
function nextLineEnd(
  text: usize,
  kinds: usize,
  map: usize,
  lines: usize,
  from: u32,
  stop: u32,
  length: u32,
  least: u32,
  line: u32,
  gap: u32,
): u32 {
  while (true) {
    for (; listAt !== listEnd; listAt += 4) if (load<u32>(listAt) >= from) return load<u32>(listAt);
    if (max(from, listedTo) >= stop) return length;
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

const TOO_FEW: u32 = 0;
const ENOUGH: u32 = 1;
const OPEN: u32 = 2;

function countLines(
  text: usize,
  map: usize,
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
    if (size < line || !hasLineEnd(text, end, behind) || !isPlain(text, end, behind)) return TOO_FEW;
    at = behind;
  }
}

/** Whether a line ends in `[from, to)`, 32 bytes or fewer. The map of line ends is not asked: it leaves out what stands among few characters. */
export function hasLineEnd(text: usize, from: u32, to: u32): bool {
  const ends = lineEndsOf(text + from) | (lineEndsOf(text + from + 16) << 16);
  return (ends & lowest(to - from)) !== 0;
}

// @ts-ignore: decorator
@inline
function lineEndsOf(at: usize): u64 {
  const bytes = v128.load(at);
  return <u64>i8x16.bitmask(v128.or(i8x16.eq(bytes, v128.load_splat<u8>(BYTES, 1)), i8x16.eq(bytes, v128.load_splat<u8>(BYTES, 2))));
}

/** Whether `[from, to)`, 32 bytes or fewer, is what stands between two lines. */
export function isPlain(text: usize, from: u32, to: u32): bool {
  const plain = gapsOf(text + from) | (gapsOf(text + from + 16) << 16);
  return (~plain & lowest(to - from)) === 0;
}

/** Which of sixteen bytes are in LINE_GAP of classes.ts: those that a bit is set for in the tables of both nibbles. */
// @ts-ignore: decorator
@inline
function gapsOf(at: usize): u64 {
  const bytes = v128.load(at);
  const nibble = v128.load_splat<u8>(BYTES);
  const low = i8x16(0x12, 0, 0x02, 0x02, 0, 0, 0, 0x02, 0, 0x01, 0x03, 0, 0x2a, 0x01, 0x06, 0);
  const high = i8x16(0x01, 0, 0x02, 0x04, 0, 0x08, 0x10, 0x20, 0, 0, 0, 0, 0, 0, 0, 0);
  const sets = v128.and(
    i8x16.relaxed_swizzle(low, v128.and(bytes, nibble)),
    i8x16.relaxed_swizzle(high, v128.and(i16x8.shr_u(bytes, 4), nibble)),
  );
  return <u64>i8x16.bitmask(i8x16.ne(sets, i8x16.splat(0)));
}

// @ts-ignore: decorator
@inline
export function isIn(text: usize, kinds: usize, at: u32, kind: u8): bool {
  return (load<u8>(kinds + load<u8>(text + at)) & kind) !== 0;
}
