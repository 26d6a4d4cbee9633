/**
 * Simulated sidecars, as a process in the control plane's network: each with a token, a TLS connection and a poll of its own.
 * One line of JSON on standard input starts them; what happens to all of them together is told in lines of JSON.
 */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PolicyAnswer } from '../../../crds/control.ts';

export interface Start {
  host: string;
  port: number;
  servername: string;
  /** PEM. */
  ca: string;
  /** A file with one token a line. */
  tokens: string;
}

export type Told =
  /** All have a policy and wait. */
  | { waiting: number }
  /** All have this policy; `ms`: when the last got it, by the clock. */
  | { all: string; ms: number }
  | { failed: string };

let have: (string | undefined)[] = [];
const answers = new Map<string, number>();

function tell(line: Told): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function live(i: number, token: string, start: Start): Promise<never> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: start.ca, servername: start.servername });
  for (;;) {
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
    const known = have[i];
    const headers = { authorization: `Bearer ${token}`, host: start.servername };
    const path = known === undefined ? '/v1/policy' : `/v1/policy?have=${known}`;
    const { host, port } = start;
    const asked = request({ agent, host, port, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    asked.on('error', reject);
    asked.end();
    try {
      const { status, body } = await promise;
      if (status === 200) take(i, (JSON.parse(body) as PolicyAnswer).policy.hash);
      else if (status !== 304) throw new Error(`${status} ${body}`);
    } catch (error) {
      tell({ failed: (error as Error).message });
      await sleep(1000);
    }
  }
}

function take(i: number, hash: string): void {
  const isFirst = have[i] === undefined;
  have[i] = hash;
  const count = (answers.get(hash) ?? 0) + 1;
  answers.set(hash, count);
  if (isFirst && have.every((one) => one !== undefined)) tell({ waiting: have.length });
  if (count === have.length) tell({ all: hash, ms: Date.now() });
}

for await (const line of createInterface(process.stdin)) {
  const start = JSON.parse(line) as Start;
  const tokens = readFileSync(start.tokens, 'utf8')
    .split('\n')
    .filter((token) => token !== '');
  have = tokens.map(() => undefined);
  for (const [i, token] of tokens.entries()) {
    void live(i, token, start);
    // As pods come: not all in one millisecond.
    if (i % 50 === 49) await sleep(50);
  }
}
