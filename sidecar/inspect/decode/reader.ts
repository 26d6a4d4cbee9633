/**
 * One piece of compressed data on its way to the layer below. It outlives the search that found it: it is read a piece at a
 * time when the search is through (jobs.ts), and what layers above need for the next text is not needed for this one.
 */

import { TooComplex } from '../budget.ts';
import type { Job } from '../jobs.ts';
import { Layer } from '../scan/layer.ts';
import { EXACT_TABLE } from '../scan/table.ts';
import type { Anchor, ScanContext } from '../scan/types.ts';
import { type Compression, inflater } from './inflater.ts';
import type { Inflater } from './node-inflater.ts';

/** Pieces of compressed data in one layer that are read side by side; each may lie within the others. */
export const MAX_SIDE_BY_SIDE = 8;

/** Work that one is charged, beside that for what comes out: many can begin in few bytes. */
export const READER_WORK = 256;

/** Compressed bytes taken at a time, so that what was not decided yet is known as finely. */
const SLICE = 8 * 1024;

/** A place in the layer, and in the one that the anchor is. */
interface Point {
  offset: number;
  outer: number;
}

/** How much had come out when so much of the layer had been taken. */
interface Mark {
  offset: number;
  made: number;
}

/** Bytes of the layer, from an offset on, for all that go on with them or begin in them: a block can have thousands of those. */
export class Portion {
  readonly bytes: Buffer;
  readonly offset: number;
  /** Behind its last byte. */
  readonly end: number;
  /** Every SLICE, and at its end. */
  readonly points: readonly Point[];

  /** `bytes` are kept. */
  constructor(layer: Layer, bytes: Buffer, offset: number) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = offset + bytes.length;
    const points: Point[] = [];
    const point = (place: number): void => {
      points.push({ offset: place, outer: layer.anchorOf(place).offset });
    };
    for (let place = offset; place < this.end; place += SLICE) point(place);
    point(this.end);
    this.points = points;
  }
}

/** Readers of one layer that hold a decompressor. */
export interface Open {
  count: number;
}

/** What those have in common that begin in one text. */
export interface Source {
  layer: Layer;
  context: ScanContext;
  open: Open;
  /** Bytes of the message, as in Layer. */
  messageBytes: number;
  /** Of the text, from the first that begins on. */
  portions: Portion[];
  /** No more of it comes. */
  isLast: boolean;
}

export interface Found {
  name: string;
  compression: Compression;
  /** Offset of what tells that it begins, and of its first byte. */
  offset: number;
  from: number;
  /** Bytes before that which explain themselves. */
  header: number;
}

export class Reader implements Job {
  /** The data are through. */
  isOver = false;
  private readonly found: Found;
  private readonly layer: Layer;
  private readonly context: ScanContext;
  private readonly open: Open;
  private readonly anchor: Anchor;
  private messageBytes: number;
  /** What was not taken yet, and the offset at which that begins. */
  private portions: Portion[];
  private next: number;
  private points: (readonly Point[])[];
  private readonly marks: Mark[];
  /** Offset up to which the layer's bytes are explained by what came out. */
  private explained: number;
  private made = 0;
  private memory = 0;
  private isLast: boolean;
  private isFinished = false;
  private inflater: Inflater | undefined;
  private child: Layer | undefined;

  /** `anchor`: where what was found is. READER_WORK is charged. */
  constructor({ context, isLast, layer, messageBytes, open, portions }: Source, found: Found, anchor: Anchor) {
    this.layer = layer;
    this.found = found;
    this.open = open;
    this.context = context;
    this.anchor = anchor;
    this.messageBytes = messageBytes;
    this.explained = Math.max(found.offset, found.from - found.header);
    this.portions = [...portions];
    this.marks = [{ offset: found.offset, made: 0 }];
    this.next = found.from;
    this.points = portions.map(({ points }) => points);
    this.isLast = isLast;
  }

  /** More of the layer's bytes. */
  add(portion: Portion): void {
    this.messageBytes = this.layer.messageBytes;
    this.portions.push(portion);
    this.points.push(portion.points);
  }

  /** No more will be added. */
  finish(): void {
    this.isLast = true;
  }

  /** Offset in the layer before which everything is decided. */
  decided(): number {
    const decided = this.child === undefined ? this.found.offset : this.offsetOf(this.child.decided());
    return Math.min(decided, this.nextPortion() === undefined ? decided : this.next);
  }

