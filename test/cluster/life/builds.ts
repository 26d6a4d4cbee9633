/** Builds that run while something goes wrong: Jobs, each with a budget of its own, and what became of each. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Attribution, StreamSeen } from '../../net/sink.ts';
import { HOSTS, job, type KubeObject, kubectl, list, type Manifest, type Namespace, until } from '../harness/index.ts';
import { leaker } from './leaks.ts';

/** `limits` of each rule. A post is about 250 bytes. */
export const LIMITS = { requests: 12, uploadSize: 16 * 1024 } as const;
export const STEADY_LIMITS = { requests: 40, uploadSize: 64 * 1024 } as const;
const LEAKS = ['leak-udp', 'leak-tcp', 'leak-dns', 'leak-secret'] as const;
type Leak = (typeof LEAKS)[number];
/** A line has the time at which it was begun. */
const IN_FLIGHT_MS = 500;
const START_S = 90;
const END_S = 120;

export interface Line {
  /** Unix milliseconds. */
  t: number;
  what: string;
  got: string;
}

/** Rules with limits for `/steady/**` and for each path; nothing else may be posted. */
export function policySpec(paths: readonly string[]): Manifest {
  const upload = (name: string, path: string, limits: object) => ({
    name,
    to: { hosts: [HOSTS.github.name] },
    http: [{ methods: ['POST'], paths: [path] }],
    limits,
  });
  return {
    // They try to leak at every moment, and are not to be cut off for that.
    content: { maxRefusals: 10_000 },
    egress: [
      { name: 'reads', to: { hosts: [HOSTS.analytics.name] }, http: [{ methods: ['GET', 'POST'], paths: ['/ok/**'] }] },
      { name: 'npm', preset: { name: 'npm-install' } },
      upload('steady', '/steady/**', STEADY_LIMITS),
      ...paths.map((path) => upload(path, `/${path}/**`, LIMITS)),
    ],
  };
}

/** What every build of the namespace needs: the script, and a Secret that it holds. `token` is in the Secret's value. */
export function shared(token: string): Manifest[] {
  const script = readFileSync(join(import.meta.dirname, 'build.mjs'), 'utf8');
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'build' }, data: { 'build.mjs': script } },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'deploy' },
      stringData: { key: `${token}-q9Zr4Tn4vXw2Lk8s` },
    },
  ];
}

export class Build {
  readonly name: string;
  readonly attribution: Attribution;
  readonly #namespace: Namespace;
  readonly #env: Record<string, string>;
  readonly #restarts: boolean;
  /** How it leaks. */
  readonly leaks: readonly Leak[];
  pod = '';

