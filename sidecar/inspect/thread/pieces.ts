/** Counts of short pieces on their way to the thread whose session judges them together. A body can have one for every few bytes. */
import { Histogram } from '../opaque/flat.ts';

/** Of each piece: how much of it was decompressed, how many different bytes it has, and for each of them byte and count. */
export type PackedPieces = Uint32Array;

/** How much of it was decompressed, and the counts. */
export type Piece = [explained: number, piece: Histogram];

export class PieceList {
  #packed: number[] = [];

  add(piece: Histogram, explained: number): void {
    const counts = piece.counts();
    const at = this.#packed.push(explained, 0) - 1;
    for (let byte = 0; byte < counts.length; byte++) {
      const count = counts[byte] as number;
      if (count === 0) continue;
      this.#packed.push(byte, count);
      (this.#packed[at] as number)++;
    }
  }

  /** What was added since the last call; undefined: nothing. */
  take(): PackedPieces | undefined {
    if (this.#packed.length === 0) return undefined;
    const packed = Uint32Array.from(this.#packed);
    this.#packed = [];
    return packed;
  }
}

/** In the order in which they were added. Each is good until the next is asked for. */
export function* piecesOf(packed: PackedPieces): Generator<Piece> {
  const piece = new Histogram();
  for (let at = 0; at < packed.length; ) {
    const explained = packed[at] as number;
    const end = at + 2 + 2 * (packed[at + 1] as number);
    piece.clear();
    for (at += 2; at < end; at += 2) piece.addTimes(packed[at] as number, packed[at + 1] as number);
    yield [explained, piece];
  }
}
