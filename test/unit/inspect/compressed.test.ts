import zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { INFLATED_FLOOR, INFLATED_PER_BYTE } from '../../../sidecar/inspect/budget.ts';
import { MAX_HEADER } from '../../../sidecar/inspect/decode/containers.ts';
import { checkedToken } from '../../../sidecar/inspect/detectors/samples.ts';
import { compressAll, lz4, lz4Legacy, type PythonKind, tar } from '../../fixtures/corpus/containers.ts';
import { inspectBody } from './helpers.ts';

const TOKEN = checkedToken('gh' + 'p_', 31);
/** The parts of the token come first, so that no compressor holds the whole as it is. */
const TEXT = Buffer.from(
  `${TOKEN.slice(0, 22)} and ${TOKEN.slice(18)}\n${'some lines of a log\n'.repeat(30)}${TOKEN}\n${'and what follows them\n'.repeat(20)}`,
);

function zip(name: string, data: Buffer): Buffer {
  const header = Buffer.alloc(30);
  header.write('PK\x03\x04', 'latin1');
  header.writeUInt16LE(8, 8);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, Buffer.from(name), zlib.deflateRawSync(data)]);
}

/** A gzip member with a name and a comment. */
function named(comment: number): Buffer {
  const plain = zlib.gzipSync(TEXT);
  const head = Buffer.from(plain.subarray(0, 10));
  head[3] = 0x18;
  return Buffer.concat([head, Buffer.from(`log\0${'c'.repeat(comment)}\0`), plain.subarray(10)]);
}

const python = (kind: PythonKind) => (bytes: Buffer) => compressAll(kind, [bytes])[0] as Buffer;
const bzip2 = python('bzip2');
const OTHERS: { name: string; pack: (bytes: Buffer) => Buffer }[] = [
  { name: 'bzip2', pack: bzip2 },
  { name: 'xz', pack: python('xz') },
  { name: 'lzma', pack: python('lzma') },
  { name: 'lz4', pack: lz4 },
  { name: 'lz4', pack: lz4Legacy },
];

const PACKED: [string, string[], Buffer][] = [
  ['gzip', ['gzip'], zlib.gzipSync(TEXT)],
  ['gzip with names', ['gzip'], named(20)],
  ['gzip without its trailer', ['gzip'], zlib.gzipSync(TEXT).subarray(0, -8)],
  ['gzip cut off', ['gzip'], zlib.gzipSync(TEXT).subarray(0, -24)],
  ['a second member', ['gzip'], Buffer.concat([zlib.gzipSync(Buffer.from('nothing')), zlib.gzipSync(TEXT)])],
  [
    'behind a text',
    ['gzip'],
    Buffer.concat([Buffer.from('--b\r\n\r\n'), zlib.gzipSync(TEXT), Buffer.from('\r\n--b--')]),
  ],
  ['zlib', ['zlib'], zlib.deflateSync(TEXT)],
  ['zip', ['zip'], Buffer.concat([zip('a', Buffer.from('nothing')), zip('b', TEXT)])],
  ['gzip in gzip', ['gzip', 'gzip'], zlib.gzipSync(zlib.gzipSync(TEXT))],
  ['gzip in base64', ['base64', 'gzip'], Buffer.from(`{"a":"${zlib.gzipSync(TEXT).toString('base64')}"}`)],
  ['zlib in base64', ['base64', 'zlib'], Buffer.from(`{"a":"${zlib.deflateSync(TEXT).toString('base64')}"}`)],
  ...OTHERS.map(({ name, pack }): [string, string[], Buffer] => [name, [name], pack(TEXT)]),
  ...OTHERS.map(({ name, pack }): [string, string[], Buffer] => [
    `${name} in base64`,
    ['base64', name],
    Buffer.from(`{"a":"${pack(TEXT).toString('base64')}"}`),
  ]),
  ...OTHERS.map(({ name, pack }): [string, string[], Buffer] => [
    `a second ${name} behind bytes that are none`,
    [name],
    Buffer.concat([pack(Buffer.from('nothing\n'.repeat(9))), Buffer.from('GIF89a'), pack(TEXT)]),
  ]),
  ['bzip2 cut off', ['bzip2'], bzip2(TEXT).subarray(0, -9)],
  ['xz cut off', ['xz'], compressAll('xz', [TEXT])[0]?.subarray(0, -44) as Buffer],
  ['two streams of bzip2', ['bzip2'], compressAll('bzip2, two streams', [TEXT])[0] as Buffer],
  ['tar.xz in gzip', ['gzip', 'xz'], zlib.gzipSync(compressAll('xz', [tar(TEXT)])[0] as Buffer)],
  ['gzip in lz4', ['lz4', 'gzip'], lz4(zlib.gzipSync(TEXT))],
  ['gzip in hex', ['hex', 'gzip'], Buffer.from(zlib.gzipSync(TEXT).toString('hex'))],
];

