/** An inspector that judges by the Secrets as they are now: what comes while they are read anew waits for that. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Inspector, MessageInspection, Step } from '../inspect/inspector.ts';

/** Milliseconds that a step waits for the Secrets at most. It is refused then: what it holds cannot be known. */
export const CURRENT_WAIT_MS = 10_000;

export interface CurrentOptions {
  /** As SecretWatch has it. */
  current: () => Promise<void> | undefined;
  waitMs?: number;
}

export function currentInspector(inspector: Inspector, options: CurrentOptions): Inspector {
  return {
    session(host) {
      const session = inspector.session(host);
      return { open: (context) => new CurrentInspection(session.open(context), options) };
    },
  };
}

const LATE: Step = { findings: [], release: [], tooComplex: 'the known secrets are being read anew' };

class CurrentInspection implements MessageInspection {
  readonly #inner: MessageInspection;
  readonly #options: CurrentOptions;
  /** A step was not judged: none after it is. */
  #isLate = false;

  constructor(inner: MessageInspection, options: CurrentOptions) {
    this.#inner = inner;
    this.#options = options;
  }

  field(...args: Parameters<MessageInspection['field']>): Step | Promise<Step> {
    return this.#when(() => this.#inner.field(...args));
  }

  push(chunk: Buffer): Step | Promise<Step> {
    return this.#when(() => this.#inner.push(chunk));
  }

  end(): Step | Promise<Step> {
    return this.#when(() => this.#inner.end());
  }

  commit(): Step | Promise<Step> {
    return this.#when(() => this.#inner.commit());
  }

  abort(): void {
    this.#inner.abort();
  }

  #when(judge: () => Step | Promise<Step>): Step | Promise<Step> {
    if (this.#isLate) return LATE;
    const current = this.#options.current();
    return current === undefined ? judge() : this.#wait(current, judge);
  }

  async #wait(current: Promise<void>, judge: () => Step | Promise<Step>): Promise<Step> {
    const timer = new AbortController();
    const late = sleep(this.#options.waitMs ?? CURRENT_WAIT_MS, 'late', { signal: timer.signal }).catch(() => 'late');
    const first = await Promise.race([current, late]);
    timer.abort();
    if (first !== 'late') return judge();
    this.#isLate = true;
    this.#inner.abort();
    return LATE;
  }
}
