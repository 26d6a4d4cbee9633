import { describe, expect, it } from 'vitest';
import { TooComplex, WORK_FLOOR, WORK_PER_BYTE, WorkBudget } from '../../../sidecar/inspect/budget.ts';
import { MAX_LINE_GAP } from '../../../sidecar/inspect/decode/alphabet-run.ts';
import { BASE32_FORMAT } from '../../../sidecar/inspect/decode/base32.ts';
import { BASE64_FORMAT, MIN_BASE64_LINE, MIN_BASE64_PIECE } from '../../../sidecar/inspect/decode/base64.ts';
import { MAX_UNDECODED_TEXT } from '../../../sidecar/inspect/decode/depth-guard.ts';
import { HEX_FORMAT, MAX_HEX_GAP } from '../../../sidecar/inspect/decode/hex.ts';
import { AROUND, MAX_ESCAPED } from '../../../sidecar/inspect/decode/unescape.ts';
import { MIN_UTF16_RUN } from '../../../sidecar/inspect/decode/utf16.ts';
import { DETECTORS } from '../../../sidecar/inspect/detectors/index.ts';
import { BASE32, BASE64, characters, checkedToken } from '../../../sidecar/inspect/detectors/samples.ts';
import { MAX_DEPTH } from '../../../sidecar/inspect/scan/layer.ts';
import { surveyAt } from '../../../sidecar/inspect/scan/simd/survey.ts';
import { detectorsIn, ENCODE, inspectBody, inspectField } from './helpers.ts';

const ID = `${'AK'}IA${characters(21, 15, BASE32)}4`;
const TOKEN = checkedToken('np' + 'm_', 21);
const encode = (name: string, bytes: Buffer | string) =>
  (ENCODE[name] as (bytes: Buffer) => Buffer)(Buffer.from(bytes));

function decodeDigits(format: { digits: number }, digits: Buffer): Buffer {
  surveyAt(0).setDigits(digits);
  return surveyAt(0).decodeDigits(0, digits.length, format.digits, true);
}

describe.each(DETECTORS.map((detector) => [detector.name, detector] as const))('%s', (name, detector) => {
  it.each(Object.keys(ENCODE))('is seen through %s', async (encoding) => {
    for (const text of detector.examples(9).matching) {
      const found = await detectorsIn(encode(encoding, text));
      expect(found, text).toContain(name);
      expect(await detectorsIn(`data=${encode(encoding, `some text before it: ${text}`)}`), text).toContain(name);
    }
  });

  it('is seen through every pair of encodings', async () => {
    const [text] = detector.examples(10).matching;
    for (const outer of Object.keys(ENCODE)) {
      for (const inner of Object.keys(ENCODE)) {
        expect(await detectorsIn(encode(outer, encode(inner, text as string))), `${outer}(${inner})`).toContain(name);
      }
    }
  });
});

describe('base64', () => {
  it('is seen at any alignment, with any characters of the alphabet around it', async () => {
    for (let before = 0; before < 8; before++) {
      for (let shift = 0; shift < 3; shift++) {
        const run = `${'/path-to_x'.slice(0, before)}${encode('base64', `${'abc'.slice(0, shift)}${ID}`)}`;
        expect(await detectorsIn(`GET ${run} more`), run).toEqual(['aws-access-key-id']);
      }
    }
  });

  it.each(['\n', '\r\n', '\n    ', '\\n', '\\r\\n', ' '])('is seen wrapped by %j', async (end) => {
    for (const width of [20, 60, 64, 76]) {
      const lines = encode('base64', `${characters(1, 100, BASE64)} ${ID} ${characters(2, 100, BASE64)}`)
        .toString()
        .replace(new RegExp(`.{${width}}`, 'g'), `$&${end}`);
      expect(await detectorsIn(`"${lines}"`), String(width)).toContain('aws-access-key-id');
    }
  });

  it('goes on over a gap at the bound, not over one more', async () => {
    const text = encode('base64', `${'x'.repeat(15)}${ID}`).toString();
    const at = (cut: number, gap: string) => `${text.slice(0, cut)}${gap}${text.slice(cut)}`;
    expect(await detectorsIn(at(28, ' '.repeat(MAX_LINE_GAP)))).toEqual(['aws-access-key-id']);
    expect(await detectorsIn(at(28, ' '.repeat(MAX_LINE_GAP + 1)))).toEqual([]);
  });

  it('is seen in lines of MIN_BASE64_LINE and more, in pieces of MIN_BASE64_PIECE and more whatever is between', async () => {
    const text = encode('base64', `xyz ${ID} and ${ID}`).toString();
    const cut = (width: number, gap: string) => text.replace(new RegExp(`.{${width}}`, 'g'), `$&${gap}`);
    for (let width = MIN_BASE64_LINE; width < 40; width++) {
      for (const gap of ['\n', '\r\n', '\r', '\n   ', '",\n"', '\\\n', '\\n', '\\r\\n', '%0A', '%0D%0A']) {
        expect(await detectorsIn(`a: "${cut(width, gap)}"`), `${width} ${gap}`).toContain('aws-access-key-id');
      }
      if (width < MIN_BASE64_PIECE) continue;
      for (const gap of [',', '.', ':', '=', '\x00', '; (', '}']) {
        expect(await detectorsIn(`a: ${cut(Math.max(width, 20), gap)}`), `${width} ${gap}`).toContain(
          'aws-access-key-id',
        );
      }
    }
    expect(await detectorsIn(cut(MIN_BASE64_LINE - 1, '\n'))).toEqual([]);
  });

  it('decodes as Node does', () => {
    for (let length = 0; length < 80; length++) {
      const digits = encode('base64url', characters(length, length, BASE64));
      expect(decodeDigits(BASE64_FORMAT, digits)).toEqual(Buffer.from(digits.toString(), 'base64url'));
    }
  });
});

