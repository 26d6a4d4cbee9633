/** Encodings that were turned around, shifted by thirteen letters or XORed, in small bodies. */
import { describe, expect, it } from 'vitest';
import { MAX_DRESSED_MESSAGE } from '../../../sidecar/inspect/decode/dressed.ts';
import { BASE32, characters } from '../../../sidecar/inspect/detectors/samples.ts';
import { ENCODINGS } from '../../fixtures/corpus/encodings.ts';
import { inspectBody } from './helpers.ts';

const ID = `${'AK'}IA${characters(31, 15, BASE32)}4`;
const SECRET = Buffer.from(`export AWS_ACCESS_KEY_ID=${ID}`);

function encode(bytes: Buffer, ...names: string[]): Buffer {
  return names.reduce((made, name) => ENCODINGS.find((one) => one.name === name)?.encode(made, 3) as Buffer, bytes);
}

const decodingOf = async (body: Buffer | string): Promise<string[][]> =>
  (await inspectBody(body)).findings.map(({ decoding }) => [...decoding]);

describe('small texts', () => {
  it.each([
    [
      ['base64', 'reversed'],
      ['reversed', 'base64'],
    ],
    [
      ['base64', 'rot13'],
      ['rot13', 'base64'],
    ],
    [
      ['reversed', 'base64'],
      ['base64', 'reversed'],
    ],
    [
      ['hex', 'reversed', 'rot13'],
      ['reversed', 'rot13', 'hex'],
    ],
    [
      ['base85', 'rot13', 'hex'],
      ['hex', 'rot13', 'base85'],
    ],
    [
      ['base64', 'XOR, one byte'],
      ['xor', 'base64'],
    ],
  ])('are undressed: %s', async (names, decoding) => {
    const found = await decodingOf(encode(SECRET, ...names));
    expect(found.map((one) => one.sort())).toContainEqual(decoding.sort());
  });

  it('are told once, as what they are without', async () => {
    expect(await decodingOf(encode(SECRET, 'base64'))).toEqual([['base64']]);
    expect(await decodingOf(SECRET)).toEqual([[]]);
  });

  it('say where, in the text that was sent', async () => {
    const { findings, released } = await inspectBody(`${'word '.repeat(50)}${encode(SECRET, 'base64', 'reversed')}`);
    expect(findings[0]?.offset).toBeGreaterThanOrEqual(250);
    expect(released).toHaveLength(0);
  });

  it('hold nothing that is only there because they were turned', async () => {
    for (const text of [
      'The quick brown fox jumps over the lazy dog. '.repeat(60),
      JSON.stringify({ a: [1, 2, 3], b: 'c' }).repeat(80),
    ]) {
      expect(await inspectBody(text)).toMatchObject({ findings: [], tooComplex: undefined });
    }
  });

  it('are small: others are searched as they stand', async () => {
    const body = `${'word '.repeat(MAX_DRESSED_MESSAGE / 5)}\n${encode(SECRET, 'base64', 'reversed')}`;
    expect(await inspectBody(body)).toMatchObject({ findings: [], tooComplex: undefined });
  });
});
