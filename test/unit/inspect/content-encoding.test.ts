import { randomBytes } from 'node:crypto';
import zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ENCODED_LAG } from '../../../sidecar/inspect/bodies.ts';
import {
  ContentDecoder,
  DECODED_FLOOR,
  DECODED_PER_BYTE,
  ZSTD_WINDOW_LOG,
} from '../../../sidecar/inspect/decode/content-encoding.ts';
import { BASE32, characters } from '../../../sidecar/inspect/detectors/samples.ts';
import { createInspector } from '../../../sidecar/inspect/index.ts';
import { MAX_CONTENT_ENCODINGS } from '../../../sidecar/inspect/message.ts';
import { inspectBody } from './helpers.ts';

const ID = `${'AK'}IA${characters(51, 15, BASE32)}4`;
const COMPRESS: [string, string, (bytes: Buffer) => Buffer][] = [
  ['gzip', 'gzip', (bytes) => zlib.gzipSync(bytes)],
  ['x-gzip', 'x-gzip', (bytes) => zlib.gzipSync(bytes)],
  ['deflate', 'deflate', (bytes) => zlib.deflateSync(bytes)],
  ['raw deflate', 'deflate', (bytes) => zlib.deflateRawSync(bytes)],
  ['br', 'br', (bytes) => zlib.brotliCompressSync(bytes)],
  ['zstd', 'zstd', (bytes) => zlib.zstdCompressSync(bytes)],
];

describe.each(COMPRESS)('%s', (_, encoding, compress) => {
  const context = { contentEncoding: [encoding] };

  it('is undone for judging, and the bytes come out as they went in', async () => {
    const plain = compress(Buffer.concat([randomBytes(700_000), Buffer.from('text '.repeat(1000))]));
    for (const cuts of [[65_536], [10_007]]) {
      const outcome = await inspectBody(plain, { context, cuts });
      expect(outcome).toMatchObject({ findings: [], tooComplex: undefined });
      expect(outcome.released.equals(plain)).toBe(true);
      // A block more: in random bytes it may look as if a structure began.
      expect(outcome.releasedBefore).toBeGreaterThan(plain.length - ENCODED_LAG - 4 * 65_536);
    }
  });

  it('does not hide a secret, plain or encoded', async () => {
    for (const secret of [ID, Buffer.from(`say ${ID}`).toString('base64')]) {
      const body = compress(Buffer.from(`${'lorem ipsum '.repeat(500)}${secret} ${'dolor '.repeat(500)}`));
      for (const cuts of [[1], [body.length]]) {
        const { findings, released } = await inspectBody(body, { context, cuts });
        expect(findings[0]).toMatchObject({ detector: 'aws-access-key-id', channel: 'http.body' });
        // zstd leaves it as it is in the encoded bytes.
        if (encoding !== 'zstd') expect(findings[0]?.decoding[0]).toBe(encoding);
        expect(released).toHaveLength(0);
      }
    }
  });

  it('is refused when it is cut short, wrong, or followed by something', async () => {
    const body = compress(Buffer.from(characters(1, 5000, BASE32)));
    expect((await inspectBody(body.subarray(0, body.length - 9), { context })).tooComplex).toBeDefined();
    expect((await inspectBody(Buffer.from(`not compressed ${'x'.repeat(100)}`), { context })).tooComplex).toBeDefined();
    expect(
      (await inspectBody(Buffer.concat([body, Buffer.from('\0\0trailing')]), { context })).tooComplex,
    ).toBeDefined();
    expect((await inspectBody(Buffer.concat([body, Buffer.from('\0')]), { context })).tooComplex).toBeDefined();
  });

  it('is refused when it grows beyond the bound', async () => {
    const bomb = compress(Buffer.alloc(DECODED_FLOOR * 3));
    if (bomb.length * DECODED_PER_BYTE > DECODED_FLOOR) return;
    const outcome = await inspectBody(bomb, { context });
    expect(outcome.tooComplex).toMatch(/grows/);
    expect(outcome.released).toHaveLength(0);
  });
});

