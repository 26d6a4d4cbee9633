/**
 * The system calls that local mode needs and Node does not offer, through koffi. All are synchronous, and all but the
 * terminal ones run only in the holder. Constants are Linux's; x86-64 and arm64 agree on them unless a table says otherwise.
 */
import koffi from 'koffi';
import { checked, SystemError } from '../../sidecar/tcp/native.ts';

export { SystemError };

export const MS_RDONLY = 1;
export const MS_NOSUID = 2;
export const MS_NODEV = 4;
export const MS_NOEXEC = 8;

const AT_FDCWD = -100;
const AT_EMPTY_PATH = 0x1000;
const AT_RECURSIVE = 0x8000;
const OPEN_TREE_CLONE = 1;
const OPEN_TREE_CLOEXEC = 0o2000000;
const MOVE_MOUNT_F_EMPTY_PATH = 4;

export const MOUNT_ATTR_RDONLY = 1;
export const MOUNT_ATTR_NOSUID = 2;
export const MOUNT_ATTR_NODEV = 4;
const MOUNT_ATTR_BYTES = 32;

const SECCOMP_SET_MODE_FILTER = 1;
const CLOSE_RANGE_CLOEXEC = 4;
const P_ALL = 0;
const WNOHANG = 1;
const WEXITED = 4;
const WNOWAIT = 0x1000000;
const SIGINFO_BYTES = 128;
/** Offset of si_pid: after si_signo, si_errno, si_code and the padding of a 64-bit union. */
const SI_PID_OFFSET = 16;
const F_GETFL = 3;
/** struct sockaddr_storage. */
const SOCKADDR_BYTES = 128;

/** Numbers of system calls that are newer than the split of the tables: the same on every architecture. */
const NR_OPEN_TREE = 428;
const NR_MOVE_MOUNT = 429;
const NR_CLOSE_RANGE = 436;
const NR_MOUNT_SETATTR = 442;
/** seccomp(2) is older, and its number differs. */
const NR_SECCOMP: Readonly<Record<string, number>> = { x64: 317, arm64: 277 };

interface Calls {
  mount(source: string, target: string, type: string | null, flags: number, data: string | null): number;
  ioctl(fd: number, request: number, argument: Buffer): number;
  fcntl(fd: number, command: number, argument: number): number;
  getpeername(fd: number, address: Buffer, length: Buffer): number;
  lseek(fd: number, offset: number, whence: number): number;
  waitid(type: number, id: number, info: Buffer, options: number): number;
  waitpid(pid: number, status: Buffer, options: number): number;
  openTree(number: number, dirfd: number, path: string, flags: number): number;
  moveMount(number: number, fromFd: number, from: string, toFd: number, to: string, flags: number): number;
  mountSetattr(number: number, dirfd: number, path: string, flags: number, attr: Buffer, size: number): number;
  seccomp(number: number, operation: number, flags: number, program: { len: number; filter: Buffer }): number;
  closeRange(number: number, first: number, last: number, flags: number): number;
}

let loaded: Calls | undefined;

/** Bound on first use. `null` = our own process, which has libc. */
function calls(): Calls {
  if (loaded !== undefined) return loaded;
  const libc = koffi.load(null);
  koffi.struct('weir_filter_program', { len: 'uint16_t', filter: 'const void *' });
  loaded = {
    mount: libc.func(
      'int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)',
    ),
    ioctl: libc.func('int ioctl(int fd, unsigned long request, void *argument)'),
    fcntl: libc.func('int fcntl(int fd, int command, long argument)'),
    getpeername: libc.func('int getpeername(int fd, void *address, void *length)'),
    lseek: libc.func('long lseek(int fd, long offset, int whence)'),
    waitid: libc.func('int waitid(int type, uint32_t id, void *info, int options)'),
    waitpid: libc.func('int waitpid(int pid, void *status, int options)'),
    // syscall(2) is variadic in C, but integers and pointers travel alike in both calling conventions on our architectures.
    openTree: libc.func('long syscall(long number, long dirfd, const char *path, long flags)'),
    moveMount: libc.func(
      'long syscall(long number, long from_fd, const char *from, long to_fd, const char *to, long flags)',
    ),
    mountSetattr: libc.func(
      'long syscall(long number, long dirfd, const char *path, long flags, void *attr, long size)',
    ),
    seccomp: libc.func('long syscall(long number, long operation, long flags, weir_filter_program *program)'),
    closeRange: libc.func('long syscall(long number, long first, long last, long flags)'),
  };
  return loaded;
}

