/** Looks for hashes of known secrets' eights in texts in the WebAssembly's memory. */
import { Area, heap, known, wasm } from './memory.ts';

/** Where filters are that are not used at the same time: an index, and what replaces it. */
export class FilterPlace {
  readonly area: Area = new Area();
  /** The filter whose bits are there. */
  holds: KnownFilter | undefined;
}

export class KnownFilter {
  readonly #place: FilterPlace;
  readonly #stride: number;
  readonly #has: (key: number) => boolean;
  /** Two bits in one word for each eight that is in the table. */
  readonly #bits: Uint32Array;
  readonly #shift: number;
  /** Bits that any of the eights has: those of text have no byte over 0x7f, and most of what is sent and no text has. */
  #any = 0;

  /** Of 2 ** `bits` bits (at most 2 ** 27), for looks `stride` bytes apart. `has`: whether a hash of which the bit is set is in the table. */
  constructor(place: FilterPlace, bits: number, stride: number, has: (key: number) => boolean) {
    this.#place = place;
    this.#stride = stride;
    this.#has = has;
    this.#bits = new Uint32Array(2 ** (bits - 5));
    this.#shift = 32 - bits;
  }

  /** An eight, as two words. */
  add(first: number, last: number): void {
    this.#any |= first | last;
    const key = wasm.knownHash(first, last);
    const word = (key >>> this.#shift) >>> 5;
    // A shift counts by its low five bits.
    this.#bits[word] = (this.#bits[word] as number) | (1 << (key >>> this.#shift)) | (1 << (key >>> (this.#shift - 5)));
  }

  /** The first place from `at` on, in steps, at which an eight of the table may stand; `end` or more when there is none before. */
  next(text: number, at: number, end: number): number {
    this.use();
    return wasm.nextKnown(text, at, end);
  }

  /** What the WebAssembly decodes is looked at with this one until another is used. It is complete. */
  use(): void {
    const { area } = this.#place;
    if (this.#place.holds !== this) {
      area.ensure(this.#bits.byteLength);
      heap.words.set(this.#bits, area.at >> 2);
      this.#place.holds = this;
    }
    known.has = this.#has;
    wasm.useKnown(area.at, this.#shift, this.#stride, (this.#any & HIGHEST) === 0 ? 1 : 0);
  }
}

/** The highest bit of each byte of a word. */
const HIGHEST = 0x80808080;

const short = new Area();

/** Copies a text to where it can be looked at until the next is. */
export function placeShort(text: Uint8Array): number {
  short.ensure(text.length);
  heap.bytes.set(text, short.at);
  return short.at;
}
