/**
 * Escapes in text: `%XX` (RFC 3986, 2.1), backslash escapes (RFC 8259, 7, and what programming languages add), and the
 * blank of forms, `+` (WHATWG URL, 5.1). Escaping on top of escaping (`%2541`, `\\\\u0041`) is read at once: no secret needs
 * a per cent sign or a backslash of its own, but UTF-16 loses step without one.
 *
 * Stretches of text around escapes are read on, with the escapes replaced. A stretch reaches as far to either side of an escape as a
 * detector looks, so that the layer below sees there what it would see had everything been replaced. Those of one window are looked at
 * together.
 */
import { LOOK_AHEAD, LOOK_BEHIND } from '../detectors/types.ts';
import { BASE64, CLASS, NO_TEXT } from '../scan/classes.ts';
import type { Layer } from '../scan/layer.ts';
import { type Reading, type Stretch, type Stretches, stretchesAt } from '../scan/simd/stretches.ts';
import { EXACT_TABLE } from '../scan/table.ts';
import type { Origin, RunScanner } from '../scan/types.ts';
import { MAX_DRESSED_MESSAGE } from './dressed.ts';
import { lasting } from './scratch.ts';
import { type Mark, placeOf, Together } from './together.ts';

/** Bytes before the first and after the last escape of a stretch. */
export const AROUND: number = LOOK_BEHIND + LOOK_AHEAD;

/**
 * Bytes by which a stretch that ends within base64 is read on, as long as it goes on: what was compressed is read from its beginning, where
 * the escape may stand.
 */
const GOES_ON = 4096;
/** So many bytes and a share of one in so many are no digits in base64, however it is wrapped; text has more. */
const BREAKS = 16;
const DIGITS_A_BREAK = 8;
/** So many bytes are none of 0 to 9, and of others one in so many is: of compressed data in base64 one in six. */
const LETTERS = 256;
const LETTERS_A_NUMBER = 10;

/** Times that a form may be escaped again and still have its blanks told from its plus signs. */
export const MAX_FORMS = 2;

/** Times that a percent sign or a backslash is escaped again and still read at once; as in escape.asm.ts. */
export const MAX_ESCAPED = 32;

/** The shortest URL with a password has so many. */
const MIN_STRETCH = 12;

const NOTHING = Buffer.alloc(0);

export class UnescapeScanner implements RunScanner {
  private readonly layer: Layer;
  private readonly reading: Reading;
  /** Made when a stretch is found. */
  private madeOrigin: Origin | undefined;
  private readonly stretches: Stretches;
  private readonly charge = (bytes: number) => this.layer.context.budget.charge(bytes);
  private cursor = 0;
  private isOpen = false;
  /** Offset of the last escape, from which the stretch goes on for AROUND. */
  private lastEscape = 0;
  /** Bytes by which it goes on beyond that, in base64. */
  private further = 0;
  private sawPercent = false;
  private percentFirst = false;
  /** Nothing of its text stands before the stretch. */
  private isWhole = false;
  private sawPlus = false;
  /** Decoded bytes that wait for a `+` to make them worth reading. */
  private waiting: Buffer = NOTHING;
  private decodedBytes = 0;
  private marks: Mark[] = [];
  private child: Layer | undefined;
  /** Stretches that ended, of each kind (`isFormBelow`, `isWhole`). */
  private readonly ended: Together[] = [];

  constructor(layer: Layer, reading: Reading) {
    this.layer = layer;
    this.reading = reading;
    this.stretches = stretchesAt(layer.depth);
  }

  restart(): void {
    this.cursor = 0;
    this.isOpen = false;
  }

  needed(): number {
    return Math.max(0, this.cursor - AROUND);
  }

  decided(): number {
    if (!this.isOpen) return this.needed();
    if (this.child === undefined) return this.marks[0]?.offset ?? this.needed();
    return Math.min(this.needed(), this.offsetOf(this.child.decided()));
  }

  scan(bytes: Buffer, base: number, final: boolean): void {
    if (!this.isOpen && !this.stretches.mayBegin(this.reading)) {
      this.cursor = base + bytes.length;
      return;
    }
    let at = this.cursor - base;
    for (;;) {
      let stretch: Stretch;
      if (this.isOpen)
        stretch = this.stretches.goOn(at, this.lastEscape - base, AROUND + this.further, final, this.reading);
      else {
        const next = this.stretches.next(
          at,
          AROUND,
          final,
          this.reading,
          MIN_STRETCH,
          EXACT_TABLE.literals,
          this.charge,
          this.layer.context.known?.grams(false)?.filter,
          this.isEager(),
        );
        if (typeof next === 'number') {
          at = next;
          break;
        }
        stretch = next;
        this.begin();
        this.percentFirst = stretch.percentFirst;
        this.isWhole = beginsText(bytes, stretch.marks[0]?.at ?? 0, base);
      }
      const isEnd = stretch.closed && !this.goesOn(bytes, stretch, final);
      at = stretch.at;
      this.lastEscape = base + stretch.last;
      this.sawPercent ||= stretch.sawPercent;
      this.sawPlus ||= stretch.sawPlus;
      for (const mark of stretch.marks) {
        this.marks.push({ decoded: this.decodedBytes + mark.decoded, offset: base + mark.at });
      }
      this.feed(stretch.bytes, isEnd);
      if (isEnd) this.isOpen = false;
      else if (!stretch.closed || at >= bytes.length) break;
    }
    for (const together of this.ended) together?.flush();
    this.cursor = base + at;
  }

