/** Which pods and namespaces a policy is for (Kubernetes label selectors). */
import type { ClusterEgressPolicy, EgressPolicy, NamespaceSelector, PodSelector } from './types.generated.ts';

type Selector = PodSelector | NamespaceSelector;

/** An empty or absent selector selects everything. */
export function selects(selector: Selector | undefined, labels: Readonly<Record<string, string>>): boolean {
  const value = (key: string) => (Object.hasOwn(labels, key) ? labels[key] : undefined);
  for (const [key, wanted] of Object.entries(selector?.matchLabels ?? {})) if (value(key) !== wanted) return false;
  return (selector?.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const label = value(key);
    switch (operator) {
      case 'In':
        return label !== undefined && values.includes(label);
      case 'NotIn':
        return label === undefined || !values.includes(label);
      case 'Exists':
        return label !== undefined;
      case 'DoesNotExist':
        return label === undefined;
      default:
        return operator satisfies never;
    }
  });
}

export interface Selection {
  clusterPolicies?: readonly ClusterEgressPolicy[];
  /** Of the pod's namespace; absent: every cluster policy is for it, as in local mode. */
  namespaceLabels?: Readonly<Record<string, string>>;
}

/** The policies of each kind that are for a pod with these labels; `undefined` takes them all, as in local mode. */
export function policiesFor(
  policies: readonly EgressPolicy[],
  podLabels: Readonly<Record<string, string>> | undefined,
  { clusterPolicies = [], namespaceLabels }: Selection = {},
): { own: EgressPolicy[]; cluster: ClusterEgressPolicy[] } {
  const isForPod = ({ spec }: EgressPolicy | ClusterEgressPolicy) =>
    podLabels === undefined || selects(spec.podSelector, podLabels);
  const isForNamespace = ({ spec }: ClusterEgressPolicy) =>
    namespaceLabels === undefined || selects(spec.namespaceSelector, namespaceLabels);
  return {
    own: policies.filter(isForPod),
    cluster: clusterPolicies.filter((policy) => isForPod(policy) && isForNamespace(policy)),
  };
}
