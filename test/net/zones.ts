/** The zones of the test internet's resolver (nsd) as text. Pure. */
import { ALLOWED, ATTACKER, ATTACKER_ZONE, MIXED, REBIND, REBIND_CNAME } from './plan.ts';

export interface Zone {
  name: string;
  text: string;
}

const TTL_SECONDS = 5;

function zone(name: string, records: string[]): Zone {
  const soa = `@ IN SOA ns.${name}. root.${name}. 1 3600 600 86400 ${TTL_SECONDS}`;
  return {
    name,
    text: [`$ORIGIN ${name}.`, `$TTL ${TTL_SECONDS}`, soa, `@ IN NS ns.${name}.`, ...records, ''].join('\n'),
  };
}

function address(owner: string, value: string): string {
  return `${owner} IN ${value.includes(':') ? 'AAAA' : 'A'} ${value}`;
}

/** One zone under each second-level name of the plan; the attacker's zone answers every name and every type of leak. */
export function zones(): Zone[] {
  const rebind = Object.entries(REBIND).flatMap(([name, addresses]) =>
    addresses.map((value) => address(`${name}.`, value)),
  );
  return [
    zone(ALLOWED.name, [address('@', ALLOWED.v4), address('@', ALLOWED.v6), address('*', ALLOWED.v4)]),
    zone('rebind.example', [
      ...rebind,
      ...[MIXED.public, ...MIXED.others].map((value) => address(`${MIXED.name}.`, value)),
      `${REBIND_CNAME.name}. IN CNAME ${REBIND_CNAME.target}.`,
      address('*', ATTACKER.v4),
      address('*', ATTACKER.v6),
    ]),
    zone('corp.example', [address(`${REBIND_CNAME.target}.`, REBIND_CNAME.address)]),
    zone(ATTACKER_ZONE, [address('*', ATTACKER.v4), address('*', ATTACKER.v6), '* IN TXT "commands"', '* IN MX 10 mx']),
  ];
}
