/**
 * Brings what clients are to trust to where they look: a ConfigMap in every labelled namespace, for sidecars, and the
 * `caBundle` of our webhook configurations, for the API server, with the path by which we know it. Written only where it
 * differs, by whichever replica sees it.
 */
import type { KubernetesObject } from '@kubernetes/client-node';
import { CA_CONFIG_MAP, CA_FILE, UPSTREAM_CA_FILE } from '../../crds/injected.ts';
import { type KubeClient, KubeError } from '../kube/client.ts';
import { type AdmissionKey, KEY_MS } from '../server/admission-key.ts';
import type { Cluster } from '../watch/cluster.ts';
import { Store } from '../watch/store.ts';
import { AuthorityMap } from './authority-map.ts';
import { type ConfigMapItem, hashOf, trimConfigMap, trimWebhooks, type WebhookItem } from './published.ts';

/** Milliseconds for which changes are gathered. */
const COALESCE_MS = 50;
/** Milliseconds until it is seen again whether all is known that is written. */
const UNKNOWN_MS = 100;
/** Milliseconds until what failed is tried again, doubled up to the last for a namespace that goes on failing. */
const RETRY_MS = 2000;
const LAST_RETRY_MS = 30_000;
/** Milliseconds between looks at the path, which the time changes. */
const LOOK_MS: number = KEY_MS / 20;
/** Writes at once. */
const PARALLEL = 8;
/** Contents of ours that are known: the present one, and those that namespaces may still have. */
const MAX_KNOWN = 8;
const MANAGER = 'weir-ca';

export interface PublishOptions {
  /** PEM of authorities for upstream servers; undefined: none. */
  upstreamCa?: string;
  /** Name of the webhook configurations. */
  configuration: string;
  /** Whether their caBundle is ours to write; cert-manager writes it otherwise. */
  writesBundle: boolean;
  /** Undefined until it is known. */
  key: () => AdmissionKey | undefined;
  log: (message: string, more?: object) => void;
  written?: (kind: 'configmap' | 'webhook', result: 'ok' | 'replaced' | 'failed') => void;
  now?: () => number;
}

export class Publisher {
  readonly #cluster: Cluster;
  readonly #client: KubeClient;
  readonly #options: PublishOptions;
  readonly #map: AuthorityMap;
  readonly #maps: Store<ConfigMapItem> = new Store();
  readonly #webhooks: Store<WebhookItem> = new Store();
  /** By namespace. */
  readonly #failing = new Map<string, { waitMs: number; until: number }>();
  readonly #now: () => number;
  #known: string[] = [];
  #bundle: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking: NodeJS.Timeout | undefined;
  #running = false;
  #stopped = false;

