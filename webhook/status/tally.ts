/** Which policies select which pods, counted by namespace: one namespace is counted anew when something in it changes. */
import type { Dropped } from '../../crds/compile.ts';
import { policyAtAdmission } from '../policies/at-admission.ts';
import type { PolicyBook } from '../policies/book.ts';
import type { PodItem } from '../watch/objects.ts';

export interface Count {
  matched: number;
  /** `namespace/name` of pods to be made anew. */
  stale: string[];
  /** By constraints, for pods that there are. */
  dropped: Dropped[];
}

export class Tally {
  readonly #book: Pick<PolicyBook, 'entryFor'>;
  readonly #byNamespace = new Map<string, Map<string, Count>>();

  constructor(book: Pick<PolicyBook, 'entryFor'>) {
    this.#book = book;
  }

  /** `pods`: all of the namespace that Weir was put into. */
  count(namespace: string, pods: Iterable<PodItem>): void {
    const counts = new Map<string, Count>();
    const entries = new Set<object>();
    for (const pod of pods) {
      if (!pod.isInjected || pod.isEnding) continue;
      const entry = this.#book.entryFor(namespace, pod.labels);
      const isStale = pod.atAdmission !== policyAtAdmission(entry.podFields, pod.secrets);
      for (const policy of entry.policies) {
        const count = counts.get(policy) ?? { matched: 0, stale: [], dropped: [] };
        counts.set(policy, count);
        count.matched++;
        if (isStale) count.stale.push(`${namespace}/${pod.name}`);
        if (!entries.has(entry)) count.dropped.push(...entry.compiled.dropped);
      }
      entries.add(entry);
    }
    if (counts.size === 0) this.#byNamespace.delete(namespace);
    else this.#byNamespace.set(namespace, counts);
  }

  /** Of one policy over all namespaces. */
  of(policy: string): Count {
    const sum: Count = { matched: 0, stale: [], dropped: [] };
    for (const counts of this.#byNamespace.values()) {
      const count = counts.get(policy);
      if (!count) continue;
      sum.matched += count.matched;
      sum.stale.push(...count.stale);
      sum.dropped.push(...count.dropped);
    }
    return sum;
  }
}
