/** Happy Eyeballs (RFC 8305) without sockets or clocks: in which order, and when, addresses are tried. */
import { canonicalAddress } from './address.ts';

/** RFC 8305 section 5, "Connection Attempt Delay". */
export const ATTEMPT_DELAY_MS = 250;
/** More addresses than this are not tried: an answer with hundreds must not cost hundreds of sockets. */
export const MAX_ATTEMPTS = 16;

/**
 * IPv6 and IPv4 in turn, IPv6 first (RFC 8305 section 4, First Address Family Count 1), each family in the resolver's order,
 * without repeats, at most MAX_ATTEMPTS. What is no address is left out.
 */
export function interleave(addresses: readonly string[]): string[] {
  const v6 = new Set<string>();
  const v4 = new Set<string>();
  for (const text of addresses) {
    const address = canonicalAddress(text);
    if (address !== undefined) (address.includes(':') ? v6 : v4).add(address);
  }
  const [six, four] = [[...v6], [...v4]];
  const order: string[] = [];
  for (let i = 0; i < Math.max(six.length, four.length); i++) {
    for (const address of [six[i], four[i]]) if (address !== undefined) order.push(address);
  }
  return order.slice(0, MAX_ATTEMPTS);
}

/** What to do now: start an attempt, ask again in some time, wait for those that run, or give up. */
export type Step = { do: 'attempt'; address: string } | { do: 'wait'; ms: number } | { do: 'idle' } | { do: 'give-up' };

/** One race over a list of addresses. The caller asks `next` until it is told to wait, and reports what failed. */
export class Schedule {
  readonly #order: readonly string[];
  #started = 0;
  #running = 0;
  /** When the next attempt may start without a failure; milliseconds of the caller's clock. */
  #due = Number.NEGATIVE_INFINITY;

  constructor(addresses: readonly string[]) {
    this.#order = interleave(addresses);
  }

  next(now: number): Step {
    const address = this.#order[this.#started];
    if (address === undefined) return { do: this.#running > 0 ? 'idle' : 'give-up' };
    if (now < this.#due) return { do: 'wait', ms: this.#due - now };
    this.#started++;
    this.#running++;
    this.#due = now + ATTEMPT_DELAY_MS;
    return { do: 'attempt', address };
  }

  /** A running attempt failed: the next one need not wait (RFC 8305 section 5). */
  failed(): void {
    this.#running--;
    this.#due = Number.NEGATIVE_INFINITY;
  }
}
