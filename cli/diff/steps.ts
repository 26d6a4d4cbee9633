/** How much a comparison may cost, over everything that is compared: who writes the policies is not always who compares them. */

/** Patterns that are tried, each on one segment, character or request: some five seconds. */
export const MAX_STEPS = 10_000_000;

export class Steps {
  #left: number;

  constructor(most: number = MAX_STEPS) {
    this.#left = most;
  }

  /** False, with nothing taken, when so many are not left. */
  take(steps: number): boolean {
    if (steps > this.#left) return false;
    this.#left -= steps;
    return true;
  }
}
