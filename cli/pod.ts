/** The pod that a question is about, and what the policies come to for it. Pure. */
import { type Compiled, compileAll } from '../crds/compile.ts';
import { compilePodFields, type PodFields } from '../crds/pod.ts';
import type { ClusterEgressPolicy, EgressPolicy } from '../crds/types.generated.ts';
import type { Arguments } from './arguments.ts';

/** Absent: of any value, so that what selects by it applies. */
export interface Pod {
  labels?: Readonly<Record<string, string>>;
  namespace?: string;
  namespaceLabels?: Readonly<Record<string, string>>;
}

export interface PolicySet {
  policies: readonly EgressPolicy[];
  clusterPolicies: readonly ClusterEgressPolicy[];
}

/** The label that Kubernetes gives every namespace (kubernetes.io/docs/reference/labels-annotations-taints). */
export const NAMESPACE_LABEL = 'kubernetes.io/metadata.name';

/** The pod of `--label`, `--namespace` and `--namespace-label`. */
export function podOf(given: Arguments): Pod {
  const labels = given.pairs('label');
  const namespace = given.one('namespace');
  const namespaceLabels = given.pairs('namespace-label');
  return {
    ...(labels && { labels }),
    ...(namespace !== undefined && { namespace }),
    ...(namespaceLabels && { namespaceLabels }),
  };
}

/** What the policies that are for the pod compile to. A policy without a namespace is for every one. */
export function compileFor(set: PolicySet, pod: Pod): Compiled {
  return compileAll(...forPod(set, pod));
}

/** What they take from the pod itself. */
export function podFieldsFor(set: PolicySet, pod: Pod): PodFields {
  return compilePodFields(...forPod(set, pod));
}

function forPod({ policies, clusterPolicies }: PolicySet, pod: Pod): Parameters<typeof compileAll> {
  const { labels, namespace, namespaceLabels } = pod;
  const own = policies.filter(
    ({ metadata }) => namespace === undefined || metadata.namespace === undefined || metadata.namespace === namespace,
  );
  const known = namespace === undefined ? namespaceLabels : { [NAMESPACE_LABEL]: namespace, ...namespaceLabels };
  return [own, labels, { clusterPolicies, ...(known && { namespaceLabels: known }) }];
}
