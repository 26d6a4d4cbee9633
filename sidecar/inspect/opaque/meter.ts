/**
 * Counts the bytes of one layer that no decoder explains: pieces that look drawn at random, but for what was decompressed,
 * which is a layer with a meter of its own. A piece is counted when the layer has decided on it, so before it is released.
 */
import { MIN_MIXED } from './component.ts';
import { Histogram } from './flat.ts';
import { Novelty } from './novelty.ts';

/** Bytes that are judged together. */
export const PIECE: number = MIN_MIXED;
/**
 * What compressed data may be larger than the information in what it becomes: a poor compressor, tables, what frames it. Tables
 * are only worth it for some information; a sender can make up any number of streams that become nothing.
 */
export const OVERHEAD = 1.2;
export const MAX_TABLES = 448;
export const FRAME = 40;
/** The same of formats whose frame has no room for a name: RFC 7932, RFC 1950, RFC 1951, RFC 8878. */
export const FRAMES: Readonly<Record<string, number>> = { br: 4, brotli: 4, deflate: 8, zlib: 8, zstd: 16 };
/** Share of a short text from which on it is nothing but compressed data. */
const MOSTLY = 0.75;
/** Bytes that it takes to say that something comes again. */
export const REPEAT = 3;

/** Information in a byte of a text that is new, until enough is there to tell. */
const OF_TEXT = 0.6;
/**
 * Different bytes that random ones must have among what is new, more than letters, digits and signs: a lockfile is hashes in
 * base64 between the same words again and again.
 */
export const WIDE = 100;
/** Bytes of a text in which it is known what was decompressed, when little of it is new. */
const MAX_FRESH_SPAN = 64 * 1024;

/** What is new in a text, judged like the text itself. */
interface Fresh {
  novelty: Novelty;
  piece: Histogram;
  /** Offset from which on it is. */
  from: number;
  /** Random bytes of the text since then that were counted. */
  counted: number;
}

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
  #fresh: Fresh | undefined;
  #frame = FRAME;
  /** Pieces that look random and are not counted yet, and what is explained, both in order. */
  #pending: Piece[] = [];
  #explained: Range[] = [];

  constructor(report: OpaqueCount) {
    this.#report = report;
  }

  /**
   * What is taken was compressed: `allowance` will be asked for, and what is put between random bytes costs nothing when it is the
   * same again. Before the first bytes. `format`: of the compression.
   */
  weigh(format: string): void {
    this.#frame = FRAMES[format] ?? FRAME;
    this.#fresh = { novelty: new Novelty(), piece: new Histogram(), from: 0, counted: 0 };
  }

  /** Bytes that data which becomes what was taken may have, compressed. */
  get allowance(): number {
    const { novelty, piece } = this.#fresh ?? {};
    const information = this.#information + (piece?.length ?? 0) * OF_TEXT + (novelty?.repeats ?? 0) * REPEAT;
    return information * OVERHEAD + Math.min(MAX_TABLES, information) + this.#frame;
  }

  take(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const room = PIECE - Math.max(this.#piece.length, this.#fresh?.piece.length ?? 0);
      const part = bytes.subarray(at, at + room);
      at += part.length;
      this.#taken += part.length;
      this.#piece.add(part);
      this.#fresh?.piece.add(this.#fresh.novelty.add(part));
      if (this.#piece.length === PIECE) {
        this.#judge();
        this.#piece.clear();
      }
      if (this.#fresh?.piece.length === PIECE) {
        this.#judgeFresh(this.#fresh);
        this.#fresh.piece.clear();
      }
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
    let next = Math.min(decided, this.#taken - this.#piece.length, this.#freshFrom);
    for (const { from } of this.#pending) next = Math.min(next, from);
    this.#explained = this.#explained.filter((range) => range.to > next);
  }

  /** Nothing more comes: the last piece is judged, however short, and all is counted. */
  end(): void {
    const fresh = this.#fresh;
    const { length } = this.#piece;
    if (fresh) {
      if (length > 0) this.#judge();
      const { counted, from } = fresh;
      if (fresh.piece.length > 0 && this.#judgeFresh(fresh) === 0) this.#shorten(fresh.piece, from, counted);
    } else if (length > 0 && this.#judge() === 0) this.#shorten(this.#piece, this.#taken - length, 0);
    this.settle(Number.POSITIVE_INFINITY);
  }

  /** What is shorter than a piece is judged with others, but for what is nothing but compressed. */
  #shorten(piece: Histogram, from: number, counted: number): void {
    const known = counted + this.#explainedOf(from, this.#taken);
    if (known < MOSTLY * piece.length) this.#report.short(piece, known);
  }

  #explainedOf(from: number, to: number): number {
    let sum = 0;
    for (const range of this.#explained) sum += Math.max(0, Math.min(to, range.to) - Math.max(from, range.from));
    return sum;
  }

  get #freshFrom(): number {
    return this.#fresh ? Math.max(this.#fresh.from, this.#taken - MAX_FRESH_SPAN) : Number.POSITIVE_INFINITY;
  }

  /** @returns bytes of the piece that look drawn at random */
  #judge(): number {
    const { random } = this.#piece.measure();
    if (this.#fresh) this.#fresh.counted += random;
    if (random > 0) this.#pending.push({ from: this.#taken - this.#piece.length, to: this.#taken, random });
    return random;
  }

  /** The same of what was new, but for what was counted before. */
  #judgeFresh(fresh: Fresh): number {
    const { information, random } = fresh.piece.measure(WIDE);
    this.#information += information + fresh.novelty.repeats * REPEAT;
    fresh.novelty.repeats = 0;
    const more = random - fresh.counted;
    if (more > 0) this.#pending.push({ from: this.#freshFrom, to: this.#taken, random: more });
    fresh.counted = Math.max(0, -more);
    fresh.from = this.#taken;
    return random;
  }
}
