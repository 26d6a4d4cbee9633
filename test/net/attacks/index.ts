/** All attacks that need no place on a stage, in the order of the table. */
import { DNS } from './dns.ts';
import { NETWORK } from './network.ts';
import { PRIVILEGE } from './privilege.ts';
import type { Attack } from './types.ts';
import { WEB } from './web.ts';

export type { Attack, Evidence, Feature, Mode } from './types.ts';

export const ATTACKS: readonly Attack[] = [...NETWORK, ...DNS, ...WEB, ...PRIVILEGE];
