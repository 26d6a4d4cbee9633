/** Real counts of every suite, kept in coverage/counts/ and added up at the end of a run. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const dir = join(import.meta.dirname, '../../coverage/counts');

export function writeCounts(suite: string, passed: number, failed: number): void {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, `${suite}.json`), JSON.stringify({ passed, failed }));
}

export function readCounts(): Record<string, { passed: number; failed: number }> {
  mkdirSync(dir, { recursive: true });
  return Object.fromEntries(
    readdirSync(dir).map((file) => [file.replace('.json', ''), JSON.parse(readFileSync(join(dir, file), 'utf8'))]),
  );
}

if (import.meta.main) {
  let passed = 0;
  let failed = 0;
  for (const [suite, counts] of Object.entries(readCounts())) {
    console.log(`${suite}: ${counts.passed} passed, ${counts.failed} failed`);
    passed += counts.passed;
    failed += counts.failed;
  }
  console.log(`${passed} passed, ${failed} failed`);
}
