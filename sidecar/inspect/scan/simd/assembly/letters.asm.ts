/** Places where text in base32 or base58 may stand. */
import { runsOf } from './bitmaps.asm';
import { BASE64, LENGTH, MAPS, STRIDE, TEXT, VALUES, fieldOf } from './block.asm';
import { BASE32, BASE58, EVERY, IS_SMALL, capitals, digits, found, isText, letters, longBegins, longEnd, nextLong } from './found.asm';

/** Characters of the shortest run: twenty bytes in the tightest base. */
const LEAST_LETTERS: u32 = 27;

/** Values of the digits of a window. */
const VALUES_32: usize = memory.data(48);

/** Writes the values of 32 digits of base32, whatever they are. */
function values32(at: usize): void {
  v128.store(VALUES_32, valuesOf32(v128.load(at)));
  v128.store(VALUES_32, valuesOf32(v128.load(at, 16)), 16);
}

/** Which of sixteen bytes are digits of base32, in either case. */
// @ts-ignore: decorator
@inline
function digits32(window: v128): u32 {
  return letters(window) | <u32>i8x16.bitmask(i8x16.lt_u(i8x16.sub(window, i8x16.splat(0x32)), i8x16.splat(6)));
}

// @ts-ignore: decorator
@inline
function valuesOf32(bytes: v128): v128 {
  const letter = i8x16.sub(v128.or(bytes, i8x16.splat(0x20)), i8x16.splat(0x61));
  const digit = i8x16.sub(bytes, i8x16.splat(24));
  return v128.bitselect(letter, digit, i8x16.gt_u(bytes, i8x16.splat(0x40)));
}

/** Whether ten bytes of base32 from a digit of the window on can be text: none has its highest bit. */
// @ts-ignore: decorator
@inline
function mayBeText32(shift: u32): bool {
  const highest = i8x16(0x10, 0x02, 0, 0x08, 0x01, 0, 0x04, 0, 0x10, 0x02, 0, 0x08, 0x01, 0, 0x04, 0);
  return !v128.any_true(v128.and(v128.load(VALUES_32 + shift), highest));
}

/** Ten bytes of base32 are text. */
function isText32(table: usize, at: usize): bool {
  let value: u32 = 0;
  let bits: u32 = 0;
  for (let i: usize = 0; i < 16; i++) {
    const digit = <u32>load<u8>(table + load<u8>(at + i));
    if (digit === 0xff) return false;
    value = (value << 5) | digit;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    if (!isText((value >> bits) & 0xff)) return false;
  }
  return true;
}

/**
 * The first place where base32 or base58 may begin, from `from` on; or -1 - the place from which one may still come. What is said to be
 * base58 has only its digits.
 */
export function nextSingleCase(block: usize, from: u32, final: bool, first: u32): i32 {
  const text = fieldOf(block, TEXT);
  const length = <u32>fieldOf(block, LENGTH);
  const map = fieldOf(block, MAPS) + BASE64 * fieldOf(block, STRIDE);
  const base32 = fieldOf(block, VALUES) + (BASE32 << 8);
  const base58 = fieldOf(block, VALUES) + (BASE58 << 8);
  const isSmall = (first & IS_SMALL) !== 0;
  const every: u32 = isSmall ? 8 : EVERY;
  let at = from;
  while (true) {
    const run = nextLong(map, at, length, LEAST_LETTERS, first);
    if (run < 0) return final ? -1 - <i32>length : run;
    const start = <u32>run;
    const end = longEnd;
    const begins = longBegins;
    let place = start;
    while (place + LEAST_LETTERS <= end) {
      const window = v128.load(text + place);
      const large = <u32>popcnt(capitals(window));
      const both = <u32>popcnt(letters(window));
      if (isSmall || large === both || large === 0) {
        const behind = v128.load(text + place, 16);
        // Sixteen digits from each of eight places on: words and paths have other characters among them.
        let places = runsOf(<u64>(digits32(window) | (digits32(behind) << 16)), 16) & 0xff;
        if (!isSmall && both === 16 && place + EVERY <= end && <u32>popcnt(letters(behind)) === 16) places = 0;
        if (places !== 0) values32(text + place);
        for (; places !== 0; places &= places - 1) {
          const shift = <u32>ctz(places);
          if (mayBeText32(shift) && isText32(base32, text + place + shift)) return found(block, place + shift, BASE32);
        }
      }
      if (begins && place === start && (isSmall || (large >= 2 && large < both))) {
        const hasDigit = (digits(window) | digits(v128.load(text + place, LEAST_LETTERS - 16))) !== 0;
        if ((isSmall || hasDigit) && isAll(base58, text + start, end - start)) return found(block, start, BASE58);
      }
      place = begins && place === start ? start + 8 : (place + every) & ~(every - 1);
    }
    if (end === length && !final) return -1 - <i32>place;
    at = end;
  }
}

function isAll(table: usize, at: usize, count: u32): bool {
  for (let i: u32 = 0; i < count; i++) {
    if (load<u8>(table + load<u8>(at + i)) === 0xff) return false;
  }
  return true;
}
