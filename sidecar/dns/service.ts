/** One query from its bytes to its answer: decoded, judged, inspected, charged, and only then looked up. */
import type { Denial, Event, Finding, QueryType, Reason, RuntimeRule, Verdict } from '../../crds/runtime.ts';
import { CUT } from '../audit/redact.ts';
import type { NameBudget } from './budget.ts';
import type { Expansions } from './expansions.ts';
import { type DnsFacts, denied, type Judgement, judge, type NamePolicy, unexpanded } from './judge.ts';
import { hostOf } from './names.ts';
import { addressOutcome, capTtl, failedOutcome, localOutcome, type Outcome } from './outcome.ts';
import { answerLimit, decodeQuery, encodeAnswer, encodeError, type Query } from './query.ts';
import { eventOf } from './report.ts';
import { ResolveError, type Resolver } from './resolver.ts';
import type { Handle } from './server.ts';
import type { SyntheticAddresses } from './synthetic.ts';
import { RCODE, TYPE } from './wire.ts';

/** What the service needs of the policy engine. */
export interface DnsPolicy extends NamePolicy {
  /** What names under a wildcard have in common; of a name that a rule spells out, itself. */
  accountOf(host: string): string;
  decideFindings(rule: RuntimeRule | undefined, host: string, findings: readonly Finding[]): Finding[];
  /** Refused, or in Audit mode let pass and reported. */
  judge(denial: Denial): Verdict;
}

export interface DnsServiceOptions {
  engine: () => DnsPolicy;
  resolver: Pick<Resolver, 'resolve' | 'query'>;
  synthetic: SyntheticAddresses;
  budget: NameBudget;
  /** What the Inspector finds in a name. A rejection refuses the name: it could not be judged. */
  inspect: (host: string) => Promise<readonly Finding[]>;
  /** What it finds in a name behind those of the domain that were asked before. With findings, it does not count as asked. */
  ask: (host: string, domain: string, isNew: boolean) => Promise<readonly Finding[]>;
  emit: (event: Event) => void;
  /** Gets what was denied, and emits what is to be told of it. */
  expansions: Pick<Expansions, 'denied'>;
  facts: DnsFacts;
}

/** The handler for `serveDns`. Does not reject: what goes wrong inside is SERVFAIL. */
export function createDnsService(options: DnsServiceOptions): Handle {
  return async (bytes, transport) => {
    const started = performance.now();
    const decoded = decodeQuery(bytes);
    if (!decoded.ok) {
      if (decoded.drop) return undefined;
      options.emit(eventOf({ verdict: { allow: false, reason: 'dns.malformed' } }, undefined, started));
      return encodeError(decoded.bad, decoded.rcode);
    }
    const { query } = decoded;
    const outcome = await decide(query, options).catch((error: unknown) =>
      failedOutcome({ allow: false, reason: 'address.unresolved', detail: `internal: ${String(error)}` }),
    );
    if (outcome.report) tell(eventOf(outcome.report, query.type, started), query, outcome, options);
    return encodeAnswer(query, outcome.rcode, outcome.records, answerLimit(query.edns, transport));
  };
}

/**
 * A denied name may be a search list's work when it led to no address. What speaks against more than the name (something in
 * it, a budget) is told whoever made it.
 */
function tell(event: Event, query: Query, outcome: Outcome, { emit, expansions, facts }: DnsServiceOptions): void {
  const host = hostOf(query.labels)?.host;
  if (event.reason === undefined || host === undefined) {
    emit(event);
    return;
  }
  const isOfName = event.reason === 'dns.name' || (event.reason === 'dns.query-type' && event.rule === undefined);
  const leadsOn = isOfName && outcome.rcode !== RCODE.SERVFAIL && outcome.records.length === 0;
  expansions.denied(host, leadsOn ? unexpanded(host, facts.searchDomains) : [], event);
}

