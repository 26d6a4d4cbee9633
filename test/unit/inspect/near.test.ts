/** Where literals are looked for at all: everywhere that anything can be found, as a search that passes over nothing tells. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONTAINERS } from '../../../sidecar/inspect/decode/containers.ts';
import { DETECTORS } from '../../../sidecar/inspect/detectors/index.ts';
import { BASE64, characters } from '../../../sidecar/inspect/detectors/samples.ts';
import { LOOK_AHEAD, LOOK_BEHIND } from '../../../sidecar/inspect/detectors/types.ts';
import { rotated } from '../../../sidecar/inspect/scan/dressed.ts';
import { isStrange, LEAST_ALIKE } from '../../../sidecar/inspect/scan/simd/dull.ts';
import { type Literals, NEAR_ALONE } from '../../../sidecar/inspect/scan/simd/literals.ts';
import { surveyAt } from '../../../sidecar/inspect/scan/simd/survey.ts';
import { EXACT_TABLE } from '../../../sidecar/inspect/scan/table.ts';

const { byLiteral, dressed, firstDressed, firstMagic, literals } = EXACT_TABLE;
const BYTES = String.fromCharCode(...Array(256).keys());
/** The same literals, looked for at every place. */
const EVERYWHERE: Literals = { table: Uint8Array.from(literals.table) };
EVERYWHERE.table[NEAR_ALONE] = 0;

const EXAMPLES = DETECTORS.flatMap((detector) =>
  detector.examples(1).matching.map((text) => Buffer.from(text).toString('latin1')),
);
const SCHEMES = ['ftp://', 'mongodb+srv://', 'cockroachdb://'];

/** Bytes of which no two in a row have the same highest bit. */
function dull(length: number): string {
  return '\x0f\xf1'.repeat(length).slice(0, length);
}
const xor = (text: string, key: number) =>
  Buffer.from(Buffer.from(text, 'latin1').map((byte) => byte ^ key)).toString('latin1');
const turned = (text: string) => [...text].reverse().join('');

function hits(text: string, table: Literals): { literal: number; at: number }[] {
  const found: { literal: number; at: number }[] = [];
  surveyAt(0).take(Buffer.from(text, 'latin1'), table, false, 0, text.length, (literal, at) => {
    found.push({ literal, at });
  });
  return found;
}

/** Of what is found with no place passed over, what a container or detector takes. */
function telling(text: string): { literal: number; at: number }[] {
  const bytes = Buffer.from(text, 'latin1');
  return hits(text, EVERYWHERE).filter(({ literal, at }) => {
    if (literal < firstMagic) {
      return byLiteral[literal]?.some((detector) => EXACT_TABLE.confirm(detector, text, at) !== undefined);
    }
    if (literal < firstDressed) return true;
    const { dress, literal: plain, detectors, isWord } = dressed[literal - firstDressed] as (typeof dressed)[number];
    const bare = dress.undress(bytes, at, plain, isWord);
    return detectors.some((detector) => EXACT_TABLE.confirm(detector, bare.text, bare.at) !== undefined);
  });
}

