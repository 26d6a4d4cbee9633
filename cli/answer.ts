/** What `weir explain` finds out, apart from arguments and printing. Pure. */
import { expandRule } from '../crds/expand.ts';
import { hostMatches } from '../crds/hosts.ts';
import { findPreset, PRESET_NAMES } from '../crds/presets.ts';
import { REASONS } from '../crds/reasons.ts';
import type { Denial, Protocol, Reason, RequestFacts, RuntimePolicy, RuntimeRule } from '../crds/runtime.ts';
import { suggestRule } from '../crds/suggest.ts';
import { Budgets, deny, PolicyEngine } from '../sidecar/policy/index.ts';

export interface Question extends Omit<RequestFacts, 'protocol' | 'host'> {
  protocol: Protocol;
  /** Normalised; absent when it is an address or not a host. */
  host: string | undefined;
  /** As it was asked. */
  shownHost: string;
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
  /** Nearest first. */
  rules: { rule: string; reason: Reason | 'matches' }[];
  /** An item of spec.egress that would allow it. */
  suggestion?: string;
  /** A preset that would allow it. */
  presetHint?: string;
}

export function answer(policy: RuntimePolicy, question: Question): Answer {
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
  const facts: RequestFacts = { ...factsOf(question), protocol, host };
  const { verdict, perRule } = engine.explainRequest(facts);
  if (verdict.allow && !verdict.audit) return { ...allowed(verdict.rule), rules: perRule };
  const denial = verdict.allow ? (verdict.audit as Denial) : verdict;
  const presetHint = fittingPreset(facts);
  return {
    ...denied(denial, perRule),
    decision: verdict.allow ? 'would-deny' : 'deny',
    ...suggestion(policy, { ...facts, ...scopeOf(denial.rule) }),
    ...(presetHint !== undefined && { presetHint }),
  };
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

function denied(denial: Denial, rules: Answer['rules']): Answer {
  return {
    decision: 'deny',
    ...(denial.rule && { rule: denial.rule.id }),
    reason: denial.reason,
    help: REASONS[denial.reason].help,
    rules,
  };
}

function opaqueDenial(policy: RuntimePolicy, question: Question, host: string, given?: Denial): Answer {
  const rules = policy.rules
    .map((rule) => ({ rule, reason: nearness(rule, host, question.port) }))
    .sort((a, b) => OPAQUE_STAGES.indexOf(b.reason) - OPAQUE_STAGES.indexOf(a.reason));
  const nearest = rules[0]?.reason === 'protocol.not-allowed' ? rules[0].rule : undefined;
  const denial = given ?? deny('protocol.not-allowed', nearest);
  const facts = { protocol: question.protocol, host, port: question.port, ...scopeOf(denial.rule) };
  return {
    ...denied(
      denial,
      rules.map(({ rule, reason }) => ({ rule: rule.id, reason })),
    ),
    ...suggestion(policy, facts),
  };
}

const OPAQUE_STAGES: readonly Reason[] = ['host.not-allowed', 'port.not-allowed', 'protocol.not-allowed'];

function nearness(rule: RuntimeRule, host: string, port: number): Reason {
  if (!rule.hosts.some((pattern) => hostMatches(pattern, host))) return 'host.not-allowed';
  return rule.ports.includes(port) ? 'protocol.not-allowed' : 'port.not-allowed';
}

function suggestion(policy: RuntimePolicy, facts: Parameters<typeof suggestRule>[0]): { suggestion?: string } {
  const yaml = suggestRule(
    facts,
    policy.rules.map(({ origin }) => origin.rule),
  );
  return yaml === '' ? {} : { suggestion: yaml };
}

function scopeOf(rule: RuntimeRule | undefined): { addressScope?: RuntimeRule['addressScope'] } {
  return rule ? { addressScope: rule.addressScope } : {};
}

function factsOf({
  protocol: _protocol,
  host: _host,
  shownHost: _shownHost,
  ...facts
}: Question): Omit<RequestFacts, 'protocol' | 'host'> {
  return facts;
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
