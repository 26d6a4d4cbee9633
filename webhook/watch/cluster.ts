/** The part of the cluster that decisions are made from, kept current by one watch a kind. */
import type { KubernetesObject } from '@kubernetes/client-node';
import { INJECTED, INJECTED_LABEL_VALUE } from '../../crds/injected.ts';
import type { ClusterEgressPolicy, EgressPolicy } from '../../crds/types.generated.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Judge } from './injected.ts';
import {
  type ClusterPolicy,
  type NamespaceItem,
  type OwnPolicy,
  type PodItem,
  trimNamespace,
  trimPod,
  trimPolicy,
} from './objects.ts';
import { type Observer, Reflector, type Source } from './reflector.ts';
import { type Item, Store } from './store.ts';

export class Cluster {
  readonly namespaces: Store<NamespaceItem> = new Store();
  readonly policies: Store<OwnPolicy> = new Store();
  readonly clusterPolicies: Store<ClusterPolicy> = new Store();
  /** Those that carry our label. */
  readonly pods: Store<PodItem> = new Store();
  readonly #client: KubeClient;
  readonly #observer: Observer;
  readonly #reflectors: { stop(): void }[] = [];
  readonly #stores: { synced: boolean }[] = [];

  readonly judge: Judge;

  /** `judge`: whether Weir is in a pod. */
  constructor(client: KubeClient, judge: Judge, observer: Observer) {
    this.#client = client;
    this.judge = judge;
    this.#observer = observer;
  }

  start(): void {
    const namespaces = { kind: 'namespaces', path: '/api/v1/namespaces', metadataOnly: true, trim: trimNamespace };
    this.follow(namespaces, this.namespaces);
    const group = '/apis/weir.dev/v1alpha1';
    const own = { kind: 'egresspolicies', path: `${group}/egresspolicies`, trim: trimPolicy<EgressPolicy> };
    this.follow(own, this.policies);
    const path = `${group}/clusteregresspolicies`;
    this.follow({ kind: 'clusteregresspolicies', path, trim: trimPolicy<ClusterEgressPolicy> }, this.clusterPolicies);
    const labelSelector = `${INJECTED}=${INJECTED_LABEL_VALUE}`;
    const trim = (object: KubernetesObject) => trimPod(object, this.judge);
    this.follow({ kind: 'pods', path: '/api/v1/pods', labelSelector, trim }, this.pods);
  }

  /** Keeps one more store; readiness waits for its first list too. */
  follow<T extends Item>(source: Source<T>, store: Store<T>): void {
    const reflector = new Reflector(this.#client, source, store, this.#observer);
    this.#reflectors.push(reflector);
    this.#stores.push(store);
    void reflector.run();
  }

  get isSynced(): boolean {
    return this.#stores.length > 0 && this.#stores.every(({ synced }) => synced);
  }

  stop(): void {
    for (const reflector of this.#reflectors) reflector.stop();
  }
}
