/** What is kept of the objects that are watched: as little as is used, so that a large cluster fits. Pure. */
import type { KubernetesObject, V1Pod, V1PodSpec, V1PodStatus } from '@kubernetes/client-node';
import { canonicalHash } from '../../crds/canonical.ts';
import {
  CA_CONFIG_MAP,
  INIT_CONTAINER,
  NAMESPACE_LABEL,
  NAMESPACE_LABEL_VALUE,
  POLICY_AT_ADMISSION,
  SECRET_VOLUME_PREFIX,
  SIDECAR_CONTAINER,
  SIDECAR_ENV,
} from '../../crds/injected.ts';
import type { Policy } from '../../crds/kinds.ts';
import type { ClusterEgressPolicy, EgressPolicy } from '../../crds/types.generated.ts';
import type { Judge } from './injected.ts';
import type { Item } from './store.ts';

export type Labels = Readonly<Record<string, string>>;

export interface NamespaceItem extends Item {
  labels: Labels;
  /** Labelled, and not going away. */
  isGuarded: boolean;
}

export interface PolicyItem<P extends Policy = Policy> extends Item {
  /** Without status, labels, annotations and managed fields; with uid and generation. */
  policy: P;
  generation: number;
  status: P['status'] | undefined;
}
export type OwnPolicy = PolicyItem<EgressPolicy>;
export type ClusterPolicy = PolicyItem<ClusterEgressPolicy>;

export interface PodItem extends Item {
  labels: Labels;
  /** Weir is in it, and it is as the guard lets pods be. */
  isInjected: boolean;
  /** Succeeded, Failed, or being deleted. */
  isEnding: boolean;
  /** Succeeded or Failed: one that is being deleted may take as long as its author said. */
  isDone: boolean;
  /** Not injected, and its spec names the ConfigMap of authorities. */
  holdsAuthorities: boolean;
  life: 'First' | 'Later';
  /** Annotation: what of policies was taken when it was admitted. */
  atAdmission: string | undefined;
  /** Names of the Secrets that its sidecar has, and of those that its containers have too. */
  secrets: { all: readonly string[]; held: readonly string[] };
}

export function trimNamespace({ metadata }: KubernetesObject): NamespaceItem | undefined {
  if (metadata?.name === undefined || metadata.uid === undefined) return undefined;
  const labels = metadata.labels ?? {};
  const isGuarded = labels[NAMESPACE_LABEL] === NAMESPACE_LABEL_VALUE && metadata.deletionTimestamp === undefined;
  return {
    namespace: '',
    name: metadata.name,
    uid: metadata.uid,
    version: canonicalHash([labels, isGuarded]),
    labels,
    isGuarded,
  };
}

export function trimPolicy<P extends Policy>(object: KubernetesObject): PolicyItem<P> | undefined {
  const { apiVersion, kind, metadata, spec, status } = object as KubernetesObject & Pick<P, 'spec' | 'status'>;
  if (metadata?.name === undefined || metadata.uid === undefined) return undefined;
  const { name, namespace, uid, generation = 0 } = metadata;
  const kept = { name, ...(namespace && { namespace }), uid, generation };
  const policy = { apiVersion, kind, metadata: kept, spec } as unknown as P;
  const version = `${generation} ${canonicalHash(status)}`;
  return { namespace: namespace ?? '', name, uid, version, policy, generation, status };
}

/** The same for one text of one policy, however often its status changes. */
export function identityOf({ metadata }: Policy): string {
  const { uid, generation } = metadata as { uid?: string; generation?: number };
  return `${uid}/${generation}`;
}

export function trimPod(object: KubernetesObject, judge: Judge): PodItem | undefined {
  const { metadata, spec, status } = object as V1Pod;
  if (metadata?.name === undefined || metadata.uid === undefined || metadata.namespace === undefined) return undefined;
  const labels = metadata.labels ?? {};
  const isDone = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  const isInjected = judge(object as V1Pod);
  const facts = {
    labels,
    isInjected,
    holdsAuthorities: !isInjected && JSON.stringify(spec ?? {}).includes(JSON.stringify(CA_CONFIG_MAP)),
    isEnding: isDone || metadata.deletionTimestamp !== undefined,
    isDone,
    life: lifeOf(status),
    atAdmission: metadata.annotations?.[POLICY_AT_ADMISSION],
    secrets: secretsOf(spec),
  };
  const { namespace, name, uid } = metadata;
  return { namespace, name, uid, version: canonicalHash(facts), ...facts };
}

function secretsOf(spec: V1PodSpec | undefined): PodItem['secrets'] {
  const all = (spec?.volumes ?? []).flatMap(({ name, secret }) =>
    name.startsWith(SECRET_VOLUME_PREFIX) && secret?.secretName !== undefined ? [secret.secretName] : [],
  );
  const sidecar = spec?.initContainers?.find(({ name }) => name === SIDECAR_CONTAINER);
  const held = sidecar?.env?.find(({ name }) => name === SIDECAR_ENV.heldSecrets)?.value ?? '';
  return { all, held: held.split(',').filter((name) => name !== '') };
}

/**
 * Whether something may have been let through before. A sidecar that ended before it was ready has let nothing through,
 * however often: a container of the workload runs only after it, and what ever ran stays in the kubelet's statuses. It is
 * told as started when the hook after its start has ended. The kubelet may be late, but only a journal that is lost with the
 * node's memory makes it count.
 */
function lifeOf(status: V1PodStatus | undefined): PodItem['life'] {
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = status ?? {};
  const ran = [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses].some((each) => {
    if (each.name === INIT_CONTAINER) return false;
    if (each.name === SIDECAR_CONTAINER) return each.started === true;
    const states = [each.state, each.lastState];
    return (
      each.restartCount > 0 || states.some((state) => state?.running !== undefined || state?.terminated !== undefined)
    );
  });
  return ran ? 'Later' : 'First';
}
