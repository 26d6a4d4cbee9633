/**
 * The memory of rings, which is used again and again: what two threads share weighs nothing for V8, so that neither of them
 * collects it in time, however much of it there is.
 */
import { TooComplex } from '../budget.ts';
import { MAX_RINGS } from './bounds.ts';
import { ringMemory, wasLeft } from './ring.ts';

export class Rings {
  readonly #blockSize: number;
  /** Those that the side that carries is through with. */
  #returned: SharedArrayBuffer[] = [];
  #taken = 0;

  constructor(blockSize: number) {
    this.#blockSize = blockSize;
  }

  /** How many there are, used or not. */
  get count(): number {
    return this.#taken + this.#returned.length;
  }

  /** Zeros, but for the bytes of blocks. Throws TooComplex when there are MAX_RINGS, none of which both sides are through with. */
  take(): SharedArrayBuffer {
    const index = this.#returned.findIndex(wasLeft);
    if (index < 0 && this.count >= MAX_RINGS) throw new TooComplex('too many bodies for the thread that judges');
    const [memory] = index < 0 ? [] : this.#returned.splice(index, 1);
    this.#taken++;
    return ringMemory(this.#blockSize, memory);
  }

  /** The side that carries does nothing with it any more. */
  giveBack(memory: SharedArrayBuffer): void {
    this.#taken--;
    this.#returned.push(memory);
  }

  /** Forgets them all: the side that judges has ended. */
  clear(): void {
    this.#returned = [];
    this.#taken = 0;
  }
}
