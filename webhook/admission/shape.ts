/**
 * Weir's containers and volumes, exactly as they are in a pod: injection writes them, the guard compares with them.
 * Fields that the API server would default are written out, so that a pod read back is equal.
 */
import type { V1EnvVar, V1ResourceRequirements, V1SecurityContext } from '@kubernetes/client-node';
import {
  CA_CONFIG_MAP,
  CA_FILE,
  CONTROL_DIR,
  CONTROL_VOLUME,
  INIT_COMMAND,
  INIT_CONTAINER,
  INIT_ENV,
  MASKED_SIZE,
  MASKED_VOLUME,
  READY_COMMAND,
  SECRET_VOLUME_PREFIX,
  SECRETS_DIR,
  SERVICE_ACCOUNT_DIR,
  SIDECAR_COMMAND,
  SIDECAR_CONTAINER,
  SIDECAR_ENV,
  STATE_DIR,
  STATE_SIZE,
  STATE_VOLUME,
  TOKEN_AUDIENCE,
  TOKEN_FILE,
  TOKEN_SECONDS,
  TRUST_DIR,
  TRUST_SIZE,
  TRUST_VOLUME,
  UPSTREAM_CA_FILE,
} from '../../crds/injected.ts';
import { type Container, type PodSpec, serviceAccountVolume, type Volume, type VolumeMount } from './pod.ts';
import { type SecretNames, secretNames } from './secrets.ts';
import type { AdmissionSettings, Resources } from './settings.ts';

/** What of a pod decides the shape of ours. */
export interface Shape {
  secrets: SecretNames;
  /** Name of the pod's ServiceAccount volume, when a container mounts it. */
  serviceAccountVolume?: string;
  /** Whether any path is masked. */
  isMasked: boolean;
}

export function shapeOf(spec: PodSpec | undefined, isMasked: boolean): Shape {
  const volume = serviceAccountVolume(spec, SERVICE_ACCOUNT_DIR);
  return {
    secrets: secretNames(spec),
    ...(volume === undefined ? {} : { serviceAccountVolume: volume.name }),
    isMasked,
  };
}

export function initContainer(settings: AdmissionSettings): Container {
  return {
    name: INIT_CONTAINER,
    image: settings.image,
    imagePullPolicy: settings.pullPolicy,
    command: [...INIT_COMMAND],
    ...(settings.metricsPort === undefined
      ? {}
      : { env: [{ name: INIT_ENV.metricsPort, value: String(settings.metricsPort) }] }),
    resources: resources(settings.initResources),
    securityContext: securityContext('NET_ADMIN'),
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  };
}

export function sidecarContainer(settings: AdmissionSettings, shape: Shape): Container {
  return {
    name: SIDECAR_CONTAINER,
    image: settings.image,
    imagePullPolicy: settings.pullPolicy,
    command: [...SIDECAR_COMMAND],
    env: sidecarEnvironment(settings, shape),
    // The kubelet starts nothing after it until the command has ended; a startup probe would have it wait a second more.
    lifecycle: { postStart: { exec: { command: [...READY_COMMAND] } } },
    resources: resources(settings.sidecarResources),
    restartPolicy: 'Always',
    securityContext: securityContext('NET_RAW'),
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    volumeMounts: sidecarMounts(shape),
  };
}

function sidecarEnvironment(settings: AdmissionSettings, shape: Shape): V1EnvVar[] {
  const field = (name: string, fieldPath: string) => ({
    name,
    valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } },
  });
  return [
    { name: SIDECAR_ENV.controlPlane, value: settings.controlPlane },
    { name: SIDECAR_ENV.controlName, value: settings.controlName },
    { name: SIDECAR_ENV.stateDir, value: STATE_DIR },
    { name: SIDECAR_ENV.trustDir, value: TRUST_DIR },
    { name: SIDECAR_ENV.secretsDir, value: SECRETS_DIR },
    { name: SIDECAR_ENV.controlDir, value: CONTROL_DIR },
    field(SIDECAR_ENV.podName, 'metadata.name'),
    field(SIDECAR_ENV.podNamespace, 'metadata.namespace'),
    field(SIDECAR_ENV.podUid, 'metadata.uid'),
    // The API server drops the field of an empty value.
    shape.secrets.held.length === 0
      ? { name: SIDECAR_ENV.heldSecrets }
      : { name: SIDECAR_ENV.heldSecrets, value: shape.secrets.held.join(',') },
    ...(settings.metricsPort === undefined
      ? []
      : [{ name: SIDECAR_ENV.metricsPort, value: String(settings.metricsPort) }]),
  ];
}

function sidecarMounts(shape: Shape): VolumeMount[] {
  return [
    { name: STATE_VOLUME, mountPath: STATE_DIR },
    { name: TRUST_VOLUME, mountPath: TRUST_DIR },
    { name: CONTROL_VOLUME, mountPath: CONTROL_DIR, readOnly: true },
    ...shape.secrets.all.map((secretName, n) => ({
      name: `${SECRET_VOLUME_PREFIX}${n}`,
      mountPath: `${SECRETS_DIR}/${secretName}`,
      readOnly: true,
    })),
    ...(shape.serviceAccountVolume === undefined
      ? []
      : [{ name: shape.serviceAccountVolume, mountPath: SERVICE_ACCOUNT_DIR, readOnly: true }]),
  ];
}

/** Root, since Kubernetes gives a capability to no other user; without any other capability. */
function securityContext(capability: 'NET_ADMIN' | 'NET_RAW'): V1SecurityContext {
  return {
    allowPrivilegeEscalation: false,
    capabilities: { add: [capability], drop: ['ALL'] },
    privileged: false,
    readOnlyRootFilesystem: true,
    runAsGroup: 0,
    runAsNonRoot: false,
    runAsUser: 0,
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

export function volumes(settings: AdmissionSettings, shape: Shape): Volume[] {
  const memory = (name: string, sizeLimit: string): Volume => ({ name, emptyDir: { medium: 'Memory', sizeLimit } });
  return [
    memory(STATE_VOLUME, STATE_SIZE),
    memory(TRUST_VOLUME, TRUST_SIZE),
    controlVolume(settings),
    ...shape.secrets.all.map((secretName, n) => ({
      name: `${SECRET_VOLUME_PREFIX}${n}`,
      secret: { defaultMode: 0o400, optional: true, secretName },
    })),
    ...(shape.isMasked ? [memory(MASKED_VOLUME, MASKED_SIZE)] : []),
  ];
}

function controlVolume(settings: AdmissionSettings): Volume {
  const files = settings.upstreamCa ? [CA_FILE, UPSTREAM_CA_FILE] : [CA_FILE];
  return {
    name: CONTROL_VOLUME,
    projected: {
      defaultMode: 0o400,
      sources: [
        { serviceAccountToken: { audience: TOKEN_AUDIENCE, expirationSeconds: TOKEN_SECONDS, path: TOKEN_FILE } },
        { configMap: { name: CA_CONFIG_MAP, items: files.map((file) => ({ key: file, path: file })) } },
      ],
    },
  };
}

/** What an app container has of ours. */
export const TRUST_MOUNT: Readonly<VolumeMount> = { name: TRUST_VOLUME, mountPath: TRUST_DIR, readOnly: true };

export function maskedMount(mountPath: string): VolumeMount {
  return { name: MASKED_VOLUME, mountPath, readOnly: true };
}

function resources({ requests, limits }: Resources): V1ResourceRequirements {
  return { ...(limits ? { limits: { ...limits } } : {}), ...(requests ? { requests: { ...requests } } : {}) };
}
