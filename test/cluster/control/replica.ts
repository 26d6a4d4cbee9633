/** One replica of the control plane: the process, and what can be asked of it from outside its network namespace. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Companion, must, Companion as Process } from '../../net/process.ts';

export const NAMESPACE = 'weir-system';
const READY_WITHIN_MS = 20_000;
/** Of `make build`, unless another directory is named. */
const DIST = process.env.WEIR_DIST ?? join(import.meta.dirname, '../../../dist');

export interface ReplicaOptions {
  name?: string;
  port?: number;
  healthPort?: number;
  settings?: Record<string, unknown>;
  env?: Record<string, string>;
}

/** Flags of Node and variables that it is started with. */
export interface Program {
  flags: readonly string[];
  env: Record<string, string>;
}

export class Replica {
  readonly port: number;
  readonly #healthPort: number;
  readonly #netns: string;
  readonly #process: Companion;
  /** What it has said so far. */
  log = '';

  constructor(
    netns: string,
    program: Program,
    { kubeconfig, settings }: { kubeconfig: string; settings: string },
    { name = 'weir-0', port = 443, healthPort = 8080, env = {} }: ReplicaOptions,
  ) {
    this.port = port;
    this.#healthPort = healthPort;
    this.#netns = netns;
    this.#process = new Process(
      name,
      ['nsenter', `--net=/run/netns/${netns}`, process.execPath, ...program.flags, join(DIST, 'webhook.mjs')],
      {
        PATH: process.env.PATH,
        KUBECONFIG: kubeconfig,
        WEIR_SETTINGS: settings,
        POD_NAME: name,
        POD_NAMESPACE: NAMESPACE,
        WEIR_PORT: String(port),
        WEIR_HEALTH_PORT: String(healthPort),
        ...program.env,
        ...env,
      },
    );
    this.#process.child.stdout?.on('data', (chunk: Buffer) => {
      this.log += chunk.toString('utf8');
    });
  }

  get stderr(): string {
    return this.#process.stderr;
  }

  get pid(): number {
    return this.#process.child.pid as number;
  }

  /** The next line of its log that is so. */
  line(isSo: (line: Record<string, unknown>) => boolean, withinMs = 10_000): Promise<string> {
    return this.#process.line((text) => isSo(JSON.parse(text) as Record<string, unknown>), withinMs);
  }

  async ready(): Promise<void> {
    const end = Date.now() + READY_WITHIN_MS;
    for (;;) {
      const answer = await this.get('/readyz').catch((error: Error) => error.message);
      if (answer === 'ok\n') return;
      if (Date.now() > end) throw new Error(`the replica is not ready: ${answer}\n${this.log}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** From the health port. */
  async get(path: string): Promise<string> {
    const url = `http://127.0.0.1:${this.#healthPort}${path}`;
    return must(['nsenter', `--net=/run/netns/${this.#netns}`, 'curl', '-sS', '--max-time', '5', url]);
  }

  /** The value of a metric without labels, or with exactly these. */
  async metric(name: string): Promise<number> {
    const line = (await this.get('/metrics')).split('\n').find((text) => text.startsWith(`${name} `));
    return Number(line?.split(' ').at(-1) ?? Number.NaN);
  }

  /** Resident memory in bytes, and processor time in seconds. */
  usage(): { rss: number; cpu: number } {
    const rss = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1];
    const fields = readFileSync(`/proc/${this.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return { rss: Number(rss) * 1024, cpu: (Number(fields[11]) + Number(fields[12])) / 100 };
  }

  get exitCode(): number | null {
    return this.#process.child.exitCode;
  }

  terminate(): void {
    this.#process.child.kill('SIGTERM');
  }

  async ended(): Promise<void> {
    if (this.#process.child.exitCode !== null || this.#process.child.signalCode !== null) return;
    await new Promise((resolve) => this.#process.child.once('close', resolve));
  }

  async kill(): Promise<void> {
    this.#process.child.kill('SIGKILL');
    await this.ended();
  }
}
