/** Judges a request up to its body: shape, destination, policy, content of the head. What it admits may be forwarded. */
import type { Channel, Denial, Finding, Reason, RequestFacts, RuntimeRule } from '../../crds/runtime.ts';
import { isClean } from '../audit/shown.ts';
import type { InspectSession, MessageInspection, Step } from '../inspect/inspector.ts';
import { defaultPort } from './authority.ts';
import { Refused } from './body.ts';
import { allowsDoh, isDoh } from './doh.ts';
import { type Field, headerFields, targetFields } from './fields.ts';
import { checkHead, type Head, type HeadInput, wireHeaders, wireTarget } from './head.ts';
import type { EventRecord } from './record.ts';
import type { ConnectionContext, FrontOptions, HttpPolicy, RequestMatch } from './types.ts';

/** What was admitted, and what judges the rest of it. */
export interface Admission {
  head: Head;
  facts: RequestFacts;
  engine: HttpPolicy;
  rule: RuntimeRule | undefined;
  match: RequestMatch;
  /** Path and query to send. */
  target: string;
  /** Headers to send, Host first, without Transfer-Encoding. */
  headers: [string, string][];
  session: InspectSession;
  inspection: MessageInspection;
}

/**
 * What is known of the bytes that follow a refused head. `uncertain`: they may be a body or another request, and the
 * connection is closed behind them. `broken`: node's parser has given up, and none of them will be read.
 */
export type Framing = 'sound' | 'uncertain' | 'broken';

/** A refusal with the facts of the request, from which a rule can be suggested. */
export class RequestRefused extends Refused {
  readonly facts: RequestFacts | undefined;
  readonly framing: Framing;
  constructor(denial: Denial, findings: readonly Finding[], facts?: RequestFacts, framing: Framing = 'sound') {
    super(denial, findings);
    this.facts = facts;
    this.framing = framing;
  }
}

/**
 * Judges a head and gives the Admission; fills `record` on the way. Rejects with Refused. When it does, or when the
 * caller gives up later, the caller need not abort the inspection of the head, but must abort that of an Admission.
 */
export async function admit(
  options: FrontOptions,
  sessions: (host: string) => InspectSession,
  context: ConnectionContext,
  input: Omit<HeadInput, 'secure'>,
  record: EventRecord,
): Promise<Admission> {
  const engine = options.engine();
  record.host = context.host || undefined;
  record.port = context.port;
  const check = checkHead({ ...input, secure: context.secure });
  if (!check.ok)
    throw new RequestRefused(engine.deny(check.reason, undefined, check.detail), [], undefined, 'uncertain');
  const { head } = check;
  const facts = factsOf(head, context);
  record.method = head.method;
  record.path = head.path;
  record.query = head.query;

  // What the policy refuses anyway is judged for content too, on its own: the event must not carry a secret.
  const wanted = context.refused !== undefined || head.host !== context.host;
  const session = wanted ? options.inspector.session(head.host) : sessions(engine.accountOf(context.host));
  const inspection = session.open({
    body: head.upgrade ? 'websocket.message' : 'http.body',
    method: head.method,
    contentEncoding: head.contentEncoding,
    ...(head.contentType === undefined ? {} : { contentType: head.contentType }),
    ...(head.contentLength === undefined ? {} : { length: head.contentLength }),
  });
  try {
    const targetSteps = inspectFields(inspection, targetFields(head));
    const inTarget = targetSteps instanceof Promise ? await targetSteps : targetSteps;
    record.targetFindings.push(...inTarget.findings);
    record.targetUnjudged = inTarget.tooComplex !== undefined;
    // Neither a suggestion nor a detail may quote what it was refused with.
    const isQuotable =
      inTarget.findings.length === 0 && !record.targetUnjudged && (!wanted || isClean(head.host, options.inspectName));
    const quotable = isQuotable ? facts : undefined;

    if (context.refused) {
      record.host = head.host;
      throw new RequestRefused(context.refused, [], quotable);
    }
    const port = head.port ?? defaultPort(context.secure);
    if (head.host !== context.host || port !== context.port) {
      throw new RequestRefused(engine.deny('http.host-mismatch', undefined, `Host ${head.host}:${port}`), []);
    }

    const verdict = engine.decideRequest(facts);
    record.rule = verdict.rule;
    if (!verdict.allow) {
      const detail = isQuotable ? verdict.detail : undefined;
      throw new RequestRefused(engine.deny(verdict.reason, verdict.rule, detail), [], quotable);
    }
    record.audit = verdict.audit;
    const { rule, match = {} } = verdict;
    if (isDoh(head) && !allowsDoh(rule)) throw new RequestRefused(engine.deny('http.doh', rule), []);

    judgeStep(engine, rule, context.host, inTarget, record);
    if (match.forwardHeaders) head.headers = head.headers.filter(([name]) => match.forwardHeaders?.has(name));
    const headerSteps = inspectFields(inspection, headerFields(head.headers));
    judgeStep(engine, rule, context.host, headerSteps instanceof Promise ? await headerSteps : headerSteps, record);

    const headers = wireHeaders(head, context.secure).filter(([name]) => name !== 'transfer-encoding');
    return { head, facts, engine, rule, match, target: wireTarget(head), headers, session, inspection };
  } catch (error) {
    inspection.abort();
    throw error;
  }
}

