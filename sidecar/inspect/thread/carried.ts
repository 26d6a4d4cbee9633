/** A body that is judged on another thread: its bytes stay here, and go on from here as far as that is. */
import type { Body } from '../bodies.ts';
import { TooComplex } from '../budget.ts';
import type { Findings } from '../findings.ts';
import { HeldBlocks } from '../scan/hold.ts';
import { MAX_UNDER_WAY } from './bounds.ts';
import type { Told } from './messages.ts';
import { RingWriter } from './ring.ts';

/** Bytes under way down to which a sender waits that had to: the threads do not wake each other for every block. */
const ENOUGH = MAX_UNDER_WAY / 2;
/** From so many on the thread that judges is woken. */
const URGENT = MAX_UNDER_WAY / 2;

/** The thread that judges, as a body sees it. */
export interface ThreadOfBody {
  /** There is something to judge. */
  ring(isUrgent: boolean): void;
  /** Brings what it has told, also of other bodies, to `hear`. */
  listen(): void;
  /** The body is over. Idempotent. */
  close(): void;
}

/** Work that waits at each `yield`. */
type Waiting<T> = Generator<Promise<void>, T, void>;

export class CarriedBody implements Body {
  readonly #findings: Findings;
  readonly #blockSize: number;
  readonly #thread: ThreadOfBody;
  readonly #held: HeldBlocks;
  readonly #ring: RingWriter;
  #told: Told[] = [];
  #heard = 0;
  #opaque = 0;
  /** Why nothing more goes on. */
  #failure: string | undefined;

  /** `memory`: what both threads have of it. */
  constructor(findings: Findings, blockSize: number, memory: SharedArrayBuffer, thread: ThreadOfBody) {
    this.#findings = findings;
    this.#blockSize = blockSize;
    this.#thread = thread;
    this.#held = new HeldBlocks(blockSize);
    this.#ring = new RingWriter(memory);
  }

  /** Bytes that its decompressors hold on the other side. */
  get decoderBytes(): number {
    return this.#ring.read().memory;
  }

  push(chunk: Buffer): Buffer[] | Promise<Buffer[]> {
    return run(this.#pushed(chunk));
  }

  end(): Buffer[] | Promise<Buffer[]> {
    return run(this.#ended());
  }

  abort(): void {
    this.#held.clear();
    this.fail('the message was abandoned');
    this.#thread.close();
  }

  /** Something was told of it. */
  hear(told: Told): void {
    this.#told.push(told);
    this.#heard++;
  }

  /** It is not judged any further. */
  fail(why: string): void {
    this.#failure ??= why;
    this.#ring.leave();
  }

  *#pushed(chunk: Buffer): Waiting<Buffer[]> {
    const release: Buffer[] = [];
    for (const block of this.#held.push(chunk)) yield* this.#write(block, release);
    release.push(...this.#decided());
    return release;
  }

  *#ended(): Waiting<Buffer[]> {
    const release: Buffer[] = [];
    yield* this.#write(this.#held.end(), release);
    this.#ring.end();
    this.#thread.ring(true);
    for (;;) {
      const { isOver } = this.#ring.read();
      release.push(...this.#decided());
      if (isOver) break;
      yield this.#ring.until(-1);
    }
    this.#thread.close();
    release.push(...this.#held.releaseTo(Number.POSITIVE_INFINITY));
    return release;
  }

  /** Hands a block over, when there is room. */
  *#write(block: Buffer, release: Buffer[]): Waiting<void> {
    for (;;) {
      release.push(...this.#decided());
      if (this.#ring.hasRoom()) break;
      yield this.#ring.until(ENOUGH);
    }
    this.#ring.write(block);
    this.#thread.ring(this.#ring.underWay >= URGENT);
  }

  /** What may go on by now, in whole blocks: each piece is a write to the server. Throws TooComplex. */
  #decided(): Buffer[] {
    if (this.#failure !== undefined) throw new TooComplex(this.#failure);
    const { decided, memory, opaque, told } = this.#ring.read();
    if (told !== this.#heard) this.#thread.listen();
    // What it found is not known.
    if (this.#heard < told) throw new TooComplex('what the thread that judges told was lost');
    for (const { findings, refused, rest } of this.#told.splice(0)) {
      for (const finding of findings) this.#findings.adopt(finding);
      if (rest !== undefined) this.#findings.addRest(rest);
      if (refused !== undefined) throw new TooComplex(refused);
    }
    this.#findings.opaque?.count(opaque - this.#opaque);
    this.#opaque = opaque;
    this.#findings.budget.hold(memory - this.#findings.budget.memory);
    return this.#held.releaseTo(decided - (decided % this.#blockSize));
  }
}

/** What it returns; a promise of it when it has to wait. */
function run<T>(work: Waiting<T>): T | Promise<T> {
  const first = work.next();
  return first.done === true ? first.value : goOn(work, first.value);
}

async function goOn<T>(work: Waiting<T>, first: Promise<void>): Promise<T> {
  await first;
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    await step.value;
  }
}
