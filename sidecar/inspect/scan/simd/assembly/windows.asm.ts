/**
 * Where digits of base 85 or 91 may stand, as far as the maps of a text tell: nearly everywhere they say that there are none. Windows of 16
 * characters are looked at where a run begins, 8 behind, and at multiples of 32.
 */
import { bitsFrom, hasFull, isSet } from './bitmaps.asm';
import { BASE64, CAPITAL, DENSE, LARGE, LENGTH, MAPS, SIGN, STRIDE, TEXT, fieldOf } from './block.asm';

/** Characters of the shortest run: twenty bytes in the tightest base. */
export const LEAST_DENSE: u32 = 24;
/** Letters and digits of a window that may be drawn, at most; of a long run, of which there are more, one fewer. */
export const MOST_PLAIN: u32 = 14;
/** Small letters of a window behind which is another one, at most. */
export const MOST_NEIGHBOURS: u32 = 5;
/** Capitals of such a window, at least. */
export const DRAWN_CAPITALS: u32 = 2;

/** As many characters in a row, and those of a window, as the low bits of a word. In memory: see maps.asm.ts. */
const MASKS: usize = memory.data<u32>([0x00ffffff, 0x0000ffff], 16);

/** Bytes that are listed at once, at first and at most: what is listed behind a place that is found is listed again. */
export const LEAST_LISTED: u32 = 256;
export const MOST_LISTED: u32 = 4096;
/** The places: not more than five of 64. */
const LIST: usize = memory.data(4 * (4096 / 64 * 5 + 5));
export let listed: usize = LIST;

/** The first three characters of compressed data in each kind of base 85; the last one fills up. */
const MAGICS: usize = memory.data<u32>(
  [
    0x7a4241, 0x373744, 0x682950, 0x70577b, 0x78524c, 0x5e2c2b, 0x28282e, 0x4c653a, 0x544172, 0x5c3c36, 0x5a6261, 0x373764, 0x482170,
    0x507740, 0x58726c, 0x58726c,
  ],
  16,
);

/** Whether the first three characters at `at` are among MAGICS. */
// @ts-ignore: decorator
@inline
export function mayBeMagic85(at: usize): bool {
  const three = i32x4.splat(load<u32>(at) & 0xffffff);
  const some = v128.or(i32x4.eq(three, v128.load(MAGICS)), i32x4.eq(three, v128.load(MAGICS, 16)));
  const others = v128.or(i32x4.eq(three, v128.load(MAGICS, 32)), i32x4.eq(three, v128.load(MAGICS, 48)));
  return v128.any_true(v128.or(some, others));
}

/** Lists the places of `size` bytes, from that of `from` on, in order, at which a window may have digits, or which begin a run that may. Returns the list, which ends at `listed`. */
export function listPlaces(block: usize, from: u32, size: u32): usize {
  const length = <u32>fieldOf(block, LENGTH);
  const stride = fieldOf(block, STRIDE);
  const maps = fieldOf(block, MAPS);
  let end = LIST;
  const stop = min((from & ~63) + size, length);
  for (let base = from & ~63; base < stop; base += 128) {
    if (!hasFull(maps + DENSE * stride + (base >> 3))) continue;
    const places = placesIn(maps, stride, base);
    if (!v128.any_true(places)) continue;
    end = add(end, i64x2.extract_lane(places, 0), base);
    end = add(end, i64x2.extract_lane(places, 1), base + 64);
  }
  const text = fieldOf(block, TEXT);
  let kept = LIST;
  for (let entry = LIST; entry < end; entry += 4) {
    const place = load<u32>(entry);
    store<u32>(kept, place);
    const isWhole = <u32>(place >= from) & <u32>(place + LEAST_DENSE <= length);
    kept += <usize>(isWhole & <u32>mayStandAt(text, maps, stride, place, place === 0 || !isSet(maps + DENSE * stride, place - 1))) << 2;
  }
  listed = kept;
  return LIST;
}

/** Adds the places of a word that begins at `base`: five at most, which takes no branch. */
// @ts-ignore: decorator
@inline
function add(end: usize, word: u64, base: u32): usize {
  let left = word;
  for (let i: usize = 0; i < 20; i += 4) {
    store<u32>(end + i, base + <u32>ctz(left));
    left &= left - 1;
  }
  return end + (<usize>popcnt(word) << 2);
}

