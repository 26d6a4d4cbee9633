import { describe, expect, test } from 'vitest';
import { seccompFilter } from '../../../cli/run/seccomp.ts';

const ALLOW = 'allow';
const KILL = 'kill';

/** Runs the filter as the kernel would (linux/filter.h), on the words that struct seccomp_data has at each offset. */
function judge(arch: string, audit: number, nr: number, args: readonly bigint[] = []): string {
  const filter = seccompFilter(arch);
  const data = Buffer.alloc(64);
  data.writeUInt32LE(nr >>> 0, 0);
  data.writeUInt32LE(audit, 4);
  args.forEach((value, i) => {
    data.writeBigUInt64LE(value, 16 + 8 * i);
  });
  let accumulator = 0;
  for (let pc = 0; ; pc += 1) {
    const at = pc * 8;
    if (at >= filter.length) throw new Error('ran off the end');
    const k = filter.readUInt32LE(at + 4);
    const [whenTrue, whenFalse] = [filter.readUInt8(at + 2), filter.readUInt8(at + 3)];
    switch (filter.readUInt16LE(at)) {
      case 0x20:
        accumulator = data.readUInt32LE(k);
        break;
      case 0x15:
        pc += accumulator === k ? whenTrue : whenFalse;
        break;
      case 0x35:
        pc += accumulator >= k ? whenTrue : whenFalse;
        break;
      case 0x06:
        if (k === 0x7fff0000) return ALLOW;
        return k === 0x80000000 ? KILL : `errno ${k & 0xffff}`;
      default:
        throw new Error('unknown instruction');
    }
  }
}

const MACHINES = [
  { arch: 'x64', audit: 0xc000003e, socket: 41, socketpair: 53, ioctl: 16, keys: [248, 249, 250], bpf: 321, write: 1 },
  {
    arch: 'arm64',
    audit: 0xc00000b7,
    socket: 198,
    socketpair: 199,
    ioctl: 29,
    keys: [217, 218, 219],
    bpf: 280,
    write: 64,
  },
];
const EPERM = 'errno 1';
const ENOSYS = 'errno 38';
const EAFNOSUPPORT = 'errno 97';

describe.each(MACHINES)('seccomp filter for $arch', ({ arch, audit, socket, socketpair, ioctl, keys, bpf, write }) => {
  test.each([1n, 2n, 10n, 16n])('lets sockets of family %d be made', (family) => {
    expect(judge(arch, audit, socket, [family, 1n, 0n])).toBe(ALLOW);
    expect(judge(arch, audit, socketpair, [family, 1n, 0n])).toBe(ALLOW);
  });

  test.each([0n, 3n, 9n, 11n, 15n, 17n, 29n, 38n, 40n, 44n, 0xffffffffn])('refuses family %d', (family) => {
    expect(judge(arch, audit, socket, [family, 1n, 0n])).toBe(EAFNOSUPPORT);
    expect(judge(arch, audit, socketpair, [family, 1n, 0n])).toBe(EAFNOSUPPORT);
  });

  test('looks at the word that the kernel looks at', () => {
    // AF_VSOCK with the number of AF_INET in the high word, and the other way round.
    expect(judge(arch, audit, socket, [(2n << 32n) | 40n])).toBe(EAFNOSUPPORT);
    expect(judge(arch, audit, socket, [(40n << 32n) | 2n])).toBe(ALLOW);
    expect(judge(arch, audit, ioctl, [0n, (1n << 32n) | 0x5412n])).toBe(EPERM);
  });

  test('refuses io_uring, keyrings and bpf', () => {
    expect([425, 427].map((nr) => judge(arch, audit, nr))).toEqual([ENOSYS, ENOSYS]);
    expect([...keys, bpf].map((nr) => judge(arch, audit, nr))).toEqual([EPERM, EPERM, EPERM, EPERM]);
  });

  test('refuses to type into a terminal, and no other ioctl', () => {
    expect(judge(arch, audit, ioctl, [0n, 0x5412n])).toBe(EPERM);
    expect(judge(arch, audit, ioctl, [0n, 0x541cn])).toBe(EPERM);
    expect(judge(arch, audit, ioctl, [0n, 0x5413n])).toBe(ALLOW);
    expect(judge(arch, audit, ioctl, [0x5412n, 0x5401n])).toBe(ALLOW);
  });

  test('allows what it does not name', () => {
    for (const nr of [0, write, 56, 59, 272, 424, 426, 428, 442, 460]) expect(judge(arch, audit, nr)).toBe(ALLOW);
  });

  test('ends a process that speaks another architecture', () => {
    for (const foreign of [0x40000003, 0x40000028, 0xc00000f3, 0]) expect(judge(arch, foreign, write)).toBe(KILL);
  });

  test('has whole records that jump forwards only, within the kernel limit', () => {
    const filter = seccompFilter(arch);
    expect(filter.length % 8).toBe(0);
    expect(filter.length / 8).toBeLessThanOrEqual(4096);
  });
});

test('x32 system calls do not exist', () => {
  expect(judge('x64', 0xc000003e, 0x40000000)).toBe(ENOSYS);
  expect(judge('x64', 0xc000003e, 0x40000000 | 41, [2n])).toBe(ENOSYS);
  expect(judge('x64', 0xc000003e, 0x3fffffff)).toBe(ALLOW);
});

test('an architecture without a table is refused', () => {
  expect(() => seccompFilter('riscv64')).toThrow('no seccomp filter for riscv64');
});
