/** Stretches of text around escapes, as unescape.ts describes them. */
import { LEAST_STRETCH, isSet, next, nextOfThree, nextStretchWithout, textStart } from './bitmaps.asm';
import { BACKSLASH, BREAK, LENGTH, MAPS, MARKS, MARK_EVERY, OUT, OUT_FIRST, OUT_LAST, OUT_LENGTH, OUT_MARKS, OUT_SAW, PERCENT, PLUS, SAW_PERCENT, SAW_PLUS, STRIDE, TEXT, TEXT_ID, fieldOf } from './block.asm';
import { copyDigits } from './digits.asm';
import { BACKSLASH_SIGN, MOST_ESCAPE, PERCENT_SIGN, escapeAfterBackslash, escapeByte, escapeEnd, escapeTimes, hexPair, readEscape } from './escape.asm';
import { foldByte, foldEnd, foldsHere, nextFolds, readFold } from './folds.asm';
import { isStretchLoud } from './worth.asm';

const PLUS_SIGN: u8 = 0x2b;
const BLANK: u8 = 0x20;
/** `\x`, the backslash in the lower eight bits. */
const ESCAPED_X: u16 = 0x785c;

/** Bits of a reading, as in unescape.ts. */
export const FORM: u32 = 1;
export const PLUS_OPENS: u32 = 2;
export const FOLDS: u32 = 4;
const EAGER: u32 = 8;

/**
 * The first stretch that is worth a look, unescaped as by `unescapeStretch`: one that may go on, or makes `least` bytes and, in a
 * form, has a blank; and has something to find or to decode. Returns what that returns; the field OUT_FIRST gets the place of its first escape, -1 for none.
 */
export function nextStretch(
  block: usize,
  from: u32,
  around: u32,
  final: bool,
  reading: u32,
  times: u32,
  least: u32,
): i32 {
  let at = from;
  while (true) {
    const first = nextEscape(block, at, final, reading, times);
    store<i32>(block + OUT_FIRST, max(first, -1));
    if (first < 0) return first;
    const start = textStart(block, <u32>first, <u32>first > around ? <u32>first - around : 0);
    const end = unescapeStretch(block, start, first, around, final, reading, times);
    if (end < 0) return end;
    const isForm = (reading & FORM) !== 0;
    const isLong = load<u32>(block + OUT_LENGTH) >= least;
    if (isLong && (!isForm || (load<u32>(block + OUT_SAW) & SAW_PLUS) !== 0)) {
      if (isStretchLoud(block, (reading & EAGER) !== 0)) return end;
    }
    at = <u32>end;
  }
}

/**
 * The first escape from `from` on that begins a stretch: any; in a form those with a per cent sign, and plus signs when they
 * open; those escaped more than `times` times; none in text shorter than LEAST_STRETCH. None: -1 - the place from which one may still come.
 */
function nextEscape(block: usize, from: u32, final: bool, reading: u32, times: u32): i32 {
  const text = fieldOf(block, TEXT);
  const length = <u32>fieldOf(block, LENGTH);
  const stride = fieldOf(block, STRIDE);
  const maps = fieldOf(block, MAPS);
  const percents = maps + PERCENT * stride;
  const backslashes = (reading & FORM) !== 0 ? percents : maps + BACKSLASH * stride;
  const pluses = (reading & PLUS_OPENS) !== 0 ? maps + PLUS * stride : percents;
  if ((reading & FOLDS) !== 0) return nextFold(text, length, maps + BREAK * stride, from, final);
  const breaks = maps + BREAK * stride;
  let at = from;
  let known = from;
  while (true) {
    at = nextOfThree(percents, backslashes, pluses, at, length);
    if (at >= length) return -1 - <i32>length;
    if (at >= known) {
      const end = next(breaks, at, min(length, at + LEAST_STRETCH));
      const isEnd = end < length && isSet(breaks, end);
      if (isEnd && end - textStart(block, at, at > LEAST_STRETCH ? at - LEAST_STRETCH : 0) < LEAST_STRETCH) {
        at = nextLongEnough(block, breaks, end, length);
        continue;
      }
      known = end;
    }
    if (load<u8>(text + at) === PLUS_SIGN) return <i32>at;
    if (readEscape(text, length, at)) {
      if (times === 0 || escapeTimes > times) return <i32>at;
    }
    if (!final && at + MOST_ESCAPE > length) return -1 - <i32>at;
    at++;
  }
}

/** For which text it is known that from one place to another no LEAST_STRETCH bytes of text begin: each reading asks again. */
let knownId: u32 = 0;
let knownFrom: u32 = 0;
let knownTo: u32 = 0;

/** The first place from `from` on that begins LEAST_STRETCH bytes of text; `length` for none. */
function nextLongEnough(block: usize, breaks: usize, from: u32, length: u32): u32 {
  const id = <u32>fieldOf(block, TEXT_ID);
  if (id !== 0 && id === knownId && from >= knownFrom && from <= knownTo) return knownTo;
  knownId = id;
  knownFrom = from;
  knownTo = nextStretchWithout(breaks, from, length);
  return knownTo;
}

