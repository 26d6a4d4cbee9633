/** The plain port, for the kubelet and Prometheus: nothing on it that needs a secret or shows one. */
import { createServer, type Server } from 'node:http';
import type { Registry } from 'prom-client';

export interface HealthOptions {
  /** Why not, when it is not. */
  notReady: () => string | undefined;
  registry: Registry;
}

export function createHealth({ notReady, registry }: HealthOptions): Server {
  const server = createServer((request, response) => {
    const say = (status: number, text: string, type = 'text/plain') =>
      response.writeHead(status, { 'content-type': type, connection: 'close' }).end(text);
    if (request.method !== 'GET') return say(405, 'GET alone\n');
    switch (request.url) {
      case '/healthz':
        return say(200, 'ok\n');
      case '/readyz': {
        const reason = notReady();
        return reason === undefined ? say(200, 'ok\n') : say(503, `${reason}\n`);
      }
      case '/metrics':
        return registry.metrics().then(
          (text) => say(200, text, registry.contentType),
          () => say(500, 'metrics cannot be read\n'),
        );
      default:
        return say(404, 'there is no such path\n');
    }
  });
  server.requestTimeout = 5000;
  server.maxConnections = 64;
  return server;
}
