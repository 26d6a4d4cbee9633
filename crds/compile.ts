/** From the policies of a namespace, the cluster's and one pod to what its data plane enforces. Pure; the order of the input does not matter. */
import { canonicalHash } from './canonical.ts';
import {
  auditForbiddenBy,
  type Constraint,
  constraintOf,
  exceptionsForbiddenBy,
  mostLimits,
  tighten,
  violation,
} from './constraints.ts';
import { compileOpaque, compilePatterns, compileRefusals, DEFAULT_MAX_REFUSALS } from './content.ts';
import { expandHosts, expandRule } from './expand.ts';
import { isClusterPolicy, nameOf, type Policy } from './kinds.ts';
import { compileKnownSecrets, leavesOut } from './known-secrets.ts';
import {
  type HostPattern,
  type QueryType,
  RUNTIME_SCHEMA,
  type RuleOrigin,
  type RuntimePolicy,
  type RuntimeRule,
} from './runtime.ts';
import { policiesFor, type Selection } from './selector.ts';
import type { ClusterEgressPolicy, EgressPolicy } from './types.generated.ts';

/** What holds when no policy says otherwise. */
export const DNS_DEFAULTS: RuntimePolicy['dns'] = { queryTypes: ['A', 'AAAA'], denied: 'Explain', budget: 128 };

const QUERY_TYPES: readonly QueryType[] = ['A', 'AAAA', 'TXT', 'MX', 'SRV', 'CAA', 'NS', 'SOA', 'PTR'];

export type CompileOptions = Selection;

/** Something that a policy says and that a constraint of the cluster takes away. */
export interface Dropped {
  /** Without a rule: the policy's mode or its content rules. */
  origin: Omit<RuleOrigin, 'rule'> & { rule?: string };
  /** Which field of which ClusterEgressPolicy takes it away. */
  constraint: { policy: string; field: string };
  /** A sentence without a full stop, for the policy's author. */
  reason: string;
}

export interface Compiled {
  policy: RuntimePolicy;
  dropped: Dropped[];
}

/**
 * Compiles the policies that select a pod with these labels; `undefined` takes them all, as in local mode, where there is
 * no pod. Rules add up; of `dns` fields that are set, and of disabled detectors, the strictest applies; home hosts add up;
 * a suppression is for its own policy's rule; known secrets are
 * looked for unless every policy leaves them out; patterns add up, each with its own home hosts. A rule outside a constraint is left out whole, and limits are cut to it.
 * Takes validated policies; a rule that is not valid allows nothing.
 * Throws RangeError when two policies of one kind have the same namespace and name.
 */
export function compile(
  policies: readonly EgressPolicy[],
  podLabels: Readonly<Record<string, string>> | undefined,
  options: CompileOptions = {},
): RuntimePolicy {
  return compileAll(policies, podLabels, options).policy;
}

/** The same, with what constraints took away. */
export function compileAll(
  policies: readonly EgressPolicy[],
  podLabels: Readonly<Record<string, string>> | undefined,
  options: CompileOptions = {},
): Compiled {
  const { own, cluster } = policiesFor(policies, podLabels, options);
  const ownNamed = nameAll(own);
  const named = [...nameAll(cluster), ...ownNamed];
  const constraints = cluster
    .flatMap((policy) => constraintOf(policy) ?? [])
    .sort((a, b) => compare(a.policy, b.policy));
  const dropped: Dropped[] = [];
  const mode = compileMode(ownNamed, constraints, dropped);
  const rules = named.flatMap((each) => compileRules(each, constraints, dropped));
  const excepting = named.filter(({ policy }) => keepsExceptions(policy, constraints, dropped));
  const suppressions = excepting.flatMap(compileSuppressions);
  const onHosts = suppressions.flatMap(({ detector, hosts, rule }) => (hosts ? [{ detector, hosts, rule }] : []));
  const tightenOnly = constraints.some((constraint) => constraint.tightenOnly);
  // Here and below, fields are in the order of their names, in which they are hashed.
  const withoutHash: Omit<RuntimePolicy, 'hash'> = {
    content: {
      disabledDetectors: tightenOnly
        ? disabledByAll(own, cluster).filter((detector) => disabledByAll([], cluster).includes(detector))
        : disabledByAll(own, cluster),
      homeHosts: compileHomeHosts(excepting.map(({ policy }) => policy)),
      ...(onHosts.length > 0 && { hostSuppressions: onHosts }),
      knownSecrets: compileKnownSecrets(own, cluster, tightenOnly),
      maxRefusals: compileRefusals(own, cluster, tightenOnly),
      ...compileOpaque([...own, ...cluster]),
      patterns: compilePatterns([...own, ...cluster]),
      suppressions: suppressions.flatMap(({ detector, hosts, rule }) => (hosts ? [] : [{ detector, rule }])),
    },
    dns: compileDns([...own, ...cluster]),
    mode,
    policies: named.filter(({ policy }) => allows(policy)).map(({ fullName }) => fullName),
    rules,
    schema: RUNTIME_SCHEMA,
  };
  return { policy: { ...withoutHash, hash: canonicalHash(withoutHash) }, dropped };
}

/** Whether the policy can allow something: one that only constrains does not count as a policy for the pod. */
function allows(policy: Policy): boolean {
  return !isClusterPolicy(policy) || (policy.spec.egress ?? []).length > 0;
}

interface Named<P extends Policy = Policy> {
  policy: P;
  fullName: string;
  /** What rule ids start with: the name, with the namespace before it when the name alone is not unique. */
  id: string;
}

