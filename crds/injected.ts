/**
 * The names of what Weir puts into a pod: one file for the control plane that injects them, the guard that holds them to
 * their shape, and the sidecar that runs there. Nothing here decides anything.
 */

/** The version of the injection's shape: the value of the annotation `weir.dev/injected`. Raised when the shape changes. */
export const INJECTION_VERSION = '1';

/** On a Namespace: its pods are injected and guarded. */
export const NAMESPACE_LABEL = 'weir.dev/inject';
export const NAMESPACE_LABEL_VALUE = 'enabled';

/** What our labels and annotations start with; on an injected pod nobody but the control plane writes them. */
export const OWN_PREFIX = 'weir.dev/';

/** On a pod: label and annotation of the same name; the label says `true`, the annotation the version of the shape. */
export const INJECTED = 'weir.dev/injected';
export const INJECTED_LABEL_VALUE = 'true';
/** Annotation: hash of the `pod` fields and Secret mounts that were taken at admission. */
export const POLICY_AT_ADMISSION = 'weir.dev/policy-at-admission';
/** Annotation: `container: VARIABLE, VARIABLE; container: ...`, the trust variables that containers set themselves and keep. */
export const KEPT_ENV = 'weir.dev/kept-env';

/** Containers: the first and the second of the pod's init containers. */
export const INIT_CONTAINER = 'weir-init';
export const SIDECAR_CONTAINER = 'weir';

/** Names of containers and volumes that are ours alone. */
export function isReservedName(name: string): boolean {
  return name === 'weir' || name.startsWith('weir-');
}

/** Volumes. */
export const STATE_VOLUME = 'weir-state';
export const TRUST_VOLUME = 'weir-trust';
export const CONTROL_VOLUME = 'weir-control';
export const MASKED_VOLUME = 'weir-masked';
/** One per Secret: `weir-secret-0`, `weir-secret-1`, in the order of the Secrets' names. */
export const SECRET_VOLUME_PREFIX = 'weir-secret-';
/** What the ServiceAccount admission plugin names its volume (a random suffix follows), and where it mounts it. */
export const SERVICE_ACCOUNT_VOLUME_PREFIX = 'kube-api-access-';
export const SERVICE_ACCOUNT_DIR = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Sizes of the memory volumes, as Kubernetes quantities. */
export const STATE_SIZE = '64Mi';
export const TRUST_SIZE = '4Mi';
export const MASKED_SIZE = '64Ki';

/** Where they are mounted. */
export const STATE_DIR = '/var/lib/weir';
export const TRUST_DIR = '/etc/weir/trust';
export const CONTROL_DIR = '/run/weir/control';
/** `/run/weir/secrets/<name of the Secret>/<key>`. */
export const SECRETS_DIR = '/run/weir/secrets';

/** Files in the trust volume. */
export const TRUST_CA_FILE = `${TRUST_DIR}/ca.crt`;
export const TRUST_BUNDLE_FILE = `${TRUST_DIR}/bundle.pem`;
export const TRUST_PKCS12_FILE = `${TRUST_DIR}/trust.p12`;

/** Files in the control volume. */
export const TOKEN_FILE = 'token';
export const CA_FILE = 'ca.crt';
/** Authorities that the sidecar trusts upstream besides its own roots; only when the settings say that there are any. */
export const UPSTREAM_CA_FILE = 'upstream-ca.crt';

/** ConfigMap in every labelled namespace with the control plane's authorities; its keys are the names of the files. */
export const CA_CONFIG_MAP = 'weir-ca';
/** Of the projected ServiceAccount token that the sidecar shows to the control plane. */
export const TOKEN_AUDIENCE = 'weir.dev';
export const TOKEN_SECONDS = 3600;

/** The sidecar says on this socket that it is ready; the hook after its start waits there. */
export const READY_SOCKET = `${STATE_DIR}/ready.sock`;

const NODE = ['/usr/bin/node', '--disable-sigusr1'];
export const INIT_COMMAND: readonly string[] = [...NODE, '/weir/netfilter.mjs'];
export const SIDECAR_COMMAND: readonly string[] = [...NODE, '/weir/sidecar.mjs'];
export const READY_COMMAND: readonly string[] = ['/usr/bin/node', '/weir/ready.mjs'];
/** A thousand sidecars wait on one replica: young objects are collected often rather than kept. */
export const WEBHOOK_COMMAND: readonly string[] = [
  ...NODE,
  '--max-semi-space-size=1',
  '--optimize-for-size',
  '/weir/webhook.mjs',
];

/** Environment of the sidecar: these and no others. */
export const SIDECAR_ENV = {
  /** `https://<ClusterIP>:443`, an IPv6 address in brackets. */
  controlPlane: 'WEIR_CONTROL_PLANE',
  /** The name in the control plane's certificate, `weir.<namespace>.svc`. */
  controlName: 'WEIR_CONTROL_NAME',
  stateDir: 'WEIR_STATE_DIR',
  trustDir: 'WEIR_TRUST_DIR',
  secretsDir: 'WEIR_SECRETS_DIR',
  controlDir: 'WEIR_CONTROL_DIR',
  podName: 'WEIR_POD_NAME',
  podNamespace: 'WEIR_POD_NAMESPACE',
  podUid: 'WEIR_POD_UID',
  /** Comma-separated names of the Secrets that an app container itself can read; empty: none. */
  heldSecrets: 'WEIR_HELD_SECRETS',
  /** Only when the settings ask for a metrics port. */
  metricsPort: 'WEIR_METRICS_PORT',
} as const;

/** Environment of the init container: this and no others, and only when the settings ask for a metrics port. */
export const INIT_ENV = { metricsPort: 'WEIR_METRICS_PORT' } as const;

export const DEFAULT_METRICS_PORT = 15020;

/** Distinct Secrets that one pod may refer to: each is a volume of the sidecar. */
export const MAX_SECRETS = 64;
/** Paths that the policies of one pod may mask. */
export const MAX_MASKED_PATHS = 32;

/** What the policies of a pod say under `pod`; it is taken once, at admission. */
export interface PodFields {
  /** Absolute, clean paths that every app container sees as an empty read-only directory. Sorted, each once. */
  maskedPaths: readonly string[];
  /** `Remove` when any matching policy says so. */
  serviceAccountToken: 'Keep' | 'Remove';
}

export const NO_POD_FIELDS: PodFields = { maskedPaths: [], serviceAccountToken: 'Keep' };
