/** The API server of our own cluster without kubectl between, where milliseconds count. */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { stateDirectory } from '../harness/index.ts';

const file = (name: string): Buffer => readFileSync(join(stateDirectory, name));
let agent: Agent | undefined;

/** A merge patch, as the cluster's admin. Rejects with what the API server says. */
export function patch(path: string, body: object): Promise<void> {
  agent ??= new Agent({ keepAlive: true, ca: file('ca.crt'), cert: file('admin.crt'), key: file('admin.key') });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const headers = { 'content-type': 'application/merge-patch+json' };
  const socketPath = join(stateDirectory, 'api.sock');
  request({ socketPath, servername: 'localhost', agent, method: 'PATCH', path, headers }, (response) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      text += chunk;
    });
    response.on('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(text))));
  })
    .on('error', reject)
    .end(JSON.stringify(body));
  return promise;
}
