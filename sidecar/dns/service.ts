/** One query from its bytes to its answer: decoded, judged, inspected, charged, and only then looked up. */
import { randomBytes } from 'node:crypto';
import { registrableDomain } from '../../crds/hosts.ts';
import type { Denial, Event, Finding, QueryType, Reason, RuntimeRule, Verdict } from '../../crds/runtime.ts';
import { parseAddress } from '../tcp/address.ts';
import { budgetDomain, type NameBudget } from './budget.ts';
import { type DnsFacts, denied, type Judgement, judge, type NamePolicy } from './judge.ts';
import { type AnswerRecord, answerLimit, decodeQuery, encodeAnswer, encodeError, type Query } from './query.ts';
import { ResolveError, type Resolver } from './resolver.ts';
import type { Handle } from './server.ts';
import type { SyntheticAddresses } from './synthetic.ts';
import { RCODE, TYPE, typeName } from './wire.ts';

/** Seconds for which a client may keep an answer, so that a change of policy soon reaches it. */
export const MAX_ANSWER_TTL = 60;
/** Seconds for which a client may keep the refusal address: the rule that was missing may be there by then. */
export const REFUSAL_TTL = 5;

/** What the service needs of the policy engine. */
export interface DnsPolicy extends NamePolicy {
  name(host: string): { rules: readonly RuntimeRule[]; exact: boolean };
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
  emit: (event: Event) => void;
  facts: DnsFacts;
}

/** An answer, and what there is to report about it. */
interface Outcome {
  rcode: number;
  records: AnswerRecord[];
  report?: { verdict: Verdict; findings?: Finding[]; detail?: string };
}

/** The handler for `serveDns`. Does not reject: what goes wrong inside is SERVFAIL. */
export function createDnsService(options: DnsServiceOptions): Handle {
  return async (bytes, transport) => {
    const decoded = decodeQuery(bytes);
    if (!decoded.ok) {
      if (decoded.drop) return undefined;
      options.emit({ ...stamp(), action: 'deny', layer: 'dns', reason: 'dns.malformed' });
      return encodeError(decoded.bad, decoded.rcode);
    }
    const { query } = decoded;
    const outcome = await decide(query, options).catch(() => failure());
    return encodeAnswer(query, outcome.rcode, outcome.records, answerLimit(query.edns, transport));
  };
}

async function decide(query: Query, options: DnsServiceOptions): Promise<Outcome> {
  const started = performance.now();
  const engine = options.engine();
  const judgement = judge(query, engine, options.facts);
  const outcome = await carryOut(query, judgement, engine, options);
  if (outcome.report) {
    const { verdict, findings, detail } = outcome.report;
    const denial = verdict.allow ? verdict.audit : verdict;
    const host = 'host' in judgement ? judgement.host : undefined;
    const rule = verdict.rule ?? denial?.rule;
    options.emit({
      ...stamp(),
      action: verdict.allow ? (denial ? 'would-deny' : 'allow') : 'deny',
      layer: 'dns',
      ...(denial && { reason: denial.reason }),
      ...(rule && { rule: rule.id }),
      ...(host !== undefined && { host: denial ? shown(host, denial.reason) : host }),
      queryType: typeName(query.type),
      ...(findings && { findings }),
      ...((detail ?? denial?.detail) !== undefined && { detail: detail ?? denial?.detail }),
      durationMs: Math.round(performance.now() - started),
    });
  }
  return outcome;
}

async function carryOut(
  query: Query,
  judgement: Judgement,
  engine: DnsPolicy,
  options: DnsServiceOptions,
): Promise<Outcome> {
  if (judgement.answer === 'loopback') return loopback(query.type);
  const { host, asSent } = judgement;
  const refuse = (denial: Denial): Outcome =>
    local(denied(host ?? '', query.type, denial, engine, options.facts), query, options);
  if (host !== undefined && asSent !== undefined) {
    const content = await inspectName(host, asSent, ruleOf(judgement), engine, options);
    if (content) return withFindings(refuse(content.denial), content.findings);
  }
  if (judgement.answer !== 'lookup') return local(judgement, query, options);
  let { verdict } = judgement;
  if (!verdict.audit && !charge(judgement.host, verdict.rule, engine, options)) {
    const overdrawn = engine.judge({ reason: 'dns.budget', ...(verdict.rule && { rule: verdict.rule }) });
    if (!overdrawn.allow) return refuse(overdrawn);
    verdict = overdrawn;
  }
  return lookUp(judgement.host, judgement.type, verdict, options);
}

