/** Forms that nobody declared and that have no per cent sign: a plus in them is a blank. */
import { describe, expect, it } from 'vitest';
import { MAX_FIELD_NAME } from '../../../sidecar/inspect/decode/form.ts';
import { AROUND } from '../../../sidecar/inspect/decode/unescape.ts';
import { BASE62, characters } from '../../../sidecar/inspect/detectors/samples.ts';
import { createInspector } from '../../../sidecar/inspect/index.ts';
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

it('formats with blanks are found too', async () => {
  const inspector = createInspector();
  const password = `7${characters(5, 19, BASE62)}`;
  const body = Buffer.from(`file=machine+git.acme.dev+login+ci+password+${password}&name=x`);
  const { findings } = await inBody(inspector, body);
  expect(findings).toMatchObject([{ detector: 'netrc', decoding: ['form'] }]);
});
