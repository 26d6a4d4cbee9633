/** Hex dumps: plain, wrapped, or with any delimiters (`41:4b`, `41 4b`, `\x41\x4b`, `0x41, 0x4b`, `=41=4b`, `&#x41;`). */
import { CLASS, HEX, HEX_GAP, LETTER_X } from '../scan/classes.ts';
import type { Layer, RunScanner } from '../scan/layer.ts';
import { type DigitFormat, DigitRun } from './digits.ts';

/** Digits that make a dump: sixteen bytes. */
export const MIN_HEX_DIGITS = 32;
/** Most characters between two digits of a dump. */
export const MAX_HEX_GAP = 16;

const ANY = HEX | HEX_GAP | LETTER_X;
/** 1 for the bytes that no dump has. */
const ENDS: Uint8Array = CLASS.map((kind) => ((kind & ANY) === 0 ? 1 : 0));

const VALUE = new Uint8Array(256);
for (const [index, char] of [...'0123456789abcdef'].entries()) {
  VALUE[char.charCodeAt(0)] = index;
  VALUE[char.toUpperCase().charCodeAt(0)] = index;
}

export const HEX_FORMAT: DigitFormat = {
  name: 'hex',
  digits: 2,
  bytes: 1,
  decode(digits, from, to, out, start) {
    let length = start;
    for (let at = from; at + 1 < to; at += 2) {
      out[length++] = ((VALUE[digits[at] as number] as number) << 4) | (VALUE[digits[at + 1] as number] as number);
    }
    return length - start;
  },
};

function classOf(bytes: Buffer, at: number): number {
  return CLASS[bytes[at] as number] as number;
}

/** Whether the digit before `at`, where an x stands, is the 0 of `0x`. */
function isPrefix(bytes: Buffer, at: number): boolean {
  return at > 0 && bytes[at - 1] === 0x30 && (at < 2 || (classOf(bytes, at - 2) & HEX) === 0);
}

export class HexScanner implements RunScanner {
  private readonly run: DigitRun;
  private cursor = 0;
  private isOpen = false;
  private gap = 0;

  constructor(layer: Layer) {
    this.run = new DigitRun(layer, HEX_FORMAT);
  }

  restart(): void {
    this.cursor = 0;
    this.isOpen = false;
  }

  needed(): number {
    // What precedes an x tells whether it is the x of `0x`.
    return this.isOpen ? this.cursor - 2 : this.cursor;
  }

  decided(): number {
    return this.isOpen ? this.run.decided() : this.cursor;
  }

  scan(bytes: Buffer, base: number, final: boolean): void {
    let at = this.cursor - base;
    if (this.isOpen) this.run.begin(bytes.length - at);
    for (;;) {
      if (!this.isOpen) {
        const start = find(bytes, at, final);
        at = start.at;
        if (!start.found) break;
        this.isOpen = true;
        this.gap = 0;
        this.run.open();
        this.run.begin(bytes.length - at);
      }
      const end = this.extend(bytes, at, base, final);
      at = end.at;
      this.run.flush(end.closed);
      if (!end.closed) break;
      this.isOpen = false;
    }
    this.cursor = base + at;
  }

  private extend(bytes: Buffer, from: number, base: number, final: boolean): { closed: boolean; at: number } {
    const length = bytes.length;
    let at = from;
    while (at < length) {
      let end = at;
      while (end < length && (classOf(bytes, end) & HEX) !== 0) end++;
      if (end > at) {
        // The 0 at the very end may turn out to belong to `0x`.
        if (end === length && !final && bytes[end - 1] === 0x30) end--;
        if (end > at) this.run.add(bytes, at, end, base);
        this.gap = 0;
        if (end === at || end === length || (classOf(bytes, end) & HEX) !== 0) return { closed: final, at: end };
        at = end;
      }
      const kind = classOf(bytes, at);
      if ((kind & (HEX_GAP | LETTER_X)) === 0 || this.gap === MAX_HEX_GAP) return { closed: true, at };
      if ((kind & LETTER_X) !== 0 && isPrefix(bytes, at)) this.run.dropLast();
      this.gap++;
      at++;
    }
    return { closed: final, at };
  }
}

/** Looks for MIN_HEX_DIGITS bytes without a character that ends a dump, from their end back; then counts digits. */
function find(bytes: Buffer, from: number, final: boolean): { found: boolean; at: number } {
  const length = bytes.length;
  let start = from;
  while (start + MIN_HEX_DIGITS <= length) {
    let at = start + MIN_HEX_DIGITS - 1;
    while (at >= start && ENDS[bytes[at] as number] === 0) at--;
    if (at >= start) {
      start = at + 1;
      continue;
    }
    const counted = count(bytes, start);
    if (counted.found) return counted;
    if (counted.at >= length) return { found: false, at: final ? length : counted.start };
    start = counted.at + 1;
  }
  return { found: false, at: final ? length : start };
}

/** Follows a dump from `from` on until it has digits enough (`at`: its start) or breaks off (`at`: where). */
function count(bytes: Buffer, from: number): { found: boolean; at: number; start: number } {
  let start = from;
  let digits = 0;
  let gap = 0;
  let at = from;
  for (; at < bytes.length; at++) {
    const kind = classOf(bytes, at);
    if ((kind & HEX) !== 0) {
      if (digits === 0) start = at;
      gap = 0;
      if (++digits === MIN_HEX_DIGITS) return { found: true, at: start, start };
    } else if ((kind & ANY) === 0) break;
    else if (++gap > MAX_HEX_GAP) {
      digits = 0;
      start = at;
    }
  }
  return { found: false, at, start };
}
