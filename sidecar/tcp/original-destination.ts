/** Where an intercepted connection wanted to go, as netfilter's connection tracking remembers it. */
import type net from 'node:net';
import {
  AF_INET,
  AF_INET6,
  getOption,
  SO_DOMAIN,
  SO_ORIGINAL_DST,
  SOL_IP,
  SOL_IPV6,
  SOL_SOCKET,
  SystemError,
} from './native.ts';
import { decodeSockaddr, SOCKADDR_IN_SIZE, SOCKADDR_IN6_SIZE } from './sockaddr.ts';
import type { Endpoint, OriginalDestination } from './types.ts';

/** The descriptor under a live socket. Node has no public way to it; a closed socket has none. */
export function descriptorOf(socket: net.Socket): number | undefined {
  const handle = (socket as net.Socket & { _handle?: { fd?: number } | null })._handle;
  return typeof handle?.fd === 'number' && handle.fd >= 0 ? handle.fd : undefined;
}

/**
 * Reads SO_ORIGINAL_DST. Undefined when the socket is closed, is no TCP socket, or was never redirected and not tracked:
 * the caller refuses. A connection made straight to the listener shows the listener itself.
 */
export const originalDestination: OriginalDestination = (socket: net.Socket): Endpoint | undefined => {
  const fd = descriptorOf(socket);
  if (fd === undefined) return undefined;
  try {
    const family = getOption(fd, SOL_SOCKET, SO_DOMAIN, 4).readInt32LE();
    if (family === AF_INET) return decodeSockaddr(getOption(fd, SOL_IP, SO_ORIGINAL_DST, SOCKADDR_IN_SIZE));
    if (family === AF_INET6) return decodeSockaddr(getOption(fd, SOL_IPV6, SO_ORIGINAL_DST, SOCKADDR_IN6_SIZE));
    return undefined;
  } catch (error) {
    if (error instanceof SystemError) return undefined; // ENOENT: not tracked; EBADF, ENOTCONN: gone meanwhile
    throw error;
  }
};
