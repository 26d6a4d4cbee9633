/**
 * What both threads know of the one that judges. It is woken seldom: to wake a thread on another core costs a quarter of what
 * judging a block does. So it dozes before it sleeps, and looks again by itself. What comes while it is awake is not lost: it
 * looks before it sleeps.
 */

/** Milliseconds that it dozes. */
export const DOZE_MS = 1;

const RUNG = 0;
const STATE = 1;
const SENT = 2;
const HEAP = 3;
const BYTES = 16;

const AWAKE = 0;
const DOZES = 1;
const SLEEPS = 2;

export class Bell {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(BYTES)) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
  }

  /** There is something to do, which is where it is looked for already. `isUrgent`: it does not doze on. */
  ring(isUrgent: boolean): void {
    Atomics.add(this.#words, RUNG, 1);
    const state = Atomics.load(this.#words, STATE);
    if (state === SLEEPS || (state === DOZES && isUrgent)) Atomics.notify(this.#words, RUNG);
  }

  /** A message was sent, and nothing of what comes behind it is there yet. */
  count(): void {
    Atomics.add(this.#words, SENT, 1);
    this.ring(true);
  }

  /** Messages that were sent. To look at the port costs much more. */
  get sent(): number {
    return Atomics.load(this.#words, SENT);
  }

  /** Bytes of objects of the thread that judges, when it said so last: less than 2 GiB. */
  get heap(): number {
    return Atomics.load(this.#words, HEAP);
  }

  set heap(bytes: number) {
    Atomics.store(this.#words, HEAP, bytes);
  }

  /** How often it rang. */
  get rung(): number {
    return Atomics.load(this.#words, RUNG);
  }

  /** Blocks this thread until it rings more often than that, or for a little longer. */
  sleep(rung: number): void {
    this.#wait(DOZES, rung, DOZE_MS);
    this.#wait(SLEEPS, rung, Number.POSITIVE_INFINITY);
    Atomics.store(this.#words, STATE, AWAKE);
  }

  #wait(state: number, rung: number, ms: number): void {
    Atomics.store(this.#words, STATE, state);
    Atomics.wait(this.#words, RUNG, rung, ms);
  }
}
