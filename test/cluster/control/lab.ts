/**
 * The control plane against a real API server (etcd and kube-apiserver; nothing runs pods, so pods stay Pending): the
 * definitions, the chart's permissions and webhooks, and replicas as processes with the chart's ServiceAccount.
 */
import { randomUUID, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  V1ConfigMap,
  V1Deployment,
  V1MutatingWebhookConfiguration,
  V1ServiceAccount,
} from '@kubernetes/client-node';
import { dump } from 'js-yaml';
import { KubeClient } from '../../../webhook/kube/client.ts';
import { ApiServer } from '../../conformance/api.ts';
import { install } from '../../conformance/install.ts';
import { Companion, must } from '../../net/process.ts';
import { type Document, render } from '../chart/tools.ts';
import { eventually } from './ask.ts';
import { NAMESPACE, type Program, Replica, type ReplicaOptions } from './replica.ts';

/** Of replicas. */
const PORTS = [443, 8444];
export const IMAGE = 'localhost/weir:test';

export class Lab {
  readonly api: ApiServer;
  readonly client: KubeClient;
  readonly directory: string;
  readonly netns: string;
  readonly state: string;
  readonly #replicas: Replica[] = [];
  readonly #accountsKey: Buffer;
  readonly #accounts: Record<string, string> = {};

  readonly #bridge: Companion;
  #apiServer: Companion | undefined;
  #program: Program = { flags: [], env: {} };
  /** Of the chart. */
  webhooks: Document[] = [];

