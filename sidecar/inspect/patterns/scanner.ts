/** Looks for the user's own formats in one layer. Its input comes in windows like that of the decoders. */
import type { WorkBudget } from '../budget.ts';
import type { RunScanner } from '../scan/types.ts';
import type { Pattern, PatternSet } from './set.ts';

/** Bytes around a match that an assertion may look at. */
const CONTEXT = 1;
/** Work for each literal that is found, whatever comes of it. */
const LITERAL_WORK = 8;
/** Instructions that one byte of work pays for. */
const INSTRUCTIONS_PER_WORK = 64;
const UNANCHORED = 0;

export interface PatternScannerOptions {
  set: PatternSet | undefined;
  /** The layer is a host name, in lower case. */
  folded: boolean;
  budget(): WorkBudget;
  /** Of the window, the text that holds an offset; undefined: all of it. */
  part(offset: number): { from: number; to: number } | undefined;
  report(pattern: Pattern, at: number, value: Buffer): void;
}

export class PatternScanner implements RunScanner {
  readonly #options: PatternScannerOptions;
  /** Literals that begin before this offset are decided. */
  #cursor = 0;

  constructor(options: PatternScannerOptions) {
    this.#options = options;
  }

  restart(): void {
    this.#cursor = 0;
  }

  needed(): number {
    const { set } = this.#options;
    return set?.index === undefined ? this.#cursor : Math.max(0, this.decided() - CONTEXT);
  }

  decided(): number {
    return Math.max(0, this.#cursor - (this.#options.set?.before ?? 0));
  }

  scan(bytes: Buffer, base: number, final: boolean): void {
    const { set } = this.#options;
    if (set?.index === undefined) {
      this.#cursor = base + bytes.length;
      return;
    }
    const from = Math.max(0, this.#cursor - base);
    const to = final ? bytes.length : Math.max(from, bytes.length - set.after - CONTEXT);
    set.index.search(bytes, from, to, (pattern, at) => this.#look(pattern, bytes, at, base));
    this.#cursor = base + to;
  }

  /** Searches around a literal, no farther than a match with it may reach. */
  #look(pattern: Pattern, bytes: Buffer, at: number, base: number): void {
    const { folded, part, report } = this.#options;
    const bounds = part(at) ?? { from: 0, to: bytes.length };
    const start = Math.max(bounds.from, at - pattern.before);
    const from = Math.max(bounds.from, start - CONTEXT);
    const to = Math.min(bounds.to, at + pattern.decided + CONTEXT);
    this.#charge(pattern, to - from);
    const text = bytes.toString('latin1', from, to);
    const engine = folded ? pattern.folded : pattern.exact;
    if (!engine.re2().matchWithGroup(text, start - from, text.length, UNANCHORED, 0)[0]) return;
    // Where it is costs more than whether.
    this.#charge(pattern, 4 * (to - from));
    const matcher = engine.matcher(text);
    if (!matcher.find(start - from)) return;
    report(pattern, base + from + matcher.start(), bytes.subarray(from + matcher.start(), from + matcher.end()));
  }

  #charge({ instructions }: Pattern, bytes: number): void {
    this.#options.budget().charge(LITERAL_WORK + bytes * Math.ceil(instructions / INSTRUCTIONS_PER_WORK));
  }
}
