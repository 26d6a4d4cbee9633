/** The whole check of one policy of either kind: what `weir check` tells and what admission refuses. */
import { checkCel } from './cel.ts';
import { checkContent, checkPattern } from './check-content.ts';
import { checkHosts } from './check-hosts.ts';
import { checkHttp } from './check-http.ts';
import { checkRule, checkRules } from './check-rules.ts';
import { normaliseHost } from './hosts.ts';
import { error, type Issue, nearest, warning } from './issues.ts';
import type { Kind } from './kinds.ts';
import type { AddressScope } from './runtime.ts';
import { SCHEMAS } from './schema.generated.ts';
import { checkStructure } from './structure.ts';
import type { ContentRules, EgressRule, HttpRule, SecretPattern } from './types.generated.ts';
import type { Path } from './yaml.ts';

/** With more faults of shape than this there is no point in looking further, and it would take time. */
const MAX_FAULTS = 100;

/**
 * Problems of a policy: of its shape, of the definition's rules, and what only Weir knows. The schema's defaults are filled
 * in on the way. The names of the detectors are an argument, since the data plane owns them. Takes any plain data and
 * never throws. The policy is valid when no issue is an error.
 */
export function validatePolicy(policy: unknown, detectorNames: readonly string[]): Issue[] {
  const kind = kindOf(policy);
  const found = checkStructure(policy, kind);
  if (found.length > MAX_FAULTS) return found;
  const faults = found.filter(({ severity }) => severity === 'error');
  // As in a cluster, a rule is evaluated on what a pattern or a bound refuses, and not on what cannot be read.
  const unread = faults.filter(({ keyword }) => ['type', 'required', 'enum'].includes(keyword)).map(({ path }) => path);
  const rules = checkCel(policy, SCHEMAS[kind], (path) => unread.some((fault) => meet(fault, path)));
  const broken: Issue[] = rules.map((issue) => ({ ...issue, ...fixOf(issue, policy) }));
  return [...found, ...broken, ...checkMeaning(policy, kind, faults, broken, detectorNames)];
}

/** What no definition says: names that must exist, hosts that are valid, rules that contradict each other. */
function checkMeaning(
  policy: unknown,
  kind: Kind,
  faults: readonly Issue[],
  broken: readonly Issue[],
  detectorNames: readonly string[],
): Issue[] {
  const issues: Issue[] = [];
  const isAmong = (path: Path, known: readonly Issue[]) => known.some((fault) => meet(fault.path, path));
  const isBroken = (path: Path) => isAmong(path, faults) || isAmong(path, broken);
  /** Looks at a part unless something is wrong with it, in it, or above it. */
  const check = (path: Path, look: (part: unknown) => Issue[]) => {
    const part = isBroken(path) ? undefined : partAt(policy, path);
    if (part !== undefined) issues.push(...look(part));
  };
  /** The same for a list of hosts, where one that is wrong does not hide the others. */
  const hosts = (path: Path, scope?: AddressScope) => {
    const list = partAt(policy, path);
    if (!Array.isArray(list)) return;
    const isSound = (i: number) => !isBroken([...path, i]);
    if (list.every((host, i) => typeof host === 'string' || !isSound(i)))
      issues.push(...checkHosts(list, path, scope, isSound));
  };
  const egress: Path = ['spec', 'egress'];
  for (const i of indices(policy, egress)) {
    const at = [...egress, i];
    const scope = partAt(policy, [...at, 'to', 'addressScope']) === 'Private' ? 'Private' : 'Public';
    check(at, (part) => checkRule(part as EgressRule, at));
    hosts([...at, 'to', 'hosts'], scope);
    for (const j of indices(policy, [...at, 'http'])) {
      check([...at, 'http', j], (part) => checkHttp(part as HttpRule, [...at, 'http', j]));
    }
  }
  check(egress, (part) => checkRules(part as EgressRule[], egress));
  const content: Path = ['spec', 'content'];
  // A suppression of a rule that does not exist is still one of a detector that has to.
  const rules = partAt(policy, content);
  if (rules !== undefined && !isAmong(content, faults))
    issues.push(...checkContent(rules as ContentRules, detectorNames, content));
  for (const list of ['homeHosts', 'suppressions']) {
    for (const i of indices(policy, [...content, list])) hosts([...content, list, i, 'hosts']);
  }
  for (const i of indices(policy, [...content, 'patterns'])) {
    const at = [...content, 'patterns', i];
    check(at, (part) => checkPattern(part as SecretPattern, at));
    hosts([...at, 'hosts']);
  }
  for (const list of ['allowedHosts', 'deniedHosts']) hosts(['spec', 'constraints', list]);
  if (kind === 'ClusterEgressPolicy')
    check(['metadata', 'namespace'], () => [
      error(['metadata', 'namespace'], 'a ClusterEgressPolicy is in no namespace', 'remove it'),
    ]);
  check(['status'], () => [
    {
      ...warning(['status'], 'status is written by Weir alone, so a cluster leaves this one out', 'remove it'),
      atKey: true,
    },
  ]);
  return issues;
}

/** What to write instead, where a rule of the definition is broken whose message is the same for all values. */
function fixOf({ path }: Issue, policy: unknown): { fix?: string } {
  const value = partAt(policy, path);
  const list = path.at(-2);
  if (typeof value === 'string' && (list === 'hosts' || list === 'allowedHosts' || list === 'deniedHosts')) {
    const host = normaliseHost(value);
    return 'fix' in host && host.fix !== undefined ? { fix: host.fix } : {};
  }
  if (path.at(-1) !== 'suppressions') return {};
  const egress = partAt(policy, ['spec', 'egress']);
  const names = (Array.isArray(egress) ? (egress as EgressRule[]) : []).map(({ name }) => name);
  const unknown = (value as { rule: string }[]).map(({ rule }) => rule).find((rule) => !names.includes(rule));
  const meant = unknown === undefined ? undefined : nearest(unknown, names);
  return meant === undefined ? {} : { fix: `did you mean ${meant}?` };
}

/** The kind that it says it is; anything else is held to the shape of an EgressPolicy. */
function kindOf(policy: unknown): Kind {
  return partAt(policy, ['kind']) === 'ClusterEgressPolicy' ? 'ClusterEgressPolicy' : 'EgressPolicy';
}

/** Whether one path leads to the other or beyond it. */
function meet(a: Path, b: Path): boolean {
  return a.every((step, i) => i >= b.length || step === b[i]);
}

function indices(policy: unknown, path: Path): number[] {
  const list = partAt(policy, path);
  return Array.isArray(list) ? [...list.keys()] : [];
}

function partAt(root: unknown, path: Path): unknown {
  let part = root;
  for (const step of path) {
    if (typeof part !== 'object' || part === null || !Object.hasOwn(part, step)) return undefined;
    part = (part as Record<string | number, unknown>)[step];
  }
  return part;
}
