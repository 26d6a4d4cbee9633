import fc from 'fast-check';
import { describe, it } from 'vitest';
import { properties } from '../../fuzz/dns.fuzz.ts';

describe('properties', () => {
  it.each(properties)('$name', async ({ property }) => {
    await fc.assert(property as fc.IRawProperty<unknown>, { numRuns: 500, seed: 20_261_125 });
  });
});
