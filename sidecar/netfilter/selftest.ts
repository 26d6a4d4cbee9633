/** Tries what the rules must stop. A guard that cannot show that it holds does not start. */
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { networkInterfaces } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { upInterfaces } from './interfaces.ts';
import { attempt, type Family, OUTSIDE_V4, OUTSIDE_V6, type Outcome, type Probe, probes } from './probes.ts';
import { Tun } from './tun.ts';
import { tryVsock } from './vsock.ts';

/** A redirected connection is answered at once, by our listener or by the kernel in its place. */
export const REDIRECT_TIMEOUT_MS = 1000;

/** How long to wait for an IPv6 address to become usable (duplicate address detection, RFC 4862 5.4), and how often to look. */
export const ADDRESS_WAIT_MS = 4000;
const ADDRESS_POLL_MS = 4;

const FAMILY_NAMES = { v4: 'IPv4', v6: 'IPv6' } as const;

/** What opening /dev/net/tun says on a machine, or in a container, without it. */
const NO_TUN: readonly string[] = ['ENOENT', 'ENODEV', 'ENXIO', 'EACCES', 'EPERM'];

export interface SelfTestOptions {
  /**
   * Local mode: no interface but lo may be up, and what must fail is tried on a tun device made for the test
   * (where the machine has /dev/net/tun). Otherwise it is tried on every interface there is, from a socket without the mark.
   */
  local: boolean;
  v6: 'required' | 'absent';
  /** Also connect to an outside address over TCP, which must arrive at our own port. Not while the listener serves: it would count as a connection. */
  redirect: boolean;
  /** Also try the hypervisor's sockets, which only a seccomp profile stops; where ours is that of what is guarded. */
  vsock?: boolean;
}

export interface SelfTestReport {
  outcomes: Outcome[];
  /** False in local mode without /dev/net/tun: then only the redirect, and that there is no other interface, was shown. */
  devicesTried: boolean;
}

const VSOCK_OPEN =
  "AF_VSOCK reaches the hypervisor past every rule, since the container runtime's default seccomp profile lets it: use a " +
  'runtime whose profile refuses it (containerd 1.7, Docker 20.10.22)';

/** Something got out, or it could not be shown that nothing does. */
export class SelfTestError extends Error {
  override readonly name = 'SelfTestError';
}

/**
 * Runs every probe in this process and network namespace, without spawning, in a few milliseconds.
 * @throws SelfTestError when anything got out, when nothing could be tried on a family, or when TCP is not redirected.
 */
export async function selfTest(options: SelfTestOptions): Promise<SelfTestReport> {
  const families: Family[] = options.v6 === 'required' ? ['v4', 'v6'] : ['v4'];
  const redirected = options.redirect ? Promise.all(families.map(connectsToUs)) : undefined;
  redirected?.catch(() => {}); // handled below, after the probes have spoken
  const report = options.local ? await testOnTun(families) : await testOnDevices(families);
  await redirected;
  if (!options.vsock) return report;
  const vsock = tryVsock();
  if (vsock.result === 'sent') throw new SelfTestError(VSOCK_OPEN);
  return { ...report, outcomes: [...report.outcomes, vsock] };
}

async function testOnDevices(families: readonly Family[]): Promise<SelfTestReport> {
  const devices = upInterfaces().filter((name) => name !== 'lo');
  const addresses = Object.entries(networkInterfaces()).flatMap(([name, list]) => (name === 'lo' ? [] : (list ?? [])));
  // Where no interface has an address of a family, nothing can be sent over it.
  const expected = families.filter((family) => addresses.some((address) => address.family === FAMILY_NAMES[family]));
  return { outcomes: await run(probes(devices, families), expected), devicesTried: true };
}

async function testOnTun(families: readonly Family[]): Promise<SelfTestReport> {
  const others = upInterfaces().filter((name) => name !== 'lo');
  if (others.length > 0) {
    throw new SelfTestError(`the namespace has interfaces that lead out: ${others.join(', ')}`);
  }
  let tun: Tun;
  try {
    tun = Tun.open();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || !NO_TUN.includes(code)) throw error;
    return { outcomes: [], devicesTried: false };
  }
  try {
    const list = probes([tun.name], families).filter((probe) => probe.device !== undefined);
    const expected = families.filter((family) => family === 'v4' || !ipv6Disabled(tun.name));
    const outcomes = await run(list, expected);
    const leaked = tun.read();
    if (leaked !== undefined) throw new SelfTestError(`a packet of ${leaked.length} bytes left by ${tun.name}`);
    return { outcomes, devicesTried: true };
  } finally {
    tun.close();
  }
}

/** net.ipv6.conf.*.disable_ipv6, as an administrator sets it. */
function ipv6Disabled(device: string): boolean {
  return readFileSync(`/proc/sys/net/ipv6/conf/${device}/disable_ipv6`, 'utf8').trim() === '1';
}

/** Sends everything, again while a family that must be tried has no source address yet. @throws SelfTestError */
async function run(list: readonly Probe[], expected: readonly Family[]): Promise<Outcome[]> {
  let outcomes = list.map(attempt);
  for (let waited = 0; waited < ADDRESS_WAIT_MS && pending(outcomes, expected); waited += ADDRESS_POLL_MS) {
    await setTimeout(ADDRESS_POLL_MS);
    outcomes = list.map(attempt);
  }
  check(outcomes, expected);
  return outcomes;
}

function pending(outcomes: readonly Outcome[], expected: readonly Family[]): boolean {
  return !outcomes.some(({ result }) => result === 'sent') && !tried(outcomes, expected);
}

/** Whether at least one packet of each family got as far as being dropped, or further. */
function tried(outcomes: readonly Outcome[], families: readonly Family[]): boolean {
  return families.every((family) =>
    outcomes.some((o) => o.probe.startsWith(`${family} `) && o.result !== 'impossible'),
  );
}

/** Judges what became of the packets; `expected` are the families over which something could have been sent. Pure. @throws SelfTestError */
export function check(outcomes: readonly Outcome[], expected: readonly Family[]): void {
  const sent = outcomes.filter(({ result }) => result === 'sent').map(({ probe }) => probe);
  if (sent.length > 0) throw new SelfTestError(`the rules do not hold: sent ${sent.join(', ')}`);
  if (tried(outcomes, expected)) return;
  const why = outcomes.map((o) => `${o.probe}: ${o.result === 'impossible' ? o.code : o.result}`).join(', ');
  throw new SelfTestError(`it could not be tried over every family (${why})`);
}

/** A connection outwards must be taken by our listener, or refused in its place; no route means that nothing can leave. */
function connectsToUs(family: Family): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const address = family === 'v4' ? OUTSIDE_V4 : OUTSIDE_V6;
  const socket = net.connect({ host: address, port: 80, family: family === 'v4' ? 4 : 6 });
  const end = (error?: Error): void => {
    socket.destroy();
    if (error === undefined) resolve();
    else reject(error);
  };
  socket.setTimeout(REDIRECT_TIMEOUT_MS, () =>
    end(new SelfTestError(`TCP over ${family} is not redirected: no answer`)),
  );
  socket.once('connect', () => end());
  socket.on('error', (error: NodeJS.ErrnoException) => {
    const harmless = ['ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL'];
    end(harmless.includes(error.code ?? '') ? undefined : new SelfTestError(`TCP over ${family}: ${error.message}`));
  });
  return promise;
}