/** In the order of their names. All of one kind. */
function nameAll<P extends Policy>(policies: readonly P[]): Named<P>[] {
  const timesNamed = new Map<string, number>();
  for (const { metadata } of policies) timesNamed.set(metadata.name, (timesNamed.get(metadata.name) ?? 0) + 1);
  const named = policies.map((policy) => {
    const { name } = policy.metadata;
    const fullName = nameOf(policy);
    const isUnique = (timesNamed.get(name) ?? 0) === 1 && !isClusterPolicy(policy);
    return { policy, fullName, id: isUnique ? name : fullName };
  });
  named.sort((a, b) => compare(a.policy.metadata.name, b.policy.metadata.name) || compare(a.fullName, b.fullName));
  named.forEach(({ fullName }, i) => {
    if (i > 0 && named[i - 1]?.fullName === fullName) throw new RangeError(`two policies are named ${fullName}`);
  });
  return named;
}

/** Audit when every EgressPolicy is, and no constraint forbids it. */
function compileMode(
  own: readonly Named<EgressPolicy>[],
  constraints: readonly Constraint[],
  dropped: Dropped[],
): RuntimePolicy['mode'] {
  const audits = own.filter(({ policy }) => policy.spec.mode === 'Audit');
  const forbidding = auditForbiddenBy(constraints);
  if (forbidding) {
    const constraint = { policy: forbidding.policy, field: 'allowedModes' };
    const reason = 'the cluster allows Enforce alone, so the policy is enforced';
    for (const { policy } of audits) dropped.push({ origin: originOf(policy), constraint, reason });
  }
  return own.length > 0 && audits.length === own.length && !forbidding ? 'Audit' : 'Enforce';
}

function keepsExceptions(policy: Policy, constraints: readonly Constraint[], dropped: Dropped[]): boolean {
  const forbidding = exceptionsForbiddenBy(policy, constraints);
  if (!forbidding) return true;
  const { detectors, homeHosts = [], suppressions = [], knownSecrets, maxRefusals = 0 } = policy.spec.content ?? {};
  const excepted = (detectors?.disabled ?? []).length + homeHosts.length + suppressions.length;
  if (excepted > 0 || leavesOut(knownSecrets) || maxRefusals > DEFAULT_MAX_REFUSALS) {
    const constraint = { policy: forbidding.policy, field: 'content' };
    const reason = 'the cluster takes no exceptions from the inspection of content';
    dropped.push({ origin: originOf(policy), constraint, reason });
  }
  return false;
}

function originOf({ kind, metadata }: Policy): Dropped['origin'] {
  return { kind: kind as RuleOrigin['kind'], namespace: metadata.namespace ?? '', policy: metadata.name };
}

function compileRules({ policy, id }: Named, constraints: readonly Constraint[], dropped: Dropped[]): RuntimeRule[] {
  const owner = originOf(policy);
  const most = mostLimits(constraints);
  return [...(policy.spec.egress ?? [])]
    .sort((a, b) => compare(a.name, b.name))
    .flatMap((rule) => {
      const expanded = expandRule(rule);
      if (!expanded) return [];
      const { kind, namespace, policy: name } = owner;
      const origin: RuleOrigin = rule.preset
        ? { kind, namespace, policy: name, preset: rule.preset.name, rule: rule.name }
        : { kind, namespace, policy: name, rule: rule.name };
      for (const constraint of constraints) {
        const found = violation(expanded, constraint);
        if (!found) continue;
        dropped.push({ origin, constraint: { policy: constraint.policy, field: found.field }, reason: found.reason });
        return [];
      }
      const { addressScope, hosts, http, limits, ports, protocol } = expanded;
      return [
        {
          addressScope,
          hosts,
          http,
          id: `${id}/${rule.name}`,
          limits: tighten(limits, most),
          origin,
          ports,
          protocol,
        },
      ];
    });
}

function compileDns(policies: readonly Policy[]): RuntimePolicy['dns'] {
  const rules = policies.flatMap(({ spec }) => spec.dns ?? []);
  const typeSets: QueryType[][] = rules.flatMap(({ queryTypes }) => (queryTypes ? [queryTypes] : []));
  const budgets = rules.flatMap(({ budget }) => budget ?? []);
  const denials = rules.flatMap(({ denied }) => denied ?? []);
  return {
    budget: budgets.length === 0 ? DNS_DEFAULTS.budget : Math.min(...budgets),
    denied: denials.includes('NXDomain') ? 'NXDomain' : DNS_DEFAULTS.denied,
    queryTypes: QUERY_TYPES.filter((type) =>
      (typeSets.length === 0 ? [DNS_DEFAULTS.queryTypes] : typeSets).every((types) => types.includes(type)),
    ),
  };
}

/** Detectors that every EgressPolicy disables, and every ClusterEgressPolicy that says which are. */
function disabledByAll(own: readonly EgressPolicy[], cluster: readonly ClusterEgressPolicy[]): string[] {
  const saying = [...own, ...cluster.filter(({ spec }) => spec.content?.detectors)];
  const [first = [], ...others] = saying.map(({ spec }) => spec.content?.detectors?.disabled ?? []);
  return [...new Set(first)].filter((detector) => others.every((disabled) => disabled.includes(detector))).sort();
}

/** Of one policy. One whose hosts cannot be read is for none. */
function compileSuppressions({ policy, id }: Named): { detector: string; hosts?: HostPattern[]; rule: string }[] {
  return (policy.spec.content?.suppressions ?? [])
    .map(({ detector, hosts, rule }) => ({
      detector,
      ...(hosts && { hosts: expandHosts(hosts) ?? [] }),
      rule: `${id}/${rule}`,
    }))
    .sort((a, b) => compare(a.detector, b.detector) || compare(a.rule, b.rule));
}

function compileHomeHosts(policies: readonly Policy[]): RuntimePolicy['content']['homeHosts'] {
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
