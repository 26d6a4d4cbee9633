/** Tries again and again what the rules must stop. What does not hold any more is not guarded: the caller ends. */
import { setTimeout as sleep } from 'node:timers/promises';

export class Heartbeat {
  readonly #test: () => Promise<unknown>;
  readonly #everyMs: number;
  readonly #stop = new AbortController();
  /** Unix seconds of the last test that held; 0: none yet. */
  last = 0;

  constructor(test: () => Promise<unknown>, everySeconds: number) {
    this.#test = test;
    this.#everyMs = everySeconds * 1000;
  }

  /** One test. @throws what it throws */
  async beat(): Promise<void> {
    await this.#test();
    this.last = Date.now() / 1000;
  }

  /** Beats until `stop`; rejects with the first test that fails, whatever the reason: a test that cannot be made shows nothing. */
  async run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await sleep(this.#everyMs, undefined, { signal, ref: false }).catch(() => {});
      if (!signal.aborted) await this.beat();
    }
  }

  stop(): void {
    this.#stop.abort();
  }
}
