/**
 * The control plane's settings. Pure but for `readSettings`.
 *
 * Environment: POD_NAME and POD_NAMESPACE (downward API); WEIR_SETTINGS (the file; /etc/weir/settings.yaml), WEIR_TLS_DIR
 * (mounted certificates; /run/weir/tls), WEIR_PORT (8443), WEIR_HEALTH_PORT (8080), WEIR_CONTROL_PLANE (the address for
 * sidecars instead of the Service's; for a control plane outside the cluster), and KUBECONFIG.
 *
 * The file, YAML or JSON; * is required, the rest has the default shown:
 *   namespace: POD_NAMESPACE           where the control plane is
 *   logLevel: info                     trace, debug, info, warn, error
 *   drainSeconds: 30                   how long a replica that was told to end goes on answering
 *   uninjectedPods: Report             or Evict
 *   image: {repository*, reference*, pullPolicy: IfNotPresent}
 *   sidecar: {resources, metricsPort}  metricsPort absent: no metrics port
 *   initContainer: {resources}
 *   certificates:
 *     mode: Own                        or CertManager: tls.crt, tls.key, ca.crt in WEIR_TLS_DIR
 *     caLifetime: 8760h                the next authority is made after two thirds of it
 *     leafLifetime: 720h
 *     publishFor: 1h                   how long the next authority is published before it signs
 *     clockSkew: 48h                   how far in the past certificates begin
 *   guard: {allowedRuntimeClasses, allowedSysctls, allowedNameservers, allowedFields: [],
 *           labelUsers: the controllers of Kubernetes}
 *   upstream: {caBundle}               PEM
 */
import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import {
  type AdmissionSettings,
  DEFAULT_GUARD,
  DEFAULT_INIT_RESOURCES,
  DEFAULT_SIDECAR_RESOURCES,
  type Resources,
} from './admission/settings.ts';
import type { Lifetimes } from './certificates/rotation.ts';
import { Fields } from './fields.ts';

/** Names of what the chart makes. */
export const SERVICE = 'weir';
export const SERVICE_ACCOUNT = 'weir';
export const WEBHOOK_CONFIGURATION = 'weir';
export const AUTHORITY_SECRET = 'weir-ca';
export const ADMISSION_SECRET = 'weir-admission';
export const LEASE = 'weir-control-plane';

export interface Settings {
  podName: string;
  namespace: string;
  port: number;
  healthPort: number;
  logLevel: string;
  drainSeconds: number;
  uninjectedPods: 'Report' | 'Evict';
  certificates: { mode: 'Own' | 'CertManager'; directory: string; lifetimes: Lifetimes };
  upstreamCa?: string;
  /** Instead of the Service's address. */
  controlPlane?: string;
  /** All of what admission needs but the address. */
  admission: Omit<AdmissionSettings, 'controlPlane'>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws an Error that names the variable or the field, and says what it should be. */
export function readSettings(env: Environment): Settings {
  const path = env.WEIR_SETTINGS || '/etc/weir/settings.yaml';
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Error(`WEIR_SETTINGS: ${path} cannot be read`, { cause });
  }
  return settingsFrom(env, text);
}

export function settingsFrom(env: Environment, text: string): Settings {
  const file = new Fields(text.trim() === '' ? undefined : load(text), '');
  const podName = env.POD_NAME ?? '';
  if (podName === '') throw new Error('POD_NAME is not set: the name of this replica');
  const namespace = file.text('namespace', env.POD_NAMESPACE ?? '');
  if (namespace === '') throw new Error('POD_NAMESPACE is not set, nor namespace in the settings');
  const image = file.fields('image');
  const sidecar = file.fields('sidecar');
  const certificates = file.fields('certificates');
  const upstreamCa = file.fields('upstream').text('caBundle', '');
  const metricsPort = sidecar.optionalNumber('metricsPort', 1, 65_535);
  const guard = file.fields('guard');
  const settings: Settings = {
    podName,
    namespace,
    port: portOf(env, 'WEIR_PORT', 8443),
    healthPort: portOf(env, 'WEIR_HEALTH_PORT', 8080),
    logLevel: file.oneOf('logLevel', ['trace', 'debug', 'info', 'warn', 'error'], 'info'),
    drainSeconds: file.number('drainSeconds', 0, 3600, 30),
    uninjectedPods: file.oneOf('uninjectedPods', ['Report', 'Evict'], 'Report'),
    certificates: {
      mode: certificates.oneOf('mode', ['Own', 'CertManager'], 'Own'),
      directory: env.WEIR_TLS_DIR || '/run/weir/tls',
      lifetimes: lifetimesOf(certificates),
    },
    ...(upstreamCa !== '' && { upstreamCa }),
    ...(env.WEIR_CONTROL_PLANE && { controlPlane: env.WEIR_CONTROL_PLANE }),
    admission: {
      imageRepository: image.text('repository'),
      image: image.text('reference'),
      pullPolicy: image.oneOf('pullPolicy', ['Always', 'IfNotPresent', 'Never'], 'IfNotPresent'),
      sidecarResources: resourcesOf(sidecar.fields('resources'), DEFAULT_SIDECAR_RESOURCES),
      initResources: resourcesOf(file.fields('initContainer').fields('resources'), DEFAULT_INIT_RESOURCES),
      controlName: `${SERVICE}.${namespace}.svc`,
      namespace,
      user: `system:serviceaccount:${namespace}:${SERVICE_ACCOUNT}`,
      ...(metricsPort !== undefined && { metricsPort }),
      upstreamCa: upstreamCa !== '',
      guard: {
        formerRepositories: guard.texts('formerRepositories', DEFAULT_GUARD.formerRepositories),
        allowedRuntimeClasses: guard.texts('allowedRuntimeClasses', DEFAULT_GUARD.allowedRuntimeClasses),
        allowedSysctls: guard.texts('allowedSysctls', DEFAULT_GUARD.allowedSysctls),
        allowedNameservers: guard.texts('allowedNameservers', DEFAULT_GUARD.allowedNameservers),
        allowedFields: guard.texts('allowedFields', DEFAULT_GUARD.allowedFields),
        labelUsers: guard.texts('labelUsers', DEFAULT_GUARD.labelUsers),
      },
    },
  };
  return settings;
}

function lifetimesOf(certificates: Fields): Lifetimes {
  const authority = certificates.seconds('caLifetime', '8760h');
  const lifetimes: Lifetimes = {
    authority,
    renewBefore: authority / 3,
    leaf: certificates.seconds('leafLifetime', '720h'),
    publish: certificates.seconds('publishFor', '1h'),
    skew: certificates.seconds('clockSkew', '48h'),
  };
  if (lifetimes.leaf > authority / 3) {
    throw new Error('certificates.leafLifetime: is more than a third of certificates.caLifetime: make it shorter');
  }
  if (lifetimes.publish > authority / 6) {
    throw new Error('certificates.publishFor: is more than a sixth of certificates.caLifetime: make it shorter');
  }
  return lifetimes;
}

function resourcesOf(fields: Fields, defaults: Resources): Resources {
  if (fields.isEmpty) return defaults;
  const [requests, limits] = [fields.quantities('requests'), fields.quantities('limits')];
  return { ...(requests && { requests }), ...(limits && { limits }) };
}

function portOf(env: Environment, name: string, fallback: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`${name}: is not a port (1 to 65535)`);
  return port;
}
