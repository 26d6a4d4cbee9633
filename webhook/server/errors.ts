/** What the server says when it cannot answer: once for each kind. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { ControlError } from '../../crds/control.ts';

/** Nothing of the request or of what went wrong inside is told; the log has it. */
export function answerError(
  error: FastifyError,
  reply: FastifyReply,
  request: FastifyRequest,
  log: (message: string, more?: object) => void,
): FastifyReply {
  const status = error.statusCode !== undefined && error.statusCode >= 400 ? error.statusCode : 500;
  if (status >= 500)
    log('request failed', { method: request.method, route: request.routeOptions.url, error: error.message });
  const text: Record<number, string> = {
    400: 'the body is not JSON',
    413: 'the body is too large',
    415: 'the body is not application/json',
  };
  return reply.code(status).send({ error: text[status] ?? 'internal error' } satisfies ControlError);
}
