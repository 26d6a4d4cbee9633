/** Tries what the rules must stop. A guard that cannot show that it holds does not start. */
import net from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { upInterfaces } from './interfaces.ts';
import { attempt, OUTSIDE_V4, OUTSIDE_V6, type Outcome, probes } from './probes.ts';
import { Tun } from './tun.ts';

/** A redirected connection is answered at once, by our listener or by the kernel in its place. */
export const REDIRECT_TIMEOUT_MS = 1000;

/** How long to wait for the tun device's link-local address, and how often to look. */
const ADDRESS_WAIT_MS = 500;
const ADDRESS_POLL_MS = 2;

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
}

export interface SelfTestReport {
  outcomes: Outcome[];
  /** False in local mode without /dev/net/tun: then only the redirect, and that there is no other interface, was shown. */
  devicesTried: boolean;
}

/** Something got out, or it could not be shown that nothing does. */
export class SelfTestError extends Error {
  override readonly name = 'SelfTestError';
}

/**
 * Runs every probe in this process and network namespace, without spawning, in a few milliseconds.
 * @throws SelfTestError when anything got out, when nothing could be tried on a family, or when TCP is not redirected.
 */
export async function selfTest(options: SelfTestOptions): Promise<SelfTestReport> {
  const families: ('v4' | 'v6')[] = options.v6 === 'required' ? ['v4', 'v6'] : ['v4'];
  const redirected = options.redirect ? Promise.all(families.map(connectsToUs)) : undefined;
  redirected?.catch(() => {}); // handled below, after the probes have spoken
  const report = options.local ? await testOnTun(families) : testOnDevices(families);
  await redirected;
  return report;
}

function testOnDevices(families: readonly ('v4' | 'v6')[]): SelfTestReport {
  const devices = upInterfaces().filter((name) => name !== 'lo');
  const outcomes = probes(devices, families).map(attempt);
  check(outcomes, families, devices);
  return { outcomes, devicesTried: true };
}

async function testOnTun(families: readonly ('v4' | 'v6')[]): Promise<SelfTestReport> {
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
    let outcomes = list.map(attempt);
    // The kernel gives a new device its link-local address a moment after it came up; until then IPv6 has no source.
    for (let waited = 0; waited < ADDRESS_WAIT_MS && !tried(outcomes, families); waited += ADDRESS_POLL_MS) {
      await setTimeout(ADDRESS_POLL_MS);
      outcomes = list.map(attempt);
    }
    check(outcomes, families, [tun.name]);
    const leaked = tun.read();
    if (leaked !== undefined) throw new SelfTestError(`a packet of ${leaked.length} bytes left by ${tun.name}`);
    return { outcomes, devicesTried: true };
  } finally {
    tun.close();
  }
}

/** Whether at least one packet of each family got as far as being dropped, or further. */
function tried(outcomes: readonly Outcome[], families: readonly ('v4' | 'v6')[]): boolean {
  return families.every((family) =>
    outcomes.some((o) => o.probe.startsWith(`${family} `) && o.result !== 'impossible'),
  );
}

/** Pure. @throws SelfTestError */
export function check(
  outcomes: readonly Outcome[],
  families: readonly ('v4' | 'v6')[],
  devices: readonly string[],
): void {
  const sent = outcomes.filter(({ result }) => result === 'sent').map(({ probe }) => probe);
  if (sent.length > 0) throw new SelfTestError(`the rules do not hold: sent ${sent.join(', ')}`);
  if (devices.length === 0 || tried(outcomes, families)) return;
  const why = outcomes.map((o) => `${o.probe}: ${o.result === 'impossible' ? o.code : o.result}`).join(', ');
  throw new SelfTestError(`it could not be tried over every family (${why})`);
}

/** A connection outwards must be taken by our listener, or refused in its place; no route means that nothing can leave. */
function connectsToUs(family: 'v4' | 'v6'): Promise<void> {
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
