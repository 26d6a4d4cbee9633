/** The policy of the pod: from a file, or from the control plane, with what came last while that is away. */
import path from 'node:path';
import { ControlConnection } from './control/connection.ts';
import { ControlPolicies } from './control/policies.ts';
import { Reports } from './control/reports.ts';
import { fixedPolicy, type PolicySource } from './policy/index.ts';
import type { ControlSettings } from './settings.ts';
import type { Life } from './state/state.ts';
import type { Egress } from './tcp/types.ts';

/** Milliseconds for which reports that wait may hold up the end. */
export const FLUSH_MS = 2000;
const KEPT_FILE = 'policy.json';

export interface PodPolicies {
  source: PolicySource;
  control?: ControlPolicies;
  reports?: Reports;
  /** Resolves when there is a policy, with which life of the pod this is. */
  first(): Promise<Life>;
  /** Sends the last reports and ends. */
  close(): Promise<void>;
}

/** The policy of a file. @throws when it cannot be used */
export async function policiesOfFile(file: string): Promise<PodPolicies> {
  const { readPolicyFile } = await import('./policy-file.ts');
  const source = fixedPolicy(readPolicyFile(file));
  return { source, first: async () => 'First', close: async () => {} };
}

/** The control plane's, asked for from now on. `waits`: why there is none yet. */
export function policiesOfControl(
  settings: ControlSettings,
  egress: Egress,
  directory: string,
  say: (msg: string, more?: object) => void,
  waits: (reason: string) => void,
): PodPolicies {
  const connection = new ControlConnection({ ...settings, egress });
  const source = new ControlPolicies({
    control: connection,
    file: path.join(directory, KEPT_FILE),
    onAttempt: ({ failures, problem }) => {
      if (problem !== undefined) waits(`no policy after ${failures} attempts. ${problem}`);
    },
    onChange: ({ connected, problem }) =>
      connected ? say('control plane connected') : say('control plane away', { error: problem }),
    onUnkept: (error) => say('policy not kept', { error: error.message }),
  });
  waits(`asking ${connection.address} for the policy`);
  const reports = new Reports({ control: connection });
  void source.run();
  void reports.run();
  return {
    source,
    control: source,
    reports,
    first: () => source.first(),
    async close() {
      source.stop();
      await reports.flush(FLUSH_MS);
      await connection.close();
    },
  };
}
