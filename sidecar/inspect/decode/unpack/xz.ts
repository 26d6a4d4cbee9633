/** The .xz file format (version 1.2.1). Checksums are not looked at. */
import { Damaged, type Input, type Steps } from './input.ts';
import { LzmaChunks } from './lzma-chunks.ts';
import { type Filter, filterOf, LZMA2 } from './xz-filters.ts';

/** Stream header: magic, flags and their checksum (2.1.1). */
const STREAM_HEADER = 12;
/** Bytes of the check behind a block by its kind (2.1.1.2). */
const CHECK_BYTES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];
/** Filters of a block (3.1.5). */
const MOST_FILTERS = 4;

export class Xz {
  private readonly input: Input;
  private readonly lzma: LzmaChunks;
  /** What was done before the compression, to be undone in this order. */
  private filters: Filter[] = [];

  constructor(input: Input) {
    this.input = input;
    this.lzma = new LzmaChunks(input);
  }

  get memory(): number {
    return this.lzma.memory;
  }

  *steps(): Steps {
    const { input } = this;
    yield* input.need(STREAM_HEADER);
    const check = CHECK_BYTES[(input.bytes[input.at + 7] as number) & 0x0f] as number;
    input.at += STREAM_HEADER;
    for (;;) {
      input.settle();
      yield* input.need(1);
      const size = 4 * ((input.bytes[input.at] as number) + 1);
      // The index: the rest says nothing but how long everything was.
      if (size === 4) break;
      yield* input.need(size);
      this.filters = filtersOf(input.bytes.subarray(input.at, input.at + size));
      input.at += size;
      const from = input.taken;
      for (const piece of this.lzma.chunks()) yield piece && this.undo(piece, false);
      yield this.undo(Buffer.alloc(0), true);
      const padding = (4 - ((input.taken - from) % 4)) % 4;
      yield* input.need(padding + check);
      input.at += padding + check;
    }
  }

  take(): Buffer {
    return this.undo(this.lzma.take(), true);
  }

  private undo(piece: Buffer, last: boolean): Buffer {
    let bytes = piece;
    for (const filter of this.filters) bytes = filter.undo(bytes, last);
    return bytes;
  }
}

/** The filters of which a block's header (3.1) tells, the last that was applied first. Throws Damaged. */
function filtersOf(header: Buffer): Filter[] {
  const flags = header[1] as number;
  let at = 2;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = header[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if ((byte & 0x80) === 0) return value;
    }
  };
  for (const isThere of [flags & 0x40, flags & 0x80]) if (isThere !== 0) number();
  const filters: Filter[] = [];
  const count = (flags & (MOST_FILTERS - 1)) + 1;
  for (let left = count; left > 0; left--) {
    const id = number();
    const size = number();
    const properties = header.subarray(at, at + size);
    at += size;
    if ((left === 1) !== (id === LZMA2)) throw new Damaged('no such filters');
    const filter = left === 1 ? undefined : filterOf(id, properties);
    if (filter !== undefined) filters.unshift(filter);
  }
  return filters;
}