describe('the places at which literals are looked for', () => {
  it('are all at which a detector finds something, in any text', () => {
    const example = fc.constantFrom(...EXAMPLES);
    const noise = fc
      .tuple(fc.nat(999), fc.integer({ min: 0, max: 3000 }), fc.constantFrom(BYTES, '\x0f\xf1', '\0\xff', BASE64))
      .map(([seed, size, alphabet]) => characters(seed, size, alphabet));
    const piece = fc.oneof(
      noise,
      example,
      example.map(turned),
      example.map((text) => rotated(Buffer.from(text, 'latin1')).toString('latin1')),
      fc.tuple(example, fc.integer({ min: 1, max: 255 })).map(([text, key]) => xor(text, key)),
      fc
        .tuple(example, fc.integer({ min: 1, max: 40 }), fc.constantFrom('\0', '\n', '\xa0', '\xff'), fc.nat(255))
        .map(([text, size, filler, key]) => xor(text.replaceAll(new RegExp(`.{${size}}`, 'gs'), `$&${filler}`), key)),
      fc.constantFrom(...SCHEMES, ...CONTAINERS.map(({ magic }) => magic)),
    );
    let found = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(noise, piece), { minLength: 1, maxLength: 3 }), (pieces) => {
        const text = pieces.flat().join('');
        const all = telling(text);
        found += all.length;
        if (all.length > 0) expect(hits(text, literals)).toEqual(expect.arrayContaining(all));
      }),
      { numRuns: 1500, seed: 11 },
    );
    expect(found).toBeGreaterThan(1000);
  });

  const strange = DETECTORS.flatMap((detector) => detector.literals).filter(isStrange);
  const alone: [string, string][] = [
    ...SCHEMES.flatMap((scheme): [string, string][] => [
      [scheme, scheme],
      [`${scheme} XORed`, xor(scheme, 0xc3)],
      [`${scheme} reversed`, turned(scheme)],
    ]),
    ...[...strange, ...CONTAINERS.map(({ magic }) => magic)].map((text): [string, string] => [
      JSON.stringify(text),
      text,
    ]),
  ];

  it.each(alone)('are those of %s, whatever stands around', (_, text) => {
    for (let before = 0; before < 200; before++) {
      const whole = `${dull(before)}${text}${dull(4000)}`;
      const expected = hits(whole, EVERYWHERE).filter(({ at }) => at === before);
      expect(expected.length).toBeGreaterThan(0);
      expect(hits(whole, literals), String(before)).toEqual(expect.arrayContaining(expected));
    }
  });

  it('are those as far from bytes in a row as a detector looks, and hardly any others', () => {
    const rowOf = (size: number) => 'r'.repeat(size);
    const looked = (text: string) => hits(text, literals).length > 0;
    // Not judged by what stands beside it.
    const name = 'wise_api';
    for (const key of [0, 0x80]) {
      for (let before = 0; before < 130; before++) {
        const behind = xor(`${name}${dull(LOOK_AHEAD - name.length - LEAST_ALIKE)}${rowOf(LEAST_ALIKE)}`, key);
        expect(looked(`${dull(before)}${behind}${dull(5000)}`), String(before)).toBe(true);
        const ahead = xor(`${rowOf(LEAST_ALIKE)}${dull(LOOK_BEHIND - LEAST_ALIKE)}${name}`, key);
        expect(looked(`${dull(before)}${ahead}${dull(5000)}`), String(before)).toBe(true);
        const short = `\xf1${rowOf(LEAST_ALIKE - 2)}\xf1${name}\xf1${rowOf(LEAST_ALIKE - 2)}\xf1`;
        expect(looked(`${dull(300 + before)}${xor(short, key)}${dull(5000)}`), String(before)).toBe(false);
      }
    }
  });

  it('lose nothing: what has fewer ASCII characters in a row is no finding', () => {
    const body = (gap: string) =>
      Array.from({ length: 6 }, (_, seed) => `${characters(seed, LEAST_ALIKE - 2, BASE64)}${gap}`).join('');
    const texts = (gap: string): [string, string][] => [
      ['PRIVATE KEY', `${'PRIVATE'} KEY--${gap}${body(gap)}`],
      ['SNOWSQL', `SNOWSQL_PWD"${gap}\n\n${characters(7, 12, BASE64)}${gap}`],
      ['MYSQL_PWD', `MYSQL_PWD${gap}=${gap}a7${characters(7, 9, BASE64)}${gap}`],
    ];
    const isFound = ([literal, text]: [string, string]) =>
      byLiteral[[...new Set(DETECTORS.flatMap((detector) => detector.literals))].indexOf(literal)]?.some(
        (detector) => EXACT_TABLE.confirm(detector, text, 0) !== undefined,
      );
    for (const text of texts('\xa0')) expect(isFound(text), text[0]).toBe(false);
    for (const text of texts(' ')) expect(isFound(text), text[0]).toBe(true);
  });
});
