/** Bytes as decimal numbers with anything but letters and digits between: `[65,75]`, `65 75`, `&#65;&#75;`. */
import type { Layer, Origin, RunScanner } from '../scan/layer.ts';
import type { Survey } from '../scan/simd/survey.ts';

/** Numbers that make a run; the shortest secret has twenty characters. */
export const MIN_NUMBERS = 16;

interface Mark {
  made: number;
  offset: number;
}

export class NumberScanner implements RunScanner {
  private readonly layer: Layer;
  private readonly origin: Origin;
  private cursor = 0;
  private made = 0;
  private marks: Mark[] = [];
  private isOpen = false;
  /** The layer below a run that goes on, and one for all that are seen whole. */
  private child: Layer | undefined;
  private shared: Layer | undefined;

  constructor(layer: Layer) {
    this.layer = layer;
    this.origin = { layer, decoder: 'decimal', outerOffset: (made) => this.offsetOf(made) };
  }

  restart(): void {
    this.cursor = 0;
    this.isOpen = false;
    this.child = undefined;
  }

  needed(): number {
    // What precedes a number tells whether it is one.
    return this.cursor - 1;
  }

  decided(): number {
    if (!this.isOpen) return this.needed();
    return this.child === undefined ? this.offsetOf(0) : this.offsetOf(this.child.decided());
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

  private feed(bytes: Buffer, last: boolean): void {
    if (!last) {
      this.child ??= this.layer.below(this.origin);
      this.child.push(bytes);
    } else if (this.child !== undefined) {
      this.child.end(bytes);
      this.child = undefined;
    } else {
      if (this.shared === undefined) this.shared = this.layer.below(this.origin);
      else this.shared.restart();
      this.shared.end(bytes);
    }
  }

  /** Where the number is, or stands at the latest before it, that became a byte: as many bytes on as there are numbers, at least. */
  private offsetOf(made: number): number {
    let mark: Mark = { made: 0, offset: this.cursor };
    for (const later of this.marks) if (later.made <= made) mark = later;
    return mark.offset + Math.max(0, made - mark.made);
  }
}
