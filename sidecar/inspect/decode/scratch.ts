/**
 * Memory for searching and decoding, buffers of each depth for the whole process: both are synchronous, and what works at one
 * depth only calls deeper.
 */
const LEAST = 4096;

const windows: Buffer[] = [];
const decoded: Buffer[] = [];

/** A buffer of at least `size` bytes for the text that a layer looks at. */
export function windowBuffer(depth: number, size: number): Buffer {
  return bufferAt(windows, depth, size);
}

/** A buffer of at least `size` bytes for what is decoded. */
export function decodedBuffer(depth: number, size: number): Buffer {
  return bufferAt(decoded, depth, size);
}

/** A copy that lasts, in memory of its own: a small one in Node's pool keeps all of the pool that it is in. */
export function lasting(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}

function bufferAt(buffers: Buffer[], depth: number, size: number): Buffer {
  const buffer = buffers[depth];
  if (buffer !== undefined && buffer.length >= size) return buffer;
  const grown = Buffer.allocUnsafeSlow(Math.max(LEAST, 2 ** Math.ceil(Math.log2(size))));
  buffers[depth] = grown;
  return grown;
}
