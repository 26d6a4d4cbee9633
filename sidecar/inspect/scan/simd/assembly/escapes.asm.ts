/** Escapes in text, as unescape.ts describes them. */
import { FAR, encodedBegin, encodedEnd, mayGoOn } from './around.asm';
import { LEAST_STRETCH, isSet, next, nextOfThree, nextStretchWithout, textStart } from './bitmaps.asm';
import { BACKSLASH, BELOW_MAPS, BELOW_STRIDE, BREAK, CLASSES, CLASS_BASE64, CLASS_NO_TEXT, HITS, HITS_ROOM, KEYS, KINDS, KNOWN, LENGTH, LITERALS, WORK, MAPS, MARKS, MARK_EVERY, OUT, OUT_FIRST, OUT_LAST, OUT_LENGTH, OUT_MARKS, OUT_SAW, PERCENT, PLUS, SAW_PERCENT, SAW_PLUS, STRIDE, TEXT, fieldOf } from './block.asm';
import { copyDigits, hexValue } from './digits.asm';
import { hasTextAt } from './dull.asm';
import { isKnownIn } from './known.asm';
import { isNoise } from './noise.asm';
import { isZlib } from './loud.asm';
import { surveyForNoise } from './survey.asm';
import { foldByte, foldEnd, foldLeads, foldsAmongText, readFold } from './folds.asm';

/** Times a per cent sign or a backslash is escaped again and still read at once (MAX_ESCAPED in escape.ts). */
export const MOST_ESCAPED: u32 = 32;
/** Bytes that one escape may take. */
export const MOST_ESCAPE: u32 = 2 * MOST_ESCAPED + 16;

export const PERCENT_SIGN: u8 = 0x25;
export const BACKSLASH_SIGN: u8 = 0x5c;
export const PLUS_SIGN: u8 = 0x2b;
export const BLANK: u8 = 0x20;
const LETTER_X: u8 = 0x78;
/** `\x`, the backslash in the lower eight bits. */
const ESCAPED_X: u16 = 0x785c;

/** What `readEscape` found: the byte, the place behind it, whether a backslash may stand before it, how often it was escaped. */
export let escapeByte: u32 = 0;
export let escapeEnd: u32 = 0;
export let escapeAfterBackslash: bool = false;
export let escapeTimes: u32 = 0;

/** Reads the escape at `at`; false: there is none. What the end of the text cuts off is none. */
export function readEscape(text: usize, length: u32, at: u32): bool {
  return load<u8>(text + at) === PERCENT_SIGN ? readPercent(text, length, at) : readBackslash(text, length, at);
}

export function isHexAt(text: usize, length: u32, at: u32): bool {
  if (at >= length) return false;
  const byte = <u32>load<u8>(text + at);
  return byte - 0x30 < 10 || (byte | 0x20) - 0x61 < 6;
}

/** The byte that two hex digits at `at`, which lie in the text, stand for; 256 or more: they are none. */
// @ts-ignore: decorator
@inline
function hexPair(at: usize): u32 {
  return (hexDigit(load<u8>(at)) << 4) | hexDigit(load<u8>(at + 1));
}

// @ts-ignore: decorator
@inline
function hexDigit(byte: u32): u32 {
  const digit = byte - 0x30;
  if (digit < 10) return digit;
  const letter = (byte | 0x20) - 0x61;
  return letter < 6 ? letter + 10 : 256;
}

export function readPercent(text: usize, length: u32, at: u32): bool {
  if (!isHexAt(text, length, at + 1) || !isHexAt(text, length, at + 2)) return false;
  let digits = at + 1;
  const limit = at + 2 * MOST_ESCAPED;
  while (digits < limit && load<u16>(text + digits) === 0x3532) {
    if (!isHexAt(text, length, digits + 2) || !isHexAt(text, length, digits + 3)) break;
    digits += 2;
  }
  escapeByte = hexValue(load<u8>(text + digits)) * 16 + hexValue(load<u8>(text + digits + 1));
  escapeEnd = digits + 2;
  escapeAfterBackslash = false;
  escapeTimes = (digits - at + 1) >> 1;
  return true;
}

