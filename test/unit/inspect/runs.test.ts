import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_LINE_GAP } from '../../../sidecar/inspect/decode/alphabet-run.ts';
import { MIN_BASE64_LINE, MIN_BASE64_PIECE, MIN_BASE64_RUN } from '../../../sidecar/inspect/decode/base64.ts';
import { MAX_HEX_GAP, MIN_HEX_DIGITS } from '../../../sidecar/inspect/decode/hex.ts';
import { MIN_NUMBERS } from '../../../sidecar/inspect/decode/numbers.ts';
import { BASE64, CLASS, HEX, HEX_GAP, LETTER_X, LINE_GAP } from '../../../sidecar/inspect/scan/classes.ts';
import { type Digits, digitsAt, type LoudShape } from '../../../sidecar/inspect/scan/simd/digits.ts';
import { type Survey, surveyAt } from '../../../sidecar/inspect/scan/simd/survey.ts';
import { EXACT_TABLE } from '../../../sidecar/inspect/scan/table.ts';

const { literals } = EXACT_TABLE;

function survey(text: string): Survey {
  const of = surveyAt(0);
  of.take(Buffer.from(text, 'latin1'), literals, false, 0, 0, () => {});
  return of;
}

function digits(text: string): Digits {
  survey(text);
  return digitsAt(0);
}

const is = (text: string, at: number, bits: number) => ((CLASS[text.charCodeAt(at)] as number) & bits) !== 0;

/** Where runs of the digit V begin that are long enough, unbroken or in lines, looking at every place; -1: there is none. */
function firstRun(text: string): number {
  for (const piece of text.matchAll(/V+/g)) {
    let digits = 0;
    for (let at = piece.index; at < text.length; ) {
      const size = /^V*/.exec(text.slice(at))?.[0].length ?? 0;
      digits += size;
      if (digits >= MIN_BASE64_RUN) return piece.index;
      const gap = /^[^V]*/.exec(text.slice(at + size))?.[0] ?? '';
      const isLine = gap.length <= MAX_LINE_GAP && /[\r\n]/.test(gap) && [...gap].every((_, i) => is(gap, i, LINE_GAP));
      if (size < MIN_BASE64_LINE || !isLine) break;
      at += size + gap.length;
    }
  }
  return -1;
}

/** Where the run ends that begins at `from`, and its digits, V or v. */
function runFrom(text: string, from: number): { end: number; digits: string } {
  let digits = '';
  for (let at = from; ; ) {
    const piece = /^[Vv]*/.exec(text.slice(at))?.[0] as string;
    digits += piece;
    const end = at + piece.length;
    const gap = /^[^Vv]*/.exec(text.slice(end))?.[0] as string;
    const isLine = /[\r\n]/.test(gap) && [...gap].every((_, i) => is(gap, i, LINE_GAP));
    const goesOn = piece.length >= MIN_BASE64_PIECE || (piece.length >= MIN_BASE64_LINE && isLine);
    if (!goesOn || gap.length > MAX_LINE_GAP || end + gap.length === text.length) return { end, digits };
    at = end + gap.length;
  }
}

/**
 * Where the first run of V and v begins that is worth a look, looking at each; undefined: that is not to be foretold. Sixteen V are text
 * at some alignment, eleven are not enough, and v is nothing.
 */
function firstLoud(text: string): number | undefined {
  for (let at = 0; ; ) {
    const start = firstRun(text.slice(at).replaceAll('v', 'V'));
    if (start < 0) return -1;
    const { end, digits } = runFrom(text, at + start);
    if (/(?<!V)V{10,15}(?!V)/.test(digits)) return undefined;
    if (/V{16}/.test(digits)) return at + start;
    at = end;
  }
}

/** The same for dumps of the digit 5. */
function firstDump(text: string): number {
  let [start, digits, since] = [0, 0, 0];
  for (let at = 0; at < text.length; at++) {
    if (is(text, at, HEX)) {
      if (digits === 0 || since > MAX_HEX_GAP) [start, digits] = [at, 0];
      since = 0;
      if (++digits === MIN_HEX_DIGITS) return start;
    } else if (is(text, at, HEX_GAP | LETTER_X)) since++;
    else digits = 0;
  }
  return -1;
}

