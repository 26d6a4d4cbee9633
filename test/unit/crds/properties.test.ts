/** The properties of test/fuzz/policy.fuzz.ts, a few hundred runs each. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { properties } from '../../fuzz/policy.fuzz.ts';

describe('properties', () => {
  it.each(properties)('$name', ({ property }) => {
    const result = fc.check(property as fc.IProperty<unknown>, {
      seed: 20261125,
      numRuns: 300,
      interruptAfterTimeLimit: 3000,
    });
    expect(result.failed, fc.defaultReportMessage(result)).toBe(false);
    expect(result.numRuns).toBeGreaterThan(0);
  });
});
