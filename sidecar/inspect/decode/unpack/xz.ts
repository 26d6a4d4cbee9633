/**
 * The .xz file format (version 1.2.1) with LZMA2, and the .lzma format that came before it (as the LZMA SDK's specification has
 * it). Blocks with other filters are not read. Checksums are not looked at.
 */
import { Damaged, type Input, PIECE, type Steps } from './input.ts';
import { Lzma } from './lzma.ts';

/** Stream header: magic, flags and their checksum (2.1.1). */
const STREAM_HEADER = 12;
/** Bytes of the check behind a block by its kind (2.1.1.2). */
const CHECK_BYTES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];
const LZMA2 = 0x21;
/** Properties, window and size of a .lzma file. */
const ALONE_HEADER = 13;
/** Most bits of what comes before a literal and of its position, together: in LZMA2 (5.3.1), and at all. */
const MOST_BITS = 4;
const MOST_BITS_ALONE = 12;

/** Bytes that are decoded between two pauses; a match may add to them. */
const AT_ONCE = 16 * 1024;

export class Xz {
  private readonly input: Input;
  private readonly lzma: Lzma;
  private readonly isAlone: boolean;

  constructor(input: Input, isAlone: boolean) {
    this.input = input;
    this.lzma = new Lzma(input);
    this.isAlone = isAlone;
  }

  get memory(): number {
    return this.lzma.memory;
  }

  steps(): Steps {
    return this.isAlone ? this.alone() : this.stream();
  }

  private *alone(): Steps {
    const { input, lzma } = this;
    yield* input.need(ALONE_HEADER + 5);
    lzma.setProperties(input.byte(), MOST_BITS_ALONE);
    input.at += 4;
    const size = input.bytes.readBigInt64LE(input.at);
    input.at += 8;
    lzma.resetState();
    lzma.begin();
    yield* this.coded(size < 0n ? Number.POSITIVE_INFINITY : Number(size), Number.POSITIVE_INFINITY);
  }

  private *stream(): Steps {
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
      if (!isPlain(input.bytes.subarray(input.at, input.at + size))) throw new Damaged('filters that are not read');
      input.at += size;
      const from = input.taken;
      yield* this.block();
      const padding = (4 - ((input.taken - from) % 4)) % 4;
      yield* input.need(padding + check);
      input.at += padding + check;
    }
  }

  /** LZMA2 (5.3.1): chunks, each stored or coded. */
  private *block(): Steps {
    const { input, lzma } = this;
    for (;;) {
      yield* input.need(1);
      const control = input.byte();
      if (control === 0) return;
      if (control === 1 || control >= 0xe0) lzma.resetWindow();
      if (control < 0x80) {
        if (control > 2) throw new Damaged('no such chunk');
        yield* this.stored();
        continue;
      }
      yield* input.need(5);
      const size = ((control & 0x1f) << 16) + input.bytes.readUInt16BE(input.at) + 1;
      const packed = input.bytes.readUInt16BE(input.at + 2) + 1;
      input.at += 4;
      if (control >= 0xc0) lzma.setProperties(input.byte(), MOST_BITS);
      if (!lzma.hasProperties) throw new Damaged('no properties');
      if (control >= 0xa0) lzma.resetState();
      const end = input.taken + packed;
      yield* input.need(5);
      lzma.begin();
      yield* this.coded(size, end);
      yield* input.need(end - input.taken);
      input.at += end - input.taken;
    }
  }

  private *stored(): Steps {
    const { input, lzma } = this;
    yield* input.need(2);
    let left = input.bytes.readUInt16BE(input.at) + 1;
    input.at += 2;
    while (left > 0) {
      yield* input.need(1);
      const count = Math.min(left, input.left, PIECE);
      lzma.store(input.bytes.subarray(input.at, input.at + count));
      input.at += count;
      left -= count;
      yield this.take();
    }
  }

  /** `size` bytes, of which the code ends at `packedEnd` at the latest. */
  private *coded(size: number, packedEnd: number): Steps {
    const { input, lzma } = this;
    let left = size;
    while (left > 0) {
      const most = Math.min(left, AT_ONCE);
      const end = Math.min(input.length, input.at + packedEnd - input.taken);
      const isWhole = input.isLast || packedEnd <= input.taken + input.left;
      const stop = lzma.run(most, end, isWhole);
      const piece = this.take();
      left -= piece.length;
      yield piece;
      if (left < 0) throw new Damaged('longer than it says');
      if (stop === 'end') return;
      if (stop === 'made') continue;
      if (isWhole) throw new Damaged('cut off');
      yield undefined;
    }
  }

  take(): Buffer {
    const piece = this.lzma.take();
    this.input.settle();
    return piece;
  }
}

/** Whether a block's header (3.1) tells of LZMA2 alone. */
function isPlain(header: Buffer): boolean {
  const flags = header[1] as number;
  let at = 2;
  for (const isThere of [flags & 0x40, flags & 0x80]) {
    if (isThere === 0) continue;
    while (((header[at] ?? 0) & 0x80) !== 0) at++;
    at++;
  }
  return (flags & 0x3f) === 0 && header[at] === LZMA2;
}
