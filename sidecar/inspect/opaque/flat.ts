/**
 * Whether bytes look drawn at random. What is encrypted or compressed, and what writes that in letters, uses all of its
 * alphabet alike; text, code, tables and machine code use some of it much more than the rest. Measured by how often two bytes
 * are the same (Rényi's entropy of order 2), which a short sample tells as well as a long one. Pure.
 */

/** Fewest different bytes that count: decimal numbers and DNA are drawn from fewer. */
export const MIN_ALPHABET = 16;
/** Bits that the entropy of a random text may fall short of that of its alphabet. */
export const TOLERANCE = 0.2;
/** Bytes below which nothing can be said. */
export const MIN_SAMPLE = 256;

/** Bytes of a sample of which the information is asked. */
const MAX_SAMPLE = 1024;
const COUNT_LOG = Float64Array.from({ length: MAX_SAMPLE + 1 }, (_, n) => (n === 0 ? 0 : n * Math.log2(n)));

export class Histogram {
  readonly #counts = new Uint32Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(bytes: Uint8Array): void {
    const counts = this.#counts;
    for (let at = 0; at < bytes.length; at++) (counts[bytes[at] as number] as number)++;
    this.#length += bytes.length;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#length = 0;
  }

  isFlat(): boolean {
    const n = this.#length;
    if (n < MIN_SAMPLE) return false;
    let alphabet = 0;
    let same = 0;
    for (const count of this.#counts) {
      if (count > 0) alphabet++;
      same += count * (count - 1);
    }
    return alphabet >= MIN_ALPHABET && -Math.log2(same / (n * (n - 1))) >= Math.log2(alphabet) - TOLERANCE;
  }

  /** Bytes that a compressor of single bytes would make of it (Shannon's entropy): more than any good one does. Of MAX_SAMPLE bytes at most. */
  information(): number {
    let bits = COUNT_LOG[this.#length] as number;
    for (const count of this.#counts) bits -= COUNT_LOG[count] as number;
    return bits / 8;
  }
}
