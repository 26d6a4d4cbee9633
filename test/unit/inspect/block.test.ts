import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FIELD } from '../../../sidecar/inspect/scan/simd/fields.ts';
import { MARK_EVERY, SAW_PERCENT, SAW_PLUS } from '../../../sidecar/inspect/scan/simd/stretches.ts';
import { MAP } from '../../../sidecar/inspect/scan/simd/text.ts';

const source = readFileSync(
  new URL('../../../sidecar/inspect/scan/simd/assembly/block.asm.ts', import.meta.url),
  'utf8',
);

/** Numbers of a type in the order in which they are written, by name. */
function numbers(type: string): [string, number][] {
  const all = source.matchAll(new RegExp(`^export const (\\w+): ${type} = (\\d+);$`, 'gm'));
  return [...all].map(([, name, value]) => [name as string, Number(value)]);
}

describe('the block that the WebAssembly is told of a text in', () => {
  // The bitmaps stand before the fields.
  const all = numbers('usize');
  const first = all.findIndex(([name]) => name === 'TEXT');

  it('has the same fields on either side, each four bytes, none at the place of another', () => {
    const fields = all.slice(first);
    expect(FIELD).toEqual(Object.fromEntries(fields));
    const places = fields.map(([, place]) => place).sort((one, other) => one - other);
    expect(places).toEqual(fields.map((_, index) => 4 * index));
  });

  it('has the same maps, marks and bits', () => {
    expect(Object.fromEntries(all.slice(0, first))).toMatchObject(MAP);
    expect(Object.fromEntries(numbers('u32'))).toMatchObject({ MARK_EVERY, SAW_PERCENT, SAW_PLUS });
  });
});
