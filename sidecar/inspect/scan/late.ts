/** Literals of one text that are confirmed later, a few at a time: a text can be full of them. */
import type { Job } from '../jobs.ts';
import { Anchors } from './anchors.ts';
import { confirm } from './confirm.ts';
import type { Layer } from './layer.ts';
import { type SearchedText, searched } from './shown.ts';
import type { ScanContext } from './types.ts';

/** Literals of one text that are confirmed at once. */
export const MOST_AT_ONCE = 128;

/** The text that a literal is in, of several that are searched at once. */
type Part = { from: number; to: number } | undefined;

export class LateLiterals implements Job {
  private readonly layer: Layer;
  private readonly context: ScanContext;
  private readonly text: SearchedText;
  private readonly base: number;
  /** Of each, in order; numbers apart, since a block can have one for every few bytes. */
  private readonly literals: number[] = [];
  private readonly places: number[] = [];
  private readonly parts: Part[] = [];
  private readonly anchors = new Anchors();
  private next = 0;

  /** `bytes`, which begin at `base` of the layer, are copied. */
  constructor(layer: Layer, bytes: Buffer, base: number) {
    this.layer = layer;
    this.context = layer.context.lasting();
    this.text = searched(Buffer.from(bytes));
    this.base = base;
  }

  add(literal: number, at: number, part: Part): void {
    this.literals.push(literal);
    this.places.push(at);
    this.parts.push(part);
    this.anchors.add(this.layer.anchorOf(this.base + at));
  }

  step(): boolean {
    const to = Math.min(this.literals.length, this.next + MOST_AT_ONCE);
    for (; this.next < to; this.next++) this.confirmAt(this.next);
    return this.next === this.literals.length;
  }

  close(): void {
    this.literals.length = 0;
    this.next = 0;
  }

  private confirmAt(index: number): void {
    const { context, layer } = this;
    confirm(
      layer,
      this.text,
      this.literals[index] as number,
      this.places[index] as number,
      this.parts[index],
      context,
      (found, _, last) => layer.reportFrom(this.anchors.at(index), context, found, last),
    );
  }
}
