/** Finds unbroken runs of an alphabet, at least so long, that may go on over line ends; for base64 and base32. */
import { CLASS } from '../scan/classes.ts';
import type { Layer, RunScanner } from '../scan/layer.ts';
import { type DigitFormat, DigitRun } from './digits.ts';

export interface AlphabetShape {
  format: DigitFormat;
  /** Bit of CLASS. */
  alphabet: number;
  /** Shortest run that is decoded. */
  minRun: number;
  /** Shortest line after which the run may go on in the next line; 0: it never does. */
  minLine: number;
}

/** Most bytes of line end and indentation between two lines of one run. */
export const MAX_LINE_GAP = 16;

export class AlphabetScanner implements RunScanner {
  private readonly shape: AlphabetShape;
  private readonly run: DigitRun;
  private cursor = 0;
  private isOpen = false;
  /** Length of the current line of an open run. */
  private line = 0;

  constructor(layer: Layer, shape: AlphabetShape) {
    this.shape = shape;
    this.run = new DigitRun(layer, shape.format);
  }

  restart(): void {
    this.cursor = 0;
    this.isOpen = false;
  }

  needed(): number {
    return this.cursor;
  }

  decided(): number {
    return this.isOpen ? this.run.decided() : this.cursor;
  }

  scan(bytes: Buffer, base: number, final: boolean): void {
    let at = this.cursor - base;
    if (this.isOpen) this.run.begin(bytes.length - at);
    for (;;) {
      if (!this.isOpen) {
        const start = this.find(bytes, at, final);
        at = start.at;
        if (!start.found) break;
        this.isOpen = true;
        this.line = 0;
        this.run.open();
        this.run.begin(bytes.length - at);
      }
      const end = this.extend(bytes, at, base, final);
      at = end.at;
      if (!end.closed) {
        this.run.flush(false);
        break;
      }
      this.run.flush(true);
      this.isOpen = false;
      if (at >= bytes.length) break;
    }
    this.cursor = base + at;
  }

  /** Looks at every `minRun`-th byte only: a long enough run cannot hide between two of them. */
  private find(bytes: Buffer, from: number, final: boolean): { found: boolean; at: number } {
    const { alphabet, minRun } = this.shape;
    const length = bytes.length;
    let floor = from;
    for (;;) {
      let probe = floor + minRun - 1;
      while (probe < length && ((CLASS[bytes[probe] as number] as number) & alphabet) === 0) probe += minRun;
      if (probe >= length) return { found: false, at: final ? length : Math.min(length, probe - minRun + 1) };
      let start = probe;
      while (start > floor && ((CLASS[bytes[start - 1] as number] as number) & alphabet) !== 0) start--;
      const enough = start + minRun;
      let end = probe + 1;
      while (end < enough && end < length && ((CLASS[bytes[end] as number] as number) & alphabet) !== 0) end++;
      if (end === enough) return { found: true, at: start };
      if (end === length) return { found: false, at: final ? length : start };
      floor = end + 1;
    }
  }

  private extend(bytes: Buffer, from: number, base: number, final: boolean): { closed: boolean; at: number } {
    const { alphabet, minLine } = this.shape;
    const length = bytes.length;
    let at = from;
    for (;;) {
      let end = at;
      while (end < length && ((CLASS[bytes[end] as number] as number) & alphabet) !== 0) end++;
      if (end > at) this.run.add(bytes, at, end, base);
      this.line += end - at;
      at = end;
      if (at === length) return { closed: final, at };
      if (minLine === 0 || this.line < minLine) return { closed: true, at };
      const next = skipLineEnd(bytes, at);
      if (next === length && next - at < MAX_LINE_GAP && !final) return { closed: false, at };
      if (next === at || next >= length || ((CLASS[bytes[next] as number] as number) & alphabet) === 0) {
        return { closed: true, at };
      }
      at = next;
      this.line = 0;
    }
  }
}

const BACKSLASH = 0x5c;

/** The index after white space and escaped white space (`\n`, `\r`, `\t`) from `from` on, at most MAX_LINE_GAP bytes. */
function skipLineEnd(bytes: Buffer, from: number): number {
  const limit = Math.min(bytes.length, from + MAX_LINE_GAP);
  let at = from;
  while (at < limit) {
    const byte = bytes[at];
    if (byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d) at++;
    else if (byte === BACKSLASH) {
      // A backslash at the very end: what it escapes is still to come.
      if (at + 1 === bytes.length) return bytes.length;
      const escaped = bytes[at + 1];
      if (escaped !== 0x6e && escaped !== 0x72 && escaped !== 0x74) return at;
      at += 2;
    } else break;
  }
  return Math.min(at, bytes.length);
}
