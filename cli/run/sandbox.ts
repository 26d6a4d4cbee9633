/** The parent's side of the sandbox: starts the holder, receives the listeners, starts the command and waits for it. */
import { type ChildProcess, spawn } from 'node:child_process';
import type dgram from 'node:dgram';
import type net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isWithin } from './mountinfo.ts';
import {
  CONTROL_FD,
  type ForwardedSignal,
  type FromHolder,
  STATUS_SANDBOX,
  type Start,
  type ToHolder,
  type View,
} from './protocol.ts';
import type { Tools } from './tools.ts';

/** What the wrappers said on their way to the holder; more is not worth keeping. */
const MAX_STDERR_BYTES = 4096;

/** The holder is ready, or it never will be. */
const READY_TIMEOUT_MS = 20_000;

/** New user, mount, network, PID and IPC namespaces; the caller is root in them, and the holder their first process. */
const NAMESPACES = ['--map-root-user', '--net', '--mount', '--pid', '--ipc', '--fork', '--mount-proc', '--kill-child'];

export interface Listeners {
  tcp: net.Server[];
  dnsTcp: net.Server[];
  dnsUdp: dgram.Socket[];
}

/** The sandbox could not be made, or the command not be started in it. `status` is what to exit with. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError';
  readonly status: number;
  /** What the wrappers wrote, and that the holder never spoke: the kernel may have refused the namespaces. */
  readonly refused: string | undefined;

  constructor(message: string, status: number, refused?: string) {
    super(message);
    this.status = status;
    this.refused = refused;
  }
}

export interface SandboxOptions {
  tools: Tools;
  view: View;
  /** Descriptors that are terminals: the holder does not get these. */
  terminals: readonly number[];
  env: Readonly<Record<string, string | undefined>>;
}

export class Sandbox {
  /** Resolves when file system and network are made. */
  readonly listeners: Promise<Listeners>;
  /** Directories in which Unix sockets that appear later can be reached. Known once `listeners` has resolved. */
  notIsolated: readonly string[] = [];
  readonly #received: Listeners = { tcp: [], dnsTcp: [], dnsUdp: [] };
  readonly #child: ChildProcess;
  readonly #control: net.Socket;
  /** The process is gone. */
  readonly #exited: Promise<void>;
  /** And all that it said has arrived. */
  readonly #ended: Promise<void>;
  #said = '';
  #status: number | undefined;
  #failure: SandboxError | undefined;

