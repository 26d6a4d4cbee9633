/** How the table of literals is laid out, as literals.ts compiles it. */

/**
 * In a table of literals: bytes for keys of three bytes, and of three differences (the low half says in which buckets
 * literals begin so, the high half in which they go on so); bits by hash of four bytes, and of three differences; the heads
 * of the chains by hash; the entries. What is looked up always is small, so that it stays in the nearest cache.
 */
export const KEY_BITS: u32 = 16;
export const XOR_KEY_BITS: u32 = 15;
export const FOUR_BITS: u32 = 17;
export const XOR_BITS: u32 = 16;
export const XOR_KEYS: usize = 1 << KEY_BITS;
export const FOURS: usize = XOR_KEYS + (1 << XOR_KEY_BITS);
export const XOR_THREES: usize = FOURS + (1 << (FOUR_BITS - 3));
/** Tables by nibble for what is looked for everywhere; and whether the rest is looked for near text in a row alone. */
export const ALONE: usize = XOR_THREES + (1 << (XOR_BITS - 3));
export const NEAR_ALONE: usize = ALONE + 96;
/** How far the rarest bytes of a literal are from its first one at most. */
export const FARTHEST: usize = NEAR_ALONE + 4;
/** Sets of characters that a byte is in, as in beside.ts. */
export const MEMBER_OF: usize = NEAR_ALONE + 32;
export const HEADS: usize = MEMBER_OF + 256;
/** Of a key that is looked up by hash: of its last byte the low five bits. */
export const FOUR_MASK: u32 = 0x1fffffff;
export const HASH_BITS: u32 = 14;
export const XOR_HEADS: usize = HEADS + (4 << HASH_BITS);
export const ENTRIES: usize = XOR_HEADS + (4 << HASH_BITS);
/** Size of an entry: rarest four bytes, their offset in the literal, number, length, address, next entry (0: none), which of the bytes count, what stands before and behind it. */
export const ENTRY: usize = 36;

// @ts-ignore: decorator
@inline
export function hash(key: u32, bits: u32): u32 {
  return (key * 0x9e3779b1) >> (32 - bits);
}

/** How each of four bytes differs from the next. */
// @ts-ignore: decorator
@inline
export function differencesAt(at: usize): u32 {
  return load<u32>(at) ^ load<u32>(at + 1);
}
