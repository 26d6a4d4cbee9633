/** Characters between bytes that are none, at regular distances: UTF-32, invalid UTF-8 in between. */
import { BREAK, LENGTH, MAPS, STRIDE, fieldOf } from './block.asm';

/** Places in a row at which the class of a byte is that of the one `period` further on; in sixteen of them. */
// @ts-ignore: decorator
@inline
function regular(word: u64, period: u64): u64 {
  const same = ~(word ^ (word >> period)) & (~(<u64>0) >> period);
  const two = same & (same >> 1);
  const four = two & (two >> 2);
  const eight = four & (four >> 4);
  return eight & (eight >> 8) & (word ^ (word >> 1));
}

/** The first place from `from` on where characters and others take turns; or -1 - the place from which one may still come. */
export function nextSparse(block: usize, from: u32, final: bool): i32 {
  const length = <u32>fieldOf(block, LENGTH);
  const map = fieldOf(block, MAPS) + BREAK * fieldOf(block, STRIDE);
  for (let base = from & ~63; base < length; base += 64) {
    let word = load<u64>(map + (base >> 3));
    if (word === 0 || ~word === 0) continue;
    if (base < from) {
      word &= ~(<u64>0) << (from & 63);
      if (word === 0) continue;
    }
    // The first and the last of a stretch may lie in other words: two halves are looked at.
    const hits = regular(word, 2) | regular(word, 3) | regular(word, 4);
    if (hits !== 0) {
      const place = base + <u32>ctz(hits);
      if (place >= from) return <i32>place;
    }
  }
  // Whole words only.
  return -1 - <i32>(final ? length : max(from, length & ~63));
}
