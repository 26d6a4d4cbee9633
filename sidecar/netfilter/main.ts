/** The init container: loads the rules, tries them, says so in one line of JSON on stdout, exits. 0 = they hold. */

import { messageOf } from '../../crds/errors.ts';
import { apply, ipv6Support } from './apply.ts';
import { rules } from './rules.ts';
import { selfTest } from './selftest.ts';
import { settingsFrom } from './settings.ts';

/** @returns the exit status: 0, or 1 when the rules are not in force (the pod must not start). Never throws. */
export async function main(
  env: Readonly<Record<string, string | undefined>>,
  write: (line: string) => void,
): Promise<number> {
  const say = (fields: Record<string, unknown>): void =>
    write(`${JSON.stringify({ time: new Date().toISOString(), component: 'netfilter', ...fields })}\n`);
  try {
    const v6 = ipv6Support();
    await apply(rules(settingsFrom(env)), { v6 });
    const { outcomes } = await selfTest({ local: false, v6, redirect: true });
    const count = (result: string): number => outcomes.filter((outcome) => outcome.result === result).length;
    say({ ready: true, ipv6: v6, dropped: count('dropped'), impossible: count('impossible') });
    return 0;
  } catch (error) {
    say({ ready: false, error: messageOf(error) });
    return 1;
  }
}

if (import.meta.main) process.exitCode = await main(process.env, (line) => process.stdout.write(line));