/** mount(2). @throws SystemError */
export function mount(source: string, target: string, type: string | null, flags: number, data: string | null): void {
  checked(`mount ${target}`, calls().mount(source, target, type, flags, data));
}

/**
 * A detached copy of the mount tree at `path` (symbolic links are followed), its submounts with it: open_tree(2).
 * @returns a descriptor for `setMountAttributes`, `attachTree` and `closeDescriptor`. @throws SystemError
 */
export function cloneTree(path: string): number {
  const flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE;
  return checked(`open_tree ${path}`, calls().openTree(NR_OPEN_TREE, AT_FDCWD, path, flags));
}

/** Mounts what `cloneTree` returned on `path`: move_mount(2). @throws SystemError */
export function attachTree(tree: number, path: string): void {
  checked(`move_mount ${path}`, calls().moveMount(NR_MOVE_MOUNT, tree, '', AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH));
}

/**
 * Sets MOUNT_ATTR_* bits on a mount and every mount below it, all or none: mount_setattr(2). `at` is a path or a detached tree.
 * @throws SystemError
 */
export function setMountAttributes(at: string | number, set: number): void {
  const attr = Buffer.alloc(MOUNT_ATTR_BYTES);
  attr.writeBigUInt64LE(BigInt(set), 0);
  const [dirfd, path, flags] = typeof at === 'number' ? [at, '', AT_EMPTY_PATH] : [AT_FDCWD, at, 0];
  const result = calls().mountSetattr(NR_MOUNT_SETATTR, dirfd, path, flags | AT_RECURSIVE, attr, attr.length);
  checked(`mount_setattr ${path}`, result);
}

/**
 * Installs a seccomp filter on the calling thread, which is the one that forks: children inherit it. Needs CAP_SYS_ADMIN in
 * the user namespace. @param filter struct sock_filter records. @throws SystemError; Error on an unknown architecture
 */
export function setSeccompFilter(filter: Buffer): void {
  const number = NR_SECCOMP[process.arch];
  if (number === undefined) throw new Error(`no seccomp filter for ${process.arch}`);
  checked('seccomp', calls().seccomp(number, SECCOMP_SET_MODE_FILTER, 0, { len: filter.length / 8, filter }));
}

/** Marks every open descriptor from `first` on close-on-exec. @throws SystemError */
export function closeOnExecFrom(first: number): void {
  checked('close_range', calls().closeRange(NR_CLOSE_RANGE, first, 0xffffffff, CLOSE_RANGE_CLOEXEC));
}

/** ioctl(2) with a buffer as argument, which the kernel may fill. @throws SystemError */
export function ioctl(fd: number, request: number, argument: Buffer): void {
  checked(`ioctl 0x${request.toString(16)}`, calls().ioctl(fd, request, argument));
}

/** The file status flags (O_ACCMODE, O_PATH…) of an open descriptor. @throws SystemError */
export function statusFlags(fd: number): number {
  return checked('fcntl', calls().fcntl(fd, F_GETFL, 0));
}

/** Whether a socket is connected: getpeername(2). */
export function hasPeer(fd: number): boolean {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(SOCKADDR_BYTES);
  return calls().getpeername(fd, Buffer.alloc(SOCKADDR_BYTES), length) === 0;
}

/** Sets the position of an open file, in bytes from its start. @throws SystemError */
export function seekTo(fd: number, offset: number): void {
  checked('lseek', calls().lseek(fd, offset, 0));
}

/** The pid of a child that has ended and was not waited for, left as it is; 0 when there is none. */
export function peekEndedChild(): number {
  const info = Buffer.alloc(SIGINFO_BYTES);
  const result = calls().waitid(P_ALL, 0, info, WEXITED | WNOHANG | WNOWAIT);
  return result < 0 ? 0 : info.readInt32LE(SI_PID_OFFSET);
}

/** Waits for an ended child, so that it leaves the process table. */
export function reapChild(pid: number): void {
  calls().waitpid(pid, Buffer.alloc(4), WNOHANG);
}
