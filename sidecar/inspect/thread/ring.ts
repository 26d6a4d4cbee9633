/**
 * What the thread that carries a body and the one that judges it share of it: blocks on their way to be judged, and how far that is.
 * Counts go on for ever in 32 bits; no two that are compared are 2 GiB apart. Each word has one thread that writes it. What is
 * written before a word is seen by whoever has read that word.
 */
import { MAX_UNDER_WAY } from './bounds.ts';

/** Words of the thread that carries, and of the one that judges; each thread's on cache lines of its own. */
const WRITTEN = 0;
const IS_ENDED = 1;
/** Up to where it waits for blocks to be judged, and that it does. */
const TARGET = 2;
const IS_WAITING = 3;
const JUDGED = 32;
const DECIDED = 33;
const OPAQUE = 34;
const DECODERS = 35;
const TOLD = 36;
const IS_OVER = 37;
/** Changes when whoever waits has to look again. */
const SIGNAL = 38;
/** The thread that judges does nothing with it any more. */
const IS_LEFT = 39;
const WORDS = 64;

/** How far the judging is. */
export interface Progress {
  /** Offset before which everything is decided. */
  decided: number;
  /** Bytes that no decoder explains, so far. */
  opaque: number;
  /** Bytes that decompressors hold. */
  memory: number;
  /** Messages that were sent about it, all of them before this. */
  told: number;
  /** All is judged, or was given up. */
  isOver: boolean;
}

function roomOf(blockSize: number): number {
  return blockSize * Math.max(1, Math.floor(MAX_UNDER_WAY / blockSize));
}

/** What a ring is in: that of another which both sides are through with, or new. */
export function ringMemory(blockSize: number, memory?: SharedArrayBuffer): SharedArrayBuffer {
  if (memory === undefined) return new SharedArrayBuffer(4 * WORDS + roomOf(blockSize));
  new Int32Array(memory, 0, WORDS).fill(0);
  return memory;
}

/** Whether the side that judges is through with it. */
export function wasLeft(memory: SharedArrayBuffer): boolean {
  return Atomics.load(new Int32Array(memory, 0, WORDS), IS_LEFT) === 1;
}

class Side {
  protected readonly words: Int32Array;
  protected readonly bytes: Buffer;
  readonly memory: SharedArrayBuffer;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.words = new Int32Array(memory, 0, WORDS);
    this.bytes = Buffer.from(memory, 4 * WORDS);
  }

  protected load(word: number): number {
    return Atomics.load(this.words, word);
  }

  protected store(word: number, value: number): void {
    Atomics.store(this.words, word, value);
  }
}

/** The side that carries. */
export class RingWriter extends Side {
  private written = 0;
  private readonly progress: Progress = { decided: 0, opaque: 0, memory: 0, told: 0, isOver: false };
  private isLeft = false;

  /** Bytes that are not judged yet. */
  get underWay(): number {
    return (this.written - this.load(JUDGED)) | 0;
  }

  hasRoom(): boolean {
    return this.underWay < this.bytes.length;
  }

  /** Copies a block; there is room. All but the last are of one size. */
  write(block: Buffer): void {
    // In two parts: V8 copies word by word to memory that is shared, and Node leaves a whole buffer to V8.
    const at = this.written % this.bytes.length;
    const half = block.length >> 1;
    block.copy(this.bytes, at, 0, half);
    block.copy(this.bytes, at + half, half);
    this.written += block.length;
    this.store(WRITTEN, this.written);
  }

  /** No more comes. */
  end(): void {
    this.store(IS_ENDED, 1);
  }

  /** How far it is now. The same object each time. */
  read(): Progress {
    const { progress } = this;
    progress.isOver = this.load(IS_OVER) === 1;
    progress.decided += (this.load(DECIDED) - progress.decided) | 0;
    progress.opaque += (this.load(OPAQUE) - progress.opaque) | 0;
    progress.memory = this.load(DECODERS);
    progress.told = this.load(TOLD);
    return progress;
  }

  /** Until no more than so many bytes are under way (-1: for ever), or it is over, or was left. */
  async until(underWay: number): Promise<void> {
    this.store(TARGET, this.written - underWay);
    this.store(IS_WAITING, 1);
    const signal = this.load(SIGNAL);
    if (this.underWay > underWay && this.load(IS_OVER) === 0) {
      await Atomics.waitAsync(this.words, SIGNAL, signal).value;
    }
    // Another body may have the memory by now.
    if (!this.isLeft) this.store(IS_WAITING, 0);
  }

  /** It is given up: whoever waits goes on, and nothing is written any more. */
  leave(): void {
    this.isLeft = true;
    Atomics.add(this.words, SIGNAL, 1);
    Atomics.notify(this.words, SIGNAL);
  }
}

/** The side that judges. */
export class RingReader extends Side {
  private readonly blockSize: number;
  private judged = 0;

  constructor(memory: SharedArrayBuffer, blockSize: number) {
    super(memory);
    this.blockSize = blockSize;
  }

  /** Bytes of the next block; undefined: it is not there yet. `isLast`: nothing comes behind it. */
  get next(): { length: number; isLast: boolean } | undefined {
    const isEnded = this.load(IS_ENDED) === 1;
    const length = (this.load(WRITTEN) - this.judged) | 0;
    if (length >= this.blockSize) return { length: this.blockSize, isLast: false };
    return isEnded ? { length, isLast: true } : undefined;
  }

  /** Copies the next block, of `length` bytes: V8 is slow with memory that is shared. */
  copy(length: number, into: Buffer): Buffer {
    const at = this.judged % this.bytes.length;
    this.bytes.copy(into, 0, at, at + length);
    return into.subarray(0, length);
  }

  /** So many bytes more are judged; everything that was found was told. */
  done(bytes: number, { decided, opaque, memory, told, isOver }: Progress): void {
    this.store(TOLD, told);
    this.store(OPAQUE, opaque);
    this.store(DECODERS, memory);
    this.store(DECIDED, decided);
    if (isOver) this.store(IS_OVER, 1);
    this.judged += bytes;
    this.store(JUDGED, this.judged);
    const isReached = ((this.judged - this.load(TARGET)) | 0) >= 0;
    if (this.load(IS_WAITING) === 0 || (!isReached && !isOver)) return;
    Atomics.add(this.words, SIGNAL, 1);
    Atomics.notify(this.words, SIGNAL);
  }

  /** Nothing is written any more: another body may have the memory. */
  leave(): void {
    this.store(IS_LEFT, 1);
  }
}
