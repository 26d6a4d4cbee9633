/** The whole check of one policy: what `weir check` tells and what admission refuses. */

import { checkContent } from './check-content.ts';
import { checkHosts } from './check-hosts.ts';
import { checkHttp } from './check-http.ts';
import { checkRule, checkRules } from './check-rules.ts';
import type { Issue } from './issues.ts';
import type { Kind } from './kinds.ts';
import { checkSelector } from './selector.ts';
import { checkStructure } from './structure.ts';
import type { ContentRules, EgressRule, HttpRule, PodSelector } from './types.generated.ts';
import type { Path } from './yaml.ts';

/** With more faults of shape than this there is no point in looking further, and it would take time. */
const MAX_FAULTS = 100;

/**
 * Problems of a policy; the schema's defaults are filled in on the way. The names of the detectors are an argument,
 * since the data plane owns them. Takes any plain data and never throws. The policy is valid when no issue is an error.
 */
export function validatePolicy(policy: unknown, detectorNames: readonly string[]): Issue[] {
  const issues = checkStructure(policy, kindOf(policy));
  if (issues.length > MAX_FAULTS) return issues;
  const faults = issues.map(({ path }) => path);
  /** Checks a part unless it has the wrong shape: itself, something in it, or something above it. */
  const check = (path: Path, look: (part: unknown) => Issue[]) => {
    const isFaulty = faults.some((fault) => fault.every((step, i) => i >= path.length || step === path[i]));
    const part = isFaulty ? undefined : partAt(policy, path);
    if (part !== undefined) issues.push(...look(part));
  };
  const egress = partAt(policy, ['spec', 'egress']);
  const rules: unknown[] = Array.isArray(egress) ? egress : [];
  check(['spec', 'podSelector'], (part) => checkSelector(part as PodSelector, ['spec', 'podSelector']));
  for (const i of rules.keys()) {
    const at: Path = ['spec', 'egress', i];
    const scope = partAt(policy, [...at, 'to', 'addressScope']) === 'Private' ? 'Private' : 'Public';
    const http = partAt(policy, [...at, 'http']);
    check(at, (part) => checkRule(part as EgressRule, at));
    check([...at, 'to', 'hosts'], (part) => checkHosts(part as string[], [...at, 'to', 'hosts'], scope));
    for (const j of Array.isArray(http) ? http.keys() : []) {
      check([...at, 'http', j], (part) => checkHttp(part as HttpRule, [...at, 'http', j]));
    }
  }
  check(['spec', 'egress'], (part) => checkRules(part as EgressRule[], ['spec', 'egress']));
  const ruleNames = rules
    .map((_, i) => partAt(policy, ['spec', 'egress', i, 'name']))
    .filter((name) => typeof name === 'string');
  check(['spec', 'content'], (part) =>
    checkContent(part as ContentRules, ruleNames, detectorNames, ['spec', 'content']),
  );
  return issues;
}

/** The kind that it says it is; anything else is held to the shape of an EgressPolicy. */
function kindOf(policy: unknown): Kind {
  return partAt(policy, ['kind']) === 'ClusterEgressPolicy' ? 'ClusterEgressPolicy' : 'EgressPolicy';
}

function partAt(root: unknown, path: Path): unknown {
  let part = root;
  for (const step of path) {
    if (typeof part !== 'object' || part === null || !Object.hasOwn(part, step)) return undefined;
    part = (part as Record<string | number, unknown>)[step];
  }
  return part;
}