/** Judges a step of an inspection by the policy: gives what may go on, or throws Refused. */
export function judgeStep(
  engine: HttpPolicy,
  rule: RuntimeRule | undefined,
  host: string,
  step: Step,
  record: EventRecord,
  channel: Channel = 'http.body',
): readonly Buffer[] {
  // What began before is not told of either.
  const cutOff = engine.cutOff();
  if (cutOff) throw new RequestRefused(cutOff, []);
  if (step.findings.length > 0) {
    const findings = engine.decideFindings(rule, host, step.findings);
    if (findings.length > 0) throw new RequestRefused(engine.deny('content.secret', rule), findings);
  }
  if (step.tooComplex !== undefined) {
    throw new RequestRefused(engine.deny('content.too-complex', rule, step.tooComplex), []);
  }
  const opaque = engine.chargeOpaque(rule, host, channel, step.opaque ?? 0);
  if (opaque) {
    if (!engine.judge(opaque).allow) throw new RequestRefused(opaque, []);
    record.audit ??= opaque;
  }
  return step.release;
}

/** What was admitted is about to be sent: judges it behind what was sent before. Rejects with Refused. */
export async function commit(admission: Admission, host: string, record: EventRecord): Promise<void> {
  const { engine, facts, headers, inspection, rule } = admission;
  const denial = engine.chargeTexts(rule, host, { ...facts, headers });
  if (denial) {
    if (!engine.judge(denial).allow) throw new RequestRefused(denial, []);
    record.audit ??= denial;
  }
  const sent = inspection.commit();
  judgeStep(engine, rule, host, sent instanceof Promise ? await sent : sent, record);
}

/** Refuses by the mode of the policy: throws Refused, or in Audit mode leaves the denial in the record. */
export function enforce(engine: HttpPolicy, record: EventRecord, reason: Reason, detail?: string): void {
  const denial = engine.deny(reason, record.rule, detail);
  if (!engine.judge(denial).allow) throw new RequestRefused(denial, []);
  record.audit ??= denial;
}

/** All fields as one step. */
export function inspectFields(inspection: MessageInspection, fields: readonly Field[]): Step | Promise<Step> {
  const findings: Finding[] = [];
  for (let index = 0; index < fields.length; index++) {
    const { channel, place, bytes } = fields[index] as Field;
    const step = inspection.field(channel, place, bytes);
    if (step instanceof Promise) return continueFields(inspection, fields, index + 1, findings, step);
    findings.push(...step.findings);
    if (step.tooComplex !== undefined) return { findings, release: [], tooComplex: step.tooComplex };
  }
  return { findings, release: [] };
}

async function continueFields(
  inspection: MessageInspection,
  fields: readonly Field[],
  index: number,
  findings: Finding[],
  pending: Promise<Step>,
): Promise<Step> {
  const step = await pending;
  findings.push(...step.findings);
  if (step.tooComplex !== undefined) return { findings, release: [], tooComplex: step.tooComplex };
  const rest = await inspectFields(inspection, fields.slice(index));
  return { ...rest, findings: [...findings, ...rest.findings] };
}

function factsOf(head: Head, context: ConnectionContext): RequestFacts {
  const facts: RequestFacts = {
    protocol: context.secure ? 'HTTPS' : 'HTTP',
    host: head.host,
    port: context.port,
    method: head.method,
    path: head.path,
    hasBody: head.body !== 'none',
  };
  if (head.query !== undefined) facts.query = head.query;
  if (head.contentType !== undefined) facts.contentType = head.contentType;
  if (head.contentLength !== undefined) facts.contentLength = head.contentLength;
  if (head.upgrade) facts.upgrade = true;
  return facts;
}
