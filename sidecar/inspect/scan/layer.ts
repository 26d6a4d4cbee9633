/**
 * One text to search: the message itself, or what a decoder made of a run in the layer above. A layer takes bytes in
 * order, keeps the end that is not decided yet, looks for secrets in it and for runs that look encoded,
 * and knows up to where its own input is decided. Layers form a tree of at most MAX_DEPTH decoders, and one for the guard.
 */
import { headless } from '../decode/containers.ts';
import { scannersFor } from '../decode/registry.ts';
import { lasting, windowBuffer } from '../decode/scratch.ts';
import { LOOK_AHEAD, LOOK_BEHIND } from '../detectors/types.ts';
import { KnownScanner } from '../known/scanner.ts';
import { OpaqueMeter } from '../opaque/meter.ts';
import { PatternScanner } from '../patterns/scanner.ts';
import { confirm } from './confirm.ts';
import { LateLiterals, MOST_AT_ONCE } from './late.ts';
import { type SearchedText, searched } from './shown.ts';
import { type Survey, surveyAt } from './simd/survey.ts';
import { type DetectorTable, EXACT_TABLE } from './table.ts';
import type { Anchor, Found, Magic, Origin, Report, RunScanner, ScanContext } from './types.ts';

/** Decoders one inside the other. One more is looked into: when it makes text, that is too complex. */
export const MAX_DEPTH = 6;

const NOTHING = Buffer.alloc(0);
const FIRST: readonly number[] = [0];

export class Layer {
  readonly context: ScanContext;
  readonly depth: number;
  readonly table: DetectorTable;
  private readonly origin: Origin | undefined;
  /** Made when there is something for them. */
  private decoders: readonly RunScanner[] | undefined;
  private readonly isForm: boolean;
  private readonly isEncoded: boolean;
  private readonly known: KnownScanner;
  private readonly patterns: PatternScanner;
  readonly meter: OpaqueMeter | undefined;
  /** What is still needed of the input, and the offset of its first byte. */
  private tail: Buffer = NOTHING;
  private base = 0;
  /** Literals that begin before this offset are decided. */
  private cursor = 0;
  private ended = false;
  private whole = Number.POSITIVE_INFINITY;
  private magics: Magic[] = [];

  /**
   * `isForm`: what a form sends, in which `+` is a blank. `isEncoded`: what a content encoding made, which others undo.
   */
  constructor(
    context: ScanContext,
    table: DetectorTable,
    depth = 0,
    origin?: Origin,
    isForm = false,
    isEncoded = false,
  ) {
    this.context = context;
    this.table = table;
    this.depth = depth;
    this.origin = origin;
    this.known = new KnownScanner(context.known, table.foldCase, (finding, at, encoding) =>
      this.report(finding, at, encoding === '' ? undefined : encoding),
    );
    this.patterns = new PatternScanner({
      set: context.patterns,
      folded: table.foldCase,
      budget: () => context.budget,
      part: (at) => origin?.part?.(at),
      report: ({ detector, homeHosts }, at, value) => this.report({ name: detector, homeHosts, value }, at),
    });
    if (context.opaque && !isEncoded && (origin === undefined || origin.isInflated)) {
      this.meter = new OpaqueMeter(context.opaque);
    }
    this.isForm = isForm;
    this.isEncoded = isEncoded;
  }

  /** Takes the next bytes (they are copied). Throws TooComplex. */
  push(bytes: Uint8Array): void {
    if (this.depth > 0) this.context.budget.charge(bytes.length);
    this.meter?.take(bytes);
    this.work(this.windowOf(bytes), false);
  }

  /** The last bytes (borrowed until the call returns), or none: everything is decided. Throws TooComplex. */
  end(bytes: Buffer = NOTHING): void {
    if (this.depth > 0) this.context.budget.charge(bytes.length);
    this.ended = true;
    this.meter?.take(bytes);
    this.work(this.tail.length === 0 ? bytes : this.windowOf(bytes), true);
  }

  /** All jobs are done: what is decided is counted. */
  settle(): void {
    if (this.ended) this.meter?.end();
    else this.meter?.settle(this.decided());
  }

  get isEnded(): boolean {
    return this.ended;
  }

  /** A layer for what `origin` decodes from this one; `isForm`: it is what a form sends. */
  below(origin: Origin, isForm = false): Layer {
    return new Layer(this.context, EXACT_TABLE, this.depth + 1, origin, isForm);
  }

  /** Which place in a layer that lasts became the byte at `offset`. */
  anchorOf(offset: number): Anchor {
    const decoding: string[] = [];
    let place = offset;
    let layer: Layer = this;
    for (let { origin } = layer; origin !== undefined && origin.lasting === undefined; { origin } = layer) {
      decoding.unshift(origin.decoderAt?.(place) ?? origin.decoder);
      place = origin.outerOffset(place);
      layer = origin.layer;
    }
    return { layer, decoding, offset: place };
  }

