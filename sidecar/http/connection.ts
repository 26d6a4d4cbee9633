/** One connection of the workload: its requests are judged one after another, in order. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { Exchange, type ExchangeFront } from './exchange.ts';
import { DRAIN_TIMEOUT_MS } from './source.ts';
import type { ConnectionContext } from './types.ts';

/** Requests that may be sent ahead of the answer to the one before (RFC 9112 section 9.3.2). More close the connection. */
export const MAX_PIPELINED = 64;
/** Bytes of the heads of those that wait. One more may be of any length that a head may have. */
export const MAX_PIPELINED_BYTES: number = 32 * 1024;
/** Milliseconds that a connection may wait between requests. */
export const CLIENT_KEEP_ALIVE_MS = 65 * 1000;

export class Connection {
  readonly context: ConnectionContext;
  readonly #front: ExchangeFront;
  readonly #socket: Duplex;
  readonly #headTimeoutMs: number;
  readonly #waiting: [IncomingMessage, ServerResponse][] = [];
  #waitingBytes = 0;
  #current: Exchange | undefined;
  #headTimer: NodeJS.Timeout | undefined;
  #left = false;
  /** What follows the current request does not parse. */
  #isBroken = false;

  constructor(front: ExchangeFront, context: ConnectionContext, socket: Duplex, headTimeoutMs: number) {
    this.#front = front;
    this.context = context;
    this.#socket = socket;
    this.#headTimeoutMs = headTimeoutMs;
    this.#headTimer = setTimeout(() => socket.destroy(), headTimeoutMs);
  }

  /** A request has arrived, its body perhaps not yet. */
  push(request: IncomingMessage, response: ServerResponse): void {
    clearTimeout(this.#headTimer);
    const isFull = this.#waiting.length >= MAX_PIPELINED || this.#waitingBytes > MAX_PIPELINED_BYTES;
    if (this.#left || isFull) this.#socket.destroy();
    else if (this.#current) {
      this.#waiting.push([request, response]);
      this.#waitingBytes += headBytes(request);
    } else this.#start(request, response);
  }

  /** The bytes of the current request do not parse. False when there is none: then the head did not. */
  malformed(detail: string): boolean {
    if (!this.#current) return false;
    this.#waiting.length = 0;
    this.#isBroken = true;
    this.#current.malformed(detail);
    return true;
  }

  /** The connection is closed, or leaves HTTP. Gives whether nobody may answer on it: that is under way, or over. */
  leave(): boolean {
    const isTaken = this.#left || this.#current !== undefined;
    this.#left = true;
    clearTimeout(this.#headTimer);
    this.#waiting.length = 0;
    return isTaken;
  }

  #start(request: IncomingMessage, response: ServerResponse): void {
    const exchange = new Exchange(this.#front, this.context, request, response, (reusable) => {
      this.#current = undefined;
      if (!this.#left) this.#next(reusable);
    });
    this.#current = exchange;
    exchange.start();
  }

  #next(reusable: boolean): void {
    if (!reusable) {
      // Whatever still arrives before node has closed the socket is not a request that we would answer.
      this.leave();
      return;
    }
    if (this.#isBroken) {
      // Answered before it broke: node may have a response for what came between, which nobody will write.
      this.leave();
      this.#socket.end();
      // Unread, what the client still sends would turn the end into a reset.
      this.#socket.resume();
      setTimeout(() => this.#socket.destroy(), DRAIN_TIMEOUT_MS);
      return;
    }
    const next = this.#waiting.shift();
    if (next) {
      this.#waitingBytes -= headBytes(next[0]);
      this.#start(...next);
    }
    // Node closes a connection that stays silent; this closes one on which a head dribbles in.
    else this.#headTimer = setTimeout(() => this.#socket.destroy(), this.#headTimeoutMs + CLIENT_KEEP_ALIVE_MS);
  }
}

function headBytes({ url = '', rawHeaders }: IncomingMessage): number {
  return rawHeaders.reduce((sum, text) => sum + text.length, url.length);
}
