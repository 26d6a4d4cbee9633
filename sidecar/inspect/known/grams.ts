/**
 * Finds texts by eight bytes of them. A text is looked at every few bytes only: what is searched for is long enough to have
 * eight bytes at one of those places, and every one of its eights near its beginning is in the table.
 */
import { type FilterPlace, KnownFilter } from '../scan/simd/filter.ts';
import type { Form } from './forms.ts';

export const GRAM = 8;
/** Bytes from one look to the next, at most: fragments have twelve bytes. */
const MAX_STRIDE = 5;
/** Bits of the filter for each entry, and for all at most (in powers of two): twelve looks at once go on in vain one time in twenty. */
const FILTER_ROOM = 256;
const MAX_FILTER_BITS = 23;
/** Places of one step of the building. */
const STEP = 8192;

export class Grams {
  /** Bytes from one look to the next. */
  readonly stride: number;
  readonly forms: readonly Form[];
  readonly filter: KnownFilter;
  readonly #mask: number;
  /** First entry of each chain, and the next of each entry; -1: none. */
  readonly #heads: Int32Array;
  readonly #next: Int32Array;
  readonly #key: Int32Array;
  readonly #form: Int32Array;
  readonly #offset: Int32Array;
  #count = 0;

  /** In steps of less than a millisecond or so. `place`: where its filter will be. */
  static *building(given: readonly Form[], place: FilterPlace): Generator<void, Grams> {
    const forms = given.filter(({ bytes }) => bytes.length >= GRAM);
    let shortest = MAX_STRIDE + GRAM - 1;
    for (const { bytes, fragment, telling } of forms) {
      shortest = Math.min(shortest, bytes.length, telling.includes(1) ? fragment : bytes.length);
    }
    const stride = shortest - GRAM + 1;
    let size = 0;
    for (const form of forms) {
      yield* eachPlace(form, stride, () => size++);
    }
    const grams = new Grams(forms, stride, size, place);
    for (const [i, form] of forms.entries()) {
      yield* eachPlace(form, stride, (offset) => grams.#add(i, offset));
    }
    return grams;
  }

  /** `size`: entries. */
  private constructor(forms: readonly Form[], stride: number, size: number, place: FilterPlace) {
    this.forms = forms;
    this.stride = stride;
    this.#mask = 2 ** Math.ceil(Math.log2(Math.max(16, 2 * size))) - 1;
    this.#heads = new Int32Array(this.#mask + 1).fill(-1);
    this.#next = new Int32Array(size);
    const bits = Math.min(MAX_FILTER_BITS, Math.ceil(Math.log2(Math.max(1024, size * FILTER_ROOM))));
    this.filter = new KnownFilter(place, bits, stride, (key) => this.#has(key));
    this.#key = new Int32Array(size);
    this.#form = new Int32Array(size);
    this.#offset = new Int32Array(size);
  }

  #has(key: number): boolean {
    let entry = this.#heads[key & this.#mask] as number;
    while (entry >= 0 && this.#key[entry] !== key) entry = this.#next[entry] as number;
    return entry >= 0;
  }

  /** The entries whose eight stands at `at`. */
  *at(bytes: Buffer, at: number): Generator<{ form: Form; offset: number }> {
    const key = hash(bytes, at);
    let entry = this.#heads[key & this.#mask] as number;
    for (; entry >= 0; entry = this.#next[entry] as number) {
      if (this.#key[entry] !== key) continue;
      const form = this.forms[this.#form[entry] as number] as Form;
      const offset = this.#offset[entry] as number;
      if (form.bytes.compare(bytes, at, at + GRAM, offset, offset + GRAM) === 0) yield { form, offset };
    }
  }

  #add(form: number, offset: number): void {
    const { bytes } = this.forms[form] as Form;
    const key = hash(bytes, offset);
    const entry = this.#count++;
    this.#key[entry] = key;
    this.#form[entry] = form;
    this.#offset[entry] = offset;
    this.#next[entry] = this.#heads[key & this.#mask] as number;
    this.#heads[key & this.#mask] = entry;
    this.filter.add(word(bytes, offset), word(bytes, offset + 4));
  }
}

/** Where in a form one of its eights is met, whatever the step: `stride` places from the beginning of each window. */
function* eachPlace(
  { bytes, fragment, telling }: Form,
  stride: number,
  use: (offset: number) => void,
): Generator<void> {
  let until = stride;
  for (let offset = 0; offset + GRAM <= bytes.length; offset++) {
    if (telling[offset] === 1 && offset + fragment <= bytes.length) until = offset + stride;
    if (offset < until) use(offset);
    if (offset % STEP === STEP - 1) yield;
  }
  yield;
}

/** 32 bits, signed; as in known.asm.ts. */
function hash(bytes: Uint8Array, at: number): number {
  const mixed = Math.imul(word(bytes, at) ^ Math.imul(word(bytes, at + 4), 0x85ebca6b), 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}
