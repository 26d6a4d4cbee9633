/** What is kept of what the publisher follows: enough to see whether it is as we write it. Pure. */
import type { KubernetesObject, V1ConfigMap } from '@kubernetes/client-node';
import { canonicalHash } from '../../crds/canonical.ts';
import type { Webhook } from '../server/admission-key.ts';
import type { Item } from '../watch/store.ts';

export interface ConfigMapItem extends Item {
  /** Of all that it says. */
  hash: string;
}

export interface WebhookItem extends Item {
  plural: 'mutatingwebhookconfigurations' | 'validatingwebhookconfigurations';
  webhook: Webhook;
  webhooks: { name: string; caBundle: string; path: string }[];
}

/** Equal for ConfigMaps that a pod reads alike, now and later: one that is immutable would not be read again. */
export function hashOf({ data = {}, binaryData = {}, immutable = false }: V1ConfigMap): string {
  return canonicalHash({ data, binaryData, immutable });
}

export function trimConfigMap(object: KubernetesObject): ConfigMapItem | undefined {
  const { metadata } = object;
  if (metadata?.name === undefined || metadata.uid === undefined || metadata.namespace === undefined) return undefined;
  const { name, namespace, uid, deletionTimestamp } = metadata;
  // One that is going away is as good as gone.
  const hash = deletionTimestamp === undefined ? hashOf(object as V1ConfigMap) : '';
  return { name, namespace, uid, version: hash, hash };
}

export function trimWebhooks(object: KubernetesObject, plural: WebhookItem['plural']): WebhookItem | undefined {
  const { metadata, webhooks = [] } = object as KubernetesObject & {
    webhooks?: { name: string; clientConfig?: { caBundle?: string; service?: { path?: string } } }[];
  };
  if (metadata?.name === undefined || metadata.uid === undefined) return undefined;
  const kept = webhooks.map(({ name, clientConfig }) => ({
    name,
    caBundle: clientConfig?.caBundle ?? '',
    path: clientConfig?.service?.path ?? '',
  }));
  const { name, uid } = metadata;
  const webhook = plural === 'mutatingwebhookconfigurations' ? 'mutate' : 'validate';
  return { namespace: plural, name, uid, version: canonicalHash(kept), plural, webhook, webhooks: kept };
}
