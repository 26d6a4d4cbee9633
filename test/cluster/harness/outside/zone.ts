/** One zone, the root, in which every name there can be has an address. Pure. */
import { ATTACKER, HOSTS, RESOLVER } from './plan.ts';

const TTL_SECONDS = 1;

interface Addresses {
  v4: string;
  v6: string;
}

/**
 * A wildcard does not reach below a name that exists (RFC 4592, 2.2.2), nor below one that only has descendants: each
 * ancestor of each name gets addresses and a wildcard of its own.
 */
export function rootZone(): string {
  const records = new Map<string, Addresses>([['*', ATTACKER]]);
  for (const { name } of Object.values(HOSTS)) {
    for (let owner: string = name; owner !== ''; owner = owner.split('.').slice(1).join('.')) {
      records.set(owner, ATTACKER);
      records.set(`*.${owner}`, ATTACKER);
    }
  }
  for (const { name, v4, v6 } of Object.values(HOSTS)) records.set(name, { v4, v6 });
  return [
    '$ORIGIN .',
    `$TTL ${TTL_SECONDS}`,
    `. IN SOA ns.outside. root.outside. 1 3600 600 86400 ${TTL_SECONDS}`,
    '. IN NS ns.outside.',
    `ns.outside. IN A ${RESOLVER.v4}`,
    ...[...records].flatMap(([owner, { v4, v6 }]) => [
      `${owner}. IN A ${v4}`,
      `${owner}. IN AAAA ${v6}`,
      `${owner}. IN TXT "commands"`,
    ]),
    '',
  ].join('\n');
}
