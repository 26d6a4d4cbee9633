/** Where eight bytes of a known secret may stand. */

/** Whether there are eight bytes with this hash. */
// @ts-ignore: decorator
@external("known", "has")
declare function has(key: u32): bool;

/** The filter in use: a bit for each of the highest of `knownBit`, how far those are shifted, and the bytes from one look to the next. */
let bits: usize = 0;
let shift: u32 = 0;
let stride: i32 = 0;
/** Bits that none of the eights has. */
let never: u64 = 0;
/** None of the eights has a highest bit. */
let areText: bool = false;
const HIGHEST: u64 = 0x8080808080808080;
/** Places of 64 bytes at which eight of them begin, and the bytes of so many whole steps. */
const PLACES: i32 = 57;
let allPlaces: i32 = 0;

export function useKnown(filter: usize, by: u32, step: i32, first: u32, last: u32): void {
  bits = filter;
  shift = by;
  stride = step;
  never = <u64>first | (<u64>last << 32);
  areText = (never & HIGHEST) === HIGHEST;
  allPlaces = ((PLACES + step - 1) / step) * step;
}

/** The step before the first from `from` on, where one is, at which eight bytes without a highest bit stand; or some beyond `end`. */
function skipHigh(text: usize, from: i32, end: i32): i32 {
  let at = from;
  for (; at < end; at += allPlaces) {
    const low = ~highsOf(text + at);
    const twos = low & (low >> 1);
    const fours = twos & (twos >> 2);
    const eights = fours & (fours >> 4) & (((<u64>1) << PLACES) - 1);
    if (eights !== 0) return at + ((<i32>ctz(eights) + stride - 1) / stride - 1) * stride;
  }
  return at;
}

// @ts-ignore: decorator
@inline
function highsOf(at: usize): u64 {
  return (
    <u64>i8x16.bitmask(v128.load(at)) |
    (<u64>i8x16.bitmask(v128.load(at, 16)) << 16) |
    (<u64>i8x16.bitmask(v128.load(at, 32)) << 32) |
    (<u64>i8x16.bitmask(v128.load(at, 48)) << 48)
  );
}

/** The first place from `from` on, in steps, at which eight known bytes may stand; `end` or more when there is none before. */
export function nextKnown(text: usize, from: i32, end: i32): i32 {
  let at = from;
  for (; at < end; at += stride) {
    const eight = load<u64>(text + at);
    if ((eight & never) !== 0) {
      if (areText && (eight & HIGHEST) !== 0) at = skipHigh(text, at, end);
      continue;
    }
    const bit = bitOf(eight) >>> shift;
    if (((load<u32>(bits + ((bit >>> 5) << 2)) >>> (bit & 31)) & 1) !== 0 && has(hash(<u32>eight, <u32>(eight >>> 32)))) break;
  }
  // What is behind the text is not known yet: the first step there is the next look.
  return at < end ? at : at - ((at - end) / stride) * stride;
}

/** Whether eight bytes of a known secret may be in a text. */
export function isKnownIn(text: usize, length: u32): bool {
  const end = <i32>length - 7;
  return nextKnown(text, 0, end) < end;
}

/** The bit of the filter that eight bytes have, in the highest ones, as two words. */
export function knownBit(first: u32, last: u32): u32 {
  return bitOf(<u64>first | (<u64>last << 32));
}

/** One multiplication, since nearly none is known. */
// @ts-ignore: decorator
@inline
function bitOf(eight: u64): u32 {
  return <u32>((eight * 0x9e3779b97f4a7c15) >>> 32);
}

/** As in grams.ts. */
// @ts-ignore: decorator
@inline
function hash(first: u32, last: u32): u32 {
  const mixed = (first ^ (last * 0x85ebca6b)) * 0x9e3779b1;
  return mixed ^ (mixed >>> 15);
}
