/**
 * What one pass over a text found, for each depth of layers. A search is synchronous and works only deeper while it is
 * under way, so the whole process shares the memory.
 */
import { DIGIT_VALUES } from '../../decode/alphabets.ts';
import { lasting } from '../../decode/scratch.ts';
import { CLASS } from '../classes.ts';
import type { KnownFilter } from './filter.ts';
import { ALONE, type Literals, MAX_CHAIN } from './literals.ts';
import { Area, heap, place, ROOM, reserve, wasm } from './memory.ts';
import { NAME_CLASSES, TEXT_CLASSES } from './nibbles.ts';

const kinds = place(CLASS);
const textClasses = place(TEXT_CLASSES);
const nameClasses = place(NAME_CLASSES);
const digitValues = place(DIGIT_VALUES);

/** Hits of one call: so many that 64 places, a block, have room, plain and XORed, even when there are half as many already. */
const MOST_HITS = 4 * 64 * MAX_CHAIN;
const hits = reserve(8 + 8 * MOST_HITS);
/** Where the alignments of a run begin. */
const starts = reserve(4 * 9);
/** Where it works. */
const keys = reserve(64 + 2 * (4 * 3 * 4096 + 64));

/** Maps that a survey writes: which bytes are in a class. Behind them is a byte for each block of 64. */
const MAPS = 11;
const ALPHABET = 0;
const BREAK = 2;
const PLUS = 6;

const PERCENT = 0x25;

/** Kinds of bytes that a text has: those that are no text, per cent signs, backslashes; line ends are asked for in assembly/. */
const HAS_BREAK = 1;
const HAS_PERCENT = 2;
const HAS_BACKSLASH = 4;
/** There are places where not all maps are written, since nothing is asked of them there but by `join`. */
const IS_PARTIAL = 16;

/** Bytes of an unescaped stretch between two marks, at least. */
const LEAST_BETWEEN_MARKS = 256;

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

/** What the search for runs is told, one field after the other (the fields in block.asm.ts). */
const block = reserve(4 * 29);

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

/** Bytes of a whole text every place of which is looked at for digits. */
const SMALL = 4096;

/** Where the digits of a dump were left, how many there are, bytes since the last one, and why: the dump or the text ends, or there are enough. */
export interface Taken {
  at: number;
  count: number;
  since: number;
  why: 'closed' | 'ended' | 'full';
}

/** What digits stand among: any characters, letters and digits, pieces of them, or no lower case letters. */
export type DigitKind = 'nextDense' | 'nextSingleCase' | 'nextPieces' | 'nextCapitals';

/** Called with the number of bytes that were decoded. */
export type Work = (bytes: number) => void;

/** Called for a literal that begins at `at`. */
export type Hit = (literal: number, at: number) => void;

export class Survey {
  private readonly text = new Area();
  private readonly maps = new Area();
  private readonly digits = new Area();
  private stride = 0;
  /** Bytes of the text. */
  length = 0;
  private classes = textClasses;
  private readonly depth: number;
  /** Which kinds of bytes the text has. */
  private has = 0;
  /** A number that no other outermost text has; 0 for others. */
  private id = 0;

  constructor(depth: number) {
    this.depth = depth;
  }

  /**
   * Surveys `bytes`; calls `hit` for literals that begin in `[from, to)` and lie whole in `bytes`, in the order of their
   * rarest bytes. Everything asked for later is about these bytes.
   */
  take(bytes: Uint8Array, literals: Literals, isName: boolean, from: number, to: number, hit: Hit): void {
    this.ensure(bytes.length);
    heap.bytes.set(bytes, this.text.at);
    this.length = bytes.length;
    this.classes = isName ? nameClasses : textClasses;
    if (this.depth === 0) this.id = ++taken;
    this.run(literals, from, to, hit);
  }

  /** Where the text is in the WebAssembly's memory. */
  get address(): number {
    return this.text.at;
  }

  /** Whether there are bytes that are no text. */
  get hasBreak(): boolean {
    return (this.has & HAS_BREAK) !== 0;
  }

