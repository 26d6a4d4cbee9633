/** The audit log: one JSON line an event, with a `level` (`info` for what passed, `warn` for what was or would be denied). */
import { openSync } from 'node:fs';
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
 * `target`: a file to append to (made with mode 0600), or a file descriptor, which stays open (default: standard
 * output). Throws when the file cannot be opened.
 */
export function createLog(target: string | number = 1): Log {
  let dropped = 0;
  const destination = pino.destination({
    dest: typeof target === 'number' ? target : openSync(target, 'a', 0o600),
    sync: false,
    maxLength: MAX_WAITING_BYTES,
    // With 0 the stream would not wait for its writes when it is flushed.
    minLength: 1,
  });
  destination.on('drop', () => dropped++);
  // Without a listener a full disk would end the process, and with it the guard.
  destination.on('error', () => dropped++);
  const logger = pino({ base: null, timestamp: false, formatters: { level: (level) => ({ level }) } }, destination);
  let closed: Promise<void> | undefined;
  return {
    write(event) {
      if (closed !== undefined) dropped++;
      else if (event.action === 'allow') logger.info(event);
      else logger.warn(event);
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
