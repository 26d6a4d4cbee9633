/**
 * Escapes in large messages: what is around them is read again. Whatever is found in a text is found when parts of it are escaped.
 */
import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeOf } from '../../../sidecar/inspect/decode/together.ts';
import { AROUND } from '../../../sidecar/inspect/decode/unescape.ts';
import { BASE32, BASE62, characters, checkedToken } from '../../../sidecar/inspect/detectors/samples.ts';
import { createInspector } from '../../../sidecar/inspect/index.ts';
import { stretchesAt } from '../../../sidecar/inspect/scan/simd/stretches.ts';
import { surveyAt } from '../../../sidecar/inspect/scan/simd/survey.ts';
import { EXACT_TABLE } from '../../../sidecar/inspect/scan/table.ts';
import { ENCODINGS } from '../../fixtures/corpus/encodings.ts';
import { corpus } from '../../fixtures/corpus/secrets.ts';
import { inspectBody } from './helpers.ts';

const FILLER = 'const lorem = (ipsum) => dolor.sit(amet, 42) || { consectetur: [adipiscing, elit] };\n';
/** More than messages in which everything is read. */
const LARGE = FILLER.repeat(240);

async function detectorsIn(body: Buffer, size = 64 * 1024, inspector = createInspector()): Promise<string[]> {
  const message = inspector.session('sink.example').open({ body: 'http.body', contentEncoding: [] });
  const found: string[] = [];
  for (let at = 0; at < body.length; at += size) {
    found.push(...(await message.push(body.subarray(at, at + size))).findings.map(({ detector }) => detector));
  }
  found.push(...(await message.end()).findings.map(({ detector }) => detector));
  return [...new Set(found)].sort();
}

const hex = (code: number, digits: number) => code.toString(16).padStart(digits, '0');
const ESCAPES: readonly ((code: number) => string)[] = [
  (code) => `\\x${hex(code, 2)}`,
  (code) => `\\u${hex(code, 4)}`,
  (code) => `\\u{${hex(code, 2)}}`,
  (code) => `\\${code.toString(8).padStart(3, '0')}`,
  (code) => `%${hex(code, 2)}`,
  (code) => `%25${hex(code, 2)}`,
  (code) => `\\\\x${hex(code, 2)}`,
];

/** A generator of its own, so that a case is said by its number alone. */
function drawing(seed: number) {
  let state = (Math.imul(seed + 1, 0x9e3779b1) ^ 0x85ebca6b) >>> 0;
  const below = (count: number) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b1) >>> 0;
    return (state >>> 8) % count;
  };
  return { below, of: <T>(list: readonly T[]) => list[below(list.length)] as T };
}
type Drawing = ReturnType<typeof drawing>;

const escaped = (text: string, draw: Drawing, isChosen: (at: number) => boolean) => {
  const one = draw.below(3) === 0 ? undefined : draw.of(ESCAPES);
  return [...text].map((char, at) => (isChosen(at) ? (one ?? draw.of(ESCAPES))(char.charCodeAt(0)) : char)).join('');
};
const json = (text: string) => JSON.stringify(text).slice(1, -1);
const lines = (draw: Drawing, end: string) => (text: string) =>
  text.replaceAll(new RegExp(`.{${4 + draw.below(80)}}`, 'g'), `$&${end}`);

const WAYS: readonly ((text: string, draw: Drawing) => string)[] = [
  (text, draw) => {
    const place = draw.below(text.length);
    return escaped(text, draw, (at) => at === place);
  },
  (text, draw) => escaped(text, draw, (at) => at === 0),
  (text, draw) => escaped(text, draw, (at) => at === text.length - 1),
  (text, draw) => escaped(text, draw, () => draw.below(20) === 0),
  (text, draw) => escaped(text, draw, () => draw.below(3) === 0),
  (text, draw) => escaped(text, draw, () => true),
  (text) => json(text),
  (text) => json(text).replaceAll('/', '\\/'),
  (text) => json(json(text)),
  (text) => `\\n${text}\\n`,
  (text) => `\\"${text}\\"`,
  (text) => encodeURIComponent(text),
];

