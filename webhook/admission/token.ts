/** `pod.serviceAccountToken: Remove`: no container of the pod gets a token of its ServiceAccount. */
import { CONTROL_VOLUME, SERVICE_ACCOUNT_VOLUME_PREFIX } from '../../crds/injected.ts';
import { allContainers, type PodSpec, type Volume } from './pod.ts';

/** Takes the tokens out of `spec` in place; what else a projected volume holds stays. Gives the volumes that changed. */
export function removeTokens(spec: PodSpec): string[] {
  spec.automountServiceAccountToken = false;
  const touched: string[] = [];
  const gone = new Set<string>();
  spec.volumes = (spec.volumes ?? []).flatMap((volume) => {
    if (!hasToken(volume)) return [volume];
    touched.push(volume.name);
    const sources = (volume.projected?.sources ?? []).filter((source) => !source.serviceAccountToken);
    if (volume.name.startsWith(SERVICE_ACCOUNT_VOLUME_PREFIX) || sources.length === 0) {
      gone.add(volume.name);
      return [];
    }
    return [{ ...volume, projected: { ...volume.projected, sources } }];
  });
  for (const { container } of allContainers(spec)) {
    if (!container.volumeMounts?.some(({ name }) => gone.has(name))) continue;
    container.volumeMounts = container.volumeMounts.filter(({ name }) => !gone.has(name));
  }
  return touched;
}

/** Whether the volume gives a token of the pod's ServiceAccount to whoever mounts it. Ours is for the sidecar. */
export function hasToken(volume: Volume): boolean {
  if (volume.name === CONTROL_VOLUME) return false;
  return (volume.projected?.sources ?? []).some(({ serviceAccountToken }) => serviceAccountToken !== undefined);
}
