/** `content.maxRefusals`, `opaqueUploads` and `patterns` of several policies to what the data plane enforces. Pure. */
import { expandHosts } from './expand.ts';
import type { Policy } from './kinds.ts';
import { distinctPatterns } from './patterns.ts';
import type { RuntimePolicy, SecretPatternRule } from './runtime.ts';
import { parseSize } from './sizes.ts';
import type { ClusterEgressPolicy, EgressPolicy } from './types.generated.ts';

/** What policies call bytes of request bodies that no decoder explains, in place of a detector. */
export const OPAQUE_UPLOAD = 'opaque-upload';

/** Refusals for content after which a pod is cut off, when no policy says otherwise. */
export const DEFAULT_MAX_REFUSALS = 20;

/** The least that a policy says; where the cluster takes no exceptions, no more than it says itself or by default. */
export function compileRefusals(
  own: readonly EgressPolicy[],
  cluster: readonly ClusterEgressPolicy[],
  tightenOnly: boolean,
): number {
  const said = (policies: readonly Policy[]) => policies.flatMap(({ spec }) => spec.content?.maxRefusals ?? []);
  const least = (of: readonly number[]) => (of.length === 0 ? DEFAULT_MAX_REFUSALS : Math.min(...of));
  const all = least(said([...own, ...cluster]));
  return tightenOnly ? Math.min(all, least(said(cluster))) : all;
}

export function compileOpaque(policies: readonly Policy[]): Pick<RuntimePolicy['content'], 'opaqueUploads'> {
  const said = policies.flatMap(({ spec }) => spec.content?.opaqueUploads ?? []);
  const least = (field: 'maxPodSize' | 'maxSize') => {
    // What cannot be read is nothing.
    const sizes = said.flatMap((each) => (each[field] === undefined ? [] : (parseSize(each[field]) ?? 0)));
    return sizes.length === 0 ? {} : { [field]: Math.min(...sizes) };
  };
  return said.length === 0 ? {} : { opaqueUploads: { ...least('maxPodSize'), ...least('maxSize') } };
}

export function compilePatterns(policies: readonly Policy[]): SecretPatternRule[] {
  const said = policies.flatMap(({ spec }) => spec.content?.patterns ?? []);
  return distinctPatterns(
    said.map(({ name, regex, hosts = [] }) => ({
      hosts: expandHosts(hosts.filter((host) => expandHosts([host]))) ?? [],
      name,
      regex,
    })),
  );
}
