/** Values that stand apart in a structure, one after the other. */
import { LENGTH, OUT, OUT_LENGTH, TEXT, fieldOf } from './block.asm';

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
  let made: u32 = 0;
  let at = from;
  let done = from;
  while (at < length) {
    at = nextQuote(text, at, length);
    if (at >= length) {
      done = length;
      break;
    }
    const begins = at + 1;
    let isWord = true;
    let end = endOfWord(text, begins, length);
    while (end < length) {
      const byte = load<u8>(text + end);
      if (byte === QUOTE) break;
      if (byte === BACKSLASH_MARK) {
        isWord = false;
        end++;
      } else if (byte <= 0x20 || byte >= 0x7f) isWord = false;
      end++;
    }
    let behind = end + 1;
    while (behind < length && load<u8>(text + behind) <= 0x20) behind++;
    if (behind >= length) {
      // The string, or whether it is a key, is not known yet.
      done = at;
      if (length - at > MOST_JOINED) done = length;
      break;
    }
    if ((isWord || all) && load<u8>(text + behind) !== COLON && end - begins <= MOST_JOINED) {
      if (isWord) {
        memory.copy(out + made, text + begins, end - begins);
        made += end - begins;
      } else {
        for (let i = begins; i < end; i++) {
          let byte = load<u8>(text + i);
          if (byte === BACKSLASH_MARK && i + 1 < end) {
            const escaped = load<u8>(text + i + 1);
            // Others are left to the decoder of escapes.
            if (escaped !== 0x75 && escaped !== 0x78) {
              byte = escaped === 0x6e ? 0x0a : escaped === 0x74 ? 0x09 : escaped === 0x72 ? 0x0d : escaped;
              i++;
            }
          }
          store<u8>(out + made, byte);
          made++;
        }
      }
    }
    at = end + 1;
    done = at;
  }
  store<u32>(block + OUT_LENGTH, made);
  return done;
}

/** The first quote from `from` on; `length` for none. */
function nextQuote(text: usize, from: u32, length: u32): u32 {
  const quote = i8x16.splat(QUOTE);
  for (let at = from; at < length; at += 16) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(text + at), quote));
    if (found !== 0) return min(at + <u32>ctz(found), length);
  }
  return length;
}

/** The first place from `from` on that is a quote, a backslash or no graphic character; `length` for none. */
function endOfWord(text: usize, from: u32, length: u32): u32 {
  const quote = i8x16.splat(QUOTE);
  const backslash = i8x16.splat(BACKSLASH_MARK);
  const first = i8x16.splat(0x21);
  const graphics = i8x16.splat(0x7f - 0x21);
  for (let at = from; at < length; at += 16) {
    const bytes = v128.load(text + at);
    const mark = v128.or(i8x16.eq(bytes, quote), i8x16.eq(bytes, backslash));
    const found = i8x16.bitmask(v128.or(mark, i8x16.ge_u(i8x16.sub(bytes, first), graphics)));
    if (found !== 0) return min(at + <u32>ctz(found), length);
  }
  return length;
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
    if (value > done && end - value <= MOST_JOINED) {
      memory.copy(out + made, text + value, end - value);
      made += end - value;
    }
    done = min(end + 1, length);
  }
  store<u32>(block + OUT_LENGTH, made);
  return done;
}

/** Bytes of the longest value that is put together with others: longer ones are no pieces. */
export const MOST_JOINED: u32 = 1024;
