/** Text in base32, 45, 58, 85 and 91 and in uuencode: begins where the search says that its digits are text, ends where they do. */
import type { Layer } from '../scan/layer.ts';
import type { DigitKind, Survey } from '../scan/simd/survey.ts';
import type { Origin, RunScanner } from '../scan/types.ts';
import { type Codec, codecOf } from './codecs.ts';
import { decodedBuffer } from './scratch.ts';

/** Bytes before a place that the text is looked for in, too. */
const BACK = 64;
/** Decoded bytes between two marks, about. */
const MARK_EVERY = 64;
/** The most that a character makes. */
const MOST_OF_ONE = 8;

interface Mark {
  made: number;
  offset: number;
}

export class DenseScanner implements RunScanner {
  private readonly layer: Layer;
  private readonly kind: DigitKind;
  /** Made when something is found, which is rare. */
  private origin: Origin | undefined;
  private codec: Codec | undefined;
  private cursor = 0;
  private start = 0;
  private made = 0;
  private marks: Mark[] | undefined;
  private child: Layer | undefined;

  constructor(layer: Layer, kind: DigitKind) {
    this.layer = layer;
    this.kind = kind;
  }

  restart(): void {
    this.cursor = 0;
    this.codec = undefined;
    this.child = undefined;
  }

  needed(): number {
    return Math.max(0, this.codec === undefined ? this.cursor - BACK : this.cursor);
  }

  decided(): number {
    if (this.codec === undefined) return this.needed();
    return this.child === undefined ? this.start : Math.min(this.needed(), this.offsetOf(this.child.decided()));
  }

  scan(bytes: Buffer, base: number, final: boolean, survey: Survey): void {
    let at = this.cursor - base;
    for (;;) {
      if (this.codec === undefined) {
        const found = survey.nextDigits(this.kind, at, final, base === 0);
        if (found.at < 0) {
          at = -1 - found.at;
          break;
        }
        at = this.open(bytes, base, found.at, at, found.codec);
      }
      const end = this.read(bytes, base, at, final);
      at = end.at;
      if (!end.closed) break;
      this.codec = undefined;
    }
    this.cursor = base + at;
  }

  /** Begins a text at `place`, or as many groups before it, but not before `floor`, as are text. */
  private open(bytes: Buffer, base: number, place: number, floor: number, number: number): number {
    const charge = (work: number) => this.layer.context.budget.charge(work);
    this.codec = codecOf(number, charge);
    const { group, name } = this.codec;
    let at = place;
    const out = new Uint8Array(MOST_OF_ONE);
    while (group > 0 && at - group >= Math.max(0, floor - BACK) && place - at < BACK) {
      const probe = codecOf(number, charge);
      let end = 0;
      for (let i = at - group; i < at && end >= 0; i++) end = probe.take(bytes[i] as number, out, end);
      if (end <= 0 || !out.subarray(0, end).every((byte) => byte >= 0x20 && byte < 0x7f)) break;
      at -= group;
    }
    this.origin ??= { layer: this.layer, decoder: name, outerOffset: (made) => this.offsetOf(made) };
    this.origin.decoder = name;
    this.start = base + at;
    this.made = 0;
    this.marks = [{ made: 0, offset: this.start }];
    this.child = undefined;
    return at;
  }

  private read(bytes: Buffer, base: number, from: number, final: boolean): { at: number; closed: boolean } {
    const codec = this.codec as Codec;
    const out = decodedBuffer(this.layer.depth, 4 * (bytes.length - from) + codec.room() + 2 * MOST_OF_ONE);
    let at = from;
    let length = 0;
    let marked = 0;
    let closed = final;
    for (; at < bytes.length; at++) {
      const end = codec.take(bytes[at] as number, out, length);
      if (end < 0) {
        closed = true;
        break;
      }
      length = end;
      if (length - marked < MARK_EVERY) continue;
      marked = length;
      this.marks?.push({ made: this.made + length, offset: base + at + 1 });
    }
    const room = codec.room();
    if (closed && room > out.length - length) {
      const last = Buffer.alloc(length + room);
      last.set(out.subarray(0, length));
      this.feed(last.subarray(0, codec.end(last, length)), true);
    } else this.feed(out.subarray(0, closed ? codec.end(out, length) : length), closed);
    return { at, closed };
  }

  private feed(bytes: Buffer, last: boolean): void {
    this.made += bytes.length;
    if (last && bytes.length === 0 && this.child === undefined) return;
    this.child ??= this.layer.below(this.origin as Origin);
    if (last) {
      this.child.end(bytes);
      this.child = undefined;
      return;
    }
    this.child.push(bytes);
    const decided = this.child.decided();
    const marks = this.marks ?? [];
    let passed = 0;
    while (passed + 1 < marks.length && (marks[passed + 1] as Mark).made <= decided) passed++;
    marks.splice(0, passed);
  }

  private offsetOf(made: number): number {
    let offset = this.start;
    for (const mark of this.marks ?? []) {
      if (mark.made > made) break;
      offset = mark.offset;
    }
    return offset;
  }
}
