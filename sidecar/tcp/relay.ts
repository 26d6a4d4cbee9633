/** Two connections joined: bytes up are judged, bytes down are not, ends and resets are passed on. */
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { reset } from './reset.ts';

type Judged = Buffer[] | null;

export interface RelayStats {
  /** Bytes written to the upstream, and to the client. */
  bytesUp: number;
  bytesDown: number;
  durationMs: number;
  /** `ended`: both sides said all they had. `refused`: a hook said no. `idle`: nothing moved. `error`: a side broke off. */
  outcome: 'ended' | 'refused' | 'idle' | 'error';
  error?: Error;
}

export interface RelayOptions {
  /** What may go up now, of this chunk and of those before; null refuses. Not called again before its promise has settled. */
  onClientBytes(chunk: Buffer): Judged | Promise<Judged>;
  /** The client said its last: what was held back, or null. */
  onClientEnd(): Judged | Promise<Judged>;
  /** Without a byte in either direction for this long, both are closed. There is no total timeout. */
  idleTimeoutMs: number;
  /** Once, when both are closed. */
  onClose(stats: RelayStats): void;
}

/**
 * Joins two sockets, both with half-open allowed, until both are closed. One chunk is under way in each direction, and no
 * side is read while the other does not take. A refusal, an exception of a hook, a broken side or idleness resets both.
 */
export function relay(client: Duplex, upstream: Duplex, options: RelayOptions): void {
  const started = performance.now();
  const stats: RelayStats = { bytesUp: 0, bytesDown: 0, durationMs: 0, outcome: 'ended' };
  let over = false;

  const abort = (outcome: RelayStats['outcome'], error?: Error): void => {
    if (over) return;
    over = true;
    stats.outcome = outcome;
    if (error !== undefined) stats.error = error;
    clearTimeout(idle);
    breakOff(client);
    breakOff(upstream);
  };
  const idle = setTimeout(() => abort('idle'), options.idleTimeoutMs);
  const link: Link = {
    abort,
    over: () => over,
    moved: () => {
      if (!over) idle.refresh();
    },
  };

  let open = 2;
  for (const side of [client, upstream]) {
    const closed = (): void => {
      // Closed before both of its directions ended: the other side must not take it for an orderly end.
      if (!(side.readableEnded && side.writableFinished)) abort('error');
      if (--open > 0) return;
      clearTimeout(idle);
      stats.durationMs = performance.now() - started;
      options.onClose(stats);
    };
    side.on('error', (error) => abort('error', error));
    if (side.closed) queueMicrotask(closed);
    else side.once('close', closed);
  }

  pump(client, upstream, link, {
    judge: (chunk) => options.onClientBytes(chunk),
    end: () => options.onClientEnd(),
    count: (bytes) => {
      stats.bytesUp += bytes;
    },
  });
  pump(upstream, client, link, {
    judge: (chunk) => [chunk],
    end: () => [],
    count: (bytes) => {
      stats.bytesDown += bytes;
    },
  });
}

interface Link {
  /** Something moved: the idle clock starts again. */
  moved(): void;
  abort(outcome: 'refused' | 'error', error?: Error): void;
  /** Refused, broken off or idle. A side that is destroyed need not be: Node destroys it when both of its directions have ended. */
  over(): boolean;
}

interface Direction {
  judge(chunk: Buffer): Judged | Promise<Judged>;
  end(): Judged | Promise<Judged>;
  count(bytes: number): void;
}

function pump(source: Duplex, sink: Duplex, link: Link, direction: Direction): void {
  let judging = false;
  let full = false;
  let ended = false;

  const resume = (): void => {
    if (!judging && !full) source.resume();
  };
  const write = (pieces: Judged, last: boolean): void => {
    if (pieces === null) {
      link.abort('refused');
      return;
    }
    if (sink.destroyed) return;
    for (const piece of pieces) {
      if (piece.length === 0) continue;
      direction.count(piece.length);
      full = !sink.write(piece);
    }
    if (last) sink.end();
    else if (full) source.pause();
  };
  const step = (last: boolean, run: () => Judged | Promise<Judged>): void => {
    let result: Judged | Promise<Judged>;
    try {
      result = run();
    } catch (error) {
      link.abort('refused', error as Error);
      return;
    }
    if (!(result instanceof Promise)) {
      write(result, last);
      return;
    }
    judging = true;
    source.pause();
    result.then(
      (pieces) => {
        judging = false;
        if (link.over()) return;
        write(pieces, last);
        if (ended && !last) step(true, direction.end);
        else resume();
      },
      (error) => link.abort('refused', error as Error),
    );
  };
  const onEnd = (): void => {
    link.moved();
    // Node may say 'end' while the last chunk is still being judged.
    ended = true;
    if (!judging) step(true, direction.end);
  };

  source.on('data', (chunk: Buffer) => {
    link.moved();
    step(false, () => direction.judge(chunk));
  });
  // The end may have come before us: a client that says nothing, while the upstream was dialled.
  if (source.readableEnded) onEnd();
  else source.once('end', onEnd);
  sink.on('drain', () => {
    link.moved();
    full = false;
    resume();
  });
  resume();
}

/** Ends a side so that its peer sees a break and not an end, where it is a TCP socket. */
function breakOff(side: Duplex): void {
  if (side.destroyed) return;
  // A TLS socket has the method too, and throws: its peer misses the close_notify instead (RFC 8446 6.1).
  if (side instanceof net.Socket && !(side as net.Socket & { encrypted?: true }).encrypted) reset(side);
  else side.destroy();
}
