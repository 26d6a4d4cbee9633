/** Where eight bytes of a known secret may stand. */

/** Whether there are eight bytes with this hash. */
// @ts-ignore: decorator
@external("known", "has")
declare function has(key: u32): bool;

/** The filter in use: a bit for each of the highest bits of a hash, how far those are shifted, and the bytes from one look to the next. */
let bits: usize = 0;
let shift: u32 = 0;
let stride: i32 = 0;
/** Bits that none of the eights has. */
let never: u64 = 0;

export function useKnown(filter: usize, by: u32, step: i32, first: u32, last: u32): void {
  bits = filter;
  shift = by;
  stride = step;
  never = <u64>first | (<u64>last << 32);
}

/** The first place from `from` on, in steps, at which eight known bytes may stand; `end` or more when there is none before. */
export function nextKnown(text: usize, from: i32, end: i32): i32 {
  let at = from;
  for (; at < end; at += stride) {
    const eight = load<u64>(text + at);
    if ((eight & never) !== 0) continue;
    const key = hash(<u32>eight, <u32>(eight >>> 32));
    const bit = key >>> shift;
    if (((load<u32>(bits + ((bit >>> 5) << 2)) >>> (bit & 31)) & 1) !== 0 && has(key)) break;
  }
  return at;
}

/** Whether eight bytes of a known secret may be in a text. */
export function isKnownIn(text: usize, length: u32): bool {
  const end = <i32>length - 7;
  return nextKnown(text, 0, end) < end;
}

/** As in grams.ts. */
// @ts-ignore: decorator
@inline
function hash(first: u32, last: u32): u32 {
  const mixed = (first ^ (last * 0x85ebca6b)) * 0x9e3779b1;
  return mixed ^ (mixed >>> 15);
}
