import fc from 'fast-check';
import { describe, it } from 'vitest';
import { properties } from '../../fuzz/inspect.fuzz.ts';

describe('inspect properties', () => {
  it.each(properties.map(({ name, property }) => [name, property] as const))('%s', async (_, property) => {
    await fc.assert(property, { numRuns: 40, seed: 4 });
  });
});
