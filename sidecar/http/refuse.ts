/** The one place where a refusal becomes bytes for the client. */
import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Reason, RequestFacts } from '../../crds/runtime.ts';
import type { Refused } from './body.ts';
import { RequestRefused } from './judge.ts';
import type { EventRecord } from './record.ts';
import { drain, MAX_DRAIN_BYTES } from './source.ts';
import type { FrontOptions, HttpPolicy } from './types.ts';

/** Reasons that a rule could lift, so that the refusal shows it. */
const SUGGESTABLE: ReadonlySet<Reason> = new Set([
  'policy.none',
  'host.not-allowed',
  'dns.name',
  'port.not-allowed',
  'protocol.not-allowed',
  'http.method',
  'http.path',
  'http.query',
  'http.content-type',
  'http.body-size',
]);

/**
 * Answers with the refusal and writes its event. Gives whether the connection can carry another request: then the caller
 * drops what is still to come of this one. When that may be much, or is uncertain, the answer says `Connection: close`.
 */
export function refuse(
  options: Pick<FrontOptions, 'suggest'>,
  engine: HttpPolicy,
  record: EventRecord,
  refused: Refused,
  response: ServerResponse,
): boolean {
  const { denial, findings } = refused;
  const { facts, framing } = refused instanceof RequestRefused ? refused : { facts: undefined, framing: 'sound' };
  const help = facts && SUGGESTABLE.has(denial.reason) ? suggestion(options, facts) : undefined;
  const refusal = engine.refusal(denial, record.id, help);
  record.deny(denial, findings, { status: refusal.status, bytesDown: Buffer.byteLength(refusal.body) });

  const request = response.req;
  const keep = framing === 'sound' && canDrain(request);
  const headers = refusal.headers.flat();
  if (!keep) headers.push('connection', 'close');
  response.writeHead(refusal.status, headers);
  if (keep) {
    response.end(refusal.body);
    return true;
  }
  // Written whole but not ended: node closes the socket at the end, and unread bytes would turn that into a reset.
  response.flushHeaders();
  if (request.method !== 'HEAD') response.write(refusal.body);
  if (framing === 'broken') response.end();
  else drain(request, () => response.end());
  return false;
}

/** Help is only help: what goes wrong with it must not take the refusal with it. */
function suggestion(options: Pick<FrontOptions, 'suggest'>, facts: RequestFacts): string | undefined {
  try {
    return options.suggest(facts);
  } catch {
    return undefined;
  }
}

/** Whether the rest of a request, whose head was found to be sound, is short enough to be read and dropped. */
function canDrain(request: IncomingMessage): boolean {
  if (request.destroyed) return false;
  if (request.complete) return true;
  const { 'content-length': length, expect } = request.headers;
  return length !== undefined && expect === undefined && Number(length) <= MAX_DRAIN_BYTES;
}

/** A response on a connection that node's server no longer leads (upgrade, CONNECT, malformed head); closes it at the end. */
export function detachedResponse(request: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Parameters<ServerResponse['assignSocket']>[0]);
  response.on('finish', () => {
    response.detachSocket(socket as Parameters<ServerResponse['detachSocket']>[0]);
    socket.end(() => socket.destroy());
  });
  return response;
}
