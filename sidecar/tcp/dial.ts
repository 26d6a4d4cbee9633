/** Connects to the first of several addresses that answers. The addresses were judged before; none is looked up here. */
import type net from 'node:net';
import { Schedule } from './schedule.ts';
import type { Egress } from './types.ts';

export interface DialOptions {
  /** Aborts every attempt; the promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** For all attempts together. */
  timeoutMs: number;
}

/** No address could be reached. `reason` is what an event and a refusal call it; `attempts` says why, address by address. */
export class DialError extends Error {
  override readonly name = 'DialError';
  readonly reason: 'upstream.unreachable' | 'upstream.timeout';
  readonly attempts: readonly { address: string; error: string }[];

  constructor(reason: DialError['reason'], attempts: DialError['attempts']) {
    const tried = attempts.map(({ address, error }) => `${address}: ${error}`).join(', ');
    super(`${reason === 'upstream.timeout' ? 'no answer in time' : 'unreachable'} (${tried || 'no address'})`);
    this.reason = reason;
    this.attempts = attempts;
  }
}

/**
 * Happy Eyeballs (RFC 8305) over `egress`: attempts start ATTEMPT_DELAY_MS apart, or at once when one fails; the first
 * connection wins and all others are destroyed. The socket has an 'error' listener of its own (it does nothing, so that an
 * error between here and the caller's listeners cannot end the process) and allows half-open.
 * @throws DialError, or the signal's reason.
 */
export function dial(
  egress: Egress,
  addresses: readonly string[],
  port: number,
  options: DialOptions,
): Promise<net.Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<net.Socket>();
  const schedule = new Schedule(addresses);
  const running = new Map<net.Socket, string>();
  const failures: { address: string; error: string }[] = [];
  let timer: NodeJS.Timeout | undefined;

  const settle = (): void => {
    clearTimeout(timer);
    clearTimeout(deadline);
    options.signal?.removeEventListener('abort', abort);
    for (const socket of running.keys()) socket.destroy();
    running.clear();
  };
  const abort = (): void => {
    settle();
    reject(options.signal?.reason);
  };
  const deadline = setTimeout(() => {
    for (const address of running.values()) failures.push({ address, error: 'timed out' });
    settle();
    reject(new DialError('upstream.timeout', failures));
  }, options.timeoutMs);

  const attempt = (address: string): void => {
    const socket = egress.tcp({ address, port });
    running.set(socket, address);
    socket.on('error', (error) => {
      if (!running.delete(socket)) return;
      failures.push({ address, error: (error as NodeJS.ErrnoException).code ?? error.message });
      schedule.failed();
      advance();
    });
    socket.once('connect', () => {
      if (!running.delete(socket)) return;
      settle();
      resolve(socket);
    });
  };
  const advance = (): void => {
    clearTimeout(timer);
    for (;;) {
      const step = schedule.next(performance.now());
      if (step.do === 'attempt') {
        attempt(step.address);
        continue;
      }
      if (step.do === 'wait') timer = setTimeout(advance, Math.ceil(step.ms));
      if (step.do === 'give-up') {
        settle();
        reject(new DialError('upstream.unreachable', failures));
      }
      return;
    }
  };

  if (options.signal?.aborted) abort();
  else {
    options.signal?.addEventListener('abort', abort, { once: true });
    advance();
  }
  return promise;
}
