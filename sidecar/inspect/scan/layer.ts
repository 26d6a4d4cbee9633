/**
 * One text to search: the message itself, or what a decoder made of a run in the layer above. A layer takes bytes in
 * order, keeps the end that is not decided yet, looks for secrets in it and for runs that look encoded,
 * and knows up to where its own input is decided. Layers form a tree of at most MAX_DEPTH decoders, and one for the guard.
 */
import type { WorkBudget } from '../budget.ts';
import { headless } from '../decode/containers.ts';
import { dressesOf } from '../decode/dressed.ts';
import { scannersFor } from '../decode/registry.ts';
import { lasting, windowBuffer } from '../decode/scratch.ts';
import { CONFIRM_WORK, type Detector, LOOK_AHEAD, LOOK_BEHIND } from '../detectors/types.ts';
import type { Jobs } from '../jobs.ts';
import { KnownScanner } from '../known/scanner.ts';
import type { KnownSet } from '../known/set.ts';
import { type OpaqueCount, OpaqueMeter } from '../opaque/meter.ts';
import { PatternScanner } from '../patterns/scanner.ts';
import type { PatternSet } from '../patterns/set.ts';
import { CLASS, WORD } from './classes.ts';
import { LateLiterals, MOST_AT_ONCE } from './late.ts';
import { type SearchedText, searched, show } from './shown.ts';
import { type Survey, surveyAt } from './simd/survey.ts';
import { type DetectorTable, type DressedLiteral, EXACT_TABLE } from './table.ts';

/** Decoders one inside the other. One more is looked into: when it makes text, that is too complex. */
export const MAX_DEPTH = 6;

/** Where a layer's bytes come from: a decoder's run in the layer above. */
export interface Origin {
  layer: Layer;
  /**
   * Written anew for what is found, where it differs: an object literal with an accessor has a hidden class of its own, which
   * would hold the layer until a full collection.
   */
  decoder: string;
  /** Where it differs within one text. */
  decoderAt?(offset: number): string;
  /** It decompresses: what looks random here is not explained by what it was made of. */
  isInflated?: boolean;
  /** It was cut out of a longer text, so that it begins no structure; it may be of a form. */
  isCut?: boolean;
  /** Offset in the layer above of what became the byte at `offset` here. */
  outerOffset(offset: number): number;
  /** For a layer that is given several texts at once: where the one that holds `offset` begins and ends. */
  part?(offset: number): { from: number; to: number };
  /** For such a layer: where each of the texts begins. */
  begins?(): readonly number[];
  /** It lasts longer than the text in the layer above. */
  lasting?: LastingOrigin;
}

/** What is known of the layers above when their texts are gone. */
export interface LastingOrigin {
  /** Where the layer above came from, and which place there became the byte at `offset` here. */
  anchor(offset: number): Anchor;
  messageBytes(): number;
}

/** A place in a layer that lasts: a message itself, or what was decompressed. */
export interface Anchor {
  layer: Layer;
  /** Decoders from there on. */
  decoding: readonly string[];
  offset: number;
}

/** What a layer needs from the message it belongs to. */
export interface ScanContext {
  budget: WorkBudget;
  /** What is left for later. */
  jobs: Jobs;
  /** Absent: there are none. */
  readonly known?: KnownSet | undefined;
  readonly patterns?: PatternSet | undefined;
  /** Counts bytes that no decoder explains; absent: they are not measured. */
  readonly opaque?: OpaqueCount | undefined;
  /** One that stays as this one is now. */
  lasting(): ScanContext;
  /** `offset` is that of the secret in the outermost layer; `decoding` the decoders from there on. */
  report(found: Found, decoding: readonly string[], offset: number): void;
}

/** Tells of something that was found at a place of the text; `last`: a dress that it was in. */
export type Report = (found: Found, at: number, last?: string) => void;

/** What is told of something that was found. */
export interface Found extends Pick<Detector, 'name' | 'homeHosts'> {
  /** What a known secret is called. */
  secret?: string;
  /** Never kept. */
  value?: Uint8Array;
  /** That of the value, when it was told of before. */
  hash?: string;
}

