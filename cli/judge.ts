/** What a compiled policy says of a question, with every rule's reason. Pure. */
import type { Dropped } from '../crds/compile.ts';
import { hostMatches } from '../crds/host-patterns.ts';
import { REASONS } from '../crds/reasons.ts';
import type { Denial, Reason, RequestFacts, RuntimePolicy, RuntimeRule } from '../crds/runtime.ts';
import { Budgets, deny, PolicyEngine } from '../sidecar/policy/index.ts';
import { affinity, whyNot } from './near.ts';
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
  /** What was found in the content and stands. */
  found?: string[];
  /** Part of a policy, from `spec:` on, that would allow it with what was found, and the policy to add it to. */
  exception?: { policy: string; yaml: string };
}

/** The decision, with every rule's reason. */
export function judge(policy: RuntimePolicy, question: Question): Answer {
  const { protocol, host, port } = question;
  if (host === undefined) return denied(deny('destination.unknown', undefined, question.shownHost), []);
  const engine = new PolicyEngine(policy, new Budgets());
  if (protocol === 'DNS') return lookUp(engine, host, question);
  const connection = engine.decideConnection(host, port);
  if (connection.kind === 'opaque')
    return allowed(connection.rule, 'TCP rules relay without a look; what is sent counts against limits.uploadSize');
  if (protocol === 'TCP')
    return opaqueDenial(policy, question, host, connection.kind === 'deny' ? connection.denial : undefined);
  const hello = protocol === 'HTTP' ? undefined : engine.decideHello(host, port, { serverName: host, hasEch: false });
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

function lookUp(engine: PolicyEngine, host: string, question: Question): Answer {
  const verdict = engine.decideName(host, 'A');
  if (verdict.allow && !verdict.audit)
    return allowed(verdict.rule, 'the name is looked up; what is sent to it is judged apart');
  const perRule = engine.policy.rules.map(({ id }) => ({ rule: id, reason: 'host.not-allowed' as const }));
  const denial = verdict.allow ? (verdict.audit as Denial) : verdict;
  return {
    ...denied(denial, nearestFirst(engine.policy, question, host, perRule)),
    decision: verdict.allow ? 'would-deny' : 'deny',
  };
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
