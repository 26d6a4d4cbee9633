/**
 * Requests to the API server. The official client's types are used throughout, its code is not: with all its models it
 * takes as much memory as five hundred waiting sidecars (docs/decisions/014-own-list-and-watch.md).
 */
import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import type { ApiConfig } from './config.ts';

/** Milliseconds for an ordinary request. */
export const REQUEST_TIMEOUT_MS = 10_000;
/** Requests at once; the rest queue. */
export const MAX_SOCKETS = 24;
/** Bytes of an answer: a page of a list is at most 500 objects. */
export const MAX_ANSWER_BYTES: number = 256 * 1024 * 1024;

/** The API server's refusal (a Status), or none at all: then `status` is 0. */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly status: number;
  /** As in Status.reason: `Conflict`, `Expired`, `NotFound`… */
  readonly reason: string;
  /** Seconds that the server asks us to wait. */
  readonly retryAfter: number | undefined;

  constructor(status: number, reason: string, message: string, retryAfter?: number) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.retryAfter = retryAfter;
  }
}

export interface Call {
  query?: Readonly<Record<string, string>>;
  body?: unknown;
  contentType?: string;
  accept?: string;
  timeoutMs?: number;
}

export type Query = Readonly<Record<string, string>>;
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export const APPLY = 'application/apply-patch+yaml';
export const MERGE = 'application/merge-patch+json';
/** Metadata alone: of a list, and of what a watch sends. */
export const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
export const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

export class KubeClient {
  readonly #config: ApiConfig;
  readonly #agent: Agent;
  readonly #watchAgent: Agent;

  constructor(config: ApiConfig) {
    const { ca, cert, key, servername } = config;
    const identity = { ca, ...(cert && { cert }), ...(key && { key }), ...(servername && { servername }) };
    this.#config = config;
    this.#agent = new Agent({ ...identity, keepAlive: true, keepAliveMsecs: 15_000, maxSockets: MAX_SOCKETS });
    // A watch holds its connection as long as it lives.
    this.#watchAgent = new Agent({ ...identity, keepAlive: true, keepAliveMsecs: 15_000, maxFreeSockets: 4 });
  }

  /** The object. Throws KubeError. */
  async call<T>(method: Method, path: string, call: Call = {}): Promise<T> {
    const { body, timeoutMs = REQUEST_TIMEOUT_MS } = call;
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await this.#send(
      method,
      path,
      call,
      this.#agent,
      signal,
      body === undefined ? undefined : JSON.stringify(body),
    );
    return JSON.parse(await readText(response, MAX_ANSWER_BYTES)) as T;
  }

  /** Server-side apply under a field manager. `force` takes fields over from others; without it they are a Conflict. */
  apply<T>(path: string, manager: string, body: unknown, force = true): Promise<T> {
    const query = { fieldManager: manager, force: String(force) };
    return this.call<T>('PATCH', path, { query, body, contentType: APPLY });
  }

  /** The body of a watch, when the server has said 200; ended by `signal`. Throws KubeError. */
  stream(path: string, call: Pick<Call, 'query' | 'accept'>, signal: AbortSignal): Promise<IncomingMessage> {
    return this.#send('GET', path, call, this.#watchAgent, signal);
  }

  close(): void {
    this.#agent.destroy();
    this.#watchAgent.destroy();
  }

  async #send(
    method: Method,
    path: string,
    call: Call,
    agent: Agent,
    signal: AbortSignal,
    body?: string,
  ): Promise<IncomingMessage> {
    const { query, contentType = 'application/json', accept = 'application/json' } = call;
    const { host, port, socketPath, token } = this.#config;
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const options: RequestOptions = {
      method,
      agent,
      signal,
      path: query ? `${path}?${new URLSearchParams(query)}` : path,
      headers: {
        accept,
        'user-agent': 'weir-control-plane',
        ...(token && { authorization: `Bearer ${token()}` }),
        ...(body !== undefined && { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }),
      },
      ...(socketPath !== undefined ? { socketPath } : { host, port }),
    };
    httpsRequest(options, resolve)
      .on('error', (cause) => reject(unreachable(cause)))
      .end(body);
    const response = await promise;
    if (response.statusCode !== undefined && response.statusCode < 300) return response;
    throw refusal(response, await readText(response, 1024 * 1024));
  }
}

function unreachable(cause: Error): KubeError {
  const error = new KubeError(0, cause.name === 'TimeoutError' ? 'Timeout' : 'Unreachable', cause.message);
  error.cause = cause;
  return error;
}

function refusal(response: IncomingMessage, text: string): KubeError {
  const status = response.statusCode ?? 0;
  const after = Number(response.headers['retry-after']);
  let told: { reason?: string; message?: string } = {};
  try {
    told = JSON.parse(text) as typeof told;
  } catch {
    // A proxy's answer is not a Status.
  }
  return new KubeError(
    status,
    told.reason ?? '',
    told.message ?? `HTTP ${status}`,
    Number.isFinite(after) ? after : undefined,
  );
}

async function readText(response: IncomingMessage, most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > most) throw new KubeError(0, 'TooLarge', `an answer of more than ${most} bytes`);
      chunks.push(chunk);
    }
  } catch (cause) {
    throw cause instanceof KubeError ? cause : unreachable(cause as Error);
  }
  return Buffer.concat(chunks).toString('utf8');
}
