/** Finds runs of an alphabet, at least so long, unbroken or in lines, that go on over gaps; for base64 and base32. */
import { CLASS, LINE_GAP } from '../scan/classes.ts';
import type { Layer, RunScanner } from '../scan/layer.ts';
import { type DigitFormat, DigitRun } from './digits.ts';
import { indexOf } from './scratch.ts';

export interface AlphabetShape {
  format: DigitFormat;
  /** Bit of CLASS. */
  alphabet: number;
  /** Shortest run that is decoded. */
  minRun: number;
  /** Shortest piece after which the run goes on behind any gap; 0: it never does. */
  minPiece: number;
  /** Shortest piece after which it goes on behind a gap with a line end. */
  minLine: number;
}

/** Most bytes (line end, indentation, quotes, other delimiters) between two pieces of one run. */
export const MAX_LINE_GAP = 32;

const LINE_FEED = 0x0a;
const RETURN = 0x0d;

export class AlphabetScanner implements RunScanner {
  private readonly shape: AlphabetShape;
  private readonly run: DigitRun;
  private cursor = 0;
  private isOpen = false;
  /** Length of the current piece of an open run. */
  private piece = 0;
  /** The next line feed and carriage return in the window, when they are known. */
  private feed = -1;
  private back = -1;

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
    this.feed = -1;
    this.back = -1;
    if (this.isOpen) this.run.begin(bytes.length - at);
    for (;;) {
      if (!this.isOpen) {
        const start = this.findFirst(bytes, at, final);
        at = start.at;
        if (!start.found) break;
        this.isOpen = true;
        this.piece = 0;
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

  /** The first run, unbroken or in lines. */
  private findFirst(bytes: Buffer, from: number, final: boolean): { found: boolean; at: number } {
    const unbroken = this.findUnbroken(bytes, from, final);
    if (this.shape.minLine === 0) return unbroken;
    const inLines = this.findLines(bytes, from, unbroken.at, final);
    return inLines.at < unbroken.at ? inLines : unbroken;
  }

  /** A run in lines that begins before `limit`; what no later bytes can make one is left behind. */
  private findLines(bytes: Buffer, from: number, limit: number, final: boolean): { found: boolean; at: number } {
    const { alphabet, minLine, minRun } = this.shape;
    const open = final ? limit : Math.max(from, Math.min(limit, bytes.length - MAX_LINE_GAP - minRun));
    for (let end = from; ; end++) {
      if (this.feed < end) this.feed = indexOf(bytes, LINE_FEED, end);
      if (this.back < end) this.back = indexOf(bytes, RETURN, end);
      end = Math.min(this.feed, this.back);
      if (end >= bytes.length || end > limit + MAX_LINE_GAP + minRun) break;
      let last = end;
      while (last > from && end - last < MAX_LINE_GAP && isIn(bytes, last - 1, LINE_GAP)) last--;
      let start = last;
      while (start > from && last - start < minRun && isIn(bytes, start - 1, alphabet)) start--;
      if (start >= limit) break;
      if (last - start < minLine) continue;
      const counted = this.count(bytes, start);
      if (counted === 'enough') return { found: true, at: start };
      if (counted === 'more' && !final) return { found: false, at: Math.min(start, open) };
    }
    return { found: false, at: open };
  }

  /** Whether the lines from `start` on have the digits of a run; `more`: the bytes end before that is known. */
  private count(bytes: Buffer, start: number): 'enough' | 'too few' | 'more' {
    const { alphabet, minLine, minRun } = this.shape;
    let digits = 0;
    for (let at = start; ; ) {
      let end = at;
      while (end < bytes.length && end - at < minRun && isIn(bytes, end, alphabet)) end++;
      digits += end - at;
      if (digits >= minRun) return 'enough';
      if (end === bytes.length) return 'more';
      const gap = gapAfter(bytes, end, alphabet);
      if (gap.cut) return 'more';
      if (end - at < minLine || !gap.isLineEnd || !gap.ends) return 'too few';
      at = gap.at;
    }
  }

  /** Looks at every `minRun`-th byte only: a long enough run cannot hide between two of them. */
  private findUnbroken(bytes: Buffer, from: number, final: boolean): { found: boolean; at: number } {
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
    const { alphabet, minPiece, minLine } = this.shape;
    const length = bytes.length;
    let at = from;
    for (;;) {
      let end = at;
      while (end < length && isIn(bytes, end, alphabet)) end++;
      if (end > at) this.run.add(bytes, at, end, base);
      this.piece += end - at;
      at = end;
      if (at === length) return { closed: final, at };
      if (minLine === 0 || this.piece < minLine) return { closed: true, at };
      const gap = gapAfter(bytes, at, alphabet);
      if (gap.cut && !final) return { closed: false, at };
      if (!gap.ends || !(gap.isLineEnd || this.piece >= minPiece)) return { closed: true, at };
      at = gap.at;
      this.piece = 0;
    }
  }
}

function isIn(bytes: Buffer, at: number, alphabet: number): boolean {
  return ((CLASS[bytes[at] as number] as number) & alphabet) !== 0;
}

/**
 * The gap from `from` on: where it ends, whether an alphabet character ends it within MAX_LINE_GAP bytes, whether it is a
 * line end with nothing but indentation, quotes and the like, whether the bytes end before that is known.
 */
function gapAfter(
  bytes: Buffer,
  from: number,
  alphabet: number,
): { at: number; ends: boolean; isLineEnd: boolean; cut: boolean } {
  const limit = from + MAX_LINE_GAP;
  let hasLineEnd = false;
  let isPlain = true;
  let at = from;
  while (at < limit && at < bytes.length && !isIn(bytes, at, alphabet)) {
    const byte = bytes[at] as number;
    if (byte === LINE_FEED || byte === RETURN) hasLineEnd = true;
    else if (((CLASS[byte] as number) & LINE_GAP) === 0) isPlain = false;
    at++;
  }
  const cut = at === bytes.length && at <= limit;
  return { at, ends: !cut && isIn(bytes, at, alphabet), isLineEnd: hasLineEnd && isPlain, cut };
}
