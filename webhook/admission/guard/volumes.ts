/** The volumes of a pod and where its containers mount them. */
import { isReservedName, MASKED_VOLUME, TOKEN_AUDIENCE, TRUST_DIR, TRUST_VOLUME } from '../../../crds/injected.ts';
import { isWithin, type Placed, type PodSpec, type VolumeMount } from '../pod.ts';
import type { Refusal } from '../refusal.ts';
import { unlisted } from './fields.ts';
import { MOUNT_FIELDS, PROJECTED_SOURCES, VOLUME_SOURCES } from './lists.ts';

/** Of the pod's own volumes; ours are held to their shape elsewhere. */
export function volumeRefusals(spec: PodSpec, allowedFields: readonly string[]): Refusal[] {
  const kinds = `is not a kind of volume that a guarded pod may have; use one of ${VOLUME_SOURCES.join(', ')}`;
  const sources = `is not a source that a guarded pod may have; use one of ${PROJECTED_SOURCES.join(', ')}`;
  return (spec.volumes ?? [])
    .filter(({ name }) => !isReservedName(name))
    .flatMap((volume) => {
      const path = `spec.volumes{${volume.name}}`;
      return [
        ...unlisted(volume, ['name', ...VOLUME_SOURCES], path, allowedFields, kinds),
        ...(volume.projected?.sources ?? []).flatMap((source) => [
          ...unlisted(source, PROJECTED_SOURCES, `${path}.projected.sources`, allowedFields, sources),
          ...(source.serviceAccountToken?.audience === TOKEN_AUDIENCE
            ? [
                {
                  path: `${path}.projected.sources.serviceAccountToken.audience`,
                  message: `${TOKEN_AUDIENCE} is the sidecar's own audience; ask for another`,
                },
              ]
            : []),
        ]),
      ];
    });
}

/** Of an app container. */
export function mountRefusals({ path, container }: Placed, allowedFields: readonly string[]): Refusal[] {
  return [
    ...((container.volumeDevices ?? []).length > 0
      ? [{ path: `${path}.volumeDevices`, message: 'must not be used; mount the claim with volumeMode: Filesystem' }]
      : []),
    ...(container.volumeMounts ?? []).flatMap((mount) => {
      const at = `${path}.volumeMounts{${mount.mountPath}}`;
      return [
        ...unlisted(mount, MOUNT_FIELDS, at, allowedFields),
        ...((mount.mountPropagation ?? 'None') === 'None'
          ? []
          : [{ path: `${at}.mountPropagation`, message: 'must be None; remove it' }]),
        ...(isReservedName(mount.name) ? ours(mount, at) : own(mount, at)),
      ];
    }),
  ];
}

function own({ mountPath }: VolumeMount, path: string): Refusal[] {
  if (!isWithin(mountPath, TRUST_DIR)) return [];
  return [{ path, message: `${TRUST_DIR} is where Weir puts its authority; mount it elsewhere` }];
}

function ours(mount: VolumeMount, path: string): Refusal[] {
  const isPlace = mount.name === TRUST_VOLUME ? mount.mountPath === TRUST_DIR : mount.name === MASKED_VOLUME;
  if (!isPlace) return [{ path, message: `${mount.name} is a volume of Weir's sidecar alone; remove the mount` }];
  if (mount.readOnly === true && !mount.subPath && !mount.subPathExpr) return [];
  return [
    { path, message: `${mount.name} must be mounted whole and readOnly: true, as injection does; remove the mount` },
  ];
}
