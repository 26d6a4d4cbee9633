/** Labels and annotations: policies select by the one, and Weir itself writes some of both. */
import {
  INJECTED,
  INJECTED_LABEL_VALUE,
  INJECTION_VERSION,
  KEPT_ENV,
  OWN_PREFIX,
  POLICY_AT_ADMISSION,
} from '../../../crds/injected.ts';
import { isMirror, type Pod } from '../pod.ts';
import type { Refusal } from '../refusal.ts';
import { APPARMOR_ANNOTATION, RUNTIME_ANNOTATIONS } from './lists.ts';

type Marks = Readonly<Record<string, string>>;

const OWN_ANNOTATIONS: readonly string[] = [INJECTED, POLICY_AT_ADMISSION, KEPT_ENV];

/** Of a pod that is being made. */
export function marksRefusals(pod: Pod): Refusal[] {
  const { labels = {}, annotations = {} } = pod.metadata ?? {};
  const reserved = `keys that begin with ${OWN_PREFIX} are Weir's; remove it`;
  const missing = 'is missing: the pod is not injected, or another webhook removed it';
  return [
    ...(isMirror(pod)
      ? [
          {
            path: 'metadata.annotations{kubernetes.io/config.mirror}',
            message: "is a pod of the node's own files, which no webhook can inject; use a namespace without the label",
          },
        ]
      : []),
    ...(labels[INJECTED] === INJECTED_LABEL_VALUE ? [] : [{ path: `metadata.labels{${INJECTED}}`, message: missing }]),
    ...(annotations[INJECTED] === INJECTION_VERSION
      ? []
      : [{ path: `metadata.annotations{${INJECTED}}`, message: missing }]),
    ...Object.keys(labels)
      .filter((key) => isOwn(key) && key !== INJECTED)
      .map((key) => ({ path: `metadata.labels{${key}}`, message: reserved })),
    ...Object.keys(annotations)
      .filter((key) => isOwn(key) && !OWN_ANNOTATIONS.includes(key))
      .map((key) => ({ path: `metadata.annotations{${key}}`, message: reserved })),
    ...Object.entries(annotations)
      .filter(([key, value]) => isUnconfining(key, value))
      .map(([key]) => ({
        path: `metadata.annotations{${key}}`,
        message: 'gives devices or takes confinement away; remove it',
      })),
  ];
}

function isUnconfining(key: string, value: string): boolean {
  if (RUNTIME_ANNOTATIONS.some((prefix) => key.startsWith(prefix))) return true;
  return key.startsWith(APPARMOR_ANNOTATION) && !/^(?:runtime\/default|localhost\/.+)$/.test(value);
}

function isOwn(key: string): boolean {
  return key.startsWith(OWN_PREFIX);
}

/**
 * Of a pod that is being changed: ours stay as they are, and so do the labels that `selecting` names (undefined: all) of
 * an injected pod, for a pod must not choose its own policy.
 */
export function changedMarks(
  pod: Pod,
  old: Pod,
  isOldInjected: boolean,
  selecting: ReadonlySet<string> | undefined,
): Refusal[] {
  const labels = changedKeys(pod.metadata?.labels, old.metadata?.labels);
  const annotations = changedKeys(pod.metadata?.annotations, old.metadata?.annotations);
  return [
    ...labels
      .filter((key) => isOwn(key) || (isOldInjected && (selecting?.has(key) ?? true)))
      .map((key) => ({
        path: `metadata.labels{${key}}`,
        message: isOwn(key)
          ? 'is written at injection and must stay; leave it'
          : 'a policy may select by it, so it must stay in an injected pod; recreate the pod with the label that it should have',
      })),
    ...annotations.filter(isOwn).map((key) => ({
      path: `metadata.annotations{${key}}`,
      message: 'is written at injection and must stay; leave it',
    })),
  ];
}

function changedKeys(now: Marks = {}, old: Marks = {}): string[] {
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].filter((key) => now[key] !== old[key]).sort();
}
