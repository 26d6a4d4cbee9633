/**
 * Brings what clients are to trust to where they look: a ConfigMap in every labelled namespace, for sidecars, and the
 * `caBundle` of our webhook configurations, for the API server. Written only where it differs, by whichever replica sees it.
 */
import type { KubernetesObject, V1ConfigMap } from '@kubernetes/client-node';
import { canonicalHash } from '../../crds/canonical.ts';
import { CA_CONFIG_MAP, CA_FILE, UPSTREAM_CA_FILE } from '../../crds/injected.ts';
import { type KubeClient, KubeError } from '../kube/client.ts';
import type { Cluster } from '../watch/cluster.ts';
import { type Item, Store } from '../watch/store.ts';

/** Milliseconds for which changes are gathered. */
const COALESCE_MS = 50;
/** Milliseconds until what failed is tried again. */
const RETRY_MS = 2000;
/** Writes at once. */
const PARALLEL = 8;
const MANAGER = 'weir-ca';

export interface ConfigMapItem extends Item {
  /** Hash of the keys that are ours. */
  hash: string;
}

export interface WebhookItem extends Item {
  plural: string;
  webhooks: { name: string; caBundle: string }[];
}

export interface PublishOptions {
  /** PEM of authorities for upstream servers; undefined: none. */
  upstreamCa?: string;
  /** Names of the configurations whose caBundle is ours to write; empty with cert-manager. */
  mutating: readonly string[];
  validating: readonly string[];
  log: (message: string, more?: object) => void;
  written?: (kind: 'configmap' | 'webhook', result: 'ok' | 'failed') => void;
}

export class Publisher {
  readonly #client: KubeClient;
  readonly #cluster: Cluster;
  readonly #options: PublishOptions;
  readonly #maps: Store<ConfigMapItem> = new Store();
  readonly #webhooks: Store<WebhookItem> = new Store();
  #bundle: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running = false;
  #stopped = false;

  constructor(client: KubeClient, cluster: Cluster, options: PublishOptions) {
    this.#client = client;
    this.#cluster = cluster;
    this.#options = options;
    const changed = () => this.#soon(COALESCE_MS);
    cluster.namespaces.listen((after, before) => {
      if (after?.isGuarded && (!before?.isGuarded || before.uid !== after.uid)) changed();
    });
    this.#maps.listen(changed);
    this.#webhooks.listen(changed);
  }

  /** Follows what it writes. */
  start(): void {
    const fieldSelector = `metadata.name=${CA_CONFIG_MAP}`;
    const trim = (object: KubernetesObject) => trimConfigMap(object);
    this.#cluster.follow({ kind: 'configmaps', path: '/api/v1/configmaps', fieldSelector, trim }, this.#maps);
    const { mutating, validating } = this.#options;
    for (const name of mutating) this.#followWebhooks('mutatingwebhookconfigurations', name);
    for (const name of validating) this.#followWebhooks('validatingwebhookconfigurations', name);
  }

