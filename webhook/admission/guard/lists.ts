/**
 * What a pod beside Weir may have, as lists of what is allowed: a field that Kubernetes adds later is refused until
 * someone has judged it. The chart's policies hold the same lists; a test compares them.
 */

/** Fields of a pod's spec that do not touch its isolation, and those that have a rule of their own. */
export const POD_FIELDS: readonly string[] = [
  'activeDeadlineSeconds',
  'affinity',
  'automountServiceAccountToken',
  'containers',
  'dnsConfig',
  'dnsPolicy',
  'enableServiceLinks',
  'ephemeralContainers',
  'hostAliases',
  'hostIPC',
  'hostNetwork',
  'hostPID',
  'hostname',
  'hostnameOverride',
  'imagePullSecrets',
  'initContainers',
  'nodeName',
  'nodeSelector',
  'os',
  'overhead',
  'preemptionPolicy',
  'priority',
  'priorityClassName',
  'readinessGates',
  'resources',
  'restartPolicy',
  'runtimeClassName',
  'schedulerName',
  'schedulingGates',
  'schedulingGroup',
  'securityContext',
  'serviceAccount',
  'serviceAccountName',
  'setHostnameAsFQDN',
  'shareProcessNamespace',
  'subdomain',
  'terminationGracePeriodSeconds',
  'tolerations',
  'topologySpreadConstraints',
  'volumes',
  'workloadRef',
];

export const CONTAINER_FIELDS: readonly string[] = [
  'args',
  'command',
  'env',
  'envFrom',
  'image',
  'imagePullPolicy',
  'lifecycle',
  'livenessProbe',
  'name',
  'ports',
  'readinessProbe',
  'resizePolicy',
  'resources',
  'restartPolicy',
  'restartPolicyRules',
  'securityContext',
  'startupProbe',
  'stdin',
  'stdinOnce',
  'targetContainerName',
  'terminationMessagePath',
  'terminationMessagePolicy',
  'tty',
  'volumeMounts',
  'workingDir',
];

export const POD_SECURITY_FIELDS: readonly string[] = [
  'appArmorProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'runAsGroup',
  'runAsNonRoot',
  'runAsUser',
  'seLinuxChangePolicy',
  'seLinuxOptions',
  'seccompProfile',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'sysctls',
];

export const CONTAINER_SECURITY_FIELDS: readonly string[] = [
  'allowPrivilegeEscalation',
  'appArmorProfile',
  'capabilities',
  'privileged',
  'procMount',
  'readOnlyRootFilesystem',
  'runAsGroup',
  'runAsNonRoot',
  'runAsUser',
  'seLinuxOptions',
  'seccompProfile',
];

/** Pod Security Standards, baseline; NET_RAW is not among them. */
export const CAPABILITIES: readonly string[] = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
];

/** Pod Security Standards, baseline. */
export const SELINUX_TYPES: readonly string[] = [
  '',
  'container_engine_t',
  'container_init_t',
  'container_kvm_t',
  'container_t',
];

export const PROFILE_TYPES: readonly string[] = ['RuntimeDefault', 'Localhost'];

/** Neither the node's files nor a network of their own. */
export const VOLUME_SOURCES: readonly string[] = [
  'configMap',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

export const PROJECTED_SOURCES: readonly string[] = [
  'clusterTrustBundle',
  'configMap',
  'downwardAPI',
  'secret',
  'serviceAccountToken',
];

export const MOUNT_FIELDS: readonly string[] = [
  'mountPath',
  'mountPropagation',
  'name',
  'readOnly',
  'recursiveReadOnly',
  'subPath',
  'subPathExpr',
];

/** `exec` is the one way to ask a container: inbound connections are closed. */
export const PROBE_FIELDS: readonly string[] = [
  'exec',
  'failureThreshold',
  'initialDelaySeconds',
  'periodSeconds',
  'successThreshold',
  'terminationGracePeriodSeconds',
  'timeoutSeconds',
];

export const LIFECYCLE_FIELDS: readonly string[] = ['postStart', 'preStop', 'stopSignal'];
export const HANDLER_FIELDS: readonly string[] = ['exec', 'sleep'];

export const PORT_FIELDS: readonly string[] = ['containerPort', 'hostIP', 'hostPort', 'name', 'protocol'];

export const DNS_FIELDS: readonly string[] = ['nameservers', 'options', 'searches'];

export const RESOURCE_FIELDS: readonly string[] = ['limits', 'requests'];
/** Any other is a device of a plugin: a network card, `/dev/vsock`. */
export const RESOURCE_NAMES: readonly string[] = ['cpu', 'ephemeral-storage', 'memory'];
export const HUGEPAGES_PREFIX = 'hugepages-';

/** Annotations by which a container runtime gives devices or takes confinement away. */
export const RUNTIME_ANNOTATIONS: readonly string[] = [
  'cdi.k8s.io/',
  'dev.gvisor.',
  'devices.nri.io/',
  'io.katacontainers.',
  'io.kubernetes.cri-o.',
  'io.kubernetes.cri.',
  'run.oci.',
];
export const APPARMOR_ANNOTATION = 'container.apparmor.security.beta.kubernetes.io/';
