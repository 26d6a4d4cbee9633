import fc from 'fast-check';
import { expect, test } from 'vitest';
import { properties } from '../../fuzz/http.fuzz.ts';

test.each(properties)('$name', async ({ property }) => {
  const result = await fc.check(property, { numRuns: 300, interruptAfterTimeLimit: 600, seed: 4 });
  expect(result.failed, fc.defaultReportMessage(result)).toBe(false);
});
