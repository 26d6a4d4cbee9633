/**
 * The HTTP API between a sidecar and the control plane: types, paths and bounds. Plain data; both sides import it.
 *
 * TLS 1.3; every request carries `Authorization: Bearer <projected ServiceAccount token, of TOKEN_AUDIENCE in injected.ts>`.
 * The pod is the one that the token is bound to; nothing that the client says about itself counts.
 *
 * GET POLICY_PATH?have=<hash>
 *   200 PolicyAnswer   at once when `have` is absent or another than the current hash, else as soon as that changes
 *   304                nothing changed for POLL_MS ± POLL_JITTER; ask again at once
 *   400 401 403        a query that is not one; a token that is not valid; not an injected pod. ControlError
 *   429 503            too many waiting; not ready, or going away (ask again: another replica answers). ControlError,
 *                      with Retry-After in whole seconds (0: at once, on a new connection)
 *
 * POST REPORTS_PATH, a ReportBatch as application/json
 *   204                taken; 400, 401, 403, 413 as above: do not send it again
 *   429 503            send the same batch again after Retry-After seconds
 */
import type { Event, RuntimePolicy } from './runtime.ts';

/** Raised when a field changes meaning; a sidecar that does not know the number keeps the policy that it has, or denies. */
export const CONTROL_SCHEMA = 1;

export const POLICY_PATH = '/v1/policy';
export const REPORTS_PATH = '/v1/reports';

/** Milliseconds that a poll waits for a change. */
export const POLL_MS = 25_000;
/** Part of POLL_MS by which a wait is longer or shorter, at random, so that sidecars do not come back together. */
export const POLL_JITTER = 0.2;
/** Milliseconds after which a client may take a poll without an answer for dead: more than the longest wait. */
export const POLL_DEAD_MS = 40_000;

/** Bytes of a report's body. */
export const MAX_REPORT_BYTES: number = 256 * 1024;
/** Events of a report. */
export const MAX_REPORT_EVENTS = 500;
/** Bytes of a PolicyAnswer; a client may refuse more. */
export const MAX_POLICY_BYTES: number = 8 * 1024 * 1024;

/** SHA-256, hex. */
export const HASH_PATTERN: RegExp = /^[0-9a-f]{64}$/;

export interface PolicyAnswer {
  schema: typeof CONTROL_SCHEMA;
  /** Its hash is what the next request has as `have`. */
  policy: RuntimePolicy;
  /**
   * Whether the sidecar of this pod was ready or another container ran before, as the pod's status has it. `Later` without
   * a journal: whatever has a budget is spent.
   */
  life: 'First' | 'Later';
}

export interface ReportBatch {
  /** At most MAX_REPORT_EVENTS, shaped by audit/shown before they get here; the control plane believes none of it. */
  events: Event[];
  /** Events that were lost since the last report that was taken. */
  dropped: number;
}

/** Body of every answer that is not 200, 204 or 304. */
export interface ControlError {
  /** A sentence for the log, without anything secret. */
  error: string;
}