/**
 * Replaces the escapes of a stretch from `from` on into the room that the block names, until the text ends, or `around`
 * bytes behind the last escape (`last`, a place that may be before the window). Notes every MARK_EVERY bytes which place
 * became which byte. Returns where it stopped, or -1 - that place when the stretch may go on.
 */
export function unescapeStretch(
  block: usize,
  from: u32,
  last: i32,
  around: u32,
  final: bool,
  reading: u32,
  times: u32,
): i32 {
  const text = fieldOf(block, TEXT);
  const length = <u32>fieldOf(block, LENGTH);
  const stride = fieldOf(block, STRIDE);
  const maps = fieldOf(block, MAPS);
  const breaks = maps + BREAK * stride;
  const percents = maps + PERCENT * stride;
  const backslashes = maps + BACKSLASH * stride;
  const pluses = maps + PLUS * stride;
  const out = fieldOf(block, OUT);
  const marks = fieldOf(block, MARKS);
  const form = (reading & FORM) !== 0;
  const isPlain = (reading & (FORM | FOLDS)) === 0;
  let lastEscape = last;
  let saw: u32 = 0;
  let made: u32 = 0;
  let marked: u32 = 0;
  let nextMark: u32 = 0;
  let closed = false;
  let at = from;
  while (at < length) {
    if (made >= nextMark) {
      store<u32>(marks + (marked << 3), made);
      store<u32>(marks + (marked << 3), at, 4);
      marked++;
      nextMark = made + MARK_EVERY;
    }
    const far = <u32>max(0, lastEscape + <i32>around + 1);
    if (isPlain && at < far) {
      // Bytes that are escaped one after the other.
      while (at + 4 <= length && load<u16>(text + at) === ESCAPED_X && made < nextMark) {
        const value = hexPair(text + at + 2);
        if (value >= 256) break;
        store<u8>(out + made++, value);
        lastEscape = <i32>at;
        at += 4;
      }
      if (at >= length) break;
      if (made >= nextMark) continue;
    }
    const stop = min(min(length, at + MARK_EVERY), far);
    let end = nextOfThree(breaks, percents, backslashes, at, stop);
    if (form) end = next(pluses, at, end);
    if (end > at) {
      copyDigits(out + made, text + at, end - at);
      made += end - at;
      at = end;
    }
    if (at >= length) break;
    const byte = load<u8>(text + at);
    closed = at >= far;
    if (closed) break;
    if (isSet(breaks, at)) {
      closed = (reading & FOLDS) === 0 || !readFold(text, length, at);
      // What is cut off may yet be one.
      if (closed && (reading & FOLDS) !== 0 && !final && at + MOST_FOLD > length) {
        closed = false;
        break;
      }
      if (closed) break;
      if (foldByte !== 0) store<u8>(out + made++, foldByte);
      lastEscape = <i32>at;
      at = foldEnd;
      continue;
    }
    if (at === stop) continue;
    if ((reading & FOLDS) !== 0) {
      store<u8>(out + made++, byte);
      at++;
      continue;
    }
    if (byte === PLUS_SIGN) {
      at++;
      if (times === 0) saw |= SAW_PLUS;
      store<u8>(out + made++, BLANK);
      if ((reading & PLUS_OPENS) !== 0) lastEscape = <i32>at;
      continue;
    }
    if (!final && at + MOST_ESCAPE > length) break;
    if (!readEscape(text, length, at)) {
      store<u8>(out + made++, byte);
      at++;
      continue;
    }
    // In UTF-16 the NUL has a character to stand beside.
    if (escapeAfterBackslash && escapeByte === 0) store<u8>(out + made++, BACKSLASH_SIGN);
    const isPercent = byte === PERCENT_SIGN;
    if (isPercent) saw |= SAW_PERCENT;
    if (form && isPercent && escapeByte === PLUS_SIGN && escapeTimes <= times) {
      if (escapeTimes === times) saw |= SAW_PLUS;
      store<u8>(out + made++, BLANK);
    } else store<u8>(out + made++, escapeByte);
    if (!form || isPercent) lastEscape = <i32>at;
    at = escapeEnd;
  }
  store<u32>(block + OUT_LENGTH, made);
  store<u32>(block + OUT_LAST, lastEscape);
  store<u32>(block + OUT_SAW, saw);
  store<u32>(block + OUT_MARKS, marked);
  return closed || final ? <i32>at : -1 - <i32>at;
}

/** Bytes of the longest character that is folded. */
export const MOST_FOLD: u32 = 4;

/** The first character from `from` on that is folded; or -1 - the place from which one may still come. */
function nextFold(text: usize, length: u32, breaks: usize, from: u32, final: bool): i32 {
  for (let base = nextFolds(text, length, breaks, from & ~63); base < length; base = nextFolds(text, length, breaks, base + 64)) {
    let word = foldsHere;
    if (base < from) word &= ~(<u64>0) << (from & 63);
    while (word !== 0) {
      const place = base + <u32>ctz(word);
      word &= word - 1;
      if (readFold(text, length, place)) return <i32>place;
      if (!final && place + MOST_FOLD > length) return -1 - <i32>place;
    }
  }
  // Of the last byte it is not known what follows.
  const isCut = !final && from < length && load<u8>(text + length - 1) >= 0xc2;
  return -1 - <i32>(isCut ? length - 1 : length);
}
