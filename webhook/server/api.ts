/** The TLS port: admission for the API server, policies and reports for sidecars. Thin: what is answered is decided elsewhere. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { type ControlError, MAX_REPORT_BYTES, POLICY_PATH, REPORTS_PATH } from '../../crds/control.ts';
import type { AdmissionReview, AdmissionReviewResponse } from '../admission/index.ts';
import type { Serving } from '../certificates/sign.ts';
import type { PolicyService, Refused } from '../policies/service.ts';
import type { Outcome, Waiter } from '../policies/waiters.ts';
import type { ReportService } from '../reports/service.ts';
import type { PodItem } from '../watch/objects.ts';
import type { AdmissionKey, Webhook } from './admission-key.ts';
import type { Connections } from './connections.ts';
import type { Drain } from './drain.ts';
import { answerError } from './errors.ts';

/**
 * Bytes of an AdmissionReview. The API server takes requests of 3 MiB, etcd holds objects of 1.5 MiB; an update carries two. A
 * larger one is refused, and the object with it: what is judged are pods and policies, of some kilobytes.
 */
export const MAX_REVIEW_BYTES: number = 3 * 1024 * 1024;
/** Milliseconds for the TLS handshake. */
export const HANDSHAKE_MS = 5000;
/** Milliseconds for a request to arrive whole. */
export const REQUEST_TIMEOUT_MS = 10_000;
/** Milliseconds that a connection may be idle between requests. */
export const KEEP_ALIVE_MS = 75_000;
/** Connections at once, whatever they are: the sum of what `connections.ts` has room for. */
export const MAX_CONNECTIONS = 20_000;
/** Milliseconds between looks at strangers. */
const TURN_MS = 1000;

export interface ApiOptions {
  serving: Serving;
  drain: Drain;
  policies: PolicyService;
  reports: ReportService;
  connections: Connections;
  /** By which the API server is known; undefined: not known yet. */
  key: () => AdmissionKey | undefined;
  mutate(review: AdmissionReview): Promise<AdmissionReviewResponse>;
  validate(review: AdmissionReview): Promise<AdmissionReviewResponse>;
  /** Whether admission can be answered: what it judges by is known. */
  isReady: () => boolean;
  observe: {
    admission(webhook: Webhook, result: 'allowed' | 'refused' | 'failed', seconds: number): void;
    policy(status: number): void;
  };
  log: (message: string, more?: object) => void;
}

export function createApi(options: ApiOptions): FastifyInstance {
  const { serving, drain, log, connections } = options;
  const server = fastify({
    https: {
      key: serving.key,
      cert: serving.certificate,
      minVersion: 'TLSv1.3',
      handshakeTimeout: HANDSHAKE_MS,
    },
    bodyLimit: MAX_REVIEW_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: true,
    logger: false,
  }) as unknown as FastifyInstance;
  server.server.maxConnections = MAX_CONNECTIONS;
  server.server.headersTimeout = REQUEST_TIMEOUT_MS;
  server.setErrorHandler((error, request, reply) => answerError(error as never, reply, request, log));
  // Before the body is read, and without a word of what was asked.
  const nowhere = (reply: FastifyReply) => refuse(reply.header('connection', 'close'), { status: 404, error: NO_PATH });
  server.addHook('onRequest', async (request, reply) => (request.is404 ? nowhere(reply) : undefined));
  server.setNotFoundHandler((_, reply) => nowhere(reply));
  server.addHook('onSend', async (_, reply) => {
    // A new connection goes to another replica.
    if (drain.isDraining) reply.header('connection', 'close');
  });
  const prove = ({ raw }: FastifyRequest, reply: FastifyReply, kind: 'admission' | 'sidecar', pod?: string): void => {
    if (!connections.prove(idOf(raw.socket), kind, pod)) reply.header('connection', 'close');
  };
  server.server.on('connection', (socket: Socket) => {
    const id = idOf(socket);
    connections.open(id, socket.remoteAddress ?? '', performance.now(), () => socket.destroy());
    socket.once('close', () => connections.end(id));
  });
  const turning = setInterval(() => connections.turn(performance.now()), TURN_MS).unref();
  server.addHook('onClose', async () => clearInterval(turning));

  for (const webhook of ['mutate', 'validate'] as const) {
    const onRequest = async (request: FastifyRequest, reply: FastifyReply) => {
      const { key } = request.params as { key: string };
      if (options.key()?.isGood(key, webhook, Date.now())) return prove(request, reply, 'admission');
      return nowhere(reply);
    };
    server.post(`/${webhook}/:key`, { onRequest }, (request, reply) =>
      admit(webhook, request.body as AdmissionReview, reply, options),
    );
  }
  const pods = new WeakMap<FastifyRequest, PodItem>();
  const identify = async (request: FastifyRequest, reply: FastifyReply) => {
    const { headers, raw } = request;
    const found = await options.policies.identify(headers.authorization, raw.socket.remoteAddress ?? '');
    if ('status' in found) {
      if (request.method === 'GET') options.observe.policy(found.status);
      return refuse(reply, found);
    }
    pods.set(request, found.pod);
    return prove(request, reply, 'sidecar', found.pod.uid);
  };
  server.get(POLICY_PATH, { onRequest: identify }, (request, reply) =>
    policy(pods.get(request) as PodItem, request.query, reply, options),
  );
  server.post(REPORTS_PATH, { bodyLimit: MAX_REPORT_BYTES, onRequest: identify }, async (request, reply) => {
    const answer = options.reports.take(pods.get(request) as PodItem, request.body);
    return answer.status === 204 ? reply.code(204).send() : refuse(reply, answer);
  });
  return server;
}

