/**
 * What the workload can move is shown seldom and coarsely. It denies and allows at will, thousands of times a second, and
 * whoever may read the metrics port would else read those counts as a message. Pure but for the clock.
 */
import type { Metric, Sample } from './render.ts';

/** Milliseconds for which values that the workload moves stay as they were shown. */
export const SNAPSHOT_MS = 15_000;
/** Leading digits of them that are shown. */
export const SHOWN_DIGITS = 2;

export class Snapshot {
  readonly #now: () => number;
  #taken = Number.NEGATIVE_INFINITY;
  #kept = new Map<string, readonly Sample[]>();

  /** `now`: monotonic milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** As they may be shown: those that are `moved` as they were at the last snapshot, a new one when it is too old. */
  of(metrics: readonly Metric[]): Metric[] {
    const moved = metrics.filter((metric) => metric.moved);
    if (this.#now() - this.#taken >= SNAPSHOT_MS) {
      this.#taken = this.#now();
      this.#kept = new Map(moved.map(({ name, samples }) => [name, samples.map(coarse)]));
    }
    return metrics.map((metric) => (metric.moved ? { ...metric, samples: this.#kept.get(metric.name) ?? [] } : metric));
  }
}

function coarse({ labels, value }: Sample): Sample {
  return { ...(labels && { labels }), value: rounded(value) };
}

/** Down to SHOWN_DIGITS leading digits, so that a counter never falls. */
export function rounded(value: number): number {
  if (!Number.isFinite(value) || value <= 0) return value;
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) + 1 - SHOWN_DIGITS);
  return Math.floor(value / unit) * unit;
}