/** Both as it was sent and as it would leave: a decoder may need the one, an any-case format the other. */
async function inspectName(
  host: string,
  asSent: string,
  rule: RuntimeRule | undefined,
  engine: DnsPolicy,
  { inspect }: DnsServiceOptions,
): Promise<{ denial: Denial; findings: Finding[] } | undefined> {
  const withRule = (reason: Reason): Denial => ({ reason, ...(rule && { rule }) });
  try {
    const found = [...(await inspect(asSent)), ...(asSent === host ? [] : await inspect(host))];
    const findings = engine.decideFindings(rule, host, found);
    return findings.length > 0 ? { denial: withRule('content.secret'), findings } : undefined;
  } catch {
    return { denial: withRule('content.too-complex'), findings: [] };
  }
}

/** Draws a name under a wildcard on the information budget. A name that some rule spells out says nothing new. */
function charge(
  host: string,
  rule: RuntimeRule | undefined,
  engine: DnsPolicy,
  { budget }: DnsServiceOptions,
): boolean {
  const { rules, exact } = engine.name(host);
  if (exact || !rule) return true;
  const domain = budgetDomain(
    host,
    rules.flatMap((each) => each.hosts),
  );
  return budget.charge(host, domain, engine.policy.dns.budget);
}

async function lookUp(
  host: string,
  type: QueryType,
  verdict: Verdict & { allow: true },
  { resolver, synthetic }: DnsServiceOptions,
): Promise<Outcome> {
  try {
    if (type !== 'A' && type !== 'AAAA') {
      const { records, ttl } = await resolver.query(host, type);
      return {
        rcode: RCODE.NOERROR,
        records: records.map((rdata) => ({ type: TYPE[type], ttl: capped(ttl), rdata })),
        report: { verdict },
      };
    }
    const { ttl } = await resolver.resolve(host);
    const pair = synthetic.assign(host);
    if (!pair) return failure({ allow: false, reason: 'dns.budget', detail: 'every synthetic address is taken' });
    return {
      rcode: RCODE.NOERROR,
      records: [address(type === 'A' ? pair.v4 : pair.v6, capped(ttl))],
      report: { verdict },
    };
  } catch (error) {
    const code = error instanceof ResolveError ? error.code : 'SERVFAIL';
    if (code === 'NXDOMAIN' || code === 'NODATA') {
      return {
        rcode: code === 'NODATA' ? RCODE.NOERROR : RCODE.NXDOMAIN,
        records: [],
        report: { verdict, detail: code },
      };
    }
    const { rule } = verdict;
    return failure({ allow: false, reason: 'address.unresolved', ...(rule && { rule }), detail: code });
  }
}

/** An answer that asks nobody. */
function local(
  decision: Exclude<Judgement, { answer: 'lookup' | 'loopback' }>,
  query: Query,
  { synthetic }: DnsServiceOptions,
): Outcome {
  const report = decision.denial && { report: { verdict: { allow: false as const, ...decision.denial } } };
  switch (decision.answer) {
    case 'nxdomain':
      return { rcode: RCODE.NXDOMAIN, records: [], ...report };
    case 'nodata':
      return { rcode: RCODE.NOERROR, records: [], ...report };
    case 'refusal-address': {
      const { v4, v6 } = synthetic.refusal;
      return { rcode: RCODE.NOERROR, records: [address(query.type === TYPE.A ? v4 : v6, REFUSAL_TTL)], ...report };
    }
  }
}

/** RFC 6761 §6.3: `localhost` is answered here, and is no destination of ours. */
function loopback(type: number): Outcome {
  const text = type === TYPE.A ? '127.0.0.1' : type === TYPE.AAAA ? '::1' : undefined;
  return { rcode: RCODE.NOERROR, records: text === undefined ? [] : [address(text, MAX_ANSWER_TTL)] };
}

function failure(verdict?: Verdict): Outcome {
  return { rcode: RCODE.SERVFAIL, records: [], ...(verdict && { report: { verdict } }) };
}

function withFindings(outcome: Outcome, findings: Finding[]): Outcome {
  return outcome.report ? { ...outcome, report: { ...outcome.report, findings } } : outcome;
}

function address(text: string, ttl: number): AnswerRecord {
  const bytes = Buffer.from(parseAddress(text) as Uint8Array);
  return { type: bytes.length === 4 ? TYPE.A : TYPE.AAAA, ttl, rdata: bytes };
}

function ruleOf(judgement: Exclude<Judgement, { answer: 'loopback' }>): RuntimeRule | undefined {
  return judgement.answer === 'lookup' ? judgement.verdict.rule : judgement.denial?.rule;
}

function capped(ttl: number): number {
  return Math.min(ttl, MAX_ANSWER_TTL);
}

/** The host for the log: where the name itself may carry a secret, not more than whom it was registered to. */
function shown(host: string, reason: Reason): string {
  return reason.startsWith('content.') || reason === 'dns.budget' ? registrableDomain(host) : host;
}

function stamp(): { time: string; id: string } {
  return { time: new Date().toISOString(), id: randomBytes(8).toString('hex') };
}
