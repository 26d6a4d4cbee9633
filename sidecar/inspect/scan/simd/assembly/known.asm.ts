/** Where eight bytes of a known secret may stand. */

/** Whether there are eight bytes with this hash. */
// @ts-ignore: decorator
@external("known", "has")
declare function has(key: u32): bool;

/**
 * The filter in use: two bits of a word for each of the eights, which the highest bits of `knownHash` tell, that of the word first; how far those
 * of the first bit are shifted; and the bytes from one look to the next.
 */
let bits: usize = 0;
let shift: u64 = 0;
let stride: i32 = 0;
/** None of the eights has a highest bit. */
let areText: bool = false;
/** Places of 64 bytes at which eight of them begin; which of them are looked at; and the bytes of so many whole steps. */
const PLACES: i32 = 57;
let looks: u64 = 0;
let allPlaces: i32 = 0;
/** The usual stride, for which the looks at 64 bytes are written out. */
const USUAL: i32 = 5;

/** `text`: none of the eights has a highest bit. */
export function useKnown(filter: usize, by: u32, step: i32, text: bool): void {
  bits = filter;
  shift = 32 + <u64>by;
  stride = step;
  areText = text;
  looks = 0;
  for (let place = 0; place < PLACES; place += step) looks |= (<u64>1) << place;
  allPlaces = ((PLACES + step - 1) / step) * step;
}

/** The first place from `from` on, in steps, at which eight known bytes may stand; `end` or more when there is none before. */
export function nextKnown(text: usize, from: i32, end: i32): i32 {
  let at = from;
  for (; at < end; at += allPlaces) {
    const here = text + at;
    if (areText && areHigh(here)) continue;
    if (stride === USUAL && (mayBeAmong(here) & 1) === 0) continue;
    const stop = min(end, at + allPlaces);
    for (let place = at; place < stop; place += stride) {
      const eight = load<u64>(text + place);
      if ((mayBe(eight) & isSure(eight) & 1) !== 0 && has(hash(<u32>eight, <u32>(eight >>> 32)))) return place;
    }
  }
  // What is behind the text is not known yet: the first step there is the next look.
  return at - ((at - end) / stride) * stride;
}

/** Whether no eight of 64 bytes at which is looked are without a highest bit. */
// @ts-ignore: decorator
@inline
function areHigh(at: usize): bool {
  const any = v128.or(v128.or(v128.load(at), v128.load(at, 16)), v128.or(v128.load(at, 32), v128.load(at, 48)));
  if (i8x16.bitmask(any) === 0) return false;
  const low = ~highsOf(at);
  const twos = low & (low >> 1);
  const fours = twos & (twos >> 2);
  return (fours & (fours >> 4) & looks) === 0;
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

/** In the lowest bit: whether the filter may have any of the eights of 64 bytes, in the usual steps. */
// @ts-ignore: decorator
@inline
function mayBeAmong(at: usize): u32 {
  return (
    mayBe(load<u64>(at)) |
    mayBe(load<u64>(at, 5)) |
    mayBe(load<u64>(at, 10)) |
    mayBe(load<u64>(at, 15)) |
    mayBe(load<u64>(at, 20)) |
    mayBe(load<u64>(at, 25)) |
    mayBe(load<u64>(at, 30)) |
    mayBe(load<u64>(at, 35)) |
    mayBe(load<u64>(at, 40)) |
    mayBe(load<u64>(at, 45)) |
    mayBe(load<u64>(at, 50)) |
    mayBe(load<u64>(at, 55))
  );
}

/** In the lowest bit: whether the filter has the first bit of eight bytes; and the second. */
// @ts-ignore: decorator
@inline
function mayBe(eight: u64): u32 {
  const key = <u32>(mixed(eight) >> shift);
  return load<u32>(bits + ((key >>> 5) << 2)) >>> (key & 31);
}

// @ts-ignore: decorator
@inline
function isSure(eight: u64): u32 {
  const key = mixed(eight);
  return load<u32>(bits + ((<u32>(key >> shift) >>> 5) << 2)) >>> (<u32>(key >> (shift - 5)) & 31);
}

/** Whether eight bytes of a known secret may be in a text. */
export function isKnownIn(text: usize, length: u32): bool {
  const end = <i32>length - 7;
  return nextKnown(text, 0, end) < end;
}

/** What the filter tells eight bytes by, as two words. */
export function knownHash(first: u32, last: u32): u32 {
  return <u32>(mixed(<u64>first | (<u64>last << 32)) >> 32);
}

/** One multiplication, since nearly none is known. */
// @ts-ignore: decorator
@inline
function mixed(eight: u64): u64 {
  return eight * 0x9e3779b97f4a7c15;
}

/** As in grams.ts. */
// @ts-ignore: decorator
@inline
function hash(first: u32, last: u32): u32 {
  const mixed = (first ^ (last * 0x85ebca6b)) * 0x9e3779b1;
  return mixed ^ (mixed >>> 15);
}
