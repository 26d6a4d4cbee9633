/** Percent-encoding (RFC 3986, 2.1): stretches of printable text around `%XX`, with the escapes replaced. */
import { CLASS, HEX, PRINTABLE } from '../scan/classes.ts';
import type { Layer, Origin, RunScanner } from '../scan/layer.ts';
import { scratch } from './scratch.ts';

/** Text before the first escape that may belong to a secret with an escape in it. */
export const PERCENT_BEFORE = 512;
/** Text after the last escape that may. */
export const PERCENT_AFTER = 2048;

const PERCENT = 0x25;
const MARK_EVERY = 256;

interface Mark {
  decoded: number;
  offset: number;
}

export class PercentScanner implements RunScanner {
  private readonly layer: Layer;
  private readonly origin: Origin;
  private cursor = 0;
  /** End of the last stretch: the next does not reach back into it. */
  private floor = 0;
  private isOpen = false;
  private lastEscape = 0;
  private decodedBytes = 0;
  private marks: Mark[] = [];
  private child: Layer | undefined;
  private shared: Layer | undefined;

  constructor(layer: Layer) {
    this.layer = layer;
    this.origin = { layer, decoder: 'percent', outerOffset: (offset) => this.offsetOf(offset) };
  }

  restart(): void {
    this.cursor = 0;
    this.floor = 0;
    this.isOpen = false;
  }

  needed(): number {
    return this.isOpen ? this.cursor : Math.max(0, this.cursor - PERCENT_BEFORE);
  }

  decided(): number {
    if (!this.isOpen) return this.needed();
    return this.child === undefined ? this.cursor : Math.min(this.cursor, this.offsetOf(this.child.decided()));
  }

  scan(bytes: Buffer, base: number, final: boolean): void {
    let at = this.cursor - base;
    for (;;) {
      if (!this.isOpen) {
        const start = this.find(bytes, at, base, final);
        at = start.at;
        if (!start.found) break;
        this.isOpen = true;
        this.decodedBytes = 0;
        this.marks = [];
        this.child = undefined;
      }
      const end = this.decode(bytes, at, base, final);
      at = end.at;
      if (!end.closed) break;
      this.isOpen = false;
      this.floor = base + at;
    }
    this.cursor = base + at;
  }

  private find(bytes: Buffer, from: number, base: number, final: boolean): { found: boolean; at: number } {
    let at = from;
    for (;;) {
      const found = bytes.indexOf(PERCENT, at);
      if (found < 0) return { found: false, at: bytes.length };
      if (found + 2 >= bytes.length) return { found: false, at: final ? bytes.length : found };
      at = found + 1;
      if (!isEscape(bytes, found)) continue;
      const edge = Math.max(0, this.floor - base, found - PERCENT_BEFORE);
      let start = found;
      while (start > edge && ((CLASS[bytes[start - 1] as number] as number) & PRINTABLE) !== 0) start--;
      this.lastEscape = base + found;
      return { found: true, at: start };
    }
  }

  private decode(bytes: Buffer, from: number, base: number, final: boolean): { closed: boolean; at: number } {
    const { decoded } = scratch(this.layer.depth, bytes.length);
    let length = 0;
    let at = from;
    let closed = false;
    let nextMark = 0;
    for (; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (length >= nextMark) {
        this.marks.push({ decoded: this.decodedBytes + length, offset: base + at });
        nextMark = length + MARK_EVERY;
      }
      if (byte === PERCENT) {
        if (at + 2 >= bytes.length && !final) break;
        if (isEscape(bytes, at)) {
          decoded[length++] = hexValue(bytes[at + 1] as number) * 16 + hexValue(bytes[at + 2] as number);
          this.lastEscape = base + at;
          at += 2;
          continue;
        }
      }
      closed = ((CLASS[byte] as number) & PRINTABLE) === 0 || base + at - this.lastEscape > PERCENT_AFTER;
      if (closed) break;
      decoded[length++] = byte;
    }
    closed ||= final;
    this.feed(decoded.subarray(0, length), closed);
    return { closed, at };
  }

  private feed(bytes: Buffer, last: boolean): void {
    this.decodedBytes += bytes.length;
    if (!last) {
      this.child ??= this.layer.below(this.origin);
      this.child.push(bytes);
      const decided = this.child.decided();
      let passed = 0;
      while (passed + 1 < this.marks.length && (this.marks[passed + 1] as Mark).decoded <= decided) passed++;
      this.marks.splice(0, passed);
    } else if (this.child !== undefined) {
      this.child.end(bytes);
      this.child = undefined;
    } else {
      if (this.shared === undefined) this.shared = this.layer.below(this.origin);
      else this.shared.restart();
      this.shared.end(bytes);
    }
  }

  private offsetOf(decoded: number): number {
    let mark = this.marks[0];
    for (const later of this.marks) {
      if (later.decoded > decoded) break;
      mark = later;
    }
    return mark === undefined ? this.floor : mark.offset + Math.max(0, decoded - mark.decoded);
  }
}

function isEscape(bytes: Buffer, at: number): boolean {
  const first = bytes[at + 1];
  const second = bytes[at + 2];
  if (first === undefined || second === undefined) return false;
  return ((CLASS[first] as number) & (CLASS[second] as number) & HEX) !== 0;
}

/** Value of a hex digit. */
function hexValue(byte: number): number {
  return byte <= 0x39 ? byte - 0x30 : (byte & 0x0f) + 9;
}
