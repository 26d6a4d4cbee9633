/** One request to a replica, as a sidecar makes it: verified TLS, a token. */
import { request } from 'node:https';

export interface Asked {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
  /** Milliseconds. */
  took: number;
}

export interface Question {
  path: string;
  token?: string;
  body?: unknown;
  /** PEM. */
  ca: string;
}

/** `socketPath`: of the replica's port. Rejects when there is no answer. */
export function ask(socketPath: string, { path, token, body, ca }: Question): Promise<Asked> {
  const { promise, resolve, reject } = Promise.withResolvers<Asked>();
  const began = performance.now();
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    host: 'weir.weir-system.svc',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(text !== undefined && { 'content-type': 'application/json' }),
  };
  const method = text === undefined ? 'GET' : 'POST';
  request({ socketPath, servername: 'weir.weir-system.svc', ca, agent: false, method, path, headers }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', reject);
    response.on('end', () =>
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: Buffer.concat(chunks).toString('utf8'),
        took: performance.now() - began,
      }),
    );
  })
    .on('error', reject)
    .end(text);
  return promise;
}

/** Until `look` gives something; throws what was last wrong. */
export async function eventually<T>(look: () => Promise<T | undefined>, withinMs: number, what: string): Promise<T> {
  const end = Date.now() + withinMs;
  let wrong: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      wrong = error;
    }
    if (Date.now() > end) throw new Error(`${what}: not within ${withinMs} ms`, { cause: wrong });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
