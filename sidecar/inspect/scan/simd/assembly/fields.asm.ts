/** Fields of forms in a text, for form.ts. */
import { LENGTH, TEXT, fieldOf } from './block.asm';

/** What bytes are compared with, in memory: see maps.asm.ts. */
const BYTES: usize = memory.data<u8>([0x26], 16);
const EQUALS: u8 = 0x3d;

/**
 * The first `&` from `from` on behind which a name of `most` bytes at most and `=` stand; or -1 - the place from which one may
 * still come. Behind a text there are 64 bytes of room, which may be anything.
 */
export function nextField(block: usize, from: u32, most: u32, final: bool): i32 {
  const text = fieldOf(block, TEXT);
  const length = <u32>fieldOf(block, LENGTH);
  const and = v128.load_splat<u8>(BYTES);
  for (let base = from; base < length; base += 64) {
    const a = i8x16.eq(v128.load(text + base), and);
    const b = i8x16.eq(v128.load(text + base, 16), and);
    const c = i8x16.eq(v128.load(text + base, 32), and);
    const d = i8x16.eq(v128.load(text + base, 48), and);
    if (!v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) continue;
    let word =
      <u64>i8x16.bitmask(a) | (<u64>i8x16.bitmask(b) << 16) | (<u64>i8x16.bitmask(c) << 32) | (<u64>i8x16.bitmask(d) << 48);
    while (word !== 0) {
      const at = base + <u32>ctz(word);
      word &= word - 1;
      if (at >= length) break;
      const end = nameEnd(text, at + 1, min(length, at + 1 + most));
      if (end === length && end - at <= most && !final) return -1 - <i32>at;
      if (end > at + 1 && end < length && load<u8>(text + end) === EQUALS) return <i32>at;
    }
  }
  return -1 - <i32>length;
}

function nameEnd(text: usize, from: u32, to: u32): u32 {
  let at = from;
  while (at < to && isInName(load<u8>(text + at))) at++;
  return at;
}

/** As IN_NAME in form.ts. */
// @ts-ignore: decorator
@inline
function isInName(byte: u8): bool {
  const letter = <u8>((byte | 0x20) - 0x61);
  if (letter < 26 || <u8>(byte - 0x30) < 11) return true;
  return byte === 0x5f || byte === 0x2e || byte === 0x2d || byte === 0x5b || byte === 0x5d || byte === 0x25 || byte === 0x2a || byte === 0x7e;
}
