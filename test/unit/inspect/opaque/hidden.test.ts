/** Random bytes where compressed data has room for what does not come out: names, comments, extra fields, metadata, stored parts. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { EXPANSION } from '../../../../sidecar/inspect/opaque/component.ts';
import { MOST, Novelty } from '../../../../sidecar/inspect/opaque/novelty.ts';
import { counted } from './counted.ts';

const SIZE = 64 * 1024;
const RANDOM = Buffer.concat(Array.from({ length: SIZE / 64 }, (_, i) => createHash('sha512').update(`${i}`).digest()));
const WITHOUT_NUL = RANDOM.map((byte) => byte || 1);
const TEXT = readFileSync(new URL('../../../../sidecar/inspect/scan/layer.ts', import.meta.url));
const LINE = 'the quick brown fox jumps over the lazy dog and 12 other Things, {"a": "b"}\n';

/** With the checksum behind it. */
function deflated(contents: string | Buffer): Buffer {
  return zlib.gzipSync(contents).subarray(10);
}

/** What a stream becomes: nothing, or much that says little, behind which as much could be hidden. */
const CONTENTS: [what: string, stream: Buffer][] = [
  ['nothing', deflated('')],
  ['zeros', deflated(Buffer.alloc(10_000))],
  ['the same line again', deflated(Buffer.alloc(100_000, LINE))],
];

/** RFC 1952, 2.3. */
const gzip = (flag: number, field: Buffer, stream: Buffer) =>
  Buffer.concat([Buffer.from([0x1f, 0x8b, 8, flag, 0, 0, 0, 0, 0, 3]), field, stream]);
const sized = (bytes: Buffer) => {
  const size = Buffer.alloc(2);
  size.writeUInt16LE(bytes.length);
  return Buffer.concat([size, bytes]);
};
const ended = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(1)]);
/** APPNOTE.TXT, 4.3.7. */
function zip(name: Buffer, extra: Buffer, stream: Buffer): Buffer {
  const header = Buffer.alloc(30);
  header.write('PK\x03\x04\x14', 'latin1');
  header.writeUInt16LE(8, 8);
  header.writeUInt32LE(stream.length, 18);
  header.writeUInt16LE(name.length, 26);
  header.writeUInt16LE(extra.length, 28);
  return Buffer.concat([header, name, extra, stream]);
}
const NONE = Buffer.alloc(0);

const HEADERS: [what: string, from: Uint8Array, make: (bytes: Buffer, stream: Buffer) => Buffer][] = [
  ['the extra field of a gzip', RANDOM, (bytes, stream) => gzip(4, sized(bytes), stream)],
  ['the name of a gzip', WITHOUT_NUL, (bytes, stream) => gzip(8, ended(bytes), stream)],
  ['the comment of a gzip', WITHOUT_NUL, (bytes, stream) => gzip(16, ended(bytes), stream)],
  ['the name of a member of a zip', RANDOM, (bytes, stream) => zip(bytes, NONE, stream)],
  ['the extra field of a member of a zip', RANDOM, (bytes, stream) => zip(Buffer.from('a'), bytes, stream)],
];

