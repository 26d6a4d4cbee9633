/** Requests that do not parse, behind one that is decided, and whose answer is still on its way to the client. */
import type net from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { expect, test } from 'vitest';
import { eventually, HOST, policy, rule } from './harness.ts';
import { setUp } from './set-up.ts';

const BODY = 256 * 1024;
const WHOLE = new RegExp(`^HTTP/1\\.1 200 OK\\r\\n[^x]*x{${BODY}}$`);
const HEAD = `HTTP/1.1 200 OK\r\nContent-Length: ${BODY}\r\n\r\n`;
const GET = `GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`;
const CHUNKED = `POST / HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding: chunked\r\n\r\n`;

/** A client of which nothing is in a kernel: what it has not read waits with the front. */
async function answered(): Promise<{ client: Duplex; read: () => string; more: () => void; requests: () => number }> {
  const { it, upstream } = await setUp((_, socket) => socket.write(HEAD + 'x'.repeat(BODY)), {
    policy: policy([rule()]),
  });
  const [client, served] = duplexPair();
  it.front.serve(served as unknown as net.Socket, { host: HOST, port: 80, secure: false });
  let read = '';
  const more = (): void => {
    read += ((client.read(Math.min(8192, client.readableLength)) as Buffer | null) ?? '').toString('latin1');
  };
  client.write(GET);
  // The end of the answer is handed on, and no further than that.
  await eventually(() => {
    if (it.events.length === 0) more();
    return it.events.length > 0;
  });
  expect(read).not.toMatch(WHOLE);
  const requests = (): number =>
    upstream.connections.reduce((sum, c) => sum + c.received.split('HTTP/1.1').length - 1, 0);
  return { client, read: () => read, more, requests };
}

test.each([
  ['a head', '\x00garbage'],
  ['a head behind another request', `${GET}\x00garbage`],
  ['a body', `${CHUNKED}zz\r\n`],
  ['a body behind another request', `${GET}${CHUNKED}zz\r\n`],
])('%s: what was answered arrives whole, then the connection ends, whatever still comes', async (_, broken) => {
  const { client, read, more, requests } = await answered();
  client.on('error', () => {});
  client.write(broken);
  await new Promise((resolve) => setTimeout(resolve, 10));
  // Each further piece is an error of the parser again: before the answer has ended, and after.
  await eventually(() => {
    if (client.writable) client.write('more');
    more();
    return client.readableEnded || client.destroyed;
  });
  expect(read()).toMatch(WHOLE);
  expect(requests()).toBe(1);
});
