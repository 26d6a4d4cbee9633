import fc from 'fast-check';
import { describe, it } from 'vitest';
import { properties } from '../../fuzz/tls.fuzz.ts';

describe('properties, briefly', () => {
  it.each(properties)('$name', ({ property }) => {
    // The element types of the properties differ; the check does not look at them.
    fc.assert(property as fc.IProperty<unknown>, { numRuns: 400, seed: 4 });
  });
});
