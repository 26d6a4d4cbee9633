/** The way out for requests: pools of connections, one for each destination, whose sockets are made by `connect`. */
import type net from 'node:net';
import type { Dispatcher } from 'undici';
// Not from the package's index, which loads fetch, caches and WebSocket too: 15 MB and 40 ms. The version is pinned.
import Pool from 'undici/lib/dispatcher/pool.js';
import type { AddressScope } from '../../crds/runtime.ts';
import type { JudgedBody } from './body.ts';
import type { Connect } from './types.ts';

/** Connections to one destination. Further requests wait for one. */
export const MAX_CONNECTIONS_PER_POOL = 128;
/** Destinations with a pool of their own. The least recently used one is closed when its requests are done. */
export const MAX_POOLS = 256;
/** Bytes of a response head. */
export const MAX_RESPONSE_HEAD_BYTES = 64 * 1024;
/** Silence from the server, in milliseconds, before a request is given up: for the head, and between parts of the body. */
export const UPSTREAM_IDLE_MS = 10 * 60 * 1000;
/** Milliseconds that an unused connection is kept: less than the five seconds after which common servers close it. */
export const KEEP_ALIVE_MS = 4000;
/** Milliseconds until a connection must be there, name resolution and TLS included. */
export const CONNECT_TIMEOUT_MS = 60 * 1000;

/** Plain text in a TLS record (RFC 8446 section 5.1). */
const TLS_RECORD_BYTES = 16 * 1024;

/** Where a request goes. A pool never serves two of these. */
export interface Origin {
  host: string;
  port: number;
  secure: boolean;
  scope: AddressScope;
}

export interface OutgoingRequest {
  method: string;
  /** Path and query. */
  target: string;
  /** Host first, no framing but Content-Length. */
  headers: readonly [string, string][];
  body: JudgedBody;
}

export interface ForwarderOptions {
  /** For tests. */
  idleTimeoutMs?: number;
  connectTimeoutMs?: number;
}

class ConnectTimeout extends Error {
  readonly reason = 'upstream.timeout';
}

export class Forwarder {
  readonly #connect: Connect;
  readonly #idleMs: number;
  readonly #connectMs: number;
  readonly #pools = new Map<string, Pool>();

  constructor(connect: Connect, options: ForwarderOptions = {}) {
    this.#connect = connect;
    this.#idleMs = options.idleTimeoutMs ?? UPSTREAM_IDLE_MS;
    this.#connectMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  }

  /** Sends a request; everything that happens to it is told to `handler` (undici's dispatch handler). Does not throw. */
  send(origin: Origin, request: OutgoingRequest, handler: Dispatcher.DispatchHandler): void {
    const headers: string[] = [];
    for (const [name, value] of request.headers) headers.push(name, value);
    try {
      this.#pool(origin).dispatch(
        {
          method: request.method as Dispatcher.HttpMethod,
          path: request.target,
          headers,
          body: bodyOf(request.body),
        },
        handler,
      );
    } catch (error) {
      handler.onResponseError?.(undefined as never, error as Error);
    }
  }

  /** A connection of its own, for an upgrade. The promise rejects like `connect`, or with a timeout. */
  async connect(origin: Origin): Promise<net.Socket> {
    let timer: NodeJS.Timeout | undefined;
    const connecting = this.#connect(origin.host, origin.port, origin.secure, origin.scope);
    const timeout = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new ConnectTimeout('no connection in time'));
        connecting.then(
          (late) => late.destroy(),
          () => {},
        );
      }, this.#connectMs);
    });
    try {
      const socket = await Promise.race([connecting, timeout]);
      socket.setNoDelay(true);
      return socket;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Aborts everything that is under way and closes all connections. */
  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  #pool(origin: Origin): Pool {
    const key = `${origin.secure ? 'https' : 'http'} ${origin.host} ${origin.port} ${origin.scope}`;
    let pool = this.#pools.get(key);
    if (pool) this.#pools.delete(key);
    else pool = this.#makePool(origin);
    this.#pools.set(key, pool);
    if (this.#pools.size > MAX_POOLS) this.#evict();
    return pool;
  }

  #evict(): void {
    const oldest = this.#pools.entries().next().value;
    if (!oldest) return;
    this.#pools.delete(oldest[0]);
    oldest[1].close().catch(() => {});
  }

  #makePool(origin: Origin): Pool {
    return new Pool(`${origin.secure ? 'https' : 'http'}://${origin.host}:${origin.port}`, {
      connections: MAX_CONNECTIONS_PER_POOL,
      pipelining: 1,
      allowH2: false,
      maxHeaderSize: MAX_RESPONSE_HEAD_BYTES,
      headersTimeout: this.#idleMs,
      bodyTimeout: this.#idleMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      strictContentLength: true,
      connect: (_options, callback) => {
        this.connect(origin).then(
          (socket) => callback(null, origin.secure ? readingByRecord(socket) : socket),
          (error: Error) => callback(error, null),
        );
      },
    });
  }
}

/**
 * undici reads all that waits at once, and node joins it for that: a copy of every byte of a download over TLS, whose
 * records come one by one. Asked for the size of one record, node hands over the chunk as it is.
 */
function readingByRecord(socket: net.Socket): net.Socket {
  const read = socket.read.bind(socket);
  socket.read = (size?: number) =>
    read(size ?? (socket.readableLength > TLS_RECORD_BYTES ? TLS_RECORD_BYTES : undefined));
  return socket;
}

function bodyOf(body: JudgedBody): NonNullable<Dispatcher.DispatchOptions['body']> | null {
  switch (body.kind) {
    case 'none':
      return null;
    case 'whole':
      return body.bytes;
    case 'stream':
      // undici takes async iterables; its types name only the streams.
      return body.chunks as unknown as Buffer;
  }
}
