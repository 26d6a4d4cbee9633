/** The thread that judges large bodies, as the one that carries them sees it. It starts with the first of them. */
import { fileURLToPath } from 'node:url';
import {
  MessageChannel,
  type MessagePort,
  type ResourceLimits,
  receiveMessageOnPort,
  Worker,
} from 'node:worker_threads';
import { TooComplex } from '../budget.ts';
import type { Findings, Watched } from '../findings.ts';
import { Bell } from './bell.ts';
import { MAX_THREAD_FAILURES, THREAD_FAILURES_MS } from './bounds.ts';
import { CarriedBody } from './carried.ts';
import type { ToJudge, Told } from './messages.ts';
import { Rings } from './rings.ts';
import { pack } from './secrets.ts';
import type { WorkerData } from './worker.ts';

export interface ThreadOptions {
  blockSize: number;
  watched: Required<Pick<Watched, 'known' | 'patterns'>>;
  /** Of fingerprints. */
  key: Uint8Array;
  limits: ResourceLimits;
  /** Milliseconds without a body after which it ends. */
  idleMs: number;
}

export interface ThreadStats {
  isRunning: boolean;
  /** Bodies that are judged there now. */
  bodies: number;
  /** Of MAX_RINGS. */
  rings: number;
  /** Bytes that decompressors hold there, of MAX_THREAD_DECODER_MEMORY. */
  decoderBytes: number;
  /** Bytes of its objects, of MAX_THREAD_HEAP, when it last had something to do. */
  heapBytes: number;
  /** Ends that were not asked for. */
  failures: number;
}

interface Running {
  worker: Worker;
  port: MessagePort;
  bell: Bell;
}

export class JudgeThread {
  readonly #options: ThreadOptions;
  readonly #bodies = new Map<number, CarriedBody>();
  readonly #rings: Rings;
  #running: Running | undefined;
  #last = 0;
  #idle: NodeJS.Timeout | undefined;
  /** When it ended without being asked to, in milliseconds of `performance.now()`. */
  #failed: number[] = [];
  #failures = 0;
  /** Secrets that were handed over; zeros once they were taken. */
  #handed: Uint8Array[] = [];

  constructor(options: ThreadOptions) {
    this.#options = options;
    this.#rings = new Rings(options.blockSize);
  }

  get stats(): ThreadStats {
    let decoderBytes = 0;
    for (const body of this.#bodies.values()) decoderBytes += body.decoderBytes;
    return {
      isRunning: this.#running !== undefined,
      bodies: this.#bodies.size,
      rings: this.#rings.count,
      decoderBytes,
      heapBytes: this.#running?.bell.heap ?? 0,
      failures: this.#failures,
    };
  }

  /** A body is about to come: it starts, which takes longer than to reach a server. */
  prepare(): void {
    if (this.#running === undefined && this.#mayStart()) this.#rest(this.#start());
  }

  /** A body whose findings go to `findings`. Throws TooComplex. */
  open(findings: Findings, isForm: boolean): CarriedBody {
    if (this.#running === undefined && !this.#mayStart())
      throw new TooComplex('the thread that judges ended too often');
    const running = this.#running ?? this.#start();
    const ring = this.#rings.take();
    clearTimeout(this.#idle);
    running.worker.ref();
    const id = ++this.#last;
    const body = new CarriedBody(findings, this.#options.blockSize, ring, {
      ring: (isUrgent) => running.bell.ring(isUrgent),
      listen: () => this.#listen(running),
      close: () => this.#close(id, ring),
    });
    this.#bodies.set(id, body);
    this.#send({
      kind: 'open',
      body: id,
      ring,
      channel: findings.channel,
      isForm,
      measures: findings.opaque !== undefined,
      budget: findings.budget.state,
    });
    return body;
  }

  /** The known secrets are others now. */
  knownChanged(): void {
    if (this.#running === undefined) return;
    const values = pack(this.#options.watched.known.values);
    this.#handed = this.#handed.filter((bytes) => bytes.some((byte) => byte !== 0));
    this.#handed.push(new Uint8Array(values.bytes));
    this.#send({ kind: 'known', values });
  }

  /** The patterns are others now. */
  patternsChanged(): void {
    this.#send({ kind: 'patterns', rules: this.#options.watched.patterns.rules });
  }

  /** Ends it now; what it judges is refused. */
  async close(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#ended(running, 'it was ended');
    await running.worker.terminate();
  }

  #send(message: ToJudge): void {
    if (this.#running === undefined) return;
    this.#running.port.postMessage(message);
    this.#running.bell.count();
  }

  #mayStart(): boolean {
    const now = performance.now();
    this.#failed = this.#failed.filter((at) => now - at < THREAD_FAILURES_MS);
    return this.#failed.length < MAX_THREAD_FAILURES;
  }

  #start(): Running {
    const { blockSize, key, limits } = this.#options;
    const bell = new Bell();
    const { port1: port, port2 } = new MessageChannel();
    const handedKey = new SharedArrayBuffer(key.length);
    new Uint8Array(handedKey).set(key);
    this.#handed.push(new Uint8Array(handedKey));
    const data: WorkerData = { bell: bell.memory, blockSize, key: handedKey, port: port2 };
    const worker = new Worker(workerFile(), { workerData: data, transferList: [port2], resourceLimits: limits });
    const running = { worker, port, bell };
    this.#running = running;
    let why = 'nobody knows why';
    // Not its message, which may quote what it was about.
    worker.on('error', (error: NodeJS.ErrnoException) => {
      why = error.code ?? error.name;
    });
    worker.on('exit', () => {
      if (this.#running !== running) return;
      this.#failures++;
      this.#failed.push(performance.now());
      this.#ended(running, why);
    });
    this.knownChanged();
    this.patternsChanged();
    return running;
  }

  #ended(running: Running, why: string): void {
    this.#running = undefined;
    clearTimeout(this.#idle);
    running.port.close();
    for (const bytes of this.#handed.splice(0)) bytes.fill(0);
    const bodies = [...this.#bodies.values()];
    this.#bodies.clear();
    this.#rings.clear();
    for (const body of bodies) body.fail(`the thread that judges has ended: ${why}`);
  }

  #close(id: number, ring: SharedArrayBuffer): void {
    if (!this.#bodies.delete(id)) return;
    this.#rings.giveBack(ring);
    this.#send({ kind: 'close', body: id });
    if (this.#bodies.size === 0 && this.#running !== undefined) this.#rest(this.#running);
  }

  /** There is no body: it ends after a while. */
  #rest({ worker }: Running): void {
    worker.unref();
    this.#idle = setTimeout(() => void this.close(), this.#options.idleMs);
    this.#idle.unref();
  }

  /** Takes all that it has told. */
  #listen({ port }: Running): void {
    for (let told = receiveMessageOnPort(port); told !== undefined; told = receiveMessageOnPort(port)) {
      const message = told.message as Told;
      this.#bodies.get(message.body)?.hear(message);
    }
  }
}

/** The bundle beside the bundle that we are part of; from a checkout's sources, the source. */
function workerFile(): URL {
  const here = import.meta.url;
  if (here.endsWith('.ts')) return new URL('worker.ts', here);
  return new URL(/\/chunks\/[^/]*$/.test(fileURLToPath(here)) ? '../judge.mjs' : 'judge.mjs', here);
}
