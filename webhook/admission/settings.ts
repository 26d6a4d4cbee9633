/** What the control plane's own settings say about injection and the guard. Plain data, read once at start. */

/** Requests and limits as Kubernetes quantities (`20m`, `96Mi`). */
export interface Resources {
  requests?: Readonly<Record<string, string>>;
  limits?: Readonly<Record<string, string>>;
}

export interface GuardLists {
  /** Where images of ours were before: pods that run still have their Weir from there. Without tag and digest. */
  formerRepositories: readonly string[];
  /** RuntimeClasses that pods of labelled namespaces may name. */
  allowedRuntimeClasses: readonly string[];
  /** Sysctls that they may set. */
  allowedSysctls: readonly string[];
  /** Addresses that they may name as nameservers, as they write them. */
  allowedNameservers: readonly string[];
  /**
   * Fields that the guard's lists lack and that are to be let pass, as paths without names and indices: `spec.hostUsers`,
   * `spec.containers.securityContext.newField` (init and ephemeral containers count as containers). For fields that a
   * newer Kubernetes sets by itself; the fields that are refused by name stay refused.
   */
  allowedFields: readonly string[];
  /** Users besides the control plane that may change labels of injected pods (controllers of Kubernetes). */
  labelUsers: readonly string[];
}

export interface AdmissionSettings {
  /** Without tag and digest. */
  imageRepository: string;
  /** The image to run: `repository:tag` or `repository@sha256:...`. */
  image: string;
  pullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  sidecarResources: Resources;
  initResources: Resources;
  /** `https://<ClusterIP>:443`, an IPv6 address in brackets. */
  controlPlane: string;
  /** The name in its certificate, `weir.<namespace>.svc`. */
  controlName: string;
  /** The control plane's own namespace: never injected, never guarded. */
  namespace: string;
  /** `system:serviceaccount:<namespace>:<name>` of the control plane. */
  user: string;
  /** Port of the sidecar's metrics, open to the cluster; absent: closed. */
  metricsPort?: number;
  /** Whether the ConfigMap of authorities holds some for upstream servers too. */
  upstreamCa?: boolean;
  guard: GuardLists;
}

export const DEFAULT_SIDECAR_RESOURCES: Resources = {
  requests: { cpu: '20m', memory: '96Mi' },
  limits: { memory: '384Mi' },
};
export const DEFAULT_INIT_RESOURCES: Resources = {
  requests: { cpu: '20m', memory: '64Mi' },
  limits: { memory: '128Mi' },
};

/** The controllers of Kubernetes that write labels of pods that they own. */
export const DEFAULT_LABEL_USERS: readonly string[] = [
  'system:kube-scheduler',
  ...['daemon-set', 'deployment', 'job', 'replicaset', 'replication', 'statefulset'].map(
    (name) => `system:serviceaccount:kube-system:${name}-controller`,
  ),
];

export const DEFAULT_GUARD: GuardLists = {
  formerRepositories: [],
  allowedRuntimeClasses: [],
  allowedSysctls: [],
  allowedNameservers: [],
  allowedFields: [],
  labelUsers: DEFAULT_LABEL_USERS,
};
