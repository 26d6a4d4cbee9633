/**
 * Lines that spawned processes ran, from V8's raw coverage (NODE_V8_COVERAGE). Bundles are mapped back by their source
 * maps, segment by segment: a source line is covered when some generated code that came from it ran.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodedMappings, TraceMap } from '@jridgewell/trace-mapping';

interface Script {
  url: string;
  functions: { ranges: { startOffset: number; endOffset: number; count: number }[] }[];
}

/** Source file → line → whether it ran, over all processes. */
export type CoveredLines = Map<string, Map<number, boolean>>;

/**
 * Reads every report in `directory`; scripts outside `root` are left out. `cut`: how many reports were not whole, and
 * count for nothing: some tests kill a process while it writes its own.
 */
export function coveredLines(directory: string, root: string): { lines: CoveredLines; cut: number } {
  const ran = new Map<string, Uint8Array>();
  let cut = 0;
  for (const name of readdirSync(directory)) {
    const report = parsed(readFileSync(join(directory, name), 'utf8'));
    if (report === undefined) cut++;
    for (const script of report?.result ?? []) {
      if (!script.url.startsWith('file:')) continue;
      const file = fileURLToPath(script.url);
      if (!file.startsWith(`${root}/`) || file.includes('/node_modules/') || !existsSync(file)) continue;
      const before = ran.get(file);
      const now = bytesRun(script, before?.length ?? readFileSync(file, 'utf8').length);
      if (before)
        now.forEach((bit, at) => {
          if (bit) before[at] = 1;
        });
      else ran.set(file, now);
    }
  }
  const lines: CoveredLines = new Map();
  for (const [file, bits] of ran) {
    if (existsSync(`${file}.map`)) addBundle(lines, file, bits);
    else if (file.endsWith('.ts')) addSource(lines, file, bits);
  }
  return { lines, cut };
}

function parsed(report: string): { result: Script[] } | undefined {
  try {
    return JSON.parse(report);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** For each UTF-16 unit whether it ran. V8 lists outer functions and ranges before those inside them. */
function bytesRun({ functions }: Script, length: number): Uint8Array {
  const bits = new Uint8Array(length);
  for (const { ranges } of functions) {
    for (const { startOffset, endOffset, count } of ranges) bits.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  }
  return bits;
}

function mark(lines: CoveredLines, file: string, line: number, ranNow: boolean): void {
  const known = lines.get(file) ?? new Map<number, boolean>();
  known.set(line, (known.get(line) ?? false) || ranNow);
  lines.set(file, known);
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function addBundle(lines: CoveredLines, file: string, bits: Uint8Array): void {
  const starts = lineStarts(readFileSync(file, 'utf8'));
  const map = new TraceMap(readFileSync(`${file}.map`, 'utf8'));
  const sources = map.sources.map((source) => resolve(dirname(file), source ?? ''));
  decodedMappings(map).forEach((segments, line) => {
    for (const [column, source, originalLine] of segments) {
      if (source === undefined || originalLine === undefined) continue;
      mark(lines, sources[source] ?? '', originalLine + 1, bits[(starts[line] ?? 0) + column] === 1);
    }
  });
}

/** Node strips types by blanking them: positions are those of the file. */
function addSource(lines: CoveredLines, file: string, bits: Uint8Array): void {
  const text = readFileSync(file, 'utf8');
  lineStarts(text).forEach((start, index) => {
    const indent = text.slice(start).search(/\S/);
    if (indent >= 0) mark(lines, file, index + 1, bits[start + indent] === 1);
  });
}
