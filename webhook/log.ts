/** The control plane's log: one JSON line each on standard output. Nothing of a token, a Secret or a request's body gets here. */
import { type Logger, pino } from 'pino';

/** Bytes of lines that wait for a slow reader; more are dropped and counted. */
export const MAX_WAITING_BYTES: number = 4 * 1024 * 1024;

export interface ControlLog {
  info(message: string, more?: object): void;
  warn(message: string, more?: object): void;
  error(message: string, more?: object): void;
  /** Resolves when what was written is written. */
  flush(): Promise<void>;
}

export function createLog(level: string, dropped: () => void): ControlLog {
  const destination = pino.destination({ dest: 1, sync: false, maxLength: MAX_WAITING_BYTES, minLength: 1 });
  destination.on('drop', dropped);
  // Without a listener a closed pipe would end the process.
  destination.on('error', dropped);
  const logger: Logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (level) => ({ level }) } },
    destination,
  );
  return {
    info: (message, more = {}) => logger.info(more, message),
    warn: (message, more = {}) => logger.warn(more, message),
    error: (message, more = {}) => logger.error(more, message),
    flush: () => new Promise((resolve) => destination.flush(() => resolve())),
  };
}
