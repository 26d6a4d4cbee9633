/** What `weir explain` and `weir test` find out, apart from arguments and printing. Pure. */
import type { Dropped } from '../crds/compile.ts';
import { parseDocuments } from '../crds/document.ts';
import { expandRule } from '../crds/expand.ts';
import { hostMatches } from '../crds/hosts.ts';
import { findPreset, PRESET_NAMES } from '../crds/presets.ts';
import { REASONS } from '../crds/reasons.ts';
import type { Denial, Reason, RequestFacts, RuntimePolicy, RuntimeRule } from '../crds/runtime.ts';
import { suggestRule } from '../crds/suggest.ts';
import { Budgets, deny, PolicyEngine } from '../sidecar/policy/index.ts';
import { affinity, whyNot } from './near.ts';
import { compileFor, type Pod, type PolicySet } from './pod.ts';
import type { Question } from './question.ts';

export interface RuleAnswer {
  rule: string;
  reason: Reason | 'matches';
  /** What the rule wants, beside what it was given. */
  detail?: string;
}

export interface Answer {
  decision: 'allow' | 'deny' | 'would-deny';
  /** The rule that allows it, or the nearest one. */
  rule?: string;
  preset?: string;
  reason?: Reason;
  help?: string;
  /** What happens to it, when it is not simply judged. */
  how?: string;
  /** The headers that an allowed request keeps, in lower case; absent: all of them. */
  forwardHeaders?: string[];
  /** Nearest first. */
  rules: RuleAnswer[];
  /** What constraints of the cluster took out of the policies; `matches`: it would allow the request. */
  dropped?: (Dropped & { matches: boolean })[];
  /** An item of spec.egress that would allow it. */
  suggestion?: string;
  /** Why no item of an EgressPolicy can allow it: the constraint of the cluster that would take it out. */
  constraint?: Dropped['constraint'] & { reason: string };
  /** A preset that would allow it. */
  presetHint?: string;
}

/** Judges a question by policies, for one pod. */
export function answer(set: PolicySet, pod: Pod, question: Question): Answer {
  const { policy, dropped } = compileFor(set, pod);
  const result = withSuggestion(judge(policy, question), set, pod, policy, question);
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

/** The decision, with every rule's reason. */
export function judge(policy: RuntimePolicy, question: Question): Answer {
  const { protocol, host, port } = question;
  if (host === undefined) return denied(deny('destination.unknown', undefined, question.shownHost), []);
  const engine = new PolicyEngine(policy, new Budgets());
  const connection = engine.decideConnection(host, port);
  if (connection.kind === 'opaque')
    return allowed(connection.rule, 'TCP rules relay without a look; what is sent counts against limits.uploadSize');
  if (protocol === 'TCP')
    return opaqueDenial(policy, question, host, connection.kind === 'deny' ? connection.denial : undefined);
  const hello = protocol === 'HTTP' ? undefined : engine.decideHello(host, port, host);
  if (hello?.kind === 'passthrough')
    return allowed(hello.rule, 'TLS rules relay undecrypted; what is sent counts against limits.uploadSize');
  if (protocol === 'TLS') {
    if (hello?.kind !== 'terminate' || connection.kind === 'deny') {
      return opaqueDenial(policy, question, host, hello?.kind === 'deny' ? hello.denial : undefined);
    }
    const rule = engine
      .name(host)
      .rules.find((candidate) => candidate.protocol === 'HTTPS' && candidate.ports.includes(port));
    return rule
      ? allowed(rule, 'HTTPS rules decrypt, and judge every request')
      : opaqueDenial(policy, question, host, undefined);
  }
  const { verdict, perRule } = engine.explainRequest(factsOf(question, protocol, host));
  const rules = nearestFirst(policy, question, host, perRule);
  if (verdict.allow && !verdict.audit) {
    const { forwardHeaders } = verdict.match ?? {};
    return { ...allowed(verdict.rule), ...(forwardHeaders && { forwardHeaders: [...forwardHeaders].sort() }), rules };
  }
  const denial = verdict.allow ? (verdict.audit as Denial) : verdict;
  return { ...denied(denial, rules), decision: verdict.allow ? 'would-deny' : 'deny' };
}

export function factsOf(question: Question, protocol: RequestFacts['protocol'], host: string): RequestFacts {
  const { shownHost: _, ...facts } = question;
  return { ...facts, protocol, host };
}

function allowed(rule: RuntimeRule | undefined, how?: string): Answer {
  return {
    decision: 'allow',
    ...(rule && { rule: rule.id }),
    ...(rule?.origin.preset !== undefined && { preset: rule.origin.preset }),
    ...(how !== undefined && { how }),
    rules: rule ? [{ rule: rule.id, reason: 'matches' }] : [],
  };
}

function denied(denial: Denial, rules: RuleAnswer[]): Answer {
  return {
    decision: 'deny',
    ...(denial.rule && { rule: denial.rule.id }),
    reason: denial.reason,
    help: REASONS[denial.reason].help,
    rules,
  };
}

function opaqueDenial(policy: RuntimePolicy, question: Question, host: string, given?: Denial): Answer {
  const reasons = policy.rules
    .map((rule) => ({ rule, reason: nearness(rule, host, question.port) }))
    .sort((a, b) => OPAQUE_STAGES.indexOf(b.reason) - OPAQUE_STAGES.indexOf(a.reason));
  const nearest = reasons[0]?.reason === 'protocol.not-allowed' ? reasons[0].rule : undefined;
  const denial = given ?? deny('protocol.not-allowed', nearest);
  const perRule = reasons.map(({ rule, reason }) => ({ rule: rule.id, reason }));
  return {
    ...denied(denial, nearestFirst(policy, question, host, perRule)),
    decision: policy.mode === 'Audit' && REASONS[denial.reason].audit === 'pass' ? 'would-deny' : 'deny',
  };
}

const OPAQUE_STAGES: readonly Reason[] = ['host.not-allowed', 'port.not-allowed', 'protocol.not-allowed'];

function nearness(rule: RuntimeRule, host: string, port: number): Reason {
  if (!rule.hosts.some((pattern) => hostMatches(pattern, host))) return 'host.not-allowed';
  return rule.ports.includes(port) ? 'protocol.not-allowed' : 'port.not-allowed';
}

/** With what each rule wants; those for other hosts by how much of their names is the same. */
function nearestFirst(
  policy: RuntimePolicy,
  question: Question,
  host: string,
  perRule: readonly { rule: string; reason: Reason | 'matches' }[],
): RuleAnswer[] {
  const byId = new Map(policy.rules.map((rule) => [rule.id, rule]));
  const near = (id: string) => affinity(byId.get(id) as RuntimeRule, host);
  const isFar = ({ reason }: { reason: string }) => reason === 'host.not-allowed';
  const far = perRule.filter(isFar).sort((a, b) => near(b.rule) - near(a.rule));
  return [...perRule.filter((each) => !isFar(each)), ...far].map(({ rule, reason }) => {
    const detail = reason === 'matches' ? '' : whyNot(byId.get(rule) as RuntimeRule, reason, question);
    return { rule, reason, ...(detail !== '' && { detail }) };
  });
}

/** What would allow a denied question, or why nothing would. */
function withSuggestion(result: Answer, set: PolicySet, pod: Pod, policy: RuntimePolicy, question: Question): Answer {
  const { protocol, host, port } = question;
  if (result.decision === 'allow' || host === undefined) return result;
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
