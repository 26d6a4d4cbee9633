/**
 * Parts of one text that were decoded each for itself, looked at as one text with NULs between them: a layer costs more than most
 * of what it is given. Each part is judged for itself.
 */
import type { Layer } from '../scan/layer.ts';
import type { Origin } from '../scan/types.ts';

/** NULs between two texts in one layer: one more than a run of any decoder goes on over (MAX_LINE_GAP). */
export const APART = 33;

/** Which byte of the part became from which place of the layer above. */
export interface Mark {
  decoded: number;
  offset: number;
}

interface Part {
  bytes: Buffer;
  decoder: string;
  marks: readonly Mark[];
  /** Where it begins and ends in the text that is looked at. */
  from: number;
  to: number;
}

export class Together {
  private readonly above: Layer;
  private readonly isForm: boolean;
  private readonly isCut: boolean;
  private parts: Part[] = [];
  private length = 0;
  /** The part that was asked for last. */
  private last: Part | undefined;
  /** Made for the first. */
  private layer: Layer | undefined;

  /** `isForm` as in Layer, `isCut` as in Origin. */
  constructor(above: Layer, isForm: boolean, isCut: boolean) {
    this.above = above;
    this.isForm = isForm;
    this.isCut = isCut;
  }

  /** Adds a part, which `decoder` made. `marks`, in order, are kept; the first is that of its first byte. */
  add(bytes: Buffer, decoder: string, marks: readonly Mark[]): void {
    const from = this.length === 0 ? 0 : this.length + APART;
    this.length = from + bytes.length;
    this.parts.push({ bytes, decoder, marks, from, to: this.length });
  }

  /** Everything that was added is looked at. Throws TooComplex. */
  flush(): void {
    const [first] = this.parts;
    if (first === undefined) return;
    let text = first.bytes;
    if (this.parts.length > 1) {
      text = Buffer.alloc(this.length);
      for (const { bytes, from } of this.parts) text.set(bytes, from);
    }
    if (this.layer === undefined) this.layer = this.above.below(this.origin(), this.isForm);
    else this.layer.restart();
    this.layer.end(text);
    this.parts = [];
    this.last = undefined;
    this.length = 0;
  }

  private origin(): Origin {
    return {
      layer: this.above,
      decoder: '',
      isCut: this.isCut,
      decoderAt: (offset) => this.at(offset).decoder,
      outerOffset: (offset) => {
        const { from, marks } = this.at(offset);
        return placeOf(marks, offset - from);
      },
      part: (offset) => this.at(offset),
      begins: () => this.parts.map(({ from }) => from),
    };
  }

  private at(offset: number): Part {
    const { last } = this;
    // Most of what is asked for lies in the part that was asked for before.
    if (last !== undefined && offset >= last.from && offset < last.to + APART) return last;
    const { parts } = this;
    const part = parts[lastNotBehind(parts.length, offset, (index) => (parts[index] as Part).from)] as Part;
    this.last = part;
    return part;
  }
}

/** The place that became the byte at `decoded`, by marks in order. */
export function placeOf(marks: readonly Mark[], decoded: number): number {
  const mark = marks[lastNotBehind(marks.length, decoded, (index) => (marks[index] as Mark).decoded)] as Mark;
  return mark.offset + Math.max(0, decoded - mark.decoded);
}

/** Which of `count` things in order is the last that begins at a place or before it; else the first. There can be one for every few bytes. */
function lastNotBehind(count: number, place: number, beginOf: (index: number) => number): number {
  let [low, high] = [0, count - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (beginOf(middle) <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}
