/** The one place where Weir's "no" takes shape: as a value for the rest of the data plane, and as bytes for the workload. */
import { REASONS } from '../../crds/reasons.ts';
import type { Denial, Reason, RuntimeRule } from '../../crds/runtime.ts';

export interface Refusal {
  status: number;
  headers: [string, string][];
  body: string;
}

/** `detail` is for the audit log only. */
export function deny(reason: Reason, rule?: RuntimeRule, detail?: string): Denial {
  return { reason, ...(rule && { rule }), ...(detail !== undefined && { detail }) };
}

/**
 * The HTTP answer that refuses. The body is JSON `{error, policy, rule, reason, id, help}`; `detail` stays out of it.
 * `id` ties it to the event in the audit log; `help` follows the general advice, e.g. the YAML that would allow it.
 */
export function refusal(denial: Denial, id: string, help?: string): Refusal {
  const { status, sentence, help: advice } = REASONS[denial.reason];
  const body = `${JSON.stringify({
    error: `Weir: ${sentence}`,
    policy: denial.rule?.origin.policy ?? null,
    rule: denial.rule?.origin.rule ?? null,
    reason: denial.reason,
    id,
    help: help ? `${advice}\n${help}` : advice,
  })}\n`;
  return {
    status,
    headers: [
      ['content-type', 'application/json'],
      ['content-length', String(Buffer.byteLength(body))],
      ['cache-control', 'no-store'],
      ['weir-reason', denial.reason],
      ['weir-id', id],
    ],
    body,
  };
}
