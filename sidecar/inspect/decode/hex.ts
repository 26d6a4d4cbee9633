/** Hex dumps: plain, wrapped, or with any delimiters (`41:4b`, `41 4b`, `\x41\x4b`, `0x41, 0x4b`, `=41=4b`, `&#x41;`). */
import type { Layer } from '../scan/layer.ts';
import type { RunScanner } from '../scan/types.ts';
import { type DigitFormat, DigitRun } from './digits.ts';

/** Digits that make a dump: sixteen bytes. */
export const MIN_HEX_DIGITS = 32;
/** Most characters between two digits of a dump. */
export const MAX_HEX_GAP = 16;

export const HEX_FORMAT: DigitFormat = {
  name: 'hex',
  digits: 2,
  bytes: 1,
};

export class HexScanner implements RunScanner {
  private readonly run: DigitRun;
  private cursor = 0;
  private isOpen = false;
  private gap = 0;

  constructor(layer: Layer) {
    this.run = new DigitRun(layer, HEX_FORMAT, { least: MIN_HEX_DIGITS, line: 0, piece: 0, gap: MAX_HEX_GAP });
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
    if (this.isOpen) this.run.resume();
    for (;;) {
      if (!this.isOpen) {
        const start = this.run.nextLoud(at, final);
        at = start < 0 ? -1 - start : start;
        if (start < 0) break;
        this.isOpen = true;
        this.gap = 0;
        this.run.open();
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
    const { at, since, why } = this.run.addDump(from, base, this.gap, MAX_HEX_GAP);
    this.gap = since;
    if (why === 'closed') return { closed: true, at };
    // The 0 at the very end may turn out to belong to `0x`.
    if (final || since > 0 || at === from || bytes[at - 1] !== 0x30) return { closed: final, at };
    this.run.dropLast();
    return { closed: false, at: at - 1 };
  }
}