function parts(from: Uint8Array, size: number): Buffer[] {
  const bytes = Buffer.from(from.buffer, from.byteOffset, from.length);
  return Array.from({ length: Math.floor(SIZE / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

describe('random bytes in compressed data', () => {
  for (const [content, stream] of CONTENTS) {
    describe(`that becomes ${content}`, () => {
      it.each(HEADERS)('count in %s', async (_, from, make) => {
        for (const size of [50, 100, 300, 900]) {
          const streams = parts(from, size).map((bytes) => make(bytes, stream));
          const body = Buffer.concat(streams);
          if (body.length > EXPANSION * SIZE) continue;
          expect((await counted([body])) / SIZE, `${size} each`).toBeGreaterThan(0.5);
          expect((await counted(streams)) / SIZE, `${size} each, in bodies of their own`).toBeGreaterThan(0.5);
        }
      });

      it.each(HEADERS.slice(0, 3))('count in %s that is a content encoding', async (_, from, make) => {
        for (const size of [300, 4000, 20_000]) {
          const streams = parts(from, size).map((bytes) => make(bytes, stream));
          const all = streams.length * size;
          expect((await counted(streams, ['gzip'])) / all, `${size} each`).toBeGreaterThan(0.5);
        }
      });
    });
  }

  it.each<[what: string, filler: (length: number) => Buffer]>([
    ['zeros', (length) => Buffer.alloc(length)],
    ['the same line', (length) => Buffer.alloc(length, LINE)],
    ['the same text', (length) => TEXT.subarray(0, length)],
  ])('count among %s, which cost nothing there', async (_, filler) => {
    for (const [size, length] of [
      [1000, 30],
      [600, 400],
      [300, 700],
      [100, 900],
      [50, 100],
      [1000, 3000],
    ] as const) {
      const text = Buffer.concat(parts(RANDOM, size).flatMap((bytes) => [bytes, filler(length)]));
      const packed = zlib.gzipSync(text);
      const what = `${size} and ${length}`;
      expect(packed.length / SIZE, what).toBeLessThan(1.2);
      expect((await counted([packed])) / SIZE, what).toBeGreaterThan(0.9);
      expect((await counted([packed], ['gzip'])) / SIZE, what).toBeGreaterThan(0.9);
      const bodies = parts(RANDOM, size).map((bytes) => zlib.gzipSync(Buffer.concat([bytes, filler(length)])));
      if (Buffer.concat(bodies).length > EXPANSION * SIZE) continue;
      expect((await counted(bodies)) / SIZE, `${what}, in bodies of their own`).toBeGreaterThan(0.5);
      expect((await counted(bodies, ['gzip'])) / SIZE, `${what}, in encoded bodies`).toBeGreaterThan(0.5);
    }
  });

  it('count in the metadata of brotli', async () => {
    // RFC 7932, 9.2: a window of 64 KiB, a block of metadata with a length of two bytes, an empty last block.
    const streams = parts(RANDOM, 4000).map((bytes) => {
      const head = (3 << 2) | (2 << 5) | ((bytes.length - 1) << 7);
      return Buffer.concat([Buffer.from([head & 255, (head >> 8) & 255, head >> 16]), bytes, Buffer.from([3])]);
    });
    expect(zlib.brotliDecompressSync(streams[0] as Buffer)).toHaveLength(0);
    expect((await counted(streams, ['br'])) / SIZE).toBeGreaterThan(0.9);
  });

  it('count beside a little that is compressed, in short bodies', async () => {
    for (const size of [100, 234, 700]) {
      const bodies = parts(RANDOM, size).map((bytes) => Buffer.concat([zlib.gzipSync('a'), bytes]));
      expect((await counted(bodies)) / SIZE, `${size} each`).toBeGreaterThan(0.5);
    }
  });
});

describe('what is compressed honestly', () => {
  const source = (name: string) => readFileSync(new URL(`../../../../${name}`, import.meta.url));
  const texts: [what: string, text: Buffer][] = [
    ['source', source('sidecar/inspect/scan/layer.ts')],
    ['a schema', source('crds/egresspolicy.yaml')],
    ['the same line again', Buffer.alloc(300_000, LINE)],
    [
      'a log',
      Buffer.from(
        Array.from({ length: 5000 }, (_, i) => `${1764000000 + i * 7} GET /v1/items/${i % 97} 200\n`).join(''),
      ),
    ],
    ['numbers', Buffer.from(Array.from({ length: 20_000 }, (_, i) => (i * 0.618034) % 7).join(','))],
    ['zeros', Buffer.alloc(300_000)],
    ['a short text', Buffer.from('{"event":"install"}')],
  ];

  it.each(texts)('does not count: %s', async (_, text) => {
    const gzips = [1, 6, 9].map((level) => zlib.gzipSync(text, { level }));
    const brotli = [1, 5, 11].map((quality) =>
      zlib.brotliCompressSync(text, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: quality } }),
    );
    // Ends of streams, and what says hundreds of times that nothing is new.
    const most = text.length / 200 + 8;
    expect((await counted(gzips, ['gzip'])) / gzips.length).toBeLessThan(most);
    expect((await counted(brotli, ['br'])) / brotli.length).toBeLessThan(most);
    expect(await counted([zlib.zstdCompressSync(text)], ['zstd'])).toBeLessThan(most);
    expect((await counted(gzips)) / gzips.length).toBeLessThan(most);
  });
});

describe('Novelty', () => {
  it('is of what was not there before, in the same text', () => {
    const [one, other] = [new Novelty(), new Novelty()];
    const text = RANDOM.subarray(0, 1000);
    expect(Buffer.compare(one.add(text), text)).toBe(0);
    // Some were forgotten: others have come to their places.
    expect(one.add(text).length).toBeLessThan(0.1 * text.length);
    expect(Buffer.compare(other.add(text), text)).toBe(0);
  });

  it('does not depend on how the text is cut', () => {
    const text = Buffer.concat([Buffer.alloc(1000, LINE), RANDOM.subarray(0, 500), Buffer.alloc(1000, LINE)]);
    for (const size of [1, 7, MOST]) {
      const novelty = new Novelty();
      let fresh = 0;
      for (let at = 0; at < text.length; at += size) fresh += novelty.add(text.subarray(at, at + size)).length;
      expect(fresh).toBeGreaterThan(500);
      // Some runs of the line have the same place in the table, and push each other out.
      expect(fresh).toBeLessThan(750);
      expect(novelty.repeats).toBeGreaterThan(1);
    }
  });
});