  /**
   * `restarts`: its containers may be restarted. Kubernetes counts restarts of sidecars against `backoffLimit` then.
   * `holdsSecret`: it has a Secret, and posts it. Whoever does is cut off with the next refusal once the journal is lost.
   */
  constructor(
    namespace: Namespace,
    token: string,
    name: string,
    index: number,
    { restarts = false, holdsSecret = true } = {},
  ) {
    const { attribution, v4 } = leaker(token, name, index);
    this.name = name;
    this.attribution = attribution;
    this.#namespace = namespace;
    this.#restarts = restarts;
    this.leaks = holdsSecret ? LEAKS : LEAKS.filter((leak) => leak !== 'leak-secret');
    this.#env = {
      ...{ NAME: name, CANARY: attribution.canary, LEAK_V4: v4, LEAK_PORT: String(attribution.port) },
      ...{ READS: HOSTS.analytics.name, UPLOADS: HOSTS.github.name, REGISTRY: HOSTS.registry.name },
    };
  }

  /** Resolves when it has begun to do its work. */
  async start(): Promise<void> {
    const env = Object.entries(this.#env).map(([name, value]) => ({ name, value }));
    const secret = { name: 'KNOWN_SECRET', valueFrom: { secretKeyRef: { name: 'deploy', key: 'key' } } };
    const options = {
      command: ['node', '/build/build.mjs'],
      container: {
        env: this.leaks === LEAKS ? [...env, secret] : env,
        volumeMounts: [{ name: 'build', mountPath: '/build' }],
      },
      spec: {
        restartPolicy: this.#restarts ? 'OnFailure' : 'Never',
        volumes: [{ name: 'build', configMap: { name: 'build' } }],
      },
    };
    await this.#namespace.apply(job(this.name, options, { backoffLimit: this.#restarts ? 6 : 0 }));
    this.pod = await until(`a pod of ${this.name}`, async () => {
      const [pod] = await list('pods', this.#namespace.name, `job-name=${this.name}`);
      return pod?.metadata.name;
    });
    await this.works(0, START_S);
  }

  /** Until an allowed GET that was begun after `since` (Unix ms) has worked. */
  async works(since: number, seconds = 60): Promise<void> {
    const isSo = ({ t, what, got }: Line) => what === 'get' && got === 'ok' && t >= since;
    const look = async () => (await this.lines().catch(() => [])).some(isSo) || undefined;
    await until(`${this.name} works`, look, { seconds, everyMs: 300 });
  }

  /** Of the app container, as it runs or ran last; `previous`: before its last restart. */
  async lines({ previous = false } = {}): Promise<Line[]> {
    const text = await this.#namespace.logs(this.pod, 'app', { previous });
    return text.split('\n').flatMap((line) => (line.startsWith('{') && line.endsWith('}') ? [JSON.parse(line)] : []));
  }

  sidecarLog(): Promise<string> {
    return this.#namespace.logs(this.pod, 'weir');
  }

  /** Posts `count` times to a rule of its own, `path`; what came of each. */
  async spend(path: string, count: number): Promise<string[]> {
    const argv = ['node', '/build/build.mjs', 'spend', `/${path}/${this.name}`, String(count)];
    const { status, stdout, stderr } = await until(`${this.name} may post`, async () => {
      const outcome = await this.#namespace.exec(this.pod, argv);
      // Who enters a pod is judged too: while no replica can be asked, nobody does.
      return outcome.stderr.includes('failed calling webhook') ? undefined : outcome;
    });
    if (status !== 0) throw new Error(`${this.name} could not post: ${stderr}`);
    return stdout.trim().split('\n');
  }

  get(): Promise<KubeObject> {
    return this.#namespace.get(`pod/${this.pod}`);
  }

  /** Tells it to come to its end, and waits for that: `Complete` or `Failed`. */
  async end(): Promise<string> {
    await until(`${this.name} is told`, async () =>
      (await this.#namespace.exec(this.pod, ['touch', '/tmp/done'])).status === 0 ? true : undefined,
    );
    return until(
      `Job ${this.name} has ended`,
      async () => {
        const { status } = await this.#namespace.get(`job/${this.name}`);
        const { conditions = [] } = status as { conditions?: { type: string; status: string }[] };
        return conditions.find((one) => one.status === 'True' && /^(Complete|Failed)$/.test(one.type))?.type;
      },
      { seconds: END_S, everyMs: 300 },
    );
  }

  async describe(): Promise<string> {
    return kubectl(['describe', 'pod', this.pod, '--namespace', this.#namespace.name]);
  }
}

/** Requests and bytes of bodies that a server outside was told for a path. */
export function spentAt(streams: readonly StreamSeen[], path: string): { requests: number; bytes: number } {
  const requests = streams.flatMap((stream) => stream.requests).filter(({ line }) => line.startsWith(`POST ${path} `));
  const bytes = requests.reduce((sum, { body }) => sum + Buffer.from(body, 'base64').length, 0);
  return { requests: requests.length, bytes };
}

export interface Seen {
  before: number;
  after: number;
  /** What came of what is allowed and did not work, with its number. */
  refused: Record<string, number>;
  /** The longest time between two GETs that worked, milliseconds. */
  gapMs: number;
  /** Authorities that the build found in its trust volume. */
  authorities: number;
  /** Leaks that the build tried by then, of each kind at least so many. */
  leaks: number;
}

/** What of a build's lines lies around the time of a fault. */
export function seen(lines: readonly Line[], from: number, to: number, { leaks }: Build): Seen {
  const gets = lines.filter(({ what }) => what === 'get');
  const good = gets.filter(({ got }) => got === 'ok').map(({ t }) => t);
  const refused: Record<string, number> = {};
  const allowed = lines.filter(({ what, t }) => /^(get|npm|post)$/.test(what) && t >= from - IN_FLIGHT_MS && t <= to);
  for (const { got } of allowed.filter(({ got }) => got !== 'ok' && !got.includes('limit.'))) {
    refused[got] = (refused[got] ?? 0) + 1;
  }
  const around = good.filter((t) => t >= from - 2000 && t <= to);
  const gaps = around.slice(1).map((t, i) => t - (around[i] ?? t));
  return {
    before: good.filter((t) => t < from).length,
    after: good.filter((t) => t > from).length,
    refused,
    gapMs: Math.max(0, ...gaps),
    leaks: Math.min(...leaks.map((leak) => lines.filter(({ what, t }) => what === leak && t <= to).length)),
    authorities: new Set(lines.filter(({ what }) => what === 'ca').map(({ got }) => got)).size,
  };
}
