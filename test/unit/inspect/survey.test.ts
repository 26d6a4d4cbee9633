import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BASE64, characters } from '../../../sidecar/inspect/detectors/samples.ts';
import { entropy } from '../../../sidecar/inspect/scan/entropy.ts';
import { compileLiterals, MAX_CHAIN, MIN_LITERAL } from '../../../sidecar/inspect/scan/simd/literals.ts';
import { stretchesAt } from '../../../sidecar/inspect/scan/simd/stretches.ts';
import { surveyAt } from '../../../sidecar/inspect/scan/simd/survey.ts';

const NONE = compileLiterals([]);

function hits(
  literals: readonly string[],
  text: string,
  from = 0,
  to = text.length,
  table = compileLiterals(literals),
) {
  const found: [string, number][] = [];
  surveyAt(0).take(Buffer.from(text, 'latin1'), table, false, from, to, (literal, at) =>
    found.push([literals[literal] as string, at]),
  );
  return found.sort((a, b) => a[1] - b[1] || a[0].length - b[0].length);
}

/** Number and place of each literal, as it is or XORed with one byte, by comparing it at every place. */
function everywhere(literals: readonly string[], text: Buffer): Set<string> {
  const found = new Set<string>();
  for (const [number, literal] of literals.entries()) {
    for (let at = 0; at + literal.length <= text.length; at++) {
      const key = (text[at] as number) ^ literal.charCodeAt(0);
      let same = 1;
      while (same < literal.length && ((text[at + same] as number) ^ literal.charCodeAt(same)) === key) same++;
      if (same === literal.length) found.add(`${key === 0 ? number : number + literals.length} ${at}`);
    }
  }
  return found;
}

function survey(text: string) {
  const of = surveyAt(0);
  of.take(Buffer.from(text, 'latin1'), NONE, false, 0, 0, () => {});
  return of;
}

