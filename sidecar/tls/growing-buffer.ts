/** Bytes collected up to a bound; grows by doubling, so that a byte at a time costs no more than one chunk. */

const INITIAL_CAPACITY = 2048;

export class GrowingBuffer {
  #bytes = Buffer.alloc(0);
  #length = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get length(): number {
    return this.#length;
  }

  /** Copies `chunk` in; what goes over the limit is left out. */
  append(chunk: Uint8Array): void {
    const taken = chunk.subarray(0, this.#limit - this.#length);
    const needed = this.#length + taken.length;
    if (needed > this.#bytes.length) {
      const capacity = Math.max(needed, this.#bytes.length * 2, INITIAL_CAPACITY);
      const grown = Buffer.alloc(Math.min(capacity, this.#limit));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    this.#bytes.set(taken, this.#length);
    this.#length = needed;
  }

  /** A view of the bytes from `start` to `end` (clipped to what is there); void after the next append. */
  view(start: number, end: number): Buffer {
    return this.#bytes.subarray(start, Math.min(end, this.#length));
  }

  /** Gives the memory back. */
  clear(): void {
    this.#bytes = Buffer.alloc(0);
    this.#length = 0;
  }
}
