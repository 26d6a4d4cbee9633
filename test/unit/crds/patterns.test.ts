/** What is searched for of a pattern: a text of every match, where it stands, and after how much a match is decided. */
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { MAX_BEFORE, MAX_DECIDED, MIN_LITERAL, planOf } from '../../../crds/patterns.ts';
import { shapeOf } from '../../../crds/regex.ts';

describe('planOf', () => {
  it.each<[regex: string, literals: string[], before: number, decided: number]>([
    ['acme_[a-z0-9]{32}', ['acme_'], 0, 37],
    ['acme_[a-z]+', ['acme_'], 0, 6],
    ['acme_[a-z]*', ['acme_'], 0, 5],
    ['acme_[a-z]+\\b', ['acme_'], 0, MAX_DECIDED],
    ['(?:foo|bar)_key', ['foo_key', 'bar_key'], 0, 7],
    ['[a-z]{8}-acme-[0-9]{4}', ['-acme-'], 8, 18],
    ['[a-z]+-acme-', ['-acme-'], MAX_BEFORE, MAX_DECIDED],
    ['(?i)AcMe', ['acme'], 0, 4],
    ['[Aa]cme', ['acme'], 0, 4],
    ['ac(?:me|)key', ['acmekey', 'ackey'], 0, 7],
    ['(?P<id>tok)en', ['token'], 0, 5],
    ['\\Qa.b*c\\E[0-9]', ['a.b*c'], 0, 6],
    ['ab\\Qc\\E{2}d', ['abccd'], 0, 5],
    ['(?:ab){2}', ['abab'], 0, 4],
    ['a\\x62\\143\\t', ['abc\t'], 0, 4],
    ['[]a]cme[^]a]x', [']cme', 'acme'], 0, 6],
    ['ab{,3}c', ['ab{,3}c'], 0, 7],
    ['key=(?:[a-z]{4}|[0-9]{9})', ['key='], 0, 13],
    ['[a-c]x?yzz', ['yzz', 'xyzz'], 1, 5],
    ['(a+)+acme', ['acme'], MAX_BEFORE, MAX_DECIDED],
  ])('%s', (regex, literals, before, decided) => {
    expect(planOf(regex)).toMatchObject({ literals, before, decided });
  });

  it.each([
    ['[a-z0-9]{32}', 'no text of 3 characters is in every match'],
    ['acme|ab', 'no text of 3 characters is in every match'],
    ['(?:acme)?', 'no text of 3 characters is in every match'],
    ['(a+)+$', '$ cannot match, since secrets stand within other text'],
    ['\\Aacme', '\\A cannot match, since secrets stand within other text'],
    ['\\p{L}acme', '\\p is about characters, and text is searched as bytes'],
    ['acme\\x{2603}', '\\x is no byte, and text is searched as bytes'],
    ['(acme)\\1', 'it cannot be run: invalid escape sequence: `\\1`'],
    ['acme(?!x)', 'it cannot be run: invalid or unsupported Perl syntax: `(?!`'],
    ['acme[a-z]{600}[0-9]{600}', 'it takes 1206 instructions, and at most 1024 are run'],
  ])('refuses %s, with a fix', (regex, error) => {
    expect(planOf(regex)).toEqual({ error, fix: expect.stringMatching(/.{9}/) });
  });
});

/** Expressions that have a text of their own, of every kind of syntax that is read. */
const atom = fc.constantFrom(
  'a',
  'B',
  '-',
  '.',
  '[ab]',
  '[^a]',
  '[a-c]',
  '\\d',
  '\\.',
  '\\x61',
  '[[:alpha:]]',
  '(?i:b)',
  '\\bab',
);
const regex = fc.letrec<{ re: string }>((tie) => ({
  re: fc.oneof(
    { depthSize: 'small' },
    atom,
    fc.tuple(tie('re'), tie('re')).map(([a, b]) => a + b),
    fc.tuple(tie('re'), tie('re')).map(([a, b]) => `(?:${a}|${b})`),
    fc
      .tuple(tie('re'), fc.constantFrom('*', '+', '?', '{2}', '{1,3}', '{2,}', '*?', '{0,1}'))
      .map(([a, b]) => `(?:${a})${b}`),
    tie('re').map((a) => `(${a})`),
  ),
})).re;
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'B', 'c', '-', '.', '1', 'z', ' '), maxLength: 40 });

describe('shapeOf', () => {
  it('says what the engine does of every match', () => {
    let matches = 0;
    fc.assert(
      fc.property(regex, text, (source, subject) => {
        const matcher = RE2JS.compile(source).matcher(subject);
        const { decided, exact, max, min, required } = shapeOf(source);
        if (!matcher.find()) return;
        matches++;
        const [start, end] = [matcher.start(), matcher.end()];
        const found = subject.slice(start, end).toLowerCase();
        expect(found.length).toBeGreaterThanOrEqual(min);
        expect(found.length).toBeLessThanOrEqual(max);
        if (exact) expect(exact).toContain(found);
        if (required) {
          const places = required.texts.map((each) => found.indexOf(each)).filter((at) => at >= 0);
          expect(Math.min(...places)).toBeLessThanOrEqual(required.before);
        }
        // With no more than that, and what stands around it, there is a match already.
        const cut = RE2JS.compile(source).matcher(subject.slice(0, Math.min(subject.length, start + decided + 1)));
        expect(cut.find(), `${source} in ${subject}`).toBe(true);
      }),
      { numRuns: 3000 },
    );
    expect(matches).toBeGreaterThan(500);
  });

  it('reads whatever the engine takes', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab{}[]()|*+?,-2\\Qx^:'), maxLength: 14 }), (source) => {
        const plan = planOf(source);
        if ('error' in plan) expect(plan.error).not.toBe('');
        else for (const literal of plan.literals) expect(literal.length).toBeGreaterThanOrEqual(MIN_LITERAL);
      }),
      { numRuns: 3000 },
    );
  });
});
