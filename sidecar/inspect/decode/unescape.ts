/**
 * Stretches of text around escapes, with the escapes replaced. A stretch reaches as far to either side of an escape as a
 * detector looks, so that the layer below sees there what it would see had everything been replaced.
 */
import { LOOK_AHEAD, LOOK_BEHIND } from '../detectors/types.ts';
import { CLASS, ESCAPING, NO_TEXT } from '../scan/classes.ts';
import type { Layer, Origin, RunScanner } from '../scan/layer.ts';
import { MAX_ESCAPE, readEscape, unescaped } from './escape.ts';
import { indexOf, scratch } from './scratch.ts';

/** Bytes before the first and after the last escape of a stretch. */
export const AROUND: number = LOOK_BEHIND + LOOK_AHEAD;

/** Times that a form may be escaped again and still have its blanks told from its plus signs. */
export const MAX_FORMS = 2;

const NESTED = Array.from({ length: MAX_FORMS + 1 }, (_, times) => Buffer.from(`%${'25'.repeat(times)}`));

/** The shortest URL with a password has so many. */
const MIN_STRETCH = 12;

const PERCENT = 0x25;
const BACKSLASH = 0x5c;
const PLUS = 0x2b;
const BLANK = 0x20;
const MARK_EVERY = 256;

interface Mark {
  decoded: number;
  offset: number;
}

/** Which reading a scanner makes. */
export interface Reading {
  /** `+` is a blank, near per cent escapes; a stretch without one is left to the reading that takes it as it is. */
  form: boolean;
  /** A `+` begins a stretch too. */
  plusOpens: boolean;
  /**
   * Times that a form was escaped again as a whole: its blanks are `%2B`, `%252B`… and the rest of its escapes once longer.
   * All are undone at once, so that nothing would be left to tell the layer below that it is a form.
   */
  times: number;
}

export class UnescapeScanner implements RunScanner {
  private readonly layer: Layer;
  private readonly reading: Reading;
  private readonly origin: Origin;
  /** What an escape begins with that was escaped more often than the form. */
  private readonly nested: Buffer;
  private cursor = 0;
  private isOpen = false;
  /** Offset of the last escape, from which the stretch goes on for AROUND. */
  private lastEscape = 0;
  private sawPercent = false;
  private sawPlus = false;
  /** Decoded bytes that wait for a `+` to make them worth reading. */
  private waiting: Buffer = Buffer.alloc(0);
  private decodedBytes = 0;
  private marks: Mark[] = [];
  private child: Layer | undefined;
  private shared: Layer | undefined;

  constructor(layer: Layer, reading: Reading) {
    this.layer = layer;
    this.reading = reading;
    this.nested = NESTED[reading.times] as Buffer;
    const decoder = () => (reading.form ? 'form' : this.sawPercent ? 'percent' : 'backslash');
    this.origin = {
      layer,
      get decoder() {
        return decoder();
      },
      outerOffset: (offset) => this.offsetOf(offset),
    };
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
    let at = this.cursor - base;
    // The next escapes, found once for a window.
    const next = { percent: -1, backslash: -1, plus: -1 };
    for (;;) {
      if (!this.isOpen) {
        const first = this.find(bytes, at, next, final);
        at = first.at;
        if (!first.found) break;
        const edge = Math.max(0, at - AROUND);
        let start = at;
        while (start > edge && ((CLASS[bytes[start - 1] as number] as number) & NO_TEXT) === 0) start--;
        this.begin(base + at);
        at = start;
      }
      const end = this.decode(bytes, at, base, final);
      at = end.at;
      if (!end.closed) break;
      this.isOpen = false;
    }
    this.cursor = base + at;
  }

  private begin(firstEscape: number): void {
    this.isOpen = true;
    this.lastEscape = firstEscape;
    this.sawPercent = false;
    this.sawPlus = !this.reading.form;
    this.waiting = this.waiting.subarray(0, 0);
    this.decodedBytes = 0;
    this.marks = [];
    this.child = undefined;
  }

  private find(
    bytes: Buffer,
    from: number,
    next: { percent: number; backslash: number; plus: number },
    final: boolean,
  ): { found: boolean; at: number } {
    if (this.reading.times > 0) return this.findNested(bytes, from, final);
    for (let at = from; ; at++) {
      if (next.percent < at) next.percent = indexOf(bytes, PERCENT, at);
      if (this.reading.form) next.backslash = bytes.length;
      else if (next.backslash < at) next.backslash = indexOf(bytes, BACKSLASH, at);
      if (!this.reading.plusOpens) next.plus = bytes.length;
      else if (next.plus < at) next.plus = indexOf(bytes, PLUS, at);
      at = Math.min(next.percent, next.backslash, next.plus);
      if (at >= bytes.length) return { found: false, at: bytes.length };
      if (bytes[at] === PLUS || readEscape(bytes, at)) return { found: true, at };
      if (!final && at + MAX_ESCAPE > bytes.length) return { found: false, at };
    }
  }

