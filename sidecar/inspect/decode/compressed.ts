/**
 * Compressed data anywhere in a text: what it decompresses to is a layer below. Members of an archive, what stands behind the
 * end of the data and what lies within it are found by what they begin with; data that is cut off is read as far as it goes.
 */
import type { Layer } from '../scan/layer.ts';
import type { RunScanner } from '../scan/types.ts';
import { Beginnings } from './beginnings.ts';
import { CONTAINERS, headless } from './containers.ts';
import { unannounced } from './headless.ts';
import { type Found, Portion, READER_WORK, type Reader, type Source } from './reader.ts';
import { lasting } from './scratch.ts';

export class CompressedScanner implements RunScanner {
  private readonly layer: Layer;
  private readonly open = { count: 0 };
  /** Those that go on with what the layer gets next. */
  private readers: Reader[] = [];
  /** Those that were not read so far. */
  private waiting: Beginnings[] = [];
  /** Whether the beginning of the layer was looked at. */
  private begun = false;
  /** Offset up to which the layer was seen. */
  private seen = 0;

  constructor(layer: Layer) {
    this.layer = layer;
  }

  restart(): void {
    this.readers = [];
    this.waiting = [];
    this.begun = false;
    this.seen = 0;
  }

  needed(): number {
    return Number.POSITIVE_INFINITY;
  }

  decided(): number {
    if (this.readers.length === 0 && this.waiting.length === 0) return Number.POSITIVE_INFINITY;
    this.forget();
    const all = [...this.readers, ...this.waiting];
    return all.reduce((decided, each) => Math.min(decided, each.decided()), Number.POSITIVE_INFINITY);
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
    if (this.readers.length > 0 || this.waiting.length > 0 || found.length > 0) this.feed(found, bytes, base, final);
    this.seen = base + bytes.length;
  }

  private feed(found: readonly Found[], bytes: Buffer, base: number, final: boolean): void {
    const { layer } = this;
    this.forget();
    const going = [...this.readers, ...this.waiting];
    const from = Math.min(...found.map(({ from }) => from), going.length > 0 ? this.seen : Number.POSITIVE_INFINITY);
    // The window is used for other texts.
    const kept = lasting(bytes.subarray(Math.max(0, from - base)));
    const first = base + bytes.length - kept.length;
    if (going.length > 0) {
      const more = new Portion(layer, kept.subarray(Math.max(0, this.seen - first)), Math.max(first, this.seen));
      for (const reader of this.readers) reader.add(more);
      for (const beginnings of this.waiting) beginnings.goOn(more);
    }
    if (final) for (const each of going) each.finish();
    layer.context.jobs.add(going);
    if (found.length > 0) layer.context.jobs.add([this.begin(found, new Portion(layer, kept, first), final)]);
    if (!final) return;
    this.readers = [];
    this.waiting = [];
  }

  /** What was found, to be read when the search is through. */
  private begin(found: readonly Found[], portion: Portion, isLast: boolean): Beginnings {
    const { layer, open } = this;
    const { messageBytes } = layer;
    const source: Source = {
      context: layer.context.lasting(),
      isLast,
      layer,
      messageBytes,
      open,
      portions: [portion],
    };
    source.context.budget.charge(READER_WORK * found.length);
    const beginnings = new Beginnings(source, (reader) => this.readers.push(reader));
    for (const data of found) beginnings.add(data, layer.anchorOf(data.offset));
    this.waiting.push(beginnings);
    return beginnings;
  }

  /** What is over: a text can have had thousands. */
  private forget(): void {
    this.readers = this.readers.filter(({ isOver }) => !isOver);
    this.waiting = this.waiting.filter(({ isOver }) => !isOver);
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
