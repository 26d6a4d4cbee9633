/**
 * A small control plane for tests: crds/control.ts over TLS, told what to do by lines of JSON on stdin, telling what it was
 * asked by lines of JSON on stdout. control-plane.ts CERTIFICATE KEY ADDRESS PORT
 */
import { readFileSync } from 'node:fs';
import type http from 'node:http';
import https from 'node:https';
import { createInterface } from 'node:readline';
import { CONTROL_SCHEMA, POLICY_PATH, type PolicyAnswer, REPORTS_PATH } from '../../../crds/control.ts';
import type { RuntimePolicy } from '../../../crds/runtime.ts';

export interface Orders {
  policy?: RuntimePolicy;
  life?: PolicyAnswer['life'];
  token?: string;
  /** Answers every request with this; 0: as it should. */
  status?: number;
  retryAfter?: number;
  /** Milliseconds that a poll waits. */
  pollMs?: number;
}

export type Told =
  | { listening: true }
  | { ordered: true }
  | { poll: string | null; authorized: boolean }
  | { report: { events: unknown[]; dropped: number } };

if (import.meta.main) serve();

function serve(): void {
  const [certificate = '', key = '', address = '', port = ''] = process.argv.slice(2);
  let orders: Orders = {};
  const waiting = new Set<() => void>();
  const tell = (told: Told): void => {
    process.stdout.write(`${JSON.stringify(told)}\n`);
  };

  const poll = (have: string | null, response: http.ServerResponse): void => {
    const { policy, life = 'First' } = orders;
    if (policy === undefined) {
      response.writeHead(503, { 'retry-after': '1' }).end('{"error":"not ready"}');
    } else if (have === policy.hash) {
      const again = (): void => {
        clearTimeout(timer);
        waiting.delete(again);
        poll(have, response);
      };
      const timer = setTimeout(() => {
        waiting.delete(again);
        response.writeHead(304).end();
      }, orders.pollMs ?? 25_000);
      waiting.add(again);
    } else {
      const answer: PolicyAnswer = { schema: CONTROL_SCHEMA, policy, life };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    }
  };

  const server = https.createServer(
    { cert: readFileSync(certificate), key: readFileSync(key), minVersion: 'TLSv1.3' },
    (request, response) => {
      const url = new URL(request.url ?? '/', 'https://weir');
      const authorized = request.headers.authorization === `Bearer ${orders.token ?? ''}`;
      if (url.pathname === POLICY_PATH) tell({ poll: url.searchParams.get('have'), authorized });
      if (orders.status || !authorized) {
        const headers = orders.retryAfter === undefined ? {} : { 'retry-after': String(orders.retryAfter) };
        response.writeHead(orders.status || 401, headers).end('{"error":"as ordered"}');
      } else if (url.pathname === POLICY_PATH) poll(url.searchParams.get('have'), response);
      else if (url.pathname === REPORTS_PATH) {
        let body = '';
        request.setEncoding('utf8').on('data', (text) => {
          body += text;
        });
        request.on('end', () => {
          tell({ report: JSON.parse(body) });
          response.writeHead(204).end();
        });
      } else response.writeHead(404).end();
    },
  );
  server.listen(Number(port), address, () => tell({ listening: true }));
  createInterface({ input: process.stdin }).on('line', (line) => {
    orders = { ...orders, ...(JSON.parse(line) as Orders) };
    for (const again of [...waiting]) again();
    tell({ ordered: true });
  });
  process.stdin.on('end', () => process.exit(0));
}
