/** The listeners' edge: datagrams and TCP frames in, answers out; every bound on what clients can hold open is here. */
import type dgram from 'node:dgram';
import type net from 'node:net';
import { FrameReader, frame } from './frames.ts';
import { MAX_QUERY_BYTES } from './query.ts';

/** Queries being answered at once, over all transports. Beyond, datagrams are dropped and TCP waits. */
export const MAX_IN_FLIGHT = 512;
/** Queries of one TCP connection being answered at once; its reading pauses at that (RFC 7766 §6.2.1.1). */
export const MAX_PIPELINED = 16;
/** TCP connections at once; more are closed at once. */
export const MAX_DNS_CONNECTIONS = 128;
/** Silence after which a TCP connection is closed (RFC 7766 §6.2.3: seconds). */
export const TCP_IDLE_MS = 10_000;

/** A header (RFC 1035 §4.1.1). What is shorter is no query, and would cost many times its length. */
const MIN_QUERY_BYTES = 12;

export type Transport = 'udp' | 'tcp';
/** The answer to a query, undefined for none. */
export type Handle = (query: Buffer, transport: Transport) => Promise<Buffer | undefined>;

export interface DnsListeners {
  udp: readonly dgram.Socket[];
  tcp: readonly net.Server[];
  handle: Handle;
  idleTimeoutMs?: number;
}

/** Serves DNS on listeners that are open already. `close` closes them and every connection. */
export function serveDns(listeners: DnsListeners): { close(): void } {
  const connections = new Set<net.Socket>();
  const waiting = new Set<() => void>();
  let inFlight = 0;
  let closed = false;

  /** Runs one query; a handler that fails gives no answer and harms no other query. */
  const answer = async (query: Buffer, transport: Transport): Promise<Buffer | undefined> => {
    inFlight++;
    try {
      return await listeners.handle(query, transport);
    } catch {
      return undefined;
    } finally {
      inFlight--;
      for (const resume of [...waiting]) resume();
    }
  };

  const onDatagram = (socket: dgram.Socket) => async (query: Buffer, from: dgram.RemoteInfo) => {
    if (inFlight >= MAX_IN_FLIGHT) return;
    const response = await answer(query, 'udp');
    if (!response) return;
    try {
      socket.send(response, from.port, from.address, () => undefined);
    } catch {
      // Closed meanwhile, or a source port that cannot be answered: the datagram is lost, as datagrams are.
    }
  };

  const onConnection = (socket: net.Socket): void => {
    socket.on('error', () => undefined);
    if (connections.size >= MAX_DNS_CONNECTIONS) {
      socket.destroy();
      return;
    }
    connections.add(socket);
    // A client may end its side right after its query and still wait for the answer.
    socket.allowHalfOpen = true;
    const frames = new FrameReader(MAX_QUERY_BYTES, MIN_QUERY_BYTES);
    const queued: Buffer[] = [];
    let pending = 0;
    let ended = false;
    const mayStart = (): boolean =>
      // A client that does not read its answers gets no more of them.
      pending < MAX_PIPELINED && inFlight < MAX_IN_FLIGHT && !socket.writableNeedDrain && !socket.destroyed;
    const work = (): void => {
      while (queued.length > 0 && mayStart()) {
        pending++;
        answer(queued.shift() as Buffer, 'tcp').then((response) => {
          pending--;
          // What gets no answer was no query: the stream is not worth reading on.
          if (!response) socket.destroy();
          else if (socket.writable) socket.write(frame(response));
          work();
        });
      }
      if (queued.length > 0) {
        socket.pause();
        waiting.add(work);
      } else {
        waiting.delete(work);
        socket.resume();
        if (ended && pending === 0) socket.end();
      }
    };
    socket.on('data', (chunk) => {
      const messages = frames.push(chunk);
      if (!messages) return void socket.destroy();
      queued.push(...messages);
      work();
    });
    socket.on('drain', work);
    socket.on('end', () => {
      ended = true;
      work();
    });
    socket.setTimeout(listeners.idleTimeoutMs ?? TCP_IDLE_MS, () => socket.destroy());
    socket.on('close', () => {
      connections.delete(socket);
      waiting.delete(work);
      queued.length = 0;
    });
  };

  for (const socket of listeners.udp) {
    socket.on('error', () => undefined);
    socket.on('message', onDatagram(socket));
  }
  for (const server of listeners.tcp) {
    server.on('error', () => undefined);
    server.on('connection', onConnection);
  }
  return {
    close() {
      if (closed) return;
      closed = true;
      for (const socket of listeners.udp) socket.close();
      for (const server of listeners.tcp) server.close();
      for (const socket of connections) socket.destroy();
    },
  };
}
