/** The policy as the control plane has it: asked for by long poll, kept over restarts, used while the control plane is away. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { MAX_POLICY_BYTES, POLICY_PATH, POLL_DEAD_MS, type PolicyAnswer } from '../../crds/control.ts';
import type { RuntimePolicy } from '../../crds/runtime.ts';
import type { PolicySource } from '../policy/index.ts';
import { writeAtomically } from '../state/atomic.ts';
import { DENY_ALL, readAnswer } from './answer.ts';
import { Backoff, LONGEST_WAIT_MS } from './backoff.ts';
import type { ControlAnswer, ControlConnection } from './connection.ts';

/** Milliseconds between two polls that were both answered at once: a control plane that has gone mad is not asked in a loop. */
export const MIN_POLL_MS = 200;
/** Milliseconds after which a poll that is neither refused nor answered says that the control plane is there, and nothing is new. */
export const HELD_MS = 1000;

/** What is known of the way to the control plane. */
export interface ControlStatus {
  connected: boolean;
  /** Polls without an answer since the last one with. */
  failures: number;
  /** What was asked, and what came of it. */
  problem?: string;
  /** When the policy in use was last confirmed by the control plane, and when it came (Unix seconds); 0: never. */
  confirmed: number;
  changed: number;
}

export interface PoliciesOptions {
  control: Pick<ControlConnection, 'request' | 'reconnect' | 'address'>;
  /** Where the last answer is kept. */
  file: string;
  /** Told after each poll that failed. */
  onAttempt?: (status: ControlStatus) => void;
  /** Told once for each change of `connected`. */
  onChange: (status: ControlStatus) => void;
  /** The answer could not be kept: a restart would be without a policy. */
  onUnkept: (error: Error) => void;
  random?: () => number;
}

export class ControlPolicies implements PolicySource {
  readonly status: ControlStatus = { connected: false, failures: 0, confirmed: 0, changed: 0 };
  readonly #options: PoliciesOptions;
  readonly #listeners = new Set<(policy: RuntimePolicy) => void>();
  readonly #backoff: Backoff;
  readonly #stop = new AbortController();
  readonly #first = Promise.withResolvers<PolicyAnswer['life']>();
  #policy: RuntimePolicy | undefined;
  /** What the next poll says that we have. */
  #have: string | undefined;
  #told: boolean | undefined;

  constructor(options: PoliciesOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.random);
    const kept = readKept(options.file);
    if (kept === undefined) return;
    this.#policy = kept.policy;
    this.#have = kept.policy.hash;
    // There was a policy, so there was a life before this one.
    this.#first.resolve('Later');
  }

  get current(): RuntimePolicy {
    return this.#policy ?? DENY_ALL;
  }

  /** Whether there is a policy that a control plane gave, now or before a restart. */
  get hasPolicy(): boolean {
    return this.#policy !== undefined;
  }

  /** Resolves with the life of the pod when there is a policy. */
  first(): Promise<PolicyAnswer['life']> {
    return this.#first.promise;
  }

  subscribe(listener: (policy: RuntimePolicy) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Polls until `stop`. Does not reject. */
  async run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const began = performance.now();
      const wait = await this.#poll();
      const least = MIN_POLL_MS - (performance.now() - began);
      await sleep(Math.max(wait, least, 0), undefined, { signal, ref: false }).catch(() => {});
    }
  }

  stop(): void {
    this.#stop.abort();
  }

  /** One question. @returns milliseconds until the next */
  async #poll(): Promise<number> {
    const { control } = this.#options;
    const path = this.#have === undefined ? POLICY_PATH : `${POLICY_PATH}?have=${this.#have}`;
    let answer: ControlAnswer;
    let held: NodeJS.Timeout | undefined;
    const onSent = (): void => {
      held = setTimeout(() => this.#connected(), HELD_MS);
    };
    try {
      const bounds = { timeoutMs: POLL_DEAD_MS, maxBytes: MAX_POLICY_BYTES };
      answer = await control.request({ method: 'GET', path, onSent, ...bounds });
    } catch (error) {
      // It is our own end that ended the poll.
      if (this.#stop.signal.aborted) return 0;
      // Nothing of a connection on which a poll died is used again.
      control.reconnect();
      return this.#failed((error as Error).message);
    } finally {
      clearTimeout(held);
    }
    if (this.#stop.signal.aborted) return 0;
    if (answer.status === 304 && this.#have !== undefined) return this.#worked();
    if (answer.status === 200) return this.#take(answer.body.toString('utf8'));
    return this.#refused(answer);
  }

  #take(text: string): number {
    const reading = readAnswer(text);
    if (!reading.ok) {
      if (reading.denies && this.#policy) {
        this.#have = reading.hash;
        this.#use(DENY_ALL);
      }
      return this.#failed(reading.problem);
    }
    const { policy, life } = reading.answer;
    const isNew = policy.hash !== this.#policy?.hash;
    this.#have = policy.hash;
    if (isNew) {
      try {
        writeAtomically(this.#options.file, text);
      } catch (error) {
        this.#options.onUnkept(error as Error);
      }
      this.#use(policy);
    }
    this.#first.resolve(life);
    return this.#worked();
  }

  #use(policy: RuntimePolicy): void {
    this.#policy = policy;
    this.status.changed = Date.now() / 1000;
    for (const listener of this.#listeners) listener(policy);
  }

  #worked(): number {
    this.#backoff.reset();
    this.status.confirmed = Date.now() / 1000;
    this.#connected();
    return 0;
  }

  #connected(): void {
    const { status } = this;
    status.connected = true;
    status.failures = 0;
    delete status.problem;
    this.#tell();
  }

  #refused({ status, retryAfter, body }: ControlAnswer): number {
    const wait = this.#failed(`answered ${status}${sentenceOf(body)}`);
    if (status !== 429 && status !== 503) return wait;
    if (retryAfter === 0) this.#options.control.reconnect();
    // Its word counts, within reason; several failures in a row mean more than it.
    return retryAfter === undefined || this.status.failures > 1 ? wait : Math.min(retryAfter * 1000, LONGEST_WAIT_MS);
  }

  #failed(problem: string): number {
    const { status } = this;
    status.connected = false;
    status.failures++;
    status.problem = `${this.#options.control.address}: ${problem}`;
    this.#options.onAttempt?.(status);
    this.#tell();
    return this.#backoff.next();
  }

  #tell(): void {
    const { connected } = this.status;
    if (this.#told === connected) return;
    this.#told = connected;
    this.#options.onChange(this.status);
  }
}

/** The sentence of a ControlError, as far as it is one. */
function sentenceOf(body: Buffer): string {
  try {
    const { error } = JSON.parse(body.toString('utf8')) as { error?: unknown };
    return typeof error === 'string' ? `: ${error.slice(0, 200)}` : '';
  } catch {
    return '';
  }
}

/** The answer of an earlier life; undefined when there is none, or none that can be used. */
function readKept(file: string): PolicyAnswer | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const reading = readAnswer(text);
  return reading.ok ? reading.answer : undefined;
}