  /** Makes an ended layer ready for another input from the same origin. */
  restart(): void {
    this.tail = NOTHING;
    this.base = 0;
    this.magics = [];
    this.cursor = 0;
    this.ended = false;
    this.known.restart();
    this.patterns.restart();
    if (this.decoders) for (const scanner of this.decoders) scanner.restart();
  }

  /** Offset before which nothing more can be found. */
  decided(): number {
    if (this.ended) return this.base;
    let decided = Math.max(0, this.cursor - LOOK_BEHIND);
    decided = Math.min(decided, this.known.decided(), this.patterns.decided());
    if (this.decoders) for (const scanner of this.decoders) decided = Math.min(decided, scanner.decided());
    return decided;
  }

  /** The tail and `bytes`, in memory that layers of this depth share. */
  private windowOf(bytes: Uint8Array): Buffer {
    const { tail } = this;
    const length = tail.length + bytes.length;
    const window = windowBuffer(this.depth, length).subarray(0, length);
    window.set(tail);
    window.set(bytes, tail.length);
    return window;
  }

  private work(bytes: Buffer, final: boolean): void {
    this.whole = final && this.base === 0 ? bytes.length : Number.POSITIVE_INFINITY;
    const survey = this.findLiterals(bytes, final);
    // Most of what is decoded was no encoded text.
    const isNoise =
      final &&
      this.base === 0 &&
      this.depth > 0 &&
      this.magics.length === 0 &&
      this.begins().every((at) => headless(bytes, at) === undefined) &&
      survey.isNoise();
    let needed = this.cursor - LOOK_BEHIND;
    this.known.scan(bytes, this.base, final, survey.address);
    this.patterns.scan(bytes, this.base, final);
    needed = Math.min(needed, this.known.needed(), this.patterns.needed());
    if (!isNoise) {
      this.decoders ??= scannersFor(this, this.table.foldCase, this.isForm, this.isEncoded);
      for (const scanner of this.decoders) {
        scanner.scan(bytes, this.base, final, survey);
        needed = Math.min(needed, scanner.needed());
      }
    }
    const drop = final ? bytes.length : Math.max(0, Math.min(needed - this.base, bytes.length));
    this.base += drop;
    this.tail = drop === bytes.length ? NOTHING : lasting(bytes.subarray(drop));
  }

  private findLiterals(bytes: Buffer, final: boolean): Survey {
    const from = this.cursor - this.base;
    const to = final ? bytes.length : Math.max(from, bytes.length - LOOK_AHEAD);
    const survey = surveyAt(this.depth);
    const text: SearchedText = searched(bytes);
    const report: Report = (found, at, last) => this.report(found, this.base + at, last);
    let left = MOST_AT_ONCE;
    let late: LateLiterals | undefined;
    survey.take(bytes, this.table.literals, this.table.foldCase, from, to, (literal, at) => {
      if (literal >= this.table.firstMagic && literal < this.table.firstDressed) {
        this.magics.push({ container: literal - this.table.firstMagic, offset: this.base + at });
        return;
      }
      const part = this.origin?.part?.(at);
      if (left-- > 0) {
        confirm(this, text, literal, at, part, this.context, report);
        return;
      }
      late ??= new LateLiterals(this, bytes, this.base);
      late.add(literal, at, part);
    });
    if (late !== undefined) this.context.jobs.add([late]);
    this.cursor = this.base + to;
    return survey;
  }

  /** What made it. */
  get decoder(): string | undefined {
    return this.origin?.decoder;
  }

  /** Bytes of the message that the outermost layer had been given; infinite while they are not all that there are. */
  get messageBytes(): number {
    return this.origin?.lasting?.messageBytes() ?? this.origin?.layer.messageBytes ?? this.whole;
  }

  /** Whether it was cut out of a longer text, so that it begins no structure; it may be of a form. */
  get isCut(): boolean {
    return this.origin?.isCut === true;
  }

  /** The layer that it was made from. */
  get above(): Layer | undefined {
    return this.origin?.layer;
  }

  /** Where texts begin in this layer. */
  begins(): readonly number[] {
    return this.origin?.begins?.() ?? FIRST;
  }

  /** What the last search found that compressed data begins with. */
  takeMagics(): readonly Magic[] {
    const { magics } = this;
    if (magics.length > 0) this.magics = [];
    return magics;
  }

  /** `last`: a dress or an encoding that the text itself was found in. */
  private report(found: Found, at: number, last?: string): void {
    this.reportFrom(this.anchorOf(at), this.context, found, last);
  }

  /** The same for what is at a place in a layer that lasts. */
  reportFrom(place: Anchor, context: ScanContext, found: Found, last?: string): void {
    let { decoding, layer, offset } = place;
    if (last !== undefined) decoding = [...decoding, last];
    for (let { origin } = layer; origin?.lasting !== undefined; { origin } = layer) {
      const anchor = origin.lasting.anchor(offset);
      decoding = [...anchor.decoding, origin.decoder, ...decoding];
      ({ layer, offset } = anchor);
    }
    context.report(found, decoding, offset);
  }
}
