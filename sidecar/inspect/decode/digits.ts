/**
 * A run of digits of some base (64, 32, 16) on its way to layers below. Where its groups begin is unknown, since a run
 * may have other characters of the alphabet before the encoded text: it is decoded at every alignment.
 */
import { LOOK_BEHIND } from '../detectors/types.ts';
import type { Layer } from '../scan/layer.ts';
import { type Digits, digitsAt, type LoudRoom, type LoudShape, type Taken } from '../scan/simd/digits.ts';
import type { KnownFilter } from '../scan/simd/filter.ts';
import { EXACT_TABLE } from '../scan/table.ts';
import type { Origin } from '../scan/types.ts';
import { APART } from './together.ts';

export interface DigitFormat {
  name: string;
  /** Digits of a group, which tells the base, and the bytes they make. There are as many alignments. */
  digits: 2 | 4 | 8;
  bytes: number;
}

/** A digit and where it stands; those between two marks are at least as far on as they are later. */
interface Mark {
  digit: number;
  offset: number;
}

const MARK_EVERY = 64;
/** Runs up to so many digits are decoded at all alignments into one text, which saves most of the cost of short runs. */
const TOGETHER = 4096;
/** Bytes before what can be found that may belong to it: a detector looks so far around. */
const LOOK_AROUND = LOOK_BEHIND + 32;
/** Every alignment. */
const ALL = 0xff;

const NOTHING = Buffer.alloc(0);

export class DigitRun {
  private readonly layer: Layer;
  private readonly format: DigitFormat;
  /** Where the digits are kept. */
  private readonly digits: Digits;
  /** What is judged before it is looked at in full: base32 is so seldom that all of it is. */
  private readonly room: LoudRoom | undefined;
  private readonly shape: LoudShape | undefined;
  private readonly charge = (bytes: number) => this.layer.context.budget.charge(bytes);
  /** Made when a long run is found. */
  private origins: Origin[] | undefined;
  private marks: Mark[] = [];
  /** Digits that are not kept any more, the tail not among them. */
  private before = 0;
  private tail: Buffer = NOTHING;
  /** Digits that are kept. */
  private count = 0;
  /** First digit of the next group, for each alignment. */
  private next: number[] = [];
  /** One layer an alignment for a long run, from where there is something for it. */
  private children: (Layer | undefined)[] = [];
  /** The last of what an alignment without one decoded to; and where that is, or where its layer began. */
  private dull: Buffer[] = [];
  private readonly skipped: number[] = [];
  /** One for all short runs, and where each alignment begins in it; last, where the text ends. */
  private together: Layer | undefined;
  private readonly starts: number[] = [];

  /** `runs`: which runs `nextLoud` looks for. */
  constructor(layer: Layer, format: DigitFormat, runs?: Pick<LoudShape, 'least' | 'line' | 'piece' | 'gap'>) {
    this.layer = layer;
    this.format = format;
    this.digits = digitsAt(layer.depth);
    if (format.digits === 8) return;
    this.room = { digits: format.digits, most: TOGETHER, apart: APART };
    if (runs !== undefined) this.shape = { ...runs, ...this.room };
  }

  /** Where the next run begins that is worth decoding; or -1 - the place from which one may still come. Throws TooComplex. */
  nextLoud(from: number, final: boolean): number {
    const { charge, digits } = this;
    return digits.nextLoud(from, final, this.shape as LoudShape, EXACT_TABLE.literals, charge, this.knownFilter());
  }

  private knownFilter(): KnownFilter | undefined {
    return this.layer.context.known?.grams(false)?.filter;
  }

  /** What is asked before there is a layer. What `nextLoud` does not look for is rare: the user's own formats are looked for in all of it. */
  private get gate(): LoudRoom | undefined {
    return this.shape ?? (this.layer.context.patterns?.index === undefined ? this.room : undefined);
  }

  /** At which alignments what a short run decodes to is worth a look: a bit for each. */
  private loudAlignments(): number {
    const { gate: room, count } = this;
    if (room === undefined) return ALL;
    return this.digits.loudAlignments(count, room, EXACT_TABLE.literals, this.knownFilter());
  }

  /** A new run begins. */
  open(): void {
    this.marks.length = 0;
    this.before = 0;
    this.count = 0;
    this.dull = [];
    for (let alignment = 0; alignment < this.format.digits; alignment++) {
      this.next[alignment] = alignment;
      this.skipped[alignment] = 0;
    }
  }

  /** A run that was open goes on in another window. */
  resume(): void {
    this.count = this.tail.length;
    this.digits.set(this.tail);
  }

  /** Digits `[from, to)` of the window, which begins at `base` of the layer. */
  add(from: number, to: number, base: number): void {
    this.mark(base + from);
    this.digits.add(from, to, this.count);
    this.count += to - from;
  }

  /** A digit that the text at `offset` of the layer stands for. */
  addDigit(digit: number, offset: number): void {
    this.mark(offset);
    this.digits.addOne(digit, this.count);
    this.count++;
  }