  /** Whether there is any byte that an escape may begin with. */
  mayEscape({ folds, form, plusOpens }: Reading): boolean {
    if (plusOpens) return true;
    const signs = folds === true ? HAS_BREAK : form ? HAS_PERCENT : HAS_PERCENT | HAS_BACKSLASH;
    return (this.has & signs) !== 0;
  }

  /** Whether no decoder makes anything of the text: too little of it in a row, and no dump. */
  isNoise(): boolean {
    return wasm.isNoise(this.text.at, kinds, this.maps.at, this.stride, this.length) !== 0;
  }

  /**
   * The first stretch of text around escapes from `from` on that makes `least` bytes (in a form: and has a blank) or may go
   * on; and has a literal or something to decode in it (`work` gets how many bytes have not), or with `isEager` enough text.
   * It reaches `around` bytes to either side of an escape, or as far as there is text. None: the place from which one may
   * still come.
   */
  nextStretch(
    from: number,
    around: number,
    final: boolean,
    reading: Reading,
    least: number,
    below: Survey,
    literals: Literals,
    work: Work,
    known?: KnownFilter,
    isEager = false,
  ): Stretch | number {
    this.describeStretch(below);
    this.describeSearch(below, literals, known);
    const { times } = reading;
    const bits = bitsOf(reading) | (isEager ? EAGER : 0);
    const stopped = wasm.nextStretch(block, from, around, final ? 1 : 0, bits, times, least);
    work(heap.words[(block >> 2) + 14] as number);
    const first = (heap.words[(block >> 2) + 22] as number) | 0;
    return first < 0 ? -1 - stopped : this.stretch(below, stopped, heap.bytes[this.text.at + first] === PERCENT);
  }

  /** Goes on with a stretch whose last escape is at `last`, which may be before the window. */
  goOn(from: number, last: number, around: number, final: boolean, reading: Reading, below: Survey): Stretch {
    this.describeStretch(below);
    const { times } = reading;
    const stopped = wasm.unescapeStretch(block, from, last, around, final ? 1 : 0, bitsOf(reading), times);
    return this.stretch(below, stopped);
  }

  /**
   * The first `&` before a name of `most` bytes at most and `=`, in a form that has a plus sign, `around` bytes before that at most, or may
   * go on; or -1 - the place from which one may still come.
   */
  nextField(from: number, most: number, around: number, final: boolean): number {
    const { length, text } = this;
    return wasm.nextField(text.at, length, this.map(BREAK), this.map(PLUS), from, most, around, final ? 1 : 0);
  }

  /** The first run of `least` decimal numbers up to 255; or -1 - the place from which one may still come. */
  nextNumbers(from: number, final: boolean, least: number): number {
    this.describeOutput();
    return wasm.nextNumbers(block, from, final ? 1 : 0, least);
  }

  /** The bytes that the numbers from `from` on stand for, and where they stop or, when they may go on, are to be gone on with. */
  readNumbers(from: number, final: boolean): { at: number; closed: boolean; bytes: Buffer } {
    this.describeOutput();
    const stopped = wasm.readNumbers(block, from, final ? 1 : 0);
    const length = heap.words[(block >> 2) + 16] as number;
    const bytes = Buffer.from(heap.bytes.subarray(decoded.at, decoded.at + length));
    return { at: stopped < 0 ? -1 - stopped : stopped, closed: stopped >= 0, bytes };
  }

  /**
   * The first place from `from` on where text in one of the encodings of `kind` may stand: the place, and which encoding. None: -1 - the
   * place from which one may still come. `isFirst`: nothing stands before the bytes.
   */
  nextDigits(kind: DigitKind, from: number, final: boolean, isFirst: boolean): { at: number; codec: number } {
    this.describe();
    heap.words[(block >> 2) + 23] = digitValues;
    heap.words[(block >> 2) + 8] = kinds;
    const isSmall = isFirst && final && this.length <= SMALL;
    const at = wasm[kind](block, from, final ? 1 : 0, (isFirst ? 1 : 0) | (isSmall ? 2 : 0));
    return { at, codec: heap.words[(block >> 2) + 24] as number };
  }

