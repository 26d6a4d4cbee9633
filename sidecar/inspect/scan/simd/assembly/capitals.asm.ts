/** Places where text in base45 or uuencode may stand. */
import { CAPITAL, LENGTH, MAPS, STRIDE, TEXT, VALUES, fieldOf } from './block.asm';
import { BASE45, EVERY, IS_FIRST, IS_SMALL, UUENCODE, found, isMagic, isText, longBegins, longEnd, nextLong } from './found.asm';

/** Characters of the shortest run: twenty bytes in the tightest base. */
const LEAST_CAPITALS: u32 = 29;

/** Two bytes of three digits of base45 are text. */
function isText45(table: usize, at: usize): bool {
  const first = <u32>load<u8>(table + load<u8>(at));
  const second = <u32>load<u8>(table + load<u8>(at + 1));
  const third = <u32>load<u8>(table + load<u8>(at + 2));
  if (first === 0xff || second === 0xff || third === 0xff) return false;
  const value = first + 45 * second + 2025 * third;
  return value <= 0xffff && isText(value >> 8) && isText(value & 0xff);
}

/** Whether a line of uuencode is at `at`: as long as its first character says. */
function isUuencoded(text: usize, at: u32, length: u32): bool {
  const count = (<u32>load<u8>(text + at) - 0x20) & 0x3f;
  const end = at + 1 + ((count + 2) / 3) * 4;
  if (count < 3 || end > length) return false;
  if (end < length && load<u8>(text + end) !== 0x0a && load<u8>(text + end) !== 0x0d) return false;
  let made: u32 = 0;
  for (let i: u32 = 1; i <= 12; i += 4) {
    const here = text + at + i;
    let value: u32 = 0;
    for (let j: usize = 0; j < 4; j++) value = (value << 6) | ((<u32>load<u8>(here + j) - 0x20) & 0x3f);
    if (i === 1 && isMagic(value)) return true;
    if (!isText(value >> 16) || !isText((value >> 8) & 0xff) || !isText(value & 0xff)) return false;
    made += 3;
    if (made >= count) return true;
  }
  return true;
}

/** The first place where base45 or uuencode may begin, from `from` on; or -1 - the place from which one may still come. */
export function nextCapitals(block: usize, from: u32, final: bool, first: u32): i32 {
  const text = fieldOf(block, TEXT);
  const length = <u32>fieldOf(block, LENGTH);
  const map = fieldOf(block, MAPS) + CAPITAL * fieldOf(block, STRIDE);
  const base45 = fieldOf(block, VALUES) + (BASE45 << 8);
  const isSmall = (first & IS_SMALL) !== 0;
  const every: u32 = isSmall ? 8 : EVERY;
  let at = from;
  while (true) {
    const run = nextLong(map, at, length, LEAST_CAPITALS, first);
    if (run < 0) return final ? -1 - <i32>length : run;
    const start = <u32>run;
    const end = longEnd;
    const before = start === 0 ? ((first & IS_FIRST) !== 0 ? 0x0a : 0) : <u32>load<u8>(text + start - 1);
    if (before === 0x0a || before === 0x0d || before === 0) {
      if (end === length && !final && length - start < 90) return -1 - <i32>start;
      if (isUuencoded(text, start, length)) return found(block, start, UUENCODE);
    }
    let place = start;
    const begins = longBegins;
    while (place + LEAST_CAPITALS <= end) {
      for (let shift: u32 = 0; shift < 3; shift++) {
        let here = text + place + shift;
        let count: u32 = 0;
        while (count < 6 && isText45(base45, here)) {
          here += 3;
          count++;
        }
        if (count === 6) return found(block, place + shift, BASE45);
      }
      place = begins && place === start ? start + 8 : (place + every) & ~(every - 1);
    }
    if (end === length && !final) return -1 - <i32>place;
    at = end;
  }
}