  private constructor(api: ApiServer, state: string) {
    this.api = api;
    this.state = state;
    this.netns = `weir-test-${process.pid}`;
    this.directory = mkdtempSync(join(tmpdir(), 'weir-control-'));
    const ports = [6443, ...PORTS].map((port) => `${this.socket(port)}=${port}`);
    const script = join(import.meta.dirname, 'bridge.ts');
    this.#bridge = new Companion('bridge', [
      'nsenter',
      `--net=/run/netns/${this.netns}`,
      process.execPath,
      script,
      ...ports,
    ]);
    const file = (name: string) => readFileSync(join(state, name));
    this.#accountsKey = file('accounts.key');
    this.client = new KubeClient({
      host: 'localhost',
      port: 443,
      socketPath: this.socket(6443),
      servername: 'localhost',
      ca: file('ca.crt'),
      cert: file('admin.crt'),
      key: file('admin.key'),
    });
  }

  /** With everything of the chart that the control plane itself needs. Webhooks go to the replica at port 443. */
  static async start(): Promise<Lab> {
    const api = await ApiServer.start();
    const state = join(process.env.WEIR_CLUSTER_DIR ?? '/var/lib/weir-cluster', `run-test-${process.pid}`);
    const lab = new Lab(api, state);
    await lab.#bridge.line((line) => line === 'ready', 10_000);
    await install(api);
    await lab.namespace(NAMESPACE, {});
    const kinds = ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding', 'Service'];
    const documents = await render({});
    for (const document of documents) if (kinds.includes(document.kind) && !isHook(document)) await lab.put(document);
    lab.webhooks = documents.filter(({ kind }) => kind.endsWith('WebhookConfiguration'));
    for (const document of lab.webhooks) await lab.put(document);
    lab.#program = programOf(documents);
    // There is no proxy for Services here: the first replica has the Service's address for its own.
    const path = `/api/v1/namespaces/${NAMESPACE}/services/weir`;
    const { spec } = await lab.client.call<{ spec: { clusterIP: string } }>('GET', path);
    await must(['ip', '-n', lab.netns, 'address', 'add', `${spec.clusterIP}/32`, 'dev', 'lo']);
    return lab;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#replicas.map((replica) => replica.kill()));
    this.client.close();
    await this.#bridge.stop();
    await this.#apiServer?.stop(10_000);
    await this.api.stop();
    rmSync(this.directory, { recursive: true });
  }

  /** Where a port of the lab's network can be reached from here. */
  socket(port: number): string {
    return join(this.directory, `${port}.sock`);
  }

  /** A replica that is ready, when the API server asks it. */
  async replica(options: ReplicaOptions = {}): Promise<Replica> {
    const replica = new Replica(this.netns, this.#program, this.#files(await this.#token(), options), options);
    this.#replicas.push(replica);
    await replica.ready();
    await eventually(() => this.#isAsked(), 10_000, 'the API server to ask the webhooks');
    return replica;
  }

  /** Both configurations are seen together, or one after the other within milliseconds. */
  async #isAsked(): Promise<true | undefined> {
    const policies = '/apis/weir.dev/v1alpha1/namespaces/default/egresspolicies';
    const metadata = { name: 'probe' };
    const body = { apiVersion: 'weir.dev/v1alpha1', kind: 'EgressPolicy', metadata, spec: { egress: [] } };
    await this.client.call('POST', policies, { body, query: { dryRun: 'All' } });
    const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/weir';
    const { webhooks } = await this.client.call<V1MutatingWebhookConfiguration>('GET', path);
    const { caBundle, service } = webhooks?.[0]?.clientConfig ?? {};
    return caBundle !== undefined && service?.path !== undefined ? true : undefined;
  }

  /** Ends the API server at once; what it gives starts the same one again, and waits until it answers. */
  async killApiServer(): Promise<() => Promise<void>> {
    const pid = Number(readFileSync(join(this.state, 'apiserver.pid'), 'utf8').split(' ')[0]);
    const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
    process.kill(pid, 'SIGKILL');
    return async () => {
      this.#apiServer = new Companion('apiserver', ['nsenter', `--net=/run/netns/${this.netns}`, ...argv]);
      // It answers for itself before it does for the definitions.
      const path = '/apis/weir.dev/v1alpha1/egresspolicies';
      const isUp = async () => ((await this.client.call('GET', path)) ? true : undefined);
      await eventually(isUp, 30_000, 'the API server');
    };
  }

  async namespace(name: string, labels: Record<string, string>): Promise<void> {
    await this.client.apply(`/api/v1/namespaces/${name}`, 'test', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels },
    });
    // Nobody here makes it, and pods are not admitted without.
    await this.client.apply(`/api/v1/namespaces/${name}/serviceaccounts/default`, 'test', {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'default', namespace: name },
    });
  }

  policy(namespace: string, name: string, spec: object): Promise<{ metadata: { generation: number } }> {
    const path = `/apis/weir.dev/v1alpha1/namespaces/${namespace}/egresspolicies/${name}`;
    const body = { apiVersion: 'weir.dev/v1alpha1', kind: 'EgressPolicy', metadata: { name, namespace }, spec };
    return this.client.apply(path, 'test', body);
  }

  /** `dry`: judged, and not kept. */
  pod(
    namespace: string,
    name: string,
    labels: Record<string, string> = {},
    dry = false,
  ): Promise<{ metadata: { uid: string } }> {
    const body = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, labels },
      spec: { containers: [{ name: 'app', image: 'localhost/none:1' }] },
    };
    const query = dry ? { query: { dryRun: 'All' } } : {};
    return this.client.call('POST', `/api/v1/namespaces/${namespace}/pods`, { body, timeoutMs: 60_000, ...query });
  }

  /** A token as the kubelet gets it for the sidecar of a pod, signed with the API server's own key. */
  async token(namespace: string, pod: string, uid: string, audience = 'weir.dev', seconds = 3600): Promise<string> {
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
    this.#accounts[namespace] ??= (await this.client.call<V1ServiceAccount>('GET', path)).metadata?.uid ?? '';
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: 'https://kubernetes.default.svc',
      sub: `system:serviceaccount:${namespace}:default`,
      aud: [audience],
      iat: now,
      nbf: now,
      exp: now + seconds,
      jti: randomUUID(),
      'kubernetes.io': {
        namespace,
        serviceaccount: { name: 'default', uid: this.#accounts[namespace] },
        pod: { name: pod, uid },
      },
    };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const text = `${part({ alg: 'ES256', typ: 'JWT' })}.${part(claims)}`;
    return `${text}.${sign('sha256', Buffer.from(text), { key: this.#accountsKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  }

  /** What sidecars of a namespace trust, PEM. */
  async bundle(namespace: string): Promise<string> {
    const path = `/api/v1/namespaces/${namespace}/configmaps/weir-ca`;
    return (await this.client.call<V1ConfigMap>('GET', path)).data?.['ca.crt'] ?? '';
  }

  async put(document: Document): Promise<void> {
    const { apiVersion, kind, metadata } = document;
    const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const plural = kind.endsWith('y') ? `${kind.slice(0, -1)}ies` : `${kind}s`;
    const place = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
    await this.client.apply(`${group}${place}/${plural.toLowerCase()}/${metadata.name}`, 'test', document);
  }

  async #token(): Promise<string> {
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 86_400 } };
    const path = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/weir/token`;
    return (await this.client.call<{ status: { token: string } }>('POST', path, { body })).status.token;
  }

  #files(token: string, { settings = {}, name = 'weir-0' }: ReplicaOptions): { kubeconfig: string; settings: string } {
    const ca = readFileSync(join(this.state, 'ca.crt')).toString('base64');
    const cluster = { server: 'https://127.0.0.1:6443', 'certificate-authority-data': ca };
    const kubeconfig = {
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user: { token } }],
    };
    const base = { image: { repository: 'localhost/weir', reference: IMAGE }, drainSeconds: 2 };
    const paths = {
      kubeconfig: join(this.directory, `${name}.kubeconfig`),
      settings: join(this.directory, `${name}.yaml`),
    };
    writeFileSync(paths.kubeconfig, dump(kubeconfig));
    writeFileSync(paths.settings, dump({ ...base, ...settings }));
    return paths;
  }
}

