/** Whether a literal stands at a place where its rarest bytes are, and may be wanted there. */
import { ENTRIES, ENTRY, HASH_BITS, HEADS, MEMBER_OF, XOR_HEADS, differencesAt, hash } from './table.asm';

/**
 * Whether what a literal is wanted with may stand before and behind it, all XORed with `key`. What the text's edge or a NUL, as
 * stands between texts, leaves open may.
 */
function isBeside(text: usize, begins: u32, size: u32, length: u32, literals: usize, entry: usize, key: u8): bool {
  return (
    isRow(text, begins + size, 1, length - begins - size, literals + MEMBER_OF, load<u32>(entry, 32), key) &&
    isRow(text, begins - 1, -1, begins, literals + MEMBER_OF, load<u32>(entry, 28), key)
  );
}

/** Whether the bytes from `from` on, of which there are `most`, may be a row of those of a set (see Row in beside.ts). */
function isRow(text: usize, from: u32, step: i32, most: u32, sets: usize, row: u32, key: u8): bool {
  const set = <u8>row;
  const until = <u8>(row >> 24);
  let place = text + from;
  for (let left = min(most, (row >> 8) & 0xffff); left > 0; left--) {
    const byte = load<u8>(place);
    if (byte === 0) return true;
    const plain = byte ^ key;
    if (until !== 0 && plain === until) return true;
    if ((load<u8>(sets + plain) & set) === 0) return false;
    place += step;
  }
  return until === 0 || most <= ((row >> 8) & 0xffff) || (load<u8>(place) ^ key) === until;
}

/** Adds the literals that have their rarest bytes, or what those differ by, at `place` to the hits; returns how many there are. */
// @ts-ignore: decorator
@inline
function add(
  text: usize,
  place: u32,
  length: u32,
  first: u32,
  to: u32,
  literals: usize,
  hits: usize,
  found: u32,
  isXored: bool,
): u32 {
  let count = found;
  const four = isXored ? differencesAt(text + place) : load<u32>(text + place);
  const heads = literals + (isXored ? XOR_HEADS : HEADS);
  let entry = load<u32>(heads + (hash(four & 0xffffff, HASH_BITS) << 2));
  while (entry !== 0) {
    const address = literals + ENTRIES + <usize>(entry - 1) * ENTRY;
    if (((load<u32>(address) ^ four) & load<u32>(address, 24)) === 0) {
      const begins = <i32>place - load<i32>(address, 4);
      const size = load<u32>(address, 12);
      if (begins >= <i32>first && begins < <i32>to && <u32>begins + size <= length) {
        const literal = literals + load<u32>(address, 16);
        const key: u8 = isXored ? load<u8>(text + begins) ^ load<u8>(literal) : 0;
        let same: u32 = 0;
        while (same < size && (load<u8>(text + begins + same) ^ load<u8>(literal + same)) === key) same++;
        if (same === size && (!isXored || key !== 0) && isBeside(text, begins, size, length, literals, address, key)) {
          store<u32>(hits + (count << 3), begins, 8);
          store<u32>(hits + (count << 3), load<u32>(address, 8), 12);
          count++;
        }
      }
    }
    entry = load<u32>(address, 20);
  }
  return count;
}

/** Literals as they are. */
export function confirm(text: usize, place: u32, length: u32, first: u32, to: u32, literals: usize, hits: usize, count: u32): u32 {
  return add(text, place, length, first, to, literals, hits, count, false);
}

/** Literals that were XORed with one byte, which is not 0. */
export function confirmXor(text: usize, place: u32, length: u32, first: u32, to: u32, literals: usize, hits: usize, count: u32): u32 {
  return add(text, place, length, first, to, literals, hits, count, true);
}
