/** Digits of runs in a text: which runs are worth decoding, the digits of the one that is open, and what they decode to. */
import { lasting } from '../../decode/scratch.ts';
import { describeDigits, describeSearch, said, type Work } from './block.ts';
import { block, FIELD } from './fields.ts';
import type { KnownFilter } from './filter.ts';
import type { Literals } from './literals.ts';
import { Area, heap, wasm } from './memory.ts';
import { copyDecoded, decoded, starts } from './places.ts';
import { ofDepth, type PlacedText, textAt } from './text.ts';

const { WORK, OUT_LENGTH, OUT_LAST, OUT_SAW } = FIELD;

/** How runs are decoded. */
export interface LoudRoom {
  /** Digits of a group. */
  digits: 2 | 4;
  /** Digits up to which a run is decoded at once. */
  most: number;
  /** NULs between two alignments. */
  apart: number;
}

/** Which ones are looked for. */
export interface LoudShape extends LoudRoom {
  /** Digits of the shortest run; 15 or more. */
  least: number;
  /** Digits of the shortest line of a run in lines, and of the shortest piece that goes on over any gap. */
  line: number;
  piece: number;
  /** Bytes of the longest gap. */
  gap: number;
}

/** Where the digits of a dump were left, how many there are, bytes since the last one, and why: the dump or the text ends, or there are enough. */
export interface Taken {
  at: number;
  count: number;
  since: number;
  why: 'closed' | 'ended' | 'full';
}

export class Digits {
  private readonly text: PlacedText;
  /** What they decode to, while it is judged. */
  private readonly below: PlacedText;
  private readonly digits = new Area();

  constructor(text: PlacedText, below: PlacedText) {
    this.text = text;
    this.below = below;
  }

  /**
   * The first run of base64, or with two digits a group the first hex dump, that is worth decoding in full; or -1 - the place from
   * which one may still come. `work` gets how many bytes the others decoded to.
   */
  nextLoud(
    from: number,
    final: boolean,
    shape: LoudShape,
    literals: Literals,
    work: Work,
    known?: KnownFilter,
  ): number {
    this.describeRuns(shape, literals, known);
    const { apart, digits, gap, least, line, most, piece } = shape;
    const last = final ? 1 : 0;
    const found =
      digits === 2
        ? wasm.nextLoudHex(block, from, last, least, gap, most, apart)
        : wasm.nextLoud(block, from, last, least, line, piece, gap, most, apart);
    work(said(WORK));
    return found;
  }

  /** Begins the digits anew. */
  set(digits: Uint8Array): void {
    this.digits.ensure(digits.length);
    heap.bytes.set(digits, this.digits.at);
  }

  /** Adds `[from, to)` of the text to the digits, of which there are `count`. */
  add(from: number, to: number, count: number): void {
    this.digits.ensure(count + to - from, count);
    wasm.copy(this.digits.at + count, this.text.bytes.at + from, to - from);
  }

  /** The same of one that does not stand in the text. */
  addOne(digit: number, count: number): void {
    this.digits.ensure(count + 1, count);
    heap.bytes[this.digits.at + count] = digit;
  }

  /**
   * Adds the digits of a dump from `from` on to the digits, of which there are `count`, until there are `most`; `since`: bytes
   * since the last one. `gap`: most of them.
   */
  takeHex(from: number, count: number, since: number, gap: number, most: number): Taken {
    this.digits.ensure(most, count);
    describeDigits(this.text, this.digits.at);
    const at = wasm.takeHex(block, from, count, since, gap, most);
    const why = said(OUT_SAW);
    return {
      at,
      count: said(OUT_LENGTH),
      since: said(OUT_LAST),
      why: why === 0 ? 'closed' : why === 1 ? 'ended' : 'full',
    };
  }

  /** A copy of digits `[from, to)`, to be kept. */
  copy(from: number, to: number): Buffer {
    return lasting(heap.bytes.subarray(this.digits.at + from, this.digits.at + to));
  }

  /** Decodes digits `[from, to)`. */
  decode(from: number, to: number, group: number, last: boolean): Buffer {
    decoded.ensure(to - from);
    return copyDecoded(wasm.decode(this.digits.at + from, to - from, group, decoded.at, last ? 1 : 0));
  }

  /**
   * Decodes the digits at the alignments of `which`, a bit for each, with `apart` NULs behind each; of the others there are the
   * NULs alone. `begins` gets where each begins, and the length.
   */
  decodeTogether(count: number, group: number, apart: number, begins: number[], which: number): Buffer {
    decoded.ensure(group * (count + apart));
    const length = wasm.decodeTogether(this.digits.at, count, group, apart, decoded.at, starts, which);
    for (let at = 0; at <= group; at++) begins[at] = heap.words[(starts >> 2) + at] as number;
    return copyDecoded(length);
  }

  /** At which alignments what `count` digits decode to is worth a look: a bit for each. */
  loudAlignments(count: number, room: LoudRoom, literals: Literals, known?: KnownFilter): number {
    this.describeRuns(room, literals, known);
    return wasm.loudAlignments(block, count, room.digits, room.apart);
  }

  /** Decodes digits `[from, to)` behind `before`: how many bytes both are, and whether they are worth a look. */
  decodeLoud(
    before: Uint8Array,
    from: number,
    to: number,
    room: LoudRoom,
    last: boolean,
    literals: Literals,
    known?: KnownFilter,
  ): { length: number; isLoud: boolean } {
    this.below.put(before, to - from);
    describeSearch(this.below, literals, known);
    const out = this.below.bytes.at + before.length;
    const length = before.length + wasm.decode(this.digits.at + from, to - from, room.digits, out, last ? 1 : 0);
    return { length, isLoud: length > 0 && wasm.isLoudBelow(block, length) !== 0 };
  }

  /** A copy of bytes `[from, to)` of what `decodeLoud` decoded last, to be kept. */
  copyLoud(from: number, to: number): Buffer {
    return this.below.copy(from, to);
  }

  /** Whether bytes that were decoded otherwise are worth a look. */
  isLoud(bytes: Uint8Array, literals: Literals, known?: KnownFilter): boolean {
    if (bytes.length === 0) return false;
    this.below.put(bytes);
    describeSearch(this.below, literals, known);
    return wasm.isLoudBelow(block, bytes.length) !== 0;
  }

  private describeRuns({ most, apart, digits }: LoudRoom, literals: Literals, known: KnownFilter | undefined): void {
    this.digits.ensure(most);
    this.below.ensure(digits * (most + apart));
    describeDigits(this.text, this.digits.at);
    describeSearch(this.below, literals, known);
  }
}

/** The digits of layers at a depth. */
export const digitsAt: (depth: number) => Digits = ofDepth((depth) => new Digits(textAt(depth), textAt(depth + 1)));
