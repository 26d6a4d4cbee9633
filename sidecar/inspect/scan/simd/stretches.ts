/** Stretches of a text around escapes, with the escapes replaced. */
import { describeSearch, describeStretch, said, type Work } from './block.ts';
import { block, FIELD } from './fields.ts';
import type { KnownFilter } from './filter.ts';
import type { Literals } from './literals.ts';
import { Area, heap, ROOM, wasm } from './memory.ts';
import { HAS_BACKSLASH, HAS_BREAK, HAS_PERCENT, ofDepth, type PlacedText, textAt } from './text.ts';

const { WORK, OUT_LENGTH, OUT_LAST, OUT_SAW, OUT_MARKS, OUT_FIRST } = FIELD;

const PERCENT = 0x25;

/** Bytes of an unescaped stretch between two marks, at least; as MARK_EVERY in assembly/block.asm.ts. */
export const MARK_EVERY = 256;
/** What was seen in one, as in assembly/block.asm.ts. */
export const SAW_PERCENT = 1;
export const SAW_PLUS = 2;

/** How escapes are read. */
export interface Reading {
  /** `+` is a blank, near per cent escapes; a stretch without one is left to the reading that takes it as it is. */
  form: boolean;
  /** A `+` begins a stretch too. */
  plusOpens: boolean;
  /** Not escapes but characters that look like ASCII ones, or are not seen, are read as those. */
  folds?: boolean;
  /**
   * Times that a form was escaped again as a whole: its blanks are `%2B`, `%252B`… and the rest of its escapes once longer.
   * All are undone at once, so that nothing would be left to tell the layer below that it is a form.
   */
  times: number;
}

/** A stretch, unescaped. */
export interface Stretch {
  /** Where it stopped, and whether it ends there. */
  at: number;
  closed: boolean;
  /** The last escape. */
  last: number;
  sawPercent: boolean;
  /** Of one that begins: its first escape is `%XX`. */
  percentFirst: boolean;
  sawPlus: boolean;
  bytes: Buffer;
  /** Which place became which byte. */
  marks: readonly { decoded: number; at: number }[];
}

export class Stretches {
  private readonly text: PlacedText;
  /** What they are unescaped to. */
  private readonly below: PlacedText;

  constructor(text: PlacedText, below: PlacedText) {
    this.text = text;
    this.below = below;
  }

  /** Whether there is any byte that an escape may begin with. */
  mayBegin({ folds, form, plusOpens }: Reading): boolean {
    if (plusOpens) return true;
    const signs = folds === true ? HAS_BREAK : form ? HAS_PERCENT : HAS_PERCENT | HAS_BACKSLASH;
    return (this.text.has & signs) !== 0;
  }

  /**
   * The first from `from` on that makes `least` bytes (in a form: and has a blank) or may go on; and has a literal or something
   * to decode in it (`work` gets how many bytes have not), or with `isEager` enough text. It reaches `around` bytes to either
   * side of an escape, or as far as there is text. None: the place from which one may still come.
   */
  next(
    from: number,
    around: number,
    final: boolean,
    reading: Reading,
    least: number,
    literals: Literals,
    work: Work,
    known?: KnownFilter,
    isEager = false,
  ): Stretch | number {
    this.describe();
    describeSearch(this.below, literals, known);
    const bits = bitsOf(reading) | (isEager ? EAGER : 0);
    const stopped = wasm.nextStretch(block, from, around, final ? 1 : 0, bits, reading.times, least);
    work(said(WORK));
    const first = said(OUT_FIRST) | 0;
    if (first < 0) return -1 - stopped;
    return this.stretch(stopped, heap.bytes[this.text.bytes.at + first] === PERCENT);
  }

  /** Goes on with one whose last escape is at `last`, which may be before the window. */
  goOn(from: number, last: number, around: number, final: boolean, reading: Reading): Stretch {
    this.describe();
    const bits = bitsOf(reading);
    return this.stretch(wasm.unescapeStretch(block, from, last, around, final ? 1 : 0, bits, reading.times));
  }

  private describe(): void {
    const { below, text } = this;
    below.ensure(text.length + ROOM);
    markArea.ensure(8 * (2 + text.length / MARK_EVERY));
    describeStretch(text, below, markArea.at);
  }

  private stretch(stopped: number, percentFirst = false): Stretch {
    const marks: { decoded: number; at: number }[] = [];
    for (let mark = markArea.at >> 2, left = said(OUT_MARKS); left > 0; left--, mark += 2) {
      marks.push({ decoded: heap.words[mark] as number, at: heap.words[mark + 1] as number });
    }
    const saw = said(OUT_SAW);
    const { at } = this.below.bytes;
    return {
      at: stopped < 0 ? -1 - stopped : stopped,
      closed: stopped >= 0,
      last: said(OUT_LAST) | 0,
      sawPercent: (saw & SAW_PERCENT) !== 0,
      percentFirst,
      sawPlus: (saw & SAW_PLUS) !== 0,
      bytes: Buffer.from(heap.bytes.subarray(at, at + said(OUT_LENGTH))),
      marks,
    };
  }
}

/** Bit of a reading, as in escapes.asm.ts. */
const EAGER = 8;

function bitsOf({ form, plusOpens, folds }: Reading): number {
  return (form ? 1 : 0) | (plusOpens ? 2 : 0) | (folds === true ? 4 : 0);
}

const markArea = new Area();

/** The stretches of layers at a depth. */
export const stretchesAt: (depth: number) => Stretches = ofDepth(
  (depth) => new Stretches(textAt(depth), textAt(depth + 1)),
);
