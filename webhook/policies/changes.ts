/** Which namespaces' pods may have another policy now. Changes that come together are told together. */
import { canonicalJson } from '../../crds/canonical.ts';
import type { Cluster } from '../watch/cluster.ts';

/** Milliseconds for which changes are gathered: `kubectl apply` of several policies is one change. */
export const COALESCE_MS = 50;
/** Stands for all namespaces. */
export const EVERYWHERE = '*';

type View = Pick<Cluster, 'namespaces' | 'policies' | 'clusterPolicies' | 'pods'>;

/** Calls `told` with namespaces (or EVERYWHERE) at most once in COALESCE_MS. */
export function onPolicyChanges(view: View, told: (namespaces: ReadonlySet<string>) => void): void {
  let pending: Set<string> | undefined;
  const mark = (namespace: string): void => {
    if (!pending) {
      pending = new Set();
      setTimeout(() => {
        const changed = pending ?? new Set<string>();
        pending = undefined;
        told(changed.has(EVERYWHERE) ? new Set([EVERYWHERE]) : changed);
      }, COALESCE_MS);
    }
    pending.add(namespace);
  };
  const isSame = (a: { uid: string; generation: number } | undefined, b: typeof a) =>
    a?.uid === b?.uid && a?.generation === b?.generation;
  view.policies.listen((after, before) => {
    if (!isSame(after, before)) mark((after ?? before)?.namespace ?? '');
  });
  view.clusterPolicies.listen((after, before) => {
    if (!isSame(after, before)) mark(EVERYWHERE);
  });
  view.namespaces.listen((after, before) => mark((after ?? before)?.name ?? ''));
  view.pods.listen((after, before) => {
    // A new pod has no waiter yet, and one that is gone has its own way out.
    const isChanged = after && before && canonicalJson(after.labels) !== canonicalJson(before.labels);
    if (isChanged) mark(after.namespace);
  });
}
