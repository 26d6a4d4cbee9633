/** The secret behind the paths of the webhooks: made once, in a Secret that all replicas follow, with any kind of certificates. */
import { randomBytes } from 'node:crypto';
import type { KubernetesObject, V1Secret } from '@kubernetes/client-node';
import { type KubeClient, KubeError } from '../kube/client.ts';
import type { Source } from '../watch/reflector.ts';
import { type Item, Store } from '../watch/store.ts';
import { AdmissionKey, SECRET_BYTES } from './admission-key.ts';

/** Milliseconds until what failed is tried again. */
const RETRY_MS = 2000;
const FIELD = 'secret';

interface SecretItem extends Item {
  key: AdmissionKey | undefined;
}

export class AdmissionSecret {
  readonly store: Store<SecretItem> = new Store();
  readonly #client: KubeClient;
  readonly #namespace: string;
  readonly #name: string;
  readonly #log: (message: string, more?: object) => void;
  readonly #listeners: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isMaking = false;

  constructor(client: KubeClient, namespace: string, name: string, log: (message: string, more?: object) => void) {
    this.#client = client;
    this.#namespace = namespace;
    this.#name = name;
    this.#log = log;
    this.store.listen(() => {
      for (const listener of this.#listeners) listener();
      void this.#make();
    });
    this.store.onList(() => void this.#make());
  }

  /** Undefined until it is known. */
  get key(): AdmissionKey | undefined {
    return this.store.get(this.#namespace, this.#name)?.key;
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** What the cluster is to follow into `store`. */
  get source(): Source<SecretItem> {
    return {
      kind: 'admission secret',
      path: `/api/v1/namespaces/${this.#namespace}/secrets`,
      fieldSelector: `metadata.name=${this.#name}`,
      trim,
    };
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Where there is none, or one that cannot be used. Does not throw. */
  async #make(): Promise<void> {
    if (this.key || !this.store.synced || this.#isMaking) return;
    this.#isMaking = true;
    clearTimeout(this.#timer);
    try {
      await this.#apply();
      this.#log('admission secret written');
    } catch (error) {
      const isOthers = error instanceof KubeError && error.status === 409;
      this.#log(isOthers ? 'admission secret was written by another replica' : 'admission secret', {
        ...(!isOthers && { error: (error as Error).message }),
      });
    } finally {
      this.#isMaking = false;
    }
    // The watch brings what was written, by us or another.
    this.#timer = setTimeout(() => void this.#make(), RETRY_MS);
  }

  async #apply(): Promise<void> {
    const isThere = this.store.get(this.#namespace, this.#name) !== undefined;
    const path = `/api/v1/namespaces/${this.#namespace}/secrets/${this.#name}`;
    const secret: V1Secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: this.#name, namespace: this.#namespace },
      type: 'Opaque',
      data: { [FIELD]: randomBytes(SECRET_BYTES).toString('base64') },
    };
    // Two replicas that make it at once are two managers that do not agree: the second is refused, and takes the first's.
    const manager = `weir-admission-${randomBytes(4).toString('hex')}`;
    await this.#client.apply(path, manager, secret, isThere);
  }
}

function trim(object: KubernetesObject): SecretItem | undefined {
  const { metadata, data = {} } = object as V1Secret;
  if (metadata?.name === undefined || metadata.uid === undefined || metadata.namespace === undefined) return undefined;
  const { name, namespace, uid, resourceVersion = '' } = metadata;
  const secret = Buffer.from(data[FIELD] ?? '', 'base64');
  const key = secret.length === SECRET_BYTES ? new AdmissionKey(secret) : undefined;
  return { name, namespace, uid, version: resourceVersion, key };
}
