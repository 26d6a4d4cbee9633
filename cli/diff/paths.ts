/** Paths, one of each class that a set of globs tells apart. Pure. */
import { matchGlob, parseGlob, type SegmentGlob } from '../../crds/globs.ts';
import { canonicalPath } from '../../crds/paths.ts';
import { segmentClasses } from './segments.ts';
import type { Steps } from './steps.ts';

/** Most states that the search goes through. */
export const MAX_PATH_STATES = 4096;

export interface Paths {
  /** As sent, the one with the fewest segments of each class. */
  paths: string[];
  complete: boolean;
}

/** A glob as a row of patterns; `undefined` stands for `**`. */
type Row = (number | undefined)[];

/**
 * All globs run at once over every path, a segment at a time and breadth first: each set of globs that some path matches
 * is found with the shortest such path.
 */
export function pathClasses(globs: readonly string[], steps: Steps): Paths {
  const patterns: SegmentGlob[] = [];
  const indexes = new Map<string, number>();
  const rows = globs.flatMap((text): Row[] => {
    const parsed = parseGlob(text);
    if (!parsed.ok) return [];
    const runs = parsed.glob.runs.map((run) => run.map((pattern) => indexOf(pattern, patterns, indexes)));
    return [runs.flatMap((run, i) => (i === 0 ? run : [undefined, ...run]))];
  });
  const { segments, complete: allSegments } = segmentClasses(patterns, steps);
  const { alphabet, complete: wholeAlphabet } = distinct(segments, patterns, steps);
  const found = new Map<string, string>();
  const seen = new Set<string>();
  let complete = allSegments && wholeAlphabet;
  let level: { path: string; states: number[][] }[] = [{ path: '', states: rows.map((row) => closure(row, [0])) }];
  while (level.length > 0) {
    const next: typeof level = [];
    for (const { path, states } of level) {
      const key = `${path === ''}|${states.join('|')}`;
      if (seen.has(key)) continue;
      if (seen.size >= MAX_PATH_STATES || !steps.take(alphabet.length * rows.length)) {
        complete = false;
        break;
      }
      seen.add(key);
      const matched = rows.map((row, i) => states[i]?.includes(row.length)).join();
      if (path !== '' && !found.has(matched) && canonicalPath(path)) found.set(matched, path);
      for (const { text, matches } of alphabet) {
        const after = rows.map((row, i) => step(row, states[i] ?? [], matches));
        next.push({ path: `${path}/${escaped(text)}`, states: after });
      }
    }
    level = next;
  }
  return { paths: [...found.values()], complete };
}

function indexOf(pattern: SegmentGlob, patterns: SegmentGlob[], indexes: Map<string, number>): number {
  const key = JSON.stringify(pattern);
  const known = indexes.get(key);
  if (known !== undefined) return known;
  indexes.set(key, patterns.length);
  return patterns.push(pattern) - 1;
}

/** One segment for each set of patterns that match it. */
function distinct(segments: readonly string[], patterns: readonly SegmentGlob[], steps: Steps) {
  const matchers = patterns.map(matcherOf);
  let complete = true;
  const bySignature = new Map<string, { text: string; matches: boolean[] }>();
  for (const text of segments) {
    if (!steps.take(matchers.length)) {
      complete = false;
      break;
    }
    const matches = matchers.map((matches) => matches(text));
    const key = `${text === ''} ${matches.join()}`;
    if (!bySignature.has(key)) bySignature.set(key, { text, matches });
  }
  return { alphabet: [...bySignature.values()], complete };
}

function matcherOf(pattern: SegmentGlob): (text: string) => boolean {
  if (pattern.kind === 'exact') return (text) => text === pattern.text;
  const parsed = parseGlob(`/${pattern.kind === 'any' ? '*' : globText(pattern)}`);
  return (text) => parsed.ok && matchGlob(parsed.glob, [text]);
}

function globText({ prefix, middles, suffix }: Extract<SegmentGlob, { kind: 'parts' }>): string {
  return [prefix, ...middles, suffix].map((piece) => piece.replaceAll('*', '\\*')).join('*');
}

function step(row: Row, states: readonly number[], matches: readonly boolean[]): number[] {
  const next = new Set<number>();
  for (const at of states) {
    if (at === row.length) continue;
    const pattern = row[at];
    if (pattern === undefined) next.add(at);
    else if (matches[pattern]) next.add(at + 1);
  }
  return closure(row, [...next]);
}

/** `**` stands for no segment too. */
function closure(row: Row, states: readonly number[]): number[] {
  const all = new Set(states);
  for (const at of all) if (at < row.length && row[at] === undefined) all.add(at + 1);
  return [...all].sort((a, b) => a - b);
}

/** As a path segment is sent (RFC 3986 section 3.3: pchar stays). */
function escaped(segment: string): string {
  return encodeURIComponent(segment).replaceAll(/%(40|3A|24|26|2B|2C|3B|3D)/g, (code) => decodeURIComponent(code));
}
