/** The YAML that lets one request carry what a detector finds in it. Pure. */
import { parseDocuments } from '../crds/document.ts';
import type { RequestFacts, RuntimePolicy, RuntimeRule } from '../crds/runtime.ts';
import { suggestLookUp, suggestRule } from '../crds/suggest.ts';
import type { EgressPolicy } from '../crds/types.generated.ts';
import type { PolicySet } from './pod.ts';

/**
 * A rule for exactly this request, whose name puts it before the rule that admits it now, and a suppression for that rule
 * alone: a suppression for the wider rule would open all of its requests. Part of a policy, from `spec:` on; empty when no
 * rule can say the request.
 */
export function exceptionFor(
  facts: RequestFacts,
  detectors: readonly string[],
  admitting: RuntimeRule,
  policy: RuntimePolicy,
): string {
  const names = policy.rules.map(({ origin }) => origin.rule);
  const item = suggestRule({ ...facts, addressScope: admitting.addressScope }, names);
  const first = `0-${nameIn(item)}`.slice(0, 63).replace(/-+$/, '');
  if (item === '' || first >= admitting.origin.rule || names.includes(first)) return '';
  return partOf(item.replace(/- name: .*/, `- name: ${first}`), first, detectors);
}

/**
 * A rule that spells out a name, for its look-up alone, and a suppression for that rule: it counts for the very name, and
 * for no other under the same domain. Part of a policy, as above.
 */
export function lookUpExceptionFor(host: string, detectors: readonly string[], policy: RuntimePolicy): string {
  const item = suggestLookUp(
    host,
    policy.rules.map(({ origin }) => origin.rule),
  );
  return item === '' ? '' : partOf(item, nameIn(item), detectors);
}

function nameIn(item: string): string {
  return /- name: "?([^"\n]+)/.exec(item)?.[1] ?? '';
}

function partOf(item: string, name: string, detectors: readonly string[]): string {
  const suppressions = detectors.map((detector) => `    - {detector: ${detector}, rule: ${name}}\n`);
  return `spec:\n  egress:\n${item}  content:\n    suppressions:\n${suppressions.join('')}`;
}

/** The policies with such a part added to the one that a rule is from. */
export function withException(
  set: PolicySet,
  { kind, namespace, policy: name }: Omit<RuntimeRule['origin'], 'rule'>,
  part: string,
): PolicySet {
  const text = `apiVersion: weir.dev/v1alpha1\nkind: EgressPolicy\nmetadata: {name: part}\n${part}`;
  const detectors = [...part.matchAll(/detector: ([^,]+)/g)].map(([, detector = '']) => detector);
  const [added] = parseDocuments(text, 'exception', detectors).policies;
  const add = <T extends Pick<EgressPolicy, 'metadata' | 'spec'>>(policy: T): T => {
    const isMeant = policy.metadata.name === name && (policy.metadata.namespace ?? '') === namespace;
    if (!isMeant || !added) return policy;
    const { egress = [], content = {} } = policy.spec;
    const suppressions = [...(content.suppressions ?? []), ...(added.spec.content?.suppressions ?? [])];
    const spec = {
      ...policy.spec,
      egress: [...egress, ...(added.spec.egress ?? [])],
      content: { ...content, suppressions },
    };
    return { ...policy, spec };
  };
  return kind === 'EgressPolicy'
    ? { ...set, policies: set.policies.map(add) }
    : { ...set, clusterPolicies: set.clusterPolicies.map(add) };
}
