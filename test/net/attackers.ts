/** Who runs the attacks: which privileges, in which namespaces. Each is a prefix to a command line. */
import type { Topology } from './topology.ts';

/** An account without any rights (nobody). */
export const ORDINARY_ID = 65534;

/** What the guard leaves a container: the baseline capabilities less NET_RAW. */
const POD_CAPABILITIES = [
  'chown',
  'dac_override',
  'fowner',
  'fsetid',
  'kill',
  'setgid',
  'setuid',
  'setpcap',
  'net_bind_service',
  'sys_chroot',
  'mknod',
  'audit_write',
  'setfcap',
];

/** As container runtimes do: /proc of its own, with /proc/sys read-only. */
const CONTAINER = 'mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys && exec "$@"';

/** Root as in a pod's container, in the client's network. */
export function podAttacker(topology: Topology, argv: readonly string[]): string[] {
  const bounding = ['-all', ...POD_CAPABILITIES.map((name) => `+${name}`)].join(',');
  return topology.inClient([
    ...['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'],
    ...['sh', '-c', CONTAINER, 'container'],
    ...['setpriv', `--bounding-set=${bounding}`, '--inh-caps=-all', ...argv],
  ]);
}

/** Root with everything, in the client's network: for the controls of what a capability forbids. */
export function privilegedAttacker(topology: Topology, argv: readonly string[]): string[] {
  return topology.inClient(argv);
}

/** An ordinary user, in the client's network. */
export function ordinaryUser(topology: Topology, argv: readonly string[]): string[] {
  const id = String(ORDINARY_ID);
  return topology.inClient(['setpriv', '--reuid', id, '--regid', id, '--clear-groups', '--inh-caps=-all', ...argv]);
}
