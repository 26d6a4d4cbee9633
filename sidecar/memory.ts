/**
 * Memory that the workload can make the sidecar hold, over all connections: bodies and messages that are being judged, and
 * the windows of their decoders. Each takes what it may come to need before its first byte is read; who finds no room
 * waits, unread, and is refused when that takes too long. Pure but for the clock.
 */
import { MAX_UNDER_WAY, MIN_THREAD_BYTES } from './inspect/thread/bounds.ts';

/** Bytes for all of them: with what connections cost besides, well within a pod's limit of 384 MiB. */
export const MAX_HELD_MEMORY: number = 96 * 1024 * 1024;
/** Milliseconds that a body or message waits for room. */
export const MEMORY_WAIT_MS = 10_000;
/**
 * Bytes that one takes, whatever its length: a block that is not full, the windows over its end and over the ends of what is
 * encoded in it, what waits for the judge and what waits for the server, 64 KiB and more each; more where runs of digits are encoded
 * in one another, at every alignment.
 */
export const BODY_BYTES: number = 1.5 * 1024 * 1024;
/** Of a body that is short by its own word, these many for each byte, and a few KiB. */
const COPIES = 4;
const SHORT_BYTES = 8 * 1024;
/** Bytes that a body may hold back beyond what it took; more are taken as it holds them. */
export const BODY_HOLDS_BYTES: number = 256 * 1024;

/** What is under way to the thread that judges a large body: there, and held back here. */
const UNDER_WAY_BYTES: number = 2 * MAX_UNDER_WAY;

const MIB = 1024 * 1024;
/** What decoders take: their largest window (RFC 9659, RFC 7932, RFC 1951) and their buffers. */
const DECODER_BYTES: Readonly<Record<string, number>> = { zstd: 9 * MIB, br: 17 * MIB };
const OTHER_DECODER_BYTES: number = MIB / 2;

/** What a body takes that is `length` bytes long (undefined: it does not say), behind these content encodings. */
export function bodyBytes(length: number | undefined, encodings: readonly string[] = []): number {
  const decoders = encodings.filter((encoding) => encoding !== 'identity');
  if (decoders.length === 0) {
    if (isUnderWay(length, encodings)) return BODY_BYTES + UNDER_WAY_BYTES;
    return length === undefined ? BODY_BYTES : Math.min(BODY_BYTES, COPIES * length + SHORT_BYTES);
  }
  return decoders.reduce((sum, encoding) => sum + (DECODER_BYTES[encoding] ?? OTHER_DECODER_BYTES), BODY_BYTES);
}

/** What it may hold back before it has to take more. */
export function bodyHolds(length: number | undefined, encodings: readonly string[] = []): number {
  return BODY_HOLDS_BYTES + bodyUnderWay(length, encodings);
}

/** What of it may be on its way to another thread. */
export function bodyUnderWay(length: number | undefined, encodings: readonly string[]): number {
  return isUnderWay(length, encodings) ? MAX_UNDER_WAY : 0;
}

/** Whether another thread may judge it. */
function isUnderWay(length: number | undefined, encodings: readonly string[]): boolean {
  return length !== undefined && length >= MIN_THREAD_BYTES && encodings.every((encoding) => encoding === 'identity');
}

/** Room that was taken. */
export interface Lease {
  /** Takes more, or gives some back. False: there is no more, and it is as it was. */
  resize(bytes: number): boolean;
  /** Idempotent. */
  release(): void;
}

interface Waiter {
  bytes: number;
  resolve(lease: Lease | undefined): void;
  timer: NodeJS.Timeout;
}

export class Memory {
  readonly max: number;
  readonly #waitMs: number;
  readonly #waiting = new Set<Waiter>();
  #used = 0;
  #refused = 0;

  constructor(max: number = MAX_HELD_MEMORY, waitMs: number = MEMORY_WAIT_MS) {
    this.max = max;
    this.#waitMs = waitMs;
  }

  get used(): number {
    return this.#used;
  }

  /** Who waits for room now. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Who found none since the start. */
  get refused(): number {
    return this.#refused;
  }

  /** Takes room; undefined: there was none in time. Who needs little may go before who waits for much. */
  take(bytes: number): Lease | Promise<Lease | undefined> {
    if (this.#fits(bytes)) return this.#lease(bytes);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        this.#refused++;
        resolve(undefined);
      }, this.#waitMs);
      const waiter = { bytes, resolve, timer };
      this.#waiting.add(waiter);
    });
  }

  #fits(bytes: number): boolean {
    return this.#used + bytes <= this.max;
  }

  #lease(taken: number): Lease {
    let bytes = taken;
    let isHeld = true;
    this.#used += bytes;
    return {
      resize: (now) => {
        if (!isHeld) return true;
        if (now > bytes && !this.#fits(now - bytes)) {
          this.#refused++;
          return false;
        }
        this.#change(now - bytes);
        bytes = now;
        return true;
      },
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        this.#change(-bytes);
      },
    };
  }

  #change(by: number): void {
    this.#used += by;
    if (by >= 0) return;
    for (const waiter of this.#waiting) {
      if (!this.#fits(waiter.bytes)) continue;
      this.#waiting.delete(waiter);
      clearTimeout(waiter.timer);
      waiter.resolve(this.#lease(waiter.bytes));
    }
  }
}
