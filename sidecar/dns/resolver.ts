/**
 * The sidecar's own resolver: a stub that asks the machine's nameservers, and the only thing that ever does. What it asks
 * depends on the judged name alone. Cached by TTL, coalesced, bounded in time and number.
 */
import type { QueryType } from '../../crds/runtime.ts';
import { formatAddress } from '../tcp/address.ts';
import type { Egress, Endpoint } from '../tcp/types.ts';
import { abortable, within } from './abort.ts';
import { TtlCache } from './cache.ts';
import { followChain, MAX_ALIASES, type Outcome } from './chain.ts';
import { ExchangeError, exchange } from './exchange.ts';
import { hostOf, labelsOf } from './names.ts';
import { race } from './race.ts';
import { type Labels, TYPE } from './wire.ts';

/** Lookups under way at once; more fail at once. */
export const MAX_LOOKUPS = 256;
/** Fewest queries sent for one question when nobody answers; with more nameservers each is asked once. */
export const MIN_ATTEMPTS = 5;
/** Below the 5 s after which glibc and musl give up, so that they hear SERVFAIL instead of nothing. */
const LOOKUP_TIMEOUT_MS = 4500;
/** How long one server is waited for before the next is asked as well. */
const RETRY_MS = 1000;
/** How long addresses of one family wait for the other's (RFC 8305 §3). */
const RESOLUTION_DELAY_MS = 50;
/** Seconds a negative answer is kept at most: a name that was just made should appear soon. */
export const MAX_NEGATIVE_TTL = 60;
/** Seconds for which a failure is not tried again (RFC 9520 §3.2: at least 1). */
const FAILURE_TTL = 1;
/** Seconds that static hosts are good for. */
const STATIC_TTL = 60;

export type ResolveErrorCode = 'NXDOMAIN' | 'NODATA' | 'SERVFAIL' | 'TIMEOUT';

export class ResolveError extends Error {
  override name = 'ResolveError';
  readonly code: ResolveErrorCode;

  constructor(code: ResolveErrorCode, host: string) {
    super(`${code} for ${host}`);
    this.code = code;
  }
}

export interface ResolverOptions {
  /** In order of preference; the one that answered last is asked first. */
  nameservers: readonly Endpoint[];
  egress: Egress;
  /** Host (lower case) → addresses, before any nameserver. */
  hosts?: ReadonlyMap<string, readonly string[]>;
  /** Of one lookup with all its retries and aliases, milliseconds. */
  timeoutMs?: number;
  retryMs?: number;
  /** Monotonic milliseconds, for tests. */
  now?: () => number;
}

/** Record data in wire form (names uncompressed), and for how many seconds it holds. */
export interface Records {
  records: readonly Buffer[];
  ttl: number;
}

export interface Resolution {
  /** IPv4 and IPv6, canonical text, as the zone orders them; never empty. */
  addresses: string[];
  ttl: number;
}

type Answer = { records: readonly Buffer[] } | { error: ResolveErrorCode };

export class Resolver {
  readonly #options: ResolverOptions;
  readonly #cache: TtlCache<Answer>;
  readonly #underWay = new Map<string, Promise<{ value: Answer; ttl: number }>>();
  #preferred = 0;

  constructor(options: ResolverOptions) {
    this.#options = options;
    this.#cache = new TtlCache(options.now);
  }

  /**
   * All addresses of a host, whichever family: the caller has to dial them, not the client.
   * @throws ResolveError, or the reason of `signal`.
   */
  async resolve(host: string, signal?: AbortSignal): Promise<Resolution> {
    const fixed = this.#options.hosts?.get(host);
    if (fixed) {
      if (fixed.length === 0) throw new ResolveError('NODATA', host);
      return { addresses: [...fixed], ttl: STATIC_TTL };
    }
    const v4 = settled(this.query(host, 'A', signal));
    const v6 = settled(this.query(host, 'AAAA', signal));
    const first = await v4;
    // A server that is slow or broken for AAAA must not hold up what IPv4 has; the lookup goes on into the cache.
    const second = 'error' in first ? await v6 : await within(v6, RESOLUTION_DELAY_MS);
    const found = [first, second].filter((result) => result !== undefined && 'records' in result);
    if (found.length > 0) {
      return {
        addresses: found.flatMap((result) => result.records.map((rdata) => formatAddress(rdata))),
        ttl: Math.min(...found.map((result) => result.ttl)),
      };
    }
    throw worse(first, second as { error: unknown });
  }