  /** The first place from `from` on where characters stand alone among bytes that are none; or -1 - the place from which to go on. */
  nextSparse(from: number, final: boolean): number {
    this.describe();
    return wasm.nextSparse(block, from, final ? 1 : 0);
  }

  /** The first place from `from` on near which every other byte may be NUL: in 32 bytes of which it is, one of the first ten. */
  nextAlternating(from: number): number {
    this.describe();
    return wasm.nextAlternating(block, from);
  }

  /** The first place from `from` on at which `=` ends a line, or is escaped itself (`=3D`); the length for none. */
  nextSoftBreak(from: number): number {
    this.describe();
    return wasm.nextSoftBreak(block, from);
  }

  /**
   * The values of JSON, or of a form, from `from` on, one after the other, and where to go on. `all`: those of JSON that are
   * more than a word, too.
   */
  join(from: number, isForm: boolean, final: boolean, all = false): { at: number; bytes: Buffer } {
    if ((this.has & IS_PARTIAL) !== 0) {
      wasm.completeMaps(this.text.at, this.length, this.maps.at, this.stride);
      this.has &= ~IS_PARTIAL;
    }
    // Behind the values are three maps of the text.
    decoded.ensure(2 * this.length);
    this.describeOutput();
    const at = isForm ? wasm.joinForm(block, from, final ? 1 : 0) : wasm.joinJson(block, from, all ? 1 : 0);
    const length = heap.words[(block >> 2) + 16] as number;
    return { at, bytes: Buffer.from(heap.bytes.subarray(decoded.at, decoded.at + length)) };
  }

  /** The first byte from `from` on that is not in the alphabet; the length for none. */
  runEnd(from: number): number {
    return wasm.runEnd(this.map(ALPHABET), from, this.length);
  }

  /** The first run of `least` (15 or more) alphabet bytes; or -1 - where one begins that goes on to the end, if any does. */
  nextRun(from: number, least: number): number {
    return wasm.nextRun(this.map(ALPHABET), from, this.length, least);
  }

  /**
   * The first run of base64 that is worth decoding in full; or -1 - the place from which one may still come. `below` holds
   * what the others decode to; `work` gets how many bytes that was.
   */
  nextLoud(
    from: number,
    final: boolean,
    shape: LoudShape,
    below: Survey,
    literals: Literals,
    work: Work,
    known?: KnownFilter,
  ): number {
    this.describeRuns(below, shape, literals, known);
    const { least, line, piece, gap, most, apart } = shape;
    const found = wasm.nextLoud(block, from, final ? 1 : 0, least, line, piece, gap, most, apart);
    work(heap.words[(block >> 2) + 14] as number);
    return found;
  }

  /** The same for hex dumps. */
  nextLoudHex(
    from: number,
    final: boolean,
    shape: LoudShape,
    below: Survey,
    literals: Literals,
    work: Work,
    known?: KnownFilter,
  ): number {
    this.describeRuns(below, shape, literals, known);
    const { least, gap, most, apart } = shape;
    const found = wasm.nextLoudHex(block, from, final ? 1 : 0, least, gap, most, apart);
    work(heap.words[(block >> 2) + 14] as number);
    return found;
  }

  /** Adds `[from, to)` of the text to the digits, of which there are `count`. */
  addDigits(from: number, to: number, count: number): void {
    this.digits.ensure(count + to - from, count);
    wasm.copy(this.digits.at + count, this.text.at + from, to - from);
  }

  /** The per cent or backslash escape at a place: the byte that it stands for, and how many it takes; undefined: there is none. */
  escapeAt(at: number): { byte: number; length: number } | undefined {
    const found = wasm.escapeAt(this.text.at, this.length, at);
    return found === 0 ? undefined : { byte: found & 0xff, length: found >> 8 };
  }

  /** The same of one that does not stand in the text. */
  addDigit(digit: number, count: number): void {
    this.digits.ensure(count + 1, count);
    heap.bytes[this.digits.at + count] = digit;
  }

