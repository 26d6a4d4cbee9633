import { describe, expect, it } from 'vitest';
import { formsOf } from '../../../../sidecar/inspect/known/forms.ts';
import { MAX_WORDS, MIN_WORD, ScatteredWords } from '../../../../sidecar/inspect/known/scattered.ts';
import type { Value } from '../../../../sidecar/inspect/known/values.ts';
import { random } from './support.ts';

const knownValue = (text: string, held = true): Value => ({ name: text, bytes: Buffer.from(text), held, homes: [] });
const formsFor = (...values: Value[]) => values.flatMap((value) => formsOf(value, true));
const SECRET = random(5, 40);
const PIECES = Buffer.from(SECRET).toString('hex').match(/.{8}/g) as string[];

/** Whether each name is found to be one too many. */
function found(words: ScatteredWords, names: readonly string[], forms = formsFor(knownValue(SECRET))): boolean[] {
  return names.map((name) => {
    const draft = words.draft(name, forms);
    if (!draft.found) draft.keep();
    return draft.found !== undefined;
  });
}

describe('words that stand in a secret', () => {
  it('are too many with the second of four bytes, and from then on', () => {
    const names = PIECES.filter((_, i) => i % 2 === 0).map((piece) => `${piece}.sink.example`);
    expect(found(new ScatteredWords(), names)).toEqual([false, true, true, true, true]);
  });

  it('count once, however often they are asked for', () => {
    expect(
      found(
        new ScatteredWords(),
        Array.from({ length: 20 }, () => `${PIECES[0]}.x.sink.example`),
      ),
    ).not.toContain(true);
  });

  it('do not count when the workload does not have the secret', () => {
    const forms = formsFor(knownValue(SECRET, false));
    expect(found(new ScatteredWords(), PIECES, forms)).not.toContain(true);
  });

  it(`count from ${MIN_WORD} characters on`, () => {
    const apart = (size: number) => SECRET.toLowerCase().match(new RegExp(`.{${size}}`, 'g')) ?? [];
    expect(found(new ScatteredWords(), apart(MIN_WORD))).toContain(true);
    expect(found(new ScatteredWords(), apart(MIN_WORD - 1))).not.toContain(true);
  });

  it(`are followed in up to ${MAX_WORDS} words`, () => {
    for (const [before, expected] of [
      [MAX_WORDS - 1, true],
      [MAX_WORDS, false],
    ] as const) {
      const words = new ScatteredWords();
      found(
        words,
        Array.from({ length: before }, (_, i) => `word${i}`),
      );
      const [long = ''] = Buffer.from(SECRET).toString('hex').match(/.{20}/) ?? [];
      expect(found(words, [long]), `${before}`).toEqual([expected]);
    }
  });

  it('are none in random names, for as many as a budget admits, and many secrets', () => {
    const forms = formsFor(...Array.from({ length: 40 }, (_, i) => knownValue(random(1000 + i, 20 + i))));
    const alarms = Array.from({ length: 60 }, (_, domain) => {
      const text = random(domain + 1, 1200).toLowerCase();
      const hex = Buffer.from(text).toString('hex');
      const names = Array.from({ length: 60 }, (_, i) =>
        i % 2 === 0 ? hex.slice(i * 9, i * 9 + 3 + (i % 7)) : text.slice(i * 9, i * 9 + 3 + (i % 9)),
      );
      return found(new ScatteredWords(), names, forms).includes(true);
    });
    expect(alarms).not.toContain(true);
  });
});
