/**
 * Two network namespaces joined by a veth: `client` (a pod's or a laptop's network, default routes over the link) and
 * `outside`, which takes every address for its own, so that a sink there is any host of the internet. Neither has a
 * link to the machine's network. Root only.
 *
 * A keeper process holds the names: it removes everything when its stdin ends, which happens at `destroy()` and also
 * when this process dies in any way.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ALLOWED, CATCH_ALL_PORT, CLIENT, GATEWAY, PREFIX4, RESOLVER } from './plan.ts';
import { must } from './process.ts';

const PREFIX = 'weirtest';
/** Not /tmp: local mode gives its command another one. */
const SCRATCH = '/var/tmp';
let made = 0;

export interface Topology {
  client: string;
  outside: string;
  /** Scratch directory (0755), removed with the namespaces, as are those of its name in /run, /tmp, /dev/shm and /srv. */
  directory: string;
  /** Prefixes a command so that it runs in that namespace, with the client's resolv.conf in place. */
  inClient(argv: readonly string[]): string[];
  inOutside(argv: readonly string[]): string[];
  /** Removes namespaces, what runs in them, and the scratch directory. Idempotent. */
  destroy(): Promise<void>;
}

/** Makes the pair. Throws when not root, or when iproute2, iptables or veth are missing (the message names which). */
export async function createTopology(): Promise<Topology> {
  if (process.getuid?.() !== 0) {
    throw new Error('the network tests make network namespaces and must run as root (sudo make test)');
  }
  removeStale();
  const id = `${PREFIX}-${process.pid}-${made++}`;
  const client = `${id}-c`;
  const outside = `${id}-o`;
  const directory = mkdtempSync(path.join(SCRATCH, `${id}-`));
  const keeper = startKeeper(client, outside, directory);
  const gone = once(keeper, 'close');
  const topology: Topology = {
    client,
    outside,
    directory,
    inClient: (argv) => ['ip', 'netns', 'exec', client, ...argv],
    inOutside: (argv) => ['ip', 'netns', 'exec', outside, ...argv],
    destroy: async () => {
      keeper.ref();
      keeper.stdin?.end();
      await gone;
    },
  };
  try {
    await build(topology);
  } catch (error) {
    await topology.destroy();
    throw error;
  }
  return topology;
}

const KEEPER = `
trap '' INT TERM HUP
cat >/dev/null
for n in "$1" "$2"; do
  ip netns pids "$n" 2>/dev/null | xargs -r kill -9 2>/dev/null
  ip netns del "$n" 2>/dev/null
  rm -rf "/etc/netns/$n"
done
rmdir /etc/netns 2>/dev/null
rm -rf "$3" "/run/$4" "/tmp/$4" "/dev/shm/$4" "/srv/$4"
exit 0`;

function startKeeper(client: string, outside: string, directory: string): ChildProcess {
  const keeper = spawn('sh', ['-c', KEEPER, 'keeper', client, outside, directory, path.basename(directory)], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true, // a Ctrl-C for the test's process group must not stop the removal
  });
  keeper.unref();
  return keeper;
}

/** Removes what a killed keeper may have left: names whose process is gone. */
function removeStale(): void {
  let names: string[];
  try {
    names = readdirSync('/run/netns');
  } catch {
    return; // no namespace was ever named on this machine
  }
  const alive = new Set(readdirSync('/proc'));
  for (const name of names) {
    const [prefix, pid, count, kind] = name.split('-');
    if (prefix !== PREFIX || pid === undefined || kind !== 'c' || alive.has(pid)) continue;
    const base = `${prefix}-${pid}-${count}`;
    const directory = readdirSync(SCRATCH).find((entry) => entry.startsWith(`${base}-`)) ?? base;
    startKeeper(`${base}-c`, `${base}-o`, path.join(SCRATCH, directory)).stdin?.end();
  }
}

