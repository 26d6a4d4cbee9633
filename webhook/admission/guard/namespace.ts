/** The label that puts a namespace under guard: on by whoever may label it, off by permission alone. */
import { NAMESPACE_LABEL, NAMESPACE_LABEL_VALUE } from '../../../crds/injected.ts';
import type { Refusal } from '../refusal.ts';

/** The permission that takes the label off: `opt-out` on this resource, by the namespace's name. */
export const OPT_OUT = { verb: 'opt-out', group: 'weir.dev', resource: 'namespaces' } as const;

interface Namespace {
  metadata?: { labels?: Record<string, string> };
}

/** Whether the change takes a namespace from under the guard. */
export function isOptingOut(now: Namespace | undefined, old: Namespace | undefined): boolean {
  return isGuarded(old) && !isGuarded(now);
}

function isGuarded(namespace: Namespace | undefined): boolean {
  return namespace?.metadata?.labels?.[NAMESPACE_LABEL] === NAMESPACE_LABEL_VALUE;
}

export function optOutRefusal(user: string): Refusal {
  return {
    path: `metadata.labels{${NAMESPACE_LABEL}}`,
    message: `must stay ${NAMESPACE_LABEL_VALUE}: ${user} may not take a namespace from under the guard; ask someone with the verb ${OPT_OUT.verb} on ${OPT_OUT.resource}.${OPT_OUT.group} (ClusterRole weir-opt-out)`,
  };
}
