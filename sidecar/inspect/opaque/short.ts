/**
 * Pieces that are too short to tell by themselves, over all messages to one host: many small bodies say as much as a large one.
 * They are judged together when there are PIECE bytes of them.
 */
import { Histogram } from './flat.ts';
import { PIECE } from './meter.ts';

export interface ShortCount {
  /** Takes one, of which so much was decompressed. Borrowed. @returns bytes that look drawn at random, once that can be told */
  add(piece: Histogram, explained: number): number;
}

export class ShortPieces implements ShortCount {
  readonly #together = new Histogram();
  #explained = 0;

  /** @returns those of it and of what was added before */
  add(piece: Histogram, explained: number): number {
    this.#together.merge(piece);
    this.#explained += explained;
    if (this.#together.length < PIECE) return 0;
    const left = this.#together.measure().random - this.#explained;
    this.#together.clear();
    this.#explained = 0;
    return Math.max(0, left);
  }
}
