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

/** Names whose refusal is remembered, so as not to be counted again; beyond them the oldest is forgotten. */
export const MAX_REMEMBERED = 256;

export class Refusals {
  readonly #ledger: Ledger;
  readonly #names = new Set<string>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  get count(): number {
    return this.#ledger.read(REFUSALS_ACCOUNT)[0];
  }

  /**
   * Counts a refusal. `name`: the DNS name that was looked up, as it was sent; once it was counted it tells nothing new, and a
   * resolver asks for each name by every type and with every search domain.
   */
  add(name?: string): void {
    if (name !== undefined) {
      if (this.#names.has(name)) return;
      this.#names.add(name);
      if (this.#names.size > MAX_REMEMBERED) this.#names.delete(this.#names.values().next().value as string);
    }
    this.#ledger.write(REFUSALS_ACCOUNT, this.count + 1, 0);
  }

  /** A count that was lost is taken to be one short of the limit: the pod may go on, and may not try again. */
  reach(limit: number): boolean {
    return this.count + (this.#ledger.lost ? limit - 1 : 0) >= limit;
  }
}
