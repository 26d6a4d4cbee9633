/** Decompressors of our own against what others compressed. */
import zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type Compression, inflater } from '../../../sidecar/inspect/decode/inflater.ts';
import { COMPRESSED_LAG } from '../../../sidecar/inspect/decode/node-inflater.ts';
import { MAX_BLOCK } from '../../../sidecar/inspect/decode/unpack/bzip2.ts';
import { LZMA_WINDOW_LOG } from '../../../sidecar/inspect/decode/unpack/lzma.ts';
import { BASE64, characters } from '../../../sidecar/inspect/detectors/samples.ts';
import { compressAll, lz4, lz4Legacy, type PythonKind } from '../../fixtures/corpus/containers.ts';

/** The data after the four bytes that a reader of blocks has no use for. */
const headed = (all: Buffer[]): Buffer[] => all.map((bytes) => bytes.subarray(4));
const python = (kind: PythonKind) => (all: readonly Buffer[]) => compressAll(kind, all);

const KINDS: [string, Compression, (all: readonly Buffer[]) => Buffer[]][] = [
  ['bzip2', 'bzip2', (all) => headed(compressAll('bzip2', all))],
  ['bzip2 -1', 'bzip2', (all) => headed(compressAll('bzip2 -1', all))],
  ['xz', 'xz', python('xz')],
  ['xz, other properties', 'xz', python('xz, other properties')],
  ['lzma', 'lzma', python('lzma')],
  ['lz4', 'lz4', (all) => all.map((bytes) => lz4(bytes))],
  ['lz4, linked', 'lz4', (all) => all.map((bytes) => lz4(bytes, { linked: true, block: 10_000 }))],
  ['lz4, stored', 'lz4', (all) => all.map((bytes) => lz4(bytes, { stored: true, block: 100_000 }))],
  ['lz4, legacy', 'lz4-legacy', (all) => all.map((bytes) => lz4Legacy(bytes))],
];

interface Outcome {
  made: Buffer;
  taken: number;
  isDamaged: boolean;
  memory: number;
  longest: number;
}

function unpack(compression: Compression, packed: Buffer, cut: number): Outcome {
  const tried = inflater(compression);
  const pieces: Buffer[] = [];
  let memory = 0;
  const drain = () => {
    for (let piece = tried.next(); piece !== undefined; piece = tried.next()) {
      if (piece.length > 0) pieces.push(piece);
      memory = Math.max(memory, tried.memory);
    }
  };
  for (let at = 0; at < packed.length && !tried.ended; at += cut) {
    tried.give(packed.subarray(at, at + cut));
    drain();
    expect(tried.settled).toBeLessThanOrEqual(tried.taken);
  }
  tried.finish();
  drain();
  tried.close();
  const longest = Math.max(0, ...pieces.map(({ length }) => length));
  return { made: Buffer.concat(pieces), taken: tried.taken, isDamaged: tried.isDamaged, memory, longest };
}

const text = (length: number, seed = 1): Buffer =>
  Buffer.from(
    Array.from({ length: Math.ceil(length / 20) }, (_, i) => `${(i * 7919 * seed) % 9973} lines of a log\n`).join(''),
  ).subarray(0, length);
const random = (length: number, seed = 1): Buffer =>
  Buffer.from(characters(seed, Math.ceil(length / 3) * 4, BASE64), 'base64').subarray(0, length);

const SIZES = [
  0, 1, 2, 3, 4, 5, 12, 13, 100, 255, 256, 4095, 4096, 9_999, 10_000, 10_001, 65_534, 65_535, 65_536, 65_537, 99_980,
  99_981, 100_000, 131_072, 200_001,
];
const SAMPLES: Buffer[] = [
  ...SIZES.map((size) => text(size)),
  ...SIZES.map((size) => random(size)),
  ...[1, 3, 4, 5, 258, 259, 260, 1020, 65_536].map((size) => Buffer.alloc(size, 'a')),
  // Both in turns, what bzip2's runs make of it, and every byte.
  Buffer.concat([text(70_000), random(70_000), text(70_000, 3)]),
  Buffer.from('aaaabaaaaabaaaaaab'.repeat(300)),
  Buffer.from(Array.from({ length: 70_000 }, (_, i) => i & 255)),
];

