/** Places where base64 in pieces may stand. */
import { bitsBefore, bitsFrom, next, runEnd, runStart } from './bitmaps.asm';
import { BASE64, CAPITAL, LARGE, LENGTH, MAPS, STRIDE, TEXT, fieldOf } from './block.asm';
import { IS_SMALL, PIECES, capitals, found, letters } from './found.asm';

/** Digits of the longest piece of base64 in pieces, and of the longest gap between two; the shortest has eight. */
const MOST_PIECE: u32 = 19;
const PIECE_GAP: u32 = 4;

/** Bytes that three pieces and what is between may take. */
const MOST_PIECES: u32 = 3 * (MOST_PIECE + PIECE_GAP);

/** What says that none begins before `limit`: a piece that is cut there may be the first. */
function openPiece(map: usize, from: u32, limit: u32, final: bool): i32 {
  if (final) return -1 - <i32>limit;
  return -1 - <i32>runStart(map, limit, max(from, limit > MOST_PIECE ? limit - MOST_PIECE : 0));
}

/**
 * The bytes of the map that are full of digits, of sixteen from `at` on. Not all: those of which two or more are capitals and others
 * small letters, as they are where base64 is.
 */
// @ts-ignore: decorator
@inline
function fullOfDigits(map: usize, capital: usize, large: usize, at: usize, all: bool): u32 {
  const ones = i8x16.splat(-1);
  const full = i8x16.eq(v128.load(map + at), ones);
  if (all) return <u32>i8x16.bitmask(full);
  const letters = v128.load(large + at);
  const few = i8x16.eq(v128.and(letters, i8x16.add(letters, ones)), i8x16.splat(0));
  return <u32>i8x16.bitmask(v128.andnot(full, v128.or(few, i8x16.eq(v128.load(capital + at), ones))));
}

/** The first of three pieces of base64 that are as long as each other, with few other characters between. */
export function nextPieces(block: usize, from: u32, final: bool, first: u32): i32 {
  const text = fieldOf(block, TEXT);
  const length = <u32>fieldOf(block, LENGTH);
  const stride = fieldOf(block, STRIDE);
  const map = fieldOf(block, MAPS) + BASE64 * stride;
  const capital = fieldOf(block, MAPS) + CAPITAL * stride;
  const large = fieldOf(block, MAPS) + LARGE * stride;
  const isSmall = (first & IS_SMALL) !== 0;
  // What begins here may not be whole yet.
  const limit = final ? length : max(from, length > MOST_PIECES ? length - MOST_PIECES : 0);
  let at = (from + 7) & ~7;
  while (at < limit) {
    const base = at;
    at += 128;
    for (let parts = fullOfDigits(map, capital, large, base >> 3, isSmall); parts !== 0; parts &= parts - 1) {
      const inside = base + (<u32>ctz(parts) << 3);
      if (inside >= limit) break;
      const window = v128.load(text + inside);
      const count = <u32>popcnt(capitals(window) & 0xff);
      if (!isSmall && (count < 2 || <u32>popcnt(letters(window) & 0xff) === count)) continue;
      // Two pieces and what is between are seen at once: how long they are is not to be foretold.
      const start = max(<i32>max(<i32>from, <i32>inside - <i32>MOST_PIECE), <i32>inside - <i32>clz(~bitsBefore(map, inside)));
      const following = bitsFrom(map, inside);
      const rest = <u32>ctz(~following);
      const size = inside + rest - start;
      if (size > MOST_PIECE) {
        at = max(at, (runEnd(map, inside, length) + 7) & ~7);
        if (at > base + 128) break;
        continue;
      }
      const gap = <u32>ctz(following >> rest);
      const second = inside + rest + gap;
      if (gap > PIECE_GAP || <u32>ctz(~(following >> (rest + gap))) !== size || second + size > length) continue;
      const secondEnd = second + size;
      const third = next(map, secondEnd, min(length, secondEnd + PIECE_GAP + 1));
      const thirdEnd = runEnd(map, third, min(length, third + size + 1));
      if (third - secondEnd > PIECE_GAP || thirdEnd === third || thirdEnd - third > size) continue;
      return found(block, start, PIECES);
    }
  }
  return openPiece(map, from, limit, final);
}