describe('the search for literals', () => {
  it('finds every literal at every place, as a plain search does', () => {
    const literals = ['abc', 'abcd', 'bcd', 'xyzzy', 'aaaa', 'SG.', 'PRIVATE KEY', '\0\xff\x80', 'aaaabaaaa'];
    for (let seed = 0; seed < 300; seed++) {
      const alphabet = seed % 3 === 0 ? 'abcd' : seed % 3 === 1 ? 'aSGKPV.xyz \0\xff\x80' : BASE64;
      const text = `${characters(seed, seed % 150, alphabet)}${literals[seed % literals.length]}${characters(seed + 1, seed % 9, alphabet)}`;
      const expected: [string, number][] = [];
      for (const literal of literals) {
        for (let at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + 1)) expected.push([literal, at]);
      }
      expect(hits(literals, text)).toEqual(expected.sort((a, b) => a[1] - b[1] || a[0].length - b[0].length));
    }
  });

  it('finds text and what is none at every place of bytes with little text in them', () => {
    const bytes = String.fromCharCode(...Array(256).keys());
    const literals = [
      'abc',
      'AKIA',
      'xyzzy-1',
      '\x1f\x8b\x08',
      '\0\xff\x80',
      '(\xb5/\xfd',
      '\x02\x01\x01\x04',
      'ab\0c',
    ];
    const table = compileLiterals(literals);
    for (let before = 0; before < 140; before++) {
      const noise = characters(before, 300, bytes);
      for (const literal of literals) {
        for (const behind of ['', noise.slice(before)]) {
          const text = `${noise.slice(0, before)}${literal}${behind}`;
          expect(hits(literals, text, 0, text.length, table)).toContainEqual([literal, before]);
        }
      }
    }
  });

  it('finds literals of every length, plain and XORed, at every place of any text', () => {
    const bytes = String.fromCharCode(...Array(256).keys());
    const drawn = (seed: number) => characters(seed, 4 + (seed % 9), seed % 2 === 0 ? 'abcdeABC012_-' : `${BASE64}_-.`);
    const literals = Array.from({ length: 300 }, (_, seed) => drawn(seed + 1));
    const table = compileLiterals(literals, literals);
    const fills = [bytes, BASE64, 'the quick brown fox ({[_-.,;"])}', 'aaaab', '\0\xff'];
    for (let seed = 0; seed < 600; seed++) {
      const fill = fills[seed % fills.length] as string;
      const number = seed % literals.length;
      const key = seed % 4 === 0 ? 0 : 1 + ((seed * 37) % 255);
      const at = seed % 131;
      const worn = String.fromCharCode(...Buffer.from(literals[number] as string, 'latin1').map((byte) => byte ^ key));
      const text = `${characters(seed, at, fill)}${worn}${characters(seed + 1, seed % 3 === 0 ? 0 : seed % 200, fill)}`;
      const found = new Set<string>();
      surveyAt(0).take(Buffer.from(text, 'latin1'), table, false, 0, text.length, (literal, place) =>
        found.add(`${literal} ${place}`),
      );
      const expected = everywhere(literals, Buffer.from(text, 'latin1'));
      expect(expected).toContain(`${number + (key === 0 ? 0 : literals.length)} ${at}`);
      expect(found, `${literals[number]} ^ ${key} at ${at}`).toEqual(expected);
    }
  });

  it('reports a hit in exactly one of two neighbouring ranges', () => {
    const text = '..abc..xyzzy..abc';
    for (let cut = 0; cut <= text.length; cut++) {
      const both = [...hits(['abc', 'xyzzy'], text, 0, cut), ...hits(['abc', 'xyzzy'], text, cut)];
      expect(new Set(both.map(String)).size, String(cut)).toBe(3);
      expect(both.length, String(cut)).toBe(3);
    }
  });

  it('reports one at the ends of a range whose rarest bytes are far from its first', () => {
    for (const literal of [`${'e'.repeat(60)}QZX_`, `QZX_${'e'.repeat(60)}`]) {
      for (let before = 0; before < 200; before++) {
        const text = `${'.'.repeat(before)}${literal}${'.'.repeat(70)}`;
        const found = (from: number, to: number) => hits([literal], text, from, to).length;
        expect(found(before, before + 1), String(before)).toBe(1);
        expect(found(0, before)).toBe(0);
        expect(found(before + 1, text.length)).toBe(0);
      }
    }
  });

  it('loses no hit however many there are', () => {
    const literals = Array.from({ length: MAX_CHAIN }, (_, i) => 'a'.repeat(i + MIN_LITERAL));
    const text = 'a'.repeat(5000);
    const expected = literals.reduce((sum, { length }) => sum + text.length - length + 1, 0);
    expect(hits(literals, text)).toHaveLength(expected);
  });

  it('takes no literal below the bound, and no more that are alike than fit', () => {
    expect(() => compileLiterals(['ab'])).toThrow(RangeError);
    const alike = (count: number) => Array.from({ length: count }, (_, i) => 'a'.repeat(i + MIN_LITERAL));
    expect(() => compileLiterals(alike(MAX_CHAIN))).not.toThrow();
    expect(() => compileLiterals(alike(MAX_CHAIN + 1))).toThrow(RangeError);
  });

  it('finds what follows a longer text in the same memory', () => {
    hits(['abc'], 'x'.repeat(1000));
    expect(hits(['abc'], 'ab')).toEqual([]);
    expect(survey('').runEnd(0)).toBe(0);
  });
});

