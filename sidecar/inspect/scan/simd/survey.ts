/** What one pass over a text found: its literals, and maps that tell what stands where. */
import { describe, describeOutput, said } from './block.ts';
import { block, FIELD } from './fields.ts';
import type { Literals } from './literals.ts';
import { heap, place, wasm } from './memory.ts';
import { NAME_CLASSES } from './nibbles.ts';
import { copyDecoded, decoded, hits, keys, kinds, MOST_HITS, placeLiterals, textClasses } from './places.ts';
import { HAS_BREAK, IS_PARTIAL, MAP, ofDepth, type PlacedText, textAt } from './text.ts';

const { OUT_LENGTH, OUT_CODEC } = FIELD;

const nameClasses = place(NAME_CLASSES);

/** Bytes of a whole text every place of which is looked at for digits. */
const SMALL = 4096;

/** What digits stand among: any characters, letters and digits, pieces of them, or no lower case letters. */
export type DigitKind = 'nextDense' | 'nextSingleCase' | 'nextPieces' | 'nextCapitals';

/** Called for a literal that begins at `at`. */
export type Hit = (literal: number, at: number) => void;

export class Survey {
  private readonly text: PlacedText;

  constructor(text: PlacedText) {
    this.text = text;
  }

  /**
   * Surveys `bytes`; calls `hit` for literals that begin in `[from, to)` and lie whole in `bytes`, in the order of their
   * rarest bytes. Everything asked for later is about these bytes.
   */
  take(bytes: Uint8Array, literals: Literals, isName: boolean, from: number, to: number, hit: Hit): void {
    this.text.take(bytes);
    this.run(literals, isName ? nameClasses : textClasses, from, to, hit);
  }

  /** Where the text is in the WebAssembly's memory. */
  get address(): number {
    return this.text.bytes.at;
  }

  /** Bytes of the text. */
  get length(): number {
    return this.text.length;
  }

  /** Whether there are bytes that are no text. */
  get hasBreak(): boolean {
    return (this.text.has & HAS_BREAK) !== 0;
  }

  /** Whether no decoder makes anything of the text: too little of it in a row, and no dump. */
  isNoise(): boolean {
    const { bytes, length, maps, stride } = this.text;
    return wasm.isNoise(bytes.at, kinds, maps.at, stride, length) !== 0;
  }

  /** The per cent or backslash escape at a place: the byte that it stands for, and how many it takes; undefined: there is none. */
  escapeAt(at: number): { byte: number; length: number } | undefined {
    const found = wasm.escapeAt(this.text.bytes.at, this.text.length, at);
    return found === 0 ? undefined : { byte: found & 0xff, length: found >> 8 };
  }

  /**
   * The first `&` before a name of `most` bytes at most and `=`, in a form that has a plus sign, `around` bytes before that at most, or may
   * go on; or -1 - the place from which one may still come.
   */
  nextField(from: number, most: number, around: number, final: boolean): number {
    const { text } = this;
    const breaks = text.map(MAP.BREAK);
    const pluses = text.map(MAP.PLUS);
    return wasm.nextField(text.bytes.at, text.length, breaks, pluses, from, most, around, final ? 1 : 0);
  }

  /** The first run of `least` decimal numbers up to 255; or -1 - the place from which one may still come. */
  nextNumbers(from: number, final: boolean, least: number): number {
    describeOutput(this.text);
    return wasm.nextNumbers(block, from, final ? 1 : 0, least);
  }

  /** The bytes that the numbers from `from` on stand for, and where they stop or, when they may go on, are to be gone on with. */
  readNumbers(from: number, final: boolean): { at: number; closed: boolean; bytes: Buffer } {
    describeOutput(this.text);
    const stopped = wasm.readNumbers(block, from, final ? 1 : 0);
    const bytes = copyDecoded(said(OUT_LENGTH));
    return { at: stopped < 0 ? -1 - stopped : stopped, closed: stopped >= 0, bytes };
  }

  /**
   * The first place from `from` on where text in one of the encodings of `kind` may stand: the place, and which encoding. None: -1 - the
   * place from which one may still come. `isFirst`: nothing stands before the bytes.
   */
  nextDigits(kind: DigitKind, from: number, final: boolean, isFirst: boolean): { at: number; codec: number } {
    describe(this.text);
    const isSmall = isFirst && final && this.text.length <= SMALL;
    const at = wasm[kind](block, from, final ? 1 : 0, (isFirst ? 1 : 0) | (isSmall ? 2 : 0));
    return { at, codec: said(OUT_CODEC) };
  }

  /** The first place from `from` on where characters stand alone among bytes that are none; or -1 - the place from which to go on. */
  nextSparse(from: number, final: boolean): number {
    describe(this.text);
    return wasm.nextSparse(block, from, final ? 1 : 0);
  }

  /** The first place from `from` on near which every other byte may be NUL: in 32 bytes of which it is, one of the first ten. */
  nextAlternating(from: number): number {
    describe(this.text);
    return wasm.nextAlternating(block, from);
  }

  /** The first place from `from` on at which `=` ends a line, or is escaped itself (`=3D`); the length for none. */
  nextSoftBreak(from: number): number {
    describe(this.text);
    return wasm.nextSoftBreak(block, from);
  }

  /**
   * The values of JSON, or of a form, from `from` on, one after the other, and where to go on. `all`: those of JSON that are
   * more than a word, too.
   */
  join(from: number, isForm: boolean, final: boolean, all = false): { at: number; bytes: Buffer } {
    const { text } = this;
    if ((text.has & IS_PARTIAL) !== 0) {
      wasm.completeMaps(text.bytes.at, text.length, text.maps.at, text.stride);
      text.has &= ~IS_PARTIAL;
    }
    // Behind the values are three maps of the text.
    decoded.ensure(2 * text.length);
    describeOutput(text);
    const at = isForm ? wasm.joinForm(block, from, final ? 1 : 0) : wasm.joinJson(block, from, all ? 1 : 0);
    return { at, bytes: copyDecoded(said(OUT_LENGTH)) };
  }

  /** The first byte from `from` on that is not in the alphabet; the length for none. */
  runEnd(from: number): number {
    return wasm.runEnd(this.text.map(MAP.BASE64), from, this.text.length);
  }

  /** The first run of `least` (15 or more) alphabet bytes; or -1 - where one begins that goes on to the end, if any does. */
  nextRun(from: number, least: number): number {
    return wasm.nextRun(this.text.map(MAP.BASE64), from, this.text.length, least);
  }

  private run(literals: Literals, classes: number, from: number, to: number, hit: Hit): void {
    const table = placeLiterals(literals);
    const { text } = this;
    const { length, maps, stride } = text;
    text.has = 0;
    for (let at = 0; at < length; ) {
      const { at: start } = text.bytes;
      const count = wasm.survey(start, at, length, from, to, maps.at, stride, classes, table, keys, hits, MOST_HITS);
      let index = hits >> 2;
      at = heap.words[index] as number;
      text.has = heap.words[index + 1] as number;
      for (let left = count; left > 0; left--) {
        index += 2;
        hit(heap.words[index + 1] as number, heap.words[index] as number);
      }
    }
  }
}

/** The survey of layers at a depth. */
export const surveyAt: (depth: number) => Survey = ofDepth((depth) => new Survey(textAt(depth)));
