/** What `weir explain` and `weir test` find out, apart from arguments and printing: the decision and what would change it. Pure. */
import type { Dropped } from '../crds/compile.ts';
import { parseDocuments } from '../crds/document.ts';
import { expandRule } from '../crds/expand.ts';
import { findPreset, PRESET_NAMES } from '../crds/presets.ts';
import type { RequestFacts, RuntimePolicy, RuntimeRule } from '../crds/runtime.ts';
import { suggestRule } from '../crds/suggest.ts';
import { Budgets, PolicyEngine } from '../sidecar/policy/index.ts';
import { withFindings } from './findings.ts';
import { type Answer, factsOf, judge } from './judge.ts';
import { compileFor, type Pod, type PolicySet } from './pod.ts';
import type { Question } from './question.ts';

/** Judges a question by policies, for one pod; `found`: detectors that found something in what is sent. */
export function answer(set: PolicySet, pod: Pod, question: Question, found: readonly string[] = []): Answer {
  const { policy, dropped } = compileFor(set, pod);
  const decided = judge(policy, question);
  const result = withFindings(withSuggestion(decided, set, pod, policy, question), set, pod, policy, question, found);
  if (dropped.length === 0) return result;
  const free = compileFor({ ...set, clusterPolicies: set.clusterPolicies.map(withoutConstraints) }, pod).policy;
  const matching = new Set(
    free.rules
      .filter((rule) => judge({ ...free, mode: 'Enforce', rules: [rule] }, question).decision === 'allow')
      .map(({ origin }) => originText(origin)),
  );
  return {
    ...result,
    dropped: dropped.map((each) => ({ ...each, matches: matching.has(originText(each.origin)) })),
  };
}

/** `EgressPolicy ci/web, rule npm`. */
export function originText({ kind, namespace, policy, rule }: Dropped['origin']): string {
  const name = namespace === '' ? policy : `${namespace}/${policy}`;
  return rule === undefined ? `${kind} ${name}` : `${kind} ${name}, rule ${rule}`;
}

function withoutConstraints(policy: PolicySet['clusterPolicies'][number]): PolicySet['clusterPolicies'][number] {
  const { constraints: _, ...spec } = policy.spec;
  return { ...policy, spec };
}

/** What would allow a denied question, or why nothing would. */
function withSuggestion(result: Answer, set: PolicySet, pod: Pod, policy: RuntimePolicy, question: Question): Answer {
  const { protocol, host, port } = question;
  if (result.decision === 'allow' || host === undefined || protocol === 'DNS') return result;
  const rule = policy.rules.find(({ id }) => id === result.rule);
  const isHttp = protocol === 'HTTPS' || protocol === 'HTTP';
  const facts = isHttp ? factsOf(question, protocol, host) : { protocol, host, port };
  const yaml = suggestRule(
    { ...facts, ...(rule && { addressScope: rule.addressScope }) },
    policy.rules.map(({ origin }) => origin.rule),
  );
  const presetHint = isHttp ? fittingPreset(factsOf(question, protocol, host)) : undefined;
  const refused = yaml === '' ? undefined : constraintOn(yaml, set, pod);
  return {
    ...result,
    ...(yaml !== '' && !refused && { suggestion: yaml }),
    ...(refused && { constraint: { ...refused.constraint, reason: refused.reason } }),
    ...(presetHint !== undefined && !refused && { presetHint }),
  };
}

/** The constraint that takes out an item of spec.egress, if one does. */
function constraintOn(yaml: string, set: PolicySet, pod: Pod): Dropped | undefined {
  if (set.clusterPolicies.length === 0) return undefined;
  const text = `apiVersion: weir.dev/v1alpha1\nkind: EgressPolicy\nmetadata: {name: suggested}\nspec:\n  egress:\n${yaml}`;
  const { policies } = parseDocuments(text, 'suggestion', []);
  return compileFor({ policies, clusterPolicies: set.clusterPolicies }, pod).dropped.find(
    ({ origin }) => origin.kind === 'EgressPolicy' && origin.rule !== undefined,
  );
}

/** A preset that is for this host and allows the request. */
function fittingPreset(facts: RequestFacts): string | undefined {
  return PRESET_NAMES.find((name) => {
    const expanded = findPreset(name)?.hosts.includes(facts.host) && expandRule({ name, preset: { name } });
    if (!expanded) return false;
    const rule: RuntimeRule = {
      id: name,
      origin: { kind: 'EgressPolicy', namespace: '', policy: name, rule: name, preset: name },
      ...expanded,
    };
    const engine = new PolicyEngine(policyOf(rule), new Budgets());
    return engine.decideRequest(facts).allow;
  });
}

function policyOf(rule: RuntimeRule): RuntimePolicy {
  return {
    schema: 1,
    hash: '',
    mode: 'Enforce',
    policies: [rule.id],
    rules: [rule],
    dns: { queryTypes: ['A'], denied: 'Explain', budget: 0 },
    content: { disabledDetectors: [], homeHosts: [], suppressions: [] },
  };
}
