/** Weir as in a pod: the init container's bundle writes the rules, the sidecar's bundle serves, both in the client's network. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { processEnv } from '../setup/processes.ts';
import { PYTHON } from './campaign.ts';
import { RESOLVER } from './plan.ts';
import { Companion, must } from './process.ts';
import { bundle, NODE } from './runtime.ts';
import type { Topology } from './topology.ts';

const READY_MS = 15_000;
const PROFILE = fileURLToPath(new URL('./profile.py', import.meta.url));

export interface Pod {
  /** For a workload's environment: the CA it is to trust. */
  trust: string;
  log(): string;
  stop(): Promise<void>;
  sidecar: Companion;
}

/** Starts both and waits until the sidecar says that it is ready. */
export async function startPod(topology: Topology, policy: string, upstreamCa: string): Promise<Pod> {
  const directory = path.join(topology.directory, 'pod');
  const state = path.join(directory, 'state');
  mkdirSync(state, { recursive: true });
  const file = path.join(directory, 'policy.yaml');
  const log = path.join(directory, 'weir.log');
  writeFileSync(file, policy);
  const only = (capability: string) => ['setpriv', `--bounding-set=-all,+${capability}`, '--inh-caps=-all'];
  const node = [NODE, '--disable-sigusr1'];
  const env = {
    ...processEnv(),
    NODE_OPTIONS: undefined,
    WEIR_POLICY_FILE: file,
    WEIR_STATE_DIR: state,
    WEIR_LOG: log,
    WEIR_RESOLVERS: `${RESOLVER.v4},${RESOLVER.v6}`,
    WEIR_UPSTREAM_CA: upstreamCa,
  };
  await must(topology.inClient([...only('net_admin'), ...node, bundle('netfilter.mjs')]), { env });
  const sidecar = new Companion(
    'sidecar',
    // As under the runtime's profile, which is put on before capabilities go.
    topology.inClient([...PYTHON, PROFILE, ...only('net_raw'), ...node, bundle('sidecar.mjs')]),
    env,
  );
  await sidecar.line((line) => line.includes('"msg":"ready"'), READY_MS);
  return {
    trust: path.join(state, 'trust', 'bundle.pem'),
    log: () => readFileSync(log, 'utf8'),
    stop: () => sidecar.stop(),
    sidecar,
  };
}
