/** Pods of a namespace that Weir is not in, whatever they say of themselves, and that have not ended. */
import type { KubernetesListObject, V1Pod } from '@kubernetes/client-node';
import { INJECTED, INJECTED_LABEL_VALUE } from '../../crds/injected.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Cluster } from './cluster.ts';
import { type PodItem, trimPod } from './objects.ts';
import { PAGE_SIZE } from './reflector.ts';

/** Those with our label are watched, and the others are listed. One that is being deleted counts until it ends. Throws KubeError. */
export async function barePods(client: KubeClient, cluster: Cluster, namespace: string): Promise<PodItem[]> {
  const labelSelector = `${INJECTED}!=${INJECTED_LABEL_VALUE}`;
  const bare = [...cluster.pods.in(namespace)].filter((pod) => !pod.isInjected && !pod.isDone);
  let token: string | undefined;
  do {
    const query = { labelSelector, limit: String(PAGE_SIZE), ...(token && { continue: token }) };
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const page = await client.call<KubernetesListObject<V1Pod>>('GET', path, { query, timeoutMs: 3000 });
    for (const object of page.items) {
      const pod = trimPod(object, cluster.judge);
      if (pod && !pod.isInjected && !pod.isDone) bare.push(pod);
    }
    token = (page.metadata as { continue?: string } | undefined)?.continue;
  } while (token);
  return bare;
}
