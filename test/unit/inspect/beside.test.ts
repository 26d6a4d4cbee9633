/** What the search leaves out by what stands beside a literal: nothing that a detector would find. */
import { describe, expect, it } from 'vitest';
import { WORDS } from '../../../sidecar/inspect/detectors/beside.ts';
import { DETECTORS } from '../../../sidecar/inspect/detectors/index.ts';
import { BASE62, characters } from '../../../sidecar/inspect/detectors/samples.ts';
import type { Detector } from '../../../sidecar/inspect/detectors/types.ts';
import { rotated } from '../../../sidecar/inspect/scan/dressed.ts';
import { compileLiterals } from '../../../sidecar/inspect/scan/simd/literals.ts';
import { surveyAt } from '../../../sidecar/inspect/scan/simd/survey.ts';
import { EXACT_TABLE } from '../../../sidecar/inspect/scan/table.ts';

const SEEDS = 6;
const KEYS = [0x01, 0x20, 0x5b, 0x9d, 0xff];
const { byLiteral, dressed, firstDressed, literals } = EXACT_TABLE;
const PLAIN = [...new Set(DETECTORS.flatMap((detector) => detector.literals))];

/** The numbers and places of all literals that the search tells of. */
function hits(text: Buffer): Set<string> {
  const found = new Set<string>();
  surveyAt(0).take(text, literals, false, 0, text.length, (literal, at) => found.add(`${literal} ${at}`));
  return found;
}

/** Where a detector finds something, and the literal there. */
function places(detector: Detector, text: string): { literal: string; at: number }[] {
  return detector.literals.flatMap((literal) => {
    const found = [];
    for (let at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + 1)) {
      if (detector.confirm(text, at, false) !== undefined) found.push({ literal, at });
    }
    return found;
  });
}

/** Samples as they are, among other text, and cut to the least that is found. */
function textsOf(detector: Detector): string[] {
  return Array.from({ length: SEEDS }, (_, seed) => detector.examples(seed).matching)
    .flat()
    .flatMap((text, index) => {
      let shortest = text;
      while (places(detector, shortest.slice(0, -1)).length > 0) shortest = shortest.slice(0, -1);
      const around = characters(index, 70 + index, BASE62);
      return [text, shortest, `${around} ${text}\n${around}`, `${around}. ${shortest}. `];
    });
}

describe('what stands beside a literal', () => {
  it.each(DETECTORS.map((detector) => [detector.name, detector] as const))(
    'leaves nothing of %s out',
    (_, detector) => {
      let count = 0;
      for (const text of textsOf(detector)) {
        const expected = places(detector, text);
        count += expected.length;
        const bytes = Buffer.from(text, 'latin1');
        const plain = hits(bytes);
        for (const { literal, at } of expected) {
          const number = PLAIN.indexOf(literal);
          expect(byLiteral[number]).toContain(detector);
          expect(plain, `${literal} in ${text}`).toContain(`${number} ${at}`);
          for (const [index, { dress, literal: worn, detectors }] of dressed.entries()) {
            if (worn !== literal || !detectors.includes(detector)) continue;
            const forms =
              dress.name === 'reversed'
                ? [{ form: Buffer.from(bytes).reverse(), from: bytes.length - at - literal.length }]
                : dress.name === 'rot13'
                  ? [{ form: rotated(bytes), from: at }]
                  : KEYS.map((key) => ({ form: bytes.map((byte) => byte ^ key), from: at }));
            for (const { form, from } of forms) {
              expect(hits(Buffer.from(form)), `${dress.name} ${literal} in ${text}`).toContain(
                `${firstDressed + index} ${from}`,
              );
            }
          }
        }
      }
      expect(count).toBeGreaterThan(0);
    },
  );

  it('is judged as far as the text and no NUL goes', () => {
    const nothing = { set: WORDS, count: 0 };
    const found = (text: string, key = 0) => {
      const table = compileLiterals(['abc_'], ['abc_'], undefined, () => ({
        before: { set: WORDS, count: 2 },
        behind: { set: WORDS, count: 3 },
      }));
      const all: number[] = [];
      const bytes = Buffer.from(text, 'latin1').map((byte) => byte ^ key);
      surveyAt(0).take(bytes, table, false, 0, text.length, (literal) => all.push(literal));
      return all;
    };
    for (const key of [0, 0x55, 0x80]) {
      const number = key === 0 ? 0 : 1;
      for (const text of ['xxabc_xxx', 'abc_', 'xabc_xx', ' xxabc_xxx ']) expect(found(text, key)).toEqual([number]);
      for (const text of [' xabc_xxx', ' abc_xxx', 'xxabc_xx ', 'xxabc_ xx']) expect(found(text, key)).toEqual([]);
    }
    for (const text of ['\0abc_\0', ' \0xabc_xx\0 ']) expect(found(text)).toEqual([0]);
    const until = compileLiterals(['abc_'], [], undefined, () => ({
      before: nothing,
      behind: { set: WORDS, count: 3, until: '@' },
    }));
    const ends = (text: string) => {
      let count = 0;
      surveyAt(0).take(Buffer.from(text), until, false, 0, text.length, () => count++);
      return count === 1;
    };
    for (const text of ['abc_@', 'abc_xxx@', 'abc_xxx', 'abc_']) expect(ends(text), text).toBe(true);
    for (const text of ['abc_xxxx@', 'abc_xxxx', 'abc_ @', 'abc_x x@']) expect(ends(text), text).toBe(false);
  });
});
