/** `make test`: every vitest suite with coverage, the property tests for a minute, the turns of the inspection, then the united coverage. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { benchStalls } from '../bench/stalls.ts';
import { writeCounts } from './counts.ts';
import { processCoverage, unitedCoverage } from './coverage.ts';
import { runInSight } from './in-sight.ts';

const root = join(import.meta.dirname, '../..');
const FUZZ_SECONDS = 60;

if (process.getuid?.() !== 0) {
  console.error('make test needs root: the suites make network namespaces and act as other users');
  process.exit(1);
}

const elsewhere = runInSight(root, 'test/setup/suites.ts');
if (elsewhere !== undefined) process.exit(elsewhere);

rmSync(join(root, 'coverage'), { recursive: true, force: true });
mkdirSync(processCoverage, { recursive: true });
const results = join(root, 'coverage/vitest.json');
const vitest = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--coverage',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${results}`,
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, WEIR_PROCESS_COVERAGE: processCoverage } },
);
const { numPassedTests, numTotalTests } = JSON.parse(readFileSync(results, 'utf8')) as {
  numPassedTests: number;
  numTotalTests: number;
};
// A skipped test counts as failed: what cannot run on a machine fails.
writeCounts(
  'vitest',
  numPassedTests,
  numTotalTests - numPassedTests + (vitest.status !== 0 && numPassedTests === numTotalTests ? 1 : 0),
);

const fuzz = spawnSync(process.execPath, [join(root, 'test/fuzz/main.ts'), '--seconds', String(FUZZ_SECONDS)], {
  cwd: root,
  stdio: 'inherit',
});
// By themselves: beside other tests, and counted for coverage, the same work takes many times as long.
const stalls = await benchStalls();
for (const { line, holds } of stalls) console.log(`${line} (${holds ? 'holds' : 'DOES NOT HOLD'})`);
const inTime = stalls.filter(({ holds }) => holds).length;
writeCounts('stalls', inTime, stalls.length - inTime);
const enough = unitedCoverage();
console.log(`line coverage: ${enough ? 'enough' : 'not enough'}`);
writeCounts('coverage', enough ? 1 : 0, enough ? 0 : 1);
process.exitCode =
  vitest.status === 0 && fuzz.status === 0 && numPassedTests === numTotalTests && inTime === stalls.length && enough
    ? 0
    : 1;
