/** Characters between bytes that are none, at regular distances: UTF-32, invalid UTF-8 in between. */
import { BREAK, LENGTH, MAPS, STRIDE, fieldOf } from './block.asm';

/** Places in a row at which the class of a byte is that of the one `period` further on; in sixteen of them. In two words. */
// @ts-ignore: decorator
@inline
function regular(words: v128, period: i32): v128 {
  const differ = v128.xor(words, i64x2.shr_u(words, period));
  const same = v128.andnot(i64x2.splat(~(<u64>0) >> period), differ);
  const two = v128.and(same, i64x2.shr_u(same, 1));
  const four = v128.and(two, i64x2.shr_u(two, 2));
  const eight = v128.and(four, i64x2.shr_u(four, 4));
  return v128.and(eight, i64x2.shr_u(eight, 8));
}

/** The first place from `from` on where characters and others take turns; or -1 - the place from which one may still come. */
export function nextSparse(block: usize, from: u32, final: bool): i32 {
  const length = <u32>fieldOf(block, LENGTH);
  const map = fieldOf(block, MAPS) + BREAK * fieldOf(block, STRIDE);
  for (let base = from & ~63; base < length; base += 128) {
    let words = v128.load(map + (base >> 3));
    if (base < from) words = v128.and(words, i64x2(~(<u64>0) << (from & 63), ~(<u64>0)));
    // Behind the last word stands what was there before.
    if (length - base <= 64) words = v128.and(words, i64x2(~(<u64>0), 0));
    if (!v128.any_true(words)) continue;
    // The first and the last of a stretch may lie in other words: two halves are looked at.
    const periods = v128.or(v128.or(regular(words, 2), regular(words, 3)), regular(words, 4));
    const hits = v128.and(periods, v128.xor(words, i64x2.shr_u(words, 1)));
    if (!v128.any_true(hits)) continue;
    const low = i64x2.extract_lane(hits, 0);
    const place = base + <u32>(low !== 0 ? ctz(low) : 64 + ctz(i64x2.extract_lane(hits, 1)));
    if (place >= from) return <i32>place;
    const high = low === 0 ? 0 : i64x2.extract_lane(hits, 1);
    if (high !== 0) return <i32>(base + 64 + <u32>ctz(high));
  }
  // Whole words only.
  return -1 - <i32>(final ? length : max(from, length & ~63));
}

/** The first place from `from` on at which four of every other byte, in a word, are no text, as NULs are; the length for none. */
export function nextAlternating(block: usize, from: u32): u32 {
  const length = <u32>fieldOf(block, LENGTH);
  const map = fieldOf(block, MAPS) + BREAK * fieldOf(block, STRIDE);
  for (let base = from & ~63; base < length; base += 64) {
    const word = load<u64>(map + (base >> 3));
    const two = word & (word >> 2);
    const four = two & (two >> 4);
    if (four !== 0) return max(from, base + <u32>ctz(four));
  }
  return length;
}
