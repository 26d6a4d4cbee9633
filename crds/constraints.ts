/** What a ClusterEgressPolicy lets other policies say. Every function here takes away, none adds. */
import { type ExpandedRule, expandHosts } from './expand.ts';
import { hostsOverlap, hostText } from './hosts.ts';
import { isClusterPolicy, nameOf, type Policy } from './kinds.ts';
import type { AddressScope, HostPattern, Mode, Protocol, RuntimeRule } from './runtime.ts';
import { parseSize } from './sizes.ts';
import type { ClusterEgressPolicy } from './types.generated.ts';

export interface Constraint {
  /** The ClusterEgressPolicy that sets it, as `nameOf` calls it. */
  policy: string;
  /** A host or a size in it is not valid: no rule is within it. */
  isBroken: boolean;
  hosts: HostPattern[] | undefined;
  deniedHosts: HostPattern[];
  modes: readonly Mode[] | undefined;
  protocols: readonly Protocol[] | undefined;
  scopes: readonly AddressScope[] | undefined;
  limits: RuntimeRule['limits'];
  tightenOnly: boolean;
}

/** `undefined` when the policy constrains nothing. */
export function constraintOf(policy: ClusterEgressPolicy): Constraint | undefined {
  const { constraints } = policy.spec;
  if (!constraints) return undefined;
  const { allowedHosts, deniedHosts = [], maxLimits } = constraints;
  const hosts = allowedHosts && expandHosts(allowedHosts);
  const denied = expandHosts(deniedHosts);
  const size = maxLimits?.uploadSize === undefined ? undefined : parseSize(maxLimits.uploadSize);
  return {
    policy: nameOf(policy),
    isBroken:
      (allowedHosts !== undefined && !hosts) || !denied || (maxLimits?.uploadSize !== undefined && size === undefined),
    hosts,
    deniedHosts: denied ?? [],
    modes: constraints.allowedModes,
    protocols: constraints.allowedProtocols,
    scopes: constraints.allowedAddressScopes,
    limits: {
      ...(size !== undefined && { uploadSize: size }),
      ...(maxLimits?.requests !== undefined && { requests: maxLimits.requests }),
    },
    tightenOnly: constraints.content === 'TightenOnly',
  };
}

/** Why the constraint does not admit the rule, and the field that says so; `undefined`: it does. */
export function violation(rule: ExpandedRule, constraint: Constraint): { field: string; reason: string } | undefined {
  const { hosts, deniedHosts, protocols, scopes } = constraint;
  if (constraint.isBroken) return { field: 'constraints', reason: 'the constraints of the cluster are not valid' };
  if (protocols && !protocols.includes(rule.protocol)) {
    return { field: 'allowedProtocols', reason: `the cluster allows ${listText(protocols)}, not ${rule.protocol}` };
  }
  if (scopes && !scopes.includes(rule.addressScope)) {
    return {
      field: 'allowedAddressScopes',
      reason: `the cluster allows ${listText(scopes)} addresses, not ${rule.addressScope}`,
    };
  }
  const outside = hosts && rule.hosts.find((host) => !hosts.some((allowed) => covers(allowed, host)));
  if (outside) return { field: 'allowedHosts', reason: `the cluster does not allow all of "${hostText(outside)}"` };
  for (const host of rule.hosts) {
    const denied = deniedHosts.find((other) => hostsOverlap(host, other));
    if (denied) return { field: 'deniedHosts', reason: deniedText(host, denied) };
  }
  return undefined;
}

/** The limits of a rule, no larger than the constraints' own. */
export function tighten(limits: RuntimeRule['limits'], constraints: readonly Constraint[]): RuntimeRule['limits'] {
  if (constraints.length === 0) return limits;
  const tightened: RuntimeRule['limits'] = {};
  for (const kind of ['requests', 'uploadSize'] as const) {
    const least = Math.min(
      ...[limits, ...constraints.map((each) => each.limits)].map((each) => each[kind] ?? Infinity),
    );
    if (least < Infinity) tightened[kind] = least;
  }
  return tightened;
}

/** The constraint that turns Audit into Enforce, if there is one. */
export function auditForbiddenBy(constraints: readonly Constraint[]): Constraint | undefined {
  return constraints.find(({ modes }) => modes && !modes.includes('Audit'));
}

/** The constraint that takes no exceptions from the content rules of this policy, if there is one. */
export function exceptionsForbiddenBy(policy: Policy, constraints: readonly Constraint[]): Constraint | undefined {
  return isClusterPolicy(policy) ? undefined : constraints.find(({ tightenOnly }) => tightenOnly);
}

/** Whether every host that `inner` names is named by `outer`. */
function covers(outer: HostPattern, inner: HostPattern): boolean {
  if (outer.name === inner.name) return outer.wildcard === inner.wildcard;
  return outer.wildcard && inner.name.endsWith(`.${outer.name}`);
}

function deniedText(host: HostPattern, denied: HostPattern): string {
  const [text, other] = [hostText(host), hostText(denied)];
  return text === other ? `the cluster denies "${other}"` : `the cluster denies "${other}", which "${text}" overlaps`;
}

function listText(values: readonly string[]): string {
  return values.join(' and ');
}
