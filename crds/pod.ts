/** The `pod` fields of the policies for one pod, which are taken when it is admitted. Pure. */
import { canonicalHash } from './canonical.ts';
import { policiesFor, type Selection } from './selector.ts';
import type { EgressPolicy } from './types.generated.ts';

export interface PodFields {
  /** Absolute, normalised, in order; none lies under another. */
  maskedPaths: string[];
  serviceAccountToken: 'Keep' | 'Remove';
  /** SHA-256 (hex) over the canonical JSON of the other fields: equal for pods that were admitted alike. */
  hash: string;
}

/**
 * The strictest of all policies that are for a pod with these labels (`undefined` takes all policies): masked paths add up, and one `Remove` removes.
 * Takes validated policies. The order of the input does not matter.
 */
export function compilePodFields(
  policies: readonly EgressPolicy[],
  podLabels: Readonly<Record<string, string>> | undefined,
  selection: Selection = {},
): PodFields {
  const { own, cluster } = policiesFor(policies, podLabels, selection);
  const said = [...cluster, ...own].flatMap(({ spec }) => spec.pod ?? []);
  const paths = [...new Set(said.flatMap(({ maskedPaths = [] }) => maskedPaths))].sort();
  const fields: Omit<PodFields, 'hash'> = {
    maskedPaths: paths.filter((path) => !paths.some((other) => path.startsWith(`${other}/`))),
    serviceAccountToken: said.some(({ serviceAccountToken }) => serviceAccountToken === 'Remove') ? 'Remove' : 'Keep',
  };
  return { ...fields, hash: canonicalHash(fields) };
}
