/** What a ClusterEgressPolicy lets other policies say. Every function here takes away, none adds. */
import { type ExpandedRule, expandHosts } from './expand.ts';
import { hostsOverlap, hostText } from './host-patterns.ts';
import { isClusterPolicy, nameOf, type Policy } from './kinds.ts';
import type { AddressScope, HostPattern, Mode, Protocol, RuntimeRule } from './runtime.ts';
import { parseSize } from './sizes.ts';
import type { ClusterEgressPolicy } from './types.generated.ts';

export interface Constraint {
  /** The ClusterEgressPolicy that sets it, as `nameOf` calls it. */
  policy: string;
  /** A host or a size in it is not valid: no rule is within it. */
  isBroken: boolean;
  hosts: HostSet | undefined;
  deniedHosts: HostSet;
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
  const uploadSize = sizeOf(maxLimits?.uploadSize);
  const newTextSize = sizeOf(maxLimits?.newTextSize);
  return {
    policy: nameOf(policy),
    isBroken:
      (allowedHosts !== undefined && !hosts) || !denied || uploadSize === 'invalid' || newTextSize === 'invalid',
    hosts: hosts && new HostSet(hosts),
    deniedHosts: new HostSet(denied ?? []),
    modes: constraints.allowedModes,
    protocols: constraints.allowedProtocols,
    scopes: constraints.allowedAddressScopes,
    limits: {
      ...(typeof newTextSize === 'number' && { newTextSize }),
      ...(typeof uploadSize === 'number' && { uploadSize }),
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
  const outside = hosts && rule.hosts.find((host) => !hosts.covers(host));
  if (outside) return { field: 'allowedHosts', reason: `the cluster does not allow all of "${hostText(outside)}"` };
  for (const host of rule.hosts) {
    const denied = deniedHosts.overlapping(host);
    if (denied) return { field: 'deniedHosts', reason: deniedText(host, denied) };
  }
  return undefined;
}

/** The least of the constraints' limits: what a rule may spend at most. */
export function mostLimits(constraints: readonly Constraint[]): RuntimeRule['limits'] {
  return constraints.reduce<RuntimeRule['limits']>((most, { limits }) => tighten(most, limits), {});
}

/** Limits that are as small as both. */
export function tighten(limits: RuntimeRule['limits'], most: RuntimeRule['limits']): RuntimeRule['limits'] {
  const newTextSize = least(limits.newTextSize, most.newTextSize);
  const requests = least(limits.requests, most.requests);
  const uploadSize = least(limits.uploadSize, most.uploadSize);
  return {
    ...(newTextSize !== undefined && { newTextSize }),
    ...(requests !== undefined && { requests }),
    ...(uploadSize !== undefined && { uploadSize }),
  };
}

function sizeOf(text: string | number | undefined): number | 'invalid' | undefined {
  return text === undefined ? undefined : (parseSize(text) ?? 'invalid');
}

function least(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

/** The constraint that turns Audit into Enforce, if there is one. */
export function auditForbiddenBy(constraints: readonly Constraint[]): Constraint | undefined {
  return constraints.find(({ modes }) => modes && !modes.includes('Audit'));
}

/** The constraint that takes no exceptions from the content rules of this policy, if there is one. */
export function exceptionsForbiddenBy(policy: Policy, constraints: readonly Constraint[]): Constraint | undefined {
  return isClusterPolicy(policy) ? undefined : constraints.find(({ tightenOnly }) => tightenOnly);
}

/** Host patterns, found by the labels of a host. */
class HostSet {
  readonly #patterns: readonly HostPattern[];
  readonly #exact: ReadonlySet<string>;
  readonly #wildcards: ReadonlySet<string>;

  constructor(patterns: readonly HostPattern[]) {
    const names = (wildcards: boolean) =>
      patterns.filter(({ wildcard }) => wildcard === wildcards).map(({ name }) => name);
    this.#patterns = patterns;
    this.#exact = new Set(names(false));
    this.#wildcards = new Set(names(true));
  }

  /** Whether one of them names every host that `host` names. */
  covers({ name, wildcard }: HostPattern): boolean {
    if ((wildcard ? this.#wildcards : this.#exact).has(name)) return true;
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
      if (this.#wildcards.has(name.slice(dot + 1))) return true;
    }
    return false;
  }

  /** One of them that names a host that `host` names. */
  overlapping(host: HostPattern): HostPattern | undefined {
    if (!host.wildcard && !this.covers(host)) return undefined;
    return this.#patterns.find((pattern) => hostsOverlap(host, pattern));
  }
}

function deniedText(host: HostPattern, denied: HostPattern): string {
  const [text, other] = [hostText(host), hostText(denied)];
  return text === other ? `the cluster denies "${other}"` : `the cluster denies "${other}", which "${text}" overlaps`;
}

function listText(values: readonly string[]): string {
  return values.join(' and ');
}
