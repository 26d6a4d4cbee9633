/** Whether a decoder could make anything of a text. */
import { BREAK, HEX, HEXABLE, NUL } from './block.asm';
import { nextHex } from './runs.asm';

/** Characters in a row that a decoder might make something of. */
export const MIN_TEXT: u32 = 12;

/** Whether a surveyed text has no MIN_TEXT characters of text in a row. A NUL alone, as in UTF-16, counts for one. */
export function isBroken(maps: usize, stride: usize, length: u32): bool {
  let before: u64 = 0;
  let run: u32 = 0;
  for (let base: u32 = 0; base < length; base += 64) {
    const map = maps + (base >> 3);
    const valid = length - base < 64 ? ((<u64>1) << (length - base)) - 1 : ~(<u64>0);
    const nul = load<u64>(map + NUL * stride);
    const following = base + 64 < length ? load<u64>(map + 8 + NUL * stride) << 63 : 0;
    const alone = nul & ~((nul >> 1) | following) & ~((nul << 1) | before);
    before = nul >> 63;
    const text = (~load<u64>(map + BREAK * stride) | alone) & valid;
    if (run + <u32>ctz(~text) >= MIN_TEXT) return false;
    // A run inside the word has eight places in a row at a multiple of four.
    const fours = text & (text >> 1) & (text >> 2) & (text >> 3) & 0x1111111111111111;
    if ((fours & (fours >> 4)) !== 0 && hasText(text)) return false;
    run = <u32>clz(~text);
  }
  return true;
}

export function hasText(word: u64): bool {
  const twos = word & (word >> 1);
  const fours = twos & (twos >> 2);
  return (fours & (fours >> 4) & (fours >> 8)) !== 0;
}

/** Whether no decoder makes anything of a surveyed text: too little of it in a row, and no dump. */
export function isNoise(text: usize, kinds: usize, maps: usize, stride: usize, length: u32): bool {
  if (!isBroken(maps, stride, length)) return false;
  const hexable = maps + HEXABLE * stride;
  return nextHex(text, kinds, hexable, maps + HEX * stride, 0, length, LEAST_DUMP, DUMP_GAP) < 0;
}

/** As MIN_HEX_DIGITS and MAX_HEX_GAP in hex.ts. */
export const LEAST_DUMP: u32 = 32;
export const DUMP_GAP: u32 = 16;
