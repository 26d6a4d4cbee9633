/** Every value of the chart: another than its default, and where the change must be seen. */
import type { Json, Values } from './tools.ts';

export interface Row {
  value: string;
  to: Json;
  /** Values without which this one has no effect. */
  given?: Values;
  /** `Kind/name`; `settings` is the file in the ConfigMap weir-settings. Absent from what the defaults make when `made`. */
  in: string;
  /** Keys and indices down from there. */
  at: (string | number)[];
  /** What is there then; else `to`. Undefined: the document itself is no longer there. */
  is?: Json;
  gone?: true;
}

const pod = ['spec', 'template', 'spec'];
const podMetadata = ['spec', 'template', 'metadata'];
const container = [...pod, 'containers', 0];
const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const certManager: Values = { certificates: { mode: 'CertManager' } };
const issued: Values = { certificates: { mode: 'CertManager', certManager: { issuerRef: { name: 'ours' } } } };
const sidecarMetrics: Values = { sidecar: { metrics: { enabled: true } } };
const podMonitor: Values = { ...sidecarMetrics, podMonitor: { enabled: true } };
const serviceMonitor: Values = { serviceMonitor: { enabled: true } };
const resources = { requests: { cpu: '7m', memory: '70Mi' }, limits: { memory: '700Mi' } };
const toleration = [{ key: 'builds', operator: 'Exists', effect: 'NoSchedule' }];
const affinity = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] }],
    },
  },
};
const peers = [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }];

const deployment = (value: string, to: Json, at: (string | number)[], is: Json = to): Row => ({
  value,
  to,
  in: 'Deployment/weir',
  at,
  is,
});
const setting = (value: string, to: Json, at: (string | number)[] = value.split('.'), is: Json = to): Row => ({
  value,
  to,
  in: 'settings',
  at,
  is,
});

export const ROWS: Row[] = [
  deployment('replicaCount', 3, ['spec', 'replicas']),
  deployment('image.repository', 'r.acme.dev/weir', [...container, 'image'], 'r.acme.dev/weir:0.1.0'),
  deployment('image.tag', '9.9.9', [...container, 'image'], 'localhost/weir:9.9.9'),
  deployment('image.digest', DIGEST, [...container, 'image'], `localhost/weir@${DIGEST}`),
  deployment('image.pullPolicy', 'Always', [...container, 'imagePullPolicy']),
  deployment('imagePullSecrets', [{ name: 'registry' }], [...pod, 'imagePullSecrets']),
  setting('uninjectedPods', 'Evict'),
  setting('sidecar.resources', resources),
  { ...setting('sidecar.metrics.enabled', true, ['sidecar', 'metricsPort']), is: 15020 },
  { ...setting('sidecar.metrics.port', 15999, ['sidecar', 'metricsPort']), given: sidecarMetrics },
  setting('initContainer.resources', resources),
  deployment('resources', resources, [...container, 'resources']),
  setting('guard.formerRepositories', ['old.acme.dev:5000/weir']),
  setting('guard.allowedRuntimeClasses', ['gvisor']),
  setting('guard.allowedSysctls', ['net.ipv4.ip_unprivileged_port_start']),
  setting('guard.allowedNameservers', ['10.96.0.10', 'fd00::a']),
  setting('guard.allowedFields', ['spec.containers.newField']),
  setting('guard.labelUsers', ['system:serviceaccount:ci:runner']),
  {
    value: 'dnsNamespaces',
    to: ['openshift-dns'],
    in: 'ValidatingAdmissionPolicyBinding/weir-services-openshift-dns',
    at: ['spec', 'paramRef', 'namespace'],
    is: 'openshift-dns',
  },
  setting('certificates.mode', 'CertManager'),
  {
    value: 'certificates.mode',
    to: 'CertManager',
    in: 'MutatingWebhookConfiguration/weir',
    at: ['metadata', 'annotations'],
    is: { 'cert-manager.io/inject-ca-from': 'weir-system/weir' },
  },
  setting('certificates.caLifetime', '9000h'),
  setting('certificates.leafLifetime', '10h'),
  setting('certificates.publishFor', '10m'),
  setting('certificates.clockSkew', '1h'),
  {
    value: 'certificates.certManager.issuerRef.name',
    to: 'ours',
    given: certManager,
    in: 'Certificate/weir',
    at: ['spec', 'issuerRef'],
    is: { group: 'cert-manager.io', kind: 'ClusterIssuer', name: 'ours' },
  },
  {
    value: 'certificates.certManager.issuerRef.kind',
    to: 'Issuer',
    given: issued,
    in: 'Certificate/weir',
    at: ['spec', 'issuerRef', 'kind'],
  },
  {
    value: 'certificates.certManager.issuerRef.group',
    to: 'awspca.cert-manager.io',
    given: issued,
    in: 'Certificate/weir',
    at: ['spec', 'issuerRef', 'group'],
  },
  setting('upstream.caBundle', PEM),
  setting('logLevel', 'debug'),
  setting('drainSeconds', 45),
  deployment('priorityClassName', 'ours', [...pod, 'priorityClassName']),
  deployment('nodeSelector', { zone: 'a' }, [...pod, 'nodeSelector']),
  deployment('tolerations', toleration, [...pod, 'tolerations']),
  deployment('affinity', affinity, [...pod, 'affinity']),
  deployment('podLabels', { team: 'x' }, [...podMetadata, 'labels', 'team'], 'x'),
  deployment('podAnnotations', { note: 'x' }, [...podMetadata, 'annotations', 'note'], 'x'),
  deployment('commonLabels', { team: 'x' }, ['metadata', 'labels', 'team'], 'x'),
  deployment('commonAnnotations', { note: 'x' }, ['metadata', 'annotations', 'note'], 'x'),
  { value: 'networkPolicy.enabled', to: false, in: 'NetworkPolicy/weir', at: [], gone: true },
  {
    value: 'networkPolicy.metricsFrom',
    to: peers,
    in: 'NetworkPolicy/weir',
    at: ['spec', 'ingress', 1],
    is: { ports: [{ port: 8080, protocol: 'TCP' }], from: peers },
  },
  {
    value: 'serviceMonitor.enabled',
    to: true,
    in: 'ServiceMonitor/weir',
    at: ['spec', 'endpoints', 0, 'port'],
    is: 'metrics',
  },
  {
    value: 'serviceMonitor.interval',
    to: '7s',
    given: serviceMonitor,
    in: 'ServiceMonitor/weir',
    at: ['spec', 'endpoints', 0, 'interval'],
  },
  {
    value: 'serviceMonitor.labels',
    to: { release: 'prometheus' },
    given: serviceMonitor,
    in: 'ServiceMonitor/weir',
    at: ['metadata', 'labels', 'release'],
    is: 'prometheus',
  },
  {
    value: 'podMonitor.enabled',
    to: true,
    given: sidecarMetrics,
    in: 'PodMonitor/weir-sidecars',
    at: ['spec', 'selector', 'matchLabels'],
    is: { 'weir.dev/injected': 'true' },
  },
  {
    value: 'podMonitor.interval',
    to: '7s',
    given: podMonitor,
    in: 'PodMonitor/weir-sidecars',
    at: ['spec', 'podMetricsEndpoints', 0, 'interval'],
  },
  {
    value: 'podMonitor.labels',
    to: { release: 'prometheus' },
    given: podMonitor,
    in: 'PodMonitor/weir-sidecars',
    at: ['metadata', 'labels', 'release'],
    is: 'prometheus',
  },
  { value: 'crds.install', to: false, in: 'CustomResourceDefinition/egresspolicies.weir.dev', at: [], gone: true },
];

