/** Paths that a policy hides from the containers of a pod: an empty read-only volume lies over each. */
import { MASKED_VOLUME, MAX_MASKED_PATHS, TRUST_DIR } from '../../crds/injected.ts';
import { type AnyContainer, clean, isWithin, type Placed } from './pod.ts';
import type { Refusal } from './refusal.ts';

/** Why these paths cannot be masked in that container. A mount of ours from an earlier pass is no hindrance. */
export function maskedConflicts({ path, container }: Placed, maskedPaths: readonly string[]): Refusal[] {
  if (maskedPaths.length === 0) return [];
  return (container.volumeMounts ?? [])
    .filter(({ name }) => name !== MASKED_VOLUME)
    .flatMap(({ mountPath }) => {
      const inner = clean(mountPath);
      const masked = maskedPaths.find((each) => isWithin(inner, each));
      if (masked === undefined) return [];
      const message = `lies at or under ${masked}, which a policy masks (pod.maskedPaths); mount it elsewhere, or take the path out of the policy`;
      return [{ path: `${path}.volumeMounts{${mountPath}}`, message }];
    });
}

/** What is wrong with the paths themselves. */
export function maskedRefusals(maskedPaths: readonly string[]): Refusal[] {
  const path = 'pod.maskedPaths';
  if (maskedPaths.length > MAX_MASKED_PATHS) {
    const message = `the policies of the pod mask ${maskedPaths.length} paths and ${MAX_MASKED_PATHS} is the most; mask a directory above them`;
    return [{ path, message }];
  }
  return maskedPaths
    .filter((each) => isWithin(TRUST_DIR, each))
    .map((each) => ({ path, message: `${each} is above ${TRUST_DIR}, which containers need; mask what is below it` }));
}

/** The paths that are masked in a container already. */
export function maskedIn(container: AnyContainer): string[] {
  return (container.volumeMounts ?? []).filter(({ name }) => name === MASKED_VOLUME).map(({ mountPath }) => mountPath);
}
