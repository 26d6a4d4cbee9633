/** Values that stand apart in a structure, one after the other. */
import { copyDigits } from './digits.asm';
import { nextOfThree } from './bitmaps.asm';
import { BACKSLASH, DENSE, LENGTH, MAPS, OUT, OUT_LENGTH, STRIDE, TEXT, fieldOf } from './block.asm';

/** What bytes are compared with, in memory: see maps.asm.ts. */
const BYTES: usize = memory.data<u8>([0x22, 0x20], 16);
const QUOTE: u8 = 0x22;
const COLON: u8 = 0x3a;
const BACKSLASH_MARK: u8 = 0x5c;
const AND: u8 = 0x26;
const EQUALS: u8 = 0x3d;

/**
 * Writes the string values of JSON from `from` to `length` to OUT: those that are one word (neither blanks nor escapes), or
 * with `all` any, escapes of one character undone; keys are left out. Returns the place from which to go on: behind the last
 * string that is whole.
 */
export function joinJson(block: usize, from: u32, all: bool): u32 {
  const text = fieldOf(block, TEXT);
  const length = <u32>fieldOf(block, LENGTH);
  const out = fieldOf(block, OUT);
  const quotes = out + ((length + ROOM) & ~7);
  const ends = quotes + mapSize(length);
  const visible = ends + mapSize(length);
  writeMaps(block, from, quotes, ends, visible);
  let made: u32 = 0;
  let at = from;
  let done = from;
  while (at < length) {
    at = nextSet(quotes, at);
    if (at >= length) {
      done = length;
      break;
    }
    const begins = at + 1;
    let end = nextSet(ends, begins);
    let isWord = true;
    while (end < length && load<u8>(text + end) !== QUOTE) {
      isWord = false;
      end = load<u8>(text + end) === BACKSLASH_MARK ? end + 2 : nextEither(quotes, block, end + 1, length);
    }
    const behind = end + 1 < length ? nextSet(visible, end + 1) : length;
    if (behind >= length) {
      // The string, or whether it is a key, is not known yet.
      done = at;
      if (length - at > MOST_JOINED) done = length;
      break;
    }
    const size = end - begins;
    if (load<u8>(text + behind) !== COLON && size <= MOST_JOINED) {
      if (isWord) {
        copyWord(out + made, text + begins, size);
        made += size;
      } else if (all) made += unescaped(text, begins, end, out + made);
    }
    at = end + 1;
    done = at;
  }
  store<u32>(block + OUT_LENGTH, made);
  return done;
}

/** Bytes behind what is written; and two words more of each map. */
const ROOM: u32 = 64 + 7;

// @ts-ignore: decorator
@inline
function mapSize(length: u32): u32 {
  return ((length >> 6) + 3) << 3;
}

/** Copies sixteen bytes at a time; the room behind is overwritten. */
// @ts-ignore: decorator
@inline
function copyWord(to: usize, from: usize, size: u32): void {
  // Few are longer.
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
  if (size > 32) copyDigits(to + 32, from + 32, size - 32);
}

/**
 * Writes, from the word of `from` on, which bytes are quotes; which ones end a word: quotes, backslashes and what is not graphic;
 * and which are no blanks. What stands behind the text is all of it.
 */
function writeMaps(block: usize, from: u32, quotes: usize, ends: usize, visible: usize): void {
  const text = fieldOf(block, TEXT);
  const length = <u32>fieldOf(block, LENGTH);
  const stride = fieldOf(block, STRIDE);
  const backslashes = fieldOf(block, MAPS) + BACKSLASH * stride;
  const graphics = fieldOf(block, MAPS) + DENSE * stride;
  for (let base = from & ~63; base < length; base += 64) {
    const here = text + base;
    const all = quotesOf(here) | (quotesOf(here + 16) << 16) | (quotesOf(here + 32) << 32) | (quotesOf(here + 48) << 48);
    const blank = blanksOf(here) | (blanksOf(here + 16) << 16) | (blanksOf(here + 32) << 32) | (blanksOf(here + 48) << 48);
    const at = base >> 3;
    store<u64>(quotes + at, all);
    store<u64>(ends + at, all | load<u64>(backslashes + at) | ~load<u64>(graphics + at));
    store<u64>(visible + at, ~blank);
  }
  stopAt(quotes, length);
  stopAt(ends, length);
  stopAt(visible, length);
}

