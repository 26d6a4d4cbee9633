/**
 * Pieces that are too short to tell by themselves, over all messages to one host: many small bodies say as much as a large one.
 * They are judged together when there are PIECE bytes of them: those of one block among themselves (a block can have one for every
 * few bytes), and what is left of each with what was left before.
 */
import { Histogram } from './flat.ts';
import { PIECE } from './meter.ts';

/** Where what is left of a block goes. */
export interface ShortRests {
  /** @returns bytes that look drawn at random, once that can be told */
  addRest(rest: ShortRest): number;
}

/** What cannot be told yet: how often each byte occurs, and how much of it was decompressed. Can be cloned (HTML, 2.7.5). */
export interface ShortRest {
  counts: Uint32Array;
  explained: number;
}

export class ShortPieces implements ShortRests {
  readonly #together = new Histogram();
  #explained = 0;

  /**
   * Takes one, of which so much was decompressed. Borrowed. @returns bytes of it and of what was added before that look drawn at
   * random, once that can be told
   */
  add(piece: Histogram, explained: number): number {
    this.#together.merge(piece);
    return this.#judge(explained);
  }

  addRest({ counts, explained }: ShortRest): number {
    this.#together.addCounts(counts);
    return this.#judge(explained);
  }

  /** What is left, for whoever goes on with it, and is left here no longer. Undefined: nothing. */
  take(): ShortRest | undefined {
    if (this.#together.length === 0) return undefined;
    const rest = { counts: this.#together.counts().slice(), explained: this.#explained };
    this.#together.clear();
    this.#explained = 0;
    return rest;
  }

  #judge(explained: number): number {
    this.#explained += explained;
    if (this.#together.length < PIECE) return 0;
    const left = this.#together.measure().random - this.#explained;
    this.#together.clear();
    this.#explained = 0;
    return Math.max(0, left);
  }
}
