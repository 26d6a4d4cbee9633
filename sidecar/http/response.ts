/** The way back: a response is written anew to the client as it arrives, with back-pressure. */
import type { ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { HOP_BY_HOP } from './header-names.ts';

/** Announce another way to the same server, which would go around Weir, or belong to the connection. */
const DROPPED: ReadonlySet<string> = new Set(['alt-svc', 'alt-used']);

/**
 * Status and end-to-end headers of a response, flat, for `writeHead`. `raw` is names and values in turn.
 * Drops hop-by-hop headers, those that Connection lists, and Alt-Svc (RFC 7838).
 */
export function responseHeaders(raw: readonly (Buffer | string)[]): string[] {
  const listed = new Set<string>();
  const pairs: [string, string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = text(raw[index]);
    const value = text(raw[index + 1]);
    const lower = name.toLowerCase();
    if (lower === 'connection') for (const token of value.split(',')) listed.add(token.trim().toLowerCase());
    pairs.push([lower, name, value]);
  }
  const headers: string[] = [];
  for (const [lower, name, value] of pairs) {
    if (HOP_BY_HOP.has(lower) || DROPPED.has(lower) || (listed.has(lower) && lower !== 'content-length')) continue;
    headers.push(name, value);
  }
  return headers;
}

function text(part: Buffer | string | undefined): string {
  return typeof part === 'string' ? part : (part?.toString('latin1') ?? '');
}

/** What became of a response. `error`: it did not arrive whole. */
export interface ResponseOutcome {
  status?: number;
  bytes: number;
  error?: Error;
}

/** undici's handler for one attempt of one request. `done` is called exactly once, also after `abort`. */
export class ResponseRelay implements Dispatcher.DispatchHandler {
  readonly #response: ServerResponse;
  readonly #done: (outcome: ResponseOutcome) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #abortedWith: Error | undefined;
  #settled = false;
  #status: number | undefined;
  #bytes = 0;

  constructor(response: ServerResponse, done: (outcome: ResponseOutcome) => void) {
    this.#response = response;
    this.#done = done;
    response.on('drain', this.#onDrain);
  }

  /** Gives the request up, wherever it is. */
  abort(reason: Error): void {
    this.#abortedWith ??= reason;
    // Not started yet (no connection so far): onRequestStart aborts it then, and nothing has been sent.
    if (this.#controller) this.#controller.abort(reason);
    else this.#settle(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#abortedWith) controller.abort(this.#abortedWith);
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (this.#settled) return;
    if (status < 200) {
      this.#informational(status, controller);
      return;
    }
    this.#status = status;
    const response = this.#response;
    response.sendDate = false;
    response.writeHead(status, responseHeaders((controller.rawHeaders ?? []) as (Buffer | string)[]));
    // The head travels with the first bytes of the body when they came together, and alone when they did not (SSE).
    process.nextTick(flushHead, response);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return;
    this.#bytes += chunk.length;
    if (!this.#response.write(chunk)) controller.pause();
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    if (this.#settled) return;
    const trailers = responseHeaders((controller.rawTrailers ?? []) as (Buffer | string)[]);
    if (trailers.length > 0) this.#response.addTrailers(pairsOf(trailers));
    this.#response.end();
    this.#settle();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#settle(this.#abortedWith ?? error);
  }

  #onDrain = (): void => {
    this.#controller?.resume();
  };

  #settle(error?: Error): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#response.off('drain', this.#onDrain);
    this.#done({
      bytes: this.#bytes,
      ...(this.#status === undefined ? {} : { status: this.#status }),
      ...(error ? { error } : {}),
    });
  }

  /** 102 and 103 are passed on (RFC 9110 section 15.2); 100 is answered by the server side of Weir, never by the upstream. */
  #informational(status: number, controller: Dispatcher.DispatchController): void {
    if (this.#response.req.httpVersion === '1.0' || this.#response.headersSent) return;
    if (status === 102) this.#response.writeProcessing();
    if (status !== 103) return;
    const link: string[] = [];
    const headers = responseHeaders((controller.rawHeaders ?? []) as (Buffer | string)[]);
    for (const [name, value] of pairsOf(headers)) if (name.toLowerCase() === 'link') link.push(value);
    try {
      if (link.length > 0) this.#response.writeEarlyHints({ link });
    } catch {
      // A hint that node finds malformed is only a hint: the response itself follows.
    }
  }
}

function pairsOf(flat: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < flat.length; index += 2)
    pairs.push([flat[index] as string, flat[index + 1] as string]);
  return pairs;
}

function flushHead(response: ServerResponse): void {
  if (!response.writableEnded && !response.destroyed) response.flushHeaders();
}
