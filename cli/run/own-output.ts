/**
 * Node makes a pipe or socket non-blocking as soon as anything, a dependency too, touches `process.stdout` or
 * `process.stderr`. The command shares these with us, and a program that does not expect it loses output (EAGAIN).
 */
import fs from 'node:fs';
import { Writable } from 'node:stream';
import tty from 'node:tty';

/** Our own messages are short; a reader that takes none of them for so long gets no more. */
const PATIENCE_MS = 1000;
const PAUSE_MS = 5;

/** Replaces this process's output streams, where they are no terminals, by ones that leave the descriptors as they are. */
export function keepOutputBlocking(): void {
  for (const [name, fd] of [
    ['stdout', 1],
    ['stderr', 2],
  ] as const) {
    if (tty.isatty(fd)) continue;
    const stream = new Writable({
      decodeStrings: true,
      write: (chunk: Buffer, _encoding, done) => {
        writeWhole(fd, chunk);
        done();
      },
    });
    Object.defineProperty(process, name, { configurable: true, enumerable: true, get: () => stream });
  }
}

function writeWhole(fd: number, bytes: Buffer): void {
  const deadline = performance.now() + PATIENCE_MS;
  for (let at = 0; at < bytes.length; ) {
    try {
      at += fs.writeSync(fd, bytes, at);
    } catch (error) {
      // The caller gave us a stream that does not block: its reader is slow, or gone.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || performance.now() > deadline) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}
