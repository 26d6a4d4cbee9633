/** LZMA as the LZMA SDK's specification has it (lzma-specification.txt, 2015), a symbol at a time. */
import { Damaged, type Input, PIECE } from './input.ts';

/**
 * Binary logarithm of the window that is kept: 8 MiB, that of `xz -6`. Data that refer to what came before it are damaged
 * from there on, whatever window they declare.
 */
export const LZMA_WINDOW_LOG = 23;

const MAX_WINDOW = 2 ** LZMA_WINDOW_LOG;
const FIRST_WINDOW = 64 * 1024;

/** Bytes of input that a symbol takes at most. */
const SYMBOL_BYTES = 21;
const MIN_MATCH = 2;

/** Where the probabilities of each kind are. */
const IS_MATCH = 0;
const IS_REP = 192;
const IS_REP_0 = 204;
const IS_REP_1 = 216;
const IS_REP_2 = 228;
const IS_REP_0_LONG = 240;
const SLOTS = 432;
const SPECIAL = 688;
const ALIGN = 816;
const MATCH_LENGTH = 832;
const REP_LENGTH = 1346;
const LITERALS = 1860;
/** Of one literal coder; and, in one of lengths, of those of its parts. */
const LITERAL = 0x300;
const LOW = 2;
const MIDDLE = 130;
const HIGH = 258;

const EVEN = 1024;
const END_MARKER = -1;

/** Why it stopped: enough was made, it wants more input, or an end marker came. */
export type Stop = 'made' | 'input' | 'end';

export class Lzma {
  private readonly input: Input;
  private probabilities = new Uint16Array(0);
  private range = -1;
  private code = 0;
  private state = 0;
  private rep0 = 0;
  private rep1 = 0;
  private rep2 = 0;
  private rep3 = 0;
  private literalContext = 0;
  private literalMask = 0;
  private positionMask = 0;
  /** The last bytes that were made, round and round; it grows up to its bound before it goes round. */
  private window = Buffer.alloc(0);
  private place = 0;
  /** Bytes made since the window began; `all` is told of any number of them. */
  private total = 0;
  private piece = Buffer.allocUnsafeSlow(PIECE);
  private made = 0;

  constructor(input: Input) {
    this.input = input;
  }

  get memory(): number {
    return this.window.length + this.probabilities.byteLength + PIECE;
  }

  /** What was made since the last call. */
  take(): Buffer {
    const piece = Buffer.from(this.piece.subarray(0, this.made));
    this.made = 0;
    return piece;
  }

  /** Forgets what was made. */
  resetWindow(): void {
    this.place = 0;
    this.total = 0;
  }

  /** Takes the byte that says how many bits of what matter. Throws Damaged. `most`: the sum of the bits for literals. */
  setProperties(properties: number, most: number): void {
    const context = properties % 9;
    const rest = (properties - context) / 9;
    const positions = Math.floor(rest / 5);
    if (context + (rest % 5) > most || positions > 4) throw new Damaged('no such properties of LZMA');
    this.literalContext = context;
    this.literalMask = (1 << (rest % 5)) - 1;
    this.positionMask = (1 << positions) - 1;
    const size = LITERALS + (LITERAL << (context + (rest % 5)));
    if (this.probabilities.length !== size) this.probabilities = new Uint16Array(size);
  }

  get hasProperties(): boolean {
    return this.probabilities.length > 0;
  }

  resetState(): void {
    this.probabilities.fill(EVEN);
    this.state = 0;
    this.rep0 = 0;
    this.rep1 = 0;
    this.rep2 = 0;
    this.rep3 = 0;
  }

  /** Reads the five bytes that coded data begin with, which have to be there. */
  begin(): void {
    const { input } = this;
    if (input.byte() !== 0) throw new Damaged('no LZMA');
    this.range = -1;
    this.code = input.bytes.readInt32BE(input.at);
    input.at += 4;
  }

  /** Copies bytes that are stored as they are. */
  store(bytes: Uint8Array): void {
    for (const byte of bytes) this.put(byte);
  }

  /**
   * Decodes `count` bytes or, by a match, up to 271 more; PIECE has room for them. The input ends at `end`, if `isLast`; symbols that may go on behind
   * it are else left. Throws Damaged, and makes nothing of a symbol that is cut off.
   */
  run(count: number, end: number, isLast: boolean): Stop {
    const { input } = this;
    const upTo = this.made + count;
    const safe = isLast ? end : end - SYMBOL_BYTES;
    while (this.made < upTo) {
      if (input.at > safe) return 'input';
      if (this.symbol(end)) return 'end';
    }
    return 'made';
  }

