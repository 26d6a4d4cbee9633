/**
 * Memory for decoding, buffers of each depth for the whole process: decoding is synchronous, and what a decoder at one
 * depth calls only works deeper.
 */
const LEAST = 4096;

const buffers: Buffer[] = [];

/** A buffer of at least `size` bytes for what is decoded. */
export function decodedBuffer(depth: number, size: number): Buffer {
  const buffer = buffers[depth];
  if (buffer !== undefined && buffer.length >= size) return buffer;
  const grown = Buffer.allocUnsafeSlow(Math.max(LEAST, 2 ** Math.ceil(Math.log2(size))));
  buffers[depth] = grown;
  return grown;
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
