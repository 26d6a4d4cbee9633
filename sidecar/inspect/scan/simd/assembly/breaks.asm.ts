/** Soft line ends of quoted-printable (RFC 2045, 6.7). */
import { DENSE, LENGTH, MAPS, STRIDE, TEXT, fieldOf } from './block.asm';

const EQUALS: u8 = 0x3d;
const LINE_FEED: u8 = 0x0a;
const RETURN: u8 = 0x0d;
const THREE: u8 = 0x33;
const CAPITAL_D: u8 = 0x44;

/** The first place from `from` on at which `=` ends a line, or is escaped itself (`=3D`); the length for none. */
export function nextSoftBreak(block: usize, from: u32): u32 {
  const text = fieldOf(block, TEXT);
  const length = <u32>fieldOf(block, LENGTH);
  const graphics = fieldOf(block, MAPS) + DENSE * fieldOf(block, STRIDE);
  // Behind the text are NULs.
  for (let at = from; at < length; at = (at & ~63) + 64) {
    // Nothing of what stands among other bytes is asked for.
    if (load<u64>(graphics + (at >> 6 << 3)) === 0) continue;
    const here = text + at;
    let found = candidates(here);
    found |= candidates(here + 16) << 16;
    found |= candidates(here + 32) << 32;
    found |= candidates(here + 48) << 48;
    for (; found !== 0; found &= found - 1) {
      const place = at + <u32>ctz(found);
      if (place >= length) return length;
      if (isSoftBreak(text + place)) return place;
    }
  }
  return length;
}

// @ts-ignore: decorator
@inline
function candidates(at: usize): u64 {
  const behind = v128.load(at, 1);
  const ends = v128.or(i8x16.eq(behind, i8x16.splat(LINE_FEED)), i8x16.eq(behind, i8x16.splat(RETURN)));
  const all = v128.or(ends, i8x16.eq(behind, i8x16.splat(THREE)));
  return <u64>i8x16.bitmask(v128.and(i8x16.eq(v128.load(at), i8x16.splat(EQUALS)), all));
}

// @ts-ignore: decorator
@inline
function isSoftBreak(at: usize): bool {
  const second = load<u8>(at, 1);
  if (second === LINE_FEED) return true;
  return load<u8>(at, 2) === (second === RETURN ? LINE_FEED : CAPITAL_D);
}
