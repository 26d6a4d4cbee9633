/** What else touches guarded pods: sessions into them, bindings, tokens of their sidecars, and the authorities they trust. */
import {
  CA_CONFIG_MAP,
  INIT_CONTAINER,
  OWN_PREFIX,
  SIDECAR_CONTAINER,
  TOKEN_AUDIENCE,
} from '../../../crds/injected.ts';
import type { Refusal } from '../refusal.ts';

/** Who may take the control plane's ConfigMap away: the controllers that empty a namespace. */
export const CLEANING_USERS: readonly string[] = [
  'system:serviceaccount:kube-system:generic-garbage-collector',
  'system:serviceaccount:kube-system:namespace-controller',
];

/** Labels that a Binding brings from the node to the pod. */
export const BINDING_LABELS: readonly string[] = ['topology.k8s.io/', 'topology.kubernetes.io/'];

/** CONNECT to a subresource of a pod in a labelled namespace. */
export function connectRefusals(subresource: string, options: { container?: string } | undefined): Refusal[] {
  if (subresource === 'exec' || subresource === 'attach') {
    const name = options?.container;
    if (name !== SIDECAR_CONTAINER && name !== INIT_CONTAINER) return [];
    return [{ path: 'container', message: `${name} is Weir's; name a container of the build` }];
  }
  const message =
    'connections into guarded pods are closed; use kubectl exec, cp or logs, or a namespace without the label';
  return [{ path: `pods/${subresource}`, message }];
}

interface Binding {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
}

/** A Binding's labels and annotations become the pod's. */
export function bindingRefusals({ metadata }: Binding): Refusal[] {
  const message = 'would become a mark of the pod that only injection writes; remove it';
  return [
    ...Object.keys(metadata?.labels ?? {})
      .filter((key) => !BINDING_LABELS.some((prefix) => key.startsWith(prefix)))
      .map((key) => ({ path: `metadata.labels{${key}}`, message })),
    ...Object.keys(metadata?.annotations ?? {})
      .filter((key) => key.startsWith(OWN_PREFIX))
      .map((key) => ({ path: `metadata.annotations{${key}}`, message })),
  ];
}

/** A token with the sidecar's audience is for the kubelet to ask, which does so for a running pod. */
export function tokenRefusals(request: { spec?: { audiences?: string[] } }, groups: readonly string[]): Refusal[] {
  if (!request.spec?.audiences?.includes(TOKEN_AUDIENCE) || groups.includes('system:nodes')) return [];
  return [{ path: 'spec.audiences', message: `${TOKEN_AUDIENCE} is the sidecar's own audience; ask for another` }];
}

/**
 * The ConfigMap of authorities in a labelled namespace. `map`: as it will be, or was. Its own name counts: a request
 * that deletes a collection has none.
 */
export function authorityRefusals(
  operation: string,
  map: { metadata?: { name?: string } } | null | undefined,
  user: string,
  controlPlane: string,
): Refusal[] {
  if (map?.metadata?.name !== CA_CONFIG_MAP || user === controlPlane) return [];
  if (operation === 'DELETE' && CLEANING_USERS.includes(user)) return [];
  const message = `${CA_CONFIG_MAP} holds the authorities that sidecars trust and is the control plane's; leave it`;
  return [{ path: 'metadata.name', message }];
}
