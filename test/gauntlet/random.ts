/** A seeded generator, so that a failing case is the same case tomorrow. Not for anything but tests. */
import { createHash } from 'node:crypto';

export class Random {
  readonly #seed: string;
  #counter = 0;
  #pool = Buffer.alloc(0);

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** Uniform bytes: SHA-256 of seed and counter. */
  bytes(length: number): Buffer {
    while (this.#pool.length < length) {
      const block = createHash('sha256')
        .update(`${this.#seed}/${this.#counter++}`)
        .digest();
      this.#pool = Buffer.concat([this.#pool, block]);
    }
    const taken = this.#pool.subarray(0, length);
    this.#pool = this.#pool.subarray(length);
    return taken;
  }

  /** A whole number in 0..limit-1, without bias (limit ≤ 256). */
  below(limit: number): number {
    for (;;) {
      const value = this.bytes(1)[0] as number;
      if (value < 256 - (256 % limit)) return value % limit;
    }
  }

  text(alphabet: string, length: number): string {
    return Array.from({ length }, () => alphabet[this.below(alphabet.length)]).join('');
  }
}