  step(): boolean {
    if (this.isOver) return true;
    const { child } = this;
    if (child?.isEnded === true) {
      child.settle();
      this.explain(this.marks.at(-1)?.offset ?? this.found.offset);
      this.close();
      return true;
    }
    child?.settle();
    this.inflater ??= this.begin();
    const made = this.inflater.next();
    this.hold(this.inflater.memory);
    if (made === undefined) return this.goOn(this.inflater);
    if (made.length > 0) this.pass(made);
    return false;
  }

  close(): void {
    this.isOver = true;
    this.portions = [];
    this.child = undefined;
    if (this.inflater === undefined) return;
    this.open.count--;
    this.context.jobs.through(this);
    this.inflater.close();
    this.inflater = undefined;
    this.hold(0);
  }

  /** The one whose bytes come next; undefined: there are none yet. */
  private nextPortion(): Portion | undefined {
    while (this.portions.length > 0 && (this.portions[0] as Portion).end <= this.next) this.portions.shift();
    return this.portions[0];
  }

  private takeSlice(): Buffer | undefined {
    const portion = this.nextPortion();
    if (portion === undefined) return undefined;
    const at = this.next - portion.offset;
    const slice = portion.bytes.subarray(at, at + SLICE);
    this.next += slice.length;
    return slice;
  }

  private begin(): Inflater {
    if (this.open.count >= MAX_SIDE_BY_SIDE) throw new TooComplex('too much compressed data side by side');
    this.open.count++;
    this.context.jobs.begun(this);
    const { anchor, found, layer } = this;
    this.child = new Layer(this.context, EXACT_TABLE, layer.depth + 1, {
      layer,
      decoder: found.name,
      isInflated: true,
      outerOffset: (made) => this.offsetOf(made),
      lasting: {
        anchor: (made) => ({ ...anchor, offset: this.outerOf(this.offsetOf(made)) }),
        messageBytes: () => this.messageBytes,
      },
    });
    this.child.meter?.weigh(found.compression);
    return inflater(found.compression);
  }

  private pass(made: Buffer): void {
    this.made += made.length;
    this.context.budget.unpack(made.length);
    this.child?.push(made);
  }

  /** Takes the next slice. True: there is none yet. */
  private goOn(inflater: Inflater): boolean {
    const first = this.found.from;
    if (inflater.taken > 0) {
      this.marks.push({ offset: Math.max(this.found.offset, first + inflater.settled), made: this.made });
      this.explain(first + inflater.taken);
      this.forget();
    }
    const slice = inflater.ended ? undefined : this.takeSlice();
    if (slice !== undefined) inflater.give(slice);
    else if (inflater.ended || this.isFinished) {
      this.portions = [];
      this.child?.end();
    } else if (this.isLast) {
      this.isFinished = true;
      inflater.finish();
    } else return true;
    return false;
  }

  private hold(bytes: number): void {
    this.context.budget.hold(bytes - this.memory);
    this.memory = bytes;
  }

  /** Of what was taken, so much as what came out can be made of. */
  private explain(taken: number): void {
    const { meter } = this.child ?? {};
    const to = meter ? Math.min(taken, this.found.from + Math.floor(meter.allowance)) : 0;
    if (to <= this.explained) return;
    this.anchor.layer.meter?.explain(this.outerOf(this.explained), this.outerOf(to));
    this.explained = to;
  }

  private forget(): void {
    const { marks, points } = this;
    const decided = this.child?.decided() ?? 0;
    let passed = 0;
    while (passed + 1 < marks.length && (marks[passed + 1] as Mark).made <= decided) passed++;
    marks.splice(0, passed);
    const needed = Math.min(this.explained, marks[0]?.offset ?? 0);
    let before = 0;
    const begin = (index: number) => points[index]?.[0]?.offset ?? Number.POSITIVE_INFINITY;
    while (begin(before + 1) <= needed) before++;
    points.splice(0, before);
  }

  private offsetOf(made: number): number {
    let { offset } = this.found;
    for (const mark of this.marks) {
      if (mark.made > made) break;
      offset = mark.offset;
    }
    return offset;
  }

  /** Between two points in the same measure. */
  private outerOf(offset: number): number {
    let before: Point = { offset: this.found.offset, outer: this.anchor.offset };
    for (const points of this.points) {
      for (const point of points) {
        if (point.offset > offset) {
          const share = Math.max(0, offset - before.offset) / Math.max(1, point.offset - before.offset);
          return before.outer + Math.floor((point.outer - before.outer) * share);
        }
        if (point.offset > before.offset) before = point;
      }
    }
    return before.outer;
  }
}