describe.each(KINDS)('%s', (_, compression, pack) => {
  const packed = pack(SAMPLES);

  it('gives back what went in, in pieces of 64 KiB at most, however it is cut', () => {
    for (const [index, sample] of SAMPLES.entries()) {
      const bytes = packed[index] as Buffer;
      const cuts = [8192, bytes.length || 1, ...(bytes.length < 3000 ? [1, 7] : [])];
      for (const cut of cuts) {
        const { made, isDamaged, longest } = unpack(compression, bytes, cut);
        expect(made.equals(sample), `sample ${index} of ${sample.length} in ${cut}`).toBe(true);
        expect(isDamaged).toBe(false);
        expect(longest).toBeLessThanOrEqual(64 * 1024);
      }
    }
  });

  it('takes no more than belongs to it', () => {
    // Whether more follows in a legacy frame only what follows tells.
    const tail = Buffer.alloc(300, 0xff);
    for (const bytes of packed) {
      const { taken } = unpack(compression, Buffer.concat([bytes, tail]), 8192);
      expect(taken).toBeLessThanOrEqual(bytes.length);
    }
  });

  it('that is cut off is read as far as it goes', () => {
    const sample = SAMPLES.at(-3) as Buffer;
    const whole = packed.at(-3) as Buffer;
    for (let end = 0; end < whole.length; end += 1 + Math.floor(whole.length / 60)) {
      const { made } = unpack(compression, whole.subarray(0, end), 8192);
      expect(made.equals(sample.subarray(0, made.length)), `${end} of ${whole.length}`).toBe(true);
      // Nothing of a block of bzip2 can be known before all of it is.
      if (compression !== 'bzip2') expect(made.length).toBeGreaterThan(0.2 * end - 4096);
    }
  });

  it('that is damaged neither throws nor goes on for ever', () => {
    for (const at of [30, 45, 59]) {
      const whole = packed[at] as Buffer;
      for (let turn = 0; turn < 60; turn++) {
        const bytes = Buffer.from(whole.subarray(0, 20_000));
        for (let flips = 0; flips <= turn % 4; flips++) {
          const place = (turn * 104_729 + flips * 7919) % (turn % 2 === 0 ? Math.min(64, bytes.length) : bytes.length);
          bytes[place] = (bytes[place] as number) ^ (1 << (turn & 7));
        }
        const { made } = unpack(compression, bytes, 4096);
        expect(made.length).toBeLessThan(64 * 1024 * 1024);
      }
    }
  });
});

describe('bzip2', () => {
  it('holds one block, and says that it has not come out yet', () => {
    const [packed] = headed(compressAll('bzip2', [random(MAX_BLOCK - 30)])) as [Buffer];
    const tried = inflater('bzip2');
    tried.give(packed.subarray(0, 800_000));
    while (tried.next() !== undefined);
    expect(tried.settled).toBe(0);
    expect(tried.memory).toBeLessThanOrEqual(4 * MAX_BLOCK);
  });

  it('of zeros makes little of its memory', () => {
    const [packed] = headed(compressAll('bzip2', [Buffer.alloc(50_000_000)])) as [Buffer];
    const { made, memory } = unpack('bzip2', packed, 8192);
    expect(made.equals(Buffer.alloc(50_000_000))).toBe(true);
    expect(memory).toBeLessThanOrEqual(4 * MAX_BLOCK);
  });
});

