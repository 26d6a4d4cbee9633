/** A namespace of a test's own: made with or without Weir's label, gone with everything in it afterwards. */
import type { Outcome, RunOptions } from '../../net/process.ts';
import { kubectl, tryKubectl } from './cluster.ts';
import { apply, get, type KubeObject, type Manifest, tryApply, until } from './objects.ts';
import * as pods from './pods.ts';

export interface NamespaceOptions {
  /** Whether Weir guards it. */
  inject: boolean;
  labels?: Readonly<Record<string, string>>;
}

export class Namespace {
  readonly name: string;

  private constructor(name: string) {
    this.name = name;
  }

  /** `title` is a few letters; what is added makes the name new. Its default ServiceAccount is there afterwards. */
  static async create(title: string, { inject, labels = {} }: NamespaceOptions): Promise<Namespace> {
    const name = `${title}-${Date.now().toString(36)}`;
    // Pod Security's baseline admits neither of Weir's capabilities: the guard holds the rest (docs/install.md).
    const level = { 'pod-security.kubernetes.io/enforce': 'privileged' };
    const own = inject ? { 'weir.dev/inject': 'enabled' } : {};
    await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { ...level, ...own, ...labels } } });
    await until(`ServiceAccount default of ${name}`, async () =>
      (await tryKubectl(['get', 'serviceaccount', 'default', '--namespace', name])).status === 0 ? true : undefined,
    );
    return new Namespace(name);
  }

  /** Does not wait: the name is not used again, and a namespace takes seconds to go. */
  async delete(): Promise<void> {
    await kubectl(['delete', 'namespace', this.name, '--ignore-not-found', '--wait=false']);
  }

  apply(...manifests: Manifest[]): Promise<void> {
    return apply(...manifests.map((manifest) => this.#own(manifest)));
  }

  tryApply(manifests: readonly Manifest[], options: { dryRun?: boolean } = {}): Promise<Outcome> {
    return tryApply(
      manifests.map((manifest) => this.#own(manifest)),
      options,
    );
  }

  /** An EgressPolicy of this spec. */
  policy(name: string, spec: Manifest): Promise<void> {
    return this.apply({ apiVersion: 'weir.dev/v1alpha1', kind: 'EgressPolicy', metadata: { name }, spec });
  }

  get(resource: string): Promise<KubeObject> {
    return get(resource, this.name);
  }

  kubectl(...args: string[]): Promise<string> {
    return kubectl([...args, '--namespace', this.name]);
  }

  /** Applies the pod and waits until it is ready. */
  async pod(name: string, options: pods.PodOptions = {}): Promise<KubeObject> {
    await this.apply(pods.pod(name, options));
    await pods.ready(this.name, name);
    return this.get(`pod/${name}`);
  }

  /** Applies a Job and waits until its pod has ended. */
  async job(name: string, options: pods.PodOptions = {}, seconds = 120): Promise<pods.Finished> {
    await this.apply(pods.job(name, options));
    return pods.finished(this.name, name, seconds);
  }

  exec(pod: string, argv: readonly string[], options: RunOptions & { container?: string } = {}): Promise<Outcome> {
    return pods.exec(this.name, pod, argv, options);
  }

  logs(pod: string, container = 'app', options: { previous?: boolean } = {}): Promise<string> {
    return pods.logs(this.name, pod, container, options);
  }

  events(kind: string, name: string): Promise<KubeObject[]> {
    return pods.eventsOf(this.name, kind, name);
  }

  #own(manifest: Manifest): Manifest {
    return { ...manifest, metadata: { ...(manifest.metadata as object), namespace: this.name } };
  }
}