describe('hex', () => {
  const bytes = [...Buffer.from(`text ${ID}`)];
  const two = (byte: number) => byte.toString(16).padStart(2, '0');

  it.each([
    ['upper case', bytes.map(two).join('').toUpperCase()],
    ['colons', bytes.map(two).join(':')],
    ['spaces', bytes.map(two).join(' ')],
    ['\\x', bytes.map((byte) => `\\x${two(byte)}`).join('')],
    ['0x list', bytes.map((byte) => `0x${two(byte)}`).join(', ')],
    ['quoted list', bytes.map((byte) => `"0x${two(byte)}"`).join(', ')],
    ['quoted-printable', bytes.map((byte) => `=${two(byte)}`).join('')],
    ['character references', bytes.map((byte) => `&#x${two(byte)};`).join('')],
    ['lines of 60', (bytes.map(two).join('') + '00'.repeat(50)).replace(/.{60}/g, '$&\n')],
    ['odd lines', bytes.map(two).join('').replace(/.{33}/g, '$&\n')],
    ['after an odd digit', `a${bytes.map(two).join('')}`],
    ['after a zero', `x=0${bytes.map(two).join('')}`],
  ])('is seen with %s', async (_, text) => {
    expect(await detectorsIn(`begin(${text})end`)).toEqual(['aws-access-key-id']);
  });

  it('is seen with any byte that is no letter or digit between, alone or with blanks', async () => {
    for (let code = 0; code < 256; code++) {
      const gap = String.fromCharCode(code);
      if (/[A-Za-z0-9]/.test(gap)) continue;
      for (const text of [bytes.map(two).join(gap), bytes.map(two).join(`${gap}\r\n       `)]) {
        expect(await detectorsIn(Buffer.from(`of ${text} `, 'latin1')), String(code)).toContain('aws-access-key-id');
      }
    }
  });

  it('is seen over a gap at the bound, and not over one more', async () => {
    const spaced = (gap: number) => bytes.map(two).join(' '.repeat(gap));
    expect(await detectorsIn(spaced(MAX_HEX_GAP))).toEqual(['aws-access-key-id']);
    expect(await detectorsIn(spaced(MAX_HEX_GAP + 1))).toEqual([]);
  });

  it('decodes pairs and drops a lone digit', () => {
    const digits = 'aF09c'.padStart(41, '0123456789abcdefABCDEF');
    expect(decodeDigits(HEX_FORMAT, Buffer.from(digits))).toEqual(Buffer.from(digits.slice(0, 40), 'hex'));
  });
});

