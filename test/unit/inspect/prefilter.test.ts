import { describe, expect, it } from 'vitest';
import { BASE64, characters } from '../../../sidecar/inspect/detectors/samples.ts';
import { entropy } from '../../../sidecar/inspect/scan/entropy.ts';
import { compilePrefilter, MIN_LITERAL } from '../../../sidecar/inspect/scan/prefilter.ts';

function hits(literals: readonly string[], text: string, from = 0, to = text.length): [string, number][] {
  const found: [string, number][] = [];
  compilePrefilter(literals).scan(Buffer.from(text, 'latin1'), from, to, (literal, at) =>
    found.push([literals[literal] as string, at]),
  );
  return found.sort((a, b) => a[1] - b[1] || a[0].length - b[0].length);
}

describe('the prefilter', () => {
  it('finds every literal at every place, as a plain search does', () => {
    const literals = ['abc', 'abcd', 'bcd', 'xyzzy', 'aaaa', 'SG.', 'PRIVATE KEY', '\0\xff\x80', 'aaaabaaaa'];
    for (let seed = 0; seed < 300; seed++) {
      const alphabet = seed % 3 === 0 ? 'abcd' : seed % 3 === 1 ? 'aSGKPV.xyz \0\xff\x80' : BASE64;
      const text = `${characters(seed, seed % 50, alphabet)}${literals[seed % literals.length]}${characters(seed + 1, seed % 9, alphabet)}`;
      const expected: [string, number][] = [];
      for (const literal of literals) {
        for (let at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + 1)) expected.push([literal, at]);
      }
      expect(hits(literals, text)).toEqual(expected.sort((a, b) => a[1] - b[1] || a[0].length - b[0].length));
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

  it('takes no literal below the bound', () => {
    expect(() => compilePrefilter(['ab'])).toThrow(RangeError);
    expect(() => compilePrefilter(['a'.repeat(MIN_LITERAL)])).not.toThrow();
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