  set(bundle: string): void {
    this.#bundle = bundle;
    this.#soon(0);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Whether everyone has this one. */
  isPublished(bundle: string): boolean {
    if (this.#bundle !== bundle || !this.#cluster.isSynced) return false;
    return this.#missingMaps(bundle).length === 0 && this.#missingBundles(bundle).length === 0;
  }

  #followWebhooks(plural: string, name: string): void {
    const path = `/apis/admissionregistration.k8s.io/v1/${plural}`;
    const fieldSelector = `metadata.name=${name}`;
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
    if (bundle === undefined || !this.#cluster.isSynced) return this.#soon(RETRY_MS);
    this.#running = true;
    const work = [
      ...this.#missingMaps(bundle).map((namespace) => () => this.#writeMap(namespace, bundle)),
      ...this.#missingBundles(bundle).map((item) => () => this.#writeWebhooks(item, bundle)),
    ];
    let isDone = true;
    const worker = async (): Promise<void> => {
      for (let next = work.shift(); next; next = work.shift()) if (!(await next())) isDone = false;
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker));
    this.#running = false;
    // What was written comes back through the watch, which asks again; what did not, or was turned back, waits.
    if (this.#bundle !== bundle) this.#soon(0);
    else if (!isDone || !this.isPublished(bundle)) this.#soon(RETRY_MS);
  }

  #data(bundle: string): Record<string, string> {
    const { upstreamCa } = this.#options;
    return { [CA_FILE]: bundle, ...(upstreamCa !== undefined && { [UPSTREAM_CA_FILE]: upstreamCa }) };
  }

  #missingMaps(bundle: string): string[] {
    const hash = canonicalHash(this.#data(bundle));
    return [...this.#cluster.namespaces.all()]
      .filter(({ isGuarded, name }) => isGuarded && this.#maps.get(name, CA_CONFIG_MAP)?.hash !== hash)
      .map(({ name }) => name);
  }

  #missingBundles(bundle: string): WebhookItem[] {
    const encoded = Buffer.from(bundle).toString('base64');
    return [...this.#webhooks.all()].filter(({ webhooks }) => webhooks.some(({ caBundle }) => caBundle !== encoded));
  }

  async #writeMap(namespace: string, bundle: string): Promise<boolean> {
    const path = `/api/v1/namespaces/${namespace}/configmaps/${CA_CONFIG_MAP}`;
    const map: V1ConfigMap = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: CA_CONFIG_MAP, namespace },
      data: this.#data(bundle),
    };
    return this.#try('configmap', namespace, () => this.#client.apply(path, MANAGER, map));
  }

  async #writeWebhooks({ plural, name, webhooks }: WebhookItem, bundle: string): Promise<boolean> {
    const caBundle = Buffer.from(bundle).toString('base64');
    const body = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: plural.startsWith('mutating') ? 'MutatingWebhookConfiguration' : 'ValidatingWebhookConfiguration',
      metadata: { name },
      webhooks: webhooks.map((webhook) => ({ name: webhook.name, clientConfig: { caBundle } })),
    };
    const path = `/apis/admissionregistration.k8s.io/v1/${plural}/${name}`;
    return this.#try('webhook', name, () => this.#client.apply(path, MANAGER, body));
  }

  async #try(kind: 'configmap' | 'webhook', name: string, write: () => Promise<unknown>): Promise<boolean> {
    try {
      await write();
      this.#options.written?.(kind, 'ok');
      return true;
    } catch (error) {
      // A namespace that is going away takes nothing new.
      if (error instanceof KubeError && error.status === 404) return true;
      if (error instanceof KubeError && error.status === 403 && /being terminated/.test(error.message)) return true;
      this.#options.written?.(kind, 'failed');
      this.#options.log('authority not published', { kind, name, error: (error as Error).message });
      return false;
    }
  }
}

function trimConfigMap(object: KubernetesObject): ConfigMapItem | undefined {
  const { metadata, data = {} } = object as V1ConfigMap;
  if (metadata?.name === undefined || metadata.uid === undefined || metadata.namespace === undefined) return undefined;
  const ours = Object.fromEntries(
    [CA_FILE, UPSTREAM_CA_FILE].flatMap((key) => (key in data ? [[key, data[key]]] : [])),
  );
  const { name, namespace, uid } = metadata;
  const hash = canonicalHash(ours);
  return { name, namespace, uid, version: hash, hash };
}

function trimWebhooks(object: KubernetesObject, plural: string): WebhookItem | undefined {
  const { metadata, webhooks = [] } = object as KubernetesObject & {
    webhooks?: { name: string; clientConfig?: { caBundle?: string } }[];
  };
  if (metadata?.name === undefined || metadata.uid === undefined) return undefined;
  const kept = webhooks.map(({ name, clientConfig }) => ({ name, caBundle: clientConfig?.caBundle ?? '' }));
  const { name, uid } = metadata;
  return { namespace: plural, name, uid, version: canonicalHash(kept), plural, webhooks: kept };
}
