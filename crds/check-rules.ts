/** Rules: presets that exist, and how rules stand beside each other. For rules of the right shape. */
import { expandRule } from './expand.ts';
import { hostsOverlap } from './host-patterns.ts';
import { error, type Issue, nearest, warning } from './issues.ts';
import { findPreset, PRESET_NAMES } from './presets.ts';
import type { EgressPolicy, EgressRule } from './types.generated.ts';
import type { Path } from './yaml.ts';

const DNS_OVER_TLS_PORT = 853;

/** What one rule says beyond its definition; its hosts and its `http` are looked at apart. */
export function checkRule(rule: EgressRule, path: Path): Issue[] {
  const issues: Issue[] = [];
  const preset = rule.preset && findPreset(rule.preset.name);
  if (preset && preset.hosts.length === 0 && !rule.to?.hosts) {
    const at = [...path, 'to', 'hosts'];
    issues.push(error(at, `the preset ${preset.name} has no usual host`, 'add to: {hosts: [...]}'));
  }
  if (rule.preset && !preset) {
    const meant = nearest(rule.preset.name, PRESET_NAMES);
    issues.push(
      error(
        [...path, 'preset', 'name'],
        'there is no such preset',
        meant ? `did you mean ${meant}?` : `the presets are ${PRESET_NAMES.join(', ')}`,
      ),
    );
  }
  const opaque = rule.protocol === 'TLS' || rule.protocol === 'TCP';
  rule.to?.ports?.forEach((port, i) => {
    if (port === DNS_OVER_TLS_PORT && opaque)
      issues.push(warning([...path, 'to', 'ports', i], 'names asked over DNS over TLS are not judged'));
  });
  return issues;
}

/** Rules beside each other: one way of reading each destination. */
export function checkRules(rules: readonly EgressRule[], path: Path): Issue[] {
  const issues: Issue[] = [];
  const expanded = rules.map((rule) => ({ name: rule.name, target: expandRule(rule) }));
  expanded.forEach(({ target }, i) => {
    const other = expanded.slice(0, i).find(({ target: before }) => target && before && areMixed(target, before));
    if (!target || !other) return;
    issues.push(
      error(
        [...path, i],
        `${target.protocol} here and ${other.target?.protocol} in rule "${other.name}" are for the same host and port, and only one of them can be spoken there`,
        'use one protocol for the destination',
      ),
    );
  });
  return issues;
}

/**
 * The same over the policies of one namespace, which may or may not apply to the same pod: warnings, by policy. Where
 * both apply, the rule that looks at less is used while its budget lasts.
 */
export function checkBetween(policies: readonly EgressPolicy[]): Map<EgressPolicy, Issue[]> {
  const issues = new Map<EgressPolicy, Issue[]>();
  const before: { policy: EgressPolicy; rule: string; target: Target }[] = [];
  for (const policy of policies) {
    const own = (policy.spec.egress ?? []).map((rule) => ({ policy, rule: rule.name, target: expandRule(rule) }));
    own.forEach(({ target }, i) => {
      const other =
        target && before.find((earlier) => isSameNamespace(policy, earlier.policy) && areMixed(target, earlier.target));
      if (!other) return;
      const name = `${other.policy.metadata.name}/${other.rule}`;
      const message = `${target.protocol} here and ${other.target.protocol} in ${name} are for the same host and port; a pod with both relays it without judging its requests`;
      issues.set(policy, [
        ...(issues.get(policy) ?? []),
        warning(['spec', 'egress', i], message, 'use one protocol for the destination'),
      ]);
    });
    for (const { target, ...rest } of own) if (target) before.push({ ...rest, target });
  }
  return issues;
}

function isSameNamespace(a: EgressPolicy, b: EgressPolicy): boolean {
  return a.metadata.namespace === b.metadata.namespace;
}

type Target = NonNullable<ReturnType<typeof expandRule>>;

/** TCP is relayed without a look, TLS without decryption: neither can share a destination with what is read further. */
function areMixed(a: Target, b: Target): boolean {
  if (a.protocol === b.protocol) return false;
  const pair = new Set([a.protocol, b.protocol]);
  if (!pair.has('TCP') && !(pair.has('TLS') && pair.has('HTTPS'))) return false;
  return (
    a.ports.some((port) => b.ports.includes(port)) &&
    a.hosts.some((host) => b.hosts.some((other) => hostsOverlap(host, other)))
  );
}
