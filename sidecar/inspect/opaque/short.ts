/**
 * Pieces that are too short to tell by themselves, over all messages to one host: many small bodies say as much as a large one.
 * They are judged together when there are PIECE bytes of them.
 */
import { Histogram } from './flat.ts';
import { PIECE } from './meter.ts';

export class ShortPieces {
  readonly #together = new Histogram();

  /** Takes one. @returns bytes that look drawn at random, of it and those before, once that can be told */
  add(piece: Histogram): number {
    this.#together.merge(piece);
    const { length } = this.#together;
    if (length < PIECE) return 0;
    const isFlat = this.#together.isFlat();
    this.#together.clear();
    return isFlat ? length : 0;
  }
}
