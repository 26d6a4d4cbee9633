/** Sidecars that wait for a change of their policy. Little state each, one wheel for all; no sockets in here. */
import { POLL_JITTER, POLL_MS } from '../../crds/control.ts';
import { Wheel, type Wheeled } from './wheel.ts';

/** Sidecars that may wait on one replica; more are told to come back later. */
export const MAX_WAITERS = 8192;
/** Polls of one pod at once; the oldest is answered when one more comes. */
export const MAX_WAITS_PER_POD = 2;
/** Milliseconds of one turn of the wheel. */
export const TURN_MS = 1000;
/** Answers that are written before other work has its turn. */
export const BATCH = 64;

/** `unchanged`: 304. `changed`: the policy of now is written. `moved`: 304, and the connection is closed. */
export type Outcome = 'changed' | 'unchanged' | 'moved';

export interface Waiter extends Wheeled {
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  readonly have: string;
  answer(outcome: Outcome): void;
}

export class Waiters {
  readonly #byNamespace = new Map<string, Map<string, Waiter[]>>();
  readonly #wheel = new Wheel<Waiter>(Math.ceil((POLL_MS * (1 + POLL_JITTER)) / TURN_MS) + 2);
  readonly #random: () => number;
  #size = 0;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  get size(): number {
    return this.#size;
  }

  /** False when there is no room. */
  add(waiter: Waiter): boolean {
    if (this.#size >= MAX_WAITERS) return false;
    const pods = this.#byNamespace.get(waiter.namespace) ?? new Map<string, Waiter[]>();
    this.#byNamespace.set(waiter.namespace, pods);
    const waits = pods.get(waiter.uid) ?? [];
    pods.set(waiter.uid, waits);
    const [oldest] = waits;
    waits.push(waiter);
    this.#size++;
    this.#wheel.add(waiter, (POLL_MS * (1 + POLL_JITTER * (2 * this.#random() - 1))) / TURN_MS);
    if (waits.length > MAX_WAITS_PER_POD && oldest) this.#end(oldest, 'unchanged');
    return true;
  }

  /** Its client is gone. */
  remove(waiter: Waiter): void {
    const pods = this.#byNamespace.get(waiter.namespace);
    const waits = pods?.get(waiter.uid);
    const at = waits?.indexOf(waiter) ?? -1;
    if (!pods || !waits || at < 0) return;
    waits.splice(at, 1);
    this.#size--;
    this.#wheel.remove(waiter);
    if (waits.length === 0) pods.delete(waiter.uid);
    if (pods.size === 0) this.#byNamespace.delete(waiter.namespace);
  }

  /** To be called every TURN_MS. */
  turn(): void {
    for (const waiter of this.#wheel.turn()) this.#end(waiter, 'unchanged');
  }

  /** Those of one namespace, or all. */
  *in(namespace?: string): Generator<Waiter> {
    const groups =
      namespace === undefined ? this.#byNamespace.values() : [this.#byNamespace.get(namespace) ?? new Map()];
    for (const pods of groups) for (const waits of pods.values()) yield* waits;
  }

  /** Answers those for which the outcome is one; in batches, so that admission has its turn in between. */
  async wake(namespace: string | undefined, outcomeOf: (waiter: Waiter) => Outcome | undefined): Promise<void> {
    let written = 0;
    for (const waiter of [...this.in(namespace)]) {
      const outcome = outcomeOf(waiter);
      if (outcome === undefined) continue;
      this.#end(waiter, outcome);
      if (++written % BATCH === 0) await new Promise(setImmediate);
    }
  }

  #end(waiter: Waiter, outcome: Outcome): void {
    this.remove(waiter);
    waiter.answer(outcome);
  }
}