/** Looks for encoded runs of one kind in a layer's window and feeds them, decoded, to layers below. */
export interface RunScanner {
  /**
   * `bytes[0]` is at `base` of the layer; every byte from `needed()` on is in `bytes`. `survey` is of `bytes`. `final`: no
   * more will come.
   */
  scan(bytes: Buffer, base: number, final: boolean, survey: Survey): void;
  /** Offset from which bytes are still needed in the window. */
  needed(): number;
  /** Offset before which everything is decided, in the layers below too. */
  decided(): number;
  /** Forgets all input: the layer begins anew. */
  restart(): void;
}

/** What may be compressed data of a container (its place in CONTAINERS), and the offset at which it begins. */
export interface Magic {
  container: number;
  offset: number;
}

/** What `confirm` is about to read, about, for a literal at `at`. */
function workOf({ isWord, reach = CONFIRM_WORK }: Detector, bytes: Buffer, at: number): number {
  if (isWord !== true) return reach;
  // Source maps are full of what some tokens begin with; nothing is read beyond the word.
  const end = Math.min(bytes.length, at + reach);
  let behind = at;
  while (behind < end && ((CLASS[bytes[behind] as number] as number) & WORD) !== 0) behind++;
  return Math.min(reach, behind - at + LEAST_WORK);
}

/** Work that a literal is charged at least. */
const LEAST_WORK = 16;

const NOTHING = Buffer.alloc(0);
const FIRST: readonly number[] = [0];

export class Layer {
  readonly context: ScanContext;
  readonly depth: number;
  private readonly table: DetectorTable;
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
        this.confirm(text, literal, at, part, this.context, report);
        return;
      }
      late ??= new LateLiterals(this, bytes, this.base);
      late.add(literal, at, part);
    });
    if (late !== undefined) this.context.jobs.add([late]);
    this.cursor = this.base + to;
    return survey;
  }

  /** Confirms a literal that was found at `at`. */
  confirm(
    text: SearchedText,
    literal: number,
    at: number,
    part: { from: number; to: number } | undefined,
    context: ScanContext,
    report: Report,
  ): void {
    const { bytes } = text;
    if (literal >= this.table.firstDressed) {
      this.undress(bytes, literal - this.table.firstDressed, at, context, report);
      return;
    }
    show(text, at, part);
    const { shown, from: start } = text;
    for (const detector of this.table.byLiteral[literal] ?? []) {
      context.budget.charge(workOf(detector, bytes, at));
      const match = this.table.confirm(detector, shown, at - start);
      if (match === undefined) continue;
      const value = bytes.subarray(start + match.start, start + match.end);
      report({ ...this.withHomes(detector, value, context), value }, start + match.start);
    }
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

  /** Confirms a literal that was found in a dress. */
  private undress(bytes: Buffer, index: number, at: number, context: ScanContext, report: Report): void {
    const { dress, literal, detectors, isWord } = this.table.dressed[index] as DressedLiteral;
    if (isWord && dress.mayTell?.(bytes, at) === false) return;
    if (dressesOf(this).includes(dress.name)) return;
    const plain = dress.undress(bytes, at, literal, isWord);
    context.budget.charge(plain.text.length >> 3);
    for (const detector of detectors) {
      context.budget.charge(detector.reach ?? CONFIRM_WORK);
      const match = this.table.confirm(detector, plain.text, plain.at);
      // By chance: machine code and compressed data have as many.
      if (match === undefined || match.weak === true) continue;
      const shift = at - plain.at;
      if (dress.isTelling?.(bytes.subarray(shift + match.start, shift + match.end)) === false) continue;
      const value = Buffer.from(plain.text.slice(match.start, match.end), 'latin1');
      report({ ...detector, value }, at, dress.name);
    }
  }

  /** A part of a known secret is at home where that is. */
  private withHomes(detector: Detector, bytes: Buffer, { known }: ScanContext): Found {
    const homes = known === undefined || known.isEmpty ? [] : known.homesOf(bytes);
    return homes.length === 0
      ? detector
      : { name: detector.name, homeHosts: [...new Set([...detector.homeHosts, ...homes])] };
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
