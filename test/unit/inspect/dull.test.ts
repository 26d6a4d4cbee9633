import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONTAINERS } from '../../../sidecar/inspect/decode/containers.ts';
import { DETECTORS } from '../../../sidecar/inspect/detectors/index.ts';
import { BASE62, BASE64, characters, checkedToken } from '../../../sidecar/inspect/detectors/samples.ts';
import { digitsAt, type LoudShape } from '../../../sidecar/inspect/scan/simd/digits.ts';
import { isStrange, LEAST_ALIKE } from '../../../sidecar/inspect/scan/simd/dull.ts';
import { surveyAt } from '../../../sidecar/inspect/scan/simd/survey.ts';
import { EXACT_TABLE } from '../../../sidecar/inspect/scan/table.ts';
import { detectorsIn, inspectBody } from './helpers.ts';
import { isAnythingIn } from './worth.ts';

const { literals } = EXACT_TABLE;
const SHAPES: Record<'base64' | 'hex', LoudShape> = {
  base64: { digits: 4, least: 20, line: 4, piece: 16, gap: 32, most: 4096, apart: 33 },
  hex: { digits: 2, least: 32, line: 0, piece: 0, gap: 16, most: 4096, apart: 33 },
};
const BYTES = String.fromCharCode(...Array(256).keys());
const EXAMPLES = DETECTORS.flatMap((detector) =>
  detector.examples(1).matching.map((text) => ({ detector, text: Buffer.from(text).toString('latin1') })),
);

/** Whether digits of `text`, behind `skip` others, are decoded and looked at. */
function isLoud(format: 'base64' | 'hex', text: string, skip = 0): boolean {
  const digits = `${'Q5x'.slice(0, format === 'hex' ? 0 : skip)}${Buffer.from(text, 'latin1').toString(format)}`;
  surveyAt(0).take(Buffer.from(digits.replaceAll('=', '')), literals, false, 0, 0, () => {});
  return digitsAt(0).nextLoud(0, true, SHAPES[format], literals, () => {}) >= 0;
}

/** What nothing can be found in. */
function dull(length: number): string {
  return '\x0f\xf1\x0egs\xf0'.repeat(length).slice(0, length);
}

const xor = (text: string, key: number) =>
  Buffer.from(Buffer.from(text, 'latin1').map((byte) => byte ^ key)).toString('latin1');
const broke = (text: string, size: number, filler: string) =>
  text.replaceAll(new RegExp(`.{${size}}`, 'gs'), `$&${filler}`);
const turned = (text: string) => [...text].reverse().join('');

/** What has a short name, other bytes behind it, and a value in a form. */
const NAMED = `${'aws'}Secret";${`${'\xf0\x01'.repeat(63)}\n`.repeat(3)}\naZ7${characters(5, 37, BASE64)}\xff`;

const KINDS: [string, string][] = [
  ['text', 'twelve chars'],
  ['text in UTF-16', [...'six cha'].join('\0')],
  ['a token, XORed', xor(checkedToken('gh' + 'p_', 3), 0xa7)],
  ['a scheme', 'ftp://'],
  ['a scheme, XORed', xor('ftp://', 0xc3)],
  ['a scheme, reversed', turned('ftp://')],
  ['a dump', [...'0123456789abcdef'.repeat(2)].join('\xfe')],
  ...[
    ...new Set([
      ...DETECTORS.flatMap((detector) => detector.literals).filter(isStrange),
      ...CONTAINERS.map(({ magic }) => magic),
    ]),
  ].map((literal): [string, string] => [JSON.stringify(literal), literal]),
];

