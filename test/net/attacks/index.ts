/** All attacks, in the order of the table. */
import { DNS } from './dns.ts';
import { NETWORK } from './network.ts';
import { PRIVILEGE, unixSockets } from './privilege.ts';
import type { Attack, Mode } from './types.ts';
import { WEB } from './web.ts';

export type { Attack, Evidence, Feature, Mode } from './types.ts';

/** The attacks of one mode; `sockets` are those of the client's daemons. */
export function attacksOf(mode: Mode, sockets: { paths: string[]; abstract: string[] }): Attack[] {
  const all = [...NETWORK, ...DNS, ...WEB, ...unixSockets(sockets.paths, sockets.abstract), ...PRIVILEGE];
  return all.filter((attack) => attack.modes === undefined || attack.modes.includes(mode));
}
