/** Bytes as decimal numbers with anything but letters and digits between: `[65,75]`, `65 75`, `&#65;&#75;`. */
import type { Layer } from '../scan/layer.ts';
import { type Digits, digitsAt } from '../scan/simd/digits.ts';
import type { Survey } from '../scan/simd/survey.ts';
import { EXACT_TABLE } from '../scan/table.ts';
import type { RunScanner } from '../scan/types.ts';
import { RunText } from './run-text.ts';

/** Numbers that make a run; the shortest secret has twenty characters. */
export const MIN_NUMBERS = 16;

interface Mark {
  made: number;
  offset: number;
}

export class NumberScanner implements RunScanner {
  private readonly layer: Layer;
  private readonly text: RunText;
  private readonly digits: Digits;
  private cursor = 0;
  private made = 0;
  private marks: Mark[] = [];
  private isOpen = false;

  constructor(layer: Layer) {
    this.layer = layer;
    this.digits = digitsAt(layer.depth);
    this.text = new RunText(layer, { layer, decoder: 'decimal', outerOffset: (made) => this.offsetOf(made) });
  }

  restart(): void {
    this.cursor = 0;
    this.isOpen = false;
    this.text.restart();
  }

  needed(): number {
    // What precedes a number tells whether it is one.
    return Math.max(0, this.cursor - 1);
  }

  decided(): number {
    if (!this.isOpen) return this.needed();
    return this.offsetOf(this.text.decided());
  }

  scan(bytes: Buffer, base: number, final: boolean, survey: Survey): void {
    let at = this.cursor - base;
    for (;;) {
      if (!this.isOpen) {
        const found = survey.nextNumbers(at, final, MIN_NUMBERS);
        at = found < 0 ? -1 - found : found;
        if (found < 0) break;
        this.isOpen = true;
        this.made = 0;
        this.marks = [];
      }
      this.marks.push({ made: this.made, offset: base + at });
      const numbers = survey.readNumbers(at, final);
      at = numbers.at;
      this.made += numbers.bytes.length;
      this.feed(numbers.bytes, numbers.closed);
      this.isOpen = !numbers.closed;
      if (this.isOpen || at >= bytes.length) break;
    }
    this.cursor = base + at;
  }

  /** Most numbers are versions and sizes, in which nothing can be found, but for the user's own formats. */
  private feed(bytes: Buffer, last: boolean): void {
    const { budget, known, patterns } = this.layer.context;
    const isWhole = last && !this.text.isOpen && patterns?.index === undefined;
    if (isWhole && !this.digits.isLoud(bytes, EXACT_TABLE.literals, known?.grams(false)?.filter)) {
      budget.charge(bytes.length);
    } else this.text.feed(bytes, last);
  }

  /** Where the number is, or stands at the latest before it, that became a byte: as many bytes on as there are numbers, at least. */
  private offsetOf(made: number): number {
    let mark: Mark = { made: 0, offset: this.cursor };
    for (const later of this.marks) if (later.made <= made) mark = later;
    return mark.offset + Math.max(0, made - mark.made);
  }
}
