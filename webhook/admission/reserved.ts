/** Containers and volumes that bear Weir's names and are not Weir's. */
import {
  CONTROL_VOLUME,
  INIT_COMMAND,
  INIT_CONTAINER,
  isReservedName,
  MASKED_VOLUME,
  SECRET_VOLUME_PREFIX,
  SIDECAR_COMMAND,
  SIDECAR_CONTAINER,
  STATE_VOLUME,
  TRUST_VOLUME,
} from '../../crds/injected.ts';
import { allContainers, isOurs, type Placed, type PodSpec, type Volume } from './pod.ts';
import type { Refusal } from './refusal.ts';

/** Those that an earlier injection wrote are ours: they are written anew. */
export function reservedRefusals(spec: PodSpec): Refusal[] {
  const message = 'the name is reserved for Weir (weir and weir-*); choose another';
  return [
    ...allContainers(spec)
      .filter((placed) => isReservedName(placed.container.name) && !isEarlierContainer(placed))
      .map(({ path }) => ({ path: `${path}.name`, message })),
    ...(spec.volumes ?? [])
      .filter((volume) => isReservedName(volume.name) && !isEarlierVolume(volume))
      .map(({ name }) => ({ path: `spec.volumes{${name}}.name`, message })),
  ];
}

function isEarlierContainer(placed: Placed): boolean {
  if (!isOurs(placed)) return false;
  const { name, command = [] } = placed.container;
  const expected = name === INIT_CONTAINER ? INIT_COMMAND : name === SIDECAR_CONTAINER ? SIDECAR_COMMAND : [];
  return command.length === expected.length && command.every((argument, i) => argument === expected[i]);
}

function isEarlierVolume({ name, emptyDir, projected, secret }: Volume): boolean {
  if (name === STATE_VOLUME || name === TRUST_VOLUME || name === MASKED_VOLUME) return emptyDir?.medium === 'Memory';
  if (name === CONTROL_VOLUME) return projected !== undefined;
  return isSecretVolume(name) && secret !== undefined;
}

/** Whether the name is one that injection gives to a volume of a Secret. */
function isSecretVolume(name: string): boolean {
  return name.startsWith(SECRET_VOLUME_PREFIX) && /^(?:0|[1-9][0-9]?)$/.test(name.slice(SECRET_VOLUME_PREFIX.length));
}