export function readBackslash(text: usize, length: u32, at: u32): bool {
  // Most escapes are these: `\n`, `\"`.
  if (at + 1 < length) {
    const simple = simpleEscape(load<u8>(text + at + 1));
    if (simple !== 0) {
      escapeByte = simple;
      escapeAfterBackslash = false;
      escapeTimes = 0;
      escapeEnd = at + 2;
      return true;
    }
  }
  if (at + 4 <= length && load<u8>(text + at + 1) === LETTER_X) {
    const value = hexPair(text + at + 2);
    if (value < 256) {
      escapeByte = value;
      escapeAfterBackslash = false;
      escapeTimes = 0;
      escapeEnd = at + 4;
      return true;
    }
  }
  let next = at + 1;
  const limit = at + MOST_ESCAPED;
  while (next < limit && next < length && load<u8>(text + next) === BACKSLASH_SIGN) next++;
  if (next >= length) return false;
  const letter = load<u8>(text + next);
  const count = next - at;
  escapeAfterBackslash = (count & (count - 1)) !== 0;
  escapeTimes = 0;
  escapeEnd = next + 1;
  escapeByte = simpleEscape(letter);
  if (escapeByte !== 0) return true;
  switch (letter) {
    case 0x78: // x
      return readCoded(text, length, next + 1, 2);
    case 0x75: // u
      return readCoded(text, length, next + 1, 4);
    case 0x55: // U
      return readCoded(text, length, next + 1, 8);
    default:
      return readOctal(text, length, next);
  }
}

/** What an escape of one letter stands for; 0: it is none. */
// @ts-ignore: decorator
@inline
function simpleEscape(letter: u8): u32 {
  switch (letter) {
    case 0x22: // "
    case 0x27: // '
    case 0x2f: // /
    case 0x60: // `
      return letter;
    case 0x6e: // n
      return 0x0a;
    case 0x72: // r
      return 0x0d;
    case 0x74: // t
      return 0x09;
    case 0x62: // b
      return 0x08;
    case 0x66: // f
      return 0x0c;
    default:
      return 0;
  }
}

/** One to three octal digits, as of C and the shell. */
export function readOctal(text: usize, length: u32, from: u32): bool {
  let at = from;
  let value: u32 = 0;
  while (at < length && at < from + 3 && <u32>load<u8>(text + at) - 0x30 < 8) {
    value = value * 8 + load<u8>(text + at) - 0x30;
    at++;
  }
  if (at - from < 3) return false;
  escapeByte = value & 0xff;
  escapeEnd = at;
  return true;
}

/** `digits` hex digits, or some in braces (`\u{41}`). */
export function readCoded(text: usize, length: u32, from: u32, digits: u32): bool {
  const braced = from < length && load<u8>(text + from) === 0x7b;
  const first = braced ? from + 1 : from;
  const most = first + (braced ? 8 : digits);
  let at = first;
  let value: u32 = 0;
  while (at < most && isHexAt(text, length, at)) {
    value = value * 16 + hexValue(load<u8>(text + at));
    at++;
  }
  if (braced) {
    if (at === first || at >= length || load<u8>(text + at) !== 0x7d) return false;
    at++;
  } else if (at - first !== digits) return false;
  // No secret has a character beyond latin1.
  escapeByte = min(value, 0xff);
  escapeEnd = at;
  return true;
}

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
    const near = textStart(block, <u32>first, <u32>first > around ? <u32>first - around : 0);
    const start = encodedBegin(block, near, textStart(block, near, <u32>first > FAR ? <u32>first - FAR : 0));
    const end = unescapeStretch(block, start, first, around, final, reading, times);
    if (end < 0) return end;
    const isForm = (reading & FORM) !== 0;
    const isLong = load<u32>(block + OUT_LENGTH) >= least;
    if (isLong && (!isForm || (load<u32>(block + OUT_SAW) & SAW_PLUS) !== 0)) {
      if (isLoud(block, (reading & EAGER) !== 0)) return end;
    }
    at = <u32>end;
  }
}

/** Text shorter than this has nothing in it for a decoder but escapes. */
const LEAST_ENCODED: u32 = 20;

/**
 * What a text has too little of for any decoder: digits of base64 or of numbers, characters, those of base45, what is none
 * (MIN_BASE64_RUN, MIN_NUMBERS, LEAST_DENSE, LEAST_CAPITALS; a text in UTF-16 or with other bytes between has more).
 */
const LEAST_DIGITS: u32 = 16;
const LEAST_CHARACTERS: u32 = 24;
const LEAST_CAPITALS: u32 = 29;
const LEAST_BREAKS: u32 = 4;

/** Whether no decoder but that of escapes makes anything of a text, nor is it a structure whose values could be put together. */
function isBare(text: usize, kinds: usize, length: u32): bool {
  let digits: u32 = 0;
  let characters: u32 = 0;
  let capitals: u32 = 0;
  let breaks: u32 = 0;
  for (let at: u32 = 0; at < length; at++) {
    const byte = <u32>load<u8>(text + at);
    const kind = load<u8>(kinds + byte);
    if (byte === 0x7b || byte === 0x5b || byte === 0x26) return false;
    digits += <u32>((kind & CLASS_BASE64) !== 0);
    breaks += <u32>((kind & CLASS_NO_TEXT) !== 0);
    characters += <u32>(byte - 0x21 < 0x7f - 0x21);
    capitals += <u32>(byte - 0x20 < 0x61 - 0x20);
  }
  return digits < LEAST_DIGITS && characters < LEAST_CHARACTERS && capitals < LEAST_CAPITALS && breaks < LEAST_BREAKS;
}

