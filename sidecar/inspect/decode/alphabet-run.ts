/** Finds runs of an alphabet, at least so long, unbroken or in lines, that go on over gaps; for base64 and base32. */
import { CLASS, LINE_GAP } from '../scan/classes.ts';
import type { Layer } from '../scan/layer.ts';
import type { Survey } from '../scan/simd/survey.ts';
import type { RunScanner } from '../scan/types.ts';
import { type DigitFormat, DigitRun } from './digits.ts';
import { AMPERSAND, escapedDigit, MAX_DIGIT_ESCAPE } from './escaped-digit.ts';

export interface AlphabetShape {
  format: DigitFormat;
  /** Bit of CLASS. */
  alphabet: number;
  /** Shortest run that is decoded; 15 or more. */
  minRun: number;
  /** Shortest piece after which the run goes on behind any gap; 0: it never does. */
  minPiece: number;
  /** Shortest piece after which it goes on behind a gap with a line end. */
  minLine: number;
}

/** Most bytes (line end, indentation, quotes, other delimiters) between two pieces of one run. */
export const MAX_LINE_GAP = 32;

/**
 * Digits without an escape after which one stands for a digit, from there on: text around escapes is read with all of them replaced, so far
 * (AROUND), but what was compressed is read from its beginning. In shorter runs what looks like one may stand between pieces; but for a
 * character reference, which says that it is one.
 */
export const MIN_UNESCAPED = 2048;

const LINE_FEED = 0x0a;
const RETURN = 0x0d;

export class AlphabetScanner implements RunScanner {
  private readonly shape: AlphabetShape;
  private readonly run: DigitRun;
  private cursor = 0;
  private isOpen = false;
  /** Length of the current piece of an open run. */
  private piece = 0;
  /** Digits of an open run so far. */
  private digits = 0;
  /** Escapes in it stand for digits. */
  private hasEscapes = false;

  constructor(layer: Layer, shape: AlphabetShape) {
    this.shape = shape;
    this.run = new DigitRun(layer, shape.format, {
      least: shape.minRun,
      line: shape.minLine,
      piece: shape.minPiece,
      gap: MAX_LINE_GAP,
    });
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

  scan(bytes: Buffer, base: number, final: boolean, survey: Survey): void {
    let at = this.cursor - base;
    if (this.isOpen) this.run.resume();
    for (;;) {
      if (!this.isOpen) {
        const start = this.find(at, final, survey);
        at = start < 0 ? -1 - start : start;
        if (start < 0) break;
        this.isOpen = true;
        this.piece = 0;
        this.digits = 0;
        this.hasEscapes = false;
        this.run.open();
      }
      const end = this.extend(bytes, at, base, final, survey);
      at = end < 0 ? -1 - end : end;
      if (end < 0) {
        this.run.flush(false);
        break;
      }
      this.run.flush(true);
      this.isOpen = false;
      if (at >= bytes.length) break;
    }
    this.cursor = base + at;
  }

  /** Where the first run begins; or -1 - the place from which one may still come. */
  private find(from: number, final: boolean, survey: Survey): number {
    const { minRun, minLine } = this.shape;
    if (minLine > 0) return this.run.nextLoud(from, final);
    const found = survey.nextRun(from, minRun);
    return found < 0 && final ? -1 - survey.length : found;
  }

  /** Takes what belongs to the run from `from` on: where it ends, or -1 - the place from which on it may go on. */
  private extend(bytes: Buffer, from: number, base: number, final: boolean, survey: Survey): number {
    const { alphabet, minPiece, minLine } = this.shape;
    const length = bytes.length;
    let at = from;
    for (;;) {
      const end = survey.runEnd(at);
      if (end > at) this.run.add(at, end, base);
      this.piece += end - at;
      this.digits += end - at;
      at = end;
      if (at === length) return final ? at : -1 - at;
      if (this.hasEscapes || this.digits >= MIN_UNESCAPED || bytes[at] === AMPERSAND) {
        if (!final && at + MAX_DIGIT_ESCAPE > length) return -1 - at;
        const escaped = escapedDigit(bytes, at, alphabet, survey);
        if (escaped !== undefined) {
          this.hasEscapes = true;
          if (escaped.digit !== undefined) this.run.addDigit(escaped.digit, base + at);
          at += escaped.length;
          continue;
        }
      }
      if (minLine === 0 || this.piece < minLine) return at;
      const limit = Math.min(length, at + MAX_LINE_GAP);
      let hasLineEnd = false;
      let isPlain = true;
      let behind = at;
      for (; behind < limit; behind++) {
        const byte = bytes[behind] as number;
        const kind = CLASS[byte] as number;
        if ((kind & alphabet) !== 0) break;
        if (byte === LINE_FEED || byte === RETURN) hasLineEnd = true;
        else if ((kind & LINE_GAP) === 0) isPlain = false;
      }
      if (behind === length && !final) return -1 - at;
      const goesOn = behind < length && ((CLASS[bytes[behind] as number] as number) & alphabet) !== 0;
      if (!goesOn || !((hasLineEnd && isPlain) || this.piece >= minPiece)) return at;
      at = behind;
      this.piece = 0;
    }
  }
}