  /** Whether it was the end marker. */
  private symbol(end: number): boolean {
    const positions = this.total & this.positionMask;
    const { state } = this;
    if (this.bit(IS_MATCH + (state << 4) + positions) === 0) {
      const byte = this.literal();
      this.ensureWhole(end);
      this.put(byte);
      this.state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
      return false;
    }
    let length: number;
    if (this.bit(IS_REP + state) === 0) {
      this.rep3 = this.rep2;
      this.rep2 = this.rep1;
      this.rep1 = this.rep0;
      length = this.length(MATCH_LENGTH, positions);
      this.rep0 = this.distance(length);
      this.state = state < 7 ? 7 : 10;
      if (this.rep0 === END_MARKER) return true;
    } else if (this.bit(IS_REP_0 + state) === 0) {
      if (this.bit(IS_REP_0_LONG + (state << 4) + positions) === 0) {
        this.ensureWhole(end);
        this.state = state < 7 ? 9 : 11;
        this.copy(1);
        return false;
      }
      length = this.length(REP_LENGTH, positions);
      this.state = state < 7 ? 8 : 11;
    } else {
      let distance: number;
      if (this.bit(IS_REP_1 + state) === 0) distance = this.rep1;
      else {
        if (this.bit(IS_REP_2 + state) === 0) distance = this.rep2;
        else {
          distance = this.rep3;
          this.rep3 = this.rep2;
        }
        this.rep2 = this.rep1;
      }
      this.rep1 = this.rep0;
      this.rep0 = distance;
      length = this.length(REP_LENGTH, positions);
      this.state = state < 7 ? 8 : 11;
    }
    this.ensureWhole(end);
    this.copy(length + MIN_MATCH);
    return false;
  }

  private ensureWhole(end: number): void {
    if (this.input.at > end) throw new Damaged('cut off');
  }

  private literal(): number {
    const { literalContext, literalMask } = this;
    const before = this.total === 0 ? 0 : this.byteBefore(1);
    const context = ((this.total & literalMask) << literalContext) + (before >> (8 - literalContext));
    const coder = LITERALS + LITERAL * context;
    let symbol = 1;
    if (this.state >= 7) {
      this.ensureDistance();
      let match = this.byteBefore(this.rep0 + 1);
      do {
        const matchBit = (match >> 7) & 1;
        match <<= 1;
        const bit = this.bit(coder + ((1 + matchBit) << 8) + symbol);
        symbol = (symbol << 1) | bit;
        if (matchBit !== bit) break;
      } while (symbol < 0x100);
    }
    while (symbol < 0x100) symbol = (symbol << 1) | this.bit(coder + symbol);
    return symbol & 0xff;
  }

  private length(coder: number, positions: number): number {
    if (this.bit(coder) === 0) return this.tree(coder + LOW + (positions << 3), 3);
    if (this.bit(coder + 1) === 0) return 8 + this.tree(coder + MIDDLE + (positions << 3), 3);
    return 16 + this.tree(coder + HIGH, 8);
  }

  private distance(length: number): number {
    const slot = this.tree(SLOTS + (Math.min(length, 3) << 6), 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const high = (2 | (slot & 1)) << bits;
    if (slot < 14) return high + this.reverseTree(SPECIAL + high - slot, bits);
    return (high + (this.direct(bits - 4) << 4) + this.reverseTree(ALIGN, 4)) | 0;
  }

  private tree(base: number, bits: number): number {
    let symbol = 1;
    for (let left = bits; left > 0; left--) symbol = (symbol << 1) | this.bit(base + symbol);
    return symbol - (1 << bits);
  }

  private reverseTree(base: number, bits: number): number {
    let node = 1;
    let symbol = 0;
    for (let at = 0; at < bits; at++) {
      const bit = this.bit(base + node);
      node = (node << 1) | bit;
      symbol |= bit << at;
    }
    return symbol;
  }

  /** Bits that are as likely as not. */
  private direct(bits: number): number {
    let value = 0;
    for (let left = bits; left > 0; left--) {
      this.normalize();
      this.range >>>= 1;
      const rest = (this.code - this.range) | 0;
      const isSet = this.code >>> 0 >= this.range >>> 0;
      if (isSet) this.code = rest;
      value = (value << 1) | (isSet ? 1 : 0);
    }
    return value;
  }

  private bit(index: number): number {
    const { probabilities } = this;
    this.normalize();
    const probability = probabilities[index] as number;
    const bound = Math.imul(this.range >>> 11, probability);
    if (this.code >>> 0 < bound >>> 0) {
      this.range = bound;
      probabilities[index] = probability + ((2048 - probability) >> 5);
      return 0;
    }
    this.range = (this.range - bound) | 0;
    this.code = (this.code - bound) | 0;
    probabilities[index] = probability - (probability >> 5);
    return 1;
  }

  private normalize(): void {
    if (this.range >>> 24 !== 0) return;
    this.range <<= 8;
    this.code = (this.code << 8) | (this.input.bytes[this.input.at++] as number);
  }

  private ensureDistance(): void {
    if (this.rep0 < 0 || this.rep0 >= this.total || this.rep0 >= MAX_WINDOW) throw new Damaged('nothing so far back');
  }

  private byteBefore(distance: number): number {
    const place = this.place - distance;
    return this.window[place < 0 ? place + this.window.length : place] as number;
  }

  private copy(count: number): void {
    this.ensureDistance();
    const distance = this.rep0 + 1;
    for (let left = count; left > 0; left--) this.put(this.byteBefore(distance));
  }

  private put(byte: number): void {
    if (this.place === this.window.length) this.turn();
    this.window[this.place++] = byte;
    this.piece[this.made++] = byte;
    this.total++;
  }

  /** The window is full. */
  private turn(): void {
    if (this.window.length < MAX_WINDOW) {
      const grown = Buffer.allocUnsafeSlow(Math.max(FIRST_WINDOW, 2 * this.window.length));
      this.window.copy(grown);
      this.window = grown;
    } else this.place = 0;
  }
}
