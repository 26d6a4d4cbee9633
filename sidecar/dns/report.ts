/** The event of one judged query. */
import type { Event, Finding, Verdict } from '../../crds/runtime.ts';
import { elapsedMs, newId, timestamp } from '../audit/event.ts';
import { typeName } from './wire.ts';

/** What there is to say about a query, beyond its type. */
export interface Report {
  verdict: Verdict;
  /** Cut already where more must go than `audit/shown.ts` can tell; in the letters sent where these told something. */
  host?: string | undefined;
  findings?: readonly Finding[] | undefined;
  /** Instead of the denial's own. */
  detail?: string | undefined;
}

/** `type`: number of the query type, undefined when the query could not be read. `started`: of `performance.now()`. */
export function eventOf(report: Report, type: number | undefined, started: number): Event {
  const { verdict, host, findings } = report;
  const denial = verdict.allow ? verdict.audit : verdict;
  const rule = verdict.rule ?? denial?.rule;
  const detail = report.detail ?? denial?.detail;
  const event: Event = {
    time: timestamp(),
    id: newId(),
    action: verdict.allow ? (denial ? 'would-deny' : 'allow') : 'deny',
    layer: 'dns',
    durationMs: elapsedMs(started),
  };
  if (denial) event.reason = denial.reason;
  if (rule) event.rule = rule.id;
  if (host !== undefined) event.host = host;
  if (type !== undefined) event.queryType = typeName(type);
  if (findings && findings.length > 0) event.findings = [...findings];
  if (detail !== undefined) event.detail = detail;
  return event;
}
