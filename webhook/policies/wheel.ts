/** Deadlines for thousands without a timer for each: one turning wheel. Pure; the caller turns it. */

/** An item that the wheel may hold; it keeps its place. */
export interface Wheeled {
  slot: number;
}

export class Wheel<T extends Wheeled> {
  readonly #slots: Set<T>[];
  #at = 0;

  /** `slots`: the longest deadline in turns, and one. */
  constructor(slots: number) {
    this.#slots = Array.from({ length: slots }, () => new Set<T>());
  }

  /** Due at the `turns`-th turn from now: at least 1, at most what the wheel holds. */
  add(item: T, turns: number): void {
    const ahead = Math.min(Math.max(1, Math.round(turns)), this.#slots.length - 1);
    item.slot = (this.#at + ahead) % this.#slots.length;
    this.#slots[item.slot]?.add(item);
  }

  remove(item: T): void {
    this.#slots[item.slot]?.delete(item);
  }

  /** What is due now, and no longer in the wheel. */
  turn(): T[] {
    this.#at = (this.#at + 1) % this.#slots.length;
    const slot = this.#slots[this.#at];
    const due = [...(slot ?? [])];
    slot?.clear();
    return due;
  }
}