  constructor({ tools, view, terminals, env }: SandboxOptions) {
    const stdio = [0, 1, 2].map((fd) => (terminals.includes(fd) ? (fd === 2 ? 'pipe' : 'ignore') : fd));
    const { file, args } = holderCommand(tools);
    // A session of its own: what a terminal sends to the foreground comes to us alone, and is passed on once.
    this.#child = spawn(file, args, {
      stdio: [...stdio, 'ipc', 'pipe'],
      env: holderEnvironment(env, view),
      detached: true,
      serialization: 'json',
    });
    this.#control = this.#child.stdio[CONTROL_FD] as net.Socket;
    this.#control.setEncoding('latin1');
    this.#control.on('data', (text: string) => {
      if (/^\d{1,3}\n$/.test(text)) this.#status = Number(text);
    });
    this.#control.on('error', () => undefined);
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said = `${this.#said}${text}`.slice(0, MAX_STDERR_BYTES);
    });
    this.#child.once('error', (error) => {
      this.#failure ??= new SandboxError(error.message, STATUS_SANDBOX);
    });
    this.#exited = this.#first('exit', 'error');
    this.#ended = this.#first('close', 'error');
    this.listeners = this.#receive();
    // Whoever awaits it learns of the failure; nobody may yet when it happens.
    this.listeners.catch(() => undefined);
    this.#send({ type: 'prepare', tools, view });
  }

  /** Where the sandbox's pseudo-terminals are, seen from outside. Valid once `listeners` has resolved. */
  get terminalDirectory(): string {
    return `/proc/${this.#child.pid}/root/dev/pts`;
  }

  /** Starts the command; resolves with its exit status. @throws SandboxError */
  async run(start: Omit<Start, 'type'>): Promise<number> {
    this.#send({ type: 'start', ...start });
    await this.#ended;
    if (this.#status !== undefined) return this.#status;
    throw this.#failure ?? new SandboxError('the sandbox ended unexpectedly', STATUS_SANDBOX);
  }

  /** Passes a signal on to the command. */
  signal(name: ForwardedSignal): void {
    if (this.#control.writable) this.#control.write(`${name}\n`);
  }

  /** Ends the sandbox and everything in it. Idempotent. */
  async end(): Promise<void> {
    // A handle that is on its way when the channel closes belongs to nobody, and keeps this process alive for good.
    await this.listeners.catch(() => undefined);
    // A wrapper that is killed before it has tied the holder's life to its own leaves a holder, which ends when we are gone.
    if (this.#child.connected) this.#child.disconnect();
    this.#control.destroy();
    this.#child.kill('SIGKILL');
    // So does one that nobody took over.
    const { tcp, dnsTcp, dnsUdp } = this.#received;
    for (const handle of [...tcp, ...dnsTcp, ...dnsUdp]) close(handle);
    await this.#exited;
  }

  #first(...events: string[]): Promise<void> {
    return new Promise((resolve) => {
      for (const event of events) this.#child.once(event, () => resolve());
    });
  }

  #send(message: ToHolder): void {
    // A holder that is gone tells by its end.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #receive(): Promise<Listeners> {
    const listeners = this.#received;
    const { promise, resolve, reject } = Promise.withResolvers<Listeners>();
    const timer = setTimeout(() => {
      this.#failure ??= new SandboxError('the sandbox was not ready in time', STATUS_SANDBOX);
      reject(this.#failure);
    }, READY_TIMEOUT_MS);
    this.#child.on('message', (message: FromHolder, handle) => {
      if (message.type === 'ready') {
        this.notIsolated = message.notIsolated;
        resolve(listeners);
      } else if (message.type === 'failed') this.#failure ??= new SandboxError(message.message, message.status);
      else if (message.kind === 'dnsUdp') listeners.dnsUdp.push(handle as dgram.Socket);
      else listeners[message.kind].push(handle as net.Server);
    });
    this.#ended.then(() => reject(this.#failure ?? this.#neverSpoke()));
    return promise.finally(() => clearTimeout(timer));
  }

  #neverSpoke(): SandboxError {
    const { exitCode, signalCode } = this.#child;
    const how = signalCode === null ? `status ${exitCode}` : `signal ${signalCode}`;
    return new SandboxError(`the sandbox could not be made (${how})`, STATUS_SANDBOX, this.#said.trim());
  }
}

/** Idempotent, which dgram's own is not. */
function close(handle: net.Server | dgram.Socket): void {
  try {
    handle.close();
  } catch {
    // closed already, with the data plane
  }
}

/** The chain of wrappers, each replaced by the next; the first ties the life of all of them to ours. */
function holderCommand({ setpriv, unshare }: Tools): { file: string; args: string[] } {
  const node = [process.execPath, '--disable-sigusr1', holderFile()];
  return { file: setpriv, args: ['--pdeathsig', 'KILL', '--', unshare, ...NAMESPACES, '--', ...node] };
}

/** The bundle beside the bundle that we are part of; from a checkout's sources, the source. */
function holderFile(): string {
  const here = fileURLToPath(import.meta.url);
  const directory = path.dirname(here);
  if (here.endsWith('.ts')) return path.join(directory, 'holder.ts');
  return path.join(path.basename(directory) === 'chunks' ? path.dirname(directory) : directory, 'holder.mjs');
}

/** The holder needs nothing of the caller's environment; coverage of its code is taken where ours is, if it can write there. */
function holderEnvironment(env: SandboxOptions['env'], { writable }: View): Record<string, string> {
  const coverage = env.NODE_V8_COVERAGE;
  if (coverage === undefined || !writable.some((place) => isWithin(coverage, place))) return {};
  return { NODE_V8_COVERAGE: coverage };
}

/** The exit status of a shell for a process that a signal ended. */
export function signalStatus(signal: NodeJS.Signals): number {
  return 128 + os.constants.signals[signal];
}
