/** What comes from the user while the command runs: signals and keys. */
import tty from 'node:tty';
import { FORWARDED_SIGNALS, type ForwardedSignal, type Start } from './protocol.ts';
import { openPty, Relay } from './pty.ts';
import type { Sandbox } from './sandbox.ts';

/** Signals to us are for the command; before it runs they end the attempt. */
export class Signals {
  /** The first signal that came before the command was started. */
  early: ForwardedSignal | undefined;
  #started = false;
  readonly #handlers: [ForwardedSignal, () => void][];

  constructor(sandbox: Sandbox) {
    this.#handlers = FORWARDED_SIGNALS.map((name) => [
      name,
      () => {
        if (this.#started) sandbox.signal(name);
        else this.early ??= name;
      },
    ]);
    for (const [name, handler] of this.#handlers) process.on(name, handler);
  }

  /** From here on signals are passed on. */
  begin(): void {
    this.#started = true;
  }

  stop(): void {
    for (const [name, handler] of this.#handlers) process.off(name, handler);
  }
}

/** Runs the command, with a terminal of its own when one of ours is a terminal. @throws SandboxError */
export async function attended(
  sandbox: Sandbox,
  terminals: readonly number[],
  start: Omit<Start, 'type' | 'terminal'>,
): Promise<number> {
  const real = terminals.at(-1);
  if (real === undefined) return sandbox.run({ ...start, terminal: undefined });
  const master = openPty(sandbox.terminalDirectory, real);
  const input = terminals.includes(0) ? (process.stdin as tty.ReadStream) : undefined;
  const relay = new Relay(master, { input, output: outputOn(real) });
  try {
    const terminal = { number: master.number, descriptors: [...terminals] };
    const status = await sandbox.run({ ...start, terminal });
    await relay.finished;
    return status;
  } finally {
    relay.stop();
  }
}

/** A terminal on standard input alone is written to as well: what is typed has to be echoed. */
function outputOn(fd: number): tty.WriteStream {
  if (fd === 1) return process.stdout as tty.WriteStream;
  return fd === 2 ? (process.stderr as tty.WriteStream) : new tty.WriteStream(0);
}
