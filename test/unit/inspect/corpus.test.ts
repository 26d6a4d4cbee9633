/** The corpus: every format that a detector knows, in every encoding that is expected. */
import { describe, expect, it } from 'vitest';
import { ELSEWHERE, ENCODINGS } from '../../fixtures/corpus/encodings.ts';
import { chainedBodies, encodedBodies, mark, percent, recallOf } from '../../fixtures/corpus/recall.ts';
import { corpus } from '../../fixtures/corpus/secrets.ts';

const LEAST_PLAIN = 0.98;
const LEAST_SINGLE = 0.97;
const LEAST_CHAINED = 0.95;
/** Encodings in a chain. */
const CHAIN = 3;

const secrets = corpus(1);

describe('the corpus', () => {
  it('has secrets of many formats, all different', () => {
    expect(secrets.length).toBeGreaterThanOrEqual(400);
    expect(new Set(secrets.map(({ detector, format }) => `${detector} ${format}`)).size).toBeGreaterThanOrEqual(150);
    expect(new Set(secrets.map(({ text }) => text)).size).toBe(secrets.length);
    expect(Object.keys(ELSEWHERE).length).toBeGreaterThan(10);
  });

  it('is found as it stands', async () => {
    const recall = await recallOf(
      corpus(2, 3),
      corpus(2, 3).map(({ text }) => Buffer.from(text, 'latin1')),
    );
    console.log(`plain: ${percent(recall)} of ${recall.tried}; missed: ${[...recall.missed].join(' ')}`);
    expect(recall.found / recall.tried).toBeGreaterThanOrEqual(LEAST_PLAIN);
  });

  it('is found in each encoding that can be undone', { timeout: 600_000 }, async () => {
    const rows: string[] = [];
    const names = [...new Set(secrets.map(({ detector }) => detector))].sort();
    const marks = new Map(names.map((name) => [name, '']));
    let found = 0;
    let tried = 0;
    for (const encoding of ENCODINGS) {
      const recall = await recallOf(secrets, encodedBodies(encoding, secrets));
      if (encoding.notDecodable === undefined) {
        found += recall.found;
        tried += recall.tried;
      }
      for (const name of names) marks.set(name, `${marks.get(name)}${mark(name, secrets, recall)}`);
      const missed = [...recall.missed].slice(0, 6).map(([name, count]) => `${name}:${count}`);
      rows.push(
        `${String(rows.length + 1).padStart(2)} ${encoding.name.padEnd(26)} ${percent(recall).padStart(8)}  ${encoding.notDecodable === undefined ? missed.join(' ') : `no bar: ${encoding.notDecodable}`}`,
      );
    }
    console.log('by detector; columns are the encodings in the order of the table below\n');
    console.log(names.map((name) => `${name.padEnd(26)} ${marks.get(name)}`).join('\n'));
    console.log(`${rows.join('\n')}\nall that can be undone: ${percent({ found, tried })}`);
    expect(found / tried).toBeGreaterThanOrEqual(LEAST_SINGLE);
  });

  it('is found in chains of three', { timeout: 300_000 }, async () => {
    const { bodies, chains } = chainedBodies(secrets, CHAIN, 7);
    const recall = await recallOf(secrets, bodies);
    console.log(`chains of ${CHAIN}: ${percent(recall)}; for example ${chains.slice(0, 3).join('; ')}`);
    expect(recall.found / recall.tried).toBeGreaterThanOrEqual(LEAST_CHAINED);
  });
});
