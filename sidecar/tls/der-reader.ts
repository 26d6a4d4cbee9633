/** Reading DER, as much of it as our own certificate needs when it is loaded again. Strict: anything odd throws. */

export interface DerValue {
  tag: number;
  content: Buffer;
  /** Tag, length and content. */
  whole: Buffer;
}

/** Lengths of five bytes and more cannot occur in what we read. */
const MAX_LENGTH_BYTES = 4;

/** The values that `bytes` is made of, in order. Throws when they do not fill it exactly. */
export function derValues(bytes: Buffer): DerValue[] {
  const values: DerValue[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const value = derValue(bytes.subarray(offset));
    values.push(value);
    offset += value.whole.length;
  }
  return values;
}

/** The first value of `bytes`. Throws on a truncated value, a multi-byte tag or an indefinite length. */
export function derValue(bytes: Buffer): DerValue {
  const tag = byteAt(bytes, 0);
  if ((tag & 0x1f) === 0x1f) throw new Error('DER: multi-byte tag');
  const first = byteAt(bytes, 1);
  let header = 2;
  let length = first;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count === 0 || count > MAX_LENGTH_BYTES) throw new Error('DER: bad length');
    length = 0;
    for (let index = 0; index < count; index++) length = length * 256 + byteAt(bytes, header++);
  }
  if (header + length > bytes.length) throw new Error('DER: truncated');
  return { tag, content: bytes.subarray(header, header + length), whole: bytes.subarray(0, header + length) };
}

function byteAt(bytes: Buffer, offset: number): number {
  const byte = bytes[offset];
  if (byte === undefined) throw new Error('DER: truncated');
  return byte;
}
