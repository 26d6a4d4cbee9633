/** The event of one judged query. */
import { randomBytes } from 'node:crypto';
import type { Event, Finding, Verdict } from '../../crds/runtime.ts';
import { typeName } from './wire.ts';

/** What there is to say about a query, beyond its type. */
export interface Report {
  verdict: Verdict;
  /** As it may be shown: cut, or absent, where the name itself may carry a secret. */
  host?: string | undefined;
  findings?: readonly Finding[] | undefined;
  /** Instead of the denial's own. */
  detail?: string | undefined;
}

/** `type`: number of the query type, undefined when the query could not be read. */
export function eventOf(report: Report, type: number | undefined, durationMs: number): Event {
  const { verdict, host, findings } = report;
  const denial = verdict.allow ? verdict.audit : verdict;
  const rule = verdict.rule ?? denial?.rule;
  const detail = report.detail ?? denial?.detail;
  const event: Event = {
    time: new Date().toISOString(),
    id: randomBytes(8).toString('hex'),
    action: verdict.allow ? (denial ? 'would-deny' : 'allow') : 'deny',
    layer: 'dns',
    durationMs: Math.round(durationMs),
  };
  if (denial) event.reason = denial.reason;
  if (rule) event.rule = rule.id;
  if (host !== undefined) event.host = host;
  if (type !== undefined) event.queryType = typeName(type);
  if (findings && findings.length > 0) event.findings = [...findings];
  if (detail !== undefined) event.detail = detail;
  return event;
}
