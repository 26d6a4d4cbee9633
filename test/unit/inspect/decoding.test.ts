import { describe, expect, it } from 'vitest';
import { TooComplex, WORK_FLOOR, WORK_PER_BYTE, WorkBudget } from '../../../sidecar/inspect/budget.ts';
import { MAX_UNDECODED_TEXT } from '../../../sidecar/inspect/decode/depth-guard.ts';
import { DETECTORS } from '../../../sidecar/inspect/detectors/index.ts';
import { BASE64, characters } from '../../../sidecar/inspect/detectors/samples.ts';
import { MAX_DEPTH } from '../../../sidecar/inspect/scan/layer.ts';
import { encode, TOKEN } from './encoded.ts';
import { detectorsIn, ENCODE, inspectBody } from './helpers.ts';

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
    const budget = new WorkBudget({ left: 10 });
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
