/** HTTPS to the control plane over sockets that carry Weir's mark: the one destination that needs no policy. */
import { readFileSync } from 'node:fs';
import type { Dispatcher } from 'undici';
// Not from the package's index, as in http/forward.ts.
import Pool from 'undici/lib/dispatcher/pool.js';
import { messageOf } from '../../crds/errors.ts';
import { dial } from '../tcp/dial.ts';
import type { Egress, Endpoint } from '../tcp/types.ts';
import { pemBlocks } from '../tls/pem.ts';
import { connectTls } from '../tls/upstream.ts';

/** A poll and a report side by side. */
export const MAX_CONTROL_CONNECTIONS = 2;
/** Milliseconds for TCP to the control plane. */
export const CONTROL_CONNECT_TIMEOUT_MS = 5000;
/** Bytes of a bearer token; those of Kubernetes have about 1,200. */
export const MAX_TOKEN_BYTES: number = 16 * 1024;

export interface ControlOptions {
  egress: Egress;
  endpoint: Endpoint;
  /** The name in its certificate. */
  serverName: string;
  /** PEM, read at each connection: the next authority is in it before it signs. */
  caFile: string;
  /** Read for each request: the kubelet renews it. */
  tokenFile: string;
}

export interface ControlRequest {
  method: 'GET' | 'POST';
  path: string;
  /** JSON. */
  body?: string;
  /** Milliseconds for everything, connecting included. */
  timeoutMs: number;
  /** Bytes of the answer. */
  maxBytes: number;
  /** There is a verified connection, and the request is being sent over it. */
  onSent?: () => void;
}

export interface ControlAnswer {
  status: number;
  /** Seconds. */
  retryAfter: number | undefined;
  body: Buffer;
}

/** No answer was had; the message says from where and why. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
}

export class ControlConnection {
  readonly #options: ControlOptions;
  #pool: Pool;

  constructor(options: ControlOptions) {
    this.#options = options;
    this.#pool = this.#makePool();
  }

  /** Where requests go, for messages. */
  get address(): string {
    const { endpoint, serverName } = this.#options;
    const host = endpoint.address.includes(':') ? `[${endpoint.address}]` : endpoint.address;
    return `https://${host}:${endpoint.port} (${serverName})`;
  }

  /** Rejects with ControlError. */
  request(request: ControlRequest): Promise<ControlAnswer> {
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void => {
        clearTimeout(timer);
        reject(error instanceof ControlError ? error : new ControlError(messageOf(error)));
      };
      const handler = new AnswerHandler(
        request,
        (answer) => {
          clearTimeout(timer);
          resolve(answer);
        },
        fail,
      );
      const timer = setTimeout(() => {
        const error = new ControlError(`no answer within ${request.timeoutMs} ms`);
        handler.abort(error);
        fail(error);
      }, request.timeoutMs);
      try {
        this.#pool.dispatch(
          {
            method: request.method,
            path: request.path,
            headers: [
              ...['authorization', `Bearer ${readToken(this.#options.tokenFile)}`],
              ...(request.body === undefined ? [] : ['content-type', 'application/json']),
            ],
            body: request.body ?? null,
          },
          handler,
        );
      } catch (error) {
        fail(error);
      }
    });
  }

  /** The next request goes over a new connection. What is under way is not cut. */
  reconnect(): void {
    const before = this.#pool;
    this.#pool = this.#makePool();
    before.close().catch(() => {});
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  #makePool(): Pool {
    const { egress, endpoint, serverName, caFile } = this.#options;
    const connect = async () => {
      const roots = pemBlocks(readFileSync(caFile, 'latin1')).map(({ pem }) => pem);
      if (roots.length === 0) throw new ControlError(`${caFile} holds no PEM certificate`);
      const socket = await dial(egress, [endpoint.address], endpoint.port, { timeoutMs: CONTROL_CONNECT_TIMEOUT_MS });
      return connectTls(socket, { host: serverName, roots, alpn: ['http/1.1'] });
    };
    return new Pool(`https://${serverName}`, {
      connections: MAX_CONTROL_CONNECTIONS,
      pipelining: 1,
      allowH2: false,
      // `request` has the one clock.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (_options, callback) => {
        connect().then(
          (socket) => callback(null, socket),
          (error: Error) => callback(error, null),
        );
      },
    });
  }
}

class AnswerHandler implements Dispatcher.DispatchHandler {
  readonly #request: ControlRequest;
  readonly #done: (answer: ControlAnswer) => void;
  readonly #failed: (error: unknown) => void;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #status = 0;
  #retryAfter: number | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #aborted: Error | undefined;

  constructor(request: ControlRequest, done: (answer: ControlAnswer) => void, failed: (error: unknown) => void) {
    this.#request = request;
    this.#done = done;
    this.#failed = failed;
  }

  abort(error: Error): void {
    this.#aborted = error;
    this.#controller?.abort(error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#aborted) controller.abort(this.#aborted);
    else this.#request.onSent?.();
  }

  onResponseStart(_controller: unknown, status: number, headers: Record<string, string | string[] | undefined>): void {
    this.#status = status;
    const seconds = Number(headers['retry-after']);
    if (Number.isFinite(seconds) && seconds >= 0) this.#retryAfter = seconds;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    const { maxBytes } = this.#request;
    if (this.#bytes > maxBytes) controller.abort(new ControlError(`an answer of more than ${maxBytes} bytes`));
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#done({ status: this.#status, retryAfter: this.#retryAfter, body: Buffer.concat(this.#chunks) });
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.#failed(error);
  }
}

function readToken(file: string): string {
  const token = readFileSync(file, 'latin1').trim();
  if (!/^[\x21-\x7e]+$/.test(token) || token.length > MAX_TOKEN_BYTES) throw new ControlError(`${file} holds no token`);
  return token;
}
