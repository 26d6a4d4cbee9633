/** Which Secrets a pod refers to: the sidecar mounts each, to know its values when they leave. */
import { MAX_SECRETS, SECRET_VOLUME_PREFIX } from '../../crds/injected.ts';
import { type AnyContainer, appContainers, type PodSpec } from './pod.ts';

export interface SecretNames {
  /** Every Secret, sorted, each once. */
  all: string[];
  /** Those that a container can read itself, by its environment or a volume; pull secrets are not among them. */
  held: string[];
}

/**
 * The Secrets of the pod's environment, volumes and pull secrets. A volume counts as held even when no container mounts
 * it: an ephemeral container may. Ephemeral containers themselves do not count, since volumes cannot be added for them.
 */
export function secretNames(spec: PodSpec | undefined): SecretNames {
  const held = new Set<string>();
  for (const { container, kind } of appContainers(spec)) {
    if (kind !== 'ephemeralContainers') for (const name of environmentSecrets(container)) held.add(name);
  }
  for (const volume of spec?.volumes ?? []) {
    if (volume.name.startsWith(SECRET_VOLUME_PREFIX)) continue;
    if (volume.secret?.secretName) held.add(volume.secret.secretName);
    for (const { secret } of volume.projected?.sources ?? []) if (secret?.name) held.add(secret.name);
  }
  const all = new Set(held);
  for (const { name } of spec?.imagePullSecrets ?? []) if (name) all.add(name);
  return { all: [...all].sort(), held: [...held].sort() };
}

export function environmentSecrets(container: AnyContainer): string[] {
  return [
    ...(container.env ?? []).map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
    ...(container.envFrom ?? []).map(({ secretRef }) => secretRef?.name),
  ].filter((name): name is string => name !== undefined && name !== '');
}

/** RFC 1123, a subdomain: what a Secret may be called. Kubernetes asks it of variables, not of volumes and pull secrets. */
const SECRET_NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/** What is wrong with the Secrets, or undefined. Their names become parts of paths and words of a list in the sidecar. */
export function secretsProblem({ all }: SecretNames): string | undefined {
  const strange = all.find((name) => !SECRET_NAME.test(name));
  if (strange !== undefined) return `no Secret can be called ${JSON.stringify(strange.slice(0, 64))}; remove it`;
  if (all.length <= MAX_SECRETS) return undefined;
  return `the pod refers to ${all.length} Secrets and Weir watches at most ${MAX_SECRETS}; join them, or split the pod`;
}
