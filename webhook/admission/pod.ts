/** Reading a pod as it comes in an AdmissionReview: plain JSON in the shape of the API. */
import type {
  V1Container,
  V1EphemeralContainer,
  V1Pod,
  V1PodSpec,
  V1Volume,
  V1VolumeMount,
} from '@kubernetes/client-node';
import { INIT_CONTAINER, SIDECAR_CONTAINER } from '../../crds/injected.ts';

export type Pod = V1Pod;
export type PodSpec = V1PodSpec;
export type Container = V1Container;
export type AnyContainer = V1Container | V1EphemeralContainer;
export type Volume = V1Volume;
export type VolumeMount = V1VolumeMount;

export type Kind = 'containers' | 'initContainers' | 'ephemeralContainers';

/** A container and the path of its field; lists keyed by name show the name, as in `spec.containers{app}` of an Event. */
export interface Placed {
  path: string;
  kind: Kind;
  container: AnyContainer;
}

const KINDS: readonly Kind[] = ['initContainers', 'containers', 'ephemeralContainers'];

export function allContainers(spec: PodSpec | undefined): Placed[] {
  return KINDS.flatMap((kind) =>
    (spec?.[kind] ?? []).map((container) => ({ path: `spec.${kind}{${container.name}}`, kind, container })),
  );
}

/** All but Weir's two, which count as ours among the init containers alone. */
export function appContainers(spec: PodSpec | undefined): Placed[] {
  return allContainers(spec).filter((placed) => !isOurs(placed));
}

export function isOurs({ kind, container }: Placed): boolean {
  return kind === 'initContainers' && (container.name === INIT_CONTAINER || container.name === SIDECAR_CONTAINER);
}

/** Whether the pod was injected when it was made: containers cannot be added or removed later, so this cannot be lost. */
export function isInjected(pod: Pod): boolean {
  return pod.spec?.initContainers?.[0]?.name === INIT_CONTAINER;
}

/** A copy of the kubelet's for a pod from a file on the node: it runs whatever the API server says. */
export function isMirror(pod: Pod): boolean {
  return pod.metadata?.annotations?.['kubernetes.io/config.mirror'] !== undefined;
}

/** Whether injection can do anything for the pod; the guard refuses the others by name. */
export function isInjectable(pod: Pod): boolean {
  return pod.spec?.os?.name !== 'windows' && pod.spec?.hostNetwork !== true && !isMirror(pod);
}

/** The volume that a container has at the ServiceAccount's usual place, if it is a projected one. */
export function serviceAccountVolume(spec: PodSpec | undefined, directory: string): Volume | undefined {
  const names = new Set(
    appContainers(spec).flatMap(({ container }) =>
      (container.volumeMounts ?? []).filter(({ mountPath }) => mountPath === directory).map(({ name }) => name),
    ),
  );
  return (spec?.volumes ?? []).find((volume) => names.has(volume.name) && volume.projected !== undefined);
}

/** Whether `path` is `directory` or below it. Both absolute; trailing slashes do not count. */
export function isWithin(path: string, directory: string): boolean {
  const inner = clean(path);
  const outer = clean(directory);
  return outer === '/' || inner === outer || inner.startsWith(`${outer}/`);
}

/** Without doubled and trailing slashes, `.` and `..`: as the container runtime joins it. */
export function clean(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
