/** Characters with other bytes between, and compressed data that nothing announces. */
import zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { BASE32, characters } from '../../../sidecar/inspect/detectors/samples.ts';
import { surveyAt } from '../../../sidecar/inspect/scan/simd/survey.ts';
import { EXACT_TABLE } from '../../../sidecar/inspect/scan/table.ts';
import { inspectBody } from './helpers.ts';

const ID = `${'AK'}IA${characters(31, 15, BASE32)}4`;
const SECRET = `the key is ${ID}, keep it`;

const between = (text: string, ...bytes: number[]): Buffer =>
  Buffer.from([...Buffer.from(text)].flatMap((byte) => [byte, ...bytes]));

describe('characters among bytes that are none', () => {
  it.each([
    ['invalid UTF-8', [0xff]],
    ['two of them', [0xfe, 0xc0]],
    ['UTF-32, little end first', [0, 0, 0]],
  ])('are read without: %s', async (_, bytes) => {
    for (const before of ['', 'some text before ', '\x01'.repeat(2000)]) {
      for (const blockSize of [64, 65_536]) {
        const { findings } = await inspectBody(
          Buffer.concat([Buffer.from(before), between(SECRET, ...bytes), Buffer.from(' and text behind')]),
          { blockSize, cuts: [50] },
        );
        expect(findings, before).toMatchObject([{ detector: 'aws-access-key-id', decoding: ['sparse'] }]);
        expect(findings[0]?.offset).toBeGreaterThanOrEqual(before.length);
      }
    }
  });

  it('are released as they are decided', async () => {
    const body = between(`${'lorem ipsum '.repeat(20_000)}${SECRET}`, 0xff);
    const { findings, released } = await inspectBody(body, { cuts: [10_000] });
    expect(findings).toMatchObject([{ detector: 'aws-access-key-id' }]);
    expect(released.length).toBeGreaterThan(0);
    expect(released.length).toBeLessThan(2 * 12 * 20_000 + 22);
  });

  it('are none in a pattern that is repeated', async () => {
    expect(await inspectBody(Buffer.alloc(5000, 'A\xff', 'latin1'))).toMatchObject({
      findings: [],
      tooComplex: undefined,
    });
  });
});

describe('a run in which every other byte is NUL', () => {
  it('is near a place that the maps show, wherever it begins', () => {
    const survey = surveyAt(0);
    for (let before = 0; before < 200; before++) {
      for (const [chars, filler] of [
        [characters(before, 16, BASE32), 'text'],
        [characters(before, 16, '\xe9\x01a'), 'a\0\0b'],
      ] as const) {
        const text = `${filler.repeat(50).slice(0, before)}${Buffer.from(chars, 'utf16le').toString('latin1')}${filler}`;
        survey.take(Buffer.from(text, 'latin1'), EXACT_TABLE.literals, false, 0, 0, () => {});
        for (const from of [0, before]) expect(survey.nextAlternating(from)).toBeLessThan(before + 10);
      }
    }
    survey.take(Buffer.from('\0\x01\0 text '.repeat(40), 'latin1'), EXACT_TABLE.literals, false, 0, 0, () => {});
    expect(survey.nextAlternating(0)).toBe(360);
  });
});

describe('compressed data that nothing announces', () => {
  const text = Buffer.from(`${'some words, and more of them. '.repeat(9)}${SECRET}`);

  it.each([
    ['deflate', zlib.deflateRawSync(text)],
    ['brotli', zlib.brotliCompressSync(text)],
  ])('is read at the beginning of a body: %s', async (name, body) => {
    for (const cuts of [[7], [body.length]]) {
      const { findings, released } = await inspectBody(body, { cuts });
      expect(findings).toMatchObject([{ detector: 'aws-access-key-id', decoding: [name], offset: 0 }]);
      expect(released).toHaveLength(0);
    }
  });

  it('is not seen in other bytes', async () => {
    let state = 7;
    const noise = Buffer.from(
      Array.from({ length: 5000 }, () => {
        state = (Math.imul(state, 1103515245) + 12345) >>> 0;
        return state >>> 16;
      }),
    );
    expect(await inspectBody(noise)).toMatchObject({ findings: [], tooComplex: undefined });
    expect(await inspectBody(`é ${'plain text '.repeat(50)}`)).toMatchObject({ findings: [], tooComplex: undefined });
  });
});