  /**
   * Records of one type at a host.
   * @throws ResolveError, or the reason of `signal`.
   */
  async query(host: string, type: QueryType, signal?: AbortSignal): Promise<Records> {
    const labels = labelsOf(host);
    if (!labels) throw new ResolveError('NXDOMAIN', host);
    const key = `${type} ${host}`;
    const { value, ttl } =
      this.#cache.get(key) ?? (await abortable(this.#lookUp(key, host, labels, TYPE[type]), signal));
    if ('error' in value) throw new ResolveError(value.error, host);
    return { records: value.records, ttl };
  }

  #lookUp(key: string, host: string, labels: Labels, type: number): Promise<{ value: Answer; ttl: number }> {
    const underWay = this.#underWay.get(key);
    if (underWay) return underWay;
    if (this.#underWay.size >= MAX_LOOKUPS) return Promise.reject(new ResolveError('SERVFAIL', host));
    const fresh = this.#ask(labels, type).then((result) => {
      this.#cache.set(key, result.value, result.ttl);
      this.#underWay.delete(key);
      return result;
    });
    this.#underWay.set(key, fresh);
    return fresh;
  }

  /** Asks until there is an answer about the last alias or time is over. Does not reject. */
  async #ask(labels: Labels, type: number): Promise<{ value: Answer; ttl: number }> {
    const deadline = new AbortController();
    const timer = setTimeout(
      () => deadline.abort(new ExchangeError('time is over')),
      this.#options.timeoutMs ?? LOOKUP_TIMEOUT_MS,
    );
    try {
      let name = labels;
      let ttl = Number.POSITIVE_INFINITY;
      let allowance = MAX_ALIASES;
      for (;;) {
        const outcome = await this.#askAround(name, type, allowance, deadline.signal);
        switch (outcome.kind) {
          case 'records':
            return { value: { records: outcome.records }, ttl: Math.min(ttl, outcome.ttl) };
          case 'nxdomain':
            return { value: { error: 'NXDOMAIN' }, ttl: Math.min(ttl, outcome.ttl ?? 0, MAX_NEGATIVE_TTL) };
          case 'nodata':
            return { value: { error: 'NODATA' }, ttl: Math.min(ttl, outcome.ttl ?? 0, MAX_NEGATIVE_TTL) };
          case 'alias':
            allowance -= outcome.aliases;
            ttl = Math.min(ttl, outcome.ttl);
            name = outcome.target;
        }
      }
    } catch {
      return { value: { error: deadline.signal.aborted ? 'TIMEOUT' : 'SERVFAIL' }, ttl: FAILURE_TTL };
    } finally {
      clearTimeout(timer);
    }
  }

  async #askAround(
    name: Labels,
    type: number,
    allowance: number,
    signal: AbortSignal,
  ): Promise<Exclude<Outcome, { kind: 'failure' }>> {
    // An alias may hold any octets; what we ask is a host name, whoever chose it.
    if (allowance < 0 || !hostOf(name)) throw new ExchangeError('alias to no host name');
    const { nameservers, egress, retryMs } = this.#options;
    const count = nameservers.length === 0 ? 0 : Math.max(MIN_ATTEMPTS, nameservers.length);
    const start = this.#preferred;
    const refused = new Set<number>();
    return race(count, retryMs ?? RETRY_MS, signal, async (i, attemptSignal) => {
      const index = (start + i) % nameservers.length;
      // Its mind is made up; what may still help is another server.
      if (refused.has(index)) throw new ExchangeError('failed before');
      const reply = await exchange(egress, nameservers[index] as Endpoint, name, type, attemptSignal);
      const outcome = followChain(reply, name, type, allowance);
      if (outcome.kind === 'failure') {
        refused.add(index);
        throw new ExchangeError(outcome.detail);
      }
      this.#preferred = index;
      return outcome;
    });
  }
}

function settled(query: Promise<Records>): Promise<Records | { error: unknown }> {
  return query.catch((error: unknown) => ({ error }));
}

/** Which of two failures tells more: that the name does not exist, else that something is wrong, else that it has no address. */
function worse(first: Records | { error: unknown }, second: { error: unknown }): unknown {
  const errors = [(first as { error: unknown }).error, second.error];
  const rank = (error: unknown): number => {
    if (!(error instanceof ResolveError)) return 3;
    return error.code === 'NXDOMAIN' ? 2 : error.code === 'NODATA' ? 0 : 1;
  };
  return errors.reduce((a, b) => (rank(b) > rank(a) ? b : a));
}
