/**
 * Protocol buffers (the encoding of protobuf.dev), bare or in gRPC's frames: the strings of a message and of those in it, one after the
 * other. Which of its fields are messages no one tells: what is no text is read on as if it were one.
 */
import { lasting } from '../scratch.ts';
import { MAX_VALUE, type Structure } from './values.ts';

/** A frame begins with whether it is compressed, and its length (gRPC over HTTP2, Length-Prefixed-Message). */
const FRAME_HEADER = 5;
/** Bytes of a number, of a tag and a length at most. */
const MAX_VARINT = 10;

const NOTHING = Buffer.alloc(0);

export class Protobuf implements Structure {
  private readonly all: boolean;
  private rest: Buffer = NOTHING;
  /** Bytes of a field that is passed over. */
  private skip = 0;

  /** `all`: strings with blanks in them too. */
  constructor(all: boolean) {
    this.all = all;
  }

  take(bytes: Buffer): Buffer | undefined {
    const input = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    const out: Buffer[] = [];
    let at = Math.min(this.skip, input.length);
    this.skip -= at;
    while (at < input.length) {
      const next = this.field(input, at, out);
      if (next < 0) return undefined;
      if (next === at) break;
      this.skip = Math.max(0, next - input.length);
      at = Math.min(next, input.length);
    }
    this.rest = lasting(input.subarray(at));
    return Buffer.concat(out);
  }

  /** Reads a field at `at` and returns where the next one is: `at` when more is needed, -1 when it is none. */
  private field(input: Buffer, at: number, out: Buffer[]): number {
    const first = input[at] as number;
    if (first === 0 || (first === 1 && input.length > at + 1 && input[at + 1] === 0)) {
      return at + FRAME_HEADER <= input.length ? at + FRAME_HEADER : at;
    }
    const tag = varint(input, at);
    if (tag === undefined) return input.length - at > MAX_VARINT ? -1 : at;
    switch (tag.value & 7) {
      case 0:
        return varint(input, tag.end)?.end ?? (input.length - tag.end > MAX_VARINT ? -1 : at);
      case 1:
        return tag.end + 8;
      case 5:
        return tag.end + 4;
      case 2:
        return this.lengthDelimited(input, at, tag.end, out);
      default:
        return -1;
    }
  }

  private lengthDelimited(input: Buffer, at: number, from: number, out: Buffer[]): number {
    const length = varint(input, from);
    if (length === undefined) return input.length - from > MAX_VARINT ? -1 : at;
    const { end, value } = length;
    if (value > MAX_VALUE) return end;
    if (end + value > input.length) return this.isText(input.subarray(end)) ? at : end;
    const text = input.subarray(end, end + value);
    if (!this.isText(text)) return end;
    out.push(text);
    return end + value;
  }

  private isText(bytes: Buffer): boolean {
    for (const byte of bytes) {
      if (byte >= 0x7f || (byte <= 0x20 && !(this.all && (byte === 0x20 || byte === 0x0a || byte === 0x0d))))
        return false;
    }
    return true;
  }
}

/** Base 128, the lowest seven bits first; undefined: it does not end. */
function varint(input: Buffer, at: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let i = 0; i < MAX_VARINT && at + i < input.length; i++) {
    const byte = input[at + i] as number;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, end: at + i + 1 };
  }
  return undefined;
}