const IN_LINES: typeof WAYS = [
  (text, draw) => lines(draw, '\\n')(text),
  (text, draw) => lines(draw, '\\r\\n    ')(text),
];

const WORDS =
  'function return const value index (a === b) { foo.bar(baz); } // text import this.props => [1, 2, 3]'.split(' ');
const STRANGE = ['\\n', '\\"', '\\d+', '\\s*', '\\u0300-\\u036f', '%20', '\\x1b[0m', '\\/', '\\t', '\xe9', '\\\\'];

function filler(draw: Drawing, length: number, often: number): string {
  let text = '';
  while (text.length < length) text += `${draw.below(1000) < often ? draw.of(STRANGE) : draw.of(WORDS)} `;
  return text;
}

/**
 * Encodings of which the text is found wherever it stands, and is the same when it is escaped: others are looked for at few places, or
 * have signs of their own that an escape takes.
 */
const USABLE = ENCODINGS.filter(
  ({ name, encodeAll, binary, notDecodable }) =>
    !encodeAll &&
    binary !== true &&
    notDecodable === undefined &&
    !/split|spaced|base91|base45|85|uuencode|escapes|percent|^\\/.test(name),
);
const SECRETS = corpus(3);

interface Mixture {
  plain: Buffer;
  escaped: Buffer;
}

/** Secrets among other text, and the same with some of their characters escaped, in one way each. */
function mixture(seed: number): Mixture {
  const draw = drawing(seed);
  const often = draw.of([0, 2, 10, 60]);
  const used = new Set<string>();
  let plain = filler(draw, 17_000, often);
  let escapedText = plain;
  for (let count = 0; count < 12; count++) {
    const secret = draw.of(SECRETS);
    // Of a detector's secrets in one message the first is told.
    if (used.has(secret.detector)) continue;
    used.add(secret.detector);
    const text = draw.below(5) > 0 ? secret.text : `${filler(draw, draw.below(600), 0)}${secret.text} and more`;
    const encoding = draw.of(USABLE);
    const encoded = encoding.encode(Buffer.from(text, 'latin1'), seed + count).toString('latin1');
    const beside = draw.of([' ', '"', '\xe9', '\n', '=', 'x']);
    const behind = filler(draw, draw.of([5, 60, 1500, 3100, 7000]), often);
    const way = draw.of(encoding.name === 'base64' ? [...WAYS, ...IN_LINES] : WAYS);
    plain += `${beside}${encoded}${beside}${behind}`;
    escapedText += `${beside}${way(encoded, draw)}${beside}${behind}`;
  }
  return { plain: Buffer.from(plain, 'latin1'), escaped: Buffer.from(escapedText, 'latin1') };
}

describe('escapes in large messages', () => {
  it('hide nothing that is found without them', { timeout: 300_000 }, async () => {
    let found = 0;
    for (let seed = 0; seed < 150; seed++) {
      const { plain, escaped } = mixture(seed);
      const expected = await detectorsIn(plain);
      expect(await detectorsIn(escaped), `mixture ${seed}`).toEqual(expect.arrayContaining(expected));
      found += expected.length;
    }
    expect(found).toBeGreaterThan(1000);
  });

  it('bring about the same however the message comes', { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1_000_000), fc.integer({ min: 900, max: 40_000 }), async (seed, size) => {
        const { escaped } = mixture(seed);
        expect(await detectorsIn(escaped, size)).toEqual(await detectorsIn(escaped));
      }),
      { numRuns: 60, seed: 7 },
    );
  });
});

/** A JSON Web Token whose last part is too short without what stands behind the escape. */
function longToken(payload: number): { before: string; behind: string } {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = `${part({ alg: 'RS256' })}.${part({ sub: characters(1, payload, BASE62) })}`;
  return { before: `${head}.${characters(2, 6, BASE62)}`, behind: characters(3, 300, BASE62) };
}

