/** Known secrets on their way to another thread: in memory that both have, which whoever takes them wipes. */
import type { Value } from '../known/values.ts';

export interface PackedValues {
  /** Without the bytes, but with how many they are. */
  values: (Omit<Value, 'bytes'> & { length: number })[];
  bytes: SharedArrayBuffer;
}

export function pack(values: readonly Value[]): PackedValues {
  const bytes = new SharedArrayBuffer(values.reduce((sum, value) => sum + value.bytes.length, 0));
  const all = new Uint8Array(bytes);
  let at = 0;
  const packed = values.map(({ bytes: { length }, held, homes, name }) => ({ held, homes, length, name }));
  for (const value of values) {
    all.set(value.bytes, at);
    at += value.bytes.length;
  }
  return { values: packed, bytes };
}

/** Copies them, and wipes what they were in. */
export function unpack({ bytes, values }: PackedValues): Value[] {
  const all = Buffer.from(bytes);
  let at = 0;
  const unpacked = values.map(({ length, ...value }) => {
    const copy = Buffer.from(all.subarray(at, at + length));
    at += length;
    return { ...value, bytes: copy };
  });
  all.fill(0);
  return unpacked;
}
