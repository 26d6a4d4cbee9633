/** What to do with a query before anything leaves: a pure function of the query, the policy and the place we run in. */
import type { Denial, QueryType, RuntimePolicy, Verdict } from '../../crds/runtime.ts';
import { hostOf, isUnder } from './names.ts';
import type { Query } from './query.ts';
import { TYPE, typeName } from './wire.ts';

/** What the judge needs of the policy engine. */
export interface NamePolicy {
  readonly policy: RuntimePolicy;
  decideName(host: string, queryType: string): Verdict;
}

export interface DnsFacts {
  /** Search domains of the clients' resolv.conf. */
  searchDomains: readonly string[];
  /** Without an IPv6 default route a synthetic IPv6 address only costs the client an error. */
  hasIpv6Route: boolean;
}

/**
 * How a query is answered. `nxdomain`, `nodata` and `refusal` carry the denial that made them so; without one the answer
 * is no decision about the client (a search path at work, no IPv6 route) and nothing to report.
 */
export type Judgement =
  | { answer: 'nodata' | 'nxdomain' | 'refusal-address'; host?: string; asSent?: string; denial?: Denial }
  | { answer: 'loopback'; host: string; asSent: string; denial?: undefined }
  | {
      answer: 'lookup';
      host: string;
      asSent: string;
      type: QueryType;
      verdict: Verdict & { allow: true };
      denial?: undefined;
    };

/** Detail of the denial of a name that a search domain was put after. */
export const SEARCH_DETAIL = 'search path expansion';

const LOOKUP_TYPES: ReadonlySet<string> = new Set<QueryType>([
  'A',
  'AAAA',
  'TXT',
  'MX',
  'SRV',
  'CAA',
  'NS',
  'SOA',
  'PTR',
]);

/** Judges one query. Never throws. */
export function judge(query: Query, policy: NamePolicy, facts: DnsFacts): Judgement {
  const name = hostOf(query.labels);
  if (!name) return { answer: 'nxdomain', denial: { reason: 'dns.malformed' } };
  const { host, asSent } = name;
  if (host === 'localhost' || host.endsWith('.localhost')) return { answer: 'loopback', host, asSent };

  const type = typeName(query.type);
  const verdict = policy.decideName(host, type);
  const unlisted = verdict.allow ? verdict.audit : verdict;
  if (unlisted && !unlisted.rule) {
    const wanted = unexpanded(host, facts.searchDomains);
    const leadsOn = (name: string) => isListed(policy, name) || expandsToListed(policy, name, facts.searchDomains);
    if (wanted.some(leadsOn)) return { answer: 'nxdomain', host, asSent };
  }
  if (!verdict.allow) return { ...denied(host, query.type, verdict, policy, facts), host, asSent };
  // Service bindings would carry ECH keys and addresses past us (RFC 9460); others we cannot write anew.
  if (!isLookupType(type) || (type === 'AAAA' && !facts.hasIpv6Route)) return { answer: 'nodata', host, asSent };
  return { answer: 'lookup', host, asSent, type, verdict };
}

/** The answer to a name that may not be asked for, whatever the reason. */
export function denied(
  host: string,
  type: number,
  denial: Denial,
  policy: NamePolicy,
  facts: DnsFacts,
): { answer: 'nodata' | 'nxdomain' | 'refusal-address'; denial: Denial } {
  // With a rule the name itself is allowed: to say that it does not exist would deny its other types too.
  if (denial.reason === 'dns.query-type' && denial.rule) return { answer: 'nodata', denial };
  // Honest clients ask for the name itself in the end: the detail tells whoever reads it that this may not be it.
  if (unexpanded(host, facts.searchDomains).length > 0) {
    return { answer: 'nxdomain', denial: { detail: SEARCH_DETAIL, ...denial } };
  }
  if (expandsToListed(policy, host, facts.searchDomains)) return { answer: 'nxdomain', denial };
  if (policy.policy.dns.denied === 'NXDomain') return { answer: 'nxdomain', denial };
  const explains = host !== '' && (type === TYPE.A || (type === TYPE.AAAA && facts.hasIpv6Route));
  return { answer: explains ? 'refusal-address' : 'nodata', denial };
}

/** What the client may have looked for, when `host` looks like its resolver's search list at work. */
export function unexpanded(host: string, searchDomains: readonly string[]): string[] {
  return searchDomains
    .map((entry) => normalised(entry))
    .filter((domain) => domain !== '' && isUnder(host, domain))
    .map((domain) => host.slice(0, -domain.length - 1));
}

/** What was looked up, as it was sent: without the search domain that the resolver put behind it. */
export function lookedUp(asSent: string, searchDomains: readonly string[]): string {
  const [shortest = asSent] = unexpanded(asSent.toLowerCase(), searchDomains).sort((a, b) => a.length - b.length);
  return asSent.slice(0, shortest.length);
}

/** Whether the client's resolver may yet come to a listed name: a refusal address would end its search here. */
function expandsToListed(policy: NamePolicy, host: string, searchDomains: readonly string[]): boolean {
  return searchDomains.some((entry) => normalised(entry) !== '' && isListed(policy, `${host}.${normalised(entry)}`));
}

/** A search domain as the machine wrote it, in the form of a host; `.` becomes empty. */
function normalised(searchDomain: string): string {
  return searchDomain.toLowerCase().replace(/\.$/, '');
}

/** Whether a rule (not the leniency of Audit) admits a name, for whatever type. */
function isListed(policy: NamePolicy, host: string): boolean {
  const verdict = policy.decideName(host, 'A');
  return verdict.allow
    ? verdict.audit === undefined
    : verdict.reason === 'dns.query-type' && verdict.rule !== undefined;
}

function isLookupType(type: string): type is QueryType {
  return LOOKUP_TYPES.has(type);
}
