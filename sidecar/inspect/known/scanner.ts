/** Looks for known secrets in one layer. Its input comes in windows like that of the decoders. */
import type { Form } from './forms.ts';
import { GRAM, type Grams } from './grams.ts';
import { judgeRun, type KnownFinding, type KnownIndex } from './set.ts';

/** Bytes before a place that a run found there may begin at, unless all of a value has to be there. */
const REACH = 64;

export type ReportKnown = (finding: KnownFinding, at: number, encoding: string) => void;

export class KnownScanner {
  readonly #set: KnownIndex | undefined;
  readonly #folded: boolean;
  readonly #report: ReportKnown;
  /** The next place to look at. */
  #cursor = 0;
  /** Where something begins that goes on beyond the window. */
  #begun: number | undefined;

  constructor(set: KnownIndex | undefined, folded: boolean, report: ReportKnown) {
    this.#set = set;
    this.#folded = folded;
    this.#report = report;
  }

  restart(): void {
    this.#cursor = 0;
    this.#begun = undefined;
  }

  needed(): number {
    return this.#set?.isEmpty === false ? Math.max(0, this.decided() - REACH) : this.#cursor;
  }

  decided(): number {
    const grams = this.#set?.grams(this.#folded);
    if (!grams) return this.#cursor;
    // What begins behind the last look may have its first eight at the next.
    return Math.max(0, Math.min(this.#begun ?? this.#cursor, this.#cursor - grams.stride + 1));
  }

  /** As a RunScanner does; `text` is where `bytes` are in the WebAssembly's memory. */
  scan(bytes: Buffer, base: number, final: boolean, text: number): void {
    this.#begun = undefined;
    const grams = this.#set?.grams(this.#folded);
    if (!grams) {
      this.#cursor = base + bytes.length;
      return;
    }
    const end = bytes.length - GRAM + 1;
    let at = Math.max(0, this.#cursor - base);
    for (;;) {
      at = grams.filter.next(text, at, end);
      if (at >= end) break;
      const { begun, told } = this.#look(grams, bytes, at, base, final);
      if (begun !== undefined) {
        this.#begun = base + begun;
        break;
      }
      // What was told of is not looked at again, but for its end, where something else may begin.
      at = Math.max(at + grams.stride, told - REACH);
    }
    this.#cursor = base + at;
  }

  /**
   * Reports what stands around `at`. `told`: where that ends. `begun`: where something begins of which more has to come, if
   * something does.
   */
  #look(
    grams: Grams,
    bytes: Buffer,
    at: number,
    base: number,
    final: boolean,
  ): { begun: number | undefined; told: number } {
    let begun: number | undefined;
    let told = 0;
    for (const { form, offset } of grams.at(bytes, at)) {
      const from = offset - commonBefore(form, offset, bytes, at);
      const to = offset + commonAfter(form, offset, bytes, at);
      const start = at - (offset - from);
      const findings = judgeRun(form, from, to);
      for (const finding of findings) this.#report(finding, base + start, form.encoding);
      if (findings.length > 0) told = Math.max(told, at + to - offset);
      const goesOn = !final && findings.length === 0 && to < form.bytes.length && at + to - offset === bytes.length;
      // A part that is too short yet, or a whole that is not all there.
      if (goesOn && (from === 0 || (!form.wholeOnly && to - from < form.fragment))) {
        begun = Math.min(begun ?? start, start);
      }
    }
    return { begun, told };
  }
}

/** Bytes before both places that are the same. */
function commonBefore({ bytes: form, fragment, wholeOnly }: Form, offset: number, bytes: Buffer, at: number): number {
  const most = Math.min(offset, at, wholeOnly ? offset : fragment);
  let count = 0;
  while (count < most && form[offset - count - 1] === bytes[at - count - 1]) count++;
  return count;
}

/** Bytes from both places on that are the same; the first eight are. */
function commonAfter({ bytes: form }: Form, offset: number, bytes: Buffer, at: number): number {
  const most = Math.min(form.length - offset, bytes.length - at);
  let count = GRAM;
  while (count < most && form[offset + count] === bytes[at + count]) count++;
  return count;
}
