/**
 * What was refused for its content, for the life of the pod. Each refusal tells whoever runs there one bit of what Weir looks
 * for, so after a number of them the pod is cut off.
 */
import type { Event, Reason } from '../../crds/runtime.ts';
import type { Ledger } from '../state/ledger.ts';

/** Its account in the journal. */
export const REFUSALS_ACCOUNT = 'content refusals';

const REASONS: ReadonlySet<Reason | undefined> = new Set<Reason>([
  'content.secret',
  'content.too-complex',
  'content.opaque',
]);

/** Whether the event is such a refusal. */
export function isContentRefusal({ action, reason }: Event): boolean {
  return action === 'deny' && REASONS.has(reason);
}

export class Refusals {
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  get count(): number {
    return this.#ledger.read(REFUSALS_ACCOUNT)[0];
  }

  add(): void {
    this.#ledger.write(REFUSALS_ACCOUNT, this.count + 1, 0);
  }

  /** A count that was lost is taken to be one short of the limit: the pod may go on, and may not try again. */
  reach(limit: number): boolean {
    return this.count + (this.#ledger.lost ? limit - 1 : 0) >= limit;
  }
}
