/** What a container other than Weir's may say. */
import { INIT_CONTAINER, isReservedName, SIDECAR_CONTAINER } from '../../../crds/injected.ts';
import type { Placed } from '../pod.ts';
import type { Refusal } from '../refusal.ts';
import type { GuardLists } from '../settings.ts';
import { unlisted } from './fields.ts';
import {
  CONTAINER_FIELDS,
  HANDLER_FIELDS,
  HUGEPAGES_PREFIX,
  LIFECYCLE_FIELDS,
  PORT_FIELDS,
  PROBE_FIELDS,
  RESOURCE_FIELDS,
  RESOURCE_NAMES,
} from './lists.ts';
import { containerSecurity } from './security.ts';
import { mountRefusals } from './volumes.ts';

export function containerRefusals(placed: Placed, lists: GuardLists): Refusal[] {
  const { path, container } = placed;
  const { allowedFields } = lists;
  return [
    ...(isReservedName(container.name)
      ? [{ path: `${path}.name`, message: 'the name is reserved for Weir (weir and weir-*); choose another' }]
      : []),
    ...target(placed),
    ...unlisted(container, [...CONTAINER_FIELDS, 'volumeDevices'], path, allowedFields),
    ...containerSecurity(placed, lists),
    ...mountRefusals(placed, allowedFields),
    ...probes(placed, allowedFields),
    ...ports(placed, allowedFields),
    ...resourceRefusals(container.resources, path, allowedFields),
  ];
}

function target({ path, container }: Placed): Refusal[] {
  const name = 'targetContainerName' in container ? container.targetContainerName : undefined;
  if (name !== SIDECAR_CONTAINER && name !== INIT_CONTAINER) return [];
  return [{ path: `${path}.targetContainerName`, message: `must not be ${name}; name a container of the build` }];
}

function probes({ path, container }: Placed, allowedFields: readonly string[]): Refusal[] {
  const message = 'needs a connection to the container, and those from outside are closed; use exec';
  return [
    ...(['livenessProbe', 'readinessProbe', 'startupProbe'] as const).flatMap((probe) =>
      unlisted(container[probe], PROBE_FIELDS, `${path}.${probe}`, allowedFields, message),
    ),
    ...unlisted(container.lifecycle, LIFECYCLE_FIELDS, `${path}.lifecycle`, allowedFields),
    ...(['postStart', 'preStop'] as const).flatMap((hook) =>
      unlisted(container.lifecycle?.[hook], HANDLER_FIELDS, `${path}.lifecycle.${hook}`, allowedFields, message),
    ),
  ];
}

function ports({ path, container }: Placed, allowedFields: readonly string[]): Refusal[] {
  return (container.ports ?? []).flatMap((port) => {
    const at = `${path}.ports{${port.containerPort}}`;
    const message = 'opens a port of the node, and connections from outside are closed; remove it';
    return [
      ...unlisted(port, PORT_FIELDS, at, allowedFields),
      ...(port.hostPort ? [{ path: `${at}.hostPort`, message }] : []),
    ];
  });
}

/** Of a container or of the pod. */
export function resourceRefusals(
  resources: object | undefined,
  path: string,
  allowedFields: readonly string[],
): Refusal[] {
  const device =
    'is a device of the node and may be a way out; remove it, or let the platform team judge it and list it in guard.allowedFields';
  const { limits, requests } = (resources ?? {}) as Record<'limits' | 'requests', Record<string, string> | undefined>;
  return [
    ...unlisted(resources, RESOURCE_FIELDS, `${path}.resources`, allowedFields, device),
    ...Object.entries({ limits, requests }).flatMap(([kind, amounts]) =>
      unlisted(
        Object.fromEntries(Object.entries(amounts ?? {}).filter(([name]) => !name.startsWith(HUGEPAGES_PREFIX))),
        RESOURCE_NAMES,
        `${path}.resources.${kind}`,
        allowedFields,
        device,
      ),
    ),
  ];
}
