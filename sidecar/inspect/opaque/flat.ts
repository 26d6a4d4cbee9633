/**
 * Whether bytes look drawn at random. What is encrypted or compressed, and what writes that in letters, uses all of its
 * alphabet alike; text, code, tables and machine code use some of it much more than the rest. Measured in three ways, each
 * from how often each byte occurs:
 * - all of it, by how often two bytes are the same (Rényi's entropy of order 2), which a short sample tells as well as a long one;
 * - what is among something else, by the part that one flat alphabet explains (component.ts);
 * - what is of several alphabets, or of a skewed one, by more information in each byte (Shannon's entropy) than programs have.
 * Pure.
 */
import { flatComponent, MIN_ALPHABET, MIN_MIXED } from './component.ts';

/** Bits that the entropy of a random text may fall short of that of its alphabet. */
export const TOLERANCE = 0.2;
/** Bytes below which nothing can be said. */
export const MIN_SAMPLE = 256;
/** Information in each byte, as a part of it, from which on the bytes count whatever their alphabet: 6.6 bits. Machine code has 6. */
export const DENSE = 0.825;

/** Bytes of a sample at most: two pieces, less than full, put together. */
const MAX_SAMPLE: number = 2 * MIN_MIXED;
const COUNT_LOG = Float64Array.from({ length: MAX_SAMPLE + 1 }, (_, n) => (n === 0 ? 0 : n * Math.log2(n)));

/** Tables that are counted in by turns: the same byte again does not wait for the last. */
const LANES = 4;

export interface Measure {
  /** Bytes that a compressor of single bytes would make of it (Shannon's entropy): more than any good one does. */
  information: number;
  /** Bytes of it that look drawn at random. */
  random: number;
}

/** How often each byte occurs in a sample of MAX_SAMPLE bytes at most. */
export class Histogram {
  readonly #lanes = new Uint32Array(256 * LANES);
  readonly #counts = new Uint32Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(bytes: Uint8Array): void {
    const lanes = this.#lanes;
    const { length } = bytes;
    let at = 0;
    for (; at + LANES <= length; at += LANES) {
      (lanes[bytes[at] as number] as number)++;
      (lanes[256 | (bytes[at + 1] as number)] as number)++;
      (lanes[512 | (bytes[at + 2] as number)] as number)++;
      (lanes[768 | (bytes[at + 3] as number)] as number)++;
    }
    for (; at < length; at++) (lanes[bytes[at] as number] as number)++;
    this.#length += length;
  }

  /** Each byte so many times. */
  addCounts(counts: Uint32Array): void {
    for (const [byte, times] of counts.entries()) {
      (this.#lanes[byte] as number) += times;
      this.#length += times;
    }
  }

  merge(other: Histogram): void {
    for (let i = 0; i < this.#lanes.length; i++) {
      this.#lanes[i] = (this.#lanes[i] as number) + (other.#lanes[i] as number);
    }
    this.#length += other.#length;
  }

  clear(): void {
    this.#lanes.fill(0);
    this.#length = 0;
  }

  /** Judges what was added; `least`: different bytes that random ones must have. */
  measure(least: number = MIN_ALPHABET): Measure {
    const counts = this.counts();
    const n = this.#length;
    let alphabet = 0;
    let same = 0;
    let bits = COUNT_LOG[n] as number;
    for (let byte = 0; byte < 256; byte++) {
      const count = counts[byte] as number;
      if (count > 0) alphabet++;
      same += count * (count - 1);
      bits -= COUNT_LOG[count] as number;
    }
    const information = bits / 8;
    if (n < MIN_SAMPLE) return { information, random: 0 };
    const isFlat = alphabet >= least && -Math.log2(same / (n * (n - 1))) >= Math.log2(alphabet) - TOLERANCE;
    if (isFlat) return { information, random: n };
    if (n < MIN_MIXED) return { information, random: 0 };
    const { bytes, isEnough, size } = flatComponent(counts, n);
    const isRandom = (isEnough && size >= least) || information >= DENSE * n;
    return { information, random: isRandom ? bytes : 0 };
  }

  /** How often each byte occurs; borrowed until the next call. */
  counts(): Uint32Array {
    const lanes = this.#lanes;
    for (let byte = 0; byte < 256; byte++) {
      this.#counts[byte] =
        (lanes[byte] as number) +
        (lanes[256 | byte] as number) +
        (lanes[512 | byte] as number) +
        (lanes[768 | byte] as number);
    }
    return this.#counts;
  }
}
