/**
 * The system call filter of the command, as classic BPF (seccomp(2), linux/filter.h). Pure.
 *
 * It closes what namespaces and netfilter do not: address families that ignore the network namespace's rules (AF_VSOCK reaches
 * the hypervisor), io_uring (whose operations no filter sees), the kernel's keyrings and bpf (not namespaced), and pushing
 * bytes into a terminal. Everything else is left to the kernel's own checks, for a process without capabilities.
 */

/** What differs between architectures: the audit code and the numbers (unistd.h). */
interface Architecture {
  audit: number;
  socket: number;
  socketpair: number;
  ioctl: number;
  keys: readonly number[];
  bpf: number;
  /** Numbers from here on belong to another ABI under the same audit code (x32). */
  foreignFrom?: number;
}

const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  x64: {
    audit: 0xc000003e,
    socket: 41,
    socketpair: 53,
    ioctl: 16,
    keys: [248, 249, 250],
    bpf: 321,
    foreignFrom: 0x40000000,
  },
  arm64: { audit: 0xc00000b7, socket: 198, socketpair: 199, ioctl: 29, keys: [217, 218, 219], bpf: 280 },
};

/**
 * io_uring_setup and io_uring_register: the same on every architecture. Without the first there is no ring. io_uring_enter (426)
 * stays, because the holder, which installs this filter on itself for its children to inherit, polls through a ring of libuv's.
 */
const IO_URING = [425, 427];
/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK. */
const FAMILIES = [1, 2, 10, 16];
/** TIOCSTI and TIOCLINUX put bytes into a terminal's input. */
const TERMINAL_INJECTION = [0x5412, 0x541c];

const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const errno = (code: number): number => 0x00050000 | code;

// struct seccomp_data. The low word of an argument comes first on the little-endian machines we run on; the kernel cuts an
// `int` argument to that word too, so the high word must not be looked at.
const NR = 0;
const ARCH = 4;
const ARGUMENT_0 = 16;
const ARGUMENT_1 = 24;

const LOAD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_GREATER_OR_EQUAL = 0x35;
const RETURN = 0x06;

type Instruction = readonly [code: number, whenTrue: number, whenFalse: number, k: number];

const load = (offset: number): Instruction => [LOAD, 0, 0, offset];
const give = (value: number): Instruction => [RETURN, 0, 0, value];
/** Skips `count` instructions unless the loaded word is `value`. */
const unlessEqualSkip = (value: number, count: number): Instruction => [JUMP_EQUAL, 0, count, value];

/** The filter for an architecture (as `process.arch` names it), as struct sock_filter records. @throws Error when it is unknown */
export function seccompFilter(arch: string): Buffer {
  const architecture = ARCHITECTURES[arch];
  if (architecture === undefined) throw new Error(`no seccomp filter for ${arch}`);
  return encode(program(architecture));
}

function program(a: Architecture): Instruction[] {
  return [
    load(ARCH),
    [JUMP_EQUAL, 1, 0, a.audit],
    give(KILL_PROCESS),
    load(NR),
    ...(a.foreignFrom === undefined
      ? []
      : [[JUMP_GREATER_OR_EQUAL, 0, 1, a.foreignFrom] as const, give(errno(ENOSYS))]),
    ...IO_URING.flatMap((nr) => [unlessEqualSkip(nr, 1), give(errno(ENOSYS))]),
    ...[...a.keys, a.bpf].flatMap((nr) => [unlessEqualSkip(nr, 1), give(errno(EPERM))]),
    ...[a.socket, a.socketpair].flatMap((nr) => only(nr, ARGUMENT_0, FAMILIES, errno(EAFNOSUPPORT))),
    ...never(a.ioctl, ARGUMENT_1, TERMINAL_INJECTION, errno(EPERM)),
    give(ALLOW),
  ];
}

/** For system call `nr`: returns `refusal` unless the argument is one of `values`. Every path returns, so the number stays loaded for the rest. */
function only(nr: number, argument: number, values: readonly number[], refusal: number): Instruction[] {
  const compare = values.map((value, i): Instruction => [JUMP_EQUAL, values.length - i, 0, value]);
  return [unlessEqualSkip(nr, compare.length + 3), load(argument), ...compare, give(refusal), give(ALLOW)];
}

/** For system call `nr`: returns `refusal` when the argument is one of `values`. */
function never(nr: number, argument: number, values: readonly number[], refusal: number): Instruction[] {
  const compare = values.map((value, i): Instruction => [JUMP_EQUAL, values.length - i, 0, value]);
  return [unlessEqualSkip(nr, compare.length + 3), load(argument), ...compare, give(ALLOW), give(refusal)];
}

function encode(instructions: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(instructions.length * 8);
  instructions.forEach(([code, whenTrue, whenFalse, k], i) => {
    bytes.writeUInt16LE(code, i * 8);
    bytes.writeUInt8(whenTrue, i * 8 + 2);
    bytes.writeUInt8(whenFalse, i * 8 + 3);
    bytes.writeUInt32LE(k >>> 0, i * 8 + 4);
  });
  return bytes;
}
