/** Reads the beginning of a connection, lets someone decide on it, and puts it back. */
import type { Duplex } from 'node:stream';

export interface PeekOptions {
  /** For the whole peek, however often bytes arrive: one byte a second does not buy time. */
  timeoutMs: number;
  /** When this many bytes are there and `decide` still wants more, it is refused. */
  maxBytes: number;
}

/** `timeout` and `too-large`: the bounds above. `ended`: the client said no more before enough was known. `closed`: it is gone. */
export class PeekError extends Error {
  override readonly name = 'PeekError';
  readonly code: 'timeout' | 'too-large' | 'ended' | 'closed';
  /** What had arrived. */
  readonly buffered: Buffer;

  constructor(code: PeekError['code'], buffered: Buffer, cause?: Error) {
    super(`the beginning of the connection could not be read: ${code}`, cause === undefined ? {} : { cause });
    this.code = code;
    this.buffered = buffered;
  }
}

const FIRST_CAPACITY = 4096;

/**
 * Calls `decide` with everything that has arrived (and the part that is new) until it answers something else than 'more'.
 * Then the bytes are back at the front of the socket, which flows to whoever attaches next.
 * After a rejection the socket is as it was left, not destroyed: the caller refuses.
 * @throws PeekError; whatever `decide` throws.
 */
export function peek<T>(
  socket: Duplex,
  { timeoutMs, maxBytes }: PeekOptions,
  decide: (buffered: Buffer, fresh: Buffer) => 'more' | T,
): Promise<{ result: T; buffered: Buffer }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ result: T; buffered: Buffer }>();
  let store = Buffer.allocUnsafe(Math.min(FIRST_CAPACITY, maxBytes));
  let length = 0;
  const buffered = (): Buffer => store.subarray(0, length);

  const stop = (): void => {
    clearTimeout(timer);
    socket.off('readable', onReadable).off('end', onEnd).off('error', onError).off('close', onClose);
  };
  const fail = (error: unknown): void => {
    stop();
    reject(error);
  };
  const timer = setTimeout(() => fail(new PeekError('timeout', buffered())), timeoutMs);
  const onEnd = (): void => fail(new PeekError('ended', buffered()));
  const onError = (error: Error): void => fail(new PeekError('closed', buffered(), error));
  const onClose = (): void => fail(new PeekError('closed', buffered()));
  const onReadable = (): void => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return;
    // Bytes beyond the bound are not judged; those already read from the kernel go back behind the rest.
    const fresh = chunk.subarray(0, maxBytes - length);
    store = grown(store, length, fresh.length);
    fresh.copy(store, length);
    length += fresh.length;
    let result: 'more' | T;
    try {
      result = decide(buffered(), store.subarray(length - fresh.length, length));
    } catch (error) {
      fail(error);
      return;
    }
    if (result === 'more') {
      if (length >= maxBytes) fail(new PeekError('too-large', buffered()));
      return;
    }
    stop();
    const rest = chunk.subarray(fresh.length);
    if (rest.length > 0) socket.unshift(rest);
    socket.unshift(buffered());
    // Node leaves the paused state that a 'readable' listener brings in a nextTick of its own, queued by stop().
    process.nextTick(resolve, { result, buffered: buffered() });
  };

  socket.on('readable', onReadable).on('end', onEnd).on('error', onError).on('close', onClose);
  if (socket.destroyed) onClose();
  else if (socket.readableEnded) onEnd();
  return promise;
}

/** Room for `more` bytes after `length`, doubled so that single bytes do not cost a copy each. */
function grown(store: Buffer, length: number, more: number): Buffer<ArrayBuffer> {
  if (length + more <= store.length) return store as Buffer<ArrayBuffer>;
  const larger = Buffer.allocUnsafe(Math.max(store.length * 2, length + more));
  store.copy(larger, 0, 0, length);
  return larger;
}
