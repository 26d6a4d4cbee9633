/** What compressed data begins with, and where in it the compressed bytes are. */
import type { Compression } from './inflater.ts';

export interface Container {
  name: string;
  /** Latin1, 3 bytes or more. */
  magic: string;
  /** Where the compressed bytes begin when the magic is at `at`, and how they are compressed; undefined: it is none after all. */
  open(bytes: Buffer, at: number): { from: number; compression: Compression } | undefined;
}

/** Bytes that a name or a comment in a header may take. */
export const MAX_HEADER = 1024;

const GZIP_HEADER = 10;
const ZIP_HEADER = 30;

/** RFC 1952, 2.3. */
const gzip: Container = {
  name: 'gzip',
  magic: '\x1f\x8b\x08',
  open(bytes, at) {
    const flags = bytes[at + 3];
    if (flags === undefined || (flags & 0xe0) !== 0) return undefined;
    let from = at + GZIP_HEADER;
    if ((flags & 4) !== 0) {
      if (from + 2 > bytes.length) return undefined;
      from += 2 + bytes.readUInt16LE(from);
    }
    for (const text of [8, 16]) {
      if ((flags & text) === 0) continue;
      const end = bytes.indexOf(0, from);
      if (end < 0) return undefined;
      from = end + 1;
    }
    if ((flags & 2) !== 0) from += 2;
    return from - at > MAX_HEADER || from > bytes.length ? undefined : { from, compression: 'deflate' };
  },
};

/** APPNOTE.TXT, 4.3.7: a local header, whatever the directory says. Stored members are read as they stand. */
const ZIP_METHODS: Record<number, Compression> = { 8: 'deflate', 93: 'zstd' };
const zip: Container = {
  name: 'zip',
  magic: 'PK\x03\x04',
  open(bytes, at) {
    if (at + ZIP_HEADER > bytes.length) return undefined;
    const compression = ZIP_METHODS[bytes.readUInt16LE(at + 8)];
    const isEncrypted = (bytes.readUInt16LE(at + 6) & 1) !== 0;
    const from = at + ZIP_HEADER + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28);
    if (compression === undefined || isEncrypted || from > bytes.length || from - at > MAX_HEADER) return undefined;
    return { from, compression };
  },
};

/** RFC 8878, 3.1.1. */
const zstd: Container = {
  name: 'zstd',
  magic: '\x28\xb5\x2f\xfd',
  open: (_, at) => ({ from: at, compression: 'zstd' }),
};

export const CONTAINERS: readonly Container[] = [gzip, zip, zstd];

/**
 * Compression without a magic, tried where a text begins: zlib (RFC 1950, 2.2) when its two bytes say so; else raw deflate
 * when the first block's type is one that there is (RFC 1951, 3.2.3), which a text hardly ever goes on to be.
 */
export function headless(bytes: Buffer, at: number): Compression | undefined {
  if (at + 2 > bytes.length) return undefined;
  const header = bytes.readUInt16BE(at);
  if ((header & 0x8f00) === 0x0800 && header % 31 === 0 && (header & 0x20) === 0) return 'zlib';
  return undefined;
}