/** The digits of the dump that begins at 0, and where it ends: behind MAX_HEX_GAP other characters, or before one that no dump has. */
function dumpOf(text: string): { digits: string; at: number } {
  const digits: string[] = [];
  let [at, since] = [0, 0];
  for (; at < text.length; at++) {
    if (is(text, at, HEX)) {
      digits.push(text.charAt(at));
      since = 0;
      continue;
    }
    if (!is(text, at, HEX_GAP | LETTER_X) || since === MAX_HEX_GAP) break;
    if (/(?:^|[^0-9A-Fa-f])0[xX]$/.test(text.slice(Math.max(0, at - 2), at + 1))) digits.pop();
    since++;
  }
  return { digits: digits.join(''), at };
}

/** The same for numbers. */
function firstNumbers(text: string): number {
  for (let start = 0; start < text.length; start++) {
    if (!/[0-9]/.test(text.charAt(start)) || /[A-Za-z0-9]/.test(text.charAt(start - 1))) continue;
    let count = 0;
    for (let at = start; ; ) {
      const number = /^[0-9]{1,3}(?![A-Za-z0-9])/.exec(text.slice(at))?.[0];
      if (number === undefined || Number(number) > 255) break;
      if (++count === MIN_NUMBERS) return start;
      const gap = /^[^A-Za-z0-9]*/.exec(text.slice(at + number.length))?.[0].length ?? 0;
      if (gap > 16) break;
      at += number.length + gap;
    }
  }
  return -1;
}

const texts = (pieces: readonly fc.Arbitrary<string>[], maxLength: number) =>
  fc.array(fc.oneof(...pieces), { maxLength, size: 'max' }).map((all) => all.join(''));
const times = (unit: string, min: number, max: number) => fc.integer({ min, max }).map((count) => unit.repeat(count));

/** The search finds what a look at every place does, in texts of which many have something. */
function sameAs(first: (all: string) => number, text: fc.Arbitrary<string>, shape: LoudShape): void {
  let found = 0;
  fc.assert(
    fc.property(text, (all) => {
      const expected = first(all);
      if (expected >= 0) found++;
      const from = digits(all).nextLoud(0, true, shape, literals, () => {});
      expect(from).toBe(expected < 0 ? -1 - all.length : expected);
    }),
    { numRuns: 3000, seed: 11 },
  );
  expect(found).toBeGreaterThan(500);
}

const LINES: LoudShape = {
  digits: 4,
  least: MIN_BASE64_RUN,
  line: MIN_BASE64_LINE,
  piece: MIN_BASE64_PIECE,
  gap: MAX_LINE_GAP,
  most: 4096,
  apart: 33,
};

