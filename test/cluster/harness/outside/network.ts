/** The outside's network made ready for its servers: their addresses, and what becomes of packets to all others. */
import { must } from '../../../net/process.ts';
import { inOutside } from '../cluster.ts';
import { CATCH_ALL_PORT, HOSTS, NODE, OUTSIDE, RESOLVER } from './plan.ts';

/** nat table: any resolver is ours, the registry is itself, any other TCP port of any host is the sink's. Pure. */
export function natTable(family: 'v4' | 'v6'): string {
  const to = family === 'v4' ? `${RESOLVER.v4}:53` : `[${RESOLVER.v6}]:53`;
  const from = `-A PREROUTING -i ${OUTSIDE.device}`;
  return [
    '*nat',
    `${from} -p udp --dport 53 -j DNAT --to-destination ${to}`,
    `${from} -p tcp --dport 53 -j DNAT --to-destination ${to}`,
    `${from} -d ${HOSTS.registry[family]} -p tcp --dport 443 -j ACCEPT`,
    `${from} -p tcp -j REDIRECT --to-ports ${CATCH_ALL_PORT}`,
    `${from} -j REDIRECT`,
    'COMMIT',
    '',
  ].join('\n');
}

/** Idempotent. */
export async function prepare(): Promise<void> {
  for (const { v4, v6 } of [RESOLVER, HOSTS.registry]) {
    await must(inOutside('ip', 'addr', 'replace', `${v4}/32`, 'dev', 'lo'));
    await must(inOutside('ip', '-6', 'addr', 'replace', `${v6}/128`, 'dev', 'lo', 'nodad'));
  }
  await must(inOutside('iptables-restore', '-w'), { input: natTable('v4') });
  await must(inOutside('ip6tables-restore', '-w'), { input: natTable('v6') });
}

/** As `cluster up` leaves it: every port of every host is this one's own, and closed. */
export async function reset(): Promise<void> {
  const rest = `*nat\n-A PREROUTING -i ${OUTSIDE.device} -j REDIRECT\nCOMMIT\n`;
  await must(inOutside('iptables-restore', '-w'), { input: rest });
  await must(inOutside('ip6tables-restore', '-w'), { input: rest });
}

/** Addresses of both ends of the link, link-local ones included: neighbour discovery asks for them. */
export async function linkAddresses(inNode: (...argv: string[]) => string[]): Promise<string[]> {
  const read = async (argv: string[]): Promise<string[]> => {
    const [link] = JSON.parse(await must(argv)) as { addr_info: { local: string }[] }[];
    return link?.addr_info.map(({ local }) => local) ?? [];
  };
  const ends = await Promise.all([
    read(inNode('ip', '-json', 'addr', 'show', 'dev', NODE.device)),
    read(inOutside('ip', '-json', 'addr', 'show', 'dev', OUTSIDE.device)),
  ]);
  return ends.flat();
}
