/** Injection: from a pod and the settings to the pod with Weir in it. Pure; the same pod injected twice is unchanged. */
import {
  INIT_CONTAINER,
  INJECTED,
  INJECTED_LABEL_VALUE,
  INJECTION_VERSION,
  isReservedName,
  KEPT_ENV,
  MASKED_VOLUME,
  POLICY_AT_ADMISSION,
  type PodFields,
  SIDECAR_CONTAINER,
  TRUST_DIR,
  TRUST_VOLUME,
} from '../../crds/injected.ts';
import { policyAtAdmission } from '../policies/at-admission.ts';
import { maskedConflicts, maskedIn, maskedRefusals } from './masked.ts';
import {
  type AnyContainer,
  appContainers,
  type Container,
  isInjectable,
  isInjected,
  isWithin,
  type Placed,
  type Pod,
  type PodSpec,
} from './pod.ts';
import type { Refusal } from './refusal.ts';
import { reservedRefusals } from './reserved.ts';
import { secretNames, secretsProblem } from './secrets.ts';
import type { AdmissionSettings } from './settings.ts';
import { initContainer, maskedMount, shapeOf, sidecarContainer, TRUST_MOUNT, volumes } from './shape.ts';
import { removeTokens } from './token.ts';
import { trustedEnvironment } from './trust.ts';

export interface Injection {
  /** The pod to go on with: the one given, unchanged, when there are reasons against it or nothing to do. */
  pod: Pod;
  /** Why it cannot be injected. */
  reasons: Refusal[];
  /** What its author should know, without being refused. */
  warnings: string[];
}

/**
 * Puts Weir into a pod that is being made. A pod that cannot have it (Windows, the host's network, a mirror of the
 * kubelet's) is left alone: the guard says no to it.
 */
export function inject(pod: Pod, settings: AdmissionSettings, podFields: PodFields): Injection {
  if (!pod.spec || !isInjectable(pod)) return { pod, reasons: [], warnings: [] };
  const injected = structuredClone(pod);
  const spec = injected.spec as PodSpec;
  const warnings: string[] = [];
  const tokens = podFields.serviceAccountToken === 'Remove' ? removeTokens(spec) : [];
  if (tokens.length > 0) {
    warnings.push(
      `a policy removes the ServiceAccount's token (pod.serviceAccountToken: Remove): volumes ${tokens.join(', ')}`,
    );
  }
  const reasons = reasonsAgainst(spec, podFields.maskedPaths);
  if (reasons.length > 0) return { pod, reasons, warnings: [] };

  const shape = shapeOf(spec, podFields.maskedPaths.length > 0);
  const [init, sidecar] = [INIT_CONTAINER, SIDECAR_CONTAINER].map((name) =>
    spec.initContainers?.find((container) => container.name === name),
  );
  spec.initContainers = [
    keepDefaults(initContainer(settings), init),
    keepDefaults(sidecarContainer(settings, shape), sidecar),
    ...(spec.initContainers ?? []).filter((container) => container !== init && container !== sidecar),
  ];
  spec.volumes = [...(spec.volumes ?? []).filter(({ name }) => !isReservedName(name)), ...volumes(settings, shape)];
  spec.securityContext = { ...spec.securityContext };
  spec.securityContext.seccompProfile ??= { type: 'RuntimeDefault' };
  const kept = appContainers(spec).flatMap((placed) => adapt(placed, podFields.maskedPaths, warnings));
  mark(injected, kept, policyAtAdmission(podFields, shape.secrets));
  return { pod: injected, reasons: [], warnings };
}

/**
 * Gives a new ephemeral container of an injected pod what the others got when the pod was made; its volumes and paths are
 * the pod's own, whatever the policies say now.
 */
export function injectEphemeral(pod: Pod): Injection {
  if (!pod.spec || !isInjected(pod) || !isInjectable(pod)) return { pod, reasons: [], warnings: [] };
  const injected = structuredClone(pod);
  const spec = injected.spec as PodSpec;
  const masked = new Set(
    appContainers(spec).flatMap(({ kind, container }) => (kind === 'ephemeralContainers' ? [] : maskedIn(container))),
  );
  const paths = [...masked].sort();
  const warnings: string[] = [];
  const reasons: Refusal[] = [];
  for (const placed of appContainers(spec)) {
    if (placed.kind !== 'ephemeralContainers') continue;
    reasons.push(...mountRefusals(placed), ...maskedConflicts(placed, paths));
    adapt(placed, paths, warnings);
  }
  return reasons.length > 0 ? { pod, reasons, warnings: [] } : { pod: injected, reasons, warnings };
}

