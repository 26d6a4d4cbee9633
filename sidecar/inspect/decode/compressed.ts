/**
 * Compressed data anywhere in a text: what it decompresses to is a layer below. Members of an archive, what stands behind the
 * end of the data and what lies within it are found by what they begin with; data that is cut off is read as far as it goes.
 */
import type { Layer } from '../scan/layer.ts';
import type { RunScanner } from '../scan/types.ts';
import { CONTAINERS, headless } from './containers.ts';
import { unannounced } from './headless.ts';
import { type Found, Portion, Reader } from './reader.ts';
import { lasting } from './scratch.ts';

export class CompressedScanner implements RunScanner {
  private readonly layer: Layer;
  private readonly open = { count: 0 };
  /** Those that go on with what the layer gets next. */
  private readers: Reader[] = [];
  /** Whether the beginning of the layer was looked at. */
  private begun = false;
  /** Offset up to which the layer was seen. */
  private seen = 0;

  constructor(layer: Layer) {
    this.layer = layer;
  }

  restart(): void {
    this.readers = [];
    this.begun = false;
    this.seen = 0;
  }

  needed(): number {
    return Number.POSITIVE_INFINITY;
  }

  decided(): number {
    if (this.readers.length === 0) return Number.POSITIVE_INFINITY;
    // A text can have had thousands that are over.
    this.readers = this.readers.filter(({ isOver }) => !isOver);
    return this.readers.reduce((decided, reader) => Math.min(decided, reader.decided()), Number.POSITIVE_INFINITY);
  }

  scan(bytes: Buffer, base: number, final: boolean): void {
    const found = this.begun || bytes.length < 2 ? [] : this.beginnings(bytes);
    if (bytes.length >= 2) this.begun = true;
    for (const { container, offset } of this.layer.takeMagics()) {
      if (offset < base) continue;
      const { header = 0, name = '', open } = CONTAINERS[container] ?? {};
      const data = open?.(bytes, offset - base);
      if (data === undefined) continue;
      found.push({ name, header, offset, from: base + data.from, compression: data.compression });
    }
    if (this.readers.length > 0 || found.length > 0) this.feed(found, bytes, base, final);
    this.seen = base + bytes.length;
  }

  private feed(found: readonly Found[], bytes: Buffer, base: number, final: boolean): void {
    const { layer } = this;
    const going = this.readers.filter(({ isOver }) => !isOver);
    const from = Math.min(...found.map(({ from }) => from), going.length > 0 ? this.seen : Number.POSITIVE_INFINITY);
    // The window is used for other texts.
    const kept = lasting(bytes.subarray(Math.max(0, from - base)));
    const first = base + bytes.length - kept.length;
    if (going.length > 0) {
      const more = new Portion(layer, kept.subarray(Math.max(0, this.seen - first)), Math.max(first, this.seen));
      for (const reader of going) reader.add(more);
    }
    const context = layer.context.lasting();
    const all = new Portion(layer, kept, first);
    const readers = [...going, ...found.map((data) => new Reader(layer, context, data, this.open, all))];
    if (final) for (const reader of readers) reader.finish();
    this.readers = final ? [] : readers;
    this.layer.context.jobs.add(readers);
  }

  /** What is compressed from where a text begins on. */
  private beginnings(bytes: Buffer): Found[] {
    const found: Found[] = [];
    for (const offset of this.layer.begins()) {
      const compression = headless(bytes, offset);
      if (compression !== undefined) found.push({ name: compression, header: 0, compression, offset, from: offset });
    }
    if (found.length > 0 || this.layer.depth > 0) return found;
    const compression = unannounced(bytes);
    return compression === undefined ? [] : [{ name: compression, header: 0, compression, offset: 0, from: 0 }];
  }
}
