/**
 * Memory for decoding, one pair of buffers a depth for the whole process: decoding is synchronous, and what a decoder
 * at one depth calls only works deeper.
 */
/** Bytes that `decoded` has beyond what the digits need. */
export const ROOM: number = 32 * 1024;

const pairs: { digits: Buffer; decoded: Buffer }[] = [];

/** Buffers of at least `size` bytes; the contents of `digits` are kept when it grows. */
export function scratch(depth: number, size: number): { digits: Buffer; decoded: Buffer } {
  const pair = pairs[depth];
  if (pair !== undefined && pair.digits.length >= size) return pair;
  const grown = Math.max(4096, 2 ** Math.ceil(Math.log2(size)));
  const digits = Buffer.allocUnsafeSlow(grown);
  pair?.digits.copy(digits);
  pairs[depth] = { digits, decoded: Buffer.allocUnsafeSlow(grown + ROOM) };
  return pairs[depth];
}

/** Bytes that are compared sooner here than a call finds one among them. */
const FEW = 64;

/** The index of the first `byte` from `from` on, or the length. */
export function indexOf(bytes: Buffer, byte: number, from: number): number {
  if (bytes.length - from <= FEW) {
    let at = from;
    while (at < bytes.length && bytes[at] !== byte) at++;
    return at;
  }
  const found = bytes.indexOf(byte, from);
  return found < 0 ? bytes.length : found;
}
