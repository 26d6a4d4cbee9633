/**
 * The information budget of names under a wildcard. Which names are asked is what a DNS tunnel says, and no single query
 * betrays it; the characters of distinct subdomains, added up for each registered domain, do.
 */

/** Registered domains with an account; they come from the policy's wildcards, so few are needed. */
export const MAX_BUDGET_DOMAINS = 1024;
/** Names that are remembered over all domains. */
export const MAX_BUDGET_NAMES = 65_536;

/** Where what was charged outlives the process; in local mode there is none. */
export interface NameStore {
  /** What was spent is not known: nothing is left. */
  readonly lost: boolean;
  /** `[domain, subdomain]` of what was charged before. */
  readonly seen: Iterable<readonly [string, string]>;
  /** False when it could not be kept: then the name must not be asked. */
  keep(domain: string, subdomain: string): boolean;
}

export class NameBudget {
  readonly #accounts = new Map<string, { spent: number; seen: Set<string> }>();
  readonly #store: NameStore | undefined;
  #names = 0;

  constructor(store?: NameStore) {
    this.#store = store;
    for (const [domain, subdomain] of store?.seen ?? []) this.#add(domain, subdomain);
  }

  /**
   * Charges the characters of `host` before `domain` against `limit`, once for each distinct name.
   * @returns false, with nothing charged, when the limit would be passed, a bound is reached or `host` is not under `domain`.
   */
  charge(host: string, domain: string, limit: number): boolean {
    if (host === domain) return true;
    if (!host.endsWith(`.${domain}`)) return false;
    const subdomain = host.slice(0, -domain.length - 1);
    const account = this.#accounts.get(domain);
    if (account?.seen.has(subdomain)) return true;
    if (this.#store?.lost) return false;
    if ((account?.spent ?? 0) + subdomain.length > limit || this.#names >= MAX_BUDGET_NAMES) return false;
    if (!account && this.#accounts.size >= MAX_BUDGET_DOMAINS) return false;
    if (this.#store && !this.#store.keep(domain, subdomain)) return false;
    this.#add(domain, subdomain);
    return true;
  }

  /** Whether the name was charged before. */
  has(host: string, domain: string): boolean {
    return this.#accounts.get(domain)?.seen.has(host.slice(0, -domain.length - 1)) === true;
  }

  /** Distinct names that were charged, over all domains. */
  get names(): number {
    return this.#names;
  }

  /** Characters spent under a domain. */
  spent(domain: string): number {
    return this.#accounts.get(domain)?.spent ?? 0;
  }

  #add(domain: string, subdomain: string): void {
    const account = this.#accounts.get(domain) ?? { spent: 0, seen: new Set<string>() };
    this.#accounts.set(domain, account);
    account.spent += subdomain.length;
    account.seen.add(subdomain);
    this.#names++;
  }
}
