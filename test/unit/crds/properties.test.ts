/** The properties of test/fuzz/policy.fuzz.ts and parts.fuzz.ts, a few hundred runs each. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { properties as parts } from '../../fuzz/parts.fuzz.ts';
import { properties as policies } from '../../fuzz/policy.fuzz.ts';

describe('properties', () => {
  it.each([...policies, ...parts])('$name', ({ property }) => {
    const result = fc.check(property as fc.IProperty<unknown>, {
      seed: 20261125,
      numRuns: 300,
      interruptAfterTimeLimit: 3000,
    });
    expect(result.failed, fc.defaultReportMessage(result)).toBe(false);
    expect(result.numRuns).toBeGreaterThan(0);
  });
});
