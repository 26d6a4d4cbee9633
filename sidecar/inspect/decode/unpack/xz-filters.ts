/**
 * What .xz may do to data before it compresses them (the .xz file format, 5.3.2 and 5.3.3; the conversions as the reference
 * implementation has them): deltas, and absolute addresses in machine code. Those for x86, ARM, Thumb, ARM64 and RISC-V are not
 * undone: each changes only what stands beside a byte that is no text, and a text stays as it is.
 */
import { Damaged } from './input.ts';

export const LZMA2 = 0x21;
const DELTA = 0x03;
const POWERPC = 0x05;
const IA64 = 0x06;
const SPARC = 0x09;
/** x86, ARM, Thumb, ARM64, RISC-V. */
const KEEP_TEXT = new Set([0x04, 0x07, 0x08, 0x0a, 0x0b]);

export interface Filter {
  /** What stood there before. What is held for the rest of an instruction comes with the next piece, or with the last. */
  undo(bytes: Buffer, last: boolean): Buffer;
}

/** Undefined: it need not be undone. Throws Damaged for one that there is not. */
export function filterOf(id: number, properties: Buffer): Filter | undefined {
  if (KEEP_TEXT.has(id)) return undefined;
  if (id === DELTA) return new Delta((properties[0] ?? 0) + 1);
  const start = properties.length >= 4 ? properties.readUInt32LE(0) : 0;
  if (id === POWERPC) return new Code(4, start, powerpc);
  if (id === SPARC) return new Code(4, start, sparc);
  if (id === IA64) return new Code(16, start, ia64);
  throw new Damaged('no such filter');
}

/** Each byte is what it differs by from that `distance` before it. */
class Delta implements Filter {
  private readonly before: Uint8Array;
  private at = 0;

  constructor(distance: number) {
    this.before = new Uint8Array(distance);
  }

  undo(bytes: Buffer): Buffer {
    for (let i = 0; i < bytes.length; i++) {
      bytes[i] = (bytes[i] as number) + (this.before[this.at] as number);
      this.before[this.at] = bytes[i] as number;
      this.at = this.at + 1 === this.before.length ? 0 : this.at + 1;
    }
    return bytes;
  }
}

/** Makes an address in the instruction at `at` relative again; `place` is where it stands in the program. */
type Convert = (code: Buffer, at: number, place: number) => void;

class Code implements Filter {
  private readonly width: number;
  private readonly convert: Convert;
  private place: number;
  private rest: Buffer = Buffer.alloc(0);

  constructor(width: number, start: number, convert: Convert) {
    this.width = width;
    this.place = start;
    this.convert = convert;
  }

  undo(bytes: Buffer, last: boolean): Buffer {
    const code = Buffer.concat([this.rest, bytes]);
    const whole = code.length - (code.length % this.width);
    for (let at = 0; at < whole; at += this.width) this.convert(code, at, (this.place + at) >>> 0);
    this.place += whole;
    this.rest = last ? Buffer.alloc(0) : Buffer.from(code.subarray(whole));
    return last ? code : code.subarray(0, whole);
  }
}

/** `bl`. */
function powerpc(code: Buffer, at: number, place: number): void {
  const word = code.readUInt32BE(at);
  if (word >>> 26 !== 0x12 || (word & 3) !== 1) return;
  const target = (word & 0x03fffffc) - place;
  code.writeUInt32BE((0x48000000 | (target & 0x03fffffc) | 1) >>> 0, at);
}

/** `call`. */
function sparc(code: Buffer, at: number, place: number): void {
  const word = code.readUInt32BE(at);
  if (word >>> 22 !== 0x100 && word >>> 22 !== 0x1ff) return;
  const target = ((word << 2) - place) >>> 2;
  const sign = (target >>> 22) & 1 ? 0x3fc00000 : 0;
  code.writeUInt32BE((0x40000000 | sign | (target & 0x3fffff)) >>> 0, at);
}

/** Slots with a branch, by the template of a bundle. */
const BRANCHES = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 4, 6, 6, 0, 0, 7, 7, 4, 4, 0, 0, 4, 4, 0, 0];
const SLOT_BITS = 41;
const SLOT_BYTES = 6;

/** `br.call`. */
function ia64(code: Buffer, at: number, place: number): void {
  const slots = BRANCHES[(code[at] as number) & 0x1f] as number;
  for (let slot = 0; slot < 3; slot++) {
    if (((slots >> slot) & 1) === 0) continue;
    const bit = 5 + SLOT_BITS * slot;
    const byte = at + (bit >> 3);
    const shift = BigInt(bit & 7);
    const word = BigInt(code.readUIntLE(byte, SLOT_BYTES));
    const instruction = word >> shift;
    if (((instruction >> 37n) & 0xfn) !== 5n || ((instruction >> 9n) & 7n) !== 0n) continue;
    const absolute = (((instruction >> 13n) & 0xfffffn) | (((instruction >> 36n) & 1n) << 20n)) << 4n;
    const target = ((absolute - BigInt(place)) & 0xffffffffn) >> 4n;
    const relative = (instruction & ~(0x8fffffn << 13n)) | ((target & 0xfffffn) << 13n) | ((target & 0x100000n) << 16n);
    const kept = word & ((1n << shift) - 1n);
    code.writeUIntLE(Number((kept | (relative << shift)) & 0xffffffffffffn), byte, SLOT_BYTES);
  }
}
