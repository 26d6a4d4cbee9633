/**
 * Work that a search leaves for later: what compressed data in it become. It is done before anything of the message is
 * released, a little at a time.
 */
import type { Work } from './turns.ts';

export interface Job {
  /** Does a little. True: there is no more to do for now. Throws TooComplex. */
  step(): boolean;
  /** It is given up. */
  close(): void;
}

export class Jobs {
  /** The last is done first: what came out of another is looked at before more comes out. */
  private readonly stack: Job[] = [];
  /** What was left since a job was last worked on, in this order. */
  private readonly fresh: Job[] = [];
  /** Those that hold something, whether they wait for more or not. */
  private readonly holding = new Set<Job>();

  add(jobs: readonly Job[]): void {
    this.fresh.push(...jobs);
  }

  /** It holds something, until it is `through`. */
  begun(job: Job): void {
    this.holding.add(job);
  }

  through(job: Job): void {
    this.holding.delete(job);
  }

  /** Does all there are, with what they lead to. */
  *run(): Work<void> {
    for (let job = this.next(); job !== undefined; job = this.next()) {
      if (job.step()) this.stack.pop();
      yield;
    }
  }

  private next(): Job | undefined {
    while (this.fresh.length > 0) this.stack.push(this.fresh.pop() as Job);
    return this.stack.at(-1);
  }

  /** Gives all up. */
  clear(): void {
    for (const job of [...this.stack.splice(0), ...this.fresh.splice(0), ...this.holding]) job.close();
  }
}
