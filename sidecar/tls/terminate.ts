/** Ends a client's TLS here, with a leaf of our own authority for the host that was judged, and for no other. */
import { constants } from 'node:crypto';
import type net from 'node:net';
import tls from 'node:tls';
import type { Authority } from './authority.ts';
import { ClientTlsError } from './client-error.ts';

/** From the (already read) ClientHello to the client's Finished. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;

export interface TerminatorOptions<T> {
  authority: Pick<Authority, 'leaf'>;
  /** The handshake is done. Errors of the socket end in its 'close'; a listener for them is attached. */
  onSecure: (socket: tls.TLSSocket, context: T) => void;
  /** The handshake failed; the connection is destroyed already. */
  onFailure: (error: ClientTlsError, context: T) => void;
  handshakeTimeoutMs?: number;
}

/**
 * Takes over `raw`, whose ClientHello for `host` was judged and unshifted. Exactly one of onSecure and onFailure
 * follows for each call.
 */
export type Terminate<T> = (raw: net.Socket, context: T, host: string) => void;

/** One connection between its hello and the end of its handshake. */
interface Pending<T> {
  context: T;
  host: string;
  raw: net.Socket;
}

export function createTerminator<T>(options: TerminatorOptions<T>): Terminate<T> {
  const pending = new Map<net.Socket, Pending<T>>();
  const hosts = new HostCounts();

  const server = tls.createServer({
    ALPNProtocols: ['http/1.1'],
    minVersion: 'TLSv1.2',
    // No session is resumed: of one in TLS 1.2 OpenSSL does not tell the name, so that it would be refused below.
    secureOptions: constants.SSL_OP_NO_TICKET,
    handshakeTimeout: options.handshakeTimeoutMs ?? HANDSHAKE_TIMEOUT_MS,
    SNICallback: (serverName, done) => {
      const host = serverName.toLowerCase();
      // OpenSSL read another name than our reader did: there must be no such hello, so there is no leaf for it.
      if (!hosts.has(host)) return done(new ClientTlsError('server-name'));
      options.authority.leaf(host).then(
        (context) => done(null, context),
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
      );
    },
  });

  const take = (raw: net.Socket | undefined): Pending<T> | undefined => {
    const entry = raw && pending.get(raw);
    if (!entry) return undefined;
    pending.delete(entry.raw);
    hosts.remove(entry.host);
    return entry;
  };

  const fail = (raw: net.Socket | undefined, error: unknown): void => {
    const entry = take(raw);
    raw?.destroy();
    if (entry) options.onFailure(ClientTlsError.from(error), entry.context);
  };

  server.on('secureConnection', (socket) => {
    const raw = rawSocket(socket);
    socket.on('error', ignore);
    // A renegotiation could bring another name after this one was judged.
    socket.disableRenegotiation();
    const entry = raw && pending.get(raw);
    if (!entry || serverNameOf(socket) !== entry.host) {
      socket.destroy();
      fail(raw, new ClientTlsError('server-name'));
      return;
    }
    take(raw);
    options.onSecure(socket, entry.context);
  });
  server.on('tlsClientError', (error, socket) => {
    const raw = rawSocket(socket);
    socket.on('error', ignore);
    socket.destroy();
    fail(raw, error);
  });

  return (raw, context, host) => {
    const entry = { context, host: host.toLowerCase(), raw };
    pending.set(raw, entry);
    hosts.add(entry.host);
    raw.on('error', ignore);
    // A client that rejects our certificate may close without an alert: half-open, that would look like silence.
    raw.allowHalfOpen = false;
    raw.once('close', () => fail(raw, new ClientTlsError('closed')));
    if (raw.destroyed) fail(raw, new ClientTlsError('closed'));
    else server.emit('connection', raw);
  };
}

function ignore(): void {}

/** The name that OpenSSL read; the type leaves it out for server sides. */
function serverNameOf(socket: tls.TLSSocket & { servername?: string | false }): string | undefined {
  return typeof socket.servername === 'string' ? socket.servername.toLowerCase() : undefined;
}

/**
 * The socket under a TLS socket that a server made. Node does not document the property, but has kept it since 0.12;
 * without it a connection has no context and is refused.
 */
function rawSocket(socket: tls.TLSSocket): net.Socket | undefined {
  return (socket as tls.TLSSocket & { _parent?: net.Socket })._parent;
}

/** How many handshakes are under way for each host. */
class HostCounts {
  readonly #counts = new Map<string, number>();

  has(host: string): boolean {
    return this.#counts.has(host);
  }

  add(host: string): void {
    this.#counts.set(host, (this.#counts.get(host) ?? 0) + 1);
  }

  remove(host: string): void {
    const left = (this.#counts.get(host) ?? 0) - 1;
    if (left > 0) this.#counts.set(host, left);
    else this.#counts.delete(host);
  }
}