  /**
   * Adds the digits of a dump from `from` on to the digits, of which there are `count`, until there are `most`; `since`: bytes
   * since the last one. `gap`: most of them.
   */
  takeHex(from: number, count: number, since: number, gap: number, most: number): Taken {
    this.digits.ensure(most, count);
    this.describe();
    const { words } = heap;
    words[(block >> 2) + 4] = this.digits.at;
    words[(block >> 2) + 8] = kinds;
    const at = wasm.takeHex(block, from, count, since, gap, most);
    const why = words[(block >> 2) + 18] as number;
    return {
      at,
      count: words[(block >> 2) + 16] as number,
      since: words[(block >> 2) + 17] as number,
      why: why === 0 ? 'closed' : why === 1 ? 'ended' : 'full',
    };
  }

  /** Begins the digits anew. */
  setDigits(digits: Uint8Array): void {
    this.digits.ensure(digits.length);
    heap.bytes.set(digits, this.digits.at);
  }

  /** A copy of digits `[from, to)`, to be kept. */
  copyDigits(from: number, to: number): Buffer {
    return lasting(heap.bytes.subarray(this.digits.at + from, this.digits.at + to));
  }

  /** Decodes digits `[from, to)` into memory of its own. */
  decodeDigits(from: number, to: number, group: number, last: boolean): Buffer {
    decoded.ensure(to - from);
    const length = wasm.decode(this.digits.at + from, to - from, group, decoded.at, last ? 1 : 0);
    return Buffer.from(heap.bytes.subarray(decoded.at, decoded.at + length));
  }

  /** Decodes digits `[from, to)` behind `before` into `below`: how many bytes both are, and whether they are worth a look. */
  decodeLoud(
    before: Uint8Array,
    from: number,
    to: number,
    room: LoudRoom,
    last: boolean,
    below: Survey,
    literals: Literals,
    known?: KnownFilter,
  ): { length: number; isLoud: boolean } {
    below.ensure(before.length + to - from);
    this.describe();
    this.describeSearch(below, literals, known);
    const { at } = below.text;
    heap.bytes.set(before, at);
    const made = wasm.decode(this.digits.at + from, to - from, room.digits, at + before.length, last ? 1 : 0);
    const length = before.length + made;
    return { length, isLoud: length > 0 && wasm.isLoudBelow(block, length) !== 0 };
  }

  /** A copy of bytes `[from, to)` that were decoded into this one, to be kept. */
  copyText(from: number, to: number): Buffer {
    return lasting(heap.bytes.subarray(this.text.at + from, this.text.at + to));
  }

  /** At which alignments what `count` digits decode to is worth a look: a bit for each. */
  loudAlignments(count: number, room: LoudRoom, below: Survey, literals: Literals, known?: KnownFilter): number {
    this.describeRuns(below, room, literals, known);
    return wasm.loudAlignments(block, count, room.digits, room.apart);
  }

  /** Whether decoded bytes are worth a look. */
  isLoud(bytes: Uint8Array, below: Survey, literals: Literals, known?: KnownFilter): boolean {
    if (bytes.length === 0) return false;
    below.ensure(bytes.length);
    this.describe();
    this.describeSearch(below, literals, known);
    heap.bytes.set(bytes, below.text.at);
    return wasm.isLoudBelow(block, bytes.length) !== 0;
  }

  /**
   * Decodes the digits at the alignments of `which`, a bit for each, with `apart` NULs behind each; of the others there are the
   * NULs alone. `begins` gets where each begins, and the length.
   */
  decodeTogether(count: number, group: number, apart: number, begins: number[], which: number): Buffer {
    decoded.ensure(group * (count + apart));
    const length = wasm.decodeTogether(this.digits.at, count, group, apart, decoded.at, starts, which);
    for (let at = 0; at <= group; at++) begins[at] = heap.words[(starts >> 2) + at] as number;
    return Buffer.from(heap.bytes.subarray(decoded.at, decoded.at + length));
  }

  private describe(): void {
    const at = block >> 2;
    const { words } = heap;
    words[at] = this.text.at;
    words[at + 1] = this.length;
    words[at + 2] = this.maps.at;
    words[at + 3] = this.stride;
    words[at + 27] = this.id;
    words[at + 28] = this.has;
  }

  private describeOutput(): void {
    decoded.ensure(this.length);
    this.describe();
    heap.words[(block >> 2) + 8] = kinds;
    heap.words[(block >> 2) + 20] = decoded.at;
  }

