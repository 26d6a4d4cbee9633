/** What becomes of a question when detectors found something in what is sent. Pure. */
import { REASONS } from '../crds/reasons.ts';
import type { Channel, RuntimePolicy, RuntimeRule } from '../crds/runtime.ts';
import { DETECTORS } from '../sidecar/inspect/detectors/index.ts';
import { Budgets, PolicyEngine } from '../sidecar/policy/index.ts';
import { exceptionFor, withException } from './exception.ts';
import { type Answer, factsOf, judge } from './judge.ts';
import { compileFor, type Pod, type PolicySet } from './pod.ts';
import type { Question } from './question.ts';

/** The same answer, or the refusal of what was found. */
export function withFindings(
  result: Answer,
  set: PolicySet,
  pod: Pod,
  policy: RuntimePolicy,
  question: Question,
  found: readonly string[],
): Answer {
  const { protocol, host } = question;
  const rule = policy.rules.find(({ id }) => id === result.rule);
  if (found.length === 0 || host === undefined) return result;
  const isHttp = protocol === 'HTTPS' || protocol === 'HTTP';
  // A name is judged for its content before the policy is asked; an opaque connection's content never is.
  if (!isHttp && protocol !== 'DNS') return result;
  if (isHttp && (result.decision !== 'allow' || !rule)) return result;
  const standing = standingOf(policy, rule, isHttp ? 'http.body' : 'dns.name', host, found);
  if (standing.length === 0) return result;
  const { how: _, forwardHeaders: __, ...rest } = result;
  const refused: Answer = {
    ...rest,
    decision: 'deny',
    reason: 'content.secret',
    help: REASONS['content.secret'].help,
    found: standing,
  };
  if (!isHttp || !rule) return refused;
  const yaml = exceptionFor(factsOf(question, protocol, host), standing, rule, policy);
  if (yaml === '') return refused;
  const after = compileFor(withException(set, rule.origin, yaml), pod).policy;
  const now = after.rules.find(({ id }) => id === judge(after, question).rule);
  const remaining = standingOf(after, now, 'http.body', host, standing);
  return remaining.length > 0 ? refused : { ...refused, exception: { policy: rule.id.split('/', 1)[0] ?? '', yaml } };
}

/** Detectors whose findings no exception of the policy covers. */
function standingOf(
  policy: RuntimePolicy,
  rule: RuntimeRule | undefined,
  channel: Channel,
  host: string,
  found: readonly string[],
): string[] {
  const findings = found.map((detector) => ({
    detector,
    channel,
    place: '',
    decoding: [],
    offset: 0,
    homeHosts: [...(DETECTORS.find(({ name }) => name === detector)?.homeHosts ?? [])],
  }));
  const engine = new PolicyEngine(policy, new Budgets());
  return engine.decideFindings(rule, host, findings).map(({ detector }) => detector);
}
