/** Literals of one text that are confirmed later, a few at a time: a text can be full of them. */
import type { Job } from '../jobs.ts';
import { confirm } from './confirm.ts';
import type { Layer } from './layer.ts';
import { type SearchedText, searched } from './shown.ts';
import type { Anchor, ScanContext } from './types.ts';

/** Literals of one text that are confirmed at once. */
export const MOST_AT_ONCE = 128;

interface Hit {
  literal: number;
  at: number;
  part: { from: number; to: number } | undefined;
  anchor: Anchor;
}

export class LateLiterals implements Job {
  private readonly layer: Layer;
  private readonly context: ScanContext;
  private readonly text: SearchedText;
  private readonly base: number;
  private hits: Hit[] = [];
  private next = 0;

  /** `bytes`, which begin at `base` of the layer, are copied. */
  constructor(layer: Layer, bytes: Buffer, base: number) {
    this.layer = layer;
    this.context = layer.context.lasting();
    this.text = searched(Buffer.from(bytes));
    this.base = base;
  }

  add(literal: number, at: number, part: Hit['part']): void {
    this.hits.push({ literal, at, part, anchor: this.layer.anchorOf(this.base + at) });
  }

  step(): boolean {
    const to = Math.min(this.hits.length, this.next + MOST_AT_ONCE);
    for (; this.next < to; this.next++) {
      const { anchor, at, literal, part } = this.hits[this.next] as Hit;
      confirm(this.layer, this.text, literal, at, part, this.context, (found, _, last) =>
        this.layer.reportFrom(anchor, this.context, found, last),
      );
    }
    return this.next === this.hits.length;
  }

  close(): void {
    this.hits = [];
    this.next = 0;
  }
}
