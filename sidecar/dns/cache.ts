/** Answers until their TTL is over, least recently stored out first. Times are milliseconds of a monotonic clock. */

export const MAX_CACHE_ENTRIES = 4096;
/** Longest that any answer is kept, seconds: a mistake in a zone should not outlive an hour here. */
export const MAX_CACHE_TTL = 3600;

export interface Cached<T> {
  value: T;
  /** Whole seconds left. */
  ttl: number;
}

export class TtlCache<T> {
  readonly #entries = new Map<string, { value: T; expires: number }>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get(key: string): Cached<T> | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    const left = entry.expires - this.#now();
    if (left > 0) return { value: entry.value, ttl: Math.floor(left / 1000) };
    this.#entries.delete(key);
    return undefined;
  }

  /** Keeps a value for `ttl` seconds; 0 keeps nothing (RFC 1035 §3.2.1). */
  set(key: string, value: T, ttl: number): void {
    this.#entries.delete(key);
    if (ttl <= 0) return;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size < MAX_CACHE_ENTRIES) break;
      this.#entries.delete(oldest);
    }
    this.#entries.set(key, { value, expires: this.#now() + Math.min(ttl, MAX_CACHE_TTL) * 1000 });
  }

  get size(): number {
    return this.#entries.size;
  }
}