  /** The first escape that was escaped more often than the form. */
  private findNested(bytes: Buffer, from: number, final: boolean): { found: boolean; at: number } {
    for (let at = from; ; at++) {
      const found = bytes.indexOf(this.nested, at);
      if (found < 0) {
        // Its beginning may stand at the end.
        const tail = Math.max(at, bytes.length - this.nested.length + 1);
        return { found: false, at: final ? bytes.length : indexOf(bytes, PERCENT, tail) };
      }
      at = found;
      if (!final && at + MAX_ESCAPE > bytes.length) return { found: false, at };
      if (readEscape(bytes, at) && unescaped.times > this.reading.times) return { found: true, at };
    }
  }

  private decode(bytes: Buffer, from: number, base: number, final: boolean): { closed: boolean; at: number } {
    const { decoded } = scratch(this.layer.depth, bytes.length);
    const { form } = this.reading;
    let length = 0;
    let at = from;
    let closed = false;
    let nextMark = 0;
    while (at < bytes.length) {
      if (length >= nextMark) {
        this.marks.push({ decoded: this.decodedBytes + length, offset: base + at });
        nextMark = length + MARK_EVERY;
      }
      const stop = Math.min(bytes.length, at + MARK_EVERY, this.lastEscape + AROUND + 1 - base);
      while (at < stop && ((CLASS[bytes[at] as number] as number) & (ESCAPING | NO_TEXT)) === 0) {
        decoded[length++] = bytes[at++] as number;
      }
      const byte = bytes[at];
      if (byte === undefined) break;
      closed = ((CLASS[byte] as number) & NO_TEXT) !== 0 || base + at - this.lastEscape > AROUND;
      if (closed) break;
      if (at === stop) continue;
      if (byte === PLUS) {
        at++;
        decoded[length++] = this.plus(0);
        if (this.reading.plusOpens) this.lastEscape = base + at;
        continue;
      }
      if (((CLASS[byte] as number) & ESCAPING) === 0) continue;
      if (!final && at + MAX_ESCAPE > bytes.length) break;
      if (readEscape(bytes, at)) {
        // In UTF-16 the NUL has a character to stand beside.
        if (unescaped.isAfterBackslash && unescaped.value === 0) decoded[length++] = BACKSLASH;
        const isPlus = byte === PERCENT && unescaped.value === PLUS;
        decoded[length++] = isPlus ? this.plus(unescaped.times) : unescaped.value;
        this.sawPercent ||= byte === PERCENT;
        if (!form || byte === PERCENT) this.lastEscape = base + at;
        at = unescaped.end;
      } else decoded[length++] = bytes[at++] as number;
    }
    closed ||= final;
    this.feed(decoded.subarray(0, length), closed);
    return { closed, at };
  }

  /** What a plus that was escaped so many times stands for. */
  private plus(times: number): number {
    if (!this.reading.form || times > this.reading.times) return PLUS;
    this.sawPlus ||= times === this.reading.times;
    return BLANK;
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
      this.waiting = this.waiting.subarray(0, 0);
    }
    if (!last) {
      this.child ??= this.layer.below(this.origin, this.reading.times === MAX_FORMS);
      this.child.push(ready);
      this.forget(this.child.decided());
    } else if (this.child !== undefined) {
      this.child.end(ready);
      this.child = undefined;
    } else if (ready.length >= MIN_STRETCH) {
      if (this.shared === undefined) this.shared = this.layer.below(this.origin, this.reading.times === MAX_FORMS);
      else this.shared.restart();
      this.shared.end(ready);
    }
  }

  /** Keeps what may stand before the first `+`, and lets go of what is too far away from it. */
  private wait(bytes: Buffer, last: boolean): void {
    if (last) {
      this.waiting = this.waiting.subarray(0, 0);
      return;
    }
    const all = Buffer.concat([this.waiting, bytes]);
    this.waiting = all.subarray(Math.max(0, all.length - AROUND));
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
    let mark = this.marks[0];
    for (const later of this.marks) {
      if (later.decoded > decoded) break;
      mark = later;
    }
    return mark === undefined ? this.needed() : mark.offset + Math.max(0, decoded - mark.decoded);
  }
}