function reasonsAgainst(spec: PodSpec, maskedPaths: readonly string[]): Refusal[] {
  const problem = secretsProblem(secretNames(spec));
  return [
    ...reservedRefusals(spec),
    ...(problem === undefined ? [] : [{ path: 'spec', message: problem }]),
    ...maskedRefusals(maskedPaths),
    ...appContainers(spec).flatMap((placed) => [...mountRefusals(placed), ...maskedConflicts(placed, maskedPaths)]),
  ];
}

/** A mount of the pod's own over or under ours. */
function mountRefusals({ path, container }: Placed): Refusal[] {
  return (container.volumeMounts ?? [])
    .filter(({ name, mountPath }) => name !== TRUST_VOLUME && isWithin(mountPath, TRUST_DIR))
    .map(({ mountPath }) => ({
      path: `${path}.volumeMounts{${mountPath}}`,
      message: `${TRUST_DIR} is where Weir puts its authority; mount it elsewhere`,
    }));
}

/** Changes an app container in place; gives a line about variables that it keeps, if any. */
function adapt({ path, container }: Placed, maskedPaths: readonly string[], warnings: string[]): string[] {
  const { env, kept, mayLoseJavaOptions } = trustedEnvironment(container);
  container.env = env;
  container.volumeMounts = mounts(container, maskedPaths);
  dropRawSockets(container);
  if (mayLoseJavaOptions) {
    warnings.push(
      `${path}.envFrom: a JAVA_TOOL_OPTIONS from there gives way to Weir's; set it in env, and Weir adds to it`,
    );
  }
  if (kept.length === 0) return [];
  warnings.push(
    `${path}.env: ${kept.join(', ')} set there and kept; what it names must hold Weir's authority, as ${TRUST_DIR}/bundle.pem does`,
  );
  return [`${container.name}: ${kept.join(', ')}`];
}

function mounts(container: AnyContainer, maskedPaths: readonly string[]) {
  const own = (container.volumeMounts ?? []).filter(({ name, mountPath }) => {
    return !(name === TRUST_VOLUME && mountPath === TRUST_DIR) && name !== MASKED_VOLUME;
  });
  return [...own, { ...TRUST_MOUNT }, ...maskedPaths.map(maskedMount)];
}

function dropRawSockets(container: AnyContainer): void {
  const drop = container.securityContext?.capabilities?.drop ?? [];
  if (drop.includes('ALL') || drop.includes('NET_RAW')) return;
  const { securityContext } = container;
  container.securityContext = {
    ...securityContext,
    capabilities: { ...securityContext?.capabilities, drop: [...drop, 'NET_RAW'] },
  };
}

/** What other admission plugins wrote into ours since the last pass, and would miss: a LimitRange's resources, AlwaysPullImages. */
function keepDefaults(ours: Container, earlier: Container | undefined): Container {
  if (!earlier) return ours;
  const resources = { ...ours.resources };
  for (const kind of ['limits', 'requests'] as const) {
    const merged = { ...earlier.resources?.[kind], ...ours.resources?.[kind] };
    if (Object.keys(merged).length > 0) resources[kind] = merged;
  }
  return {
    ...ours,
    resources,
    ...(earlier.imagePullPolicy === 'Always' ? { imagePullPolicy: 'Always' } : {}),
  };
}

function mark(pod: Pod, kept: readonly string[], hash: string): void {
  const { [KEPT_ENV]: _, ...annotations } = pod.metadata?.annotations ?? {};
  pod.metadata = {
    ...pod.metadata,
    labels: { ...pod.metadata?.labels, [INJECTED]: INJECTED_LABEL_VALUE },
    annotations: {
      ...annotations,
      [INJECTED]: INJECTION_VERSION,
      [POLICY_AT_ADMISSION]: hash,
      ...(kept.length === 0 ? {} : { [KEPT_ENV]: kept.join('; ') }),
    },
  };
}
