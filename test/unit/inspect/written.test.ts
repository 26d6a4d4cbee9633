/** Secrets written with other characters: as numbers, in full width, with look-alikes, with what is not seen between. */
import { describe, expect, it } from 'vitest';
import { MIN_NUMBERS } from '../../../sidecar/inspect/decode/numbers.ts';
import { BASE32, characters } from '../../../sidecar/inspect/detectors/samples.ts';
import { detectorsIn, inspectBody } from './helpers.ts';

const ID = `${'AK'}IA${characters(21, 15, BASE32)}4`;
const codes = [...Buffer.from(`of ${ID}.`)];

const WRITTEN: [string, string, string][] = [
  ['blanks', 'decimal', codes.join(' ')],
  ['a JSON array', 'decimal', JSON.stringify({ type: 'Buffer', data: codes })],
  ['lines', 'decimal', codes.join(',\n      ')],
  ['character references', 'decimal', codes.map((code) => `&#${code};`).join('')],
  ['after other numbers', 'decimal', `1024, 70000, 9 ${codes.join(', ')}, 4711`],
  ['zero width', 'unicode', [...ID].join('\u200b')],
  ['joiners', 'unicode', [...ID].join('\u2060')],
  ['full width', 'unicode', [...ID].map((c) => String.fromCodePoint(c.charCodeAt(0) + 0xfee0)).join('')],
  ['Cyrillic', 'unicode', ID.replaceAll('A', 'А').replaceAll('K', 'К')],
  ['Greek', 'unicode', ID.replaceAll('A', 'Α').replaceAll('I', 'Ι')],
  [
    'mathematical letters',
    'unicode',
    ID.replaceAll(/[A-Z]/g, (c) => String.fromCodePoint(0x1d400 + c.charCodeAt(0) - 65)),
  ],
];

describe.each(WRITTEN)('a secret with %s', (_, decoding, text) => {
  it('is found wherever it is cut', async () => {
    for (const before of ['', 'some text ', 'текст и '.repeat(20)]) {
      const body = Buffer.from(`${before}${text} and more`);
      for (const [blockSize, cuts] of [
        [65_536, [1000]],
        [16, [7]],
        [100, [33]],
      ] as const) {
        const { findings } = await inspectBody(body, { blockSize, cuts });
        expect(findings, `${before} ${blockSize}`).toMatchObject([
          { detector: 'aws-access-key-id', decoding: [decoding] },
        ]);
      }
    }
  });
});

describe('numbers', () => {
  it('are read from the bound on', async () => {
    const run = (count: number) => codes.slice(3, 3 + count).join(' ');
    expect(ID).toHaveLength(20);
    expect(await detectorsIn(`(${run(20)})`)).toEqual(['aws-access-key-id']);
    expect(MIN_NUMBERS).toBeLessThanOrEqual(20);
  });

  it('over 255, in words and in hex are none', async () => {
    expect(await detectorsIn(codes.map((code) => code + 1000).join(' '))).toEqual([]);
    expect(await detectorsIn(codes.map((code) => `n${code}`).join(' '))).toEqual([]);
  });
});
