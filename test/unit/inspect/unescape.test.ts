import { describe, expect, it } from 'vitest';
import { AROUND, MAX_ESCAPED } from '../../../sidecar/inspect/decode/unescape.ts';
import { MIN_UTF16_RUN } from '../../../sidecar/inspect/decode/utf16.ts';
import { DETECTORS } from '../../../sidecar/inspect/detectors/index.ts';
import { encode, ID } from './encoded.ts';
import { detectorsIn, inspectBody, inspectField } from './helpers.ts';

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
