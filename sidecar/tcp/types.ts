import type dgram from 'node:dgram';
import type net from 'node:net';

/** A numeric address and port. `address` is canonical text (RFC 5952 for IPv6, no zone). */
export interface Endpoint {
  address: string;
  port: number;
}

/** The way out: how sockets to the outside are made. In a pod they carry Weir's mark, in local mode they are plain. */
export interface Egress {
  /** A connecting TCP socket; 'connect' or 'error' fires on it. Does not throw for refused connections. */
  tcp(to: Endpoint): net.Socket;
  /** An unbound UDP socket, to be bound to a random port by the caller's first send. */
  udp(family: 'udp4' | 'udp6'): dgram.Socket;
}

/** Original destination of an intercepted connection; undefined when it cannot be known (then: refuse). */
export type OriginalDestination = (socket: net.Socket) => Endpoint | undefined;
