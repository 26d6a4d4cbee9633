/** The audit log: one JSON line an event. */
import { pino } from 'pino';
import type { Event } from '../../crds/runtime.ts';

/** Bytes of lines waiting to be written; when the disk or reader is slower than that, events are dropped and counted. */
export const MAX_WAITING_BYTES: number = 16 * 1024 * 1024;

export interface Log {
  /** Writes an event. Does not throw or block. */
  write(event: Event): void;
  /** Resolves when everything is written. */
  close(): Promise<void>;
  /** Events that could not be written. */
  dropped(): number;
}

/**
 * `target`: a file to append to (made with mode 0600), or a file descriptor, which stays open (default: standard output). Throws when the file
 * cannot be opened.
 */
export function createLog(target: string | number = 1): Log {
  let dropped = 0;
  const destination = pino.destination({
    dest: target,
    sync: false,
    mode: 0o600,
    append: true,
    maxLength: MAX_WAITING_BYTES,
  });
  destination.on('drop', () => dropped++);
  // Without a listener a full disk would end the process, and with it the guard.
  destination.on('error', () => dropped++);
  const logger = pino({ base: null, timestamp: false, formatters: { level: () => ({}) } }, destination);
  let closed: Promise<void> | undefined;
  return {
    write(event) {
      if (closed === undefined) logger.info(event);
      else dropped++;
    },
    close() {
      closed ??= new Promise((resolve) => {
        if (typeof target === 'number') destination.flush(() => resolve());
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
