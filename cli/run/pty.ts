/**
 * The command's own terminal. The parent holds the real one and the master of a pseudo-terminal in the sandbox's devpts, and
 * relays between them; the command only ever sees the other end, so it can neither type into the caller's shell nor change its
 * terminal.
 */
import fs from 'node:fs';
import path from 'node:path';
import tty from 'node:tty';
import { ioctl } from './native.ts';

const TCGETS = 0x5401;
const TCSETS = 0x5402;
const TIOCSWINSZ = 0x5414;
const TIOCGPTN = 0x80045430;
const TIOCSPTLCK = 0x40045431;
/** struct termios of the kernel: four flag words, the line discipline, 19 control characters. */
const TERMIOS_BYTES = 36;
const OUTPUT_FLAGS_OFFSET = 4;
const STDIN = 0;
/** Output processing: turns each newline into two characters, among others. */
const OPOST = 1;

/** How long to wait when the command does not read what is typed. */
const RETRY_MS = 10;

export interface Master {
  fd: number;
  /** The other end is `number` in the same devpts. */
  number: number;
}

/** A new pseudo-terminal in `directory`, with the settings of the terminal `like`. @throws SystemError or an open error */
export function openPty(directory: string, like: number): Master {
  const flags = fs.constants.O_RDWR | fs.constants.O_NOCTTY | fs.constants.O_NONBLOCK;
  const fd = fs.openSync(path.join(directory, 'ptmx'), flags);
  const word = Buffer.alloc(4);
  ioctl(fd, TIOCSPTLCK, word);
  ioctl(fd, TIOCGPTN, word);
  const settings = Buffer.alloc(TERMIOS_BYTES);
  ioctl(like, TCGETS, settings);
  ioctl(fd, TCSETS, settings);
  return { fd, number: word.readUInt32LE() };
}

/** Tells the command's side how large the terminal is. */
export function setSize(fd: number, columns: number, rows: number): void {
  const size = Buffer.alloc(8);
  size.writeUInt16LE(rows, 0);
  size.writeUInt16LE(columns, 2);
  ioctl(fd, TIOCSWINSZ, size);
}

/** Keys come as they are typed, and output is left as the command's own terminal made it. `setRawMode(false)` undoes both. */
function makeRaw(input: tty.ReadStream): void {
  input.setRawMode(true);
  const settings = Buffer.alloc(TERMIOS_BYTES);
  ioctl(STDIN, TCGETS, settings);
  settings.writeUInt32LE(settings.readUInt32LE(OUTPUT_FLAGS_OFFSET) & ~OPOST, OUTPUT_FLAGS_OFFSET);
  ioctl(STDIN, TCSETS, settings);
}

export interface Terminal {
  /** Standard input; undefined when it is no terminal: then nothing is typed. */
  input: tty.ReadStream | undefined;
  output: tty.WriteStream;
}

function ignore(): void {}

/** Relays until the command's side is closed everywhere; restores the real terminal. */
export class Relay {
  /** Resolves when everything the command wrote has been passed on. */
  readonly finished: Promise<void>;
  readonly #master: Master;
  readonly #terminal: Terminal;
  readonly #reader: tty.ReadStream;
  readonly #writer: MasterWriter;

  constructor(master: Master, terminal: Terminal) {
    this.#master = master;
    this.#terminal = terminal;
    // Owns the descriptor from here on.
    this.#reader = new tty.ReadStream(master.fd);
    this.#writer = new MasterWriter(master.fd, () => terminal.input?.resume());
    this.finished = new Promise((resolve) => {
      // A master whose other end is closed reads as EIO.
      this.#reader.on('error', () => undefined);
      this.#reader.once('close', () => resolve());
    });
    this.#reader.on('data', (bytes) => {
      if (!terminal.output.write(bytes)) {
        this.#reader.pause();
        terminal.output.once('drain', () => this.#reader.resume());
      }
    });
    this.#resize();
    terminal.output.on('resize', this.#resize);
    if (terminal.input !== undefined) makeRaw(terminal.input);
    terminal.input?.on('data', this.#type);
    // A terminal that is gone is told by a signal.
    for (const stream of [terminal.input, terminal.output]) stream?.on('error', ignore);
  }

  /** Gives the real terminal back. Idempotent. */
  stop(): void {
    const { input, output } = this.#terminal;
    output.off('resize', this.#resize);
    input?.off('data', this.#type);
    for (const stream of [input, output]) stream?.off('error', ignore);
    input?.setRawMode(false);
    input?.pause();
    this.#writer.stop();
    this.#reader.destroy();
  }

  readonly #resize = (): void => {
    // A terminal that does not know its size has none.
    const { columns = 0, rows = 0 } = this.#terminal.output;
    setSize(this.#master.fd, columns, rows);
  };

  readonly #type = (bytes: Buffer): void => {
    if (!this.#writer.write(bytes)) this.#terminal.input?.pause();
  };
}

/** Writes to the master without ever waiting in the kernel: the process that would be waiting also carries the command's traffic. */
class MasterWriter {
  readonly #fd: number;
  readonly #onEmpty: () => void;
  #pending: Buffer = Buffer.alloc(0);
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(fd: number, onEmpty: () => void) {
    this.#fd = fd;
    this.#onEmpty = onEmpty;
  }

  /** False when the caller should wait for `onEmpty`. */
  write(bytes: Buffer): boolean {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    if (this.#timer === undefined) this.#flush();
    return this.#pending.length === 0;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #flush(): void {
    this.#timer = undefined;
    try {
      while (this.#pending.length > 0 && !this.#stopped) {
        this.#pending = this.#pending.subarray(fs.writeSync(this.#fd, this.#pending));
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') {
        this.#pending = Buffer.alloc(0);
        return;
      }
      this.#timer = setTimeout(() => {
        this.#flush();
        if (this.#pending.length === 0) this.#onEmpty();
      }, RETRY_MS);
    }
  }
}