describe('percent', () => {
  it('is seen with a single escape anywhere in a secret', async () => {
    for (let at = 0; at < ID.length; at++) {
      const text = `${ID.slice(0, at)}%${ID.charCodeAt(at).toString(16)}${ID.slice(at + 1)}`;
      const { findings } = await inspectBody(`see https://x.example/?q=${text}&r=1`);
      expect(findings, text).toMatchObject([{ detector: 'aws-access-key-id', decoding: ['percent'] }]);
    }
  });

  it('is seen with an escape anywhere in any secret, whatever escapes come before and however far away', async () => {
    for (const { name, examples } of DETECTORS) {
      for (const text of examples(3).matching) {
        const escaped = (at: number) =>
          `${text.slice(0, at)}%${text.charCodeAt(at).toString(16).padStart(2, '0')}${text.slice(at + 1)}`;
        const bodies = [
          ...[1, 4, text.length >> 1, text.length - 1].map(escaped),
          ...[`%41${'B'.repeat(1000)} `, `%41${'B'.repeat(2044)}\n`, `%41${'b '.repeat(AROUND / 2)}`].map(
            (before) => `${before}${escaped(text.length >> 1)}`,
          ),
        ];
        for (const body of bodies) expect(await detectorsIn(`${body} `), `${body.length} ${body}`).toContain(name);
      }
    }
  }, 120_000);

  it('is seen at every distance from another escape', async () => {
    const secret = `${ID.slice(0, 4)}%${ID.charCodeAt(4).toString(16)}${ID.slice(5)}`;
    for (let gap = 2000; gap < 2100; gap++) {
      expect(await detectorsIn(`%41${'.'.repeat(gap)}${secret}`), String(gap)).toEqual(['aws-access-key-id']);
    }
    for (let gap = AROUND - 30; gap < AROUND + 30; gap++) {
      for (const blockSize of [97, 65_536]) {
        expect(await detectorsIn(`%41${'.'.repeat(gap)}${secret}`, { blockSize }), String(gap)).toEqual([
          'aws-access-key-id',
        ]);
      }
    }
  });

  it('is undone however often it was escaped again', async () => {
    let text = encode('percent', ID).toString();
    for (let times = 1; times < 8; times++) {
      expect(await detectorsIn(text), String(times)).toEqual(['aws-access-key-id']);
      text = text.replaceAll('%', '%25');
    }
    for (const times of [MAX_ESCAPED - 2, MAX_ESCAPED - 1, MAX_ESCAPED, MAX_ESCAPED + 1]) {
      const long = `${ID.slice(0, 9)}%${'25'.repeat(times)}${ID.charCodeAt(9).toString(16)}${ID.slice(10)}`;
      expect(await detectorsIn(long), String(times)).toEqual(['aws-access-key-id']);
    }
  });

  it('does not replace what is no escape', async () => {
    expect(await detectorsIn(`${ID.slice(0, 10)}%zz${ID.slice(10)}`)).toEqual([]);
    expect(await detectorsIn(`100% ${ID} %`)).toEqual(['aws-access-key-id']);
  });
});

describe('forms', () => {
  it.each(DETECTORS.map((detector) => [detector.name, detector] as const))('show %s', async (name, { examples }) => {
    for (const text of examples(5).matching) {
      const form = new URLSearchParams({ a: '1', data: text, b: 'x y' }).toString();
      const context = { contentType: 'application/x-www-form-urlencoded' };
      expect(await detectorsIn(form, { context }), form).toContain(name);
      const found = (await inspectField('http.query', 'query', form)).map(({ detector }) => detector);
      expect(found, form).toContain(name);
    }
  });

  it('have blanks without any escape, in a query and in a form body', async () => {
    const text = 'machine+git.acme.dev+login+ci+password+s3cr3tPassw0rd';
    expect(await inspectField('http.query', 'q', text)).toMatchObject([{ detector: 'netrc', decoding: ['form'] }]);
    const context = { contentType: 'application/x-www-form-urlencoded; charset=utf-8' };
    expect(await detectorsIn(`q=${text}`, { context })).toEqual(['netrc']);
    const far = `q=${'.'.repeat(100_000)}&${text}&${'.'.repeat(100_000)}`;
    expect(await detectorsIn(far, { context, blockSize: 1000, cuts: [700] })).toEqual(['netrc']);
    expect(await detectorsIn(`q=${text}`)).toEqual(['netrc']);
  });

  it('have blanks when they were escaped again as a whole, and the plus signs of a secret', async () => {
    const form = (text: string) => new URLSearchParams({ a: ' ', b: text }).toString();
    const OUTER = [
      encodeURIComponent,
      form,
      (text: string) => form(form(text)),
      (text: string) => encodeURIComponent(form(text)),
    ];
    for (const { name, examples } of DETECTORS) {
      for (const text of examples(4).matching) {
        for (const outer of OUTER) {
          for (const blockSize of [32, 65_536]) {
            expect(await detectorsIn(`"${outer(form(text))}"`, { blockSize }), text).toContain(name);
          }
        }
      }
    }
  });
});

