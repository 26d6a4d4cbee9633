/**
 * The maps that are left out where only a few characters stand among other bytes: nobody who asks sees a difference. What is asked
 * of a text is compared with what is said when all of them are written.
 */
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BASE62, checkedToken, characters as drawn } from '../../../sidecar/inspect/detectors/samples.ts';
import { digitsAt } from '../../../sidecar/inspect/scan/simd/digits.ts';
import { type Reading, stretchesAt } from '../../../sidecar/inspect/scan/simd/stretches.ts';
import { type DigitKind, surveyAt } from '../../../sidecar/inspect/scan/simd/survey.ts';
import { EXACT_TABLE } from '../../../sidecar/inspect/scan/table.ts';
import { inspectBody } from './helpers.ts';

const READINGS: readonly Reading[] = [
  { form: false, plusOpens: false, times: 0 },
  { form: true, plusOpens: true, times: 0 },
  { form: true, plusOpens: false, times: 0 },
  { form: false, plusOpens: false, times: 0, folds: true },
];
const KINDS: readonly DigitKind[] = ['nextDense', 'nextSingleCase', 'nextPieces', 'nextCapitals'];
const BASE64 = { least: 20, line: 4, piece: 16, gap: 16, digits: 4, most: 2048, apart: 128 } as const;
/** As an escape in less text is no escape. */
const LEAST_STRETCH = 12;

/** All that is asked of a text; `always`: escapes also where the survey says that there are none. */
function answers(text: Buffer, final: boolean, always: boolean) {
  const survey = surveyAt(0);
  const stretches = stretchesAt(0);
  const ignored = () => {};
  return {
    stretches: READINGS.map((reading) =>
      always || stretches.mayBegin(reading)
        ? stretches.next(0, 3072, final, reading, LEAST_STRETCH, EXACT_TABLE.literals, ignored, undefined, true)
        : text.length,
    ),
    digits: KINDS.map((kind) => {
      const { at, codec } = survey.nextDigits(kind, 0, final, true);
      return at < 0 ? at : { at, codec };
    }),
    run: digitsAt(0).nextLoud(0, final, BASE64, EXACT_TABLE.literals, ignored),
  };
}

function compare(text: Buffer, final: boolean): boolean {
  const survey = surveyAt(0);
  survey.take(text, EXACT_TABLE.literals, false, 0, text.length, () => {});
  const before = answers(text, final, false);
  // Values of JSON may be in any text: whoever joins them has all maps written.
  const joined = survey.join(0, false, final);
  expect(answers(text, final, true)).toEqual(before);
  expect(joined.at).toBeLessThanOrEqual(text.length);
  return typeof before.stretches[0] !== 'number' || before.run >= 0;
}

const characters = (alphabet: string, most: number) =>
  fc
    .array(fc.constantFrom(...alphabet), { minLength: 1, maxLength: most })
    .map((chars) => Buffer.from(chars.join(''), 'latin1'));
const noise = fc.uint8Array({ minLength: 1, maxLength: 90 }).map((bytes) => Buffer.from(bytes));
const breaks = characters('\0\x01\x7f\x80\xff', 70);
/** As long as each other, and apart. */
const pieces = fc
  .tuple(fc.integer({ min: 8, max: 11 }), fc.nat(999), fc.constantFrom('\xff', '\0', '\x80\x81'))
  .map(([size, seed, gap]) =>
    Buffer.from(drawn(seed, 3 * size, BASE62).replaceAll(new RegExp(`.{${size}}`, 'g'), `$&${gap}`), 'latin1'),
  );
const piece = fc.oneof(
  pieces,
  noise,
  breaks,
  characters('\x80', 3),
  characters('abcXYZ019+/', 40),
  characters('AB01\n', 40),
  characters('ab%41\\x+n&=', 40),
  characters('aZ"{:,}\\n ', 30),
  fc.constantFrom('%41%42', '\\u0041', '\\n', '"a":"b",', '=\r\n', '=3D').map((text) => Buffer.from(text)),
);

describe('the maps of a text', () => {
  it('are there for all who ask, wherever characters stand among other bytes', () => {
    let found = 0;
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 24 }), fc.boolean(), (pieces, final) => {
        if (compare(Buffer.concat(pieces), final)) found++;
      }),
      { numRuns: 6000, seed: 5 },
    );
    expect(found).toBeGreaterThan(300);
  });

  it('are there for characters that begin and end at any place of a block', () => {
    const texts = ['\\u0041BCDEFG', 'abcdefghi%41', 'ABCDEFG\\x4aK'];
    for (const text of texts) {
      for (let before = 0; before <= 130; before++) {
        for (const behind of [0, 1, 63, 64, 70]) {
          const bytes = Buffer.from(`${'\xff'.repeat(before)}${text}${'\x80'.repeat(behind)}`, 'latin1');
          surveyAt(0).take(bytes, EXACT_TABLE.literals, false, 0, bytes.length, () => {});
          expect(stretchesAt(0).mayBegin(READINGS[0] as Reading), `${text} behind ${before}`).toBe(true);
          compare(bytes, true);
        }
      }
    }
  });

  it('say nothing of escapes among random bytes', () => {
    let left = 0;
    for (let text = 0; text < 100; text++) {
      // No text follows that they might be of.
      surveyAt(0).take(
        Buffer.concat([randomBytes(64 * 1024), Buffer.alloc(1)]),
        EXACT_TABLE.literals,
        false,
        0,
        1,
        () => {},
      );
      if (!stretchesAt(0).mayBegin(READINGS[0] as Reading)) left++;
    }
    expect(left).toBeGreaterThan(25);
  });

  const token = checkedToken('gh' + 'p_', 17);
  const encoded = Buffer.from(token).toString('base64');
  it.each([
    ['values of JSON', `{${[...token].map((char) => `"\xff":"${char}",\x01`).join('')}}`],
    ['pieces of base64', encoded.replaceAll(/.{16}/g, '$&\xff')],
    [
      'base64 that ends in a short line',
      encoded.replace(/.{8}$/, (end) => `\xff${end.slice(0, 4)}\n${end.slice(4)}\xff`),
    ],
    ['text with an escape', `\xff${token.replace('_', '%5f')}\xff`],
    ['quoted-printable', `\xff${token.slice(0, 9)}=\n${token.slice(9)}\xff`],
  ])('let a token be found in %s among other bytes', async (_, dressed) => {
    const { findings } = await inspectBody(Buffer.from(`${dressed}\x80\x80`, 'latin1'));
    expect(findings.map(({ detector }) => detector)).toContain('github-token');
  });

  it.each([13, 25, 40, 61, 76])(
    'let an archive be read in soft lines of %i bytes, of which hardly any is text',
    async (size) => {
      const archive = gzipSync(
        Buffer.from(`${drawn(3, 1500, BASE62)} token=${token} ${drawn(4, 500, BASE62)}`),
      ).toString('latin1');
      const body = Buffer.from(archive.replaceAll(new RegExp(`.{${size}}`, 'gs'), '$&=\n'), 'latin1');
      const { findings } = await inspectBody(
        Buffer.concat([Buffer.alloc(300, 0x80), Buffer.from('\n'), body, Buffer.alloc(300, 0x80)]),
      );
      expect(findings.map(({ detector }) => detector)).toContain('github-token');
    },
  );
});
