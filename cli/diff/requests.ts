/** Requests and connections, one of each class that two compiled policies tell apart. Pure. */
import { hostMatches, hostText } from '../../crds/host-patterns.ts';
import type { HostPattern, HttpMatch, Protocol, RequestFacts, RuntimePolicy, RuntimeRule } from '../../crds/runtime.ts';
import { pathClasses } from './paths.ts';
import type { Steps } from './steps.ts';

/** Most requests that are tried for one host and port. */
export const MAX_REQUESTS = 100_000;
/** Most queries of one set of parameters. */
export const MAX_QUERIES = 64;
/** Stand for every value that no rule names. */
export const OTHER_METHOD = 'ANY-OTHER';
export const OTHER_TYPE = 'application/x-any-other';
const OTHER_LABEL = 'any-other';
const OTHER_VALUE = 'x-any-other';

/** A host and port, with the rules of both sides for it. */
export interface Target {
  host: string;
  /** As a policy writes it. */
  shown: string;
  port: number;
  before: RuntimeRule[];
  after: RuntimeRule[];
}

/**
 * Every host that is named, and one under every wildcard that is not named and under no narrower wildcard: any other host
 * meets the same rules as one of these. Ports that no rule names are open to nothing.
 */
export function targetsOf(before: RuntimePolicy, after: RuntimePolicy): Target[] {
  const patterns = new Map<string, HostPattern>();
  for (const rule of [...before.rules, ...after.rules]) {
    for (const host of rule.hosts) patterns.set(hostText(host), host);
  }
  return [...patterns]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([shown, pattern]) => {
      const host = pattern.wildcard ? `${OTHER_LABEL}.${pattern.name}` : pattern.name;
      const [old, young] = [before, after].map(({ rules }) => rules.filter((rule) => isFor(rule, host))) as [
        RuntimeRule[],
        RuntimeRule[],
      ];
      const ports = [...new Set([...old, ...young].flatMap((rule) => rule.ports))].sort((a, b) => a - b);
      return ports.map((port) => ({
        host,
        shown,
        port,
        before: old.filter((rule) => rule.ports.includes(port)),
        after: young.filter((rule) => rule.ports.includes(port)),
      }));
    });
}

function isFor(rule: RuntimeRule, host: string): boolean {
  return rule.hosts.some((pattern) => hostMatches(pattern, host));
}

/** The requests of one protocol to a target; `complete: false`: not every class is among them. */
export function requestsTo(
  { host, port, before, after }: Target,
  protocol: Extract<Protocol, 'HTTPS' | 'HTTP'>,
  steps: Steps,
): { requests: RequestFacts[]; complete: boolean } {
  const matches = [...before, ...after].filter((rule) => rule.protocol === protocol).flatMap(({ http }) => http.flat());
  const globs = [...new Set(matches.flatMap(({ paths = [] }) => paths))];
  const paths = pathClasses(globs, steps);
  const methods = [...new Set(matches.flatMap(({ methods = [] }) => methods)), OTHER_METHOD];
  const queries = queriesOf(matches);
  const bodies = bodiesOf(matches);
  const requests: RequestFacts[] = [];
  let complete = paths.complete && queries.complete;
  for (const path of paths.paths) {
    for (const method of methods) {
      for (const query of queries.queries) {
        for (const body of bodies) {
          if (requests.length >= MAX_REQUESTS || !steps.take(1 + globs.length)) complete = false;
          else requests.push({ protocol, host, port, method, path, ...(query !== '' && { query }), ...body });
        }
      }
    }
  }
  return { requests, complete };
}

/** No query, one that no rule describes, and every combination of the values that rules name. */
function queriesOf(matches: readonly HttpMatch[]): { queries: string[]; complete: boolean } {
  const queries = new Set(['', `${OTHER_VALUE}=${OTHER_VALUE}`]);
  let complete = true;
  // Queries are told apart by their values only where they have the same parameters.
  const byNames = new Map<string, Map<string, Set<string>>>();
  for (const { query = [] } of matches) {
    if (query.length === 0) continue;
    const key = JSON.stringify(query.map(({ name }) => name).sort());
    const values = byNames.get(key) ?? new Map<string, Set<string>>();
    for (const { name, values: some = [] } of query) {
      values.set(name, new Set([...(values.get(name) ?? []), ...some, OTHER_VALUE]));
    }
    byNames.set(key, values);
  }
  for (const values of byNames.values()) {
    let texts = [''];
    for (const [name, some] of values) {
      texts = texts.flatMap((text) => [...some].map((value) => `${text}&${encode(name)}=${encode(value)}`));
      if (texts.length > MAX_QUERIES) {
        complete = false;
        texts = texts.slice(0, MAX_QUERIES);
      }
    }
    for (const text of texts) queries.add(text.slice(1));
  }
  return { queries: [...queries], complete };
}

function encode(text: string): string {
  return encodeURIComponent(text);
}

type Body = Pick<RequestFacts, 'hasBody' | 'contentType' | 'contentLength'>;

/** No body; and of every type that a rule names, any other and none, a body at each bound, beyond it, and of unknown length. */
function bodiesOf(matches: readonly HttpMatch[]): Body[] {
  const bounds = new Set(matches.flatMap(({ maxBodySize }) => maxBodySize ?? []));
  const sizes = [...new Set([1, ...[...bounds].flatMap((bound) => [bound, bound + 1])])].filter((size) => size > 0);
  const lengths: (number | undefined)[] = [...sizes.sort((a, b) => a - b), undefined];
  const types = [...new Set(matches.flatMap(({ contentTypes = [] }) => contentTypes)), OTHER_TYPE, undefined];
  const bodies = types.flatMap((contentType) =>
    lengths.map((contentLength) => ({
      hasBody: true,
      ...(contentType !== undefined && { contentType }),
      ...(contentLength !== undefined && { contentLength }),
    })),
  );
  return [{ hasBody: false }, ...bodies];
}
