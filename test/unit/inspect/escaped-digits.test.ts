/** Compressed data in long base64 of which a few characters are escaped: all of it is read, wherever the escapes stand. */
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MIN_UNESCAPED } from '../../../sidecar/inspect/decode/alphabet-run.ts';
import { escapedDigit, MAX_DIGIT_ESCAPE } from '../../../sidecar/inspect/decode/escaped-digit.ts';
import { AROUND } from '../../../sidecar/inspect/decode/unescape.ts';
import { BASE62, characters, checkedToken } from '../../../sidecar/inspect/detectors/samples.ts';
import { createInspector } from '../../../sidecar/inspect/index.ts';
import { BASE64 } from '../../../sidecar/inspect/scan/classes.ts';
import { surveyAt } from '../../../sidecar/inspect/scan/simd/survey.ts';
import { EXACT_TABLE } from '../../../sidecar/inspect/scan/table.ts';

const hex = (character: string, digits: number): string => character.charCodeAt(0).toString(16).padStart(digits, '0');
/** A character in other words. */
const ESCAPES: Readonly<Record<string, (character: string) => string>> = {
  'in JSON': (character) => `\\u${hex(character, 4)}`,
  'in JSON in JSON': (character) => `\\\\u${hex(character, 4)}`,
  'in ES': (character) => `\\u{${hex(character, 2)}}`,
  'as \\x': (character) => `\\x${hex(character, 2)}`,
  octal: (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`,
  'in a URL': (character) => `%${hex(character, 2).toUpperCase()}`,
  'in a URL twice': (character) => `%25${hex(character, 2)}`,
};
const REFERENCES: Readonly<Record<string, (character: string) => string>> = {
  'in HTML': (character) => `&#x${hex(character, 2)};`,
  'in HTML, decimal': (character) => `&#${character.charCodeAt(0)};`,
  'in HTML in XML': (character) => `&amp;#x${hex(character, 2)};`,
};
/** What only breaks a line. */
const BLANKS = ['\\n', '\\r\\n', '%0A', '%0d%0a', '\\u000a', '\\\\n'];

const COMPRESSIONS = { gzip: gzipSync, zlib: deflateSync, zstd: zstdCompressSync };
const FILLER = 'const lorem = (ipsum) => dolor.sit(amet, 42) || { consectetur: [adipiscing, elit] };\n'.repeat(240);
const token = checkedToken('ghp_', 3);

/** Text that compresses to three quarters, with a token far inside. */
function packed(compress: (text: Buffer) => Buffer, seed: number): string {
  const text = (length: number, from: number): string => characters(from, length, `${BASE62}+/`);
  return compress(Buffer.from(`${text(14_000, seed)}\n${token}\n${text(6000, seed + 1)}`)).toString('base64');
}

async function isFound(body: string, size = 64 * 1024): Promise<boolean> {
  const message = createInspector().session('sink.example').open({ body: 'http.body', contentEncoding: [] });
  const bytes = Buffer.from(body);
  const found: string[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    found.push(...(await message.push(bytes.subarray(at, at + size))).findings.map(({ detector }) => detector));
  }
  found.push(...(await message.end()).findings.map(({ detector }) => detector));
  return found.includes('github-token');
}

/** Escapes the characters at some places. */
const escapedAt = (text: string, places: readonly number[], write: (character: string) => string): string =>
  [...text].map((character, at) => (places.includes(at) ? write(character) : character)).join('');

describe.each(Object.entries(COMPRESSIONS))('%s', (_, compress) => {
  it.each(Object.entries(ESCAPES))('is read on behind an escape %s', async (_, write) => {
    for (const [seed, places] of [
      [2500],
      [MIN_UNESCAPED],
      [AROUND + 10],
      [3500, 12_000],
      [9000, 9001, 9500],
      [0],
      [1],
      [0, 8000],
      [1500, 1501, 14_000],
    ].entries()) {
      const text = escapedAt(packed(compress, seed), places, write);
      for (const body of [`${FILLER}{"d":"${text}"}`, `{"d":"${text}"}`]) {
        expect(await isFound(body), `${places}`).toBe(true);
      }
    }
  });

  it.each(Object.entries(REFERENCES))('is read on behind a reference %s', async (_, write) => {
    for (const [seed, places] of [[100], [2500], [3500, 12_000], [9000, 9001, 9500]].entries()) {
      const text = escapedAt(packed(compress, seed), places, write);
      expect(await isFound(`${FILLER}<p>${text}</p>`), `${places}`).toBe(true);
    }
  });

  it.each(BLANKS)('is read on behind a line end %j', async (blank) => {
    for (const [seed, every] of [76, 2000, 3500, 7000].entries()) {
      const text = packed(compress, seed).replaceAll(new RegExp(`.{${every}}`, 'g'), `$&${blank}`);
      expect(await isFound(`${FILLER}{"d":"${text}"}`), `${every}`).toBe(true);
    }
  });

  it('is read on where some slashes or all are escaped, and in any chunks', async () => {
    const text = packed(compress, 40);
    expect(await isFound(`${FILLER}{"d":"${text.replaceAll('/', '\\/')}"}`)).toBe(true);
    const place = text.indexOf('/', 5000);
    const some = `${FILLER}{"d":"${text.slice(0, place)}\\u002f${text.slice(place + 1)}"}`;
    for (const size of [977, 4096, 16_384]) expect(await isFound(some, size), `${size}`).toBe(true);
    // The escape cut at each of its bytes.
    for (let cut = -1; cut < 8; cut++)
      expect(await isFound(some, FILLER.length + 6 + place + cut), `${cut}`).toBe(true);
  });
});

it('pieces between which something stands that looks like no escape are read as before', async () => {
  const text = packed(gzipSync, 50);
  for (const between of ['%', '&', '; ', '" . "', '&&', '%%']) {
    const pieces = text.replaceAll(/.{3000}/g, (piece) => `${piece}${between}`);
    expect(await isFound(`${FILLER}{"d":"${pieces}"}`), between).toBe(true);
  }
});

const digitAt = (text: string, at: number) => {
  const bytes = Buffer.from(text);
  const survey = surveyAt(0);
  survey.take(bytes, EXACT_TABLE.literals, false, 0, 0, () => {});
  return escapedDigit(bytes, at, BASE64, survey);
};

it.each([
  [`%${'25'.repeat(20)}2B`, 43, '+'],
  [`${'\\'.repeat(30)}u002b`, 35, '+'],
  [`&${'amp;'.repeat(8)}#x2b;`, 38, '+'],
  ['\\/', 2, '/'],
  ['\\u002b', 6, '+'],
  ['\\U0000002B', 10, '+'],
  ['\\\\\\\\u002f', 9, '/'],
  ['\\n', 2, undefined],
  ['\\x41', 4, 'A'],
  ['\\101', 4, 'A'],
  ['%2B', 3, '+'],
  ['%25252f', 7, '/'],
  ['%0a', 3, undefined],
  ['%20', 3, undefined],
  ['&#x2F;', 6, '/'],
  ['&#47;', 5, '/'],
  ['&sol;', 5, '/'],
  ['&amp;plus;', 10, '+'],
  ['&NewLine;', 9, undefined],
])('%s is an escape of %i bytes', (text, length, digit) => {
  expect(digitAt(`..${text}AB`, 2)).toEqual({ length, digit: digit?.charCodeAt(0) });
  expect(length).toBeLessThanOrEqual(MAX_DIGIT_ESCAPE);
});

it.each(['%BB', '%', '\\', '\\"', '&lt;', '&n', '&', '%zz', '\\u0100', '/', '+', '%22'])('%s is none', (text) => {
  expect(digitAt(text, 0)).toBeUndefined();
});

it('ends at whatever byte the base64 ends at, as far from the escape as it goes on', async () => {
  const digits = characters(11, 3 * AROUND, `${BASE62}+/`);
  for (let byte = 0; byte < 256; byte++) {
    for (const far of [AROUND - 1, AROUND, AROUND + 1, AROUND + 4096, 2 * AROUND + 77]) {
      const body = Buffer.concat([
        Buffer.from(`"\\u002b${digits.slice(0, far)}`),
        Buffer.from([byte]),
        Buffer.from(digits),
      ]);
      for (const size of [body.length, AROUND]) {
        const message = createInspector().session('h').open({ body: 'http.body', contentEncoding: [] });
        let released = 0;
        for (let at = 0; at < body.length; at += size) {
          const { release, tooComplex } = await message.push(body.subarray(at, at + size));
          expect(tooComplex).toBeUndefined();
          for (const piece of release) released += piece.length;
        }
        for (const piece of (await message.end()).release) released += piece.length;
        expect(released, `${byte} at ${far}`).toBe(body.length);
      }
    }
  }
});
