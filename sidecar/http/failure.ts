import { REASONS } from '../../crds/reasons.ts';
import type { Reason } from '../../crds/runtime.ts';

/** Codes of node and undici that mean "no answer in time"; every other failure is `upstream.unreachable`. */
const TIMEOUT_CODES: ReadonlySet<string> = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

/** Codes of a kept-alive connection that the server had closed by the time the request was written. */
const STALE_CODES: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

/** What went wrong between Weir and the server. */
export interface Failure {
  reason: Reason;
  /** For the audit log. */
  detail: string;
}

/** Names an error of the way out. An error that carries a `reason` of the table (dial, TLS, resolver) keeps it. */
export function failureOf(error: unknown): Failure {
  const { message, code, reason } = describe(error);
  if (reason !== undefined && Object.hasOwn(REASONS, reason)) return { reason: reason as Reason, detail: message };
  if (code !== undefined && TIMEOUT_CODES.has(code)) return { reason: 'upstream.timeout', detail: message };
  return { reason: 'upstream.unreachable', detail: code === undefined ? message : `${code}: ${message}` };
}

/** Whether a request without a body may be sent once more (RFC 9112 section 9.3.1): the connection went before an answer came. */
export function isStale(error: unknown): boolean {
  const { code } = describe(error);
  return code !== undefined && STALE_CODES.has(code);
}

function describe(error: unknown): { message: string; code?: string; reason?: string } {
  if (!(error instanceof Error)) return { message: 'unknown failure' };
  const { code, reason } = error as { code?: unknown; reason?: unknown };
  return {
    message: error.message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
  };
}
