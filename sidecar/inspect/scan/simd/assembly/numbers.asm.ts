/** Bytes that are written as decimal numbers. */
import { CLASS_BETWEEN, CLASS_DUMP, HEXABLE, KINDS, LENGTH, MAPS, OUT, OUT_LENGTH, STRIDE, TEXT, fieldOf } from './block.asm';
import { nextHex } from './hex.asm';

/** Bytes between two numbers at most. */
const NUMBER_GAP: u32 = 16;

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
    const found = nextHex(text, kinds, map, at, length, 2 * least, NUMBER_GAP);
    if (found < 0) return final ? -1 - <i32>length : found;
    let start = <u32>found;
    while (start < length && (load<u8>(kinds + load<u8>(text + start)) & CLASS_DUMP) !== 0) {
      const isDigit = <u32>load<u8>(text + start) - 0x30 < 10;
      const isFirst = start === 0 || (load<u8>(kinds + load<u8>(text + start - 1)) & CLASS_BETWEEN) !== 0;
      if (!isDigit || !isFirst) {
        start++;
        continue;
      }
      const end = readNumbers(block, start, final);
      if (end < 0 || load<u32>(block + OUT_LENGTH) >= least) return <i32>start;
      start = max(<u32>end, start + 1);
    }
    if (start >= length) return -1 - <i32>length;
    at = start;
  }
}
