/** The HTTP/1.1 side towards the workload: node's server, fed with connections whose destination was judged already. */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type net from 'node:net';
import type { Duplex } from 'node:stream';
import type { InspectSession } from '../inspect/inspector.ts';
import { SessionCache } from '../inspect/sessions.ts';
import { CLIENT_KEEP_ALIVE_MS, Connection } from './connection.ts';
import type { ExchangeFront } from './exchange.ts';
import { RequestRefused } from './judge.ts';
import { EventRecord } from './record.ts';
import { detachedResponse, refuse } from './refuse.ts';
import type { ConnectionContext, FrontOptions } from './types.ts';
import { Upgrade } from './upgrade.ts';

/** Bytes of a request head, and of trailers. */
export const MAX_HEAD_BYTES = 32 * 1024;
/** Milliseconds without a byte in either direction; longer than the upstream's own, so that its end is told as what it is. */
export const CLIENT_IDLE_MS = 11 * 60 * 1000;
/** Milliseconds in which a request head must be complete. */
export const HEAD_TIMEOUT_MS = 30 * 1000;

export interface HttpFront {
  /** Takes over a connection; bytes read before must have been unshifted. The socket is closed in the end. */
  serve(socket: net.Socket, context: ConnectionContext): void;
  /** After a change of policy: ends the WebSockets that no rule would let begin now. */
  review(): void;
  /** Hosts, or domains, whose messages are judged together. */
  readonly sessions: number;
  /** Closes every connection, whatever it is doing. */
  close(): void;
}

/** A front for any number of connections. Its decisions are those of `options.engine()` at the time of each request. */
export function createHttpFront(options: FrontOptions): HttpFront {
  const sessions = new SessionCache(options.inspector);
  const front: ExchangeFront = { options, sessions: (host): InspectSession => sessions.get(host) };
  const connections = new Map<Duplex, Connection>();
  const upgrades = new Set<Upgrade>();
  const server = http.createServer({
    maxHeaderSize: MAX_HEAD_BYTES,
    insecureHTTPParser: false,
    requireHostHeader: false,
    keepAliveTimeout: CLIENT_KEEP_ALIVE_MS,
    // Node's own timers run only for servers that listen; `Connection` has the timer for the head.
    requestTimeout: 0,
    headersTimeout: 0,
    noDelay: true,
  });
  // Node would drop what exceeds this count without a word; the head check refuses it instead.
  server.maxHeadersCount = 0;
  server.timeout = options.idleTimeoutMs ?? CLIENT_IDLE_MS;

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const connection = connections.get(request.socket);
    if (connection) connection.push(request, response);
    else request.socket.destroy();
  };
  server.on('request', onRequest);
  server.on('checkContinue', onRequest);
  server.on('checkExpectation', onRequest);

  const onDetached = (request: IncomingMessage, socket: Duplex, early: Buffer): void => {
    const connection = connections.get(socket);
    connections.delete(socket);
    // An answer is still being written, or the last one was: nothing can be said in between, or after it.
    if (!connection || connection.leave()) {
      socket.destroy();
      return;
    }
    socket.on('error', () => socket.destroy());
    const upgrade = new Upgrade(front, connection.context, request, socket as net.Socket, early, () =>
      upgrades.delete(upgrade),
    );
    upgrades.add(upgrade);
    upgrade.start();
  };
  server.on('upgrade', onDetached);
  server.on('connect', onDetached);

  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const connection = connections.get(socket);
    // An end in the middle of a request is a client that went away.
    const parsing = error.code?.startsWith('HPE_') && error.code !== 'HPE_INVALID_EOF_STATE';
    if (!connection || !error.code || !parsing || !socket.writable) {
      socket.destroy();
      return;
    }
    if (connection.malformed(error.code)) return;
    connections.delete(socket);
    if (connection.leave()) socket.destroy();
    else refuseHead(options, connection.context, error.code, socket);
  });

  return {
    serve(socket, context) {
      const connection = new Connection(front, context, socket, options.headTimeoutMs ?? HEAD_TIMEOUT_MS);
      connections.set(socket, connection);
      socket.once('close', () => {
        connections.delete(socket);
        connection.leave();
      });
      server.emit('connection', socket);
    },
    get sessions() {
      return sessions.size;
    },
    review() {
      for (const upgrade of upgrades) upgrade.review();
    },
    close() {
      for (const socket of connections.keys()) socket.destroy();
      for (const upgrade of upgrades) upgrade.destroy();
    },
  };
}

/** The head could not be parsed at all: there is no request to answer, but an answer is owed. */
function refuseHead(options: FrontOptions, context: ConnectionContext, code: string, socket: Duplex): void {
  const engine = options.engine();
  const record = new EventRecord('http', options.emit);
  record.host = context.host || undefined;
  record.port = context.port;
  const request = new http.IncomingMessage(socket as net.Socket);
  request.method = 'GET';
  request.complete = true;
  socket.on('error', () => socket.destroy());
  const refused = new RequestRefused(engine.deny('http.malformed', undefined, code), [], undefined, 'broken');
  refuse(options, engine, record, refused, detachedResponse(request, socket));
}
