/** Everything the rest of the data plane asks of the policy. */
export { decideAddress } from './addresses.ts';
export { type BudgetKind, Budgets } from './budgets.ts';
export {
  type ConnectionDecision,
  type Explanation,
  type HelloDecision,
  PolicyEngine,
  type RequestVerdict,
} from './engine.ts';
export { deny, type Refusal, refusal } from './refusal.ts';
export type { RequestMatch } from './requests.ts';
export { fixedPolicy, type PolicySource } from './source.ts';
