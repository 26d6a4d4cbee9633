import type { IncomingMessage } from 'node:http';
import { Coalescer } from './coalesce.ts';

/** Bytes of a body that may wait in memory for the judge before the socket is paused. */
export const SOURCE_HIGH_WATER_BYTES = 64 * 1024;
/** Bytes of an unwanted body that are read and dropped, so that the client gets to read the answer. */
export const MAX_DRAIN_BYTES = 1024 * 1024;
/** Milliseconds that such a body may take. */
export const DRAIN_TIMEOUT_MS = 2000;

/** The client went away, or broke the protocol, before its body was complete. */
export class BodyAborted extends Error {
  constructor() {
    super('the request body ended early');
    this.name = 'BodyAborted';
  }
}

/**
 * The body of a request as chunks, with back-pressure: each as it came from the socket (no copy), but short ones joined.
 * Short ones wait for more: nothing of a body goes on before there is a whole block of it anyway.
 * Unlike node's own iterator it can be let go of without destroying the connection.
 */
export class BodySource implements AsyncIterableIterator<Buffer> {
  readonly #request: IncomingMessage;
  readonly #queue: Buffer[] = [];
  readonly #short = new Coalescer();
  #queued = 0;
  #ended = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(request: IncomingMessage) {
    this.#request = request;
    request.on('data', this.#onData);
    request.on('end', this.#onEnd);
    request.on('close', this.#onClose);
    request.on('error', this.#onClose);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next chunk. Rejects with BodyAborted when the body ended early or was let go of. */
  async next(): Promise<IteratorResult<Buffer, undefined>> {
    while (true) {
      const chunk = this.#queue.shift();
      if (chunk) {
        this.#queued -= chunk.length;
        if (this.#queued < SOURCE_HIGH_WATER_BYTES && this.#request.isPaused()) this.#request.resume();
        return { done: false, value: chunk };
      }
      if (this.#failure) throw this.#failure;
      if (this.#ended) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Ends the iteration with BodyAborted, and leaves what is still to come to `drain`. */
  release(): void {
    this.#detach();
    this.#failure ??= new BodyAborted();
    this.#queue.length = 0;
    this.#short.flush();
    this.#wakeUp();
  }

  #onData = (chunk: Buffer): void => {
    this.#enqueue(this.#short.push(chunk));
    if (this.#queued >= SOURCE_HIGH_WATER_BYTES) this.#request.pause();
  };

  #onEnd = (): void => {
    this.#ended = true;
    this.#enqueue(this.#short.flush());
    this.#wakeUp();
  };

  #onClose = (): void => {
    if (!this.#ended) this.#failure ??= new BodyAborted();
    this.#detach();
    this.#wakeUp();
  };

  #enqueue(pieces: readonly Buffer[]): void {
    if (pieces.length === 0) return;
    for (const piece of pieces) {
      this.#queue.push(piece);
      this.#queued += piece.length;
    }
    this.#wakeUp();
  }

  #detach(): void {
    this.#request.off('data', this.#onData);
    this.#request.off('end', this.#onEnd);
    this.#request.off('close', this.#onClose);
    this.#request.off('error', this.#onClose);
    // An 'error' without a listener would be an uncaught exception.
    this.#request.on('error', ignore);
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

/**
 * Reads and drops the rest of a request, within MAX_DRAIN_BYTES and DRAIN_TIMEOUT_MS, then calls `done` once with
 * whether the request is complete. A client that is still writing would else get a reset instead of the answer.
 */
export function drain(request: IncomingMessage, done: (complete: boolean) => void): void {
  if (request.complete || request.destroyed) {
    request.resume();
    done(request.complete);
    return;
  }
  let dropped = 0;
  const finish = (): void => {
    clearTimeout(timer);
    request.off('data', onData);
    request.off('end', finish);
    request.off('close', finish);
    done(request.complete);
  };
  const onData = (chunk: Buffer): void => {
    dropped += chunk.length;
    if (dropped > MAX_DRAIN_BYTES) finish();
  };
  const timer = setTimeout(finish, DRAIN_TIMEOUT_MS);
  request.on('error', ignore);
  request.on('data', onData);
  request.on('end', finish);
  request.on('close', finish);
  request.resume();
}

function ignore(): void {}