async function build(topology: Topology): Promise<void> {
  const { client, outside } = topology;
  await must(['chmod', '0755', topology.directory]);
  const resolvConf = `nameserver ${RESOLVER.v4}\nnameserver ${RESOLVER.v6}\noptions timeout:1 attempts:1\n`;
  mkdirSync(`/etc/netns/${client}`, { recursive: true });
  writeFileSync(`/etc/netns/${client}/resolv.conf`, resolvConf);

  await must(['ip', 'netns', 'add', client]);
  await must(['ip', 'netns', 'add', outside]);
  await must([
    'ip',
    '-n',
    outside,
    'link',
    'add',
    GATEWAY.device,
    'type',
    'veth',
    'peer',
    'name',
    CLIENT.device,
    'netns',
    client,
  ]);
  await sysctl(topology.inClient([]), [...QUIET(CLIENT.device), ...CLIENT_SETTINGS]);
  await sysctl(topology.inOutside([]), [...QUIET(GATEWAY.device), 'net.ipv4.conf.all.rp_filter=0']);

  await ip(client, linkUp(CLIENT, [`route add default via ${GATEWAY.v4}`, `-6 route add default via ${GATEWAY.v6}`]));
  const services = [`addr add ${ALLOWED.v4}/32 dev lo`, `addr add ${RESOLVER.v4}/32 dev lo`];
  for (const address of [ALLOWED.v6, RESOLVER.v6]) services.push(`-6 addr add ${address}/128 dev lo nodad`);
  await ip(outside, linkUp(GATEWAY, services));

  await must(topology.inOutside(['iptables-restore', '-w']), { input: everyAddress(RESOLVER.v4) });
  await must(topology.inOutside(['ip6tables-restore', '-w']), { input: everyAddress(RESOLVER.v6) });
}

/** No router solicitations and no slow multicast reports: the kernel itself must be silent while the sink counts. */
const QUIET = (device: string): string[] =>
  ['all', 'default', device].flatMap((name) => [
    `net.ipv6.conf.${name}.accept_ra=0`,
    `net.ipv6.conf.${name}.router_solicitations=0`,
    `net.ipv6.conf.${name}.mldv2_unsolicited_report_interval=10`,
    `net.ipv6.conf.${name}.addr_gen_mode=1`,
  ]);

/** What container runtimes give a pod (ping sockets for everyone), and no cookie needed for TFO data. */
const CLIENT_SETTINGS = ['net.ipv4.ping_group_range=0 2147483647', 'net.ipv4.tcp_fastopen=5'];

async function sysctl(prefix: string[], settings: string[]): Promise<void> {
  await must([...prefix, 'sysctl', '-qw', ...settings]);
}

function linkUp(end: typeof CLIENT | typeof GATEWAY, more: string[]): string[] {
  return [
    'link set lo up',
    `addr add ${end.v4}/${PREFIX4} broadcast + dev ${end.device}`,
    `-6 addr add ${end.v6}/64 dev ${end.device} nodad`,
    `-6 addr add ${end.linkLocal}/64 dev ${end.device} nodad`,
    `link set ${end.device} up`,
    ...more,
  ];
}

async function ip(namespace: string, commands: string[]): Promise<void> {
  for (const command of commands) await must(['ip', '-n', namespace, ...command.split(' ')]);
}

/** nat table of `outside`: any resolver is nsd, any TCP port is the sink's listener, every other packet is for us. */
function everyAddress(resolver: string): string {
  const to = resolver.includes(':') ? `[${resolver}]:53` : `${resolver}:53`;
  return [
    '*nat',
    `-A PREROUTING -i ${GATEWAY.device} -d ${resolver} -p udp --dport 53 -j ACCEPT`,
    `-A PREROUTING -i ${GATEWAY.device} -p udp --dport 53 -j DNAT --to-destination ${to}`,
    `-A PREROUTING -i ${GATEWAY.device} -p tcp --dport 53 -j DNAT --to-destination ${to}`,
    `-A PREROUTING -i ${GATEWAY.device} -p tcp -j REDIRECT --to-ports ${CATCH_ALL_PORT}`,
    `-A PREROUTING -i ${GATEWAY.device} -j REDIRECT`,
    'COMMIT',
    '',
  ].join('\n');
}
