/** What a client sends behind the last answer on a connection, before that is closed. */
import type net from 'node:net';
import { duplexPair } from 'node:stream';
import { expect, test } from 'vitest';
import { eventually, HOST, policy, rule } from './harness.ts';
import { setUp } from './set-up.ts';

const GET = `GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`;
const UPGRADE = [
  'GET /ws HTTP/1.1',
  `Host: ${HOST}`,
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n');
const CONNECT = `CONNECT ${HOST}:80 HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`;

const LASTS: Record<string, string> = {
  'a refusal': 'GET / HTTP/1.1\r\nHost: evil,test\r\n\r\n',
  'an answer that the client wanted closed': `GET / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`,
  'an answer to HTTP/1.0': `GET / HTTP/1.0\r\nHost: ${HOST}\r\n\r\n`,
};
const MORE: Record<string, string[]> = {
  'a request': [GET],
  'an upgrade': [UPGRADE],
  'a request and an upgrade': [`${GET}${UPGRADE}`],
  'a request, then an upgrade': [GET, UPGRADE],
  'a request and CONNECT': [`${GET}${CONNECT}`],
  'a request and garbage': [`${GET}\x00garbage`],
  'a broken body, again and again': [
    `POST / HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
    'zz',
    'zz',
  ],
};
const cases = Object.keys(LASTS).flatMap((last) => Object.keys(MORE).map((more) => [last, more] as const));

test.each(cases)('%s, then %s: neither answered nor forwarded', async (last, more) => {
  // The upgrade is one that would be refused.
  const { it, upstream } = await setUp((_, socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'), {
    policy: policy([rule({}, { paths: ['/'] })]),
  });
  // Not a socket of the kernel's: node ends it, and whoever reads it goes on.
  const [client, served] = duplexPair();
  client.on('error', () => {});
  let read = '';
  client.on('data', (chunk: Buffer) => {
    read += chunk.toString('latin1');
  });
  it.front.serve(served as unknown as net.Socket, { host: HOST, port: 80, secure: false });
  client.write(LASTS[last] as string);
  await eventually(() => client.readableEnded || /ok$|\}\n$/.test(read));
  const before = { read, requests: upstream.connections.map(({ received }) => received) };
  for (const bytes of MORE[more] as string[]) {
    client.write(bytes);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await eventually(() => served.destroyed);
  expect({ read, requests: upstream.connections.map(({ received }) => received) }).toEqual(before);
  expect(it.events).toHaveLength(1);
});