async function decide(query: Query, options: DnsServiceOptions): Promise<Outcome> {
  const engine = options.engine();
  const judgement = judge(query, engine, options.facts);
  const { host, asSent } = judgement;
  if (host === undefined || asSent === undefined || judgement.answer === 'loopback') {
    return localOutcome(judgement as Exclude<Judgement, { answer: 'lookup' }>, query.type, options.synthetic);
  }
  const refuse = (denial: Denial): Outcome =>
    localOutcome({ ...denied(host, query.type, denial, engine, options.facts), host }, query.type, options.synthetic);

  const rule = judgement.answer === 'lookup' ? judgement.verdict.rule : judgement.denial?.rule;
  // What is in a name is not told any more.
  const isCutOff = judgement.denial?.reason === 'content.cut-off';
  const content = isCutOff ? undefined : await inspectName(host, asSent, rule, engine, options);
  const refuseContent = ({ reason, findings }: Found): Outcome => {
    const outcome = refuse({ reason, ...(rule && { rule }) });
    return { ...outcome, report: outcome.report && { ...outcome.report, findings, host: asSent } };
  };
  if (content) return refuseContent(content);
  if (judgement.answer !== 'lookup') return localOutcome(judgement, query.type, options.synthetic);

  // A name that some rule spells out says nothing new.
  const domain = engine.accountOf(host);
  const isNew = !options.budget.has(host, domain);
  const isCounted = domain !== host;
  const apart = isCounted ? await found(() => options.ask(host, domain, isNew), rule, host, engine) : undefined;
  if (apart) return refuseContent(apart);
  const isPaid = judgement.verdict.audit !== undefined || options.budget.charge(host, domain, engine.policy.dns.budget);
  // Its domain alone is shown when the account of that is overdrawn.
  const shown = isPaid ? host : `${CUT}.${domain}`;
  const verdict = isPaid ? judgement.verdict : engine.judge({ reason: 'dns.budget', ...(rule && { rule }) });
  if (!verdict.allow) {
    const outcome = refuse(verdict);
    return { ...outcome, report: outcome.report && { ...outcome.report, host: shown } };
  }
  return lookUp(host, shown, judgement.type, verdict, options);
}

interface Found {
  reason: Reason;
  findings: Finding[];
}

/** What stands of what is found; undefined: nothing. A name that cannot be judged is refused. */
async function found(
  inspect: () => Promise<readonly Finding[]>,
  rule: RuntimeRule | undefined,
  host: string,
  engine: DnsPolicy,
): Promise<Found | undefined> {
  try {
    const findings = engine.decideFindings(rule, host, await inspect());
    return findings.length === 0 ? undefined : { reason: 'content.secret', findings };
  } catch {
    return { reason: 'content.too-complex', findings: [] };
  }
}

/** Both as it was sent and as it would leave: a decoder may need the one, an any-case format the other. */
async function inspectName(
  host: string,
  asSent: string,
  rule: RuntimeRule | undefined,
  engine: DnsPolicy,
  { inspect }: DnsServiceOptions,
): Promise<Found | undefined> {
  const content = await found(() => inspect(asSent), rule, host, engine);
  return content ?? (asSent === host ? undefined : found(() => inspect(host), rule, host, engine));
}

/** `shown`: the host as the event may have it. */
async function lookUp(
  host: string,
  shown: string,
  type: QueryType,
  verdict: Verdict & { allow: true },
  { resolver, synthetic }: DnsServiceOptions,
): Promise<Outcome> {
  const report = { verdict, host: shown };
  const { rule } = verdict;
  try {
    if (type !== 'A' && type !== 'AAAA') {
      const { records, ttl } = await resolver.query(host, type);
      const answers = records.map((rdata) => ({ type: TYPE[type], ttl: capTtl(ttl), rdata: Buffer.from(rdata) }));
      return { rcode: RCODE.NOERROR, records: answers, report };
    }
    const { ttl } = await resolver.resolve(host);
    const pair = synthetic.assign(host);
    if (pair) return { ...addressOutcome(pair, TYPE[type], ttl), report };
    const detail = 'every synthetic address is taken';
    return failedOutcome({ allow: false, reason: 'dns.budget', ...(rule && { rule }), detail }, shown);
  } catch (error) {
    if (!(error instanceof ResolveError)) throw error;
    const detail = error.code;
    if (detail === 'NODATA') return { rcode: RCODE.NOERROR, records: [], report: { ...report, detail } };
    if (detail === 'NXDOMAIN') return { rcode: RCODE.NXDOMAIN, records: [], report: { ...report, detail } };
    return failedOutcome({ allow: false, reason: 'address.unresolved', ...(rule && { rule }), detail }, shown);
  }
}
