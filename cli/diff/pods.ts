/** The kinds of pods that two sets of policies tell apart: by namespace, its labels and the pod's own. Pure. */
import type { PodFields } from '../../crds/pod.ts';
import type { RuntimePolicy } from '../../crds/runtime.ts';
import type { PodSelector } from '../../crds/types.generated.ts';
import { compileFor, NAMESPACE_LABEL, type Pod, type PolicySet, podFieldsFor } from '../pod.ts';

/** Most combinations of labels that are tried. */
export const MAX_PODS = 1024;
/** The value of a label that no selector names. */
const OTHER = 'other';

export interface PodClass {
  /** The first such pod, with the fewest labels. */
  pod: Pod;
  before: RuntimePolicy;
  after: RuntimePolicy;
  fields: { before: PodFields; after: PodFields };
}

/** One pod of each class whose compiled policies are not the same text; `complete: false`: some labels were not combined. */
export function podClasses(
  before: PolicySet,
  after: PolicySet,
  asked: Pod,
): { classes: PodClass[]; complete: boolean } {
  const both: PolicySet = {
    policies: [...before.policies, ...after.policies],
    clusterPolicies: [...before.clusterPolicies, ...after.clusterPolicies],
  };
  const podSelectors = [...both.policies, ...both.clusterPolicies].map(({ spec }) => spec.podSelector);
  const labels: Pod[] = asked.labels ? [{ labels: asked.labels }] : combinations(podSelectors).map(asLabels);
  const spaces = namespaces(both, asked);
  const seen = new Set<string>();
  const classes: PodClass[] = [];
  const complete = labels.length * spaces.length <= MAX_PODS;
  const pods = spaces.flatMap((space) => labels.map((own) => ({ ...space, ...own })));
  for (const pod of pods.slice(0, MAX_PODS)) {
    const sides = { before: compileFor(before, pod).policy, after: compileFor(after, pod).policy };
    const fields = { before: podFieldsFor(before, pod), after: podFieldsFor(after, pod) };
    const key = [sides.before, sides.after, fields.before, fields.after].map(({ hash }) => hash).join(' ');
    if (seen.has(key)) continue;
    seen.add(key);
    classes.push({ pod, ...sides, fields });
  }
  return { classes, complete };
}

/** Namespaces with their labels: those that policies are in, and, when the cluster has policies, one that none is in. */
function namespaces(both: PolicySet, asked: Pod): Pod[] {
  const selectors = both.clusterPolicies.map(({ spec }) => spec.namespaceSelector);
  const named = both.policies.flatMap(({ metadata }) => metadata.namespace ?? []);
  const names = asked.namespace !== undefined ? [asked.namespace] : [...new Set(named)].sort();
  const labels: Pod[] = asked.namespaceLabels
    ? [{ namespaceLabels: asked.namespaceLabels }]
    : combinations(selectors, NAMESPACE_LABEL).map((own, _, all) => (all.length === 1 ? {} : { namespaceLabels: own }));
  const selected = selectors.flatMap((selector) => valuesOf(selector).get(NAMESPACE_LABEL) ?? []);
  const others =
    both.clusterPolicies.length > 0 && asked.namespace === undefined ? [...new Set([...selected, OTHER])] : [];
  const all = [...new Set([...names, ...others])];
  if (all.length === 0) return labels;
  return all.flatMap((namespace) => labels.map((own) => ({ namespace, ...own })));
}

/** Where no selector looks at labels, they are of no account. */
function asLabels(labels: Record<string, string>, _: number, all: readonly unknown[]): Pod {
  return all.length === 1 ? {} : { labels };
}

/** Every combination of the labels that selectors look at, fewest first. */
function combinations(selectors: readonly (PodSelector | undefined)[], without?: string): Record<string, string>[] {
  const values = new Map<string, Set<string>>();
  for (const selector of selectors) {
    for (const [key, some] of valuesOf(selector)) {
      if (key !== without) values.set(key, new Set([...(values.get(key) ?? []), ...some]));
    }
  }
  let all: Record<string, string>[] = [{}];
  for (const [key, some] of [...values].sort(([a], [b]) => (a < b ? -1 : 1))) {
    all = [...all, ...[...some].flatMap((value) => all.map((labels) => ({ ...labels, [key]: value })))];
    if (all.length > MAX_PODS) break;
  }
  return all.sort((a, b) => Object.keys(a).length - Object.keys(b).length);
}

/** The values of each label that a selector can tell apart, besides its absence. */
function valuesOf(selector: PodSelector | undefined): Map<string, string[]> {
  const values = new Map<string, string[]>();
  const add = (key: string, some: readonly string[]) => values.set(key, [...(values.get(key) ?? []), ...some]);
  for (const [key, value] of Object.entries(selector?.matchLabels ?? {})) add(key, [value]);
  for (const { key, operator, values: some = [] } of selector?.matchExpressions ?? []) {
    add(key, operator === 'In' ? some : [...some, OTHER]);
  }
  return values;
}
