/** A process whose every line of output is kept, so that a test may ask for one that came before. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

const WAIT_MS = 15_000;

export class Lines {
  readonly child: ChildProcess;
  readonly lines: string[] = [];
  readonly #name: string;
  readonly #closed: Promise<unknown>;
  #stderr = '';
  #partial = '';
  #waiters: (() => void)[] = [];

  constructor(name: string, argv: readonly string[], env: NodeJS.ProcessEnv) {
    const [file, ...args] = argv as [string, ...string[]];
    this.#name = name;
    this.child = spawn(file, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#onText(text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.#closed = once(this.child, 'close').then(() => this.#wake());
  }

  get count(): number {
    return this.lines.length;
  }

  /** Resolves with the first line (from line `since` on) that has the text, or for which it holds; also one that came already. */
  async line(wanted: string | ((line: string) => boolean), since = 0): Promise<string> {
    const matches = typeof wanted === 'string' ? (line: string) => line.includes(wanted) : wanted;
    const deadline = performance.now() + WAIT_MS;
    for (;;) {
      const found = this.lines.slice(since).find(matches);
      if (found !== undefined) return found;
      const left = deadline - performance.now();
      if (left <= 0 || this.child.exitCode !== null) {
        throw new Error(`${this.#name}: no line ${wanted}: ${this.lines.join('\n')}\n${this.#stderr}`);
      }
      await this.#more(left);
    }
  }

  send(text: string): void {
    this.child.stdin?.write(`${text}\n`);
  }

  /** Sends the signal; resolves with the exit status (null: a signal ended it) when it is gone. */
  async kill(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    return this.ended();
  }

  async ended(): Promise<number | null> {
    await this.#closed;
    return this.child.exitCode;
  }

  #more(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#waiters.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #onText(text: string): void {
    this.#partial += text;
    const parts = this.#partial.split('\n');
    this.#partial = parts.pop() ?? '';
    this.lines.push(...parts);
    this.#wake();
  }

  #wake(): void {
    for (const waiter of this.#waiters.splice(0)) waiter();
  }
}
