/** Where the policy comes from, and how a change of it reaches the data plane. */
import type { RuntimePolicy } from '../../crds/runtime.ts';

export interface PolicySource {
  readonly current: RuntimePolicy;
  /** `listener` gets every later policy, whole. @returns what ends that */
  subscribe(listener: (policy: RuntimePolicy) => void): () => void;
}

/** A policy that does not change. */
export function fixedPolicy(policy: RuntimePolicy): PolicySource {
  return { current: policy, subscribe: () => () => {} };
}