/** Sets the bits from `length` on, of this word and the next ones. */
function stopAt(map: usize, length: u32): void {
  const word = map + ((length >> 6) << 3);
  const valid = ((<u64>1) << (length & 63)) - 1;
  store<u64>(word, (load<u64>(word) & valid) | ~valid);
  store<u64>(word, ~(<u64>0), 8);
}

/** The first place from `at` on whose bit is set; there is one. */
// @ts-ignore: decorator
@inline
function nextSet(map: usize, at: u32): u32 {
  const word = load<u64>(map + (at >> 3)) >> (at & 7);
  if (word !== 0) return at + <u32>ctz(word);
  let base = (at & ~7) + 64;
  let further = load<u64>(map + (base >> 3));
  while (further === 0) {
    base += 64;
    further = load<u64>(map + (base >> 3));
  }
  return base + <u32>ctz(further);
}

// @ts-ignore: decorator
@inline
function quotesOf(at: usize): u64 {
  return <u64>i8x16.bitmask(i8x16.eq(v128.load(at), v128.load_splat<u8>(BYTES)));
}

// @ts-ignore: decorator
@inline
function blanksOf(at: usize): u64 {
  const bytes = v128.load(at);
  return <u64>i8x16.bitmask(i8x16.eq(i8x16.min_u(bytes, v128.load_splat<u8>(BYTES, 1)), bytes));
}

/** The first quote or backslash from `from` on; `length` for none. */
function nextEither(quotes: usize, block: usize, from: u32, length: u32): u32 {
  const backslashes = fieldOf(block, MAPS) + BACKSLASH * fieldOf(block, STRIDE);
  return nextOfThree(quotes, backslashes, backslashes, from, length);
}

/** Writes a string with escapes of one character undone; returns its length. */
function unescaped(text: usize, from: u32, to: u32, out: usize): u32 {
  let made: u32 = 0;
  for (let at = from; at < to; at++) {
    let byte = load<u8>(text + at);
    if (byte === BACKSLASH_MARK && at + 1 < to) {
      const escaped = load<u8>(text + at + 1);
      // Others are left to the decoder of escapes.
      if (escaped !== 0x75 && escaped !== 0x78) {
        byte = escaped === 0x6e ? 0x0a : escaped === 0x74 ? 0x09 : escaped === 0x72 ? 0x0d : escaped;
        at++;
      }
    }
    store<u8>(out + made, byte);
    made++;
  }
  return made;
}

/** Bytes of a value that are put together with others. The last one of a form in a string ends with that, whatever comes then. */
function sizeOf(value: usize, size: u32): u32 {
  if (size <= MOST_JOINED) return size;
  for (let at: u32 = 0; at <= MOST_JOINED; at++) if (load<u8>(value + at) === QUOTE) return at;
  return 0;
}

/** The same for the values of a form. */
export function joinForm(block: usize, from: u32, final: bool): u32 {
  const text = fieldOf(block, TEXT);
  const length = <u32>fieldOf(block, LENGTH);
  const out = fieldOf(block, OUT);
  let made: u32 = 0;
  let done = from;
  while (done < length) {
    let end = done;
    let value = done;
    while (end < length && load<u8>(text + end) !== AND) {
      if (value === done && load<u8>(text + end) === EQUALS) value = end + 1;
      end++;
    }
    if (end >= length && !final) {
      if (length - done > MOST_JOINED) done = length;
      break;
    }
    if (value > done) {
      const size = sizeOf(text + value, end - value);
      memory.copy(out + made, text + value, size);
      made += size;
    }
    done = min(end + 1, length);
  }
  store<u32>(block + OUT_LENGTH, made);
  return done;
}

/** Bytes of the longest value that is put together with others: longer ones are no pieces. */
export const MOST_JOINED: u32 = 1024;
