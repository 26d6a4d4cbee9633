/** Runs every property of test/fuzz for a given time in all, from a seed; prints the seed that repeats a failure. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { writeCounts } from '../setup/counts.ts';

type Property = fc.IRawProperty<unknown>;

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string', default: '20261125' } },
});
const seconds = Number(values.seconds);
const seed = Number(values.seed);

const suites = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.fuzz.ts'))
  .sort();
const all: { name: string; property: Property }[] = [];
for (const file of suites) {
  const { properties } = (await import(join(import.meta.dirname, file))) as {
    properties: { name: string; property: Property }[];
  };
  for (const { name, property } of properties) all.push({ name: `${file.replace('.fuzz.ts', '')}: ${name}`, property });
}
if (all.length === 0) throw new Error('no property found in test/fuzz');

console.log(`${all.length} properties, ${seconds} s in all, seed ${seed}`);
const share = (seconds * 1000) / all.length;
let failed = 0;
for (const { name, property } of all) {
  const result = await fc.check(property, {
    seed,
    numRuns: 1_000_000_000,
    interruptAfterTimeLimit: share,
    markInterruptAsFailure: false,
  });
  // Interrupted before its first run, a property has shown nothing.
  const bad = result.failed || result.numRuns === 0;
  console.log(`${bad ? ' FAIL ' : '  ok  '} ${name} (${result.numRuns} runs)`);
  if (bad) {
    failed++;
    console.log(
      `       seed ${result.seed}, path ${result.counterexamplePath}\n       ${JSON.stringify(result.counterexample)?.slice(0, 2000)}\n       ${String(result.errorInstance)}`,
    );
  }
}
writeCounts('fuzz', all.length - failed, failed);
process.exitCode = failed === 0 ? 0 : 1;
