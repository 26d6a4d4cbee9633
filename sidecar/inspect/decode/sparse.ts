/** Characters that stand alone among bytes that are none, as in UTF-32 or with invalid UTF-8 between them. */
import { isUtf8 } from 'node:buffer';
import { CLASS, NO_TEXT } from '../scan/classes.ts';
import type { Layer } from '../scan/layer.ts';
import type { Survey } from '../scan/simd/survey.ts';
import type { RunScanner } from '../scan/types.ts';
import { RunText } from './run-text.ts';
import { decodedBuffer } from './scratch.ts';

/** Bytes that are no characters between two, at most. */
export const MAX_SPARSE_GAP = 3;
/** Characters in a row, with nothing between, that end it. */
const MOST_TOGETHER = 4;
/** The shortest URL with a password has so many. */
const LEAST_MADE = 12;
/** Bytes before a place that the characters are looked for in, too. */
const BACK = 64;

export class SparseScanner implements RunScanner {
  private readonly layer: Layer;
  private cursor = 0;
  private isOpen = false;
  private start = 0;
  private gap = 0;
  private together = 0;
  /** Made when something is found, which is rare. */
  private text: RunText | undefined;

  constructor(layer: Layer) {
    this.layer = layer;
  }

  restart(): void {
    this.cursor = 0;
    this.isOpen = false;
    this.text?.restart();
  }

  needed(): number {
    return Math.max(0, this.isOpen ? this.cursor : this.cursor - BACK);
  }

  decided(): number {
    if (!this.isOpen) return this.needed();
    // Each character takes a byte or more.
    return Math.min(this.cursor, this.start + (this.text?.decided() ?? 0));
  }

  scan(bytes: Buffer, base: number, final: boolean, survey: Survey): void {
    let at = this.cursor - base;
    for (;;) {
      if (!this.isOpen) {
        const found = survey.nextSparse(at, final);
        if (found < 0) {
          at = -1 - found;
          break;
        }
        if (!isVaried(bytes, found) || isUtf16(bytes, found) || isValid(bytes, found)) {
          at = found + 1;
          continue;
        }
        at = begin(bytes, found, Math.max(0, at - BACK));
        this.isOpen = true;
        this.start = base + at;
        this.gap = 0;
        this.together = 0;
      }
      const out = decodedBuffer(this.layer.depth, bytes.length - at);
      let length = 0;
      let closed = final;
      for (; at < bytes.length; at++) {
        const byte = bytes[at] as number;
        if (isText(byte)) {
          if (++this.together > MOST_TOGETHER) closed = true;
          this.gap = 0;
          out[length++] = byte;
        } else {
          if (++this.gap > MAX_SPARSE_GAP) closed = true;
          this.together = 0;
        }
        if (closed && !final) break;
        if (this.together > MOST_TOGETHER || this.gap > MAX_SPARSE_GAP) break;
      }
      this.feed(out.subarray(0, length), closed);
      if (!closed) break;
      this.isOpen = false;
      if (at >= bytes.length) break;
      at++;
    }
    this.cursor = base + at;
  }

  private feed(bytes: Buffer, last: boolean): void {
    const { layer, text } = this;
    if (last && text?.isOpen !== true && bytes.length < LEAST_MADE) return;
    this.text ??= new RunText(layer, { layer, decoder: 'sparse', outerOffset: (made) => this.start + made });
    this.text.feed(bytes, last);
  }
}

function isText(byte: number): boolean {
  return ((CLASS[byte] as number) & NO_TEXT) === 0;
}

/** Bytes of which the characters are looked at, and how many different ones text has among them. */
const LOOKED_AT = 48;
const LEAST_DIFFERENT = 5;

/** Whether they are more than a pattern that is repeated. */
function isVaried(bytes: Buffer, place: number): boolean {
  const seen = new Set<number>();
  const to = Math.min(bytes.length, place + LOOKED_AT);
  for (let at = Math.max(0, place - LOOKED_AT); at < to && seen.size < LEAST_DIFFERENT; at++) {
    if (isText(bytes[at] as number)) seen.add(bytes[at] as number);
  }
  return seen.size >= LEAST_DIFFERENT;
}

/** Whether each second byte is NUL: another decoder's. */
function isUtf16(bytes: Buffer, place: number): boolean {
  const first = bytes[place] === 0 ? place : place + 1;
  return bytes[first] === 0 && bytes[first + 2] === 0 && bytes[first + 1] !== 0 && bytes[first + 3] !== 0;
}

/** Whether what stands between is characters too, in UTF-8: the decoder of what is not seen leaves them out. */
function isValid(bytes: Buffer, place: number): boolean {
  let from = place;
  while (from < bytes.length && !isText(bytes[from] as number)) from++;
  let to = Math.min(bytes.length, from + LOOKED_AT);
  while (to > from && !isText(bytes[to - 1] as number)) to--;
  const part = bytes.subarray(from, to);
  return isUtf8(part) && part.every((byte) => byte >= 0x80 || isText(byte));
}

/** Where the characters begin that go on at `place`. */
function begin(bytes: Buffer, place: number, floor: number): number {
  let at = place;
  let gap = 0;
  let together = 0;
  for (let i = place - 1; i >= floor; i--) {
    if (isText(bytes[i] as number)) {
      if (++together > MOST_TOGETHER) break;
      gap = 0;
      at = i;
    } else {
      if (++gap > MAX_SPARSE_GAP) break;
      together = 0;
    }
  }
  return at;
}
