/** A Kubernetes API server of our own, and a client of it: one process, one connection kept open. */
import { readFileSync } from 'node:fs';
import { Agent, request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { Companion, must } from '../net/process.ts';

const cluster = join(import.meta.dirname, '../cluster/cluster');
const STARTS_WITHIN_MS = 55_000;
const STOPS_WITHIN_MS = 20_000;

/** One entry of `details.causes` in a Status (k8s.io/apimachinery, meta/v1, StatusCause). */
export interface Cause {
  reason: string;
  message: string;
  field: string;
}

export interface Answer {
  status: number;
  /** The object, or a Status. */
  body: Record<string, unknown> & { message?: string; reason?: string; details?: { causes?: Cause[] } };
  /** Texts of the Warning headers (RFC 9111, section 5.5). */
  warnings: string[];
}

export class ApiServer {
  readonly #companion: Companion;
  readonly #agent: Agent;
  readonly #socketPath: string;
  readonly #env: Record<string, string>;

  private constructor(companion: Companion, state: string, env: Record<string, string>) {
    this.#companion = companion;
    this.#env = env;
    this.#socketPath = join(state, 'api.sock');
    const file = (name: string) => readFileSync(join(state, name));
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: 1,
      servername: 'localhost',
      ca: file('ca.crt'),
      cert: file('admin.crt'),
      key: file('admin.key'),
    });
  }

  /** It ends with this process, whatever ends this process. */
  static async start(): Promise<ApiServer> {
    const env = { ...process.env, WEIR_CLUSTER_NAME: `test-${process.pid}` } as Record<string, string>;
    const companion = new Companion('cluster', [cluster, 'api-hold'], env);
    const state = await companion.line(() => true, STARTS_WITHIN_MS);
    return new ApiServer(companion, state, env);
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    await this.#companion.stop(STOPS_WITHIN_MS);
  }

  kubectl(...args: string[]): Promise<string> {
    return must([cluster, 'kubectl', ...args], { env: this.#env });
  }

  request(method: string, path: string, body?: unknown, contentType = 'application/json'): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const headers = { 'content-type': contentType, accept: 'application/json' };
    const request = httpsRequest({ socketPath: this.#socketPath, agent: this.#agent, method, path, headers });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const warnings = response.headersDistinct.warning ?? [];
        const isJson = response.headers['content-type']?.startsWith('application/json') ?? false;
        resolve({
          status: response.statusCode ?? 0,
          body: isJson ? JSON.parse(text) : { message: text },
          warnings: warnings.map((header) => header.replace(/^299 - "(.*)"$/, '$1')),
        });
      });
    });
    request.end(body === undefined ? undefined : yamlText(body));
    return promise;
  }

  /** Server-side apply (application/apply-patch+yaml, of which JSON is a part). */
  apply(
    path: string,
    object: unknown,
    { manager = 'conformance', dryRun = false, force = false } = {},
  ): Promise<Answer> {
    const query = new URLSearchParams({ fieldManager: manager, fieldValidation: 'Strict', force: String(force) });
    if (dryRun) query.set('dryRun', 'All');
    return this.request('PATCH', `${path}?${query}`, object, 'application/apply-patch+yaml');
  }
}

/** JSON that is YAML too: what YAML has no place for, or takes for the end of a line, is escaped. */
export function yamlText(value: unknown): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replaceAll(/[\u007f-\u009f\u2028\u2029\ufeff]/g, escaped);
}
