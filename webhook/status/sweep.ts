/** Pods of labelled namespaces that Weir is not in: older than the label, or slipped past the webhook. Reported, or evicted. */
import { type KubeClient, KubeError } from '../kube/client.ts';
import type { Recorder } from '../reports/recorder.ts';
import { barePods } from '../watch/bare.ts';
import type { Cluster } from '../watch/cluster.ts';
import type { PodItem } from '../watch/objects.ts';

/** Milliseconds between sweeps; a namespace that gets the label is swept at once. */
export const SWEEP_MS = 30_000;
/** Pods that one sweep evicts. */
export const MAX_EVICTIONS = 20;

export interface SweepOptions {
  action: 'Report' | 'Evict';
  isLeader: () => boolean;
  log: (message: string, more?: object) => void;
  /** Pods without Weir, over all labelled namespaces. */
  counted: (pods: number) => void;
  evicted: (result: 'ok' | 'refused') => void;
}

const NOTE =
  'Weir is not in this pod, so nothing guards what it sends: it is older than the label weir.dev/inject=enabled of its namespace, was made while admission was away, or is not as the guard lets pods be. Recreate it.';

export class Sweep {
  readonly #client: KubeClient;
  readonly #cluster: Cluster;
  readonly #recorder: Pick<Recorder, 'record'>;
  readonly #options: SweepOptions;
  readonly #timer: NodeJS.Timeout;
  #soon: NodeJS.Timeout | undefined;
  #running = false;

  constructor(client: KubeClient, cluster: Cluster, recorder: Pick<Recorder, 'record'>, options: SweepOptions) {
    this.#client = client;
    this.#cluster = cluster;
    this.#recorder = recorder;
    this.#options = options;
    this.#timer = setInterval(() => void this.sweep(), SWEEP_MS);
    cluster.namespaces.listen((after, before) => {
      if (after?.isGuarded && !before?.isGuarded) this.#soon ??= setTimeout(() => this.#now(), 1000);
    });
  }

  stop(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
  }

  #now(): void {
    this.#soon = undefined;
    void this.sweep();
  }

  /** Does not throw. */
  async sweep(): Promise<void> {
    if (this.#running || !this.#cluster.isSynced || !this.#options.isLeader()) return;
    this.#running = true;
    try {
      const bare: PodItem[] = [];
      for (const { name, isGuarded } of [...this.#cluster.namespaces.all()]) {
        if (isGuarded) bare.push(...(await barePods(this.#client, this.#cluster, name)));
      }
      this.#options.counted(bare.length);
      for (const pod of bare) this.#report(pod);
      if (this.#options.action !== 'Evict') return;
      for (const pod of bare.filter(({ isEnding }) => !isEnding).slice(0, MAX_EVICTIONS)) await this.#evict(pod);
    } catch (error) {
      this.#options.log('sweep', { error: (error as Error).message });
    } finally {
      this.#running = false;
    }
  }

  #report({ namespace, name, uid }: PodItem): void {
    const about = { apiVersion: 'v1', kind: 'Pod', namespace, name, uid };
    this.#recorder.record({ about, type: 'Warning', reason: 'NotInjected', action: 'Guard', note: NOTE });
    this.#options.log('pod without Weir in a labelled namespace', { namespace, pod: name });
  }

  async #evict({ namespace, name, uid }: PodItem): Promise<void> {
    const body = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { namespace, name },
      deleteOptions: { preconditions: { uid } },
    };
    try {
      await this.#client.call('POST', `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, { body });
      this.#options.evicted('ok');
      this.#options.log('pod without Weir evicted', { namespace, pod: name });
    } catch (error) {
      // Gone, or a disruption budget says not now: the next sweep sees.
      if (error instanceof KubeError && error.status === 404) return;
      this.#options.evicted('refused');
      this.#options.log('pod without Weir not evicted', { namespace, pod: name, error: (error as Error).message });
    }
  }
}
