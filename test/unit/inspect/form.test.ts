/** Forms that nobody declared and that have no per cent sign: a plus in them is a blank. */
import { describe, expect, it } from 'vitest';
import { MAX_FIELD_NAME } from '../../../sidecar/inspect/decode/form.ts';
import { AROUND } from '../../../sidecar/inspect/decode/unescape.ts';
import { BASE62, characters } from '../../../sidecar/inspect/detectors/samples.ts';
import { createInspector } from '../../../sidecar/inspect/index.ts';
import { surveyAt } from '../../../sidecar/inspect/scan/simd/survey.ts';
import { EXACT_TABLE } from '../../../sidecar/inspect/scan/table.ts';
import { inBody, inspectorOf, known, secret } from './known/support.ts';

const PHRASE = 'seven grey herons over cold water';
const PLUS = PHRASE.replaceAll(' ', '+');
const FILLER = 'const lorem = (ipsum) => dolor.sit(amet, 42) || { a: b + c && d === e };\n'.repeat(300);
const phrase = inspectorOf(secret('app/phrase', PHRASE));
const isFound = async (text: string, size = text.length): Promise<boolean> =>
  known((await inBody(phrase, Buffer.from(text), [size])).findings).length > 0;

describe('what has blanks', () => {
  const FORMS: readonly string[] = [
    `a=${PLUS}`,
    `a=${PLUS}&b=2`,
    `a=1&b=${PLUS}`,
    `a=1&b=2&c=${PLUS}&d`,
    `user[name]=ada&user[phrase]=${PLUS}`,
    `a=b+c&d=${PLUS}`,
  ];
  it.each(FORMS)('is found in %s, alone and in other texts', async (form) => {
    const inTexts = [
      form,
      ...(form.includes('&')
        ? [`see "${form}" there`, JSON.stringify({ q: form }), `<p>${form}</p>`, `https://a.dev/?${form}`]
        : []),
    ];
    for (const text of inTexts) expect(await isFound(text), text).toBe(true);
    for (const text of inTexts.slice(1)) expect(await isFound(`${FILLER}${text}\n${FILLER}`), text).toBe(true);
    expect(await isFound(JSON.stringify({ d: Buffer.from(`x;${form}&y=1`).toString('base64') }))).toBe(true);
  });

  it('is found in any chunks and behind long fields', async () => {
    for (const long of ['x'.repeat(AROUND - 20), 'x'.repeat(AROUND + 20), 'x'.repeat(70_000)]) {
      for (const text of [`a=1&b=${long}&c=${PLUS}`, `a=1&b=${long}${PLUS}`, `${FILLER}?a=1&b=${long}${PLUS}\n`]) {
        for (const size of [text.length, 977, 16_384])
          expect(await isFound(text, size), `${text.length} ${size}`).toBe(true);
      }
    }
    const short = `"a=1&b=${PLUS}"`;
    for (let size = 1; size < short.length; size++) expect(await isFound(short, size), `${size}`).toBe(true);
  });

  it('is found behind a name as long as they are read', async () => {
    expect(await isFound(`${'n'.repeat(MAX_FIELD_NAME + 1)}=${PLUS}`)).toBe(false);
    expect(await isFound(`${'n'.repeat(MAX_FIELD_NAME)}=${PLUS}`)).toBe(true);
  });

  it('is not found where no form is', async () => {
    for (const text of [PLUS, `x ${PLUS} y`, `see a=${PLUS} there`, `if (a && ${PLUS})`]) {
      expect(await isFound(text), text).toBe(false);
    }
  });
});

it('fields are found by the search where reading everything finds them', () => {
  const ALPHABET = Buffer.from('abz09_.-&&&===+++ "<\\;/é\0');
  for (let seed = 0; seed < 4000; seed++) {
    const drawn = Buffer.from(
      characters(seed, 20 + (seed % 300), String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i))),
      'latin1',
    );
    const bytes = Buffer.from(drawn.map((byte) => ALPHABET[byte % ALPHABET.length] as number));
    const from = seed % 17;
    const survey = surveyAt(0);
    survey.take(bytes, EXACT_TABLE.literals, false, 0, bytes.length, () => {});
    let expected = -1;
    const isText = (at: number): boolean => {
      const byte = bytes[at] as number;
      return byte < 0x7f && (byte >= 0x20 || (byte >= 9 && byte <= 13));
    };
    for (let at = from; at < bytes.length && expected < 0; at++) {
      const field = /^&[\w.[\]%*~:-]{1,64}=/.test(bytes.toString('latin1', at, at + MAX_FIELD_NAME + 2));
      if (!field) continue;
      let [begin, end, first, last] = [at, at, at, at];
      while (begin > 0 && isText(begin - 1)) begin--;
      while (end < bytes.length && isText(end)) end++;
      const inForm = (place: number): boolean => /[!#-;=?-[\]_a-z~]/.test(String.fromCharCode(bytes[place] as number));
      while (first > 0 && inForm(first - 1)) first--;
      while (last < bytes.length && inForm(last)) last++;
      // At the end of a text more may come.
      if ((end - begin >= 12 || end === bytes.length) && bytes.subarray(first, last).includes('+')) expected = at;
    }
    const found = survey.nextField(from, MAX_FIELD_NAME, AROUND, true);
    expect(found < 0 ? -1 : found, JSON.stringify(bytes.toString('latin1'))).toBe(expected);
  }
});

it('formats with blanks are found too', async () => {
  const inspector = createInspector();
  const password = `7${characters(5, 19, BASE62)}`;
  const body = Buffer.from(`file=machine+git.acme.dev+login+ci+password+${password}&name=x`);
  const { findings } = await inBody(inspector, body);
  expect(findings).toMatchObject([{ detector: 'netrc', decoding: ['form'] }]);
});
