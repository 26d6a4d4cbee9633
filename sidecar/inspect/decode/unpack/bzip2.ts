/**
 * bzip2, as its documentation and its own decoder have it (bzip2 and libbzip2, version 1.0.8; there is no RFC): blocks of up to
 * 900,000 bytes, each run-length coded, sorted (Burrows-Wheeler), moved to front and Huffman coded. Checksums are not looked
 * at: who wants to send something damages them.
 */
import { Bits } from './bits.ts';
import { Damaged, type Input, PIECE, type Steps } from './input.ts';

/** Bytes of a block of the highest level, before the last run-length coding is undone. A damaged header may not say less. */
export const MAX_BLOCK = 900_000;
/** Steps up and down to the length of one code: 19 are enough. */
export const MAX_DELTAS = 64;

const BLOCK_HIGH = 0x314159;
const BLOCK_LOW = 0x265359;
const END_HIGH = 0x177245;
const END_LOW = 0x385090;

/** Longest code in bits; symbols that one table is used for; most tables; symbols but bytes: two runs and the end. */
const LONGEST = 20;
const GROUP = 50;
const MAX_TABLES = 6;
/** Bytes that a group of symbols takes at most, with what is read ahead. */
const GROUP_BYTES = (GROUP * LONGEST) / 8 + 8;
const FIRST_CAPACITY = 16 * 1024;
/** Symbols, or places of a block, between two pauses. */
const BETWEEN_PAUSES = 64 * 1024;

interface Codes {
  /** By length: what the codes of this length, and none longer, are below, in LONGEST bits. */
  limits: Int32Array;
  /** By length: the place of the first code in `symbols`, less its value. */
  bases: Int32Array;
  symbols: Uint16Array;
  shortest: number;
}

export class Bzip2 {
  private readonly input: Input;
  private readonly bits: Bits;
  /** Of each place of the sorted block its byte, and later above it the place that follows. */
  private places = new Uint32Array(FIRST_CAPACITY);
  private length = 0;
  private readonly counts = new Uint32Array(256);

  /** The input begins with a block; what stands before it says nothing that is needed. */
  constructor(input: Input) {
    this.input = input;
    this.bits = new Bits(input);
  }

  get memory(): number {
    return this.places.byteLength;
  }

  *steps(): Steps {
    const { bits, input } = this;
    for (;;) {
      input.settle();
      yield* input.want(11);
      const high = bits.read(24);
      const low = bits.read(24);
      bits.read(16);
      bits.read(16);
      if (high === END_HIGH && low === END_LOW) break;
      if (high !== BLOCK_HIGH || low !== BLOCK_LOW) throw new Damaged('no block of bzip2');
      yield* this.block();
    }
    bits.rest();
    input.settle();
  }

  /** A block comes out whole or not at all. */
  take(): Buffer {
    return NOTHING;
  }

  private *block(): Steps {
    const { bits, input } = this;
    yield* input.want(40);
    // Randomised, which nothing has written since 1999.
    if (bits.read(1) === 1) throw new Damaged('a randomised block');
    const first = bits.read(24);
    const used = this.readUsed();
    const tables = bits.read(3);
    if (used.length === 0 || tables < 2 || tables > MAX_TABLES) throw new Damaged('no tables');
    const selectors = yield* this.readSelectors(tables);
    const codes: Codes[] = [];
    for (let table = 0; table < tables; table++) codes.push(codesOf(yield* this.readLengths(used.length + 2)));
    yield* this.readSymbols(used, selectors, codes);
    if (first >= this.length) throw new Damaged('no such place');
    yield* this.unsort();
    yield* this.write(first);
  }

  /** The bytes that occur. */
  private readUsed(): Uint8Array {
    const { bits } = this;
    const rows = bits.read(16);
    const used: number[] = [];
    for (let row = 0; row < 16; row++) {
      if ((rows & (0x8000 >> row)) === 0) continue;
      const columns = bits.read(16);
      for (let column = 0; column < 16; column++)
        if ((columns & (0x8000 >> column)) !== 0) used.push(16 * row + column);
    }
    return Uint8Array.from(used);
  }

  /** Which table each group of symbols has. */
  private *readSelectors(tables: number): Generator<Buffer | undefined, Uint8Array, void> {
    const { bits, input } = this;
    yield* input.want(8);
    const selectors = new Uint8Array(bits.read(15));
    const order = [0, 1, 2, 3, 4, 5];
    for (let at = 0; at < selectors.length; at++) {
      if (input.left < 8) yield* input.want(8);
      let place = 0;
      while (bits.read(1) === 1) if (++place >= tables) throw new Damaged('no such table');
      const [table = 0] = order.splice(place, 1);
      order.unshift(table);
      selectors[at] = table;
    }
    return selectors;
  }

  private *readLengths(symbols: number): Generator<Buffer | undefined, Uint8Array, void> {
    const { bits, input } = this;
    const lengths = new Uint8Array(symbols);
    yield* input.want(8);
    let length = bits.read(5);
    for (let symbol = 0; symbol < symbols; symbol++) {
      for (let steps = 0; ; steps++) {
        if (input.left < 8) yield* input.want(8);
        if (length < 1 || length > LONGEST || steps > MAX_DELTAS) throw new Damaged('no such code');
        if (bits.read(1) === 0) break;
        length += bits.read(1) === 0 ? 1 : -1;
      }
      lengths[symbol] = length;
    }
    return lengths;
  }