  constructor(client: KubeClient, cluster: Cluster, options: PublishOptions) {
    this.#client = client;
    this.#cluster = cluster;
    this.#options = options;
    this.#map = new AuthorityMap(client, MANAGER);
    this.#now = options.now ?? Date.now;
    const changed = () => this.#soon(COALESCE_MS);
    cluster.namespaces.listen((after, before) => {
      if (!after?.isGuarded) this.#failing.delete((after ?? before)?.name ?? '');
      else if (!before?.isGuarded || before.uid !== after.uid) changed();
    });
    this.#maps.listen((after, before) => {
      this.#failing.delete((after ?? before)?.namespace ?? '');
      changed();
    });
    this.#webhooks.listen(changed);
  }

  /** Follows what it writes. */
  start(): void {
    const fieldSelector = `metadata.name=${CA_CONFIG_MAP}`;
    const trim = (object: KubernetesObject) => trimConfigMap(object);
    this.#cluster.follow({ kind: 'configmaps', path: '/api/v1/configmaps', fieldSelector, trim }, this.#maps);
    this.#followWebhooks('mutatingwebhookconfigurations');
    this.#followWebhooks('validatingwebhookconfigurations');
    this.#looking = setInterval(() => this.#soon(0), LOOK_MS);
  }

  set(bundle: string): void {
    this.#bundle = bundle;
    const hash = hashOf({ data: this.#data(bundle) });
    this.#known = [hash, ...this.#known.filter((each) => each !== hash)].slice(0, MAX_KNOWN);
    this.#failing.clear();
    this.#soon(0);
  }

  /** There is a key. */
  keyChanged(): void {
    this.#soon(0);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearInterval(this.#looking);
  }

  /** Who does not have this one yet. */
  missing(bundle: string): { webhooks: number; namespaces: string[] } {
    if (this.#bundle !== bundle || !this.#cluster.isSynced)
      return { webhooks: Number.POSITIVE_INFINITY, namespaces: [] };
    const encoded = encode(bundle);
    const webhooks = [...this.#webhooks.all()].flatMap((item) => item.webhooks);
    return {
      webhooks: this.#options.writesBundle ? webhooks.filter(({ caBundle }) => caBundle !== encoded).length : 0,
      namespaces: this.#missingMaps(bundle),
    };
  }

  /** Whether what sidecars of this namespace trust is exactly ours. */
  isWritten(namespace: string): boolean {
    const hash = this.#maps.get(namespace, CA_CONFIG_MAP)?.hash;
    return hash !== undefined && this.#known.includes(hash);
  }

  /** Labelled namespaces where it is not. */
  get unwritten(): number {
    return [...this.#cluster.namespaces.all()].filter(({ isGuarded, name }) => isGuarded && !this.isWritten(name))
      .length;
  }

  #followWebhooks(plural: WebhookItem['plural']): void {
    const path = `/apis/admissionregistration.k8s.io/v1/${plural}`;
    const fieldSelector = `metadata.name=${this.#options.configuration}`;
    const store = new Store<WebhookItem>();
    store.listen((after, before) => {
      if (after) this.#webhooks.put(after);
      else if (before) this.#webhooks.remove(before.namespace, before.name);
    });
    this.#cluster.follow({ kind: plural, path, fieldSelector, trim: (object) => trimWebhooks(object, plural) }, store);
  }

  #soon(ms: number): void {
    if (this.#stopped || this.#running) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#reconcile(), ms);
  }

  async #reconcile(): Promise<void> {
    const bundle = this.#bundle;
    if (bundle === undefined || !this.#cluster.isSynced) return this.#soon(UNKNOWN_MS);
    this.#running = true;
    const work = [
      ...this.#wrongWebhooks(bundle).map((item) => () => this.#writeWebhooks(item, bundle)),
      ...this.#missingMaps(bundle)
        .filter((namespace) => (this.#failing.get(namespace)?.until ?? 0) <= performance.now())
        .map((namespace) => () => this.#writeMap(namespace, bundle)),
    ];
    const worker = async (): Promise<void> => {
      for (let next = work.shift(); next; next = work.shift()) await next();
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker));
    this.#running = false;
    // What was written comes back through the watch, which asks again; what did not, or was turned back, waits.
    if (this.#bundle !== bundle) this.#soon(0);
    else if (this.#missingMaps(bundle).length > 0 || this.#wrongWebhooks(bundle).length > 0) this.#soon(RETRY_MS);
  }

  #data(bundle: string): Record<string, string> {
    const { upstreamCa } = this.#options;
    return { [CA_FILE]: bundle, ...(upstreamCa !== undefined && { [UPSTREAM_CA_FILE]: upstreamCa }) };
  }

  #missingMaps(bundle: string): string[] {
    const hash = hashOf({ data: this.#data(bundle) });
    return [...this.#cluster.namespaces.all()]
      .filter(({ isGuarded, name }) => isGuarded && this.#maps.get(name, CA_CONFIG_MAP)?.hash !== hash)
      .map(({ name }) => name);
  }

  #wrongWebhooks(bundle: string): WebhookItem[] {
    const { writesBundle, key } = this.#options;
    const [encoded, current, now] = [encode(bundle), key(), this.#now()];
    return [...this.#webhooks.all()].filter(({ webhooks, webhook }) =>
      webhooks.some(
        ({ caBundle, path }) =>
          (writesBundle && caBundle !== encoded) || (current && !current.isCurrent(path, webhook, now)),
      ),
    );
  }

  async #writeMap(namespace: string, bundle: string): Promise<void> {
    const isReplacing = this.#maps.get(namespace, CA_CONFIG_MAP)?.uid;
    const isDone = await this.#try('configmap', namespace, async () => {
      const how = await this.#map.write(namespace, this.#data(bundle), isReplacing);
      if (how === 'replaced') this.#options.log('authority of another was in its place', { namespace });
      return how;
    });
    if (isDone) return void this.#failing.delete(namespace);
    const waitMs = Math.min(LAST_RETRY_MS, (this.#failing.get(namespace)?.waitMs ?? RETRY_MS / 2) * 2);
    this.#failing.set(namespace, { waitMs, until: performance.now() + waitMs });
  }

  async #writeWebhooks({ plural, webhook, name, webhooks }: WebhookItem, bundle: string): Promise<void> {
    const { writesBundle, key } = this.#options;
    const path = key()?.path(webhook, this.#now());
    const clientConfig = {
      ...(writesBundle && { caBundle: encode(bundle) }),
      ...(path !== undefined && { service: { path } }),
    };
    const body = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: webhook === 'mutate' ? 'MutatingWebhookConfiguration' : 'ValidatingWebhookConfiguration',
      metadata: { name },
      webhooks: webhooks.map((each) => ({ name: each.name, clientConfig })),
    };
    const url = `/apis/admissionregistration.k8s.io/v1/${plural}/${name}`;
    await this.#try('webhook', name, async () => {
      await this.#client.apply(url, MANAGER, body);
      return 'ok';
    });
  }

  async #try(kind: 'configmap' | 'webhook', name: string, write: () => Promise<'ok' | 'replaced'>): Promise<boolean> {
    try {
      this.#options.written?.(kind, await write());
      return true;
    } catch (error) {
      // A namespace that is going away takes nothing new.
      if (error instanceof KubeError && error.status === 404) return true;
      if (error instanceof KubeError && error.status === 403 && /being terminated/.test(error.message)) return true;
      this.#options.written?.(kind, 'failed');
      // The API server's words may have what was to be written, and the path is a secret.
      const said = error instanceof KubeError && kind === 'webhook' ? `${error.status} ${error.reason}` : undefined;
      this.#options.log('authority not published', { kind, name, error: said ?? (error as Error).message });
      return false;
    }
  }
}

function encode(bundle: string): string {
  return Buffer.from(bundle).toString('base64');
}
