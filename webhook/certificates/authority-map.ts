/**
 * Writes the ConfigMap of authorities of one namespace so that it is exactly ours. Who may write ConfigMaps there could have
 * made it before the label: immutable, with keys or binary data of theirs, with finalizers. What cannot be made ours by
 * applying is deleted and made anew.
 */
import type { KubernetesObject, V1ConfigMap } from '@kubernetes/client-node';
import { CA_CONFIG_MAP } from '../../crds/injected.ts';
import { type KubeClient, KubeError, MERGE } from '../kube/client.ts';
import { hashOf } from './published.ts';

export class AuthorityMap {
  readonly #client: KubeClient;
  readonly #manager: string;

  constructor(client: KubeClient, manager: string) {
    this.#client = client;
    this.#manager = manager;
  }

  /** `uid`: of the one that is there, as far as is known. Throws KubeError, and Error when another writer is faster. */
  async write(namespace: string, data: Record<string, string>, uid: string | undefined): Promise<'ok' | 'replaced'> {
    const hash = hashOf({ data });
    let theirs = uid;
    try {
      const written = await this.#apply(namespace, data);
      const isGoing = written.metadata?.deletionTimestamp !== undefined;
      if (hashOf(written) === hash && !isGoing) return 'ok';
      theirs = written.metadata?.uid;
    } catch (error) {
      const isRefused = error instanceof KubeError && (error.status === 409 || error.status === 422);
      if (!isRefused || uid === undefined) throw error;
    }
    await this.#remove(namespace, theirs as string);
    if (hashOf(await this.#apply(namespace, data)) !== hash) throw new Error('somebody else writes it too');
    return 'replaced';
  }

  #apply(namespace: string, data: Record<string, string>): Promise<V1ConfigMap> {
    const metadata = { name: CA_CONFIG_MAP, namespace };
    const map: V1ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
    return this.#client.apply(pathOf(namespace), this.#manager, map);
  }

  async #remove(namespace: string, uid: string): Promise<void> {
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid }, propagationPolicy: 'Background' };
    try {
      const left = await this.#client.call<KubernetesObject>('DELETE', pathOf(namespace), { body });
      // With finalizers it stays; they are nobody's whom we would wait for.
      if (!left.metadata?.finalizers?.length) return;
      const patch = { metadata: { uid, finalizers: null } };
      await this.#client.call('PATCH', pathOf(namespace), { body: patch, contentType: MERGE });
    } catch (error) {
      if (!(error instanceof KubeError && error.status === 404)) throw error;
    }
  }
}

function pathOf(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/configmaps/${CA_CONFIG_MAP}`;
}