describe('the search for runs', () => {
  it('finds the first run that is long enough, wherever it begins', () => {
    for (let before = 0; before < 140; before++) {
      for (const length of [15, 19, 20, 21, 63, 64, 65, 130]) {
        const text = `${'ab.'.repeat(50).slice(0, before)}.${'Q'.repeat(length)}`;
        const found = survey(`${text}. more`).nextRun(0, 20);
        expect(found, `${before} ${length}`).toBe(length >= 20 ? before + 1 : -1 - before - length - 3);
        expect(survey(text).nextRun(0, 20)).toBe(length >= 20 ? before + 1 : -1 - before - 1);
        expect(survey(`${text}.`).runEnd(before + 1)).toBe(before + 1 + length);
      }
    }
  });

  it('finds it among many that are shorter, from any place on', () => {
    const runs = fc.array(fc.integer({ min: 1, max: 33 }), { maxLength: 60, size: 'max' });
    fc.assert(
      fc.property(runs, fc.integer({ min: 16, max: 32 }), fc.nat(400), (sizes, least, from) => {
        const text = sizes.map((size) => 'Q'.repeat(Math.min(size, least + 1))).join('.');
        const rest = text.slice(from);
        const begins = new RegExp(`Q{${least}}`).exec(rest)?.index;
        const mayBegin = text.length - (/Q*$/.exec(rest)?.[0].length ?? 0);
        expect(survey(text).nextRun(from, least)).toBe(begins === undefined ? -1 - mayBegin : from + begins);
      }),
      { numRuns: 3000, seed: 5 },
    );
  });

  it('tells noise from what may be text for a decoder', () => {
    const noise = '\x01z\xff'.repeat(100);
    expect(survey(noise).isNoise()).toBe(true);
    for (let before = 0; before < 140; before++) {
      const text = (run: string) => survey(`${noise.slice(0, before)}\x01${run}\x01${noise}`).isNoise();
      expect(text('elevenchars')).toBe(true);
      expect(text('twelve chars'), String(before)).toBe(false);
      expect(text(`${[...'six ch'].join('\0')}\0`)).toBe(false);
      expect(text([...'0123456789abcdef'.repeat(2)].join('\x01'))).toBe(false);
      expect(text([...'0123456789abcdef'.repeat(2).slice(1)].join('\x01'))).toBe(true);
    }
  });
});

describe('the search for look-alikes', () => {
  const reading = { form: false, plusOpens: false, folds: true, times: 0 };
  const read = (text: Buffer) => {
    surveyAt(0).take(text, NONE, false, 0, 0, () => {});
    const found = stretchesAt(0).next(0, 3072, true, reading, 12, NONE, () => {}, undefined, true);
    return typeof found === 'number' ? undefined : found.bytes.toString('latin1');
  };
  const plain = 'abcdefghijklmnopqrst';
  const kinds: [string, (char: string) => string][] = [
    ['full width', (char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0)],
    ['zero width', (char) => `${char}\u200b`],
    ['mathematical', (char) => String.fromCodePoint(0x1d41a + char.charCodeAt(0) - 0x61)],
  ];

  it.each(kinds)('finds one, and nothing but them, wherever they stand among bytes: %s', (_, fold) => {
    for (let before = 0; before < 140; before++) {
      const noise = Buffer.from('\u00e9\x01\u00df\u0416'.repeat(40)).subarray(0, before);
      for (let place = 0; place <= plain.length; place++) {
        const written =
          place === plain.length
            ? [...plain].map(fold).join('')
            : `${plain.slice(0, place)}${fold(plain.charAt(place))}${plain.slice(place + 1)}`;
        const text = Buffer.concat([noise, Buffer.from([1]), Buffer.from(written), Buffer.from([1]), noise]);
        expect(read(text), `${before} ${place}`).toBe(plain);
      }
    }
  });

  it('passes over one that stands among too little text', () => {
    for (let before = 0; before < 140; before++) {
      const text = `${'\x01'.repeat(before)}elevenchar\uff53\x01`;
      expect(read(Buffer.from(text))).toBeUndefined();
    }
  });
});

describe('entropy', () => {
  it('is in bits per character', () => {
    expect(entropy('')).toBe(0);
    expect(entropy('aaaa')).toBe(0);
    expect(entropy('abab')).toBe(1);
    expect(entropy('abcdefgh')).toBe(3);
  });
});
