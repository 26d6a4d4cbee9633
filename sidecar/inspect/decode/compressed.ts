/**
 * Compressed data anywhere in a text: what it decompresses to is a layer below. Members of an archive, and what stands behind
 * the end of the data, are found by what they begin with; data that is cut off is read as far as it goes.
 */
import type { Layer, Origin, RunScanner } from '../scan/layer.ts';
import { CONTAINERS, headless } from './containers.ts';
import { unannounced } from './headless.ts';
import { type Compression, Inflater } from './inflater.ts';

/** Compressed bytes taken at a time, so that what was not decided yet is known as finely. */
const SLICE = 8 * 1024;
/** Compressed bytes that may have been taken before what they become comes out: zstd waits for a block (RFC 8878, 3.1.1.2.4). */
export const COMPRESSED_LAG = 128 * 1024;

interface Mark {
  /** How much had come out when so much of the layer had been taken. */
  offset: number;
  made: number;
}

export class CompressedScanner implements RunScanner {
  private readonly layer: Layer;
  private readonly origin: Origin;
  /** Offset up to which the input was taken by the data that is being decompressed, or was last. */
  private cursor = 0;
  /** Whether the beginning of the layer was looked at. */
  private begun = false;
  private start = 0;
  /** Offset up to which the layer's bytes are explained by what came out. */
  private explained = 0;
  private lag = 0;
  private made = 0;
  private inflater: Inflater | undefined;
  private child: Layer | undefined;
  private marks: Mark[] = [];

  constructor(layer: Layer) {
    this.layer = layer;
    this.origin = { layer, isInflated: true, decoder: '', outerOffset: (made) => this.offsetOf(made) };
  }

  restart(): void {
    this.close();
    this.cursor = 0;
    this.begun = false;
  }

  needed(): number {
    return Number.POSITIVE_INFINITY;
  }

  decided(): number {
    if (this.child === undefined) return Number.POSITIVE_INFINITY;
    return Math.max(this.start, this.offsetOf(this.child.decided()) - this.lag);
  }

  /** The layer is given up: frees what the decompression holds. */
  close(): void {
    this.inflater?.close();
    this.inflater = undefined;
    this.child = undefined;
  }

  scan(bytes: Buffer, base: number, final: boolean): void {
    const magics = this.layer.takeMagics();
    if (!this.begun && bytes.length >= 2) {
      this.begun = true;
      for (const begin of this.layer.begins()) {
        const compression = headless(bytes, begin);
        if (compression !== undefined) this.read(compression, compression, begin, begin, bytes, base);
      }
      if (this.inflater === undefined && this.layer.depth === 0) {
        const compression = unannounced(bytes);
        if (compression !== undefined) this.read(compression, compression, 0, 0, bytes, base);
      }
    }
    this.goOn(bytes, base);
    for (const { container, offset } of magics) {
      if (this.inflater !== undefined) break;
      if (offset < this.cursor || offset < base) continue;
      const found = CONTAINERS[container]?.open(bytes, offset - base);
      if (found === undefined) continue;
      this.read(CONTAINERS[container]?.name ?? '', found.compression, offset, found.from, bytes, base);
    }
    if (final && this.child !== undefined) this.end();
  }

  private read(
    name: string,
    compression: Compression,
    offset: number,
    from: number,
    bytes: Buffer,
    base: number,
  ): void {
    this.origin.decoder = name;
    this.start = offset;
    this.explained = offset;
    this.lag = compression === 'deflate' || compression === 'zlib' ? 0 : COMPRESSED_LAG;
    this.made = 0;
    this.marks = [{ offset, made: 0 }];
    this.inflater = new Inflater(compression);
    this.child = this.layer.below(this.origin);
    this.cursor = base + from;
    this.goOn(bytes, base);
  }

  /** Takes the rest of the window, or what there is until the data ends. */
  private goOn(bytes: Buffer, base: number): void {
    const { inflater, child } = this;
    if (inflater === undefined || child === undefined) return;
    const { budget } = this.layer.context;
    let at = this.cursor - base;
    while (at < bytes.length) {
      const slice = bytes.subarray(at, at + SLICE);
      const taken = inflater.write(slice, (made) => {
        this.made += made.length;
        budget.unpack(made.length);
        child.push(made);
      });
      at += Math.max(taken, 0);
      this.marks.push({ offset: base + at, made: this.made });
      this.explain(base + at);
      this.forget();
      if (taken < slice.length) {
        this.end();
        break;
      }
    }
    this.cursor = base + at;
  }

  private end(): void {
    this.child?.end();
    this.explain(this.marks.at(-1)?.offset ?? this.start);
    this.close();
  }

  /** Of what was taken, so much as what came out can be made of. */
  private explain(taken: number): void {
    const { meter } = this.child ?? {};
    const to = meter ? Math.min(taken, this.start + Math.floor(meter.allowance)) : 0;
    if (to <= this.explained) return;
    this.layer.explain(this.explained, to);
    this.explained = to;
  }

  private forget(): void {
    const decided = this.child?.decided() ?? 0;
    let passed = 0;
    while (passed + 1 < this.marks.length && (this.marks[passed + 1] as Mark).made <= decided) passed++;
    this.marks.splice(0, passed);
  }

  private offsetOf(made: number): number {
    let offset = this.start;
    for (const mark of this.marks) {
      if (mark.made > made) break;
      offset = mark.offset;
    }
    return offset;
  }
}
