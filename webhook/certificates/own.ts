/** Our own authority, in a Secret that all replicas share; each signs a leaf of its own, in memory. */
import { randomBytes } from 'node:crypto';
import type { KubernetesObject, V1Secret } from '@kubernetes/client-node';
import { type KubeClient, KubeError } from '../kube/client.ts';
import type { Source } from '../watch/reflector.ts';
import { type Item, Store } from '../watch/store.ts';
import { type AuthorityState, bundleOf, type Lifetimes, plan } from './rotation.ts';
import { secretOf, stateOf } from './secret.ts';
import { createServing, createSigner, type Serving } from './sign.ts';
import { CertificateSource } from './source.ts';

/** Milliseconds between looks at the clock, at most; a quarter of the shortest lifetime when that is less. */
const LOOK_MS = 30_000;
/** The field manager of the Secret after it was made. */
const MANAGER = 'weir-authority';

export interface SecretItem extends Item {
  secret: V1Secret;
}

export interface OwnOptions {
  namespace: string;
  /** Name of the Secret. */
  secretName: string;
  /** Name in the leaf. */
  host: string;
  lifetimes: Lifetimes;
  /** Who does not have yet what they are to trust: webhooks of the API server, and namespaces. */
  missing: (bundle: string) => { webhooks: number; namespaces: readonly string[] };
  log: (message: string, more?: object) => void;
  now?: () => number;
}

export class OwnAuthority extends CertificateSource {
  readonly store: Store<SecretItem> = new Store();
  readonly #client: KubeClient;
  readonly #options: OwnOptions;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #signed: { serving: Serving; by: string; at: number } | undefined;
  #bundle: string | undefined;
  #isDue = false;
  #isLooking = false;

  constructor(client: KubeClient, options: OwnOptions) {
    super();
    this.#client = client;
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.store.listen(() => void this.look());
    this.store.onList(() => void this.look());
  }

  /** What the cluster is to follow into `store`. */
  get source(): Source<SecretItem> {
    const { namespace, secretName } = this.#options;
    return {
      kind: 'authority',
      path: `/api/v1/namespaces/${namespace}/secrets`,
      fieldSelector: `metadata.name=${secretName}`,
      trim,
    };
  }

  start(): void {
    const { leaf, publish, renewBefore } = this.#options.lifetimes;
    const shortest = Math.max(0.25, Math.min(leaf, publish, renewBefore) / 4) * 1000;
    this.#timer = setInterval(() => void this.look(), Math.min(LOOK_MS, shortest));
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Does what is due; once more when it is asked to meanwhile. Does not throw. */
  async look(): Promise<void> {
    this.#isDue = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    while (this.#isDue) {
      this.#isDue = false;
      await this.#look().catch((error: Error) => this.#options.log('authority', { error: error.message }));
    }
    this.#isLooking = false;
  }

  async #look(): Promise<void> {
    // Before the first list it is not known whether there is one: it may not be made anew then.
    const { namespace, secretName, lifetimes } = this.#options;
    const stored = this.store.get(namespace, secretName)?.secret;
    if (!stored && !this.store.synced) return;
    const now = this.#now();
    const state = stored && stateOf(stored);
    const isSeen = state !== undefined && this.#isSeen(state, now);
    const planned = plan(state, now, lifetimes, isSeen, () => createSigner(now, lifetimes));
    if (planned.isChanged) await this.#write(planned.state, stored);
    // What is not in the cluster is not used: the watch brings it, ours or another replica's.
    if (state && state.current.notAfter > now) this.#use(state, now);
  }

  /** The API server has to have it; a namespace that cannot be written is waited for as long again, and no pod is made there. */
  #isSeen(state: AuthorityState, now: number): boolean {
    const { webhooks, namespaces } = this.#options.missing(bundleOf(state));
    if (webhooks > 0) return false;
    if (namespaces.length === 0) return true;
    if (!state.next || now < state.next.since + 2 * this.#options.lifetimes.publish * 1000) return false;
    const some = namespaces.slice(0, 10);
    this.#options.log('the next authority is used without namespaces that could not be written', {
      count: namespaces.length,
      namespaces: some,
    });
    return true;
  }

  async #write(state: AuthorityState, stored: V1Secret | undefined): Promise<void> {
    const { namespace, secretName, log } = this.#options;
    const path = `/api/v1/namespaces/${namespace}/secrets/${secretName}`;
    const secret = secretOf(state, namespace, secretName, stored?.metadata?.resourceVersion);
    // Two replicas that make it at once are two managers that do not agree: the second is refused, and takes the first's.
    const manager = stored ? MANAGER : `${MANAGER}-${randomBytes(4).toString('hex')}`;
    try {
      await this.#client.apply(path, manager, secret, stored !== undefined);
      log('authority written', { stage: state.next ? 'next' : state.previous ? 'promoted' : 'current' });
    } catch (error) {
      if (!(error instanceof KubeError && error.status === 409)) throw error;
      log('authority was written by another replica');
    }
  }

  #use(state: AuthorityState, now: number): void {
    const { host, lifetimes } = this.#options;
    const bundle = bundleOf(state);
    const { current } = state;
    const isStale =
      !this.#signed ||
      this.#signed.by !== current.certificate ||
      now >= this.#signed.at + (lifetimes.leaf * 1000) / 2 ||
      now >= this.#signed.serving.notAfter;
    if (isStale) {
      const serving = createServing(host, current, now, lifetimes);
      this.#signed = { serving, by: current.certificate, at: now };
    }
    if (!this.#signed || (!isStale && bundle === this.#bundle)) return;
    this.#bundle = bundle;
    this.set({ serving: this.#signed.serving, bundle });
  }
}

function trim(object: KubernetesObject): SecretItem | undefined {
  const { metadata } = object;
  if (metadata?.name === undefined || metadata.uid === undefined || metadata.namespace === undefined) return undefined;
  const { name, namespace, uid, resourceVersion = '' } = metadata;
  return { name, namespace, uid, version: resourceVersion, secret: object as V1Secret };
}
