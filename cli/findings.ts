/** What becomes of a question when detectors found something in what is sent. Pure. */
import { OPAQUE_UPLOAD } from '../crds/content.ts';
import { hostText } from '../crds/host-patterns.ts';
import { isClusterPolicy, nameOf } from '../crds/kinds.ts';
import { PATTERN_PREFIX } from '../crds/patterns.ts';
import { REASONS } from '../crds/reasons.ts';
import type { Channel, RuleOrigin, RuntimePolicy, RuntimeRule } from '../crds/runtime.ts';
import { DETECTORS } from '../sidecar/inspect/detectors/index.ts';
import { Budgets, PolicyEngine } from '../sidecar/policy/index.ts';
import { exceptionFor, lookUpExceptionFor, withException } from './exception.ts';
import { type Answer, factsOf, judge } from './judge.ts';
import { compileFor, type Pod, type PolicySet } from './pod.ts';
import type { Question } from './question.ts';

type Origin = Omit<RuleOrigin, 'rule'>;

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
  const channel = isHttp ? 'http.body' : 'dns.name';
  const standing = standingOf(policy, rule, channel, host, found);
  if (standing.length === 0) return result;
  const { how: _, forwardHeaders: __, ...rest } = result;
  const reason = standing.every((detector) => detector === OPAQUE_UPLOAD) ? 'content.opaque' : 'content.secret';
  const refused: Answer = {
    ...rest,
    decision: 'deny',
    reason,
    help: REASONS[reason].help,
    found: standing,
  };
  const owner = rule?.origin ?? ownerFor(set, policy);
  const yaml = !isHttp
    ? lookUpExceptionFor(host, standing, policy)
    : rule
      ? exceptionFor(factsOf(question, protocol, host), standing, rule, policy)
      : '';
  if (yaml === '' || !owner) return refused;
  const after = compileFor(withException(set, owner, yaml), pod).policy;
  const now = judge(after, question);
  const allowing = after.rules.find(({ id }) => id === now.rule);
  const remaining = standingOf(after, allowing, channel, host, standing);
  if (now.decision !== 'allow' || remaining.length > 0) return refused;
  const name = owner.kind === 'EgressPolicy' ? owner.policy : `cluster:${owner.policy}`;
  return { ...refused, exception: { policy: name, yaml } };
}

/** The policy to add a rule to where none is near: the first that is for the pod. */
function ownerFor(set: PolicySet, { policies }: RuntimePolicy): Origin | undefined {
  const [first] = [...set.policies, ...set.clusterPolicies]
    .filter((policy) => policies.includes(nameOf(policy)))
    .sort((a, b) => Number(isClusterPolicy(a)) - Number(isClusterPolicy(b)) || (nameOf(a) < nameOf(b) ? -1 : 1));
  if (!first) return undefined;
  const { name, namespace = '' } = first.metadata;
  return { kind: isClusterPolicy(first) ? 'ClusterEgressPolicy' : 'EgressPolicy', namespace, policy: name };
}

/** Detectors whose findings no exception of the policy covers. */
function standingOf(
  policy: RuntimePolicy,
  rule: RuntimeRule | undefined,
  channel: Channel,
  host: string,
  found: readonly string[],
): string[] {
  const findings = found.flatMap((detector) => {
    const own = (policy.content.patterns ?? []).filter(({ name }) => `${PATTERN_PREFIX}${name}` === detector);
    const homes = own.length > 0 ? own.map(({ hosts }) => hosts.map(hostText)) : [homesOf(detector)];
    return homes.map((homeHosts) => ({ detector, channel, place: '', decoding: [], offset: 0, homeHosts }));
  });
  const engine = new PolicyEngine(policy, new Budgets());
  return [...new Set(engine.decideFindings(rule, host, findings).map(({ detector }) => detector))];
}

function homesOf(detector: string): string[] {
  return [...(DETECTORS.find(({ name }) => name === detector)?.homeHosts ?? [])];
}
