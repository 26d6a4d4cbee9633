/** What a query comes to: the code and records of its answer, and what is to be reported of it. */
import type { Verdict } from '../../crds/runtime.ts';
import { parseAddress } from '../tcp/address.ts';
import type { Judgement } from './judge.ts';
import type { AnswerRecord } from './query.ts';
import type { Report } from './report.ts';
import type { SyntheticAddresses } from './synthetic.ts';
import { RCODE, TYPE } from './wire.ts';

/** Seconds for which a client may keep an answer, so that a change of policy soon reaches it. */
export const MAX_ANSWER_TTL = 60;
/** Seconds for which a client may keep the refusal address: the rule that was missing may be there by then. */
export const REFUSAL_TTL = 5;

export interface Outcome {
  rcode: number;
  records: AnswerRecord[];
  /** Absent when nothing was decided about the client. */
  report?: Report | undefined;
}

/** The answer to a judgement that asks nobody. */
export function localOutcome(
  judgement: Exclude<Judgement, { answer: 'lookup' }>,
  type: number,
  synthetic: SyntheticAddresses,
): Outcome {
  const { denial, host } = judgement;
  const report = denial && { verdict: { allow: false as const, ...denial }, host };
  switch (judgement.answer) {
    case 'nxdomain':
      return { rcode: RCODE.NXDOMAIN, records: [], report };
    case 'nodata':
      return { rcode: RCODE.NOERROR, records: [], report };
    case 'refusal-address':
      return { ...addressOutcome(synthetic.refusal, type, REFUSAL_TTL), report };
    // RFC 6761 §6.3: answered here, and no destination of ours.
    case 'loopback':
      return addressOutcome({ v4: '127.0.0.1', v6: '::1' }, type, MAX_ANSWER_TTL);
  }
}

/** The address of the family that was asked for; no records for any other type. */
export function addressOutcome(pair: { v4: string; v6: string }, type: number, ttl: number): Outcome {
  const text = type === TYPE.A ? pair.v4 : type === TYPE.AAAA ? pair.v6 : undefined;
  const bytes = text === undefined ? undefined : parseAddress(text);
  return { rcode: RCODE.NOERROR, records: bytes ? [{ type, ttl: capTtl(ttl), rdata: Buffer.from(bytes) }] : [] };
}

/** SERVFAIL: the client may try again. */
export function failedOutcome(verdict?: Verdict, host?: string): Outcome {
  return { rcode: RCODE.SERVFAIL, records: [], report: verdict && { verdict, host } };
}

export function capTtl(ttl: number): number {
  return Math.min(ttl, MAX_ANSWER_TTL);
}
