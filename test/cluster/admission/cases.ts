/** The cases of `refused/` and `honest/`: pods as they are injected, and what is done to them. */
import { readdirSync, readFileSync } from 'node:fs';
import type { V1ContainerStateTerminated, V1ContainerStatus } from '@kubernetes/client-node';
import { load } from 'js-yaml';
import { NO_POD_FIELDS, type PodFields } from '../../../crds/injected.ts';
import { inject } from '../../../webhook/admission/mutate.ts';
import type { Pod } from '../../../webhook/admission/pod.ts';
import {
  type AdmissionSettings,
  DEFAULT_GUARD,
  DEFAULT_INIT_RESOURCES,
  DEFAULT_SIDECAR_RESOURCES,
} from '../../../webhook/admission/settings.ts';

export interface Change {
  /** Pointers (RFC 6901) and what is put there; missing parents are made, `-` appends. After `remove`. */
  set?: Record<string, unknown>;
  remove?: string[];
  /** Two pointers whose values change places. */
  swap?: [string, string];
}

export interface Refused extends Change {
  name: string;
  /** Default: create. */
  operation?: 'create' | 'update' | 'ephemeral' | 'connect' | 'binding' | 'namespace' | 'authorities' | 'token';
  subresource?: string;
  verb?: 'CREATE' | 'UPDATE' | 'DELETE' | 'DELETECOLLECTION';
  /** Of an ephemeral container: what the pod says of its init containers then. Default: STARTED. */
  statuses?: V1ContainerStatus[];
  /** Which honest pod it is done to. */
  base?: string;
  object?: Record<string, unknown>;
  /** Part of the path of a field that must be told. */
  path: string;
  /** Where injection, the guard of the webhook or the policies tell another field. */
  injectPath?: string;
  webhookPath?: string;
  policyPath?: string;
  /** The mutating webhook makes an honest pod of it, when it is there. */
  repaired?: boolean;
}

/** As the chart's defaults make them. */
export const SETTINGS: AdmissionSettings = {
  imageRepository: 'localhost/weir',
  image: 'localhost/weir:0.1.0',
  pullPolicy: 'IfNotPresent',
  sidecarResources: DEFAULT_SIDECAR_RESOURCES,
  initResources: DEFAULT_INIT_RESOURCES,
  controlPlane: 'https://10.96.0.7:443',
  controlName: 'weir.weir-system.svc',
  namespace: 'weir-system',
  user: 'system:serviceaccount:weir-system:weir',
  guard: DEFAULT_GUARD,
};

const status = (name: string, started: boolean, state: V1ContainerStatus['state'] = {}): V1ContainerStatus => ({
  name,
  started,
  state,
  ready: started,
  restartCount: 0,
  image: 'localhost/weir:0.1.0',
  imageID: '',
});

/** What the kubelet says of Weir's when the pod's own containers may start. */
export const STARTED: V1ContainerStatus[] = [
  status('weir-init', false, { terminated: { exitCode: 0, reason: 'Completed' } as V1ContainerStateTerminated }),
  status('weir', true, { running: {} }),
];

/** The pod at that time. */
export function withStatuses(pod: Pod, initContainerStatuses: V1ContainerStatus[] = STARTED): Pod {
  return { ...pod, status: { ...pod.status, initContainerStatuses } };
}

export interface Honest {
  pod: Pod;
  podFields: PodFields;
}

const read = (file: string): unknown => load(readFileSync(`${import.meta.dirname}/${file}`, 'utf8'));
const files = (directory: string) =>
  readdirSync(`${import.meta.dirname}/${directory}`)
    .filter((file) => file.endsWith('.yaml'))
    .toSorted();

export const HONEST: ReadonlyMap<string, Honest> = new Map(
  files('honest').map((file) => {
    const { pod, podFields = NO_POD_FIELDS } = read(`honest/${file}`) as { pod: Pod; podFields?: PodFields };
    return [file.replace('.yaml', ''), { pod: { apiVersion: 'v1', kind: 'Pod', ...pod }, podFields }];
  }),
);

export const REFUSED: readonly Refused[] = files('refused').flatMap((file) => read(`refused/${file}`) as Refused[]);

/** That pod in the namespace as injection makes it; it waits for a scheduler that does not come. */
export function injected(name: string, namespace: string): Pod {
  const { pod, podFields } = HONEST.get(name) as Honest;
  return inject(waiting(pod, namespace), SETTINGS, podFields).pod;
}

export function waiting(pod: Pod, namespace: string): Pod {
  return {
    ...pod,
    metadata: { ...pod.metadata, namespace },
    spec: { ...pod.spec, schedulerName: 'nobody' } as Pod['spec'],
  } as Pod;
}

/** A copy with the change made. */
export function changed<T>(document: T, { set = {}, remove = [], swap }: Change): T {
  const copy = structuredClone(document) as Node;
  for (const pointer of remove) put(copy, pointer, undefined);
  for (const [pointer, value] of Object.entries(set)) put(copy, pointer, value);
  if (swap) {
    const [a, b] = swap.map((pointer) => get(copy, pointer));
    put(copy, swap[0], b);
    put(copy, swap[1], a);
  }
  return copy as T;
}

type Node = Record<string, unknown> | unknown[];

const split = (pointer: string) =>
  pointer
    .slice(1)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));

function get(root: Node, pointer: string): unknown {
  return split(pointer).reduce<unknown>((node, name) => (node as Record<string, unknown>)[name], root);
}

function put(root: Node, pointer: string, value: unknown): void {
  const names = split(pointer);
  const last = names.pop() as string;
  let node: Node = root;
  names.forEach((name, i) => {
    const fields = node as Record<string, unknown>;
    fields[name] ??= (names[i + 1] ?? last) === '-' ? [] : {};
    node = fields[name] as Node;
  });
  if (!Array.isArray(node)) {
    if (value === undefined) delete node[last];
    else node[last] = value;
  } else if (value === undefined) node.splice(Number(last), 1);
  else node[last === '-' ? node.length : Number(last)] = value;
}
