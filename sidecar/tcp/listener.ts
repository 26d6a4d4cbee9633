/** From a listening server to connections that know where they wanted to go. */
import net from 'node:net';
import type { Reason } from '../../crds/runtime.ts';
import { canonicalAddress } from './address.ts';
import type { Connections } from './connections.ts';
import { reset } from './reset.ts';
import type { Endpoint, OriginalDestination } from './types.ts';

/** Bytes that a connection, or a request on it, may have waiting unread, over one read of the kernel's (64 KiB). */
export const SOCKET_BYTES: number = 16 * 1024;

export interface ListenerOptions {
  connections: Connections;
  originalDestination: OriginalDestination;
  /** A connection to `destination`, with an 'error' listener and half-open allowed; nothing has been read from it. */
  onConnection(socket: net.Socket, destination: Endpoint): void;
  /** Refused here: the socket is already being reset. */
  onRefused(reason: Reason, destination: Endpoint | undefined): void;
  /** `onConnection` threw: a defect of ours, which cost this one connection (it is already being reset). */
  onFailure(error: unknown, destination: Endpoint): void;
}

/**
 * Serves connections of a server that listens (handed over by another process or bound by us). Refuses what is over the
 * bound, what has no known destination, and what was addressed to the listener itself (it would be a loop).
 * @returns a function that stops serving; live connections are `connections`' matter.
 */
export function listen(server: net.Server, options: ListenerOptions): () => void {
  const { connections, originalDestination, onConnection, onRefused, onFailure } = options;
  // A handed-over server was made by Node with its defaults; these are read at each accept.
  Object.assign(server, { allowHalfOpen: true, noDelay: true, highWaterMark: SOCKET_BYTES });
  const accept = (socket: net.Socket): void => {
    socket.on('error', () => {}); // who needs to know listens too; without any, a reset would end the process
    const destination = originalDestination(socket);
    const refuse = (reason: Reason): void => {
      reset(socket);
      onRefused(reason, destination);
    };
    if (!connections.admit(socket)) onRefused('bound.connections', destination);
    else if (destination === undefined) refuse('destination.unknown');
    else if (isSelf(destination, socket)) refuse('destination.self');
    else {
      try {
        onConnection(socket, destination);
      } catch (error) {
        reset(socket);
        onFailure(error, destination);
      }
    }
  };
  server.on('connection', accept);
  return () => {
    server.off('connection', accept);
  };
}

/** Whether a connection was meant for the very socket that took it: then nothing redirected it. */
function isSelf(destination: Endpoint, socket: net.Socket): boolean {
  return destination.port === socket.localPort && destination.address === canonicalAddress(socket.localAddress ?? '');
}

/** A listening server on one loopback address, without reusePort. @throws the error of listen (EADDRINUSE…) */
export function listenOn(address: string, port: number): Promise<net.Server> {
  const { promise, resolve, reject } = Promise.withResolvers<net.Server>();
  const server = net.createServer({ allowHalfOpen: true, noDelay: true });
  server.once('error', reject);
  server.listen({ host: address, port, exclusive: true, ipv6Only: address.includes(':') }, () => {
    server.off('error', reject);
    resolve(server);
  });
  return promise;
}
