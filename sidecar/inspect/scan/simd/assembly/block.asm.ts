/** What the files share: the bitmaps of a text, the classes of bytes, and the block of fields that describes a text. */

/** Bitmaps that `survey` writes, `stride` bytes apart. */
export const BASE64: usize = 0;
export const HEXABLE: usize = 1;
export const BREAK: usize = 2;
export const PERCENT: usize = 3;
export const BACKSLASH: usize = 4;
export const LINE: usize = 5;
export const PLUS: usize = 6;
/** Characters, blanks not among them. */
export const DENSE: usize = 7;
/** Blanks and what stands before the lower case letters. */
export const CAPITAL: usize = 8;
/** Capital letters alone; where it is not written it is full. */
export const LARGE: usize = 9;
/** The digits of base64 that are no letters or numbers, and a closing bracket. */
export const SIGN: usize = 10;
/** Behind the bitmaps a byte for each block of 64: whether a literal is looked for there (near.asm.ts). */
export const NEAR: usize = 11;

/** Bits of a byte's class, as in classes.ts. */
export const CLASS_BASE64: u8 = 1;
export const CLASS_HEX: u8 = 2;
export const CLASS_X: u8 = 32;
export const CLASS_NO_TEXT: u8 = 16;
export const CLASS_DUMP: u8 = CLASS_HEX | 4 | CLASS_X;
export const CLASS_GAP: u8 = 128;
/** What is no letter or digit: HEX_GAP in classes.ts. */
export const CLASS_BETWEEN: u8 = 4;

/**
 * Where a text, its maps and digits are, and what is below it: the fields of the block that `nextLoud` takes, four bytes each.
 */
export const TEXT: usize = 0;
export const LENGTH: usize = 4;
export const MAPS: usize = 8;
export const STRIDE: usize = 12;
export const DIGITS: usize = 16;
export const BELOW_TEXT: usize = 20;
export const BELOW_MAPS: usize = 24;
export const BELOW_STRIDE: usize = 28;
export const KINDS: usize = 32;
export const CLASSES: usize = 36;
export const LITERALS: usize = 40;
export const HITS: usize = 44;
export const HITS_ROOM: usize = 48;
export const STARTS: usize = 52;
/** Written: bytes that were decoded. */
export const WORK: usize = 56;
export const KEYS: usize = 60;

// @ts-ignore: decorator
@inline
export function fieldOf(block: usize, field: usize): usize {
  return <usize>load<u32>(block + field);
}

/** What `unescape` says: fields of its block. */
export const OUT_LENGTH: usize = 64;
export const OUT_LAST: usize = 68;
export const OUT_SAW: usize = 72;
export const OUT_MARKS: usize = 76;
export const OUT: usize = 80;
export const MARKS: usize = 84;
export const OUT_FIRST: usize = 88;
export const SAW_PERCENT: u32 = 1;
export const SAW_PLUS: u32 = 2;
/** Bytes between two marks at most. */
export const MARK_EVERY: u32 = 256;
/** Values of digits, a table of 256 for each of several alphabets; and what was found. */
export const VALUES: usize = 92;
export const OUT_CODEC: usize = 96;
/** Whether known secrets are looked for. */
export const KNOWN: usize = 100;
/** Tables for what is looked for among bytes that are no text. */
export const BEGINS: usize = 104;
/** A number that no other text has; 0: it has none. */
export const TEXT_ID: usize = 108;
/** What is in the text, as `survey` says. */
export const HAS: usize = 112;
export const HAS_LINE: u32 = 8;