  /** Whether a stretch that ends since it is far from its last escape is base64 all the way from there, and goes on. */
  private goesOn(bytes: Buffer, { at, last }: Stretch, final: boolean): boolean {
    if (at <= last + AROUND || (at === bytes.length && final)) return false;
    // What ends at a byte that is no text ends there.
    if (at < bytes.length && ((CLASS[bytes[at] as number] as number) & NO_TEXT) !== 0) return false;
    let breaks = BREAKS;
    let letters = LETTERS;
    for (let place = Math.max(last, at - AROUND, 0); place < at; place++) {
      const byte = bytes[place] as number;
      breaks += ((CLASS[byte] as number) & BASE64) !== 0 ? 1 / DIGITS_A_BREAK : -1;
      letters += byte >= 0x30 && byte <= 0x39 ? LETTERS_A_NUMBER : -1;
      if (breaks < 0 || letters < 0) return false;
    }
    this.further += GOES_ON;
    return true;
  }

  /** Whether text is looked at that no decoder makes anything of: in a small message in a dress, and for the user's own formats. */
  private isEager(): boolean {
    return this.layer.messageBytes <= MAX_DRESSED_MESSAGE || this.layer.context.patterns?.index !== undefined;
  }

  private get origin(): Origin {
    this.madeOrigin ??= { layer: this.layer, decoder: '', outerOffset: (offset) => this.offsetOf(offset) };
    return this.madeOrigin;
  }

  /** What the stretch is called, by what was seen of it. */
  private decoder(): string {
    if (this.reading.folds === true) return 'unicode';
    if (this.reading.form) return 'form';
    return this.sawPercent ? 'percent' : 'backslash';
  }

  private begin(): void {
    this.isOpen = true;
    this.further = 0;
    this.sawPercent = false;
    this.sawPlus = !this.reading.form;
    this.waiting = NOTHING;
    this.decodedBytes = 0;
    this.marks = [];
    this.child = undefined;
  }

  private feed(bytes: Buffer, last: boolean): void {
    this.decodedBytes += bytes.length;
    if (!this.sawPlus) {
      this.wait(bytes, last);
      return;
    }
    let ready = bytes;
    if (this.waiting.length > 0) {
      ready = Buffer.concat([this.waiting, bytes]);
      this.waiting = NOTHING;
    }
    this.origin.decoder = this.decoder();
    if (!last) {
      this.child ??= this.layer.below(this.origin, this.isFormBelow());
      this.child.push(ready);
      this.forget(this.child.decided());
    } else if (this.child !== undefined) {
      this.child.end(ready);
      this.child = undefined;
    } else if (ready.length >= MIN_STRETCH) this.give(ready);
  }

  /** Gives a stretch that ended to a layer, with others; one that may begin a structure alone. */
  private give(bytes: Buffer): void {
    const { isWhole } = this;
    const isForm = this.isFormBelow();
    const kind = (isForm ? 1 : 0) + (isWhole ? 2 : 0);
    this.ended[kind] ??= new Together(this.layer, isForm, !isWhole);
    this.ended[kind].add(bytes, this.decoder(), this.marks);
    if (isWhole) this.ended[kind].flush();
  }

  /** Whether blanks may be `+` in what comes out: a form that was escaped as a whole shows no escapes of its own any more. */
  private isFormBelow(): boolean {
    const { folds, form, times } = this.reading;
    return times === MAX_FORMS || (!form && folds !== true && this.percentFirst);
  }

  /** Keeps what may stand before the first `+`, and lets go of what is too far away from it. */
  private wait(bytes: Buffer, last: boolean): void {
    if (last) {
      this.waiting = NOTHING;
      return;
    }
    const all = Buffer.concat([this.waiting, bytes]);
    this.waiting = lasting(all.subarray(Math.max(0, all.length - AROUND)));
    const dropped = all.length - this.waiting.length;
    this.forget(dropped);
    for (const mark of this.marks) mark.decoded -= dropped;
    this.decodedBytes -= dropped;
  }

  private forget(decided: number): void {
    let passed = 0;
    while (passed + 1 < this.marks.length && (this.marks[passed + 1] as Mark).decoded <= decided) passed++;
    this.marks.splice(0, passed);
  }

  private offsetOf(decoded: number): number {
    return this.marks.length === 0 ? this.needed() : placeOf(this.marks, decoded);
  }
}

/** Whether the text of a window that is at `base` of a layer begins at a place, as far as is known. */
function beginsText(bytes: Buffer, at: number, base: number): boolean {
  if (at === 0) return base === 0;
  return ((CLASS[bytes[at - 1] as number] as number) & NO_TEXT) !== 0;
}
