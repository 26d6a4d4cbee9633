/**
 * Counts the bytes of one layer that no decoder explains: pieces that look drawn at random, but for what was decompressed,
 * which is a layer with a meter of its own. A piece is counted when the layer has decided on it, so before it is released.
 */
import { MIN_MIXED } from './component.ts';
import { Histogram } from './flat.ts';

/** Bytes that are judged together. */
export const PIECE: number = MIN_MIXED;
/** What compressed data may be larger than the information in what it becomes: headers, tables, a poor compressor. */
export const OVERHEAD = 1.1;
export const OVERHEAD_BYTES = 512;

interface Range {
  from: number;
  to: number;
}

/** A piece of which so many bytes look drawn at random. */
interface Piece extends Range {
  random: number;
}

/** Where a meter reports. */
export interface OpaqueCount {
  /** So many bytes are explained by nothing. */
  count(bytes: number): void;
  /** The end of a text, too short to be judged by itself; so many bytes of it were decompressed. Borrowed. */
  short(piece: Histogram, explained: number): void;
}

export class OpaqueMeter {
  readonly #report: OpaqueCount;
  readonly #piece = new Histogram();
  /** Offset behind what was taken. */
  #taken = 0;
  #information = 0;
  /** Pieces that look random and are not counted yet, and what is explained, both in order. */
  #pending: Piece[] = [];
  #explained: Range[] = [];

  constructor(report: OpaqueCount) {
    this.#report = report;
  }

  /** Bytes that data which becomes what was taken may have, compressed. */
  get allowance(): number {
    return this.#information * OVERHEAD + OVERHEAD_BYTES;
  }

  take(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const to = Math.min(bytes.length, at + PIECE - this.#piece.length);
      this.#piece.add(bytes.subarray(at, to));
      this.#taken += to - at;
      at = to;
      if (this.#piece.length < PIECE) continue;
      this.#judge();
      this.#piece.clear();
    }
  }

  /** The bytes from one offset to another were decompressed. */
  explain(from: number, to: number): void {
    const last = this.#explained.at(-1);
    if (last && from <= last.to && from >= last.from) last.to = Math.max(last.to, to);
    else if (to > from) this.#explained.push({ from, to });
  }

  /** Counts what ends before the offset. */
  settle(decided: number): void {
    let settled = 0;
    for (; settled < this.#pending.length; settled++) {
      const { from, random, to } = this.#pending[settled] as Piece;
      if (to > decided) break;
      // What is compressed looks drawn at random: that was it.
      const left = random - this.#explainedOf(from, to);
      if (left > 0) this.#report.count(left);
    }
    this.#pending.splice(0, settled);
    const next = this.#pending[0]?.from ?? Math.min(decided, this.#taken - this.#piece.length);
    this.#explained = this.#explained.filter((range) => range.to > next);
  }

  /** Nothing more comes: the last piece is judged, however short, and all is counted. */
  end(): void {
    const { length } = this.#piece;
    if (length > 0 && this.#judge() === 0) {
      const explained = this.#explainedOf(this.#taken - length, this.#taken);
      // What was decompressed is measured where it came out.
      if (explained < length / 2) this.#report.short(this.#piece, explained);
    }
    this.#piece.clear();
    this.settle(Number.POSITIVE_INFINITY);
  }

  #explainedOf(from: number, to: number): number {
    let sum = 0;
    for (const range of this.#explained) sum += Math.max(0, Math.min(to, range.to) - Math.max(from, range.from));
    return sum;
  }

  /** @returns bytes of the piece that look drawn at random */
  #judge(): number {
    const { information, random } = this.#piece.measure();
    this.#information += information;
    if (random > 0) this.#pending.push({ from: this.#taken - this.#piece.length, to: this.#taken, random });
    return random;
  }
}
