import { describe, expect, it } from 'vitest';
import { TooComplex, WORK_FLOOR, WORK_PER_BYTE, WorkBudget } from '../../../sidecar/inspect/budget.ts';
import { MAX_LINE_GAP } from '../../../sidecar/inspect/decode/alphabet-run.ts';
import { BASE32_FORMAT } from '../../../sidecar/inspect/decode/base32.ts';
import { BASE64_FORMAT, MIN_BASE64_LINE } from '../../../sidecar/inspect/decode/base64.ts';
import { MAX_UNDECODED_RUN } from '../../../sidecar/inspect/decode/depth-guard.ts';
import { HEX_FORMAT, MAX_HEX_GAP } from '../../../sidecar/inspect/decode/hex.ts';
import { PERCENT_AFTER, PERCENT_BEFORE } from '../../../sidecar/inspect/decode/percent.ts';
import { DETECTORS } from '../../../sidecar/inspect/detectors/index.ts';
import { BASE32, BASE64, characters, checkedToken } from '../../../sidecar/inspect/detectors/samples.ts';
import { MAX_DEPTH } from '../../../sidecar/inspect/scan/layer.ts';
import { detectorsIn, ENCODE, inspectBody } from './helpers.ts';

const ID = `${'AK'}IA${characters(21, 15, BASE32)}4`;
const TOKEN = checkedToken('np' + 'm_', 21);
const encode = (name: string, bytes: Buffer | string) =>
  (ENCODE[name] as (bytes: Buffer) => Buffer)(Buffer.from(bytes));

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

  it('goes on over a gap at the bound, not over one more, and not after a short line', async () => {
    const text = encode('base64', `${'x'.repeat(15)}${ID}`).toString();
    const at = (cut: number, gap: string) => `${text.slice(0, cut)}${gap}${text.slice(cut)}`;
    expect(await detectorsIn(at(28, ' '.repeat(MAX_LINE_GAP)))).toEqual(['aws-access-key-id']);
    expect(await detectorsIn(at(28, ' '.repeat(MAX_LINE_GAP + 1)))).toEqual([]);
    const line = (size: number) => `${text.slice(0, 20)}\n${text.slice(20, 20 + size)}\n${text.slice(20 + size)}`;
    expect(await detectorsIn(line(MIN_BASE64_LINE))).toEqual(['aws-access-key-id']);
    expect(await detectorsIn(line(MIN_BASE64_LINE - 1))).toEqual([]);
  });

  it('decodes as Node does', () => {
    for (let length = 0; length < 12; length++) {
      const digits = encode('base64url', characters(length, length, BASE64));
      const out = Buffer.alloc(32);
      const size = BASE64_FORMAT.decode(digits, 0, digits.length, out, 2, true);
      expect(out.subarray(2, 2 + size)).toEqual(Buffer.from(digits.toString(), 'base64url'));
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

  it('is seen over a gap at the bound, and not over one more', async () => {
    const spaced = (gap: number) => bytes.map(two).join(' '.repeat(gap));
    expect(await detectorsIn(spaced(MAX_HEX_GAP))).toEqual(['aws-access-key-id']);
    expect(await detectorsIn(spaced(MAX_HEX_GAP + 1))).toEqual([]);
  });

  it('decodes pairs and drops a lone digit', () => {
    const out = Buffer.alloc(8);
    expect(HEX_FORMAT.decode(Buffer.from('aF09c'), 0, 5, out, 0, true)).toBe(2);
    expect([...out.subarray(0, 2)]).toEqual([0xaf, 0x09]);
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

  it('looks back and ahead as far as the bounds say', async () => {
    const secret = `${'sk'}-ant-api03-${characters(3, 600, BASE64).replace(/[+/]/g, '-')}`;
    expect(await detectorsIn(`sk%2Dant-api03-${characters(3, 60, BASE64).replace(/[+/]/g, '-')}`)).toEqual([
      'anthropic-key',
    ]);
    expect(secret.length).toBeGreaterThan(PERCENT_BEFORE);
    const far = `${'.'.repeat(PERCENT_BEFORE - 4)}`;
    expect(await detectorsIn(`AKIA${far}%41`)).toEqual([]);
    const before = (gap: number) =>
      `${ID.slice(0, 10)}%${ID.charCodeAt(10).toString(16)}${ID.slice(11)}${'.'.repeat(gap)}`;
    expect(await detectorsIn(before(PERCENT_AFTER + 10))).toEqual(['aws-access-key-id']);
  });

  it('does not replace what is no escape', async () => {
    expect(await detectorsIn(`${ID.slice(0, 10)}%zz${ID.slice(10)}`)).toEqual([]);
    expect(await detectorsIn(`100% ${ID} %`)).toEqual(['aws-access-key-id']);
  });
});

describe('base32', () => {
  it('decodes either case at any length', () => {
    const out = Buffer.alloc(32);
    // RFC 4648, section 10.
    for (const [digits, text] of [
      ['MY', 'f'],
      ['mzxq', 'fo'],
      ['MZXW6', 'foo'],
      ['mzxw6yq', 'foob'],
      ['MZXW6YTB', 'fooba'],
      ['mzxw6ytboi', 'foobar'],
    ] as const) {
      const size = BASE32_FORMAT.decode(Buffer.from(digits), 0, digits.length, out, 0, true);
      expect(out.toString('latin1', 0, size)).toBe(text);
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

  it('lets a run at the bound stand below the last decoder, and refuses one more', async () => {
    const wrap = (run: string) => {
      let bytes = Buffer.from(`. ${run} .`);
      for (let depth = 0; depth < MAX_DEPTH; depth++) bytes = encode('base64', bytes) as Buffer<ArrayBuffer>;
      return inspectBody(bytes);
    };
    expect((await wrap(characters(8, MAX_UNDECODED_RUN, BASE64))).tooComplex).toBeUndefined();
    expect((await wrap(characters(8, MAX_UNDECODED_RUN + 1, BASE64))).tooComplex).toMatch(/encoded/);
    expect((await wrap('ab'.repeat(200))).tooComplex).toBeUndefined();
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
