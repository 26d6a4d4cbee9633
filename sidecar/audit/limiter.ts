/**
 * How many lines denials may make: a workload that is refused as fast as it can ask must not fill the disk, nor bury the
 * one line that counts. What has no line of its own is counted, and told in one line. Pure; the caller has the clock.
 */
import { registrableDomain } from '../../crds/hosts.ts';
import type { Event } from '../../crds/runtime.ts';

/** Lines that one (layer, reason, registrable domain) may make at once. */
export const BURST_LINES = 32;
/** Milliseconds after which it may make one more. */
export const LINE_EVERY_MS = 5000;
/** Milliseconds after which what has no line is told in a counted one. */
export const COUNTED_EVERY_MS = 30_000;
/** Domains that are told apart for one layer and reason; those beyond share what is one domain's. */
export const MAX_DOMAINS = 64;

interface Bucket {
  tokens: number;
  /** When `tokens` was last filled up, in milliseconds. */
  at: number;
  /** The first event without a line, and how many there are. */
  untold: { event: Event; domain: string | undefined; count: number } | undefined;
}

export class EventLimiter {
  /** By layer and reason, which are closed sets; then by domain. */
  readonly #groups = new Map<string, Map<string | undefined, Bucket>>();

  /** The events to write now: this one or none. `now`: milliseconds of any clock that does not go back. */
  take(event: Event, now: number): Event[] {
    // What passes is the record of the build, and bounded by the policy.
    if (event.reason === undefined) return [event];
    const { bucket, domain } = this.#bucket(event, now);
    bucket.tokens = Math.min(BURST_LINES, bucket.tokens + (now - bucket.at) / LINE_EVERY_MS);
    bucket.at = now;
    if (bucket.untold === undefined && bucket.tokens >= 1) {
      bucket.tokens--;
      return [event];
    }
    // Once something is untold, what follows joins it: lines stay in the order of their events.
    bucket.untold ??= { event, domain, count: 0 };
    bucket.untold.count++;
    return [];
  }

  /** The counted lines that are due; call every COUNTED_EVERY_MS and at the end. */
  counted(now: number): Event[] {
    const lines: Event[] = [];
    for (const buckets of this.#groups.values()) {
      for (const [domain, bucket] of buckets) {
        if (bucket.untold) lines.push(countedLine(bucket.untold));
        bucket.untold = undefined;
        // Full again: a new one would be the same.
        if (bucket.tokens + (now - bucket.at) / LINE_EVERY_MS >= BURST_LINES) buckets.delete(domain);
      }
    }
    return lines;
  }

  #bucket(event: Event, now: number): { bucket: Bucket; domain: string | undefined } {
    const group = `${event.layer} ${event.reason}`;
    const buckets = this.#groups.get(group) ?? new Map<string | undefined, Bucket>();
    this.#groups.set(group, buckets);
    const own = event.host === undefined ? undefined : registrableDomain(event.host);
    const domain = buckets.has(own) || buckets.size < MAX_DOMAINS ? own : undefined;
    const bucket = buckets.get(domain) ?? { tokens: BURST_LINES, at: now, untold: undefined };
    buckets.set(domain, bucket);
    return { bucket, domain };
  }
}

/** What all of them have in common; the time and id are those of the first. */
function countedLine({ event, domain, count }: NonNullable<Bucket['untold']>): Event {
  const { time, id, action, layer, reason } = event;
  return {
    time,
    id,
    action,
    layer,
    ...(reason !== undefined && { reason }),
    ...(domain !== undefined && { host: domain }),
    repeated: count,
  };
}
