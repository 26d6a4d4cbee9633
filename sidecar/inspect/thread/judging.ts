/** The side that judges: bodies of all messages in turn, a block or a few milliseconds of each. Without a thread of its own. */
import { PlainJudge } from '../bodies.ts';
import { DecoderMemory, refusalOf, WorkBudget } from '../budget.ts';
import { Findings, type Watched } from '../findings.ts';
import { createFingerprint } from '../fingerprint.ts';
import { KnownSet } from '../known/set.ts';
import type { ShortRest } from '../opaque/short.ts';
import { PatternSet } from '../patterns/set.ts';
import { isFull } from '../pressure.ts';
import { MAX_TURN_MS, type Work } from '../turns.ts';
import { MAX_THREAD_DECODER_MEMORY } from './bounds.ts';
import type { ToJudge, Told } from './messages.ts';
import { RingReader } from './ring.ts';
import { unpack } from './secrets.ts';

export interface JudgingOptions {
  blockSize: number;
  /** Of fingerprints. */
  key: Uint8Array;
  /** What was sent to this side and not taken yet, oldest first. */
  receive(): ToJudge | undefined;
  send(told: Told): void;
}

export class Judging {
  readonly #options: JudgingOptions;
  readonly #known = new KnownSet();
  readonly #patterns = new PatternSet();
  readonly #watched: Watched;
  readonly #bodies = new Map<number, JudgedBody>();
  /** Of all of them. */
  readonly #memory = new DecoderMemory(MAX_THREAD_DECODER_MEMORY);
  /** The block that is looked at: until its first step is done. */
  readonly #block: Buffer;

  constructor(options: JudgingOptions) {
    this.#options = options;
    this.#block = Buffer.allocUnsafeSlow(options.blockSize);
    this.#watched = { known: this.#known, patterns: this.#patterns, fingerprint: createFingerprint(options.key) };
  }

  /** Goes on with each body. False: there was nothing to do. */
  turn(): boolean {
    let isIdle = !this.#receive();
    for (const [id, body] of this.#bodies) {
      if (!body.hasWork() || this.#mustWait(body)) continue;
      isIdle = false;
      // What was sent before the block was written counts for it.
      this.#receive();
      if (body.isClosed) continue;
      body.work(this.#block);
      if (body.isOver) this.#close(id, body);
    }
    return !isIdle;
  }

  /** When there are too many objects: for the first whose block is begun. */
  #mustWait(body: JudgedBody): boolean {
    for (const other of this.#bodies.values()) if (other.isBegun) return other !== body && isFull();
    return false;
  }

  #receive(): boolean {
    let isAny = false;
    for (let message = this.#options.receive(); message !== undefined; message = this.#options.receive()) {
      this.#take(message);
      isAny = true;
    }
    return isAny;
  }

  #take(message: ToJudge): void {
    switch (message.kind) {
      case 'open': {
        const { blockSize, send } = this.#options;
        this.#bodies.set(message.body, new JudgedBody(message, this.#watched, this.#memory, blockSize, send));
        break;
      }
      case 'close':
        this.#close(message.body, this.#bodies.get(message.body));
        break;
      case 'known':
        this.#known.useValues(unpack(message.values));
        break;
      case 'patterns':
        this.#patterns.replace(message.rules);
        break;
    }
  }

  #close(id: number, body: JudgedBody | undefined): void {
    body?.close();
    this.#bodies.delete(id);
  }
}

class JudgedBody {
  readonly #id: number;
  readonly #ring: RingReader;
  readonly #findings: Findings;
  readonly #judge: PlainJudge;
  readonly #send: (told: Told) => void;
  #work: Work<void> | undefined;
  #decided = 0;
  #opaque = 0;
  #told = 0;
  /** Left to the session, which is on the other side. */
  #rest: ShortRest | undefined;
  isOver = false;
  isClosed = false;

  constructor(
    { body, budget, channel, isForm, measures, ring }: Extract<ToJudge, { kind: 'open' }>,
    watched: Watched,
    memory: DecoderMemory,
    blockSize: number,
    send: (told: Told) => void,
  ) {
    this.#id = body;
    this.#ring = new RingReader(ring, blockSize);
    this.#findings = new Findings({ ...watched, measures }, { addRest: (rest) => this.#leave(rest) });
    this.#findings.budget = new WorkBudget(budget, memory);
    this.#findings.channel = channel;
    this.#judge = new PlainJudge(this.#findings, isForm);
    this.#send = send;
  }

  /** Some of a block is done. */
  get isBegun(): boolean {
    return this.#work !== undefined;
  }

  hasWork(): boolean {
    return this.isBegun || this.#ring.next !== undefined;
  }

  /** Judges a block, or a few milliseconds of what it takes. */
  work(room: Buffer): void {
    this.#work ??= this.#next(room);
    const end = performance.now() + MAX_TURN_MS;
    try {
      do {
        if (this.#work.next().done === true) {
          this.#work = undefined;
          return;
        }
      } while (performance.now() < end);
    } catch (error) {
      this.#findings.jobs.clear();
      this.#done(0, refusalOf(error));
    }
  }

  /** Nothing more is done for it. */
  close(): void {
    this.#findings.jobs.clear();
    this.isClosed = true;
    this.#ring.leave();
  }

  *#next(room: Buffer): Work<void> {
    const { next } = this.#ring;
    if (next === undefined) return;
    const { isLast, length } = next;
    const block = this.#ring.copy(length, room);
    if (isLast) {
      yield* this.#judge.end(block);
      this.isOver = true;
    } else this.#decided = yield* this.#judge.push(block);
    this.#done(length);
  }

  #leave(rest: ShortRest): number {
    this.#rest = rest;
    return 0;
  }

  #done(bytes: number, refused?: string): void {
    const findings = this.#findings.take();
    const rest = this.#rest;
    this.#rest = undefined;
    if (refused !== undefined) this.isOver = true;
    if (findings.length > 0 || rest !== undefined || refused !== undefined) {
      this.#told++;
      this.#send({
        body: this.#id,
        findings,
        ...(rest !== undefined && { rest }),
        ...(refused !== undefined && { refused }),
      });
    }
    this.#opaque += this.#findings.takeOpaque();
    this.#ring.done(bytes, {
      decided: this.#decided,
      opaque: this.#opaque,
      memory: this.#findings.budget.memory,
      told: this.#told,
      isOver: this.isOver,
    });
  }
}
