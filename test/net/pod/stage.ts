/** The sidecar's bundle as the pod runs it, with a control plane outside: real processes in their network namespaces. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from '../../../crds/compile.ts';
import { parseDocuments } from '../../../crds/document.ts';
import type { Event, RuntimePolicy } from '../../../crds/runtime.ts';
import { DETECTOR_NAMES } from '../../../sidecar/inspect/detectors/names.ts';
import { processEnv } from '../../setup/processes.ts';
import { PYTHON } from '../campaign.ts';
import { makePki } from '../pki.ts';
import { RESOLVER } from '../plan.ts';
import { must, type Outcome, run } from '../process.ts';
import { bundle, NODE } from '../runtime.ts';
import { createStage, type Stage } from '../stage.ts';
import type { Orders, Told } from './control-plane.ts';
import { Lines } from './lines.ts';

/** A Service's address, and the name in its certificate. */
export const CONTROL = { address: '10.96.0.77', port: 443, name: 'weir.weir-system.svc' } as const;
export const METRICS_PORT = 15020;
const TOKEN = 'a-projected-token';
const profile = fileURLToPath(new URL('../profile.py', import.meta.url));
const controlPlane = fileURLToPath(new URL('./control-plane.ts', import.meta.url));

/** A policy of namespace `test` from the YAML of its egress list. */
export function policyOf(egress: string, mode = 'Enforce'): RuntimePolicy {
  const text = `apiVersion: weir.dev/v1alpha1\nkind: EgressPolicy\nmetadata: {name: p, namespace: test}\nspec:\n  mode: ${mode}\n  egress:\n${egress}`;
  const { policies, problems } = parseDocuments(text, 'test', DETECTOR_NAMES);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return compile(policies, undefined);
}

export class PodStage {
  readonly stage: Stage;
  readonly directory: string;
  readonly stateDir: string;
  readonly secretsDir: string;
  readonly #controlDir: string;
  readonly #pki: { certificate: string; key: string };
  #control: Lines | undefined;

  private constructor(stage: Stage, pki: { certificate: string; key: string }, controlDir: string) {
    this.stage = stage;
    this.directory = path.dirname(controlDir);
    this.stateDir = path.join(this.directory, 'state');
    this.secretsDir = path.join(this.directory, 'secrets');
    this.#controlDir = controlDir;
    this.#pki = pki;
  }

  /** Rules loaded, no sidecar and no control plane yet. */
  static async create(): Promise<PodStage> {
    const stage = await createStage();
    const { topology } = stage;
    const controlDir = path.join(topology.directory, 'pod', 'control');
    mkdirSync(controlDir, { recursive: true });
    const pki = await makePki(controlDir, [CONTROL.name]);
    writeFileSync(path.join(controlDir, 'token'), TOKEN);
    await must(topology.inOutside(['ip', 'addr', 'add', `${CONTROL.address}/32`, 'dev', 'lo']));
    const accept = ['-t', 'nat', '-I', 'PREROUTING', '-d', CONTROL.address, '-p', 'tcp', '-j', 'ACCEPT'];
    await must(topology.inOutside(['iptables', ...accept]));
    const pod = new PodStage(stage, pki, controlDir);
    const env = { ...processEnv(), WEIR_METRICS_PORT: String(METRICS_PORT), NODE_OPTIONS: undefined };
    await must(topology.inClient([NODE, '--disable-sigusr1', bundle('netfilter.mjs')]), { env });
    return pod;
  }

  async startControl(orders: Orders): Promise<void> {
    const { certificate, key } = this.#pki;
    const argv = [NODE, controlPlane, certificate, key, CONTROL.address, String(CONTROL.port)];
    this.#control = new Lines('control plane', this.stage.topology.inOutside(argv), processEnv());
    await this.#control.line('"listening"');
    await this.order({ token: TOKEN, ...orders });
  }

  /** Resolves when the control plane goes by it. */
  async order(orders: Orders): Promise<void> {
    const control = this.#control as Lines;
    const since = control.count;
    control.send(JSON.stringify(orders));
    await control.line('"ordered"', since);
  }

  async stopControl(): Promise<void> {
    await this.#control?.kill('SIGKILL');
  }

  /** What the control plane was told so far. */
  told(): Told[] {
    return (this.#control?.lines ?? []).map((line) => JSON.parse(line) as Told);
  }

  /** Resolves with the first reported event for which it holds. */
  async reported(matches: (event: Event) => boolean): Promise<Event> {
    const found = (line: string): Event | undefined => {
      const told = JSON.parse(line) as Told;
      return 'report' in told ? (told.report.events as Event[]).find(matches) : undefined;
    };
    const line = await (this.#control as Lines).line((text) => found(text) !== undefined);
    return found(line) as Event;
  }

  startSidecar(more: Record<string, string> = {}): Lines {
    const env = {
      ...processEnv(),
      NODE_OPTIONS: undefined,
      WEIR_CONTROL_PLANE: `https://${CONTROL.address}:${CONTROL.port}`,
      WEIR_CONTROL_NAME: CONTROL.name,
      WEIR_CONTROL_DIR: this.#controlDir,
      WEIR_STATE_DIR: this.stateDir,
      WEIR_TRUST_DIR: path.join(this.directory, 'trust'),
      WEIR_SECRETS_DIR: this.secretsDir,
      WEIR_HELD_SECRETS: 'held',
      WEIR_METRICS_PORT: String(METRICS_PORT),
      WEIR_RESOLVERS: RESOLVER.v4,
      WEIR_UPSTREAM_CA: this.stage.sink.pki.ca,
      ...more,
    };
    const only = ['setpriv', '--bounding-set=-all,+net_raw', '--inh-caps=-all'];
    // The profile first: without capabilities none can be put on.
    const argv = [...PYTHON, profile, ...only, NODE, '--disable-sigusr1', bundle('sidecar.mjs')];
    return new Lines('sidecar', this.stage.topology.inClient(argv), env);
  }

  /** The hook after the sidecar's start. */
  hook(seconds: number): Promise<Outcome> {
    const argv = [NODE, bundle('ready.mjs'), '--timeout', String(seconds)];
    return run(argv, { env: { ...processEnv(), WEIR_STATE_DIR: this.stateDir } });
  }

  /** A command in the app's place. */
  app(argv: readonly string[], input?: string): Promise<Outcome> {
    return run(this.stage.topology.inClient(argv), { ...(input !== undefined && { input }), timeoutMs: 20_000 });
  }

  /** The status of an HTTPS request by curl, with its error in place of one. */
  async status(url: string, ...more: string[]): Promise<string> {
    const trust = ['--cacert', path.join(this.directory, 'trust', 'bundle.pem')];
    const argv = ['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', '-m', '5', ...trust, ...more, url];
    const { status, stdout } = await this.app(argv);
    return status === 0 ? stdout : `curl ${status}`;
  }

  async metrics(): Promise<Map<string, number>> {
    const text = await must(
      this.stage.topology.inOutside(['curl', '-sf', '-m', '5', `http://198.51.100.2:${METRICS_PORT}/metrics`]),
    );
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
    );
  }

  async destroy(): Promise<void> {
    await this.#control?.kill('SIGKILL');
    await this.stage.destroy();
  }
}