describe('the search for runs', () => {
  it('of base64 finds the first, unbroken or in lines, as a look at every place does', () => {
    // V decodes to text at every alignment: every run is worth a look.
    const gap = texts([fc.constantFrom('\n', '\r\n', ' ', '    ', '"', ',', ';', '(', '\xff'), times(' ', 1, 34)], 4);
    const text = texts([times('V', 1, 7), times('V', 3, 24), gap, gap, times('.', 1, 140)], 60);
    sameAs(firstRun, text, LINES);
  });

  it('of base64 passes over the words before a capital, and nothing else', () => {
    const gap = texts([fc.constantFrom('\n', '\r\n', ' ', '"', ',', ';', '\xff', '\xff'), times(' ', 1, 34)], 4);
    const words = fc.array(fc.oneof(times('v', 1, 5), times('v', 4, 26), times('v', 16, 24), gap), { maxLength: 9 });
    const word = words.map((all) => all.join(''));
    const text = texts([word, word, word, times('V', 1, 9), times('V', 16, 24), gap, times('\xff', 1, 140)], 24);
    let [found, skipped] = [0, 0];
    fc.assert(
      fc.property(text, fc.nat(), (all, cut) => {
        const expected = firstLoud(all);
        if (expected === undefined) return;
        const search = (part: string, from: number, final: boolean) =>
          digits(part).nextLoud(from, final, LINES, literals, () => {});
        const whole = search(all, 0, true);
        expect(whole).toBe(expected < 0 ? -1 - all.length : expected);
        // As well when the text comes in two parts.
        const first = search(all.slice(0, cut % (all.length + 1)), 0, false);
        if (first < 0) expect(search(all, -1 - first, true)).toBe(whole);
        else expect(first).toBeLessThanOrEqual(expected < 0 ? all.length : expected);
        if (expected >= 0) found++;
        if (expected > 100) skipped++;
      }),
      { numRuns: 3000, seed: 7 },
    );
    expect(found).toBeGreaterThan(500);
    expect(skipped).toBeGreaterThan(200);
  });

  it('of base64 goes on over what may stand between two lines, and nothing else', () => {
    const most = MAX_LINE_GAP - 2;
    for (const char of Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte))) {
      if (is(char, 0, BASE64)) continue;
      for (let before = 0; before <= most; before++) {
        const text = `.${'V'.repeat(12)}${'"'.repeat(before)}${char}${' '.repeat(most - before)}\n${'V'.repeat(12)}.`;
        const from = digits(text).nextLoud(0, true, LINES, literals, () => {});
        expect(from, JSON.stringify(text)).toBe(firstRun(text) < 0 ? -1 - text.length : firstRun(text));
      }
    }
  });

  it('of base64 tells words by the digits of the run, not by those of one before', () => {
    const workOf = (text: string) => {
      let work = 0;
      digits(text).nextLoud(0, true, LINES, literals, (bytes) => {
        work += bytes;
      });
      return work;
    };
    for (const end of ['', 'B', 'Ba', 'Bar', 'B1', '1']) {
      for (let before = 0; before < 64; before++) {
        const works = ['a', 'Q', '5', '+'].map((digit) => {
          workOf(digit.repeat(200));
          return workOf(`${'a'.repeat(before)}${'someWords'.repeat(4)}${end}.`);
        });
        expect(new Set(works).size, `${before} ${end}`).toBe(1);
        expect((works[0] as number) > 0).toBe(end !== '' && end !== 'Bar');
      }
    }
  });

  it('of hex finds the first dump, as a look at every place does', () => {
    const gap = texts([fc.constantFrom(' ', ':', 'x', 'X', '\\', '\0', '\xff', 'g'), times('.', 1, 18)], 3);
    const text = texts([times('5', 1, 3), times('5', 1, 3), gap, times('5', 20, 40), times('.', 30, 140)], 90);
    const shape: LoudShape = {
      digits: 2,
      least: MIN_HEX_DIGITS,
      line: 0,
      piece: 0,
      gap: MAX_HEX_GAP,
      most: 4096,
      apart: 33,
    };
    sameAs(firstDump, text, shape);
  });

  it('of hex takes the digits of a dump, as one does that takes each byte', () => {
    const some = fc.string({ unit: fc.constantFrom(...'0123456789abcdefAF'), minLength: 1, maxLength: 80 });
    const gap = texts([fc.constantFrom(' ', ', 0x', '\\x', 'x', '0X', '\0', '\xff'), times('.', 1, 17)], 2);
    fc.assert(
      fc.property(texts([some, some, gap, fc.constantFrom('', 'g')], 20), (all) => {
        const text = `0${all}`;
        const of = digits(text);
        const { at, count } = of.takeHex(0, 0, 0, MAX_HEX_GAP, 4096);
        expect({ digits: of.copy(0, count).toString(), at }).toEqual(dumpOf(text));
      }),
      { numRuns: 2000, seed: 3 },
    );
  });

  it('of numbers finds the first, as a look at every place does', () => {
    const number = fc.integer({ min: 10, max: 255 }).map(String);
    const gap = fc.oneof(fc.constantFrom(',', ', ', ' ', ';&#', '\xff'), times(' ', 1, 18));
    const numbers = fc.array(fc.tuple(number, gap), { maxLength: 40, size: 'max' }).map((all) => all.flat().join(''));
    const other = fc.constantFrom('300,', '1234,', 'x', 'a', 'e5,', 'q', '.');
    let found = 0;
    fc.assert(
      fc.property(texts([numbers, other, times('-', 1, 100)], 12), (all) => {
        const expected = firstNumbers(all);
        if (expected >= 0) found++;
        expect(survey(all).nextNumbers(0, true, MIN_NUMBERS)).toBe(expected < 0 ? -1 - all.length : expected);
      }),
      { numRuns: 3000, seed: 11 },
    );
    expect(found).toBeGreaterThan(500);
  });
});
