/** Network interfaces of this thread's network namespace (netdevice(7)). */
import { readFileSync } from 'node:fs';
import { AF_INET, closeDescriptor, control, openSocket, SOCK_DGRAM, SystemError } from '../tcp/native.ts';

const SIOCGIFFLAGS = 0x8913;
const SIOCSIFFLAGS = 0x8914;
const IFF_UP = 1;
/** struct ifreq: a name of 16 bytes, then a union of 24. */
export const IFREQ_SIZE = 40;
export const IFREQ_UNION = 16;

/** An ifreq for an interface. Names are at most 15 bytes; the kernel made them. */
export function interfaceRequest(name: string): Buffer {
  const request = Buffer.alloc(IFREQ_SIZE);
  request.write(name, 0, IFREQ_UNION - 1, 'latin1');
  return request;
}

/**
 * Names of the interfaces that are up. Not those that are down: a new namespace has a sit0 or tunl0 where the kernel has
 * these modules, and only NET_ADMIN could bring them up. @throws SystemError
 */
export function upInterfaces(): string[] {
  // Not os.networkInterfaces(), which leaves out those without an address; not /sys, which may show another namespace.
  const lines = readFileSync('/proc/thread-self/net/dev', 'utf8').split('\n');
  const names = lines.flatMap((line) => /^\s*([^\s:]+):/.exec(line)?.[1] ?? []);
  return withSocket((socket) => names.filter((name) => isUp(socket, name)));
}

function isUp(socket: number, name: string): boolean {
  const request = interfaceRequest(name);
  try {
    control(socket, SIOCGIFFLAGS, request);
  } catch (error) {
    if (error instanceof SystemError && error.code === 'ENODEV') return false; // gone meanwhile
    throw error;
  }
  return (request.readUInt16LE(IFREQ_UNION) & IFF_UP) !== 0;
}

/** Brings an interface up. @throws SystemError */
export function bringUp(name: string): void {
  withSocket((socket) => {
    const request = interfaceRequest(name);
    control(socket, SIOCGIFFLAGS, request);
    request.writeUInt16LE(request.readUInt16LE(IFREQ_UNION) | IFF_UP, IFREQ_UNION);
    control(socket, SIOCSIFFLAGS, request);
  });
}

function withSocket<T>(use: (socket: number) => T): T {
  const socket = openSocket(AF_INET, SOCK_DGRAM);
  try {
    return use(socket);
  } finally {
    closeDescriptor(socket);
  }
}
