/** Work that waits its turn: so much at once, and one of each asker in turn, so that who asks much does not keep others waiting. */

export interface Bounds {
  /** Tasks at once. */
  atOnce: number;
  /** Tasks of one asker that wait. */
  perAsker: number;
  /** Tasks that wait. */
  waiting: number;
}

export class Turns {
  readonly #bounds: Bounds;
  /** Askers in the order of their turns. */
  readonly #queues = new Map<string, (() => void)[]>();
  #running = 0;
  #waiting = 0;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Undefined: there is no room, and it is not done. */
  run<T>(asker: string, task: () => Promise<T>): Promise<T> | undefined {
    const queue = this.#queues.get(asker) ?? [];
    const { atOnce, perAsker, waiting } = this.#bounds;
    if (this.#running < atOnce) {
      this.#running++;
      return this.#do(task);
    }
    if (queue.length >= perAsker || this.#waiting >= waiting) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    queue.push(resolve);
    this.#queues.set(asker, queue);
    this.#waiting++;
    return promise.then(() => this.#do(task));
  }

  async #do<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } finally {
      this.#next();
    }
  }

  /** Its place goes to who waits. */
  #next(): void {
    const [first] = this.#queues;
    if (!first) {
      this.#running--;
      return;
    }
    const [asker, queue] = first;
    this.#queues.delete(asker);
    const go = queue.shift();
    if (queue.length > 0) this.#queues.set(asker, queue);
    this.#waiting--;
    go?.();
  }
}
