/** Ephemeral containers and the order of starts. */
import { INIT_CONTAINER, SIDECAR_CONTAINER } from '../../../crds/injected.ts';
import type { Pod } from '../pod.ts';
import type { Refusal } from '../refusal.ts';

/**
 * Those that `pod` has and `old` has not. The kubelet starts them without waiting for init containers (SyncPod, Kubernetes
 * 1.34), so Weir's must have done their part: the rules are written, and the sidecar runs.
 */
export function earlyRefusals(pod: Pod, old: Pod): Refusal[] {
  const known = new Set(old.spec?.ephemeralContainers?.map(({ name }) => name));
  const added = (pod.spec?.ephemeralContainers ?? []).filter(({ name }) => !known.has(name));
  if (added.length === 0 || isGuarding(old)) return [];
  const message = `would start before ${SIDECAR_CONTAINER} does, since it waits for no init container; add it when ${SIDECAR_CONTAINER} has started`;
  return added.map(({ name }) => ({ path: `spec.ephemeralContainers{${name}}`, message }));
}

function isGuarding({ status }: Pod): boolean {
  const statuses = status?.initContainerStatuses ?? [];
  const init = statuses.find(({ name }) => name === INIT_CONTAINER);
  const sidecar = statuses.find(({ name }) => name === SIDECAR_CONTAINER);
  return init?.state?.terminated?.exitCode === 0 && sidecar?.started === true;
}
