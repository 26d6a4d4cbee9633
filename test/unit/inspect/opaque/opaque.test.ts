/** Bytes that no decoder explains: what looks drawn at random, in the innermost layer, whatever it is wrapped in. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { brotliCompressSync, constants, crc32, deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createInspector } from '../../../../sidecar/inspect/index.ts';
import { Histogram, MIN_SAMPLE } from '../../../../sidecar/inspect/opaque/flat.ts';
import { PIECE } from '../../../../sidecar/inspect/opaque/meter.ts';
import { counted } from './counted.ts';

const SIZE = 100_000;
/** What a cipher would make, the same for the same seed. */
function random(length: number, seed = 1): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 64) }, (_, i) =>
    createHash('sha512').update(`${seed} ${i}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}
const source = (name: string) => readFileSync(new URL(`../../../../${name}`, import.meta.url));
const TEXT = Buffer.concat([source('sidecar/inspect/scan/layer.ts'), source('crds/egresspolicy.yaml')]);
const LOCK = source('package-lock.json').subarray(0, SIZE);

function zip(name: string, contents: Buffer, method: 0 | 8): Buffer {
  const packed = method === 8 ? deflateRawSync(contents) : contents;
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(method, 8);
  header.writeUInt32LE(crc32(contents), 14);
  header.writeUInt32LE(packed.length, 18);
  header.writeUInt32LE(contents.length, 22);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, Buffer.from(name), packed]);
}

interface Sent {
  opaque: number;
  /** Bytes counted by when so many were released, at the worst. */
  late: number;
}

async function send(body: Buffer, contentEncoding: string[] = [], size = 16 * 1024, measures = true): Promise<Sent> {
  const inspector = createInspector();
  inspector.measureOpaque(measures);
  const message = inspector.session('a.dev').open({ body: 'http.body', contentEncoding });
  let opaque = 0;
  let released = 0;
  let late = 0;
  for (let at = 0; at <= body.length; at += size) {
    const step =
      at + size > body.length
        ? [await message.push(body.subarray(at)), await message.end()]
        : [await message.push(body.subarray(at, at + size))];
    for (const each of step) {
      if (each.tooComplex !== undefined) throw new Error(each.tooComplex);
      opaque += each.opaque ?? 0;
      for (const piece of each.release) released += piece.length;
      late = Math.max(late, released - opaque);
    }
  }
  expect(released).toBe(body.length);
  return { opaque, late };
}

describe('bytes that no decoder explains', () => {
  it.each<[what: string, body: Buffer, encoding?: string]>([
    ['source', TEXT],
    ['a lockfile full of hashes', LOCK],
    ['source in base64', Buffer.from(TEXT.toString('base64'))],
    ['source in hex', Buffer.from(TEXT.toString('hex'))],
    ['source in UTF-16', Buffer.from(TEXT.toString('utf8'), 'utf16le')],
    ['zeros', Buffer.alloc(SIZE)],
    ['a table of numbers', Buffer.from(Array.from({ length: 9000 }, (_, i) => (i * 0.618034) % 7).join('\n'))],
    ['gzip', gzipSync(TEXT)],
    ['gzip in base64 in JSON', Buffer.from(JSON.stringify({ data: gzipSync(TEXT).toString('base64') }))],
    ['gzip in gzip', gzipSync(gzipSync(TEXT))],
    ['zstd', zstdCompressSync(TEXT)],
    ['a zip', Buffer.concat([zip('a', TEXT, 8), zip('b', LOCK, 8)])],
    ['gzip as a content encoding', gzipSync(TEXT), 'gzip'],
    ['brotli as a content encoding', brotliCompressSync(TEXT), 'br'],
    ['zstd as a content encoding', zstdCompressSync(TEXT), 'zstd'],
  ])('are none in %s', async (_, body, encoding) => {
    const { opaque } = await send(body, encoding === undefined ? [] : [encoding]);
    // Headers, tables and the ends of members.
    expect(opaque).toBeLessThanOrEqual(2 * PIECE);
  });

  const bytes = random(SIZE);
  it.each<[what: string, body: Buffer, encoding?: string]>([
    ['as they are', bytes],
    ['in base64', Buffer.from(bytes.toString('base64'))],
    ['in hex', Buffer.from(bytes.toString('hex'))],
    ['in base64 in JSON', Buffer.from(JSON.stringify({ data: bytes.toString('base64') }))],
    ['in gzip', gzipSync(bytes)],
    ['in gzip, stored', gzipSync(bytes, { level: 0 })],
    ['in gzip in base64', Buffer.from(gzipSync(bytes).toString('base64'))],
    ['in gzip in gzip', gzipSync(gzipSync(bytes))],
    ['in zstd', zstdCompressSync(bytes)],
    ['in a zip, stored', zip('a', bytes, 0)],
    ['in a zip', zip('a', bytes, 8)],
    ['behind the beginning of a PNG', Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'), bytes])],
    ['behind the beginning of a gzip', Buffer.concat([gzipSync(TEXT).subarray(0, 500), bytes])],
    ['behind a gzip', Buffer.concat([gzipSync(TEXT), bytes])],
    ['after text', Buffer.concat([TEXT, bytes])],
    ['as gzip, by content encoding', gzipSync(bytes), 'gzip'],
    ['as brotli, by content encoding', brotliCompressSync(bytes), 'br'],
    ['in a skippable frame behind one', Buffer.concat([zstdCompressSync(Buffer.alloc(SIZE)), skippable(bytes)])],
  ])('are all that are random %s', async (_, body, encoding) => {
    const { opaque } = await send(body, encoding === undefined ? [] : [encoding]);
    expect(opaque).toBeGreaterThanOrEqual(0.97 * SIZE);
    expect(opaque).toBeLessThanOrEqual(2.05 * SIZE);
  });

  it('are refused in a frame that a content encoding leaves out', async () => {
    const body = Buffer.concat([skippable(bytes), zstdCompressSync(Buffer.from('a'))]);
    await expect(send(body, ['zstd'])).rejects.toThrow('bytes after the end of the zstd data');
  });

  it('are counted before they are released', async () => {
    for (const size of [1000, 4096, 70_000]) {
      const { opaque, late } = await send(random(3 * SIZE), [], size);
      expect(opaque).toBeGreaterThanOrEqual(3 * SIZE - MIN_SAMPLE);
      expect(late).toBeLessThanOrEqual(PIECE);
    }
  });

  it('are not measured unless they are asked for, nor in one short body', async () => {
    expect((await send(random(SIZE), [], 16384, false)).opaque).toBe(0);
    expect((await send(random(MIN_SAMPLE - 1))).opaque).toBe(0);
    expect((await send(random(MIN_SAMPLE))).opaque).toBe(MIN_SAMPLE);
  });

  describe('in many short bodies', () => {
    const pieces = (text: Buffer, size: number) =>
      Array.from({ length: Math.floor(text.length / size) }, (_, i) => text.subarray(i * size, (i + 1) * size));

    it.each([1, 100, MIN_SAMPLE - 1])('are counted together: %d bytes each', async (size) => {
      const opaque = await counted(pieces(random(8000), size));
      expect(opaque).toBeGreaterThan(8000 - 2 * PIECE);
      expect(opaque).toBeLessThanOrEqual(8000);
    });

    it('are counted behind what was told by itself', async () => {
      const opaque = await counted(pieces(random(40 * (PIECE + 100)), PIECE + 100));
      expect(opaque).toBeGreaterThan(40 * (PIECE + 100) - 2 * PIECE);
    });

    it('are counted in base64 in JSON, and under a content encoding', async () => {
      const some = pieces(random(8000), 80);
      const json = some.map((bytes) => Buffer.from(JSON.stringify({ id: bytes.toString('base64') })));
      expect(await counted(json)).toBeGreaterThan(8000);
      expect(
        await counted(
          some.map((bytes) => gzipSync(bytes)),
          ['gzip'],
        ),
      ).toBeGreaterThan(6000);
    });

    it('are none in what people and programs write', async () => {
      expect(await counted(pieces(TEXT.subarray(0, SIZE), 200))).toBe(0);
      const events = Array.from({ length: 500 }, (_, i) =>
        JSON.stringify({ event: 'install', package: `left-pad-${i}`, ms: i * 37, at: 1764000000000 + i * 1013 }),
      );
      expect(await counted(events.map((event) => Buffer.from(event)))).toBe(0);
      const zipped = events.map((event) => gzipSync(event));
      expect(await counted(zipped, ['gzip'])).toBe(0);
      expect(await counted(zipped)).toBe(0);
    });
  });

  it('are those of the best compression too, when it cannot be undone', async () => {
    const best = brotliCompressSync(TEXT, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
    expect((await send(best)).opaque).toBe(0);
    // Without its beginning nothing says what it is.
    const rest = best.subarray(1);
    expect((await send(rest)).opaque).toBeGreaterThanOrEqual(0.9 * rest.length);
  });
});

function skippable(contents: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(0x184d2a50, 0);
  head.writeUInt32LE(contents.length, 4);
  return Buffer.concat([head, contents]);
}

describe('Histogram', () => {
  const shareOf = (bytes: Buffer, size: number) => {
    let flat = 0;
    let pieces = 0;
    for (let at = 0; at + size <= bytes.length; at += size, pieces++) {
      const histogram = new Histogram();
      histogram.add(bytes.subarray(at, at + size));
      if (histogram.measure().random === size) flat++;
    }
    return flat / pieces;
  };

  it.each([MIN_SAMPLE, PIECE])('tells what is random from what is not by %d bytes', (size) => {
    const noise = random(400_000);
    for (const encoding of ['latin1', 'base64', 'hex'] as const) {
      const written = Buffer.from(noise.toString(encoding), encoding === 'latin1' ? 'latin1' : 'utf8');
      expect(shareOf(written, size), encoding).toBeGreaterThan(0.99);
    }
    expect(shareOf(TEXT, size)).toBeLessThan(0.001);
    expect(shareOf(Buffer.from(TEXT.toString('hex')), size)).toBe(0);
  });

  it('knows how small it can be made', () => {
    const histogram = new Histogram();
    histogram.add(Buffer.alloc(PIECE));
    expect(histogram.measure().information).toBe(0);
    histogram.clear();
    histogram.add(Buffer.from(Array.from({ length: PIECE }, (_, i) => i & 255)));
    expect(histogram.measure().information).toBeCloseTo(PIECE);
  });
});