/** A labelled namespace in which nobody can write the ConfigMap of authorities, until its label `stuck` is another. */
export async function stuck(lab: Lab, name: string): Promise<void> {
  const group = 'admissionregistration.k8s.io/v1';
  const metadata = { name: `stuck-${name}` };
  const resourceRules = [
    { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE', 'UPDATE'] },
  ];
  const namespaceSelector = { matchLabels: { stuck: name } };
  const spec = { matchConstraints: { resourceRules, namespaceSelector }, validations: [{ expression: 'false' }] };
  await lab.client.apply(`/apis/${group}/validatingadmissionpolicies/${metadata.name}`, 'test', {
    apiVersion: group,
    kind: 'ValidatingAdmissionPolicy',
    metadata,
    spec,
  });
  await lab.client.apply(`/apis/${group}/validatingadmissionpolicybindings/${metadata.name}`, 'test', {
    apiVersion: group,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata,
    spec: { policyName: metadata.name, validationActions: ['Deny'] },
  });
  await lab.namespace(name, { stuck: name });
  // A binding is in force when the API server has seen it.
  await eventually(
    async () => {
      const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'probe' } };
      const made = lab.client.call('POST', `/api/v1/namespaces/${name}/configmaps`, { body, query: { dryRun: 'All' } });
      return made.then(
        () => undefined,
        () => true,
      );
    },
    10_000,
    'a namespace that takes no ConfigMap',
  );
  await lab.namespace(name, { stuck: name, 'weir.dev/inject': 'enabled' });
}

function isHook({ metadata }: Document): boolean {
  return metadata.annotations?.['helm.sh/hook'] !== undefined;
}

/** How the chart starts the control plane. */
function programOf(documents: readonly Document[]): Program {
  const deployment = documents.find(({ kind }) => kind === 'Deployment') as unknown as V1Deployment;
  const [container] = deployment.spec?.template.spec?.containers ?? [];
  const env = (container?.env ?? []).flatMap(({ name, value }) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return { flags: container?.command?.slice(1, -1) ?? [], env: Object.fromEntries(env) };
}
