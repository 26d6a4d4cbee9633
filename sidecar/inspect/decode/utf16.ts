/** Text of two bytes a character, in either order (UTF-16 of what is latin1): a run in which every second byte is NUL. */
import type { Layer } from '../scan/layer.ts';
import type { Survey } from '../scan/simd/survey.ts';
import type { RunScanner } from '../scan/types.ts';
import { RunText } from './run-text.ts';
import { decodedBuffer } from './scratch.ts';

/** Characters that make a run; the shortest secret has twenty. */
export const MIN_UTF16_RUN = 16;

export class Utf16Scanner implements RunScanner {
  private readonly layer: Layer;
  private readonly text: RunText;
  private cursor = 0;
  private isOpen = false;
  /** Offset of the first character of the run. */
  private start = 0;

  constructor(layer: Layer) {
    this.layer = layer;
    const outerOffset = (offset: number) => this.start + 2 * offset;
    this.text = new RunText(layer, { layer, decoder: 'utf-16', outerOffset });
  }

  restart(): void {
    this.cursor = 0;
    this.isOpen = false;
    this.text.restart();
  }

  needed(): number {
    return this.cursor;
  }

  decided(): number {
    if (!this.isOpen) return this.cursor;
    return Math.min(this.cursor, this.start + 2 * this.text.decided());
  }

  scan(bytes: Buffer, base: number, final: boolean, survey: Survey): void {
    if (!this.isOpen && !survey.hasBreak) {
      // There is no NUL; the first may follow.
      this.cursor = Math.max(this.cursor, base + bytes.length - (final ? 0 : 1));
      return;
    }
    let at = this.cursor - base;
    for (;;) {
      if (!this.isOpen) {
        // A run may begin a little before.
        const near = survey.nextAlternating(at) - 2 * MIN_UTF16_RUN;
        const found = find(bytes, Math.max(at, near), final);
        at = found.at;
        if (!found.found) break;
        this.isOpen = true;
        this.start = base + at;
      }
      const decoded = decodedBuffer(this.layer.depth, bytes.length);
      let length = 0;
      for (; isPair(bytes, at); at += 2) decoded[length++] = bytes[at] as number;
      const closed = final || at + 1 < bytes.length;
      // The last character of a run that began with its NUL.
      if (closed && at < bytes.length) decoded[length++] = bytes[at] as number;
      this.text.feed(decoded.subarray(0, length), closed);
      if (!closed) break;
      this.isOpen = false;
      if (at >= bytes.length) break;
    }
    this.cursor = base + at;
  }
}

/** A character and a NUL. A run that has the NUL first is one of these after its first byte. */
function isPair(bytes: Buffer, at: number): boolean {
  return at + 1 < bytes.length && bytes[at] !== 0 && bytes[at + 1] === 0;
}

/** Looks at a pair of bytes at intervals that no run fits between, then to both sides. */
function find(bytes: Buffer, from: number, final: boolean): { found: boolean; at: number } {
  const step = 2 * MIN_UTF16_RUN - 4;
  let floor = from;
  for (;;) {
    let probe = floor + step - 1;
    while (probe + 1 < bytes.length && (bytes[probe] === 0) === (bytes[probe + 1] === 0)) probe += step;
    if (probe + 1 >= bytes.length) {
      return { found: false, at: final ? bytes.length : Math.max(floor, Math.min(bytes.length, probe - step + 1)) };
    }
    const on = bytes[probe] === 0 ? probe + 1 : probe;
    let start = on;
    while (start - 2 >= floor && isPair(bytes, start - 2)) start -= 2;
    let end = on;
    while (end < start + 2 * MIN_UTF16_RUN && isPair(bytes, end)) end += 2;
    if (end >= start + 2 * MIN_UTF16_RUN) return { found: true, at: start };
    if (end + 1 >= bytes.length) return { found: false, at: final ? bytes.length : start };
    floor = Math.max(end, floor + 1);
  }
}
