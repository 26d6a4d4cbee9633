/**
 * Line coverage of the rooms: vitest's own report covers what tests import, V8's raw reports cover the processes that
 * they spawn. A line is covered when either saw it run.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { coveredLines } from './process-coverage.ts';

const root = join(import.meta.dirname, '../..');
/** Per cent of its lines that each room needs; a file belongs to the first that it is in. */
const ROOMS: Record<string, number> = {
  crds: 90,
  sidecar: 90,
  cli: 90,
  'webhook/admission': 90,
  // The rest of it asks and answers an API server: that runs in `make e2e`, on a cluster, and is not counted.
  webhook: 35,
};

/** Where spawned processes leave V8's coverage (NODE_V8_COVERAGE). */
export const processCoverage = join(root, 'coverage/processes');

interface FileCoverage {
  statementMap: Record<string, { start: { line: number } }>;
  s: Record<string, number>;
}
type Lines = Map<number, boolean>;

function linesOf(file: FileCoverage): Lines {
  const lines: Lines = new Map();
  for (const [id, { start }] of Object.entries(file.statementMap)) {
    lines.set(start.line, (lines.get(start.line) ?? false) || (file.s[id] ?? 0) > 0);
  }
  return lines;
}

/** Prints a line per room and per poorly covered file. True: every room has what it needs. */
export function unitedCoverage(): boolean {
  const imported = JSON.parse(readFileSync(join(root, 'coverage/vitest/coverage-final.json'), 'utf8')) as Record<
    string,
    FileCoverage
  >;
  mkdirSync(processCoverage, { recursive: true });
  const { lines: spawned, cut } = coveredLines(processCoverage, root);
  if (cut > 0) console.log(`${cut} reports of processes are cut off and count for nothing`);
  const totals = new Map<string, { lines: number; covered: number }>();
  const poor: string[] = [];
  for (const [path, file] of Object.entries(imported)) {
    const name = relative(root, path);
    const room = Object.keys(ROOMS).find((each) => name.startsWith(`${each}/`));
    if (room === undefined) continue;
    const lines = linesOf(file);
    const other = spawned.get(path);
    let covered = 0;
    for (const [line, hit] of lines) if (hit || other?.get(line)) covered++;
    const total = totals.get(room) ?? { lines: 0, covered: 0 };
    totals.set(room, { lines: total.lines + lines.size, covered: total.covered + covered });
    if (100 * covered < (ROOMS[room] as number) * lines.size) poor.push(`  ${name}: ${covered} of ${lines.size}`);
  }
  if (poor.length > 0) console.log(`files with less than their room needs:\n${poor.join('\n')}`);
  let isEnough = true;
  for (const [room, least] of Object.entries(ROOMS)) {
    const { lines, covered } = totals.get(room) ?? { lines: 0, covered: 0 };
    const percent = lines === 0 ? 0 : (100 * covered) / lines;
    if (percent < least) isEnough = false;
    console.log(`line coverage of ${room}/: ${percent.toFixed(1)} % (${covered} of ${lines}; at least ${least} %)`);
  }
  return isEnough;
}