  private *readSymbols(used: Uint8Array, selectors: Uint8Array, codes: readonly Codes[]): Steps {
    const { bits, counts, input } = this;
    const front = Uint8Array.from(used);
    const end = used.length + 1;
    counts.fill(0);
    this.length = 0;
    let run = 0;
    let weight = 1;
    for (const [group, selector] of selectors.entries()) {
      if (input.left < GROUP_BYTES) yield* input.want(GROUP_BYTES);
      if (group % (BETWEEN_PAUSES / 64) === 0) yield NOTHING;
      const table = codes[selector] as Codes;
      for (let left = GROUP; left > 0; left--) {
        const symbol = decode(bits, table);
        if (symbol <= 1) {
          run += weight << symbol;
          weight *= 2;
          if (run > MAX_BLOCK) throw new Damaged('too long a block');
          continue;
        }
        if (run > 0) {
          this.put(front[0] as number, run);
          run = 0;
          weight = 1;
        }
        if (symbol === end) {
          yield* input.want(0);
          bits.rest();
          return;
        }
        const place = symbol - 1;
        const byte = front[place] as number;
        front.copyWithin(1, 0, place);
        front[0] = byte;
        this.put(byte, 1);
      }
    }
    throw new Damaged('a block without an end');
  }

  private put(byte: number, times: number): void {
    const length = this.length + times;
    if (length > MAX_BLOCK) throw new Damaged('too long a block');
    if (length > this.places.length) {
      const grown = new Uint32Array(Math.min(MAX_BLOCK, Math.max(length, 2 * this.places.length)));
      grown.set(this.places);
      this.places = grown;
    }
    this.places.fill(byte, this.length, length);
    (this.counts[byte] as number) += times;
    this.length = length;
  }

  /** Says of each place which one follows. */
  private *unsort(): Steps {
    const { counts, length, places } = this;
    const next = new Uint32Array(256);
    for (let byte = 1; byte < 256; byte++) {
      next[byte] = (next[byte - 1] as number) + (counts[byte - 1] as number);
    }
    for (let from = 0; from < length; from += BETWEEN_PAUSES) {
      follow(places, next, from, Math.min(length, from + BETWEEN_PAUSES));
      yield NOTHING;
    }
  }

  /** Writes the block out from its first place on; four equal bytes are followed by how many more there are. */
  private *write(first: number): Steps {
    const { input, length, places } = this;
    const pieces = new Pieces(places, length, (places[first] as number) >>> 8);
    for (;;) {
      const piece = pieces.next();
      if (pieces.isThrough) {
        input.settle();
        if (piece.length > 0) yield piece;
        return;
      }
      yield piece;
    }
  }
}

const NOTHING = Buffer.alloc(0);

function follow(places: Uint32Array, next: Uint32Array, from: number, to: number): void {
  for (let at = from; at < to; at++) {
    const byte = (places[at] as number) & 0xff;
    const place = next[byte] as number;
    next[byte] = place + 1;
    places[place] = (places[place] as number) | (at << 8);
  }
}

class Pieces {
  private readonly places: Uint32Array;
  private left: number;
  private place: number;
  private byte = -1;
  private run = 0;
  /** How often the byte is still to come. */
  private more = 0;

  constructor(places: Uint32Array, length: number, first: number) {
    this.places = places;
    this.left = length;
    this.place = first;
  }

  get isThrough(): boolean {
    return this.left === 0 && this.more === 0;
  }

  next(): Buffer {
    const { places } = this;
    const out = Buffer.allocUnsafeSlow(PIECE);
    let { byte, left, more, place, run } = this;
    let at = 0;
    while (at < PIECE) {
      if (more > 0) {
        const times = Math.min(more, PIECE - at);
        out.fill(byte, at, at + times);
        at += times;
        more -= times;
        continue;
      }
      if (left === 0) break;
      const entry = places[place] as number;
      const value = entry & 0xff;
      place = entry >>> 8;
      left--;
      if (run === 4) {
        more = value;
        run = 0;
        continue;
      }
      run = value === byte ? run + 1 : 1;
      byte = value;
      out[at++] = value;
    }
    Object.assign(this, { byte, left, more, place, run });
    return out.subarray(0, at);
  }
}

function codesOf(lengths: Uint8Array): Codes {
  const limits = new Int32Array(LONGEST + 2);
  const bases = new Int32Array(LONGEST + 2);
  const symbols = new Uint16Array(lengths.length);
  let shortest = LONGEST;
  for (const length of lengths) shortest = Math.min(shortest, length);
  let code = 0;
  let place = 0;
  for (let length = 1; length <= LONGEST; length++) {
    bases[length] = place - code;
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] !== length) continue;
      symbols[place++] = symbol;
      code++;
    }
    limits[length] = code * 2 ** (LONGEST - length);
    code *= 2;
  }
  return { limits, bases, symbols, shortest };
}

function decode(bits: Bits, { bases, limits, shortest, symbols }: Codes): number {
  const ahead = bits.peek(LONGEST);
  let length = shortest;
  while (ahead >= (limits[length] as number)) if (++length > LONGEST) throw new Damaged('no such code');
  bits.skip(length);
  const symbol = symbols[(ahead >>> (LONGEST - length)) + (bases[length] as number)];
  if (symbol === undefined) throw new Damaged('no such code');
  return symbol;
}
