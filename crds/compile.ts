/** From the policies of a namespace and one pod to what its data plane enforces. Pure; the order of the input does not matter. */
import { canonicalHash } from './canonical.ts';
import { expandHosts, expandRule } from './expand.ts';
import { type QueryType, RUNTIME_SCHEMA, type RuntimePolicy, type RuntimeRule } from './runtime.ts';
import { selects } from './selector.ts';
import type { EgressPolicy } from './types.generated.ts';

/** What holds when no policy says otherwise. */
export const DNS_DEFAULTS: RuntimePolicy['dns'] = { queryTypes: ['A', 'AAAA'], denied: 'Explain', budget: 128 };

const QUERY_TYPES: readonly QueryType[] = ['A', 'AAAA', 'TXT', 'MX', 'SRV', 'CAA', 'NS', 'SOA', 'PTR'];

/**
 * Compiles the policies that select a pod with these labels; `undefined` takes them all, as in local mode, where there is
 * no pod. Rules add up; of `dns` fields that are set, and of disabled detectors, the strictest applies; home hosts add up;
 * a suppression is for its own policy's rule. Takes validated policies; a rule that is not valid allows nothing.
 * Throws RangeError when two policies have the same namespace and name.
 */
export function compile(
  policies: readonly EgressPolicy[],
  podLabels: Readonly<Record<string, string>> | undefined,
): RuntimePolicy {
  const selected = policies.filter(({ spec }) => podLabels === undefined || selects(spec.podSelector, podLabels));
  const named = nameAll(selected);
  const withoutHash: Omit<RuntimePolicy, 'hash'> = {
    schema: RUNTIME_SCHEMA,
    mode: selected.length > 0 && selected.every(({ spec }) => spec.mode === 'Audit') ? 'Audit' : 'Enforce',
    policies: named.map(({ fullName }) => fullName),
    rules: named.flatMap(({ policy, id }) => compileRules(policy, id)),
    dns: compileDns(selected),
    content: {
      disabledDetectors: disabledByAll(selected),
      homeHosts: compileHomeHosts(selected),
      suppressions: named.flatMap(({ policy, id }) =>
        (policy.spec.content?.suppressions ?? [])
          .map(({ detector, rule }) => ({ detector, rule: `${id}/${rule}` }))
          .sort((a, b) => compare(a.detector, b.detector) || compare(a.rule, b.rule)),
      ),
    },
  };
  return { ...withoutHash, hash: canonicalHash(withoutHash) };
}

interface Named {
  policy: EgressPolicy;
  fullName: string;
  /** What rule ids start with: the name, with the namespace before it when the name alone is not unique. */
  id: string;
}

function nameAll(policies: readonly EgressPolicy[]): Named[] {
  const timesNamed = new Map<string, number>();
  for (const { metadata } of policies) timesNamed.set(metadata.name, (timesNamed.get(metadata.name) ?? 0) + 1);
  const named = policies.map((policy) => {
    const { name } = policy.metadata;
    const fullName = nameOf(policy);
    return { policy, fullName, id: (timesNamed.get(name) ?? 0) > 1 ? fullName : name };
  });
  named.sort((a, b) => compare(a.policy.metadata.name, b.policy.metadata.name) || compare(a.fullName, b.fullName));
  named.forEach(({ fullName }, i) => {
    if (i > 0 && named[i - 1]?.fullName === fullName) throw new RangeError(`two policies are named ${fullName}`);
  });
  return named;
}

/** `namespace/name`, or the name alone outside a cluster. */
export function nameOf({ metadata }: EgressPolicy): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}

function compileRules(policy: EgressPolicy, id: string): RuntimeRule[] {
  const { name, namespace = '' } = policy.metadata;
  return [...(policy.spec.egress ?? [])]
    .sort((a, b) => compare(a.name, b.name))
    .flatMap((rule) => {
      const expanded = expandRule(rule);
      if (!expanded) return [];
      const origin: RuntimeRule['origin'] = { kind: 'EgressPolicy', namespace, policy: name, rule: rule.name };
      return [
        {
          id: `${id}/${rule.name}`,
          origin: rule.preset ? { ...origin, preset: rule.preset.name } : origin,
          ...expanded,
        },
      ];
    });
}

function compileDns(policies: readonly EgressPolicy[]): RuntimePolicy['dns'] {
  const rules = policies.flatMap(({ spec }) => spec.dns ?? []);
  const typeSets: QueryType[][] = rules.flatMap(({ queryTypes }) => (queryTypes ? [queryTypes] : []));
  const budgets = rules.flatMap(({ budget }) => budget ?? []);
  const denials = rules.flatMap(({ denied }) => denied ?? []);
  return {
    queryTypes: QUERY_TYPES.filter((type) =>
      (typeSets.length === 0 ? [DNS_DEFAULTS.queryTypes] : typeSets).every((types) => types.includes(type)),
    ),
    budget: budgets.length === 0 ? DNS_DEFAULTS.budget : Math.min(...budgets),
    denied: denials.includes('NXDomain') ? 'NXDomain' : DNS_DEFAULTS.denied,
  };
}

function disabledByAll(policies: readonly EgressPolicy[]): string[] {
  const [first = [], ...others] = policies.map(({ spec }) => spec.content?.detectors?.disabled ?? []);
  return [...new Set(first)].filter((detector) => others.every((disabled) => disabled.includes(detector))).sort();
}

function compileHomeHosts(policies: readonly EgressPolicy[]): RuntimePolicy['content']['homeHosts'] {
  const byDetector = new Map<string, string[]>();
  for (const { detector, hosts } of policies.flatMap(({ spec }) => spec.content?.homeHosts ?? [])) {
    byDetector.set(detector, [...(byDetector.get(detector) ?? []), ...hosts]);
  }
  return [...byDetector]
    .sort(([a], [b]) => compare(a, b))
    .map(([detector, hosts]) => ({ detector, hosts: expandHosts(hosts.filter((host) => expandHosts([host]))) ?? [] }));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
