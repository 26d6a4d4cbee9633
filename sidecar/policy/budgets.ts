/** What rules have spent, for the life of the pod. Survives a change of policy: it is keyed by rule id, not by rule. */
import type { RuntimeRule } from '../../crds/runtime.ts';

/** `uploadSize` in bytes, `requests` in HTTP requests (TLS and TCP rules: connections). */
export type BudgetKind = 'uploadSize' | 'requests';

export class Budgets {
  readonly #spent = new Map<string, Record<BudgetKind, number>>();

  /**
   * Spends `n` of the rule's limit, or nothing at all when less than `n` is left.
   * Charge before the bytes are sent: what was charged is never given back. A rule without this limit is counted too,
   * since a later policy may set one. Throws RangeError when `n` is not a non-negative integer.
   */
  charge(rule: RuntimeRule, kind: BudgetKind, n: number): boolean {
    if (!Number.isSafeInteger(n) || n < 0) throw new RangeError(`cannot charge ${n}`);
    const spent = this.#spent.get(rule.id) ?? { uploadSize: 0, requests: 0 };
    const limit = rule.limits[kind];
    if (limit !== undefined && n > limit - spent[kind]) return false;
    spent[kind] += n;
    this.#spent.set(rule.id, spent);
    return true;
  }

  /** What is left of the rule's limit (never negative); `Infinity` when the rule has no such limit. */
  remaining(rule: RuntimeRule, kind: BudgetKind): number {
    const limit = rule.limits[kind];
    return limit === undefined ? Number.POSITIVE_INFINITY : Math.max(0, limit - this.spent(rule.id, kind));
  }

  /** What the rule has spent so far. */
  spent(ruleId: string, kind: BudgetKind): number {
    return this.#spent.get(ruleId)?.[kind] ?? 0;
  }
}
