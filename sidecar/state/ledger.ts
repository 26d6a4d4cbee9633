/** Where counters are kept. Budgets know only this; in a pod it is a file that outlives the process. */

/** Two numbers of one account: for a rule, bytes of upload and requests. Never negative; Infinity: used up. */
export type Pair = readonly [number, number];

export interface Ledger {
  /** What was spent is not known: whatever has a limit counts as used up. */
  readonly lost: boolean;
  /** Zeros for an account that is new. */
  read(key: string): Pair;
  /**
   * Keeps the numbers, before what they count happens. False when they could not be kept: then it must not happen,
   * where there is a limit.
   */
  write(key: string, first: number, second: number): boolean;
}

const NOTHING: Pair = [0, 0];

/** Counters for the life of the process, as local mode has them. */
export function memoryLedger(): Ledger {
  const accounts = new Map<string, Pair>();
  return {
    lost: false,
    read: (key) => accounts.get(key) ?? NOTHING,
    write: (key, first, second) => {
      accounts.set(key, [first, second]);
      return true;
    },
  };
}
