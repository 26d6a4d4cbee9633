/**
 * Process 1 of the sandbox. It makes the file system view and the network, hands the listeners to the parent, and then starts the
 * command and waits for it. When it ends, the kernel ends every process of the sandbox; when the parent ends, it ends.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import { messageOf } from '../../crds/errors.ts';
import { makeScratch, makeView, replaceFiles, writeWeirFiles } from './mounts.ts';
import { closeOnExecFrom, peekEndedChild, reapChild, setSeccompFilter } from './native.ts';
import { type Listener, makeNetwork } from './network.ts';
import {
  CONTROL_FD,
  FORWARDED_SIGNALS,
  type FromHolder,
  type Prepare,
  STATUS_NOT_EXECUTABLE,
  STATUS_NOT_FOUND,
  STATUS_SANDBOX,
  type Start,
  type ToHolder,
} from './protocol.ts';
import { seccompFilter } from './seccomp.ts';
import { safeDescriptor } from './stdio.ts';
import { findCommand, type Tools } from './tools.ts';

class CommandError extends Error {
  readonly status: number;
  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

let tools: Tools;
let listeners: Listener[] = [];
let started = false;
const descriptors = [0, 1, 2];

function say(message: FromHolder, handle?: Listener['handle']): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null): void => (error === null ? resolve() : reject(error));
    process.send?.(message, handle, {}, done);
  });
}

async function fail(error: unknown): Promise<never> {
  const status = error instanceof CommandError ? error.status : STATUS_SANDBOX;
  const message = messageOf(error);
  if (process.connected) await say({ type: 'failed', message, status }).catch(() => undefined);
  process.exit(status);
}

async function prepare(message: Prepare): Promise<void> {
  tools = message.tools;
  makeScratch();
  listeners = await makeNetwork(tools.ip);
  const notIsolated = makeView(message.view, () => {
    for (const fd of descriptors) descriptors[fd] = safeDescriptor(fd);
  });
  for (const { kind, handle } of listeners) await say({ type: 'listener', kind }, handle);
  await say({ type: 'ready', notIsolated });
}

function start(message: Start): void {
  writeWeirFiles(message.files);
  replaceFiles(message.replacements);
  const file = commandFile(message);
  // The parent has its own copies of the listeners; ours could only steal connections.
  for (const { handle } of listeners) handle.close();
  const control = new net.Socket({ fd: CONTROL_FD, readable: true, writable: true });
  control.on('error', () => process.exit(STATUS_SANDBOX));
  control.on('close', () => process.exit(STATUS_SANDBOX));
  closeOnExecFrom(3);
  setSeccompFilter(seccompFilter(process.arch));
  const child = spawnCommand(message, file);
  started = true;
  process.disconnect();
  reapOrphans(child);
  forwardSignals(control, child);
  child.on('error', () => process.exit(STATUS_SANDBOX));
  child.on('exit', (code, signal) => {
    const status = signal === null ? (code ?? STATUS_SANDBOX) : 128 + os.constants.signals[signal];
    control.write(`${status}\n`, () => process.exit(status));
  });
}

/** Looked up here, in the view, so that "not found" is said in our words and not by the last of the wrappers. */
function commandFile({ command, env, cwd }: Start): string {
  const program = command[0] as string;
  const found = findCommand(program, env.PATH, cwd);
  if ('file' in found) return found.file;
  const status = found.error === 'not found' ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE;
  throw new CommandError(`${program}: ${found.error}`, status);
}

/**
 * The command gets a session of its own, so that no terminal but its own answers to /dev/tty, and a user namespace of its own, so
 * that it is the caller's user and has no say over ours. Each wrapper is replaced by the next.
 */
function spawnCommand({ command, env, cwd, uid, gid, terminal }: Start, file: string): ChildProcess {
  const own = [tools.unshare, '--user', `--map-user=${uid}`, `--map-group=${gid}`];
  const without = [
    tools.setpriv,
    '--no-new-privs',
    '--bounding-set=-all',
    '--inh-caps=-all',
    '--ambient-caps=-all',
    '--',
  ];
  // What a session leader without a terminal opens first becomes its controlling terminal, whatever its standard input is.
  const session = terminal === undefined ? [] : ['/bin/sh', '-c', ': <"$0"; exec "$@"', slave(terminal.number)];
  const [program = '', ...args] = [...session, ...own, ...without, file, ...command.slice(1)];
  if (terminal !== undefined) {
    const opened = fs.openSync(slave(terminal.number), fs.constants.O_RDWR | fs.constants.O_NOCTTY);
    for (const fd of terminal.descriptors) descriptors[fd] = opened;
  }
  return spawn(program, args, { cwd, env, stdio: descriptors, detached: true });
}

function slave(terminal: number): string {
  return `/dev/pts/${terminal}`;
}

/** Orphans of the whole sandbox come to process 1. The command itself is left to libuv, which waits for it by its number. */
function reapOrphans(child: ChildProcess): void {
  const reap = (): void => {
    for (let pid = peekEndedChild(); pid !== 0 && pid !== child.pid; pid = peekEndedChild()) reapChild(pid);
  };
  process.on('SIGCHLD', reap);
  reap();
}

function forwardSignals(control: net.Socket, child: ChildProcess): void {
  let pending = '';
  control.setEncoding('latin1').on('data', (text: string) => {
    const lines = `${pending}${text}`.split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) {
      const signal = FORWARDED_SIGNALS.find((name) => name === line);
      if (signal !== undefined) child.kill(signal);
    }
  });
}

process.on('message', (message: ToHolder) => {
  if (message.type === 'prepare') prepare(message).catch(fail);
  else {
    try {
      start(message);
    } catch (error) {
      void fail(error);
    }
  }
});
process.on('disconnect', () => {
  if (!started) process.exit(STATUS_SANDBOX);
});
process.on('uncaughtException', fail);