  private describeStretch(below: Survey): void {
    below.ensure(this.length + ROOM);
    markArea.ensure(8 * (2 + this.length / LEAST_BETWEEN_MARKS));
    this.describe();
    const at = block >> 2;
    heap.words[at + 20] = below.text.at;
    heap.words[at + 21] = markArea.at;
  }

  private stretch(below: Survey, stopped: number, percentFirst = false): Stretch {
    const at = block >> 2;
    const { words } = heap;
    const marks: { decoded: number; at: number }[] = [];
    for (let mark = markArea.at >> 2, left = words[at + 19] as number; left > 0; left--, mark += 2) {
      marks.push({ decoded: words[mark] as number, at: words[mark + 1] as number });
    }
    const saw = words[at + 18] as number;
    return {
      at: stopped < 0 ? -1 - stopped : stopped,
      closed: stopped >= 0,
      last: (words[at + 17] as number) | 0,
      sawPercent: (saw & 1) !== 0,
      percentFirst,
      sawPlus: (saw & 2) !== 0,
      bytes: Buffer.from(heap.bytes.subarray(below.text.at, below.text.at + (words[at + 16] as number))),
      marks,
    };
  }

  private describeRuns(
    below: Survey,
    { most, apart, digits }: LoudRoom,
    literals: Literals,
    known: KnownFilter | undefined,
  ): void {
    literals.address ??= place(literals.table);
    this.digits.ensure(most);
    below.ensure(digits * (most + apart));
    this.describe();
    heap.words[(block >> 2) + 4] = this.digits.at;
    this.describeSearch(below, literals, known);
    heap.words[(block >> 2) + 13] = starts;
  }

  /** What is below, and what is looked for there. */
  private describeSearch(below: Survey, literals: Literals, known: KnownFilter | undefined): void {
    known?.use();
    literals.address ??= place(literals.table);
    const at = block >> 2;
    const { words } = heap;
    words[at + 5] = below.text.at;
    words[at + 6] = below.maps.at;
    words[at + 7] = below.stride;
    words[at + 8] = kinds;
    words[at + 9] = textClasses;
    words[at + 10] = literals.address;
    words[at + 11] = hits;
    words[at + 12] = MOST_HITS;
    words[at + 14] = 0;
    words[at + 15] = keys;
    words[at + 25] = known === undefined ? 0 : 1;
    words[at + 26] = literals.address + ALONE;
  }

  private map(index: number): number {
    return this.maps.at + index * this.stride;
  }

  private ensure(length: number): void {
    this.text.ensure(length);
    this.stride = (this.text.capacity + ROOM) >> 3;
    this.maps.ensure(MAPS * this.stride + (this.stride >> 3));
  }

  private run(literals: Literals, from: number, to: number, hit: Hit): void {
    literals.address ??= place(literals.table);
    const { length, stride, classes } = this;
    this.has = 0;
    for (let at = 0; at < length; ) {
      const count = wasm.survey(
        this.text.at,
        at,
        length,
        from,
        to,
        this.maps.at,
        stride,
        classes,
        literals.address,
        keys,
        hits,
        MOST_HITS,
      );
      let index = hits >> 2;
      at = heap.words[index] as number;
      this.has = heap.words[index + 1] as number;
      for (let left = count; left > 0; left--) {
        index += 2;
        hit(heap.words[index + 1] as number, heap.words[index] as number);
      }
    }
  }
}

/** Bit of a reading, as in escapes.asm.ts. */
const EAGER = 8;

function bitsOf({ form, plusOpens, folds }: Reading): number {
  return (form ? 1 : 0) | (plusOpens ? 2 : 0) | (folds === true ? 4 : 0);
}

const decoded = new Area();
const markArea = new Area();
const surveys: Survey[] = [];
/** Outermost texts so far. */
let taken = 0;

/** The survey of layers at `depth`. */
export function surveyAt(depth: number): Survey {
  let survey = surveys[depth];
  if (survey === undefined) {
    survey = new Survey(depth);
    surveys[depth] = survey;
  }
  return survey;
}
