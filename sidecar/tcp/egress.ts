/** The way out: sockets to the outside, plain (local mode) or with Weir's mark (pod), which the rules let pass. */
import dgram from 'node:dgram';
import net from 'node:net';
import { parseAddress } from './address.ts';
import {
  AF_INET,
  AF_INET6,
  closeDescriptor,
  openSocket,
  SO_MARK,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  setOption,
} from './native.ts';
import type { Egress, Endpoint } from './types.ts';

/** Seconds of silence before the kernel probes whether an upstream is still there. */
const KEEP_ALIVE_SECONDS = 30;

/** Sockets without a mark. */
export function plainEgress(): Egress {
  return {
    tcp: (to) => connected(to, () => new net.Socket({ allowHalfOpen: true })),
    udp: (family) => unconnected(family, () => dgram.createSocket({ type: family })),
  };
}

/**
 * Sockets that carry `mark` (SO_MARK; needs CAP_NET_RAW, Linux 5.17) from before their first packet.
 * Without the capability each socket fails with EPERM: nothing unmarked is ever returned.
 */
export function markedEgress(mark: number): Egress {
  return {
    tcp: (to) =>
      connected(to, (family) => {
        const fd = markedDescriptor(family, SOCK_STREAM, mark);
        // connect() on a socket that wraps a descriptor reports 'connect' only when it was started by hand.
        return adopt(
          fd,
          () => new net.Socket({ fd, allowHalfOpen: true, manualStart: true } as net.SocketConstructorOpts),
        );
      }),
    udp: (family) =>
      unconnected(family, () => {
        const fd = markedDescriptor(family === 'udp4' ? AF_INET : AF_INET6, SOCK_DGRAM, mark);
        return adopt(fd, () => dgram.createSocket({ type: family }).bind({ fd }));
      }),
  };
}

function markedDescriptor(family: number, type: number, mark: number): number {
  const fd = openSocket(family, type);
  try {
    setOption(fd, SOL_SOCKET, SO_MARK, mark);
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
  return fd;
}

/** Gives a descriptor to a Node handle, or closes it. */
function adopt<T>(fd: number, make: () => T): T {
  try {
    return make();
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
}

/** Errors of every kind arrive as 'error' on the socket, after the caller had time to listen. */
function connected(to: Endpoint, make: (family: number) => net.Socket): net.Socket {
  try {
    // Checked here because Node would look up a host name: nothing may ask DNS but our own resolver.
    const address = parseAddress(to.address);
    if (address === undefined) throw new RangeError(`not an address: ${JSON.stringify(to.address)}`);
    const v4 = address.length === 4;
    const socket = make(v4 ? AF_INET : AF_INET6);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_SECONDS * 1000);
    return socket.connect({ host: to.address, port: to.port, family: v4 ? 4 : 6 });
  } catch (error) {
    return new net.Socket().destroy(error as Error);
  }
}

function unconnected(family: 'udp4' | 'udp6', make: () => dgram.Socket): dgram.Socket {
  try {
    return make();
  } catch (error) {
    const socket = dgram.createSocket({ type: family });
    process.nextTick(() => socket.emit('error', error));
    return socket;
  }
}