/** A bare text is shorter. */
const MOST_BARE: u32 = 128;

/** Whether there is a literal in what was unescaped, or anything for a decoder; with `isEager` any text that is long enough. */
function isLoud(block: usize, isEager: bool): bool {
  const out = fieldOf(block, OUT);
  const length = load<u32>(block + OUT_LENGTH);
  const maps = fieldOf(block, BELOW_MAPS);
  const stride = fieldOf(block, BELOW_STRIDE);
  // Most of it is text, of which there is enough.
  if (length > MOST_BARE && hasTextAt(out, length)) return true;
  const room = <u32>fieldOf(block, HITS_ROOM);
  const hits = surveyForNoise(out, 0, length, 0, length, maps, stride, fieldOf(block, CLASSES), fieldOf(block, LITERALS), fieldOf(block, KEYS), fieldOf(block, HITS), room);
  if (hits > 0 || (length >= 2 && isZlib(out))) return true;
  if (!isNoise(out, fieldOf(block, KINDS), maps, stride, length)) {
    if (length >= LEAST_ENCODED) {
      if (isEager || length > MOST_BARE || !isBare(out, fieldOf(block, KINDS), length)) return true;
    }
    for (let at: u32 = 0; at < length; at++) {
      const byte = load<u8>(out + at);
      if (byte === PERCENT_SIGN || byte === BACKSLASH_SIGN) {
        if (readEscape(out, length, at)) return true;
      } else if (byte >= 0x80 && readFold(out, length, at)) return true;
    }
  }
  if (fieldOf(block, KNOWN) !== 0 && isKnownIn(out, length)) return true;
  store<u32>(block + WORK, <u32>fieldOf(block, WORK) + length);
  return false;
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
        at = nextStretchWithout(breaks, end, length);
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

/**
 * Replaces the escapes of a stretch from `from` on into the room that the block names, until the text ends, or `around`
 * bytes behind the last escape (`last`, a place that may be before the window), or where what is encoded there ends. Notes every MARK_EVERY bytes which place
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
  /** Of which place it is known where what is encoded there ends, that place, and whether it may go on. */
  let asked: u32 = 0xffffffff;
  let encoded: u32 = 0;
  let isCut = false;
  let at = from;
  while (at < length) {
    if (made >= nextMark) {
      store<u32>(marks + (marked << 3), made);
      store<u32>(marks + (marked << 3), at, 4);
      marked++;
      nextMark = made + MARK_EVERY;
    }
    const near = <u32>max(0, lastEscape + <i32>around + 1);
    if (at >= near && asked !== near) {
      encoded = encodedEnd(block, near, near + (FAR - around), final);
      isCut = mayGoOn;
      asked = near;
    }
    const far = asked === near ? encoded : near;
    if (isPlain && at < far) {
      // Bytes that are escaped one after the other.
      while (at + 4 <= length && load<u16>(text + at) === ESCAPED_X && made < nextMark) {
        const value = hexPair(text + at + 2);
        if (value >= 256) break;
        store<u8>(out + made++, value);
        lastEscape = max(lastEscape, <i32>at);
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
    if (at >= far) {
      if (at < near || asked !== near) continue;
      // What is encoded may go on behind an escape.
      closed = !isCut && (far === near || (byte !== PERCENT_SIGN && byte !== BACKSLASH_SIGN));
      if (closed || isCut) break;
    }
    if (isSet(breaks, at)) {
      closed = (reading & FOLDS) === 0 || !readFold(text, length, at);
      // What is cut off may yet be one.
      if (closed && (reading & FOLDS) !== 0 && !final && at + MOST_FOLD > length) {
        closed = false;
        break;
      }
      if (closed) break;
      if (foldByte !== 0) store<u8>(out + made++, foldByte);
      lastEscape = max(lastEscape, <i32>at);
      at = foldEnd;
      continue;
    }
    if (at === stop && at < far) continue;
    if ((reading & FOLDS) !== 0) {
      store<u8>(out + made++, byte);
      at++;
      continue;
    }
    if (byte === PLUS_SIGN) {
      at++;
      if (times === 0) saw |= SAW_PLUS;
      store<u8>(out + made++, BLANK);
      if ((reading & PLUS_OPENS) !== 0) lastEscape = max(lastEscape, <i32>at);
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
    if (!form || isPercent) lastEscape = max(lastEscape, <i32>at);
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
  for (let base = from & ~63; base < length; base += 64) {
    const inBreak = load<u64>(breaks + (base >> 3));
    if (inBreak === 0) continue;
    let leads = foldLeads(text + base) & inBreak;
    if (base < from) leads &= ~(<u64>0) << (from & 63);
    let word = foldsAmongText(leads, inBreak);
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
