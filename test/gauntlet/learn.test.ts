import { expect, test } from 'vitest';
import { makeCases } from './cases.ts';
import { ENCODING_NAMES, ENCODINGS } from './encodings.ts';
import { Arrivals, learned, MIN_RUN_BYTES } from './learn.ts';

const SECRET = 'k9Qw+7/ZpL2mX4vB8nR1tY6uI0oP3aS5dF';

test.each(ENCODING_NAMES)(
  'a secret in %s is learned whole, also after a character of its alphabet and twice over',
  (name) => {
    const encode = ENCODINGS[name];
    for (const text of [
      encode(SECRET),
      `/a${encode(SECRET)}`,
      encode(encode(SECRET)),
      JSON.stringify({ x: encode(SECRET) }),
    ]) {
      expect(learned([SECRET], [new Arrivals([`GET /v1/${text} HTTP/1.1`])]), text).toBe(SECRET.length);
    }
  },
);

test('the longest run counts, from the minimal length on', () => {
  const part = (length: number) => new Arrivals([`..${SECRET.slice(5, 5 + length)}..`, 'other', SECRET.slice(0, 4)]);
  expect(learned([SECRET], [part(MIN_RUN_BYTES - 1)])).toBe(0);
  expect(learned([SECRET], [part(MIN_RUN_BYTES)])).toBe(MIN_RUN_BYTES);
  expect(learned([SECRET], [part(20)])).toBe(20);
});

test('a run that is very common elsewhere is found all the same', () => {
  const noise = Array.from({ length: 500 }, (_, index) => `${SECRET.slice(0, 10)}${index}`);
  expect(learned([SECRET], [new Arrivals([...noise, SECRET])])).toBe(SECRET.length);
});

test('names are compared without case', () => {
  expect(learned([SECRET], [new Arrivals([SECRET.toLowerCase()], true)])).toBe(SECRET.length);
  expect(learned([SECRET], [new Arrivals([SECRET.toLowerCase()])])).toBe(0);
});

test('cases are the same for the same seed, and no two share a secret', () => {
  const cases = makeCases('7', 'allowed.example');
  expect(makeCases('7', 'allowed.example').map(({ secret }) => secret)).toEqual(cases.map(({ secret }) => secret));
  expect(new Set(cases.map(({ secret }) => secret.text)).size).toBe(cases.length);
  for (const { secret } of cases) expect(secret.core.every((part) => secret.text.includes(part))).toBe(true);
});
