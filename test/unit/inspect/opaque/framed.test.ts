/** A few random bytes in what frames compressed data, in many bodies; and small bodies that are compressed honestly. */
import { createHash } from 'node:crypto';
import zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { EXPANSION } from '../../../../sidecar/inspect/opaque/component.ts';
import { FRAME } from '../../../../sidecar/inspect/opaque/meter.ts';
import { counted } from './counted.ts';

const SIZE = 64 * 1024;
const RANDOM = Buffer.concat(Array.from({ length: SIZE / 64 }, (_, i) => createHash('sha512').update(`${i}`).digest()));
const WITHOUT_NUL = Buffer.from(RANDOM.map((byte) => byte || 1));
const parts = (size: number): Buffer[] =>
  Array.from({ length: Math.floor(SIZE / size) }, (_, i) => WITHOUT_NUL.subarray(i * size, (i + 1) * size));
const u16 = (value: number): Buffer => Buffer.from([value & 255, value >> 8]);
const u32 = (value: number): Buffer =>
  Buffer.from([value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24]);

/** RFC 1952, 2.3. */
const gzip = (flag: number, field: Buffer, contents: string): Buffer =>
  Buffer.concat([Buffer.from([0x1f, 0x8b, 8, flag, 0, 0, 0, 0, 0, 3]), field, zlib.gzipSync(contents).subarray(10)]);
/** RFC 7932, 9.2: a block of metadata, an empty last block. */
function brotli(bytes: Buffer): Buffer {
  const size = bytes.length > 256 ? 2 : 1;
  const head = (3 << 2) | (size << 5) | ((bytes.length - 1) << 7);
  return Buffer.concat([
    Buffer.from([head & 255, (head >> 8) & 255, head >> 16].slice(0, size + 1)),
    bytes,
    Buffer.from([3]),
  ]);
}
const skippable = (bytes: Buffer): Buffer => Buffer.concat([u32(0x184d2a50), u32(bytes.length), bytes]);
/** APPNOTE.TXT, 4.3: an empty member, and what stands in the directory behind it and at its end. */
function zip(extra: Buffer, comment: Buffer, last: Buffer): Buffer {
  const fields = Buffer.concat([u16(20), u16(0), u16(0), u32(0), u32(0), u32(0), u32(0)]);
  const member = Buffer.concat([Buffer.from('PK\x03\x04'), fields, u16(1), u16(0), Buffer.from('a')]);
  const sizes = [u16(1), u16(extra.length), u16(comment.length), u16(0), u16(0), u32(0), u32(0)];
  const entry = Buffer.concat([Buffer.from('PK\x01\x02'), u16(20), fields, ...sizes, Buffer.from('a'), extra, comment]);
  const end = [u16(0), u16(0), u16(1), u16(1), u32(entry.length), u32(member.length), u16(last.length)];
  return Buffer.concat([member, entry, Buffer.from('PK\x05\x06'), ...end, last]);
}
const NONE = Buffer.alloc(0);

describe.each<[where: string, encoding: string[], make: (bytes: Buffer) => Buffer]>([
  ['the extra field of a gzip', ['gzip'], (bytes) => gzip(4, Buffer.concat([u16(bytes.length), bytes]), '')],
  ['the name of a gzip', ['gzip'], (bytes) => gzip(8, Buffer.concat([bytes, Buffer.alloc(1)]), '')],
  ['the comment of a gzip', ['gzip'], (bytes) => gzip(16, Buffer.concat([bytes, Buffer.alloc(1)]), 'a')],
  ['the comment of a gzip that is no encoding', [], (bytes) => gzip(16, Buffer.concat([bytes, Buffer.alloc(1)]), '')],
  ['the metadata of brotli', ['br'], brotli],
  ['a frame of zstd that is skipped', [], (bytes) => Buffer.concat([skippable(bytes), zlib.zstdCompressSync('')])],
  ['the extra field of a directory of a zip', [], (bytes) => zip(bytes, NONE, NONE)],
  ['the comment of a member of a zip', [], (bytes) => zip(NONE, bytes, NONE)],
  ['the comment of a zip', [], (bytes) => zip(NONE, NONE, bytes)],
])('random bytes in %s', (_, encoding, make) => {
  it.each([30, 50, 60, 100, 256, 1000, 4000])('count, %i in each body', async (size) => {
    const bodies = parts(size).map(make);
    const sent = bodies.reduce((sum, { length }) => sum + length, 0);
    const random = bodies.length * size;
    // What frames them costs its sender more than is asked of him.
    if (sent > EXPANSION * random) return expect(sent / random).toBeGreaterThan(EXPANSION);
    expect((await counted(bodies, encoding)) / random).toBeGreaterThan(0.5);
  });
});

it('what frames what is empty counts for nothing, up to the bound', async () => {
  const field = (size: number): Buffer => gzip(8, Buffer.concat([WITHOUT_NUL.subarray(0, size), Buffer.alloc(1)]), '');
  const room = FRAME - field(0).length;
  expect(await counted([field(room)], ['gzip'])).toBe(0);
  expect(await counted([field(room + 1)], ['gzip'])).toBe(1);
});

it('small bodies that are compressed honestly count for nothing', async () => {
  const named = (text: string): Buffer => gzip(8, Buffer.from('build-output.log\0'), text);
  const texts = [
    '',
    '{}',
    '{"event":"install","agent":"npm"}',
    JSON.stringify({ id: 'b7f1', ok: true, steps: ['fetch', 'build', 'test'], at: '2026-01-02T03:04:05Z' }),
    Array.from({ length: 9 }, (_, i) => `step ${i} took ${i * 37} ms\n`).join(''),
    'The quick brown fox jumps over the lazy dog; pack my box with five dozen liquor jugs.',
  ];
  for (const text of texts) {
    for (const [encoding, body] of [
      ['gzip', zlib.gzipSync(text)],
      ['gzip', named(text)],
      ['deflate', zlib.deflateSync(text)],
      ['br', zlib.brotliCompressSync(text)],
      ['zstd', zlib.zstdCompressSync(text)],
    ] as const) {
      expect(
        await counted(
          Array.from({ length: 50 }, () => body),
          [encoding],
        ),
        `${encoding} ${text}`,
      ).toBe(0);
    }
  }
});
