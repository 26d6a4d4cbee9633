/**
 * A handshake that is passed on undecrypted, as far as it can be read. A server may ask for another hello (HelloRetryRequest,
 * RFC 8446 section 4.1.4), and servers on OpenSSL go by the name in that one: it is judged as the first was. Without I/O.
 */
import { HelloReader, type HelloVerdict } from './clienthello.ts';
import { ServerAnswer } from './server-answer.ts';

const RECORD_HEADER = 5;
/** RFC 8446 section 5.2: 2^14 bytes and what encryption adds. */
const MAX_RECORD = (1 << 14) + 256;
const HANDSHAKE = 22;
/** change_cipher_spec (for middleboxes), alert, and early data, which a server that asks for another hello skips. */
const PASSED: ReadonlySet<number> = new Set([20, 21, 23]);
const NOTHING = Buffer.alloc(0);

/** Bytes that may go on; null: nothing may, ever. */
export type Passed = Buffer | null;

export class PassedHandshake {
  readonly #admits: (verdict: HelloVerdict) => boolean;
  readonly #answer = new ServerAnswer();
  readonly #answered = Promise.withResolvers<void>();
  #reader = new HelloReader();
  /** `hello`: the first, which was judged. `answer`: the server's is waited for. `retry`: another hello is. `done`: no more. */
  #phase: 'hello' | 'answer' | 'retry' | 'done' = 'hello';
  #isAsking: boolean | undefined;
  /** Bytes of the first hello that were passed. */
  #count = 0;
  /** Not passed yet. */
  #held: Buffer = NOTHING;
  /** Of `#held`, what the reader has. */
  #read = 0;
  /** Bytes of a record that is passed as it comes. */
  #rest = 0;

  /** `admits`: whether a second hello may go on. */
  constructor(admits: (verdict: HelloVerdict) => boolean) {
    this.#admits = admits;
  }

  /** What may be passed on now, null: nothing may ever. Waits for the server when there is nothing else to pass. */
  client(chunk: Buffer): Passed | Promise<Passed> {
    if (this.#phase === 'done') return chunk;
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const passed = this.#pass();
    if (passed === null || passed.length > 0 || this.#phase !== 'answer') return passed;
    return this.#answered.promise.then(() => this.#pass());
  }

  /** The client's end: what was held for the server's answer. Half a hello is nothing. */
  end(): Passed | Promise<Passed> {
    if (this.#phase !== 'answer' || this.#held.length === 0) return NOTHING;
    return this.#answered.promise.then(() => this.#pass());
  }

  /** What the server says; undefined: its end. */
  server(chunk: Buffer | undefined): void {
    if (this.#isAsking !== undefined) return;
    const answer = chunk === undefined ? 'other' : this.#answer.push(chunk);
    if (answer === 'more') return;
    this.#isAsking = answer === 'retry';
    this.#answered.resolve();
  }

  #pass(): Passed {
    const passed: Buffer[] = [];
    for (;;) {
      const piece = this.#step();
      if (piece === null) return null;
      if (piece === undefined) return Buffer.concat(passed);
      passed.push(piece);
    }
  }

  /** Goes on: a piece that may be passed, undefined for the time being, or null. */
  #step(): Buffer | null | undefined {
    switch (this.#phase) {
      case 'hello':
        return this.#firstHello();
      case 'answer':
        if (this.#isAsking === undefined) return undefined;
        this.#reader = new HelloReader();
        this.#phase = this.#isAsking ? 'retry' : 'done';
        return NOTHING;
      case 'retry':
        return this.#secondHello();
      case 'done':
        return this.#held.length === 0 ? undefined : this.#take(this.#held.length);
    }
  }

  #firstHello(): Buffer | null | undefined {
    if (this.#held.length === 0) return undefined;
    const verdict = this.#reader.push(this.#held);
    const before = this.#count;
    this.#count += this.#held.length;
    if (verdict === 'more') return this.#take(this.#held.length);
    if (!verdict.ok) return this.#refused(verdict.reason);
    this.#phase = 'answer';
    return this.#take(this.#reader.bytes - before);
  }

  #secondHello(): Buffer | null | undefined {
    if (this.#rest > 0) {
      const piece = this.#take(Math.min(this.#rest, this.#held.length));
      this.#rest -= piece.length;
      return piece.length === 0 ? undefined : piece;
    }
    if (this.#held.length === 0) return undefined;
    const type = this.#held.readUInt8(0);
    if (type === HANDSHAKE) {
      const verdict = this.#reader.push(this.#held.subarray(this.#read));
      this.#read = this.#held.length;
      if (verdict === 'more') return undefined;
      if (!this.#admits(verdict)) return null;
      this.#phase = 'done';
      return NOTHING;
    }
    if (!PASSED.has(type)) return this.#refused('not a record of a handshake');
    if (this.#held.length < RECORD_HEADER) return undefined;
    const length = this.#held.readUInt16BE(3);
    if (length > MAX_RECORD) return this.#refused('bad record length');
    this.#rest = RECORD_HEADER + length;
    return NOTHING;
  }

  #refused(reason: string): null | undefined {
    return this.#admits({ ok: false, reason }) ? undefined : null;
  }

  #take(count: number): Buffer {
    const piece = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    return piece;
  }
}
