/** Everything that a guarded pod's spec may say. */
import { MASKED_VOLUME, type PodFields, SIDECAR_CONTAINER, SIDECAR_ENV } from '../../../crds/injected.ts';
import { appContainers, type PodSpec } from '../pod.ts';
import type { Refusal } from '../refusal.ts';
import { environmentSecrets } from '../secrets.ts';
import type { AdmissionSettings } from '../settings.ts';
import { hasToken } from '../token.ts';
import { containerRefusals, resourceRefusals } from './containers.ts';
import { dnsRefusals } from './dns.ts';
import { unlisted } from './fields.ts';
import { POD_FIELDS } from './lists.ts';
import { oursRefusals } from './ours.ts';
import { podSecurity } from './security.ts';
import { volumeRefusals } from './volumes.ts';

/** Of the pod as it will run, all webhooks done. */
export function specRefusals(spec: PodSpec, settings: AdmissionSettings, podFields?: PodFields): Refusal[] {
  const lists = settings.guard;
  return [
    ...podRefusals(spec, settings),
    ...dnsRefusals(spec, lists),
    ...podSecurity(spec, lists),
    ...oursRefusals(spec, settings),
    ...volumeRefusals(spec, lists.allowedFields),
    ...appContainers(spec).flatMap((placed) => containerRefusals(placed, lists)),
    ...ephemeralSecrets(spec),
    ...(podFields ? policyRefusals(spec, podFields) : []),
  ];
}

function podRefusals(spec: PodSpec, { guard }: AdmissionSettings): Refusal[] {
  const shared = (['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace'] as const)
    .filter((field) => spec[field] === true)
    .map((field) => ({ path: `spec.${field}`, message: 'must not be true in a guarded namespace; remove it' }));
  // The default that is written out: as good as absent.
  const { hostUsers, ...rest } = spec;
  const fields = hostUsers === true ? rest : spec;
  return [
    ...shared,
    ...unlisted(fields, POD_FIELDS, 'spec', guard.allowedFields),
    ...((spec.os?.name ?? 'linux') === 'linux'
      ? []
      : [{ path: 'spec.os.name', message: 'must be linux; run it in a namespace without the label' }]),
    ...(spec.runtimeClassName === undefined || guard.allowedRuntimeClasses.includes(spec.runtimeClassName)
      ? []
      : [
          {
            path: 'spec.runtimeClassName',
            message: `${spec.runtimeClassName} is not allowed; remove it, or ask for it in guard.allowedRuntimeClasses`,
          },
        ]),
    ...resourceRefusals(spec.resources, 'spec', guard.allowedFields),
  ];
}

/** The sidecar mounts Secrets when the pod is made: one that comes later could leave unseen. */
function ephemeralSecrets(spec: PodSpec): Refusal[] {
  const sidecar = spec.initContainers?.find(({ name }) => name === SIDECAR_CONTAINER);
  const names = (sidecar?.env ?? []).find(({ name }) => name === SIDECAR_ENV.heldSecrets)?.value?.split(',');
  const held = new Set(names);
  return appContainers(spec)
    .filter(({ kind }) => kind === 'ephemeralContainers')
    .flatMap(({ path, container }) =>
      environmentSecrets(container)
        .filter((name) => !held.has(name))
        .map((name) => ({
          path: `${path}.env`,
          message: `the Secret ${name} is not one that the pod had when it was made, so the sidecar does not know it; remove it`,
        })),
    );
}

/** What the policies of the pod ask for, in case that another webhook undid it. */
function policyRefusals(spec: PodSpec, { maskedPaths, serviceAccountToken }: PodFields): Refusal[] {
  const unmasked = appContainers(spec)
    .filter(({ kind }) => kind !== 'ephemeralContainers')
    .flatMap(({ path, container }) =>
      maskedPaths
        .filter(
          (each) =>
            !container.volumeMounts?.some(({ name, mountPath }) => name === MASKED_VOLUME && mountPath === each),
        )
        .map((each) => ({
          path: `${path}.volumeMounts`,
          message: `${each} is not masked as the policy asks (pod.maskedPaths); it may have changed just now: create the pod again`,
        })),
    );
  const tokens = serviceAccountToken === 'Remove' ? (spec.volumes ?? []).filter(hasToken) : [];
  return [
    ...unmasked,
    ...tokens.map(({ name }) => ({
      path: `spec.volumes{${name}}`,
      message:
        'holds a token that the policy removes (pod.serviceAccountToken); it may have changed just now: create the pod again',
    })),
  ];
}