describe('what is encoded is read with all of it that is near an escape', () => {
  type Encode = (text: string) => string;
  const base64: Encode = (text) => Buffer.from(text).toString('base64');
  const hexOf: Encode = (text) => Buffer.from(text).toString('hex');
  const encodings: Record<string, [payload: number, Encode]> = {
    'as it is': [1200, (text) => text],
    'base64 in one line': [1200, base64],
    'base64 in lines': [1200, (text) => base64(text).replaceAll(/.{76}/g, '$&\n')],
    'base64 in quoted lines': [1200, (text) => base64(text).replaceAll(/.{64}/g, '$&",\n    "')],
    hex: [700, hexOf],
    'a dump': [600, (text) => hexOf(text).replaceAll(/../g, '$& ')],
    numbers: [400, (text) => [...Buffer.from(text)].join(', ')],
  };

  it.each(Object.entries(encodings))('%s', async (_, [payload, encode]) => {
    const { before, behind } = longToken(payload);
    const place = encode(before).length;
    const text = encode(before + behind);
    const escapedOne = `\\x${hex(text.charCodeAt(place), 2)}`;
    for (const filled of [0, AROUND, 30_000]) {
      const start = `${LARGE}${FILLER.repeat(400).slice(0, filled)} ${text.slice(0, place)}`;
      const bodyOf = (middle: string) => Buffer.from(`${start}${middle} ${LARGE}`, 'latin1');
      expect(await detectorsIn(bodyOf(escapedOne + text.slice(place + 1))), String(filled)).toEqual(['jwt']);
      expect(await detectorsIn(bodyOf(''))).toEqual([]);
    }
  });

  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  it.each([
    ['PKCS #8', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
    ['PKCS #1', privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()],
    ['JWK', JSON.stringify(privateKey.export({ format: 'jwk' }))],
  ])('of a long key wherever it is: %s', async (_, key) => {
    for (const part of [0, 0.01, 0.25, 0.5, 0.75, 0.98]) {
      const place = Math.floor(part * key.length);
      const escapedKey = `${key.slice(0, place)}\\x${hex(key.charCodeAt(place), 2)}${key.slice(place + 1)}`;
      expect(await detectorsIn(Buffer.from(`${LARGE} ${escapedKey} ${LARGE}`)), String(place)).not.toEqual([]);
    }
  });

  it('as far as a format of the user reaches', async () => {
    const inspector = createInspector();
    const { refused } = inspector.setPatterns([{ name: 'acme', regex: 'acme:[ a-z]+;', hosts: [] }]);
    expect(refused).toEqual([]);
    const match = `acme:${'some words '.repeat(128).slice(0, 1400)};`;
    for (const place of [0, 2, 700, match.length - 1]) {
      const escapedText = `${match.slice(0, place)}\\x${hex(match.charCodeAt(place), 2)}${match.slice(place + 1)}`;
      const found = await detectorsIn(Buffer.from(`${LARGE} ${escapedText} ${LARGE}`), undefined, inspector);
      expect(found, String(place)).toEqual(['pattern/acme']);
    }
  });

  it.each([
    ['text', 'so, it; '],
    ['base64', 'aB3'],
    ['a dump', '0f '],
  ])('and no further: %s', (_, unit) => {
    const around = unit.repeat(Math.ceil((2 * AROUND) / unit.length));
    const reading = { form: false, plusOpens: false, times: 0 };
    surveyAt(0).take(Buffer.from(`${around}\\x41${around}`), EXACT_TABLE.literals, false, 0, 0, () => {});
    const stretch = stretchesAt(0).next(0, AROUND, true, reading, 12, EXACT_TABLE.literals, () => {});
    if (typeof stretch === 'number') throw new Error('there is no stretch');
    const first = stretch.marks[0]?.at ?? 0;
    expect(around.length - first).toBe(AROUND);
    // Behind the first byte of an escape there are three more, and a byte that is no longer near.
    expect(stretch.at - around.length).toBe(AROUND + 1);
    expect(stretch.bytes.length).toBe(2 * AROUND + 1 - 3);
  });
});

const TOKEN = SECRETS.find(({ detector }) => detector === 'github-token')?.text ?? '';

describe('near one escape', () => {
  it('a known secret is seen that must be there as a whole', async () => {
    const inspector = createInspector();
    const value = `x${filler(drawing(1), 1500, 0)}y`;
    inspector.setKnownSecrets([{ name: 's/k', value: Buffer.from(value), held: false }]);
    for (const place of [0, 700, value.length - 1]) {
      const text = `${value.slice(0, place)}\\x${hex(value.charCodeAt(place), 2)}${value.slice(place + 1)}`;
      const found = await detectorsIn(Buffer.from(`${LARGE}${text}\n${LARGE}`), undefined, inspector);
      expect(found, String(place)).toEqual(['known-secret']);
    }
  });

  it.each(['form', 'JSON'])('pieces are put together that are the fields of a form in a %s', async (kind) => {
    const pieces = [TOKEN.slice(0, 14), TOKEN.slice(14, 27), TOKEN.slice(27)];
    const form = encodeURIComponent(pieces.map((piece, at) => `p${at}=${piece}`).join('&'));
    for (const before of [AROUND, 2 * AROUND, 80_000]) {
      const filling = 'lorem.ipsum.'.repeat(7000).slice(0, before);
      const body =
        kind === 'form' ? `x=${filling}&q=${form}&y=${filling}` : JSON.stringify({ filling, form, behind: filling });
      expect(await detectorsIn(Buffer.from(body)), String(before)).toEqual(['github-token']);
    }
  });

  it('pieces are put together that are values of JSON in a string of JSON', async () => {
    const pieces = { a: TOKEN.slice(0, 14), b: TOKEN.slice(14, 27), c: TOKEN.slice(27) };
    const text = (before: number) => JSON.stringify({ x: 'lorem ipsum '.repeat(before), u: JSON.stringify(pieces) });
    expect(await detectorsIn(Buffer.from(JSON.stringify({ x: text(1), u: text(100) })))).toEqual(['github-token']);
  });
});

describe('stretches that are looked at together', () => {
  it('tell the place of each byte as a search through all marks does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 40 }),
        fc.nat(400),
        (steps, at) => {
          let [decoded, offset] = [0, 100];
          const marks = steps.map((step) => {
            const mark = { decoded, offset };
            decoded += step;
            offset += 3 * step;
            return mark;
          });
          const mark = marks.findLast((one) => one.decoded <= at) ?? { decoded: 0, offset: 100 };
          expect(placeOf(marks, at)).toBe(mark.offset + at - mark.decoded);
        },
      ),
    );
  });

  it('are told each by its own decoder and place', async () => {
    const filling = FILLER.repeat(90);
    const ways: [string, string][] = [
      ['backslash', '\\x'],
      ['percent', '%'],
      ['backslash', '\\u00'],
    ];
    const id = `${'AK'}IA${characters(1, 15, BASE32)}4`;
    const tokens = [checkedToken(`${'gh'}o_`, 1), checkedToken(`${'np'}m_`, 2), id];
    let body = LARGE;
    const expected: [string, number][] = [];
    for (const [index, [decoder, sign]] of ways.entries()) {
      const token = tokens[index] as string;
      expected.push([decoder, body.length]);
      body += `${token.slice(0, 3)}${sign}${hex(token.charCodeAt(3), 2)}${token.slice(4)} ${filling}`;
    }
    const { findings } = await inspectBody(body);
    const told = findings.map(({ decoding, offset }): [string, number] => [decoding.join(), offset]);
    expect(told.sort(([, one], [, other]) => one - other)).toEqual(expected);
  });
});
