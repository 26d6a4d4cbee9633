/**
 * What the searches for text that was encoded in some base share: few windows are looked at, of what is unlike ordinary text, and
 * what the digits of a window stand for must be text. Where digits begin is told by the place; which base, by OUT_CODEC.
 */
import { hasFull, isSet, nextRun, runEnd } from './bitmaps.asm';
import { OUT_CODEC } from './block.asm';

/** Nothing stands before the text; and it is small: every place is looked at. */
export const IS_FIRST: u32 = 1;
export const IS_SMALL: u32 = 2;

/** Numbers of the encodings, which are those of their tables: as in alphabets.ts. */
export const ASCII85: u32 = 1;
export const Z85: u32 = 2;
export const BASE91: u32 = 3;
export const BASE45: u32 = 4;
export const BASE58: u32 = 5;
export const BASE32: u32 = 6;
export const UUENCODE: u32 = 7;
export const PIECES: u32 = 8;

/** How far apart windows are inside a run. */
export const EVERY: u32 = 32;

/** Where the run ends that was found last, and whether something else stands before it. */
export let longEnd: u32 = 0;
export let longBegins: bool = false;

/**
 * As `nextRun` for runs of 24 or more; says where the run ends, and whether something else stands before it. `first`: nothing stands before
 * the text.
 */
export function nextLong(map: usize, from: u32, length: u32, least: u32, first: u32): i32 {
  let base = from & ~63;
  while (base + 160 <= length && !hasFull(map + (base >> 3))) base += 128;
  const start = nextRun(map, max(from, base), length, least);
  if (start < 0) return start;
  longEnd = runEnd(map, <u32>start + least, length);
  longBegins = <u32>start > from || (start === 0 ? (first & IS_FIRST) !== 0 : !isSet(map, <u32>start - 1));
  return start;
}

/** Characters, tab and line ends. */
// @ts-ignore: decorator
@inline
export function isText(byte: u32): bool {
  return byte - 0x20 < 0x5f || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

// @ts-ignore: decorator
@inline
export function found(block: usize, at: u32, codec: u32): i32 {
  store<u32>(block + OUT_CODEC, codec);
  return <i32>at;
}

/** What compressed data begins with: three bytes of gzip, zstd, zip, xz, bzip2. */
export function isMagic(three: u32): bool {
  return three === 0x1f8b08 || three === 0x28b52f || three === 0x504b03 || three === 0xfd377a || three === 0x425a68;
}

/** What bytes are compared with, in memory: see maps.asm.ts. */
const BYTES: usize = memory.data<u8>([0x41, 26, 0x20, 0x61, 0x30, 10], 16);

/** Which of sixteen bytes are capitals; and which are letters. */
// @ts-ignore: decorator
@inline
export function capitals(window: v128): u32 {
  return <u32>i8x16.bitmask(i8x16.lt_u(i8x16.sub(window, v128.load_splat<u8>(BYTES)), v128.load_splat<u8>(BYTES, 1)));
}

// @ts-ignore: decorator
@inline
export function letters(window: v128): u32 {
  const folded = v128.or(window, v128.load_splat<u8>(BYTES, 2));
  return <u32>i8x16.bitmask(i8x16.lt_u(i8x16.sub(folded, v128.load_splat<u8>(BYTES, 3)), v128.load_splat<u8>(BYTES, 1)));
}

// @ts-ignore: decorator
@inline
export function digits(window: v128): u32 {
  return <u32>i8x16.bitmask(i8x16.lt_u(i8x16.sub(window, v128.load_splat<u8>(BYTES, 4)), v128.load_splat<u8>(BYTES, 5)));
}
