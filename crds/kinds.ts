/** The two kinds of the API, and what they have in common. */
import type { ClusterEgressPolicy, EgressPolicy } from './types.generated.ts';

export const API_VERSION = 'weir.dev/v1alpha1';
export const KINDS = ['EgressPolicy', 'ClusterEgressPolicy'] as const;
export type Kind = (typeof KINDS)[number];
export type Policy = EgressPolicy | ClusterEgressPolicy;

export function isClusterPolicy(policy: Policy): policy is ClusterEgressPolicy {
  return policy.kind === 'ClusterEgressPolicy';
}

/**
 * `namespace/name`, or the name alone outside a cluster; `cluster:name` for a ClusterEgressPolicy, which no EgressPolicy
 * can be called.
 */
export function nameOf(policy: Policy): string {
  const { name, namespace } = policy.metadata;
  if (isClusterPolicy(policy)) return `cluster:${name}`;
  return namespace === undefined ? name : `${namespace}/${name}`;
}