describe('backslash escapes', () => {
  const unicode = (text: string) =>
    text.replace(/[^"\\\n]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const WRITE: [string, (text: string) => string][] = [
    ['JSON', (text) => JSON.stringify({ text })],
    ['JSON in JSON in JSON', (text) => JSON.stringify(JSON.stringify(JSON.stringify(text)))],
    ['PHP', (text) => JSON.stringify(text).replaceAll('/', '\\/')],
    ['\\u', (text) => unicode(text)],
    ['\\U', (text) => unicode(text).replaceAll('\\u', '\\U0000')],
    ['\\u{}', (text) => unicode(text).replaceAll(/\\u00(..)/g, '\\u{$1}')],
    ['\\x', (text) => unicode(text).replaceAll('\\u00', '\\x')],
    ['\\u of what HTML minds', (text) => text.replace(/[+<>&'"/=]/g, (char) => unicode(` ${char}`).slice(6))],
  ];

  it.each(WRITE)('are undone: %s', async (_, write) => {
    for (const { name, examples } of DETECTORS) {
      for (const text of examples(4).matching) {
        expect(await detectorsIn(write(text)), text).toContain(name);
        const inside = encode('base64', text).toString();
        expect(await detectorsIn(write(inside)), text).toContain(name);
      }
    }
  });

  it('are said to be there', async () => {
    const { findings } = await inspectBody(`x = "${unicode(ID)}"`);
    expect(findings).toMatchObject([{ detector: 'aws-access-key-id', decoding: ['backslash'] }]);
  });
});

describe('UTF-16', () => {
  it('is seen in either order, alone and in base64', async () => {
    for (const { name, examples } of DETECTORS) {
      for (const text of examples(6).matching) {
        const little = Buffer.from(text, 'utf16le');
        const big = Buffer.from(little).swap16();
        for (const bytes of [little, big, Buffer.concat([Buffer.from([0xff, 0xfe]), little])]) {
          expect(await detectorsIn(bytes), text).toContain(name);
          expect(await detectorsIn(encode('base64', bytes)), text).toContain(name);
        }
      }
    }
  });

  it('is seen in JSON, however often that was put in JSON, with its own backslashes', async () => {
    for (const { name, examples } of DETECTORS) {
      for (const text of examples(6).matching) {
        const little = Buffer.from(text, 'utf16le');
        for (const bytes of [little, Buffer.from(little).swap16()]) {
          let body = bytes.toString('latin1');
          for (let times = 1; times <= 3; times++) {
            body = JSON.stringify(body).replaceAll('/', '\\/');
            for (const blockSize of [32, 100, 65_536]) {
              expect(await detectorsIn(body, { blockSize }), `${times} ${blockSize} ${body}`).toContain(name);
            }
          }
        }
      }
    }
  });

  it('needs MIN_UTF16_RUN characters', async () => {
    const url = `ftp://u:${'aB3xyz78'.repeat(2)}`.slice(0, MIN_UTF16_RUN - 2);
    expect(await detectorsIn(Buffer.from(`${url}@x`, 'utf16le'))).toEqual(['database-url']);
    expect(await detectorsIn(Buffer.from(`${url.slice(0, -1)}@x`, 'utf16le'))).toEqual([]);
  });
});

describe('the alignments of a run', () => {
  const key = `aZ7${characters(22, 37, BASE64)}`;
  // Each whole at an alignment of its own: no decoding has both.
  const SPLIT: [string, string, string, string[]][] = [
    ['a key id and what looks like its key', `${ID}.`, ` ${key}`, ['aws-access-key-id']],
    [
      'an armour with a header and what looks like its body',
      `${'-----BEGIN '}PRIVATE KEY-----\nX-Id: `,
      `\n${key.repeat(2)}`,
      [],
    ],
    ['a name in a form and what looks like its value', '"secret_access_key"', `\r\n\r\n${key}`, []],
  ];

  it.each(SPLIT)('are judged each by itself, whatever the blocks: %s', async (_, first, second, found) => {
    expect((await detectorsIn(first + second)).length).toBeGreaterThan(0);
    for (const encoding of ['hex', 'base64']) {
      const padded = first.padEnd(Math.ceil(first.length / 3) * 3);
      const body = `${encode(encoding, padded)}0${encode(encoding, second)}`;
      for (const blockSize of [32, 100, 512, 4096, 65_536]) {
        expect(await detectorsIn(body, { blockSize }), `${encoding} ${blockSize}`).toEqual(found);
      }
    }
  });
});

describe('base32', () => {
  it('decodes either case at any length', () => {
    // RFC 4648, section 10.
    for (const [digits, text] of [
      ['MY', 'f'],
      ['mzxq', 'fo'],
      ['MZXW6', 'foo'],
      ['mzxw6yq', 'foob'],
      ['MZXW6YTB', 'fooba'],
      ['mzxw6ytboi', 'foobar'],
    ] as const) {
      expect(decodeDigits(BASE32_FORMAT, Buffer.from(digits)).toString('latin1')).toBe(text);
    }
  });
});

describe('nesting', () => {
  it(`is undone ${MAX_DEPTH} deep, with any mixture, and the finding says how`, async () => {
    let bytes = Buffer.from(`the token is ${TOKEN} and nothing else matters here`);
    for (const name of ['hex', 'base64', 'percent', 'base64']) bytes = encode(name, bytes) as Buffer<ArrayBuffer>;
    const { findings } = await inspectBody(Buffer.concat([Buffer.from('{"data":"'), bytes, Buffer.from('"}')]));
    expect(findings).toMatchObject([{ detector: 'npm-token', decoding: ['base64', 'percent', 'base64', 'hex'] }]);
    expect(findings[0]?.offset).toBeGreaterThanOrEqual(9);
  });

  it.each(['base64', 'hex'])('deeper than that is refused: %s', async (name) => {
    let bytes = Buffer.from(`${characters(5, 60, BASE64)} ${TOKEN}`);
    for (let depth = 0; depth < MAX_DEPTH; depth++) bytes = encode(name, bytes) as Buffer<ArrayBuffer>;
    expect(await detectorsIn(bytes)).toEqual(['npm-token']);
    const outcome = await inspectBody(encode(name, bytes));
    expect(outcome.tooComplex).toMatch(/encoded/);
    expect(outcome.released).toHaveLength(0);
  });

  it('lets text at the bound stand below the last decoder, and refuses one more', async () => {
    const wrap = (text: string) => {
      let bytes = Buffer.from(`\0\0\0${text}\0\0\0`);
      for (let depth = 0; depth <= MAX_DEPTH; depth++) bytes = encode('base64', bytes) as Buffer<ArrayBuffer>;
      return inspectBody(bytes);
    };
    expect((await wrap(characters(8, MAX_UNDECODED_TEXT, BASE64))).tooComplex).toBeUndefined();
    expect((await wrap(characters(8, MAX_UNDECODED_TEXT + 1, BASE64))).tooComplex).toMatch(/encoded/);
    expect((await wrap('ab'.repeat(200))).tooComplex).toBeUndefined();
  });

  it('of anything in base64 is found or refused, however deep', async () => {
    const token = `token ${TOKEN} token ${TOKEN}`;
    for (const [name, inner] of [
      ['plain', token],
      ['percent', encode('percent', token).toString()],
      ['lines', encode('base64', token).toString().replace(/.{12}/g, '$&\n')],
      ['spaced hex', encode('hex', token).toString().replace(/../g, '$& ')],
      ['UTF-16', Buffer.from(token, 'utf16le').toString('latin1')],
      ['backslash', JSON.stringify(token).replace(/[a-z]/g, (char) => `\\x${char.charCodeAt(0).toString(16)}`)],
    ] as const) {
      let bytes = Buffer.from(inner, 'latin1');
      for (let depth = 0; depth < 9; depth++) {
        const { findings, tooComplex } = await inspectBody(bytes);
        expect(findings.length > 0 || tooComplex !== undefined, `${name} in base64, ${depth} times`).toBe(true);
        bytes = encode('base64', bytes) as Buffer<ArrayBuffer>;
      }
    }
  });
});

describe('the work budget', () => {
  it('allows what was granted to the byte', () => {
    const budget = new WorkBudget(10);
    budget.grant(2);
    expect(() => budget.charge(10 + 2 * WORK_PER_BYTE)).not.toThrow();
    expect(() => budget.charge(1)).toThrow(TooComplex);
  });

  it('is never spent by large encoded bodies, nested or not', async () => {
    let body = Buffer.alloc(WORK_FLOOR);
    for (let i = 0; i < body.length; i += 4) body.writeUInt32LE((i * 2654435761) >>> 0, i);
    body = body.subarray(0, 2_000_000);
    expect(await detectorsIn(encode('base64', body))).toEqual([]);
    expect(await detectorsIn(encode('hex', encode('hex', body.subarray(0, 500_000))))).toEqual([]);
    expect(await detectorsIn(encode('base64', encode('base64', encode('base64', body.subarray(0, 500_000)))))).toEqual(
      [],
    );
    expect(await detectorsIn(encode('percent', body.subarray(0, 500_000)))).toEqual([]);
  });
});
