/** Counts of decisions. The labels are closed sets, so that no workload can make them grow. */
import type { Event, Reason } from '../../crds/runtime.ts';

export interface Count {
  action: Event['action'];
  layer: Event['layer'];
  /** `none` for what no rule spoke against. */
  reason: Reason | 'none';
  count: number;
}

export class Counters {
  private readonly counts = new Map<string, Count>();

  add(event: Event): void {
    const { action, layer } = event;
    const reason = event.reason ?? 'none';
    const key = `${action} ${layer} ${reason}`;
    const counted = this.counts.get(key) ?? { action, layer, reason, count: 0 };
    counted.count++;
    this.counts.set(key, counted);
  }

  /** Sum of the counts for which every given label is equal. */
  total(labels: Partial<Omit<Count, 'count'>> = {}): number {
    let sum = 0;
    for (const counted of this.counts.values()) {
      const equal = Object.entries(labels).every(([name, value]) => counted[name as keyof Count] === value);
      if (equal) sum += counted.count;
    }
    return sum;
  }

  /** All counts, sorted by their labels. */
  snapshot(): Count[] {
    return [...this.counts.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, counted]) => ({ ...counted }));
  }
}
