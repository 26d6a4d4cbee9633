/**
 * What rules have spent, for the life of the pod: in a pod the ledger is a file that outlives the sidecar. Survives a change
 * of policy: it is keyed by rule id, not by rule.
 */
import type { RuntimePolicy, RuntimeRule } from '../../crds/runtime.ts';
import { type Ledger, memoryLedger } from '../state/ledger.ts';
import { Refusals } from './refusals.ts';
import { NewTexts } from './texts.ts';

/** Sizes in bytes, `requests` in HTTP requests (TLS and TCP rules: connections). */
export type BudgetKind = 'uploadSize' | 'requests' | 'newTextSize';

export type OpaqueLimits = NonNullable<RuntimePolicy['content']['opaqueUploads']>;

/** The account of all hosts together. */
const OPAQUE_ACCOUNT = 'opaque uploads';

export class Budgets {
  readonly refusals: Refusals;
  /** What is no new text. It is of this process: after a restart all is new. */
  readonly texts: NewTexts = new NewTexts();
  readonly #ledger: Ledger;
  #limits: ReadonlyMap<string, RuntimeRule['limits']> | undefined;

  constructor(ledger: Ledger = memoryLedger()) {
    this.#ledger = ledger;
    this.refusals = new Refusals(ledger);
  }

  /** A new policy's limits hold for what began under the old one too; under a rule that is gone nothing more may be sent. */
  useLimits(rules: readonly RuntimeRule[]): void {
    this.#limits = new Map(rules.map(({ id, limits }) => [id, limits]));
  }

  /**
   * Spends `n` of the rule's limit, or nothing at all when less than `n` is left or when it cannot be written down.
   * Charge before the bytes are sent: what was charged is never given back. A rule without this limit is counted too,
   * since a later policy may set one. Throws RangeError when `n` is not a non-negative integer.
   */
  charge(rule: RuntimeRule, kind: BudgetKind, n: number): boolean {
    if (!Number.isSafeInteger(n) || n < 0) throw new RangeError(`cannot charge ${n}`);
    if (n > this.remaining(rule, kind)) return false;
    if (n === 0) return true;
    const { key, second } = accountOf(rule.id, kind);
    const [one, other] = this.#ledger.read(key);
    const kept = second ? this.#ledger.write(key, one, other + n) : this.#ledger.write(key, one + n, other);
    // Without a limit nothing was promised that a lost count could break; a limit of later finds the account used up.
    return kept || this.remaining(rule, kind) === Number.POSITIVE_INFINITY;
  }

  /**
   * Spends `n` bytes that no decoder explains on the accounts of a host and of the pod, or nothing at all when either has
   * less left or they cannot be written down.
   */
  chargeOpaque(host: string, n: number, { maxPodSize, maxSize }: OpaqueLimits): boolean {
    if (!Number.isSafeInteger(n) || n < 0) throw new RangeError(`cannot charge ${n}`);
    const accounts: [account: string, limit: number | undefined][] = [
      [`opaque ${host}`, maxSize],
      [OPAQUE_ACCOUNT, maxPodSize],
    ];
    const limited = accounts.filter(([, limit]) => limit !== undefined);
    if (limited.length > 0 && this.#ledger.lost) return false;
    if (limited.some(([account, limit = 0]) => this.#ledger.read(account)[0] + n > limit)) return false;
    return limited.every(([account]) => this.#ledger.write(account, this.#ledger.read(account)[0] + n, 0));
  }

  /** What is left of the rule's limit (never negative); `Infinity` when the rule has no such limit. */
  remaining(rule: RuntimeRule, kind: BudgetKind): number {
    const limits = this.#limits ? this.#limits.get(rule.id) : rule.limits;
    if (limits === undefined) return 0;
    const limit = limits[kind];
    if (limit === undefined) return Number.POSITIVE_INFINITY;
    return this.#ledger.lost ? 0 : Math.max(0, limit - this.spent(rule.id, kind));
  }

  /** What the rule has spent so far, as far as it is known. */
  spent(ruleId: string, kind: BudgetKind): number {
    const { key, second } = accountOf(ruleId, kind);
    return this.#ledger.read(key)[second ? 1 : 0];
  }
}

/** An account, and whether it is the second number in it. */
function accountOf(ruleId: string, kind: BudgetKind): { key: string; second: boolean } {
  return { key: kind === 'newTextSize' ? `text ${ruleId}` : `rule ${ruleId}`, second: kind === 'requests' };
}
