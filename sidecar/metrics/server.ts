/**
 * The metrics port, the one way into the pod's network. Its sockets carry the mark, or the rules would hold back what they
 * answer; so they answer one question, with nothing secret, and nothing of what is asked is looked at but the path.
 */
import http from 'node:http';
import {
  AF_INET,
  AF_INET6,
  bindSocket,
  closeDescriptor,
  openSocket,
  SO_MARK,
  SO_REUSEADDR,
  SOCK_STREAM,
  SOL_SOCKET,
  setOption,
} from '../tcp/native.ts';
import { encodeSockaddr } from '../tcp/sockaddr.ts';

/** Scrapers at once; more are closed. */
export const MAX_SCRAPERS = 8;
/** Milliseconds for a request to arrive, and for which a connection may be silent. */
export const SCRAPE_TIMEOUT_MS = 5000;
/** Bytes of a request's head. */
export const MAX_SCRAPE_HEAD_BYTES = 4096;

/** Listens on every address. Rejects when the port is taken. @throws SystemError without the capability for a mark */
export async function serveMetrics(port: number, mark: number, v6: boolean, text: () => string): Promise<() => void> {
  const server = http.createServer(
    { maxHeaderSize: MAX_SCRAPE_HEAD_BYTES, requestTimeout: SCRAPE_TIMEOUT_MS },
    (request, response) => {
      response.setHeader('connection', 'close');
      if (request.url !== '/metrics' || request.method !== 'GET') {
        response.writeHead(request.url === '/metrics' ? 405 : 404).end();
        return;
      }
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text());
    },
  );
  server.maxConnections = MAX_SCRAPERS;
  server.timeout = SCRAPE_TIMEOUT_MS;
  server.headersTimeout = SCRAPE_TIMEOUT_MS;
  const fd = markedListener(port, mark, v6);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ fd }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  server.on('error', () => {});
  server.unref();
  return () => {
    server.close();
    server.closeAllConnections();
  };
}

/** A bound descriptor whose accepted connections carry the mark too (the kernel copies it from the listener). */
function markedListener(port: number, mark: number, v6: boolean): number {
  const fd = openSocket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM);
  try {
    setOption(fd, SOL_SOCKET, SO_MARK, mark);
    // A restart must not wait for what an earlier life left in TIME_WAIT.
    setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    bindSocket(fd, encodeSockaddr({ address: v6 ? '::' : '0.0.0.0', port }));
    return fd;
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
}
