import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Form } from '../../../../sidecar/inspect/known/forms.ts';
import { GRAM, Grams } from '../../../../sidecar/inspect/known/grams.ts';
import { FilterPlace, placeShort } from '../../../../sidecar/inspect/scan/simd/filter.ts';
import { reserve } from '../../../../sidecar/inspect/scan/simd/memory.ts';

const place = new FilterPlace();

/** Of values that count as a whole: their first eights are in the table, as many as a step has bytes. */
function gramsOf(...texts: Buffer[]): Grams {
  const forms = texts.map((bytes): Form => {
    const value = { name: 'x', bytes, held: false, homes: [] };
    const telling = new Uint8Array(bytes.length);
    return { value, bytes, encoding: '', wholeOnly: true, fragment: 12, telling, offsetIn: (at) => at };
  });
  const building = Grams.building(forms, place);
  for (;;) {
    const step = building.next();
    if (step.done) return step.value;
  }
}

/** Every place that is stopped at, from `from` on. */
function stops(grams: Grams, text: Buffer, from: number): number[] {
  const at = placeShort(text);
  const end = text.length - GRAM + 1;
  const found: number[] = [];
  for (let stop = from; ; stop += grams.stride) {
    stop = grams.filter.next(at, stop, end);
    if (stop >= end) return found;
    found.push(stop);
  }
}

/** Of text, too: what no value has in any of its bytes is passed over. */
const value = fc
  .tuple(fc.uint8Array({ minLength: 8, maxLength: 40 }), fc.constantFrom(0xff, 0x7f, 0x3f))
  .map(([array, mask]) => Buffer.from(array.map((byte) => byte & mask)));
const bytes = (minLength: number, maxLength: number) =>
  fc.uint8Array({ minLength, maxLength }).map((array) => Buffer.from(array));

it('a value is met wherever it stands, and nothing but its eights is, with two tables in turns', () => {
  fc.assert(
    fc.property(value, value, bytes(0, 80), bytes(0, 80), (one, other, before, behind) => {
      const tables = [gramsOf(one), gramsOf(other)] as const;
      for (const [index, known] of [one, other, one].entries()) {
        const grams = tables[index % 2] as Grams;
        const text = Buffer.concat([before, known, behind]);
        const found = stops(grams, text, 0);
        expect(found.some((at) => at >= before.length && at < before.length + grams.stride)).toBe(true);
        for (const at of found) expect(known.includes(text.subarray(at, at + GRAM))).toBe(true);
        // A look goes no further than the text: what is behind it in memory is that of the text before.
        expect(stops(grams, text.subarray(0, before.length + GRAM - 1), before.length)).toEqual([]);
      }
    }),
  );
});

it('goes no further than the first step behind the text, whatever stands in memory there', () => {
  const grams = gramsOf(Buffer.from('of-twenty-bytes-or-so'));
  expect(grams.stride).toBeGreaterThan(1);
  placeShort(Buffer.alloc(1024, 0xff));
  for (let length = GRAM; length < 200; length++) {
    const end = length - GRAM + 1;
    for (const filler of [0xff, 0x41]) {
      const at = placeShort(Buffer.alloc(length, filler));
      for (let from = 0; from < Math.min(end, 9); from++) {
        const expected = from + Math.ceil((end - from) / grams.stride) * grams.stride;
        expect(grams.filter.next(at, from, end), `${length} bytes from ${from}`).toBe(expected);
      }
    }
  }
});

it('is where it was when the memory has grown', () => {
  const value = Buffer.from('of-twenty-bytes-or-so');
  const grams = gramsOf(value);
  expect(stops(grams, value, 0)).toContain(0);
  reserve(8 * 1024 * 1024);
  expect(stops(grams, value, 0)).toContain(0);
});

it('a text shorter than an eight has none', () => {
  for (let length = 0; length < GRAM; length++)
    expect(stops(gramsOf(Buffer.alloc(12)), Buffer.alloc(length), 0)).toEqual([]);
});
