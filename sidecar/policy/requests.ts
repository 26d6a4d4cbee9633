/**
 * How far an HTTP request gets into a rule. Rules are prepared once; a judgement allocates next to nothing.
 * The stages are ordered: a rule that fails late is nearer than one that fails early, and its reason is the one told.
 */
import { type Glob, matchGlob, parseGlob } from '../../crds/globs.ts';
import { canonicalPath, canonicalQuery } from '../../crds/paths.ts';
import type { HttpMatch, Reason, RequestFacts, RuntimeRule } from '../../crds/runtime.ts';

/** What holds for the request once it was allowed. */
export interface RequestMatch {
  /** Bytes of body, as sent. */
  maxBodySize?: number;
  /** Lower-case names; any other header is dropped. Absent: all are forwarded. */
  forwardHeaders?: ReadonlySet<string>;
}

/** Stages in the order in which they are tried. */
export const STAGES = [
  'host.not-allowed',
  'port.not-allowed',
  'protocol.not-allowed',
  'http.method',
  'http.path',
  'http.query',
  'http.content-type',
  'http.body-size',
  'limit.upload-size',
  'limit.new-text-size',
  'limit.requests',
] as const satisfies readonly Reason[];

export type Stage = (typeof STAGES)[number];

/** Rank of the stage at which something failed; `MATCHED` when it did not. */
export const RANK = Object.fromEntries(STAGES.map((stage, rank) => [stage, rank])) as Record<Stage, number>;
export const MATCHED: number = STAGES.length;

/** Facts of a request, with path and query parsed at most once and only when a rule asks. */
export class RequestView {
  readonly facts: RequestFacts;
  /** `undefined`: the path can be read in more than one way. */
  readonly segments: string[] | undefined;
  #query: Map<string, string> | null | undefined;

  constructor(facts: RequestFacts) {
    this.facts = facts;
    this.segments = canonicalPath(facts.path);
  }

  /** Parameters by name; `null` when they cannot be read in one way: malformed, or a name given twice. */
  get query(): Map<string, string> | null {
    if (this.#query === undefined) this.#query = readQuery(this.facts.query ?? '');
    return this.#query;
  }
}

/** Groups that were prepared, by their text: many rules say the same, and those of a preset are long. */
export type PreparedGroups = Map<string, PreparedMatch[]>;

export class RequestRule {
  readonly #groups: PreparedMatch[][];

  /** `known` is shared by the rules of one policy. */
  constructor(rule: RuntimeRule, known: PreparedGroups = new Map()) {
    this.#groups = rule.http.map((group) => {
      const text = JSON.stringify(group);
      const prepared = known.get(text) ?? group.map(prepare);
      known.set(text, prepared);
      return prepared;
    });
  }

  /** Rank of the first stage from the method on at which the request fails this rule; MATCHED when none does. */
  rank(view: RequestView): number {
    let rank = MATCHED;
    for (const group of this.#groups) {
      let best: number = RANK['http.method'];
      for (const match of group) {
        best = Math.max(best, rankOf(match, view));
        if (best === MATCHED) break;
      }
      rank = Math.min(rank, best);
    }
    return rank;
  }

  /**
   * What holds for a request that this rule admits. Alternatives that match add up (they are an OR): the largest body,
   * all their headers. Groups then narrow each other (they are an AND).
   */
  match(view: RequestView): RequestMatch {
    let maxBodySize = Number.POSITIVE_INFINITY;
    let forwardHeaders: ReadonlySet<string> | undefined;
    for (const group of this.#groups) {
      let largest = 0;
      let matching: PreparedMatch[] | undefined;
      for (const match of group) {
        if (rankOf(match, view) !== MATCHED) continue;
        largest = Math.max(largest, match.maxBodySize);
        if (matching) matching.push(match);
        else matching = [match];
      }
      maxBodySize = Math.min(maxBodySize, largest);
      const headers = unite(matching ?? []);
      if (headers)
        forwardHeaders = forwardHeaders ? new Set([...forwardHeaders].filter((name) => headers.has(name))) : headers;
    }
    const match: RequestMatch = {};
    if (maxBodySize < Number.POSITIVE_INFINITY) match.maxBodySize = maxBodySize;
    if (forwardHeaders) match.forwardHeaders = forwardHeaders;
    return match;
  }
}

