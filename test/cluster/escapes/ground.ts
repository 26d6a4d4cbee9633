/** The ground of the escape suite on the cluster: its pods, who is where, and a watcher on the link of each pod. */
import path from 'node:path';
import { MARK } from '../../../sidecar/netfilter/settings.ts';
import { must } from '../../net/process.ts';
import {
  apply,
  exec,
  HOSTS,
  type Internet,
  inNode,
  kubectl,
  NAMESPACE,
  RELEASE,
  stateDirectory,
  waitFor,
} from '../harness/index.ts';
import { APP, attacker, controls, INSIDE, namespaces, OUTSIDE, peer, scripts } from './pods.ts';
import type { Ground } from './tasks.ts';
import { type Exempt, Watcher } from './watch.ts';

/** The one host that the policy allows. */
export const ALLOWED = HOSTS.analytics;
export const RESOLVER4 = '10.96.0.10';
const GATEWAY = { v4: '10.244.0.1', v6: 'fd00:10:244::1', broadcast: '10.244.0.255' };
const NODE4 = '10.97.0.1';
const BRIDGE = 'pods0';

/** One kind of GET with one header: whatever else arrives there has escaped. */
const POLICY = {
  apiVersion: 'weir.dev/v1alpha1',
  kind: 'EgressPolicy',
  metadata: { name: 'escape', namespace: INSIDE },
  spec: {
    // Each attack is to be refused for what it is, not for those before it.
    content: { maxRefusals: 10000 },
    egress: [
      {
        name: 'allowed',
        to: { hosts: [ALLOWED.name] },
        http: [{ methods: ['GET'], paths: ['/ok/**'], forwardHeaders: ['accept'] }],
      },
    ],
  },
};

/** Makes both namespaces and all pods, and waits until they are ready. */
export async function raise(internet: Internet): Promise<void> {
  await apply(...namespaces());
  for (const namespace of [INSIDE, OUTSIDE]) await waitFor('serviceaccount/default', 'create', namespace, 30);
  await apply(
    POLICY,
    scripts(INSIDE, internet.ca),
    scripts(OUTSIDE, internet.ca),
    ...peer(),
    ...controls(),
    attacker(),
  );
  for (const [namespace, name] of everyPod()) await waitFor(`pod/${name}`, 'condition=Ready', namespace, 90);
}

export async function raze(): Promise<void> {
  await kubectl(['delete', 'namespace', INSIDE, OUTSIDE, '--ignore-not-found', '--wait=false']);
}

function everyPod(): [namespace: string, name: string][] {
  const names = [attacker(), ...controls(), ...peer().slice(0, 1)].map(
    ({ metadata }) => metadata as { namespace: string; name: string },
  );
  return names.map(({ namespace, name }) => [namespace, name]);
}

/** Of all pods, separated by blanks. */
export const podAddresses = (): Promise<string> =>
  kubectl(['get', 'pods', '--all-namespaces', '--output=jsonpath={.items[*].status.podIPs[*].ip}']);

/** Who is where, for the scripts. */
export async function survey(token: string): Promise<Ground> {
  const [peerAddress, control] = await Promise.all([
    kubectl(['get', 'pod', 'peer', '--namespace', OUTSIDE, '--output=jsonpath={.status.podIP}']),
    kubectl(['get', 'service', RELEASE, '--namespace', NAMESPACE, '--output=jsonpath={.spec.clusterIP}']),
  ]);
  const [bridge] = JSON.parse(await must(inNode('ip', '-json', 'addr', 'show', 'dev', BRIDGE)));
  const linkLocal = bridge.addr_info.find(({ local }: { local: string }) => local.startsWith('fe80'))?.local;
  if (linkLocal === undefined) throw new Error(`${BRIDGE} has no link-local address`);
  return {
    token,
    onlink: { v4: '10.244.0.', v6: `${GATEWAY.v6.slice(0, -1)}bad:` },
    env: {
      MARK: String(MARK),
      ALLOWED: ALLOWED.name,
      ALLOWED4: ALLOWED.v4,
      ALLOWED6: ALLOWED.v6,
      RESOLVER4,
      RESOLVER6: GATEWAY.v6,
      GATEWAY4: GATEWAY.v4,
      GATEWAY6: GATEWAY.v6,
      GATEWAY_LINK_LOCAL: linkLocal,
      BROADCAST4: GATEWAY.broadcast,
      NODE: NODE4,
      NAMESPACE: OUTSIDE,
      PEER: peerAddress,
      CONTROL: control,
      CONTROL_NAME: `${RELEASE}.${NAMESPACE}.svc`,
    },
  };
}

/** A watcher on the node's end of a pod's link: it sees what never comes as far as the outside. */
export async function watchLink(
  internet: Internet,
  namespace: string,
  name: string,
  exempt: Pick<Exempt, 'token' | 'allowed' | 'names'>,
): Promise<Watcher> {
  const inside = await exec(namespace, name, ['cat', '/sys/class/net/eth0/iflink'], { container: APP });
  const index = Number(inside.stdout);
  const links = JSON.parse(await must(inNode('ip', '-json', 'link'))) as { ifindex: number; ifname: string }[];
  const device = links.find(({ ifindex }) => ifindex === index)?.ifname;
  if (device === undefined) throw new Error(`the link of ${namespace}/${name} was not found: ${inside.stderr}`);
  const addresses = await kubectl([
    'get',
    'pod',
    name,
    '--namespace',
    namespace,
    '--output=jsonpath={.status.podIPs[*].ip}',
  ]);
  const own = await exec(namespace, name, ['ip', '-json', 'addr', 'show', 'dev', 'eth0'], { container: APP });
  const [interfaces] = JSON.parse(own.stdout) as { addr_info: { local: string }[] }[];
  const linkLocals = interfaces?.addr_info.map(({ local }) => local) ?? [];
  return Watcher.start(`link-${name}`, inNode(), path.join(stateDirectory, 'outside'), {
    ...exempt,
    device,
    link: [...addresses.split(' '), ...linkLocals, GATEWAY.v4, GATEWAY.v6],
    resolver: [RESOLVER4],
    certificate: internet.pki.certificate,
    key: internet.pki.key,
  });
}
