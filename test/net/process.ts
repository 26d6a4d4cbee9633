/** Child processes of the network tests: run to the end, or keep and stop. Nothing here knows about namespaces. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Output kept of one process; more is cut (a runaway child must not fill the memory). */
export const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

export interface Outcome {
  /** Exit status; null when a signal ended it. */
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  input?: string;
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** Milliseconds; then SIGKILL. */
  timeoutMs?: number;
}

/** Runs a command to its end. Rejects only when it cannot be started. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const [file, ...args] = argv as [string, ...string[]];
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: options.timeoutMs,
    killSignal: 'SIGKILL',
  });
  const stdout = collect(child, 'stdout');
  const stderr = collect(child, 'stderr');
  child.stdin.on('error', () => {}); // a child that does not read its input is no failure
  child.stdin.end(options.input ?? '');
  const [status] = await once(child, 'close');
  return { status, stdout: stdout(), stderr: stderr() };
}

/** Runs a command that must succeed; its stdout. */
export async function must(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const outcome = await run(argv, options);
  if (outcome.status !== 0) {
    throw new Error(`${argv.join(' ')}: exit ${outcome.status}\n${outcome.stderr}${outcome.stdout}`);
  }
  return outcome.stdout;
}

function collect(child: ChildProcess, stream: 'stdout' | 'stderr'): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  child[stream]?.on('data', (chunk: Buffer) => {
    if (size < MAX_OUTPUT_BYTES) chunks.push(chunk);
    size += chunk.length;
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

/** A process that runs beside the test. */
export class Companion {
  readonly child: ChildProcess;
  readonly #name: string;
  #stdout = '';
  #stderr = '';
  #waiters: { line: (text: string) => boolean; resolve: (text: string) => void; reject: (e: Error) => void }[] = [];
  #ended = false;

  constructor(name: string, argv: readonly string[], env?: Record<string, string | undefined>, cwd?: string) {
    const [file, ...args] = argv as [string, ...string[]];
    this.#name = name;
    this.child = spawn(file, args, { env: env ?? process.env, cwd, stdio: ['pipe', 'pipe', 'pipe'] });
    this.child.stdin?.on('error', () => {});
    this.child.stderr?.on('data', (chunk: Buffer) => {
      if (this.#stderr.length < MAX_OUTPUT_BYTES) this.#stderr += chunk.toString('utf8');
    });
    this.child.stdout?.on('data', (chunk: Buffer) => this.#onStdout(chunk.toString('utf8')));
    this.child.on('error', (error) => this.#end(error.message));
    this.child.on('close', (status, signal) => this.#end(`ended (${status ?? signal})`));
  }

  get stderr(): string {
    return this.#stderr;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The next line of stdout (complete, without the newline) that `accept` takes. Rejects when the process ends or time is up. */
  line(accept: (text: string) => boolean, timeoutMs: number): Promise<string> {
    if (this.#ended) return Promise.reject(new Error(`${this.#name} has ended: ${this.#stderr.slice(-2000)}`));
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const waiter = { line: accept, resolve, reject };
    this.#waiters.push(waiter);
    const timer = setTimeout(() => {
      this.#waiters = this.#waiters.filter((other) => other !== waiter);
      reject(new Error(`${this.#name}: nothing within ${timeoutMs} ms: ${this.#stderr.slice(-2000)}`));
    }, timeoutMs);
    return promise.finally(() => clearTimeout(timer));
  }

  /** Sends one line to stdin. */
  send(text: string): void {
    this.child.stdin?.write(`${text}\n`);
  }

  /** Closes stdin and sends SIGTERM, SIGKILL after a grace period; resolves when it is gone. */
  async stop(graceMs = 2000): Promise<void> {
    if (this.#ended) return;
    const closed = once(this.child, 'close');
    this.child.stdin?.end();
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), graceMs);
    await closed;
    clearTimeout(timer);
  }

  #onStdout(text: string): void {
    this.#stdout += text;
    for (let at = this.#stdout.indexOf('\n'); at >= 0; at = this.#stdout.indexOf('\n')) {
      const line = this.#stdout.slice(0, at);
      this.#stdout = this.#stdout.slice(at + 1);
      const waiter = this.#waiters.find((candidate) => candidate.line(line));
      if (waiter === undefined) continue;
      this.#waiters = this.#waiters.filter((other) => other !== waiter);
      waiter.resolve(line);
    }
  }

  #end(how: string): void {
    this.#ended = true;
    for (const waiter of this.#waiters.splice(0)) {
      waiter.reject(new Error(`${this.#name} ${how}: ${this.#stderr.slice(-2000)}`));
    }
  }
}
