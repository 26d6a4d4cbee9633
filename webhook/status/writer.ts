/** Keeps the status of every policy: written on the status subresource, by one replica, only when it differs. */
import { canonicalJson } from '../../crds/canonical.ts';
import { type Compiled, compileAll } from '../../crds/compile.ts';
import type { Issue } from '../../crds/issues.ts';
import { isClusterPolicy, type Policy } from '../../crds/kinds.ts';
import { validatePolicy } from '../../crds/validate.ts';
import { type KubeClient, KubeError } from '../kube/client.ts';
import type { PolicyBook } from '../policies/book.ts';
import type { Cluster } from '../watch/cluster.ts';
import { identityOf, type PolicyItem } from '../watch/objects.ts';
import { statusOf } from './conditions.ts';
import { Tally } from './tally.ts';

/** Milliseconds between looks, so that pods that come and go in numbers are one write. */
export const LOOK_MS = 1000;
/** Statuses that are written at one look; the others wait for the next. */
export const MAX_WRITES = 50;
const MANAGER = 'weir-status';
const EVERYTHING = '*';

export interface StatusOptions {
  detectorNames: readonly string[];
  /** Whether this replica writes. */
  isLeader: () => boolean;
  log: (message: string, more?: object) => void;
  written: (result: 'ok' | 'failed') => void;
}

export class StatusWriter {
  readonly #client: KubeClient;
  readonly #cluster: Cluster;
  readonly #options: StatusOptions;
  readonly #tally: Tally;
  readonly #errors = new WeakMap<Policy, Issue[]>();
  readonly #timer: NodeJS.Timeout;
  #dirty = new Set<string>([EVERYTHING]);
  #wasLeader = false;
  #running = false;

  constructor(client: KubeClient, cluster: Cluster, book: PolicyBook, options: StatusOptions) {
    this.#client = client;
    this.#cluster = cluster;
    this.#options = options;
    this.#tally = new Tally(book);
    const mark = (namespace: string | undefined) => this.#dirty.add(namespace ?? EVERYTHING);
    cluster.pods.listen((after, before) => mark((after ?? before)?.namespace));
    cluster.policies.listen((after, before) => mark((after ?? before)?.namespace));
    cluster.namespaces.listen((after, before) => mark((after ?? before)?.name));
    cluster.clusterPolicies.listen(() => mark(EVERYTHING));
    this.#timer = setInterval(() => void this.look(), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Counts what changed and writes what differs. Does not throw. */
  async look(): Promise<void> {
    if (this.#running || !this.#cluster.isSynced) return;
    const isLeader = this.#options.isLeader();
    if (isLeader && !this.#wasLeader) this.#dirty.add(EVERYTHING);
    this.#wasLeader = isLeader;
    if (!isLeader || this.#dirty.size === 0) return;
    this.#running = true;
    const dirty = this.#dirty;
    this.#dirty = new Set();
    try {
      await this.#update(dirty);
    } catch (error) {
      this.#options.log('status', { error: (error as Error).message });
      for (const namespace of dirty) this.#dirty.add(namespace);
    } finally {
      this.#running = false;
    }
  }

  async #update(dirty: ReadonlySet<string>): Promise<void> {
    const { pods, policies, clusterPolicies } = this.#cluster;
    const isAll = dirty.has(EVERYTHING);
    const namespaces = isAll ? new Set([...pods.all()].map(({ namespace }) => namespace)) : dirty;
    for (const namespace of namespaces) this.#tally.count(namespace, pods.in(namespace));
    const own: Iterable<PolicyItem> = isAll ? policies.all() : [...dirty].flatMap((each) => [...policies.in(each)]);
    let writes = 0;
    for (const item of [...own, ...clusterPolicies.all()]) {
      const status = this.#statusOf(item);
      if (canonicalJson(comparable(status)) === canonicalJson(comparable(item.status))) continue;
      if (++writes > MAX_WRITES) {
        this.#dirty.add(item.namespace || EVERYTHING);
        continue;
      }
      await this.#write(item, status);
    }
  }

  #statusOf({ policy, generation, status }: PolicyItem): PolicyItem['status'] & object {
    const { kind, metadata } = policy;
    const { matched, stale, dropped } = this.#tally.of(identityOf(policy));
    const all = [...dropped, ...this.#droppedForAll(policy)].filter(
      ({ origin }) =>
        origin.kind === kind && origin.policy === metadata.name && origin.namespace === (metadata.namespace ?? ''),
    );
    const once = [...new Map(all.map((each) => [canonicalJson(each), each])).values()];
    const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    return statusOf(status, { generation, errors: this.#errorsOf(policy), dropped: once, matched, stale, now });
  }

  /** What constraints that are for all pods take away, also when there is no pod. */
  #droppedForAll(policy: Policy): Compiled['dropped'] {
    if (isClusterPolicy(policy)) return [];
    const { clusterPolicies, namespaces } = this.#cluster;
    const forAll = [...clusterPolicies.all()]
      .map((item) => item.policy)
      .filter(({ spec }) => {
        const { matchLabels = {}, matchExpressions = [] } = spec.podSelector ?? {};
        return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
      });
    const namespaceLabels = namespaces.get('', policy.metadata.namespace ?? '')?.labels ?? {};
    return compileAll([policy], undefined, { clusterPolicies: forAll, namespaceLabels }).dropped;
  }

  #errorsOf(policy: Policy): Issue[] {
    const known = this.#errors.get(policy);
    if (known) return known;
    const { uid: _, generation: __, ...metadata } = policy.metadata as Policy['metadata'] & Record<string, unknown>;
    const copy = structuredClone({ ...policy, metadata });
    const errors = validatePolicy(copy, this.#options.detectorNames).filter(({ severity }) => severity === 'error');
    this.#errors.set(policy, errors);
    return errors;
  }

  async #write({ policy, namespace, name }: PolicyItem, status: object): Promise<void> {
    const { apiVersion, kind } = policy;
    const plural = isClusterPolicy(policy) ? 'clusteregresspolicies' : `namespaces/${namespace}/egresspolicies`;
    const path = `/apis/${apiVersion}/${plural}/${name}/status`;
    const body = { apiVersion, kind, metadata: { name, ...(namespace && { namespace }) }, status };
    try {
      await this.#client.apply(path, MANAGER, body);
      this.#options.written('ok');
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return;
      this.#options.written('failed');
      this.#options.log('status not written', { kind, namespace, name, error: (error as Error).message });
      this.#dirty.add(namespace || EVERYTHING);
    }
  }
}

/** Times alone are no difference. */
function comparable(status: PolicyItem['status']): unknown {
  return {
    ...status,
    conditions: status?.conditions?.map(({ lastTransitionTime: _, ...condition }) => condition),
  };
}
