/** LZ4: the frame format (version 1.6.4), its legacy frames, and the blocks in them (LZ4 Block Format). Checksums are not looked at. */
import { Damaged, type Input, PIECE, type Steps } from './input.ts';

/** Bytes that a match may reach back. */
const HISTORY = 64 * 1024;
const MIN_MATCH = 4;

const FRAME_HEADER = 7;
/** A block of a legacy frame is 8 MiB, and may be so much longer when it is packed; a greater number is no size. */
const MOST_LEGACY = 0x8000_00 + Math.ceil(0x8000_00 / 255) + 16;

const TOKEN = 0;
const LITERAL_LENGTH = 1;
const LITERALS = 2;
const OFFSET = 3;
const MATCH_LENGTH = 4;
const MATCH = 5;

export class Lz4 {
  readonly memory: number = 2 * HISTORY;
  private readonly input: Input;
  private readonly isLegacy: boolean;
  /** What was made, and before it as much as a match may reach back. */
  private readonly out = Buffer.allocUnsafeSlow(HISTORY + PIECE);
  private made = HISTORY;
  private total = 0;
  /** Where in a sequence the block is. */
  private part = TOKEN;
  private literals = 0;
  private match = 0;
  private offset = 0;

  constructor(input: Input, isLegacy: boolean) {
    this.input = input;
    this.isLegacy = isLegacy;
  }

  steps(): Steps {
    return this.isLegacy ? this.legacy() : this.frame();
  }

  private *frame(): Steps {
    const { input } = this;
    yield* input.need(FRAME_HEADER);
    const flags = input.bytes[input.at + 4] as number;
    if (flags >> 6 !== 1) throw new Damaged('no such version of LZ4');
    const hasDictionary = (flags & 1) !== 0;
    const header = FRAME_HEADER + ((flags & 8) !== 0 ? 8 : 0) + (hasDictionary ? 4 : 0);
    yield* input.need(header);
    input.at += header;
    const check = (flags & 0x10) !== 0 ? 4 : 0;
    for (;;) {
      yield* input.need(4);
      const size = input.bytes.readUInt32LE(input.at);
      input.at += 4;
      input.settle();
      if (size === 0) return;
      yield* this.block(size & 0x7fff_ffff, size >= 0x8000_0000);
      yield* input.need(check);
      input.at += check;
    }
  }

  private *legacy(): Steps {
    const { input } = this;
    yield* input.need(4);
    input.at += 4;
    for (;;) {
      input.settle();
      // Nothing tells the end.
      yield* input.want(4);
      if (input.left < 4) return;
      const size = input.bytes.readUInt32LE(input.at);
      if (size > MOST_LEGACY) return;
      input.at += 4;
      yield* this.block(size, false);
    }
  }

  private *block(size: number, isStored: boolean): Steps {
    const { input } = this;
    let left = size;
    this.part = isStored ? LITERALS : TOKEN;
    this.literals = isStored ? size : 0;
    while (left > 0) {
      yield* input.need(1);
      const from = input.at;
      const end = from + Math.min(left, input.left);
      while (this.run(end)) yield this.take();
      left -= input.at - from;
      if (this.made > HISTORY) yield this.take();
      input.settle();
    }
  }

  take(): Buffer {
    const piece = Buffer.from(this.out.subarray(HISTORY, this.made));
    this.out.copyWithin(0, this.made - HISTORY, this.made);
    this.made = HISTORY;
    return piece;
  }

  /** Reads the input up to `end`. True: there is no more room for what comes out. */
  private run(end: number): boolean {
    const { input, out } = this;
    const { bytes } = input;
    for (;;) {
      if (this.part === MATCH) {
        const count = Math.min(this.match, out.length - this.made);
        this.copy(count);
        this.match -= count;
        if (this.match > 0) return true;
        this.part = TOKEN;
      }
      if (input.at >= end) return false;
      if (this.part === TOKEN) {
        const token = input.byte();
        this.literals = token >> 4;
        this.match = (token & 15) + MIN_MATCH;
        this.part = this.literals === 15 ? LITERAL_LENGTH : LITERALS;
      } else if (this.part === LITERAL_LENGTH) {
        const more = input.byte();
        this.literals += more;
        if (more < 255) this.part = LITERALS;
      }
      if (this.part === LITERALS) {
        const count = Math.min(this.literals, out.length - this.made, end - input.at);
        bytes.copy(out, this.made, input.at, input.at + count);
        input.at += count;
        this.made += count;
        this.total += count;
        this.literals -= count;
        if (this.literals === 0) {
          this.part = OFFSET;
          this.offset = -1;
        } else if (this.made === out.length) return true;
      } else if (this.part === OFFSET) {
        const byte = input.byte();
        if (this.offset < 0) this.offset = byte;
        else {
          this.offset += byte << 8;
          if (this.offset === 0 || this.offset > this.total) throw new Damaged('nothing so far back');
          this.part = this.match === 15 + MIN_MATCH ? MATCH_LENGTH : MATCH;
        }
      } else if (this.part === MATCH_LENGTH) {
        const more = input.byte();
        this.match += more;
        if (more < 255) this.part = MATCH;
      }
    }
  }

  private copy(count: number): void {
    const { made, offset, out } = this;
    if (offset >= count) out.copyWithin(made, made - offset, made - offset + count);
    else for (let at = made; at < made + count; at++) out[at] = out[at - offset] as number;
    this.made += count;
    this.total += count;
  }
}
