/**
 * How a replica ends. The API server keeps its connections to a pod that is going (kubernetes/kubernetes#127335), and the
 * cluster's proxies need a moment to hear of it: so it says at once that it is not ready, goes on answering, closes each
 * connection behind an answer, and lets go of the sidecars that wait. Pure; the caller has the clock.
 */
export class Drain {
  #began: number | undefined;
  readonly #quietMs: number;

  /** `quietMs`: until sidecars are let go; before, they would come back to this replica. */
  constructor(quietMs: number) {
    this.#quietMs = quietMs;
  }

  begin(now: number): void {
    this.#began ??= now;
  }

  get isDraining(): boolean {
    return this.#began !== undefined;
  }

  /** Whether a sidecar that asks now had better ask another replica. */
  isReleasing(now: number): boolean {
    return this.#began !== undefined && now - this.#began >= this.#quietMs;
  }
}
