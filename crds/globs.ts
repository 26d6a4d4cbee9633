/**
 * Path globs: `*` stands for characters within one segment (alone: for one segment that is not empty), `**` as a whole
 * segment for any number of segments, none included, `\*` for a star. Everything else stands for itself.
 * Matching is linear in the path for a given glob: there is no backtracking over more than one star.
 */

/** Most segments in a glob; with the length bound of the schema it bounds the work of a match. */
export const MAX_GLOB_SEGMENTS = 64;

export type SegmentGlob =
  | { kind: 'exact'; text: string }
  | { kind: 'any' }
  | { kind: 'parts'; prefix: string; middles: string[]; suffix: string };

/** The runs of segments between the `**`s; one run: the glob has none. */
export interface Glob {
  runs: SegmentGlob[][];
}

export type GlobResult = { ok: true; glob: Glob } | { ok: false; error: string; fix?: string };

/** Never throws. `fix` is a glob to write instead. */
export function parseGlob(text: string): GlobResult {
  if (!text.startsWith('/')) {
    const rest = /^[a-z][a-z0-9+.-]*:\/\/[^/]*(\/.*)?$/i.exec(text);
    return { ok: false, error: 'a path starts with `/`', fix: rest ? (rest[1] ?? '/') : `/${text}` };
  }
  const segments = text.slice(1).split('/');
  if (segments.length > MAX_GLOB_SEGMENTS)
    return { ok: false, error: `a path has at most ${MAX_GLOB_SEGMENTS} segments` };
  const runs: SegmentGlob[][] = [[]];
  for (const segment of segments) {
    if (segment === '**') {
      runs.push([]);
      continue;
    }
    const bare = segment.replaceAll('\\*', 'x');
    if (bare.includes('\\'))
      return {
        ok: false,
        error: '`\\` is only allowed before `*`, for a star itself',
        fix: text.replaceAll(/\\(?!\*)/g, '/'),
      };
    if (bare.includes('**')) {
      return {
        ok: false,
        error: '`**` stands for whole segments',
        fix: text.replaceAll(/\*{2,}/g, '*').replace(/\/?$/, '/**'),
      };
    }
    if (segment === '.' || segment === '..')
      return { ok: false, error: 'dot segments are refused in requests, so they cannot match' };
    if (/[\p{Cc}\u2028\u2029]/u.test(segment)) return { ok: false, error: 'a path has no control characters' };
    runs.at(-1)?.push(parseSegment(segment));
  }
  return { ok: true, glob: { runs } };
}

/** The glob that matches exactly the path of these canonical segments. */
export function globOf(segments: readonly string[]): string {
  return `/${segments.map((segment) => segment.replaceAll('*', '\\*')).join('/')}`;
}

export function matchGlob({ runs }: Glob, segments: readonly string[]): boolean {
  const first = runs[0] ?? [];
  if (runs.length === 1) return segments.length === first.length && matchesAt(first, segments, 0);
  const last = runs.at(-1) ?? [];
  const end = segments.length - last.length;
  if (first.length > end || !matchesAt(first, segments, 0) || !matchesAt(last, segments, end)) return false;
  let from = first.length;
  for (const run of runs.slice(1, -1)) {
    while (from + run.length <= end && !matchesAt(run, segments, from)) from++;
    if (from + run.length > end) return false;
    from += run.length;
  }
  return true;
}

function parseSegment(segment: string): SegmentGlob {
  if (segment === '*') return { kind: 'any' };
  const parts = segment.split(/(?<!\\)\*/).map((part) => part.replaceAll('\\*', '*'));
  const [prefix = '', ...rest] = parts;
  const suffix = rest.pop();
  return suffix === undefined ? { kind: 'exact', text: prefix } : { kind: 'parts', prefix, middles: rest, suffix };
}

function matchesAt(run: readonly SegmentGlob[], segments: readonly string[], at: number): boolean {
  for (let i = 0; i < run.length; i++) {
    const glob = run[i];
    const segment = segments[at + i];
    if (glob === undefined || segment === undefined || !matchesSegment(glob, segment)) return false;
  }
  return true;
}

function matchesSegment(glob: SegmentGlob, segment: string): boolean {
  if (glob.kind === 'exact') return segment === glob.text;
  if (glob.kind === 'any') return segment !== '';
  const { prefix, middles, suffix } = glob;
  const end = segment.length - suffix.length;
  if (prefix.length > end || !segment.startsWith(prefix) || !segment.endsWith(suffix)) return false;
  let from = prefix.length;
  for (const part of middles) {
    const found = segment.indexOf(part, from);
    if (found < 0 || found + part.length > end) return false;
    from = found + part.length;
  }
  return true;
}