describe('xz', () => {
  it('keeps a window up to its bound, and is damaged where more is needed', () => {
    const window = 2 ** LZMA_WINDOW_LOG;
    const start = random(5000, 9);
    const filler = Buffer.alloc(window, random(997, 8));
    for (const [gap, isWhole] of [
      [window - 5000, true],
      [window + 5000, false],
    ] as const) {
      const sample = Buffer.concat([start, filler, filler]).subarray(0, gap);
      const [packed] = compressAll('xz, large window', [Buffer.concat([sample, start])]) as [Buffer];
      const { isDamaged, made, memory } = unpack('xz', packed, 8192);
      expect(isDamaged).toBe(!isWhole);
      expect(made.length).toBe(gap + (isWhole ? start.length : 0));
      expect(memory).toBeLessThan(window + 256 * 1024);
    }
  });

  it.each(['deltas', 'x86', 'PowerPC', 'IA-64', 'ARM', 'Thumb', 'SPARC', 'all'] as const)(
    'with a filter for %s gives back a text',
    (filter) => {
      for (const size of [0, 1, 15, 16, 17, 5000, 200_000]) {
        // The letters that PowerPC's and SPARC's instructions begin with, at every alignment.
        const sample = Buffer.from(text(size).toString().replaceAll('lines', 'KaHIa@?Ja'));
        const [packed] = compressAll(`xz with ${filter}`, [sample]) as [Buffer];
        for (const cut of [8192, 7]) {
          const { isDamaged, made } = unpack('xz', packed, cut);
          expect([made.equals(sample), isDamaged], `${size} in ${cut}`).toEqual([true, false]);
        }
      }
    },
  );

  it.each(['deltas', 'PowerPC', 'IA-64', 'SPARC', 'all'] as const)(
    'with a filter for %s gives back any bytes',
    (filter) => {
      const code = random(60_000, 5);
      // Each of these has many instructions with an address.
      for (let at = 0; at < code.length; at += 16) {
        code[at] = 0x10 | ((code[at] as number) & 0xe7);
        code.writeUInt32BE(((code.readUInt32BE(at + 4) & 0x03fffffc) | 0x48000001) >>> 0, at + 4);
        code.writeUInt32BE(((code.readUInt32BE(at + 8) & 0x003fffff) | 0x40000000) >>> 0, at + 8);
      }
      const [packed] = compressAll(`xz with ${filter}`, [code]) as [Buffer];
      expect(unpack('xz', packed, 8192).made.equals(code)).toBe(true);
    },
  );

  it('with a filter that there is not is not read', () => {
    const packed = Buffer.from(compressAll('xz with x86', [text(5000)])[0] as Buffer);
    packed[14] = 0x0c;
    const { isDamaged, made } = unpack('xz', packed, 8192);
    expect([isDamaged, made.length]).toEqual([true, 0]);
  });
});

describe('LZMA elsewhere', () => {
  const sample = text(100_000);

  it('is read in a zip', () => {
    const [packed] = compressAll('zip of lzma', [sample]) as [Buffer];
    const from = 30 + packed.readUInt16LE(26) + packed.readUInt16LE(28);
    for (const cut of [8192, 7]) {
      expect(unpack('zip-lzma', packed.subarray(from), cut).made.subarray(0, sample.length).equals(sample)).toBe(true);
    }
  });

  it.each(['raw lzma', 'raw lzma2'] as const)('is read in a 7z of %s', (kind) => {
    const streams = compressAll(kind, [sample, text(9000, 3)]);
    const header = Buffer.alloc(32);
    header.write('7z\xbc\xaf\x27\x1c', 'latin1');
    for (const cut of [8192, 7]) {
      const { made } = unpack('7z', Buffer.concat([header, ...streams, Buffer.alloc(40, 0x17)]), cut);
      const all = kind === 'raw lzma2' ? Buffer.concat([sample, text(9000, 3)]) : sample;
      expect(made.subarray(0, all.length).equals(all)).toBe(true);
    }
  });
});

describe('what Node decompresses', () => {
  it('may hold back no more than is said', () => {
    const tried = inflater('zstd');
    const noise = zlib.zstdCompressSync(random(2 * COMPRESSED_LAG));
    tried.give(noise.subarray(0, COMPRESSED_LAG + 100));
    while (tried.next() !== undefined);
    expect(tried.settled).toBe(100);
    tried.close();
  });
});
