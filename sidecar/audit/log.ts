/** The audit log: one JSON line an event, with a `level` (`info` for what passed, `warn` for what was or would be denied). */
import { fstatSync, openSync } from 'node:fs';
import { pino } from 'pino';
import type { Event } from '../../crds/runtime.ts';
import { timestamp } from './event.ts';
import { COUNTED_EVERY_MS, EventLimiter } from './limiter.ts';

/** Bytes of lines waiting to be written; when the disk or reader is slower than that, events are dropped and counted. */
export const MAX_WAITING_BYTES: number = 16 * 1024 * 1024;
/** Bytes of a log file, with what was in it before. The line that says so comes behind. */
export const MAX_FILE_BYTES: number = 256 * 1024 * 1024;

export interface Log {
  /** Writes an event, or counts it where its kind has had its lines. Does not throw or block. */
  write(event: Event): void;
  /** Resolves when everything is written. */
  close(): Promise<void>;
  /** Events that could not be written. */
  dropped(): number;
}

export interface LogOptions {
  /** For tests; default MAX_FILE_BYTES. */
  maxFileBytes?: number;
  /** Milliseconds; for tests. */
  now?: () => number;
}

/**
 * `target`: a file to append to (made with mode 0600), or a file descriptor, which stays open (default: standard
 * output) and has no bound in bytes: who reads it has one. Throws when the file cannot be opened.
 */
export function createLog(target: string | number = 1, options: LogOptions = {}): Log {
  const now = options.now ?? (() => performance.now());
  let dropped = 0;
  const isFile = typeof target !== 'number';
  const fd = isFile ? openSync(target, 'a', 0o600) : target;
  const destination = pino.destination({
    dest: fd,
    sync: false,
    maxLength: MAX_WAITING_BYTES,
    // With 0 the stream would not wait for its writes when it is flushed.
    minLength: 1,
  });
  destination.on('drop', () => dropped++);
  // Without a listener a full disk would end the process, and with it the guard.
  destination.on('error', () => dropped++);
  let left = isFile ? (options.maxFileBytes ?? MAX_FILE_BYTES) - fstatSync(fd).size : Number.POSITIVE_INFINITY;
  let full = false;
  const bounded = {
    write(line: string): void {
      left -= Buffer.byteLength(line);
      if (left >= 0) destination.write(line);
      else {
        // A shorter line behind this one would fit: a log with gaps says less than one that ends.
        left = 0;
        dropped++;
        if (full) return;
        full = true;
        destination.write(finalLine());
      }
    },
  };
  const logger = pino({ base: null, timestamp: false, formatters: { level: (level) => ({ level }) } }, bounded);
  const limiter = new EventLimiter();
  const write = (event: Event): void => {
    if (full) dropped++;
    else if (event.action === 'allow') logger.info(event);
    else logger.warn(event);
  };
  const tell = (): void => {
    for (const event of limiter.counted(now())) write(event);
  };
  const timer = setInterval(tell, COUNTED_EVERY_MS);
  timer.unref();
  let closed: Promise<void> | undefined;
  return {
    write(event) {
      if (closed !== undefined) dropped++;
      else for (const one of limiter.take(event, now())) write(one);
    },
    close() {
      if (closed !== undefined) return closed;
      clearInterval(timer);
      tell();
      closed = new Promise((resolve) => {
        if (!isFile) destination.flush(() => resolve());
        else {
          destination.once('close', () => resolve());
          destination.once('error', () => resolve());
          destination.end();
        }
      });
      return closed;
    },
    dropped: () => dropped,
  };
}

function finalLine(): string {
  const msg = 'the audit log is full: what follows is denied and allowed as before, but not written';
  return `${JSON.stringify({ level: 'error', time: timestamp(), msg })}\n`;
}
