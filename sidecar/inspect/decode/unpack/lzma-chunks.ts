/** What LZMA makes of an input, in steps: data of a known or unknown size, and the chunks of LZMA2 (the .xz file format, 5.3.1). */
import { Damaged, type Input, PIECE, type Steps } from './input.ts';
import { Lzma } from './lzma.ts';

/** Most bits of what comes before a literal and of its position, together: in LZMA2, and at all. */
const MOST_BITS = 4;
const MOST_BITS_ALONE = 12;

/** Bytes that are decoded between two pauses; a match may add to them. */
const AT_ONCE = 16 * 1024;

export class LzmaChunks {
  private readonly input: Input;
  private readonly lzma: Lzma;

  constructor(input: Input) {
    this.input = input;
    this.lzma = new Lzma(input);
  }

  get memory(): number {
    return this.lzma.memory;
  }

  /** Plain LZMA with these properties, of `size` bytes or up to an end marker. */
  *data(properties: number, size: number): Steps {
    const { input, lzma } = this;
    lzma.setProperties(properties, MOST_BITS_ALONE);
    yield* input.need(5);
    lzma.resetState();
    lzma.begin();
    yield* this.coded(size, Number.POSITIVE_INFINITY);
  }

  /** Chunks of LZMA2, each stored or coded, up to the one that says that they end. */
  *chunks(): Steps {
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

  /** What came out since the last piece. */
  take(): Buffer {
    const piece = this.lzma.take();
    this.input.settle();
    return piece;
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
}
