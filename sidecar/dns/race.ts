/** Attempts one after the other, each given a head start; the first that succeeds wins and the rest are called off. */

/**
 * Starts attempt `i` of `count` when `delayMs` have passed since the one before it, or as soon as that one has failed.
 * An earlier attempt goes on meanwhile: a server that is only slow still gets to answer.
 * @throws the reason of `signal`; else, when all attempts failed, the last attempt's error.
 */
export function race<T>(
  count: number,
  delayMs: number,
  signal: AbortSignal,
  attempt: (i: number, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const losers = new AbortController();
  return new Promise<T>((resolve, reject) => {
    let started = 0;
    let failed = 0;
    let timer: NodeJS.Timeout | undefined;
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      settle();
      losers.abort();
    };
    const abort = (): void => finish(() => reject(signal.reason));
    const next = (): void => {
      clearTimeout(timer);
      const i = started++;
      if (started < count) timer = setTimeout(next, delayMs);
      attempt(i, losers.signal).then(
        (value) => finish(() => resolve(value)),
        (error: unknown) => {
          if (losers.signal.aborted) return;
          if (++failed === count) finish(() => reject(error));
          else if (i === started - 1 && started < count) next();
        },
      );
    };
    if (signal.aborted || count < 1) return reject(signal.aborted ? signal.reason : new Error('nobody to ask'));
    signal.addEventListener('abort', abort, { once: true });
    next();
  });
}
