/** Where the search looks for text in other bases: the same places as one that looks at every window as it is defined. */
import { describe, expect, it } from 'vitest';
import { CODEC, DIGIT_VALUES, NO_DIGIT } from '../../../sidecar/inspect/decode/alphabets.ts';
import { BASE64, characters } from '../../../sidecar/inspect/detectors/samples.ts';
import { type DigitKind, surveyAt } from '../../../sidecar/inspect/scan/simd/survey.ts';
import { EXACT_TABLE } from '../../../sidecar/inspect/scan/table.ts';
import { ascii85, base32, base58, base85, z85 } from '../../fixtures/corpus/bases.ts';

const GRAPHIC = /[!-~]{24,}/g;
const DIGITS = /[\w+/-]+/g;
const MAGICS = [0x1f8b08, 0x28b52f, 0x504b03, 0xfd377a, 0x425a68];
const KINDS = [CODEC.base85, CODEC.ascii85, CODEC.z85];

const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;
const isText = (byte: number) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d || byte === 0x09;

function group85(text: string, at: number, kind: number): number | undefined {
  let value = 0;
  for (let i = at; i < at + 5; i++) {
    const digit = DIGIT_VALUES[256 * kind + text.charCodeAt(i)] ?? NO_DIGIT;
    if (digit === NO_DIGIT) return undefined;
    value = value * 85 + digit;
  }
  return value > 0xffffffff ? undefined : value;
}

function isText85(text: string, at: number, kind: number): boolean {
  const value = group85(text, at, kind);
  const first = DIGIT_VALUES[256 * kind + text.charCodeAt(at)] ?? NO_DIGIT;
  if (value === undefined || first < 10 || first > 40) return false;
  return [24, 16, 8, 0].every((shift) => isText((value >>> shift) & 0xff));
}

