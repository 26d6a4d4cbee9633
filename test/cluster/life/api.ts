/** The API server of our own cluster without kubectl between, where milliseconds count. */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { stateDirectory } from '../harness/index.ts';

const file = (name: string): Buffer => readFileSync(join(stateDirectory, name));
let agent: Agent | undefined;

/** A merge patch, as the cluster's admin. Rejects with what the API server says. */
export async function patch(path: string, body: object): Promise<void> {
  await ask('PATCH', path, body);
}

export const read = (path: string): Promise<unknown> => ask('GET', path);

function ask(method: string, path: string, body?: object): Promise<unknown> {
  agent ??= new Agent({ keepAlive: true, ca: file('ca.crt'), cert: file('admin.crt'), key: file('admin.key') });
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const headers = body === undefined ? {} : { 'content-type': 'application/merge-patch+json' };
  const socketPath = join(stateDirectory, 'api.sock');
  request({ socketPath, servername: 'localhost', agent, method, path, headers }, (response) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      text += chunk;
    });
    response.on('error', reject);
    response.on('end', () => (response.statusCode === 200 ? resolve(JSON.parse(text)) : reject(new Error(text))));
  })
    .on('error', reject)
    .end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}
