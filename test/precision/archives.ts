/** Looks into archives of packages: tar (ustar and GNU), gzip, zip. What is of another kind is left as it is. */
import { gunzipSync, inflateRawSync } from 'node:zlib';

export interface Member {
  path: string;
  bytes: Buffer;
}

/** Bytes of one unpacked member or stream at most; larger ones are left out. */
export const MAX_UNPACKED: number = 256 * 1024 * 1024;
/** Archives inside archives. */
export const MAX_NESTED = 3;

/** The files in `bytes`, with those of archives among them; none when it is no archive. */
export function* membersOf(path: string, bytes: Buffer, depth = 0): Generator<Member> {
  if (depth >= MAX_NESTED) return;
  for (const member of open(bytes)) {
    const inner: Member = { path: `${path}!${member.path}`, bytes: member.bytes };
    yield inner;
    yield* membersOf(inner.path, inner.bytes, depth + 1);
  }
}

function open(bytes: Buffer): Iterable<Member> {
  try {
    if (bytes.length > 18 && bytes.readUInt16BE(0) === 0x1f8b) {
      return [{ path: 'gunzip', bytes: gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED }) }];
    }
    if (bytes.length > 22 && bytes.readUInt32LE(0) === 0x04034b50) return zip(bytes);
    if (bytes.length > 512 && bytes.toString('latin1', 257, 262) === 'ustar') return tar(bytes);
  } catch {
    // Truncated or of another kind.
  }
  return [];
}

const BLOCK = 512;

function* tar(bytes: Buffer): Generator<Member> {
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const name = text(bytes, at, 100);
    if (name === '') return;
    const size = Number.parseInt(text(bytes, at + 124, 12).trim() || '0', 8);
    if (!Number.isInteger(size)) return;
    const start = at + BLOCK;
    if (size > 0) yield { path: name, bytes: bytes.subarray(start, start + size) };
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
}

function text(bytes: Buffer, at: number, length: number): string {
  const field = bytes.toString('latin1', at, at + length);
  const end = field.indexOf('\0');
  return end < 0 ? field : field.slice(0, end);
}

/** By its central directory (APPNOTE 4.3.12). */
function* zip(bytes: Buffer): Generator<Member> {
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (end < 0) return;
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0 && at + 46 <= bytes.length; left--) {
    const method = bytes.readUInt16LE(at + 10);
    const packed = bytes.readUInt32LE(at + 20);
    const unpacked = bytes.readUInt32LE(at + 24);
    const [nameLength, extra, comment] = [28, 30, 32].map((field) => bytes.readUInt16LE(at + field)) as [
      number,
      number,
      number,
    ];
    const local = bytes.readUInt32LE(at + 42);
    const path = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    at += 46 + nameLength + extra + comment;
    if (unpacked === 0 || unpacked > MAX_UNPACKED || local + 30 > bytes.length) continue;
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const body = bytes.subarray(start, start + packed);
    try {
      if (method === 0) yield { path, bytes: body };
      else if (method === 8) yield { path, bytes: inflateRawSync(body, { maxOutputLength: MAX_UNPACKED }) };
    } catch {
      // Encrypted or broken.
    }
  }
}