describe.each(PACKED)('%s', (_, decoding, body) => {
  it('is read, however it is cut, and not let out', async () => {
    for (const cuts of [[body.length], [1], [7, 100], [333]]) {
      for (const blockSize of [64, 65_536]) {
        const { findings, released } = await inspectBody(body, { cuts, blockSize });
        expect(findings).toMatchObject([{ detector: 'github-token', decoding }]);
        expect(released.length).toBeLessThan(body.length);
      }
    }
  });
});

describe('compressed data', () => {
  it('of zstd is read, where it holds the text as it is, too', async () => {
    const rows = Array.from({ length: 900 }, (_, i) => `row ${(i * 7919) % 65_521};`).join('');
    const body = zlib.zstdCompressSync(Buffer.from(`${rows}${TOKEN};${rows}`));
    for (const cuts of [[body.length], [7, 100]]) {
      const { findings } = await inspectBody(body, { cuts });
      expect(findings).toMatchObject([{ detector: 'github-token' }]);
    }
  });

  it('that goes on is released as it is decided', async () => {
    const lines = Array.from({ length: 60_000 }, (_, i) => `line ${(i * 7919) % 65_521} of a long log\n`).join('');
    const body = zlib.gzipSync(lines);
    const outcome = await inspectBody(body, { cuts: [16_384] });
    expect(outcome.released.equals(body)).toBe(true);
    expect(outcome.releasedBefore).toBeGreaterThan(body.length / 2);
  });

  it('is refused when it is a bomb, also one inside another', async () => {
    const size = INFLATED_FLOOR + INFLATED_PER_BYTE * 1024 * 1024;
    const bomb = zlib.gzipSync(Buffer.alloc(size));
    for (const body of [bomb, zlib.gzipSync(bomb)]) {
      expect((await inspectBody(body)).tooComplex).toMatch(/grows too much|work budget/);
    }
  });

  it.each(OTHERS)('of zeros without end is refused as a bomb: $name', async ({ pack }) => {
    // As much as would be packed for a gigabyte, of which the beginning is enough.
    const bomb = pack(Buffer.alloc(INFLATED_FLOOR + 16 * 1024 * 1024));
    const outcome = await inspectBody(bomb.length > 64 * 1024 ? bomb.subarray(0, 64 * 1024) : bomb);
    expect(outcome.tooComplex).toMatch(/grows too much|work budget/);
  });

  it('may grow up to the floor whatever its size', async () => {
    const packed = zlib.gzipSync(Buffer.alloc(INFLATED_FLOOR));
    expect((await inspectBody(packed)).tooComplex).toBeUndefined();
  });

  it('has a header up to the bound', async () => {
    const rest = 10 + 4 + 1;
    expect((await inspectBody(named(MAX_HEADER - rest))).findings).toHaveLength(1);
    expect((await inspectBody(named(MAX_HEADER - rest + 1))).findings).toHaveLength(0);
  });

  it('that is damaged, or was none, does not stop the search', async () => {
    const damaged = zlib.gzipSync(TEXT);
    damaged.fill(0xff, 20, 40);
    const body = Buffer.concat([damaged, Buffer.from(` PK\x03\x04 \x1f\x8b\x08 `, 'latin1'), zlib.gzipSync(TEXT)]);
    expect((await inspectBody(body)).findings).toMatchObject([{ detector: 'github-token', decoding: ['gzip'] }]);
  });
});