/** What the schema refuses: values, and a part of what helm says. */
export const REFUSED: [values: Values, says: string][] = [
  [{ replicas: 2 }, "additional properties 'replicas' not allowed"],
  [{ image: { name: 'weir' } }, "additional properties 'name' not allowed"],
  [{ replicaCount: 0 }, 'replicaCount'],
  [{ replicaCount: '2' }, 'replicaCount'],
  [{ image: { digest: 'sha256:1' } }, 'image/digest'],
  [{ image: { repository: 'https://r.acme.dev/weir' } }, 'image/repository'],
  [{ image: { repository: 'R.acme.dev/weir' } }, 'image/repository'],
  [{ image: { pullPolicy: 'Sometimes' } }, 'image/pullPolicy'],
  [{ imagePullSecrets: ['registry'] }, 'imagePullSecrets/0'],
  [{ uninjectedPods: 'Delete' }, 'uninjectedPods'],
  [{ sidecar: { resources: { limits: { memory: 402653184 } } } }, 'sidecar/resources/limits/memory'],
  [{ sidecar: { resources: { limits: { gpu: '1' } } } }, "additional properties 'gpu' not allowed"],
  [{ sidecar: { metrics: { port: 15001 } } }, 'sidecar/metrics/port'],
  [{ sidecar: { metrics: { port: 80 } } }, 'sidecar/metrics/port'],
  [{ guard: { allowedCapabilities: ['NET_RAW'] } }, "additional properties 'allowedCapabilities' not allowed"],
  [{ guard: { allowedFields: ['metadata.labels'] } }, 'guard/allowedFields/0'],
  [{ guard: { formerRepositories: ['acme.dev/weir:1.0'] } }, 'guard/formerRepositories/0'],
  [{ guard: { allowedRuntimeClasses: ['gVisor'] } }, 'guard/allowedRuntimeClasses/0'],
  [{ guard: { allowedNameservers: ['dns.acme.dev'] } }, 'guard/allowedNameservers/0'],
  [{ dnsNamespaces: ['Kube System'] }, 'dnsNamespaces/0'],
  [{ certificates: { mode: 'own' } }, 'certificates/mode'],
  [{ certificates: { leafLifetime: '30d' } }, 'certificates/leafLifetime'],
  [{ upstream: { caBundle: '/etc/ssl/ca.pem' } }, 'upstream/caBundle'],
  [{ logLevel: 'verbose' }, 'logLevel'],
  [{ drainSeconds: -1 }, 'drainSeconds'],
  [{ podLabels: { team: 1 } }, 'podLabels/team'],
  [{ commonLabels: { 'a b': 'c' } }, "invalid propertyName 'a b'"],
  [{ networkPolicy: { metricsFrom: [{}] } }, 'networkPolicy/metricsFrom/0'],
  [{ serviceMonitor: { interval: '30' } }, 'serviceMonitor/interval'],
  [{ podMonitor: { enabled: true } }, 'podMonitor.enabled needs sidecar.metrics.enabled'],
];