export interface PreparedMatch {
  methods: ReadonlySet<string> | undefined;
  paths: Glob[] | undefined;
  query: Map<string, ReadonlySet<string> | undefined> | undefined;
  contentTypes: ReadonlySet<string> | undefined;
  /** Infinity: no bound. */
  maxBodySize: number;
  forwardHeaders: ReadonlySet<string> | undefined;
}

function prepare(match: HttpMatch): PreparedMatch {
  return {
    methods: match.methods && new Set(match.methods),
    paths: match.paths?.map(parseGlob).flatMap((parsed) => (parsed.ok ? [parsed.glob] : [])),
    query: match.query && new Map(match.query.map(({ name, values }) => [name, values && new Set(values)])),
    contentTypes: match.contentTypes && new Set(match.contentTypes),
    maxBodySize: match.maxBodySize ?? Number.POSITIVE_INFINITY,
    forwardHeaders: match.forwardHeaders && new Set(match.forwardHeaders),
  };
}

function rankOf(match: PreparedMatch, view: RequestView): number {
  const { facts, segments } = view;
  if (match.methods && !match.methods.has(facts.method)) return RANK['http.method'];
  if (match.paths && !(segments && match.paths.some((glob) => matchGlob(glob, segments)))) return RANK['http.path'];
  if (match.query && !queryMatches(match.query, view.query)) return RANK['http.query'];
  if (facts.upgrade) {
    if (match.contentTypes) return RANK['http.content-type'];
    if (match.maxBodySize === 0) return RANK['http.body-size'];
  }
  if (facts.hasBody) {
    if (match.contentTypes && !(facts.contentType !== undefined && match.contentTypes.has(facts.contentType))) {
      return RANK['http.content-type'];
    }
    // A body of unknown length is cut off when it exceeds the bound; a bound of nothing leaves nothing to begin.
    if ((facts.contentLength ?? 1) > match.maxBodySize) return RANK['http.body-size'];
  }
  return MATCHED;
}

function queryMatches(
  wanted: Map<string, ReadonlySet<string> | undefined>,
  given: Map<string, string> | null,
): boolean {
  if (given === null || given.size !== wanted.size) return false;
  for (const [name, values] of wanted) {
    const value = given.get(name);
    if (value === undefined || (values && !values.has(value))) return false;
  }
  return true;
}

function readQuery(raw: string): Map<string, string> | null {
  const parameters = canonicalQuery(raw);
  if (!parameters) return null;
  const byName = new Map(parameters.map(({ name, value }) => [name, value]));
  return byName.size === parameters.length ? byName : null;
}

/** `undefined` when one of them forwards everything. */
function unite(matches: readonly PreparedMatch[]): ReadonlySet<string> | undefined {
  if (matches.length === 1) return matches[0]?.forwardHeaders;
  const united = new Set<string>();
  for (const { forwardHeaders } of matches) {
    if (!forwardHeaders) return undefined;
    for (const name of forwardHeaders) united.add(name);
  }
  return united;
}

/** What of the request a reason is about, for the audit log. */
export function detailOf(reason: Stage, facts: RequestFacts): string | undefined {
  switch (reason) {
    case 'port.not-allowed':
      return String(facts.port);
    case 'protocol.not-allowed':
      return facts.protocol;
    case 'http.method':
      return facts.method;
    case 'http.content-type':
      return facts.contentType ?? 'none';
    case 'http.body-size':
    case 'limit.upload-size':
      return facts.contentLength === undefined ? undefined : `${facts.contentLength} bytes`;
    default:
      return undefined;
  }
}
