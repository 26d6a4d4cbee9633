/**
 * A secret in pieces that lie in the parts of a structure: its values are looked at one after the other, as whoever gets them can put
 * them together. JSON and forms have a scanner of their own (joined.ts).
 */
import type { Layer } from '../scan/layer.ts';
import type { Survey } from '../scan/simd/survey.ts';
import type { Origin, RunScanner } from '../scan/types.ts';
import { MAX_DRESSED_MESSAGE } from './dressed.ts';
import { JOINED, MAX_JOIN_HOLD } from './joined.ts';
import { Multipart } from './structure/multipart.ts';
import { Protobuf } from './structure/protobuf.ts';
import { SoftLines } from './structure/soft-lines.ts';
import type { NextBreak, Structure } from './structure/values.ts';
import { Xml } from './structure/xml.ts';

/** What the first bytes that are no blanks may begin; `all`: values that are more than a word too. A boundary begins with two hyphens. */
function structuresOf(bytes: Buffer, all: boolean): Structure[] {
  let at = 0;
  while (at < bytes.length && isBlank(bytes[at] as number)) at++;
  const structures: Structure[] = [];
  if (bytes[at] === 0x3c) structures.push(new Xml(false, all), new Xml(true, all));
  else if (bytes[at] === 0x2d && (bytes[at + 1] ?? 0x2d) === 0x2d) {
    structures.push(new Multipart(false, all), new Multipart(true, all));
  }
  if (isProtobuf(bytes[0] as number)) structures.push(new Protobuf(all));
  return structures;
}

/** Whether the first byte may be a field's tag, of a number below 16, or that of a frame. */
function isProtobuf(first: number): boolean {
  const type = first & 7;
  return first < 0x80 && type !== 3 && type !== 4 && type < 6;
}

function isBlank(byte: number): boolean {
  return byte >= 0x09 && byte <= 0x20;
}

/** All structures of a layer. */
export class StructureScanner implements RunScanner {
  private readonly layer: Layer;
  /** Undefined: not begun. */
  private readers: StructureReader[] | undefined;

  constructor(layer: Layer) {
    this.layer = layer;
  }

  restart(): void {
    this.readers = undefined;
  }

  needed(): number {
    return Number.POSITIVE_INFINITY;
  }

  decided(): number {
    let decided = Number.POSITIVE_INFINITY;
    for (const reader of this.readers ?? []) decided = Math.min(decided, reader.decided());
    return decided;
  }

  scan(bytes: Buffer, base: number, final: boolean, survey: Survey): void {
    if (this.readers === undefined && bytes.length > 0) this.readers = this.begin(bytes, base === 0 && final, survey);
    for (const reader of this.readers ?? []) reader.scan(bytes, base, final, survey);
  }

  private begin(bytes: Buffer, isWhole: boolean, survey: Survey): StructureReader[] {
    const { layer } = this;
    const readers: StructureReader[] = [];
    const structures = layer.isCut ? [] : structuresOf(bytes, false);
    for (const structure of structures) readers.push(new StructureReader(layer, structure, JOINED));
    if (isWhole && layer.depth === 0 && layer.messageBytes <= MAX_DRESSED_MESSAGE) {
      for (const structure of structuresOf(bytes, true)) readers.push(new StructureReader(layer, structure, JOINED));
    }
    // Most of what was decoded has none.
    const mayBreak = !isWhole || survey.nextSoftBreak(0) < bytes.length;
    if (mayBreak && layer.decoder !== SOFT_LINES) readers.push(new StructureReader(layer, new SoftLines(), SOFT_LINES));
    return readers;
  }
}

const SOFT_LINES = 'quoted-printable';

interface Mark {
  made: number;
  offset: number;
}

class StructureReader {
  private readonly layer: Layer;
  private readonly origin: Origin;
  /** Undefined: the text is of another kind. */
  private structure: Structure | undefined;
  private cursor = 0;
  private made = 0;
  private marks: Mark[] = [];
  private child: Layer | undefined;
  private whole: Layer | undefined;

  constructor(layer: Layer, structure: Structure, decoder: string) {
    this.layer = layer;
    this.structure = structure;
    this.origin = { layer, decoder, outerOffset: (made) => this.offsetOf(made) };
  }

  decided(): number {
    if (this.child === undefined) return Number.POSITIVE_INFINITY;
    return Math.max(this.offsetOf(this.child.decided()), this.cursor - MAX_JOIN_HOLD);
  }

  scan(bytes: Buffer, base: number, final: boolean, survey: Survey): void {
    const from = Math.max(0, this.cursor - base);
    const nextBreak = (at: number) => survey.nextSoftBreak(from + at) - from;
    if (this.structure) this.read(this.structure, bytes.subarray(from), nextBreak);
    this.cursor = base + bytes.length;
    if (final) this.end();
  }

  private end(last?: Buffer): void {
    this.child?.end(last);
    this.child = undefined;
    this.made = 0;
    this.marks = [];
  }

  private read(structure: Structure, bytes: Buffer, nextBreak: NextBreak): void {
    const joined = structure.take(bytes, nextBreak);
    if (joined === undefined) {
      this.structure = undefined;
      this.end();
      return;
    }
    if (joined.length === 0) return;
    this.marks.push({ made: this.made, offset: this.cursor });
    this.made += joined.length;
    if (structure.isBetween === true) {
      if (this.child === undefined) this.child = this.restarted();
      this.end(joined);
      return;
    }
    this.child ??= this.layer.below(this.origin);
    this.child.push(joined);
    const decided = this.child.decided();
    let passed = 0;
    while (passed + 1 < this.marks.length && (this.marks[passed + 1] as Mark).made <= decided) passed++;
    this.marks.splice(0, passed);
  }

  /** A layer for what is there as a whole: the same each time. */
  private restarted(): Layer {
    if (this.whole === undefined) this.whole = this.layer.below(this.origin);
    else this.whole.restart();
    return this.whole;
  }

  private offsetOf(made: number): number {
    let offset = 0;
    for (const mark of this.marks) if (mark.made <= made) offset = mark.offset;
    return offset;
  }
}