/** Where base 85 begins, looked for from a place on at each window of each run; base 91 is left to its own test. */
function places85(text: string, from = 0): { at: number; codec: number } | undefined {
  for (const { 0: run, index } of text.matchAll(GRAPHIC)) {
    const start = Math.max(from, index);
    const begins = index >= from;
    const end = index + run.length;
    for (let at = start; at + 24 <= end; at = begins && at === start ? at + 8 : (at + 32) & ~31) {
      const window = text.slice(at, at + 16);
      const neighbours = [...window].filter((_, i) => /[a-z]{2}/.test(window.slice(i, i + 2))).length;
      const isDrawn =
        count(window, /[A-Z]/g) >= 2 && neighbours <= 5 && count(window, /[A-Za-z0-9]/g) <= (at < start + 24 ? 14 : 13);
      for (const codec of KINDS) {
        const others = codec === CODEC.ascii85 ? /[v-y{-\x7f]/ : /["',]/;
        if (!isDrawn || others.test(window)) continue;
        for (let shift = 0; shift < 5; shift++) {
          const groups = [0, 5, 10].map((group) => isText85(text, at + shift + group, codec));
          if (groups.every(Boolean)) return { at: at + shift, codec };
        }
      }
      if (!begins || at !== start) continue;
      const magic = KINDS.find((kind) => MAGICS.includes(Math.floor((group85(text, at, kind) ?? 0) / 256)));
      if (magic !== undefined) return { at, codec: magic };
    }
  }
  return undefined;
}

/** Ten bytes of base32, in either case, are text. */
function isText32(digits: string): boolean {
  if (!/^[A-Za-z2-7]{16}$/.test(digits)) return false;
  const bits = [...digits.toLowerCase()].map((char) => 'abcdefghijklmnopqrstuvwxyz234567'.indexOf(char));
  const all = bits.map((value) => value.toString(2).padStart(5, '0')).join('');
  return (all.match(/.{8}/g) ?? []).every((byte) => isText(Number.parseInt(byte, 2)));
}

/** Where base32 or base58 begins, looked for at each window of each run. */
function placesOfLetters(text: string): { at: number; codec: number } | undefined {
  for (const { 0: run, index: start } of text.matchAll(/[\w+/-]{27,}/g)) {
    const end = start + run.length;
    for (let at = start; at + 27 <= end; at = at === start ? at + 8 : (at + 32) & ~31) {
      const window = text.slice(at, at + 16);
      const large = count(window, /[A-Z]/g);
      const both = count(window, /[A-Za-z]/g);
      const isWord = both === 16 && at + 32 <= end && /^[A-Za-z]{16}/.test(text.slice(at + 16));
      for (let shift = 0; shift < 8 && (large === both || large === 0) && !isWord; shift++) {
        if (isText32(text.slice(at + shift, at + shift + 16))) return { at: at + shift, codec: CODEC.base32 };
      }
      if (at !== start || large < 2 || large === both || !/[0-9]/.test(run.slice(0, 27))) continue;
      if (/^[1-9A-HJ-NP-Za-km-z]+$/.test(run)) return { at, codec: CODEC.base58 };
    }
  }
  return undefined;
}

/** The first of three pieces, looked for at each eight digits that fill a byte of a map; `isSmall`: whatever they are. */
function pieces(text: string, isSmall = false): number | undefined {
  const runs = [...text.matchAll(DIGITS)].map(({ 0: run, index }) => ({ from: index, to: index + run.length, run }));
  const isNear = (i: number) => (runs[i]?.from ?? Number.POSITIVE_INFINITY) - (runs[i - 1]?.to ?? 0) <= 4;
  for (const [i, { from, run }] of runs.entries()) {
    const last = runs[i + 2]?.run.length ?? 0;
    if (run.length > 19 || runs[i + 1]?.run.length !== run.length || last > run.length) continue;
    if (!isNear(i + 1) || !isNear(i + 2)) continue;
    for (let part = (8 - (from % 8)) % 8; part + 8 <= run.length; part += 8) {
      const eight = run.slice(part, part + 8);
      const large = count(eight, /[A-Z]/g);
      if (isSmall || (large >= 2 && count(eight, /[A-Za-z]/g) !== large)) return from;
    }
  }
  return undefined;
}

/** More than what is looked at everywhere. */
const FILLER = `${'. '.repeat(2100)}`;

function search(kind: DigitKind, text: string, from = 0, final = true) {
  const survey = surveyAt(0);
  survey.take(Buffer.from(text, 'latin1'), EXACT_TABLE.literals, false, 0, 0, () => {});
  return survey.nextDigits(kind, from, final, true);
}

/** What is drawn, between words and other things. */
function mixed(seed: number): string {
  const encode = [base85, z85, (bytes: Buffer) => ascii85(bytes, false)][seed % 3] as (bytes: Buffer) => Buffer;
  return Array.from({ length: 4 }, (_, part) => {
    const word = ['aB3$', 'a.b', 'someWord(', '!#Zz9{', 'A', '  '][(seed * 7 + part * 5) % 6] as string;
    const others = characters(seed + part, (seed * (part + 3)) % 60, word);
    const secret = Buffer.from(characters(seed + part, 20 + (seed % 30), `${BASE64} \n.,`));
    return `${others}${part % 2 === 0 ? [' ', '', '\n'][seed % 3] : encode(secret).toString('latin1')}`;
  }).join('');
}

describe('the search for digits', () => {
  it('finds base 85 where each window is looked at', () => {
    const magic = Buffer.from('1f8b0800aabbccdd0011223344556677889900aabbccddee', 'hex');
    const encoders = [base85, z85, (bytes: Buffer) => ascii85(bytes, false)];
    let found = 0;
    for (let seed = 0; seed < 600; seed++) {
      const encode = encoders[seed % 3] as (bytes: Buffer) => Buffer;
      const secret = seed % 5 === 0 ? magic : Buffer.from(characters(seed, 30 + (seed % 40), `${BASE64} \n.,`));
      const noise = (size: number) =>
        characters(seed + size, size, ['aB3$', 'abcDe(', BASE64, '!#Zz9{'][seed % 4] as string);
      const before = `${noise(seed % 70)}${seed % 2 === 0 ? ' ' : ''}`;
      const text = `${FILLER}${before}${encode(secret).toString('latin1')} ${noise(40)}`;
      const { at, codec } = search('nextDense', text);
      const expected = places85(text);
      // Base 91 may be seen before.
      if (at >= 0 && codec === CODEC.base91) continue;
      expect(at < 0 ? undefined : { at, codec }, JSON.stringify(text.slice(FILLER.length))).toEqual(expected);
      if (at >= 0) found++;
    }
    expect(found).toBeGreaterThan(200);
  });

  it('finds base 85 from any place on, and when the text comes in two parts', () => {
    let found = 0;
    for (let seed = 0; seed < 1500; seed++) {
      const text = `${FILLER}${mixed(seed)}`;
      const from = seed % 3 === 0 ? FILLER.length + (seed % 90) : seed % 64;
      const expected = places85(text, from);
      const whole = search('nextDense', text, from);
      if (whole.at >= 0 && whole.codec === CODEC.base91) continue;
      expect(whole.at < 0 ? undefined : whole, `${from} ${JSON.stringify(text.slice(FILLER.length))}`).toEqual(
        expected,
      );
      const first = search('nextDense', text.slice(0, Math.max(from, FILLER.length) + (seed % 200)), from, false);
      const { at } = first.at >= 0 ? first : search('nextDense', text, -1 - first.at);
      if (expected === undefined) continue;
      // Where the first part ends there is one window more.
      expect(at, `${seed}`).toBeGreaterThanOrEqual(0);
      expect(at, `${seed}`).toBeLessThanOrEqual(expected.at);
      found++;
    }
    expect(found).toBeGreaterThan(200);
  });

  it('finds all that compressed data begins with', () => {
    for (const magic of MAGICS) {
      for (let fourth = 0; fourth < 256; fourth++) {
        const bytes = Buffer.alloc(24, 0xa5);
        bytes.writeUInt32BE(magic * 256 + fourth);
        for (const [codec, encode] of [base85, (all: Buffer) => ascii85(all, false), z85].entries()) {
          const at = FILLER.length + 1;
          expect(search('nextDense', `${FILLER} ${encode(bytes).toString('latin1')}`)).toEqual({ at, codec });
        }
      }
    }
  });

  it('finds base32 and base58 where each window is looked at', () => {
    const found = new Map<number, number>();
    for (let seed = 0; seed < 3000; seed++) {
      const secret = Buffer.from(characters(seed, 24 + (seed % 30), `${BASE64} \n.,`));
      const upper = base32(secret).toString('latin1').replaceAll('=', '');
      const encoded = [upper, upper.toLowerCase(), base58(secret).toString('latin1')][seed % 3] as string;
      const alphabet = ['ab', 'aB', 'A_/', BASE64, 'ab2', 'a/8_', 'AB7', 'z'][(seed >> 2) % 8] as string;
      const before = characters(seed, seed % 67, alphabet);
      const between = ['', ' ', '/', '0', '-'][(seed >> 1) % 5] as string;
      const text = `${FILLER}${before}${between}${encoded}${characters(seed + 1, seed % 40, alphabet)} `;
      const { at, codec } = search('nextSingleCase', text);
      expect(at < 0 ? undefined : { at, codec }, JSON.stringify(text.slice(FILLER.length))).toEqual(
        placesOfLetters(text),
      );
      if (at >= 0) found.set(codec, (found.get(codec) ?? 0) + 1);
    }
    expect(found.get(CODEC.base32)).toBeGreaterThan(500);
    expect(found.get(CODEC.base58)).toBeGreaterThan(100);
  });

  it('finds pieces where each run is looked at', () => {
    let found = 0;
    for (let seed = 0; seed < 3000; seed++) {
      const size = 6 + (seed % 16);
      const gap = [' ', ', ', '": "', '....', '.....'][seed % 5] as string;
      const alphabet = [BASE64, 'abC1', 'ABC', 'abc'][(seed >> 2) % 4] as string;
      const sizes = [size, size, seed % 3 === 0 ? size - 1 : size, seed % 7 === 0 ? size + 1 : size];
      const parts = sizes.map((length, i) => characters(seed * 5 + i, length, alphabet));
      const small = `${characters(seed, seed % 30, 'ab.C1 ')}.${parts.join(gap)}${characters(seed, seed % 9, 'a. ')}`;
      const inSmall = search('nextPieces', small).at;
      expect(inSmall < 0 ? undefined : inSmall, JSON.stringify(small)).toBe(pieces(small, true));
      const text = `${FILLER}${small}`;
      const { at } = search('nextPieces', text);
      expect(at < 0 ? undefined : at, JSON.stringify(small)).toBe(pieces(text));
      if (at >= 0) found++;
    }
    expect(found).toBeGreaterThan(200);
  });
});
