/** Token buckets, one a key, in bounded memory. Pure; the caller has the clock. */

export interface Rate {
  /** At once. */
  burst: number;
  perSecond: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

export class Buckets {
  readonly #rate: Rate;
  readonly #most: number;
  readonly #buckets = new Map<string, Bucket>();

  /** `most`: keys that are told apart; the one not used longest goes first, and is full again when it comes back. */
  constructor(rate: Rate, most: number) {
    this.#rate = rate;
    this.#most = most;
  }

  /** Takes `cost` if it is there. `now`: milliseconds of a clock that does not go back. */
  take(key: string, now: number, cost = 1): boolean {
    const { burst, perSecond } = this.#rate;
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);
    bucket.at = now;
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > this.#most) this.#buckets.delete(this.#buckets.keys().next().value as string);
    if (bucket.tokens < cost) return false;
    bucket.tokens -= cost;
    return true;
  }
}
