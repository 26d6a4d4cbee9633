import type { Job } from '../jobs.ts';
import { Anchors } from '../scan/anchors.ts';
import type { Anchor } from '../scan/types.ts';
import type { Compression } from './inflater.ts';
import { type Found, type Portion, Reader, type Source } from './reader.ts';

/** What all of one kind have in common. */
interface Kind {
  name: string;
  compression: Compression;
  header: number;
}

/**
 * Compressed data that begin in one text, as numbers, since a block can begin thousands: one after the other is read, as far as there is
 * something to read.
 */
export class Beginnings implements Job {
  private readonly source: Source;
  private readonly waits: (reader: Reader) => void;
  private readonly kinds: Kind[] = [];
  private readonly offsets: number[] = [];
  private readonly froms: number[] = [];
  private readonly anchors = new Anchors();
  private next = 0;
  /** That of the next. */
  private reader: Reader | undefined;

  /** `waits` gets readers that have come to the end of the text, and go on when more of it comes. */
  constructor(source: Source, waits: (reader: Reader) => void) {
    this.source = source;
    this.waits = waits;
  }

  add({ compression, from, header, name, offset }: Found, anchor: Anchor): void {
    const last = this.kinds.at(-1);
    const isSame = last?.name === name && last.compression === compression && last.header === header;
    this.kinds.push(isSame ? last : { compression, header, name });
    this.offsets.push(offset);
    this.froms.push(from);
    this.anchors.add(anchor);
  }

  /** More of the text. */
  goOn(portion: Portion): void {
    const { source } = this;
    source.messageBytes = source.layer.messageBytes;
    source.portions.push(portion);
    this.reader?.add(portion);
  }

  /** No more comes. */
  finish(): void {
    this.source.isLast = true;
    this.reader?.finish();
  }

  /** All are over, or wait. */
  get isOver(): boolean {
    return this.reader === undefined && this.next === this.offsets.length;
  }

  /** Offset in the layer before which everything is decided of those that do not wait. */
  decided(): number {
    let decided = this.reader?.decided() ?? Number.POSITIVE_INFINITY;
    for (let index = this.next; index < this.offsets.length; index++) {
      decided = Math.min(decided, this.offsets[index] as number);
    }
    return decided;
  }

  step(): boolean {
    if (this.isOver) return true;
    this.reader ??= this.begin(this.next);
    if (!this.reader.step()) return false;
    if (!this.reader.isOver) this.waits(this.reader);
    this.reader = undefined;
    this.next++;
    return this.isOver;
  }

  close(): void {
    this.reader?.close();
    this.reader = undefined;
    this.next = this.offsets.length;
  }

  private begin(index: number): Reader {
    const offset = this.offsets[index] as number;
    const found = { ...(this.kinds[index] as Kind), from: this.froms[index] as number, offset };
    return new Reader(this.source, found, this.anchors.at(index));
  }
}
