/** Whether a decoder could make anything of a text. */
import { BREAK, HEXABLE } from './block.asm';
import { nextHex } from './dumps.asm';

/** Characters in a row that a decoder might make something of. */
export const MIN_TEXT: u32 = 12;

/** Whether a surveyed text has no MIN_TEXT characters of text in a row. A NUL alone, as in UTF-16, counts for one. */
export function isBroken(text: usize, maps: usize, stride: usize, length: u32): bool {
  let before: u64 = 0;
  let run: u32 = 0;
  for (let base: u32 = 0; base < length; base += 64) {
    const map = maps + (base >> 3);
    const valid = length - base < 64 ? ((<u64>1) << (length - base)) - 1 : ~(<u64>0);
    const nul = zeros(text + base);
    const following: u64 = load<u8>(text + base + 64) === 0 ? (<u64>1) << 63 : 0;
    const alone = nul & ~((nul >> 1) | following) & ~((nul << 1) | before);
    before = nul >> 63;
    const among = (~load<u64>(map + BREAK * stride) | alone) & valid;
    if (run + <u32>ctz(~among) >= MIN_TEXT) return false;
    // A run inside the word has eight places in a row at a multiple of four.
    const fours = among & (among >> 1) & (among >> 2) & (among >> 3) & 0x1111111111111111;
    if ((fours & (fours >> 4)) !== 0 && hasText(among)) return false;
    run = <u32>clz(~among);
  }
  return true;
}

export /** Which of 64 bytes are NUL. */
function zeros(at: usize): u64 {
  const zero = i8x16.splat(0);
  return (
    (<u64>i8x16.bitmask(i8x16.eq(v128.load(at), zero))) |
    ((<u64>i8x16.bitmask(i8x16.eq(v128.load(at, 16), zero))) << 16) |
    ((<u64>i8x16.bitmask(i8x16.eq(v128.load(at, 32), zero))) << 32) |
    ((<u64>i8x16.bitmask(i8x16.eq(v128.load(at, 48), zero))) << 48)
  );
}

function hasText(word: u64): bool {
  const twos = word & (word >> 1);
  const fours = twos & (twos >> 2);
  return (fours & (fours >> 4) & (fours >> 8)) !== 0;
}

/** Whether no decoder makes anything of a surveyed text: too little of it in a row, and no dump. */
export function isNoise(text: usize, kinds: usize, maps: usize, stride: usize, length: u32): bool {
  if (!isBroken(text, maps, stride, length)) return false;
  const hexable = maps + HEXABLE * stride;
  return nextHex(text, hexable, 0, 0, length, LEAST_DUMP, DUMP_GAP) < 0;
}

/** As MIN_HEX_DIGITS and MAX_HEX_GAP in hex.ts. */
export const LEAST_DUMP: u32 = 32;
export const DUMP_GAP: u32 = 16;
