/** Every attempt's own targets and canary, and the plan that the runner in a pod is given. Pure. */
import type { Attribution } from '../../net/sink.ts';
import type { Attempt } from './attempts.ts';
import { SCRIPTS } from './pods.ts';

const ATTEMPT_SECONDS = 20;
const PARALLEL = 6;
const PATIENCE_SECONDS = 90;
const FIRST_PORT = 20_000;

/** The ground of one run: addresses by the names that the scripts know them by. */
export interface Ground {
  /** What every canary begins with. */
  token: string;
  env: Record<string, string>;
  /** Prefixes of addresses on the pods' own link that nobody has, such as `10.244.0.`, `fd00:10:244::bad:`. */
  onlink: { v4: string; v6: string };
}

export interface Assigned {
  attempt: Attempt;
  attribution: Attribution;
  env: Record<string, string>;
}

/** Addresses, port, group and canary of every attempt: no two share any, nor two runs of the same attempt. */
export function assign(attempts: readonly Attempt[], ground: Ground): Assigned[] {
  return attempts.map((attempt, index) => {
    const hex = (index + 1).toString(16);
    const own = {
      V4: `203.0.120.${index + 1}`,
      V6: `2001:db8:bad::${hex}`,
      PRIVATE4: `10.77.0.${index + 1}`,
      ONLINK4: `${ground.onlink.v4}${index + 100}`,
      ONLINK6: `${ground.onlink.v6}${hex}`,
    };
    const groups = { GROUP4: `239.66.0.${index + 1}`, GROUP6: `ff15::bad:${hex}` };
    const port = FIRST_PORT + index;
    const canary = `${ground.token}${String(index).padStart(3, '0')}`;
    return {
      attempt,
      attribution: {
        name: attempt.name,
        canary,
        addresses: [...Object.values(own), ...Object.values(groups)],
        groups: Object.values(groups),
        port,
      },
      env: { ...ground.env, ...own, ...groups, CANARY: canary, PORT: String(port) },
    };
  });
}

/** For `runner.py`. `positive` must work before and after: it prints an HTTP status. */
export function planFor(assigned: readonly Assigned[], control: boolean, positive: readonly string[]): object {
  return {
    parallel: PARALLEL,
    positive,
    patience: PATIENCE_SECONDS,
    attacks: assigned.map(({ attempt, env }) => {
      const [file, ...args] = (control ? attempt.controlRun : undefined) ?? attempt.run;
      const script = `${SCRIPTS}/${file}`;
      return {
        name: attempt.name,
        argv: file.endsWith('.py') ? ['/usr/bin/python3', '-B', script, ...args] : [script, ...args],
        // A control shows what is possible; it need not try every port of the machine.
        env: control ? { ...env, LIMIT: '100' } : env,
        timeout: ATTEMPT_SECONDS,
        alone: attempt.alone,
      };
    }),
  };
}

/** What a script said of itself. */
export interface Said {
  status: number | null;
  reached: boolean;
  text: string;
}

/** From the lines that `runner.py` prints. */
export function parseRun(stdout: string): Map<string, Said> {
  const found = new Map<string, Said>();
  for (const line of stdout.split(/\r?\n/)) {
    if (!line.startsWith('@@')) continue;
    const { attack, status, output, error } = JSON.parse(line.slice(2));
    found.set(attack, {
      status,
      reached: output.startsWith('{"reached": true'),
      text: `${output} ${error}`.trim(),
    });
  }
  return found;
}
