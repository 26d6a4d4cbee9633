/** The status of one policy, from what is known of it. Pure. */
import type { Dropped } from '../../crds/compile.ts';
import { type Issue, pathText } from '../../crds/issues.ts';
import type { EgressPolicy } from '../../crds/types.generated.ts';

export type Status = NonNullable<EgressPolicy['status']>;
export type Condition = NonNullable<Status['conditions']>[number];

/** Characters of a message. */
export const MAX_MESSAGE = 1024;
/** Pods, rules or problems that a message names; the rest are counted. */
export const MAX_NAMED = 3;

export interface PolicyFacts {
  generation: number;
  /** Errors of validation. */
  errors: readonly Issue[];
  /** What constraints take away from it. */
  dropped: readonly Dropped[];
  /** Pods that it selects. */
  matched: number;
  /** Of those, the ones that were admitted under other `pod` fields or Secrets. */
  stale: readonly string[];
  /** RFC 3339. */
  now: string;
}

/** `before`: the status as it is; a condition that stays as it was keeps its time. */
export function statusOf(before: Status | undefined, facts: PolicyFacts): Status {
  const conditions = [accepted(facts), resolvedRefs(facts), podsCurrent(facts)].map((condition): Condition => {
    const old = before?.conditions?.find(({ type }) => type === condition.type);
    const lastTransitionTime = old?.status === condition.status ? old.lastTransitionTime : facts.now;
    return { ...condition, observedGeneration: facts.generation, lastTransitionTime };
  });
  return { conditions, pods: { matched: facts.matched, current: facts.matched - facts.stale.length } };
}

type Judged = Omit<Condition, 'observedGeneration' | 'lastTransitionTime'>;

function accepted({ errors, dropped }: PolicyFacts): Judged {
  const type = 'Accepted';
  if (errors.length > 0) {
    const texts = errors.map(({ path, message, fix }) => `${pathText(path)}: ${message}${fix ? ` (${fix})` : ''}`);
    return { type, status: 'False', reason: 'Invalid', message: listed(texts, 'problem') };
  }
  if (dropped.length > 0) {
    const texts = dropped.map(
      ({ origin, constraint, reason }) =>
        `${origin.rule === undefined ? 'the policy' : `rule ${origin.rule}`}: ${reason} (${constraint.policy}, ${constraint.field})`,
    );
    return { type, status: 'False', reason: 'ConstraintViolated', message: listed([...new Set(texts)], 'constraint') };
  }
  return { type, status: 'True', reason: 'Valid', message: 'the policy is in force as written' };
}

/** Presets and detectors: the names that a policy refers to and that the control plane can look up. */
function resolvedRefs({ errors }: PolicyFacts): Judged {
  const type = 'ResolvedRefs';
  const unknown = errors.filter(
    ({ path }) => path.includes('preset') || path.at(-1) === 'detector' || path.includes('disabled'),
  );
  if (unknown.length > 0) {
    const texts = unknown.map(({ path, message }) => `${pathText(path)}: ${message}`);
    return { type, status: 'False', reason: 'NotFound', message: listed(texts, 'problem') };
  }
  return { type, status: 'True', reason: 'ResolvedRefs', message: 'presets and detectors that are named exist' };
}

function podsCurrent({ matched, stale }: PolicyFacts): Judged {
  const type = 'PodsCurrent';
  if (stale.length > 0) {
    const names = listed(stale, 'pod', ', ');
    const message = `what policies say under pod, or the pod's Secrets, changed after these were admitted: recreate ${names}`;
    return { type, status: 'False', reason: 'RecreateRequired', message: cut(message) };
  }
  const message = matched === 0 ? 'the policy selects no running pod' : 'all pods have the policy as written';
  return { type, status: 'True', reason: matched === 0 ? 'NoPods' : 'Current', message };
}

function listed(texts: readonly string[], noun: string, separator = '; '): string {
  const rest = texts.length - MAX_NAMED;
  const more = rest > 0 ? `${separator}and ${rest} more ${noun}${rest === 1 ? '' : 's'}` : '';
  return cut(texts.slice(0, MAX_NAMED).join(separator) + more);
}

function cut(text: string): string {
  return text.length <= MAX_MESSAGE ? text : `${text.slice(0, MAX_MESSAGE - 3)}...`;
}
