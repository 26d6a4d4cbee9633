/** What a reply says about a name: follows the aliases within one answer section (RFC 1034 §3.6.2, RFC 2308 §2). */
import type { Reply, ResourceRecord } from './response.ts';
import { type Labels, RCODE, readName, sameName, TYPE } from './wire.ts';

/** Aliases followed for one lookup, over all its replies. CDNs need three or four. */
export const MAX_ALIASES = 11;

export type Outcome =
  | { kind: 'records'; records: Buffer[]; ttl: number; aliases: number }
  /** The answer stops at an alias whose target must be asked for. */
  | { kind: 'alias'; target: Labels; ttl: number; aliases: number }
  /** `ttl` undefined: not to be kept (RFC 2308 §5). */
  | { kind: 'nxdomain' | 'nodata'; ttl: number | undefined }
  | { kind: 'failure'; detail: string };

/**
 * Reads a reply to a question for `name`. At most `allowance` aliases are followed; a loop runs into that bound.
 * Records are taken only when their owner is the name itself or an alias of it: anything else in the section is ignored.
 */
export function followChain(reply: Reply, name: Labels, type: number, allowance: number): Outcome {
  if (reply.rcode !== RCODE.NOERROR && reply.rcode !== RCODE.NXDOMAIN) {
    return { kind: 'failure', detail: `rcode ${reply.rcode}` };
  }
  let owner = name;
  let ttl = Number.POSITIVE_INFINITY;
  let aliases = 0;
  for (;;) {
    const here = reply.answers.filter((record) => sameName(record.owner, owner));
    const wanted = here.filter((record) => record.type === type);
    if (wanted.length > 0) {
      return { kind: 'records', records: wanted.map((record) => record.rdata), ttl: minTtl(ttl, wanted), aliases };
    }
    const alias = here.find((record) => record.type === TYPE.CNAME);
    const target = alias && readName(alias.rdata, 0, false)?.labels;
    if (!alias || !target) break;
    if (++aliases > allowance) return { kind: 'failure', detail: 'too many aliases' };
    ttl = Math.min(ttl, alias.ttl);
    owner = target;
  }
  // The code is about the last name of the chain (RFC 2308 §2.1).
  const negativeTtl = reply.negativeTtl === undefined ? undefined : Math.min(ttl, reply.negativeTtl);
  if (reply.rcode === RCODE.NXDOMAIN) return { kind: 'nxdomain', ttl: negativeTtl };
  if (aliases > 0 && negativeTtl === undefined) return { kind: 'alias', target: owner, ttl, aliases };
  if (reply.referral) return { kind: 'failure', detail: 'referral' };
  return { kind: 'nodata', ttl: negativeTtl };
}

function minTtl(start: number, records: readonly ResourceRecord[]): number {
  return records.reduce((least, record) => Math.min(least, record.ttl), start);
}
