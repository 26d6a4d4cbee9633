/** Reports of what was denied, to the control plane: in batches, from a bounded queue, as slowly as it asks. */
import { setTimeout as sleep } from 'node:timers/promises';
import { MAX_REPORT_BYTES, MAX_REPORT_EVENTS, REPORTS_PATH } from '../../crds/control.ts';
import type { Event } from '../../crds/runtime.ts';
import { COUNTED_EVERY_MS, EventLimiter } from '../audit/limiter.ts';
import { Backoff, LONGEST_WAIT_MS } from './backoff.ts';
import type { ControlConnection } from './connection.ts';

/** Events that wait; more are dropped and counted. */
export const MAX_WAITING_EVENTS = 2000;
/** Bytes of them as JSON. */
export const MAX_WAITING_BYTES: number = 1024 * 1024;
/** Milliseconds that a batch waits for more. */
export const GATHER_MS = 500;
/** Milliseconds for one report. */
export const REPORT_TIMEOUT_MS = 10_000;
/** Of a report's bytes, what is not events. */
const ENVELOPE_BYTES = 64;

export interface ReportCounts {
  sent: number;
  dropped: number;
  waiting: number;
}

export interface ReportsOptions {
  control: Pick<ControlConnection, 'request'>;
  gatherMs?: number;
  random?: () => number;
}

export class Reports {
  readonly #control: ReportsOptions['control'];
  readonly #gatherMs: number;
  readonly #backoff: Backoff;
  readonly #limiter = new EventLimiter();
  readonly #stop = new AbortController();
  /** Events as JSON: what a batch takes is known before it is made. */
  #waiting: string[] = [];
  #bytes = 0;
  #sent = 0;
  #dropped = 0;
  /** Dropped since the last report that was taken. */
  #untold = 0;
  #wake: (() => void) | undefined;
  #sending: Promise<number> | undefined;
  #hurry = false;

  constructor(options: ReportsOptions) {
    this.#control = options.control;
    this.#gatherMs = options.gatherMs ?? GATHER_MS;
    this.#backoff = new Backoff(options.random);
  }

  /** Takes an event as audit/shown shaped it. What passed is not reported: that is what metrics are for. Does not block or throw. */
  add(event: Event): void {
    if (event.reason === undefined) return;
    for (const one of this.#limiter.take(event, performance.now())) this.#push(one);
  }

  counts(): ReportCounts {
    return { sent: this.#sent, dropped: this.#dropped, waiting: this.#waiting.length };
  }

  /** Sends until `stop`. Does not reject. */
  async run(): Promise<void> {
    const { signal } = this.#stop;
    const timer = setInterval(() => this.#counted(), COUNTED_EVERY_MS);
    timer.unref();
    while (!signal.aborted) {
      if (this.#waiting.length === 0) await this.#something();
      if (!this.#hurry) await pause(this.#gatherMs, signal);
      const wait = await this.#send();
      if (wait > 0) await pause(wait, signal);
    }
    clearInterval(timer);
  }

  /** Sends what waits, for at most so many milliseconds, and stops. */
  async flush(timeoutMs: number): Promise<void> {
    this.#counted();
    this.#stop.abort();
    this.#hurry = true;
    this.#wake?.();
    const deadline = performance.now() + timeoutMs;
    while (this.#waiting.length > 0) {
      const left = deadline - performance.now();
      if (left <= 0) break;
      const wait = await Promise.race([this.#send(left), sleep(left, 0)]);
      if (wait > 0) await sleep(Math.min(wait, Math.max(0, deadline - performance.now())));
    }
  }

  #counted(): void {
    for (const line of this.#limiter.counted(performance.now())) this.#push(line);
  }

  #push(event: Event): void {
    const text = JSON.stringify(event);
    const bytes = Buffer.byteLength(text) + 1;
    const fits = bytes <= MAX_REPORT_BYTES - ENVELOPE_BYTES && this.#bytes + bytes <= MAX_WAITING_BYTES;
    if (!fits || this.#waiting.length >= MAX_WAITING_EVENTS) {
      this.#drop(event.repeated ?? 1);
      return;
    }
    this.#waiting.push(text);
    this.#bytes += bytes;
    this.#wake?.();
  }

  #drop(count: number): void {
    this.#dropped += count;
    this.#untold += count;
  }

  #something(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
      if (this.#stop.signal.aborted) this.#wake();
    });
  }

  /** Sends one batch, or waits for the one that is under way. @returns milliseconds to wait before the next */
  #send(timeoutMs = REPORT_TIMEOUT_MS): Promise<number> {
    this.#sending ??= this.#sendBatch(timeoutMs).finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  async #sendBatch(timeoutMs: number): Promise<number> {
    const events = this.#batch();
    if (events.length === 0) return 0;
    const untold = this.#untold;
    const body = `{"events":[${events.join(',')}],"dropped":${untold}}`;
    let status: number;
    let retryAfter: number | undefined;
    try {
      const timeout = Math.min(timeoutMs, REPORT_TIMEOUT_MS);
      const request = { method: 'POST', path: REPORTS_PATH, body, timeoutMs: timeout, maxBytes: 4096 } as const;
      ({ status, retryAfter } = await this.#control.request(request));
    } catch {
      return this.#backoff.next();
    }
    if (status === 204) {
      this.#sent += events.length;
      this.#untold -= untold;
      this.#take(events.length);
      this.#backoff.reset();
      return 0;
    }
    if (status === 429 || status >= 500) {
      const own = this.#backoff.next();
      return retryAfter === undefined ? own : Math.min(Math.max(retryAfter * 1000, own), LONGEST_WAIT_MS * 4);
    }
    // It will not be taken the next time either.
    this.#take(events.length);
    this.#drop(events.length);
    return this.#backoff.next();
  }

  #batch(): string[] {
    const events: string[] = [];
    let bytes = ENVELOPE_BYTES;
    for (const text of this.#waiting) {
      bytes += Buffer.byteLength(text) + 1;
      if (events.length >= MAX_REPORT_EVENTS || bytes > MAX_REPORT_BYTES) break;
      events.push(text);
    }
    return events;
  }

  #take(count: number): void {
    for (const text of this.#waiting.splice(0, count)) this.#bytes -= Buffer.byteLength(text) + 1;
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => {});
}