/**
 * Which of the 128 places from `base` (a multiple of 64) on may have digits in a run that is long enough: multiples of 32, if of
 * sixteen characters two are capitals and two no letters or numbers; where a run begins, if there is a capital among 24, or if it may be what compressed data begins
 * with: its second and third character are no small letters then, or there is a capital, too.
 */
// @ts-ignore: decorator
@inline
function placesIn(maps: usize, stride: usize, base: u32): v128 {
  const at = <usize>(base >> 3);
  const dense = maps + DENSE * stride + at;
  const capital = maps + CAPITAL * stride + at;
  const large = maps + LARGE * stride + at;
  const within = v128.load_splat<u32>(MASKS);
  const isFull = i32x4.eq(v128.and(v128.load(dense), within), within);
  const window = v128.load_splat<u32>(MASKS, 4);
  const others = v128.or(v128.not(v128.load(maps + BASE64 * stride + at)), v128.load(maps + SIGN * stride + at));
  const isDrawn = v128.and(hasTwo(v128.and(v128.load(large), window)), hasTwo(v128.and(others, window)));
  const drawn = v128.and(isFull, isDrawn);
  // The low half of a word has as many bits behind each place.
  const low = startsIn(dense, capital, large);
  const high = startsIn(dense + 4, capital + 4, large + 4);
  const starts = i8x16.shuffle(low, high, 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27);
  return v128.or(starts, i32x4.shr_u(drawn, 31));
}

/** Which of four words have two bits or more: the highest bit of each tells. */
// @ts-ignore: decorator
@inline
function hasTwo(words: v128): v128 {
  return i32x4.ne(v128.and(words, i32x4.sub(words, i32x4.splat(1))), i32x4.splat(0));
}

/** Where runs begin that may hold digits: the low halves of two words. */
// @ts-ignore: decorator
@inline
function startsIn(dense: usize, capital: usize, large: usize): v128 {
  let run = v128.load(dense);
  run = v128.and(run, i64x2.shr_u(run, 1));
  run = v128.and(run, i64x2.shr_u(run, 2));
  run = v128.and(run, i64x2.shr_u(run, 4));
  run = v128.and(run, i64x2.shr_u(run, 8));
  run = v128.and(run, i64x2.shr_u(run, 8));
  run = v128.andnot(run, i64x2.shr_u(v128.load(dense - 1), 7));
  let near = v128.load(large);
  near = v128.or(near, i64x2.shr_u(near, 1));
  near = v128.or(near, i64x2.shr_u(near, 2));
  near = v128.or(near, i64x2.shr_u(near, 4));
  near = v128.or(near, i64x2.shr_u(near, 8));
  near = v128.or(near, i64x2.shr_u(near, 8));
  const others = i64x2.shr_u(v128.load(capital), 1);
  return v128.and(run, v128.or(near, v128.and(others, i64x2.shr_u(others, 1))));
}

/** Whether the window at a place may have digits, as far as the maps tell, or if a run `begins` there that 8 behind, or what compressed data begins with. */
// @ts-ignore: decorator
@inline
export function mayStandAt(text: usize, maps: usize, stride: usize, place: u32, begins: bool): bool {
  const large = bitsFrom(maps + LARGE * stride, place);
  const digits = bitsFrom(maps + BASE64 * stride, place);
  const small = digits & ~bitsFrom(maps + CAPITAL * stride, place);
  const pairs = small & (small >> 1);
  const plain = digits & ~bitsFrom(maps + SIGN * stride, place);
  const atStart = <u32>isDrawnAt(large, plain, pairs, 8) | <u32>mayBeMagic85(text + place);
  return (<u32>isDrawnAt(large, plain, pairs, 0) | (<u32>begins & atStart)) !== 0;
}

/** As `isDrawnText` of the window that begins at a bit of the words. Without a branch, as there. */
// @ts-ignore: decorator
@inline
function isDrawnAt(large: u64, plain: u64, pairs: u64, at: u64): bool {
  const capitals = <u32>popcnt((large >> at) & 0xffff);
  const neighbours = <u32>popcnt((pairs >> at) & 0x7fff);
  const all = <u32>popcnt((plain >> at) & 0xffff);
  return (<u32>(capitals >= DRAWN_CAPITALS) & <u32>(neighbours <= MOST_NEIGHBOURS) & <u32>(all <= MOST_PLAIN)) !== 0;
}