describe('content encodings', () => {
  it('that are unknown are refused, and so is more than one', async () => {
    for (const contentEncoding of [['compress'], ['aws-chunked'], ['gzip', 'br']]) {
      expect((await inspectBody('x', { context: { contentEncoding } })).tooComplex).toBeDefined();
    }
    expect(MAX_CONTENT_ENCODINGS).toBe(1);
    expect(await inspectBody('x', { context: { contentEncoding: ['identity'] } })).toMatchObject({
      tooComplex: undefined,
    });
  });

  it('of an empty body pass', async () => {
    expect(await inspectBody(Buffer.alloc(0), { context: { contentEncoding: ['gzip'] } })).toMatchObject({
      tooComplex: undefined,
    });
  });

  it('do not hide what stands in the encoded bytes themselves', async () => {
    const named = Buffer.concat([
      Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3]),
      Buffer.from(`${ID}\0`),
      zlib.gzipSync('text').subarray(10),
    ]);
    expect(zlib.gunzipSync(named).toString()).toBe('text');
    expect((await inspectBody(named, { context: { contentEncoding: ['gzip'] } })).findings).toMatchObject([
      { decoding: [] },
    ]);
    const second = Buffer.concat([zlib.gzipSync('one'), zlib.gzipSync(`two ${ID}`)]);
    expect((await inspectBody(second, { context: { contentEncoding: ['gzip'] } })).findings).toMatchObject([
      { decoding: ['gzip'] },
    ]);
  });

  /** A frame whose header asks for a window of 2^log bytes, of one block of bytes that are all the same. */
  const zstdFrame = (log: number): Buffer =>
    Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (log - 10) << 3]), Buffer.from([0x03, 0x08, 0, 0x20])]);

  it('are refused when a frame asks for a window over 8 MiB, wherever it is', async () => {
    const context = { contentEncoding: ['zstd'] };
    for (let log = 10; log <= 31; log++) {
      const { tooComplex } = await inspectBody(zstdFrame(log), { context });
      expect([log, tooComplex === undefined]).toEqual([log, log <= ZSTD_WINDOW_LOG]);
      // A second frame is not looked into at all.
      const second = Buffer.concat([zlib.zstdCompressSync('first'), zstdFrame(log)]);
      expect((await inspectBody(second, { context })).tooComplex).toMatch(/after the end/);
    }
    expect(ZSTD_WINDOW_LOG).toBe(23);
  });

  it('are refused when brotli asks for a window beyond its standard', async () => {
    const large = (lgwin: number) =>
      zlib.brotliCompressSync(Buffer.from('text '.repeat(9000)), {
        params: { [zlib.constants.BROTLI_PARAM_LARGE_WINDOW]: 1, [zlib.constants.BROTLI_PARAM_LGWIN]: lgwin },
      });
    for (const lgwin of [25, 30]) {
      const { tooComplex } = await inspectBody(large(lgwin), { context: { contentEncoding: ['br'] } });
      expect(tooComplex).toMatch(/not br/);
    }
  });

  it('stop when the message is abandoned', async () => {
    const message = createInspector()
      .session('h')
      .open({ body: 'http.body', contentEncoding: ['gzip'] });
    const pending = message.push(zlib.gzipSync(randomBytes(300_000)));
    message.abort();
    expect(await pending).toMatchObject({ release: [], tooComplex: expect.any(String) });
    expect(await message.end()).toMatchObject({ release: [] });
  });

  it('decode to the end of what was written before the write is over', async () => {
    let length = 0;
    const decoder = new ContentDecoder('gzip', async (decoded) => {
      length += decoded.length;
    });
    const body = zlib.gzipSync(Buffer.alloc(3_000_000, 'abcdefgh'));
    await decoder.write(body);
    expect(length).toBe(3_000_000);
    await decoder.end();
    decoder.abort();
  });
});