  /** Digits of a dump from `from` of the window on, as far as they go: where they end, and how many bytes before that the last one is. */
  addDump(from: number, base: number, since: number, gap: number): Taken {
    let taken: Taken = { at: from, count: this.count, since, why: 'full' };
    while (taken.why === 'full') {
      this.mark(base + taken.at);
      taken = this.digits.takeHex(taken.at, taken.count, taken.since, gap, taken.count + MARK_EVERY);
      this.count = taken.count;
    }
    return taken;
  }

  /** Takes back the digit added last (the 0 of `0x`). */
  dropLast(): void {
    if (this.count > 0) this.count--;
  }

  private mark(offset: number): void {
    const digit = this.before + this.count;
    const last = this.marks.at(-1);
    if (last === undefined || digit - last.digit >= MARK_EVERY) this.marks.push({ digit, offset });
  }

  /** Decodes what was added. `last`: the run is over. Throws TooComplex. */
  flush(last: boolean): void {
    if (last && this.before === 0 && this.children.length === 0 && this.count <= TOGETHER) {
      this.flushTogether();
      return;
    }
    this.next.forEach((digit, alignment) => {
      const from = Math.min(digit - this.before, this.count);
      this.feed(alignment, from, last);
      this.next[alignment] = digit + Math.floor((this.count - from) / this.format.digits) * this.format.digits;
    });
    if (last) {
      this.children = [];
      this.dull = [];
      this.tail = NOTHING;
      return;
    }
    const kept = Math.min(this.format.digits - 1, this.count);
    this.before += this.count - kept;
    this.tail = this.digits.copy(this.count - kept, this.count);
    this.forget();
  }

  /** Offset in the layer before which the run is decided. */
  decided(): number {
    return this.offsetOf(this.decidedDigits(this.before + this.count));
  }

  /** Digits, `most` at most, before which the run is decided. */
  private decidedDigits(most: number): number {
    let digits = most;
    for (let alignment = 0; alignment < this.format.digits; alignment++) {
      const decided = this.children[alignment]?.decided() ?? (this.dull[alignment] === undefined ? undefined : 0);
      if (decided !== undefined) digits = Math.min(digits, this.digitOf(alignment, decided));
    }
    return digits;
  }

  /** Decodes the digits from `from` on for an alignment of a long run. It is kept back until anything can be found in it. */
  private feed(alignment: number, from: number, last: boolean): void {
    const { count, digits, gate } = this;
    let bytes: Buffer;
    if (this.children[alignment] === undefined && gate !== undefined) {
      const before = this.dull[alignment] ?? NOTHING;
      const known = this.knownFilter();
      const decoded = digits.decodeLoud(before, from, count, gate, last, EXACT_TABLE.literals, known);
      if (!decoded.isLoud) {
        this.charge(decoded.length - before.length);
        if (last) return;
        const dropped = Math.max(0, decoded.length - LOOK_AROUND);
        this.dull[alignment] = digits.copyLoud(dropped, decoded.length);
        this.skipped[alignment] = (this.skipped[alignment] as number) + dropped;
        return;
      }
      bytes = digits.copyLoud(0, decoded.length);
    } else bytes = digits.decode(from, count, this.format.digits, last);
    this.children[alignment] ??= this.child(alignment);
    const child = this.children[alignment] as Layer;
    if (last) child.end(bytes);
    else child.push(bytes);
  }

  /** The whole of a short run, one alignment after the other with NULs between; but for those that nothing can be found at. */
  private flushTogether(): void {
    const which = this.loudAlignments();
    if (which === 0) {
      this.charge(this.count);
      return;
    }
    const decoded = this.digits.decodeTogether(this.count, this.format.digits, APART, this.starts, which);
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
      const begins = () => this.starts.slice(0, this.format.digits);
      this.together = this.layer.below({ layer: this.layer, decoder: this.format.name, outerOffset, part, begins });
    } else this.together.restart();
    this.together.end(decoded);
  }

  private child(alignment: number): Layer {
    this.origins ??= this.makeOrigins();
    return this.layer.below(this.origins[alignment] as Origin);
  }

  private makeOrigins(): Origin[] {
    return Array.from({ length: this.format.digits }, (_, alignment) => ({
      layer: this.layer,
      decoder: this.format.name,
      outerOffset: (offset: number) => this.offsetOf(this.digitOf(alignment, offset)),
    }));
  }

  private digitOf(alignment: number, offset: number): number {
    const skipped = this.skipped[alignment] as number;
    return alignment + Math.floor((offset + skipped) / this.format.bytes) * this.format.digits;
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
    const digit = this.decidedDigits(this.before);
    let passed = 0;
    while (passed + 1 < this.marks.length && (this.marks[passed + 1] as Mark).digit <= digit) passed++;
    this.marks.splice(0, passed);
  }
}