describe('what is decoded', () => {
  it('has no match that has fewer characters of text in a row, but for schemes and what is no text', () => {
    for (const { detector, text } of EXAMPLES) {
      const scheme = text.indexOf('://');
      for (const filler of ['\x01', '\xa0', '\xff']) {
        for (let phase = 0; phase < LEAST_ALIKE; phase++) {
          const broken = `${text.slice(0, phase)}${filler}${broke(text.slice(phase), LEAST_ALIKE - 1, filler)}`;
          for (const literal of detector.literals) {
            for (let at = broken.indexOf(literal); at >= 0; at = broken.indexOf(literal, at + 1)) {
              const match = EXACT_TABLE.confirm(detector, broken, at);
              expect(match === undefined || scheme >= 0, `${detector.name} ${broken}`).toBe(true);
              if (match !== undefined) expect(broken.slice(match.start, match.end)).toMatch(/[a-z+0-9]{3}:\/\//);
            }
          }
        }
      }
    }
  });

  it.each(KINDS)('is looked at for %s, wherever it stands', (_, piece) => {
    for (let before = 0; before < 140; before++) {
      for (let skip = 0; skip < 4; skip++) {
        for (const behind of [0, 70]) {
          const text = `${dull(before)}${piece}${dull(behind)}`;
          if (text.length < 16) continue;
          expect(isLoud('base64', text, skip), `${before} ${skip} ${behind}`).toBe(true);
          if (skip === 0) expect(isLoud('hex', text), `hex ${before} ${behind}`).toBe(true);
        }
      }
    }
  });

  it('is not looked at when nothing can be in it: most of what is random, and whatever is less than that', () => {
    let loud = 0;
    for (let seed = 0; seed < 400; seed++) if (isLoud('base64', characters(seed, 300, BYTES))) loud++;
    expect(loud).toBeLessThan(40);
    for (const piece of [
      'elevenchars',
      xor('fifteen chars a', 0xa7),
      ':// ',
      [...'0123456789abcdef'.repeat(2).slice(1)].join('\xfe'),
    ]) {
      for (let before = 20; before < 100; before++) {
        expect(isLoud('hex', `${dull(before)}\xf1\x01${piece}\x01\xf1${dull(90)}`), `${piece} ${before}`).toBe(false);
      }
    }
  });

  it('is looked at wherever anything can be found in it', () => {
    const noise = fc.string({ unit: fc.constantFrom(...BYTES), maxLength: 80 });
    const example = fc.constantFrom(...EXAMPLES.map(({ text }) => text));
    const dressed = fc.tuple(example, fc.integer({ min: 1, max: 255 })).map(([text, key]) => xor(text, key));
    const broken = fc
      .tuple(example, fc.integer({ min: 1, max: 40 }), fc.constantFrom('\0', '\x01', '\n', '\xff'))
      .map(([text, size, filler]) => broke(text, size, filler));
    const short = fc
      .tuple(fc.integer({ min: 1, max: 999 }), fc.integer({ min: 1, max: 24 }))
      .map(([seed, size]) => characters(seed, size, BASE64));
    const piece = fc.oneof(
      noise,
      example,
      dressed,
      broken,
      short,
      example.map(turned),
      fc.constantFrom(...KINDS.map(([, kind]) => kind)),
    );
    const texts = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join('').slice(0, 2900));
    let found = 0;
    fc.assert(
      fc.property(texts, fc.integer({ min: 0, max: 3 }), (text, skip) => {
        if (text.length < 16 || !isAnythingIn(Buffer.from(text, 'latin1'))) return;
        found++;
        expect(isLoud('hex', text)).toBe(true);
        expect(isLoud('base64', text, skip)).toBe(true);
      }),
      { numRuns: 3000, seed: 7 },
    );
    expect(found).toBeGreaterThan(500);
  });

  it('is found in a long run at every alignment, wherever its windows end, and told with its place', async () => {
    const secret = `${'gh'}p_${characters(5, 36, BASE62)}`;
    const noise = Buffer.from(characters(9, 60_000, BYTES), 'latin1');
    for (let skip = 0; skip < 4; skip++) {
      for (const cuts of [[4096], [16_384], [65_536], [1000, 30_000]]) {
        for (const before of [3000, 12_270, 24_550, 49_130, 49_150]) {
          const bytes = Buffer.concat([noise.subarray(0, before), Buffer.from(` ${secret} `), noise.subarray(before)]);
          const body = `"${'Q5x'.slice(0, skip)}${bytes.toString('base64')}"`;
          const { findings } = await inspectBody(body, { cuts });
          const digit = 1 + skip + (4 * (before + 1)) / 3;
          const offsets = findings.filter(({ detector }) => detector === 'github-token').map(({ offset }) => offset);
          expect(offsets.some((offset) => offset <= digit && offset > digit - 90)).toBe(true);
        }
      }
    }
  });

  it('is looked at wherever anything can be found in a long text, a name far before its value too', async () => {
    const gap = fc.integer({ min: 0, max: 3000 }).map(dull);
    const piece = fc.constantFrom(NAMED, ...EXAMPLES.map(({ text }) => text), ...KINDS.map(([, kind]) => kind));
    const texts = fc.array(fc.tuple(gap, piece), { minLength: 1, maxLength: 3 });
    let found = 0;
    fc.assert(
      fc.property(texts, fc.constantFrom(0, 4000), (all, behind) => {
        const bytes = Buffer.from(`${all.flat().join('')}${dull(behind)}`, 'latin1');
        if (!isAnythingIn(bytes)) return;
        found++;
        expect(digitsAt(0).isLoud(bytes, literals)).toBe(true);
      }),
      { numRuns: 500, seed: 3 },
    );
    expect(found).toBeGreaterThan(300);
    // Where two parts of a long run meet.
    for (let before = 2200; before < 3200; before += 45) {
      const bytes = Buffer.from(`${dull(before)}${NAMED}${dull(9000)}`, 'latin1');
      expect(await detectorsIn(bytes.toString('base64'), { cuts: [5000] }), String(before)).toContain(
        'aws-secret-access-key',
      );
    }
  });

  it('is told by alignment', () => {
    for (let skip = 0; skip < 4; skip++) {
      const digits = Buffer.from(
        `${'Q5x'.slice(0, skip)}${Buffer.from(`${dull(90)}twelve chars${dull(90)}`, 'latin1').toString('base64')}`,
      );
      digitsAt(0).set(digits);
      expect(digitsAt(0).loudAlignments(digits.length, SHAPES.base64, literals)).toBe(1 << skip);
    }
  });

  it('stays as it is when it is judged', () => {
    const digits = digitsAt(0);
    let loud = 0;
    for (const [, piece] of KINDS) {
      for (let before = 0; before < 200; before += 7) {
        const bytes = Buffer.from(`${dull(before)}${piece}${dull(9000)}`, 'latin1');
        digits.set(Buffer.from(bytes.toString('base64').replaceAll('=', '')));
        const count = Math.ceil((4 * bytes.length) / 3);
        const made = digits.decodeLoud(Buffer.alloc(0), 0, count, SHAPES.base64, true, literals);
        if (made.isLoud) loud++;
        expect(digits.copyLoud(0, made.length).equals(bytes), `${JSON.stringify(piece)} ${before}`).toBe(true);
      }
    }
    expect(loud).toBeGreaterThan(100);
  });
});
