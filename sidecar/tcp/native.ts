/**
 * The system calls that Node does not offer, through koffi: the one place where Weir's data plane leaves JavaScript.
 * All calls are synchronous and short. Constants are Linux's (x86-64 and arm64 agree on every one of them).
 */
import { getSystemErrorName } from 'node:util';
import koffi from 'koffi';

export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_VSOCK = 40;

export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;

export const SOL_IP = 0;
export const SOL_SOCKET = 1;
export const SOL_IPV6 = 41;
export const SO_REUSEADDR = 2;
export const SO_BROADCAST = 6;
export const SO_LINGER = 13;
export const SO_BINDTODEVICE = 25;
export const SO_MARK = 36;
export const SO_DOMAIN = 39;
/** netfilter's original destination; the same number at level SOL_IP and at level SOL_IPV6. */
export const SO_ORIGINAL_DST = 80;

const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

/** A failed system call. `code` is the symbolic name ('EPERM'), `errno` the positive number. */
export class SystemError extends Error {
  override readonly name = 'SystemError';
  readonly code: string;
  readonly errno: number;
  readonly syscall: string;

  constructor(syscall: string, errno: number) {
    const code = getSystemErrorName(-errno);
    super(`${syscall}: ${code}`);
    this.code = code;
    this.errno = errno;
    this.syscall = syscall;
  }
}

interface Calls {
  socket(domain: number, type: number, protocol: number): number;
  close(fd: number): number;
  setsockopt(fd: number, level: number, option: number, value: Buffer, length: number): number;
  getsockopt(fd: number, level: number, option: number, value: Buffer, length: Buffer): number;
  sendto(fd: number, data: Buffer, length: number, flags: number, address: Buffer, addressLength: number): number;
  bind(fd: number, address: Buffer, addressLength: number): number;
  connect(fd: number, address: Buffer, addressLength: number): number;
  ioctl(fd: number, request: number, argument: Buffer): number;
}

let loaded: Calls | undefined;

/** Bound on first use, so that importing this file costs nothing where it is not needed. `null` = our own process, which has libc. */
function calls(): Calls {
  if (loaded !== undefined) return loaded;
  const libc = koffi.load(null);
  loaded = {
    socket: libc.func('int socket(int domain, int type, int protocol)'),
    close: libc.func('int close(int fd)'),
    setsockopt: libc.func('int setsockopt(int fd, int level, int option, const void *value, uint32_t length)'),
    getsockopt: libc.func('int getsockopt(int fd, int level, int option, void *value, void *length)'),
    sendto: libc.func(
      'long sendto(int fd, const void *data, unsigned long length, int flags, const void *address, uint32_t address_length)',
    ),
    bind: libc.func('int bind(int fd, const void *address, uint32_t address_length)'),
    connect: libc.func('int connect(int fd, const void *address, uint32_t address_length)'),
    // Variadic in C; a pointer is passed alike on both of our architectures.
    ioctl: libc.func('int ioctl(int fd, unsigned long request, void *argument)'),
  };
  return loaded;
}

/** What a system call returned. @throws SystemError when it failed */
export function checked(syscall: string, result: number): number {
  if (result < 0) throw new SystemError(syscall, koffi.errno());
  return result;
}

/**
 * A new descriptor, non-blocking and closed on exec: nothing that Weir opens is inherited by a child.
 * @throws SystemError (EMFILE, EPERM without the capability, EAFNOSUPPORT…)
 */
export function openSocket(family: number, type: number, protocol = 0): number {
  return checked('socket', calls().socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
}

/** Closes a descriptor that no Node handle owns. @throws SystemError */
export function closeDescriptor(fd: number): void {
  checked('close', calls().close(fd));
}

/** setsockopt with an int, or with raw bytes. @throws SystemError */
export function setOption(fd: number, level: number, option: number, value: number | Buffer): void {
  let bytes: Buffer;
  if (typeof value === 'number') {
    bytes = Buffer.alloc(4);
    if (value < 0) bytes.writeInt32LE(value);
    else bytes.writeUInt32LE(value);
  } else bytes = value;
  checked('setsockopt', calls().setsockopt(fd, level, option, bytes, bytes.length));
}

/** getsockopt: at most `size` bytes of the option's value. @throws SystemError */
export function getOption(fd: number, level: number, option: number, size: number): Buffer {
  const value = Buffer.alloc(size);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(size);
  checked('getsockopt', calls().getsockopt(fd, level, option, value, length));
  return value.subarray(0, Math.min(size, length.readUInt32LE()));
}

/** One datagram to a raw sockaddr, without waiting; returns the bytes sent. @throws SystemError (EPERM when netfilter drops it) */
export function sendTo(fd: number, data: Buffer, address: Buffer): number {
  return checked('sendto', calls().sendto(fd, data, data.length, MSG_DONTWAIT | MSG_NOSIGNAL, address, address.length));
}

/** Gives the socket its own address, a raw sockaddr. @throws SystemError */
export function bindSocket(fd: number, address: Buffer): void {
  checked('bind', calls().bind(fd, address, address.length));
}

/** Begins a connection to a raw sockaddr, without waiting. @throws SystemError (EINPROGRESS when it has begun) */
export function connectSocket(fd: number, address: Buffer): void {
  checked('connect', calls().connect(fd, address, address.length));
}

/** ioctl with a structure, which the kernel may change in place. @throws SystemError */
export function control(fd: number, request: number, argument: Buffer): void {
  checked('ioctl', calls().ioctl(fd, request, argument));
}
