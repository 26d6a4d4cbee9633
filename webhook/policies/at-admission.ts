/** What of policies a pod took when it was admitted, as one hash: the annotation on the pod, and what it would be now. Pure. */
import { canonicalHash } from '../../crds/canonical.ts';
import type { PodFields } from '../../crds/injected.ts';

/** `all`: sorted names of the Secrets that the sidecar has; `held`: of those, the ones that containers have too. */
export function policyAtAdmission(
  { maskedPaths, serviceAccountToken }: PodFields,
  { all, held }: { all: readonly string[]; held: readonly string[] },
): string {
  return canonicalHash({ podFields: { maskedPaths, serviceAccountToken }, secrets: { all, held } });
}
