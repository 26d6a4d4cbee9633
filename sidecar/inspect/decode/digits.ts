/**
 * A run of digits of some base (64, 32, 16) on its way to layers below. Where its groups begin is unknown, since a run
 * may have other characters of the alphabet before the encoded text: it is decoded at every alignment.
 */
import type { Layer, Origin } from '../scan/layer.ts';
import { ROOM, scratch } from './scratch.ts';

export interface DigitFormat {
  name: string;
  /** Digits of a group, and the bytes they make. The number of alignments is the number of digits. */
  digits: number;
  bytes: number;
  /**
   * Decodes whole groups of `from` until `to` into `out` at `at`, and with `last` what an incomplete group still says.
   * Returns the number of bytes written.
   */
  decode(digits: Buffer, from: number, to: number, out: Buffer, at: number, last: boolean): number;
}

/** A digit and where it stands; those between two marks are at least as far on as they are later. */
interface Mark {
  digit: number;
  offset: number;
}

const MARK_EVERY = 64;
/** Runs up to so many digits are decoded at all alignments into one text, which saves most of the cost of short runs. */
const TOGETHER = ROOM / 8;
/** NULs between them: one more than a run of any decoder goes on over (MAX_LINE_GAP). */
const APART = 33;

export class DigitRun {
  private readonly layer: Layer;
  private readonly format: DigitFormat;
  private readonly origins: Origin[];
  private marks: Mark[] = [];
  /** Digits that are in no scratch buffer any more, the kept tail not among them. */
  private before = 0;
  private tail: Buffer = Buffer.alloc(0);
  /** Digits in the scratch buffer. */
  private count = 0;
  /** First digit of the next group, for each alignment. */
  private next: number[] = [];
  /** One layer an alignment for a long run. */
  private children: Layer[] = [];
  /** One for all short runs, and where each alignment begins in it; last, where the text ends. */
  private together: Layer | undefined;
  private readonly starts: number[] = [];

  constructor(layer: Layer, format: DigitFormat) {
    this.layer = layer;
    this.format = format;
    this.origins = Array.from({ length: format.digits }, (_, alignment) => ({
      layer,
      decoder: format.name,
      outerOffset: (offset: number) => this.offsetOf(this.digitOf(alignment, offset)),
    }));
  }

  /** A new run begins. */
  open(): void {
    this.marks.length = 0;
    this.before = 0;
    this.count = 0;
    this.tail = this.tail.subarray(0, 0);
    this.next = this.origins.map((_, alignment) => alignment);
    this.children = [];
  }

  /** Before `add`, for each window: `room` is the most digits that will be added. */
  begin(room: number): void {
    this.count = this.tail.length;
    this.tail.copy(scratch(this.layer.depth, this.count + room).digits);
  }

  /** Digits `[from, to)` of `bytes`, of which the first is at `base` of the layer. */
  add(bytes: Buffer, from: number, to: number, base: number): void {
    const digit = this.before + this.count;
    const last = this.marks.at(-1);
    if (last === undefined || digit - last.digit >= MARK_EVERY) this.marks.push({ digit, offset: base + from });
    const { digits } = scratch(this.layer.depth, this.count + to - from);
    if (to - from > 16) bytes.copy(digits, this.count, from, to);
    else for (let i = from; i < to; i++) digits[this.count + i - from] = bytes[i] as number;
    this.count += to - from;
  }

  /** Takes back the digit added last (the 0 of `0x`). */
  dropLast(): void {
    if (this.count > 0) this.count--;
  }

  /** Decodes what was added. `last`: the run is over. Throws TooComplex. */
  flush(last: boolean): void {
    if (last && this.children.length === 0 && this.count <= TOGETHER) {
      this.flushTogether();
      return;
    }
    const { digits, decoded } = scratch(this.layer.depth, this.count);
    this.next.forEach((digit, alignment) => {
      const from = Math.min(digit - this.before, this.count);
      const bytes = decoded.subarray(0, this.format.decode(digits, from, this.count, decoded, 0, last));
      this.next[alignment] = digit + Math.floor((this.count - from) / this.format.digits) * this.format.digits;
      if (last) this.child(alignment).end(bytes);
      else this.child(alignment).push(bytes);
    });
    if (last) {
      this.children = [];
      this.tail = this.tail.subarray(0, 0);
      return;
    }
    const kept = Math.min(this.format.digits - 1, this.count);
    this.before += this.count - kept;
    this.tail = Buffer.from(digits.subarray(this.count - kept, this.count));
    this.forget();
  }

  /** Offset in the layer before which the run is decided. */
  decided(): number {
    let digit = this.before + this.count;
    this.children.forEach((child, alignment) => {
      digit = Math.min(digit, this.digitOf(alignment, child.decided()));
    });
    return this.offsetOf(digit);
  }

  /** The whole of a short run, one alignment after the other with NULs between. */
  private flushTogether(): void {
    const { digits, decoded } = scratch(this.layer.depth, this.count);
    let length = 0;
    for (let alignment = 0; alignment < this.format.digits; alignment++) {
      this.starts[alignment] = length;
      length += this.format.decode(digits, Math.min(alignment, this.count), this.count, decoded, length, true);
      decoded.fill(0, length, length + APART);
      length += APART;
    }
    this.starts[this.format.digits] = length;
    if (this.together === undefined) {
      const outerOffset = (offset: number) => {
        let alignment = this.format.digits - 1;
        while (alignment > 0 && (this.starts[alignment] as number) > offset) alignment--;
        // A match may begin in the NULs before it.
        return this.offsetOf(
          Math.min(this.count, this.digitOf(alignment, offset - (this.starts[alignment] as number))),
        );
      };
      const part = (offset: number) => {
        let next = 1;
        while (next < this.format.digits && (this.starts[next] as number) <= offset) next++;
        return { from: this.starts[next - 1] as number, to: (this.starts[next] as number) - APART };
      };
      this.together = this.layer.below({ layer: this.layer, decoder: this.format.name, outerOffset, part });
    } else this.together.restart();
    this.together.end(decoded.subarray(0, length));
  }

  private child(alignment: number): Layer {
    const child = this.children[alignment] ?? this.layer.below(this.origins[alignment] as Origin);
    this.children[alignment] = child;
    return child;
  }

  private digitOf(alignment: number, offset: number): number {
    return alignment + Math.floor(offset / this.format.bytes) * this.format.digits;
  }

  private offsetOf(digit: number): number {
    let mark = this.marks[0] as Mark;
    for (const later of this.marks) {
      if (later.digit > digit) break;
      mark = later;
    }
    return mark.offset + Math.max(0, digit - mark.digit);
  }

  private forget(): void {
    let digit = this.before;
    this.children.forEach((child, alignment) => {
      digit = Math.min(digit, this.digitOf(alignment, child.decided()));
    });
    let passed = 0;
    while (passed + 1 < this.marks.length && (this.marks[passed + 1] as Mark).digit <= digit) passed++;
    this.marks.splice(0, passed);
  }
}
