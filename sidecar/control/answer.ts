/** What the control plane answered, read and verified. Pure. */
import { canonicalHash } from '../../crds/canonical.ts';
import { CONTROL_SCHEMA, HASH_PATTERN, type PolicyAnswer } from '../../crds/control.ts';
import { RUNTIME_SCHEMA, type RuntimePolicy } from '../../crds/runtime.ts';
import { Budgets, PolicyEngine } from '../policy/index.ts';

export type Reading =
  | { ok: true; answer: PolicyAnswer }
  /** `denies`: it is the control plane's word, but not in a language that we know: nothing may pass under it. */
  | { ok: false; problem: string; denies: boolean; hash?: string };

/** Nothing is allowed, and `policy.none` says so. */
export const DENY_ALL: RuntimePolicy = withHash({
  content: { disabledDetectors: [], homeHosts: [], suppressions: [] },
  dns: { budget: 0, denied: 'Explain', queryTypes: ['A', 'AAAA'] },
  mode: 'Enforce',
  policies: [],
  rules: [],
  schema: RUNTIME_SCHEMA,
});

/** Reads the body of a 200, or the answer that was kept. */
export function readAnswer(text: string): Reading {
  const no = (problem: string): Reading => ({ ok: false, problem, denies: false });
  let answer: PolicyAnswer;
  try {
    answer = JSON.parse(text) as PolicyAnswer;
  } catch {
    return no('the answer is not JSON');
  }
  if (typeof answer !== 'object' || answer === null) return no('the answer is no object');
  if (answer.schema !== CONTROL_SCHEMA) {
    return no(
      `the control plane speaks schema ${String(answer.schema)}, this sidecar ${CONTROL_SCHEMA}: create the pod anew`,
    );
  }
  const { policy, life } = answer;
  if (typeof policy !== 'object' || policy === null) return no('the answer has no policy');
  const { hash } = policy;
  if (typeof hash !== 'string' || !HASH_PATTERN.test(hash)) return no('the policy has no hash');
  if (policy.schema !== RUNTIME_SCHEMA) {
    const problem = `the policy is of schema ${String(policy.schema)}, this sidecar knows ${RUNTIME_SCHEMA}: create the pod anew`;
    return { ok: false, problem, denies: true, hash };
  }
  if (life !== 'First' && life !== 'Later') return no('the answer does not say which life of the pod this is');
  const { hash: _, ...rest } = policy;
  if (canonicalHash(rest) !== hash) return no('the policy is not the one that its hash is of');
  try {
    new PolicyEngine(policy, new Budgets());
  } catch (error) {
    return no(`the policy cannot be used: ${String(error)}`);
  }
  return { ok: true, answer };
}

function withHash(policy: Omit<RuntimePolicy, 'hash'>): RuntimePolicy {
  return { ...policy, hash: canonicalHash(policy) };
}
