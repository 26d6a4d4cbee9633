/** Soft line ends of quoted-printable (RFC 2045, 6.7). */
import { LENGTH, TEXT, fieldOf } from './block.asm';

const EQUALS: u8 = 0x3d;
const LINE_FEED: u8 = 0x0a;
const RETURN: u8 = 0x0d;
const THREE: u8 = 0x33;
const CAPITAL_D: u8 = 0x44;

/** What follows in a break, by its lower half: a line feed, a return, a three. In memory: see maps.asm.ts. */
const FOLLOWING: usize = memory.data<u8>([0xff, 0xff, 0xff, THREE, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, LINE_FEED, 0xff, 0xff, RETURN, 0xff, 0xff], 16);
const BYTES: usize = memory.data<u8>([EQUALS, 0x0f], 16);

/** The first place from `from` on at which `=` ends a line, or is escaped itself (`=3D`); the length for none. */
export function nextSoftBreak(block: usize, from: u32): u32 {
  const text = fieldOf(block, TEXT);
  const length = <u32>fieldOf(block, LENGTH);
  const following = v128.load(FOLLOWING);
  const equals = v128.load_splat<u8>(BYTES);
  const half = v128.load_splat<u8>(BYTES, 1);
  // Behind the text are NULs.
  for (let at = from; at < length; at += 64) {
    const here = text + at;
    const one = candidates(here, following, equals, half);
    const two = candidates(here + 16, following, equals, half);
    const three = candidates(here + 32, following, equals, half);
    const four = candidates(here + 48, following, equals, half);
    if (!v128.any_true(v128.or(v128.or(one, two), v128.or(three, four)))) continue;
    let found =
      <u64>i8x16.bitmask(one) |
      (<u64>i8x16.bitmask(two) << 16) |
      (<u64>i8x16.bitmask(three) << 32) |
      (<u64>i8x16.bitmask(four) << 48);
    for (; found !== 0; found &= found - 1) {
      const place = at + <u32>ctz(found);
      if (place >= length) return length;
      if (isSoftBreak(text + place)) return place;
    }
  }
  return length;
}

/** Which of sixteen bytes are `=`, with what may follow in a break; indices are in the range in which `relaxed` is exact. */
// @ts-ignore: decorator
@inline
function candidates(at: usize, following: v128, equals: v128, half: v128): v128 {
  const behind = v128.load(at, 1);
  const wanted = i8x16.relaxed_swizzle(following, v128.and(behind, half));
  return v128.and(i8x16.eq(v128.load(at), equals), i8x16.eq(wanted, behind));
}

// @ts-ignore: decorator
@inline
function isSoftBreak(at: usize): bool {
  const second = load<u8>(at, 1);
  if (second === LINE_FEED) return true;
  return load<u8>(at, 2) === (second === RETURN ? LINE_FEED : CAPITAL_D);
}
