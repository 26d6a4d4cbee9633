/** Real counts of every suite, kept in coverage/counts/ and added up at the end of a run. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const dir = join(import.meta.dirname, '../../coverage/counts');

/** Every suite that counts. */
const SUITES = ['coverage', 'demo', 'e2e', 'fuzz', 'stalls', 'vitest'] as const;
export type Suite = (typeof SUITES)[number];

export interface Counts {
  passed: number;
  failed: number;
  /** What this place cannot do, and what says so. */
  notRun?: number;
}

export function writeCounts(suite: Suite, passed: number, failed: number, notRun = 0): void {
  mkdirSync(dir, { recursive: true });
  const counts: Counts = { passed, failed, ...(notRun > 0 ? { notRun } : {}) };
  writeFileSync(join(dir, `${suite}.json`), JSON.stringify(counts));
}

/** One that did not come to its count failed. */
export function readCounts(): [Suite, Counts][] {
  return SUITES.map((suite) => {
    const file = join(dir, `${suite}.json`);
    return [suite, existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { passed: 0, failed: 1 }];
  });
}

const line = ({ passed, failed, notRun = 0 }: Counts): string =>
  `${passed} passed, ${failed} failed${notRun > 0 ? `, ${notRun} not run` : ''}`;

if (import.meta.main) {
  const all = { passed: 0, failed: 0, notRun: 0 };
  for (const [suite, counts] of readCounts()) {
    console.log(`${suite}: ${line(counts)}`);
    all.passed += counts.passed;
    all.failed += counts.failed;
    all.notRun += counts.notRun ?? 0;
  }
  if (all.notRun > 0) console.log(`${all.notRun} not run`);
  console.log(line({ ...all, notRun: 0 }));
}