const NO_PATH = 'there is no such path';

/** The other side of a connection: the same for the socket and for the TLS on it. */
function idOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

async function admit(
  webhook: Webhook,
  review: AdmissionReview,
  reply: FastifyReply,
  { isReady, mutate, validate, observe, log }: ApiOptions,
): Promise<unknown> {
  const began = performance.now();
  const took = () => (performance.now() - began) / 1000;
  if (!isReady()) {
    observe.admission(webhook, 'failed', took());
    return refuse(reply, { status: 503, error: 'the cluster is not known yet', retryAfter: 1 });
  }
  try {
    const answer = await (webhook === 'mutate' ? mutate(review) : validate(review));
    observe.admission(webhook, answer.response.allowed ? 'allowed' : 'refused', took());
    return answer;
  } catch (error) {
    observe.admission(webhook, 'failed', took());
    log('review failed', { webhook, error: (error as Error).message });
    const isTheirs = error instanceof RangeError;
    return refuse(reply, { status: isTheirs ? 400 : 503, error: 'the review could not be answered' });
  }
}

async function policy(
  pod: PodItem,
  query: unknown,
  reply: FastifyReply,
  { policies, drain, observe }: ApiOptions,
): Promise<unknown> {
  const { have } = query as { have?: unknown };
  const said = policies.policy(pod, have === undefined ? undefined : String(have));
  if (said.status === 200) {
    observe.policy(200);
    return reply.header('content-type', 'application/json').send(said.body);
  }
  if (said.status !== 'wait') {
    observe.policy(said.status);
    return refuse(reply, said);
  }
  if (drain.isReleasing(performance.now())) {
    observe.policy(503);
    return refuse(reply, MOVED);
  }
  const waiter = waiterFor(said, reply.raw, policies, (status) => observe.policy(status));
  if (!policies.waiters.add(waiter)) {
    observe.policy(429);
    return refuse(reply, { status: 429, error: 'too many sidecars wait here', retryAfter: 5 });
  }
  reply.raw.on('close', () => policies.waiters.remove(waiter));
  return reply.hijack();
}

const MOVED: Refused = { status: 503, error: 'this replica is going away', retryAfter: 0 };

/** As little as there can be of one that waits: what of fastify belongs to the request is let go. */
function waiterFor(
  { pod: { namespace, name, uid }, have }: { pod: PodItem; have: string },
  response: ServerResponse,
  policies: PolicyService,
  observe: (status: number) => void,
): Waiter {
  const waiter: Waiter = {
    namespace,
    pod: name,
    uid,
    have,
    slot: 0,
    answer(outcome: Outcome) {
      if (response.destroyed || response.headersSent) return;
      const body = outcome === 'changed' ? policies.current(waiter) : undefined;
      const status = body ? 200 : outcome === 'moved' ? MOVED.status : 304;
      observe(status);
      if (body)
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
      else if (status === 304) response.writeHead(304).end();
      else {
        const text = JSON.stringify({ error: MOVED.error } satisfies ControlError);
        response
          .writeHead(status, { 'content-type': 'application/json', 'retry-after': '0', connection: 'close' })
          .end(text);
      }
    },
  };
  return waiter;
}

function refuse(
  reply: FastifyReply,
  { status, error, retryAfter }: { status: number; error: string; retryAfter?: number },
) {
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  if (status === 503 && retryAfter === 0) reply.header('connection', 'close');
  return reply.code(status).send({ error } satisfies ControlError);
}
