/** Text in fewer symbols than bytes: base32, 45, 58, 85, 91, uuencode, base64 in pieces. */
import { describe, expect, it } from 'vitest';
import { MAX_BASE58 } from '../../../sidecar/inspect/decode/codecs.ts';
import { BASE32, characters } from '../../../sidecar/inspect/detectors/samples.ts';
import {
  ascii85,
  base32,
  base45,
  base58,
  base64,
  base85,
  base91,
  uuencode,
  wrapped,
  z85,
} from '../../fixtures/corpus/bases.ts';
import { inspectBody } from './helpers.ts';

const ID = `${'AK'}IA${characters(31, 15, BASE32)}4`;
const SECRET = Buffer.from(`the key is ${ID}, keep it`);

const CODECS: Record<string, (bytes: Buffer) => Buffer> = {
  base32,
  base45,
  base58,
  base85,
  ascii85: (bytes) => ascii85(bytes, true),
  z85,
  base91,
  uuencode,
  base64: (bytes) => Buffer.from(wrapped(base64(bytes).toString(), 12, ' ')),
};

/** Those that have no length of their own. */
const STREAMED = Object.keys(CODECS).filter((name) => name !== 'base58');

describe.each(Object.entries(CODECS))('%s', (name, encode) => {
  it('is read wherever it begins', async () => {
    for (const [before, after] of [
      ['', ''],
      ['\n', '\n'],
      ['a few words before, \n', '\nand after'],
      ['. '.repeat(3000), '\n'.padEnd(3000, '. ')],
    ]) {
      const body = `${before}${encode(SECRET).toString('latin1')}${after}`;
      const { findings } = await inspectBody(body);
      expect(findings).toMatchObject([{ detector: 'aws-access-key-id', decoding: [name] }]);
      expect(findings[0]?.offset).toBeGreaterThanOrEqual(before?.length ?? 0);
      expect(findings[0]?.offset).toBeLessThan((before?.length ?? 0) + 2 * SECRET.length);
    }
  });

  it('is read across the ends of blocks', async () => {
    const text = encode(SECRET).toString('latin1');
    for (let before = 4000 - text.length; before < 4100; before += 7) {
      const body = Buffer.from(`${'. '.repeat(3000).slice(0, before)}\n${text}\n${'. '.repeat(3000)}`, 'latin1');
      const { findings, released } = await inspectBody(body, { blockSize: 1024, cuts: [100] });
      expect(findings, `at ${before}`).toMatchObject([{ detector: 'aws-access-key-id' }]);
      expect(released.length).toBeLessThanOrEqual(before + 1);
    }
  });

  it('says nothing about text without a secret', async () => {
    const { findings } = await inspectBody(encode(Buffer.from('nothing to see here, move along '.repeat(20))));
    expect(findings).toEqual([]);
  });
});

describe.each(STREAMED)('%s, long,', (name) => {
  it('is released as it is decided', async () => {
    const text = Buffer.from(`${'lorem ipsum, dolor sit. '.repeat(9000)}${ID}${' amet'.repeat(2000)}`);
    const body = CODECS[name]?.(text) as Buffer;
    const { findings, released } = await inspectBody(body, { cuts: [10_000] });
    expect(findings).toMatchObject([{ detector: 'aws-access-key-id', decoding: [name] }]);
    expect(released.length).toBeGreaterThan(0);
    expect(released.length).toBeLessThanOrEqual((findings[0]?.offset ?? 0) + 1);
  });
});

describe('bases', () => {
  it('nest, whatever stands around', async () => {
    for (const [outer, inner] of [
      [base85, base91],
      [base91, base58],
      [base58, base45],
      [base45, uuencode],
      [z85, base32],
      [base32, (bytes: Buffer) => ascii85(bytes, false)],
    ] as const) {
      const { findings } = await inspectBody(outer(inner(SECRET)));
      expect(findings.map(({ detector }) => detector)).toContain('aws-access-key-id');
    }
  });

  it('are read behind a name and in lines', async () => {
    for (const encode of [base85, z85, base32]) {
      for (const body of [`data=${encode(SECRET)}`, wrapped(encode(SECRET).toString(), 30, '\n')]) {
        expect((await inspectBody(body)).findings, body).toMatchObject([{ detector: 'aws-access-key-id' }]);
      }
    }
  });

  it('that would take too long are refused', async () => {
    const { tooComplex } = await inspectBody(base58(Buffer.from('some text, '.repeat(MAX_BASE58 / 14))));
    expect(tooComplex).toMatch(/base58/);
    const other = await inspectBody('2bUz'.repeat(MAX_BASE58 / 2));
    expect(other).toMatchObject({ findings: [], tooComplex: undefined });
    expect((await inspectBody('2bUz'.repeat(5 * MAX_BASE58))).tooComplex).toMatch(/base58/);
  });
});
