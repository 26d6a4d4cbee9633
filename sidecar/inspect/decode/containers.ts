/** What compressed data begins with, and where in it the compressed bytes are. */
import type { Compression } from './inflater.ts';

export interface Container {
  name: string;
  /** Latin1, 3 bytes or more. */
  magic: string;
  /**
   * Bytes before the compressed ones that may be as they are: the fields of a header and a short name. What a sender writes
   * there is not compressed: of longer ones the rest counts as what it looks like (opaque/). Absent: there are none.
   */
  header?: number;
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
  header: 24,
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
const ZIP_METHODS: Record<number, Compression> = { 8: 'deflate', 12: 'bzip2', 14: 'zip-lzma', 93: 'zstd', 95: 'xz' };
const zip: Container = {
  name: 'zip',
  magic: 'PK\x03\x04',
  header: 48,
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

/** The header of bzip2 and its first block, all in a row. Later blocks begin at any bit. */
const BZIP2_HEADER = /^BZh[1-9]$/;
const bzip2: Container = {
  name: 'bzip2',
  magic: '1AY&SY',
  open: (bytes, at) =>
    at >= 4 && BZIP2_HEADER.test(bytes.toString('latin1', at - 4, at)) ? { from: at, compression: 'bzip2' } : undefined,
};

/** The .xz file format, 2.1.1.1. */
const xz: Container = {
  name: 'xz',
  magic: '\xfd7zXZ\0',
  open: (_, at) => ({ from: at, compression: 'xz' }),
};

/** The LZMA SDK's 7zFormat.txt: the signature. */
const sevenZip: Container = {
  name: '7z',
  magic: '7z\xbc\xaf\x27\x1c',
  open: (_, at) => ({ from: at, compression: '7z' }),
};

/** Bytes of a .lzma header, and the largest size that is believed. */
const LZMA_HEADER = 13;
const MAX_LZMA_SIZE = 2n ** 40n;

/** The LZMA SDK's specification: the usual properties, a window of at least 64 KiB, and what they fill; the code begins with a 0. */
const lzma: Container = {
  name: 'lzma',
  magic: '\x5d\0\0',
  open(bytes, at) {
    if (at + LZMA_HEADER >= bytes.length || bytes[at + LZMA_HEADER] !== 0) return undefined;
    const size = bytes.readBigInt64LE(at + 5);
    return size < -1n || size > MAX_LZMA_SIZE ? undefined : { from: at, compression: 'lzma' };
  },
};

/** LZ4 Frame Format, 1.6.4. */
const lz4: Container = {
  name: 'lz4',
  magic: '\x04\x22\x4d\x18',
  open: (_, at) => ({ from: at, compression: 'lz4' }),
};
const lz4Legacy: Container = {
  name: 'lz4',
  magic: '\x02\x21\x4c\x18',
  open: (_, at) => ({ from: at, compression: 'lz4-legacy' }),
};

/** gitformat-pack(5): versions 2 and 3. */
const git: Container = {
  name: 'git',
  magic: 'PACK\0\0\0',
  open: (bytes, at) => (bytes[at + 7] === 2 || bytes[at + 7] === 3 ? { from: at, compression: 'git-pack' } : undefined),
};

export const CONTAINERS: readonly Container[] = [gzip, zip, zstd, bzip2, xz, sevenZip, lzma, lz4, lz4Legacy, git];

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
