/** Servers that break HTTP: whatever they answer, and to what, costs that one exchange and nothing else. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOST, policy, rawUpstream, rule, type World, world } from './harness.ts';

let it: World;
let upstream: Awaited<ReturnType<typeof rawUpstream>>;
/** What the server says, and then ends. */
let answer = '';

beforeAll(async () => {
  upstream = await rawUpstream((all, socket) => {
    if (all.includes('\r\n\r\n')) socket.end(Buffer.from(answer, 'latin1'));
  });
  it = await world({ upstreamPort: upstream.port, policy: policy([rule()]) });
});
afterAll(async () => {
  await it.close();
  upstream.close();
});

const REQUESTS: Record<string, string> = {
  GET: `GET / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`,
  HEAD: `HEAD / HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`,
  'POST in HTTP/1.0': `POST / HTTP/1.0\r\nHost: ${HOST}\r\nContent-Length: 3\r\n\r\nabc`,
  'WebSocket handshake': [
    'GET / HTTP/1.1',
    `Host: ${HOST}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    '\r\n',
  ].join('\r\n'),
};

const STATUS_LINES = ['200 OK', '000 X', '099 X', '101 X', '103 X', '199 X', '204 X', '304 X', '999 X'];
const HEADERS = [
  '',
  'Content-Length: 2\r\n',
  'Content-Length: 2\r\nContent-Length: 3\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: gzip\r\n',
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n',
  'Link: \xff<x>; rel=\x01a\r\n',
  'X\xe9: a\r\n',
];
const BODIES = ['', 'ok', 'ok and more', '2\r\nok\r\nno chunk', '2\r\nok\r\n0\r\n: x\r\n\r\n', '5\r\nok'];

test.each(Object.entries(REQUESTS))('to a %s', async (_what, request) => {
  for (const status of STATUS_LINES) {
    const answers = HEADERS.flatMap((headers) => BODIES.map((body) => `HTTP/1.1 ${status}\r\n${headers}\r\n${body}`));
    for (answer of answers) {
      const client = await it.client();
      client.send(request);
      // An exception that nobody caught fails the test; so does a client that is left without an end.
      await client.end();
    }
  }
  answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
  const client = await it.client();
  client.send(REQUESTS.GET as string);
  expect(await client.until(/ok$/)).toMatch(/^HTTP\/1\.1 200 /);
});

test('a WebSocket that is declined with a head that cannot be written anew is refused with 502', async () => {
  answer = 'HTTP/1.1 099 X\r\nContent-Length: 2\r\n\r\nok';
  const events = it.events.length;
  const client = await it.client();
  client.send(REQUESTS['WebSocket handshake'] as string);
  expect(await client.end()).toMatch(/^HTTP\/1\.1 502 [\s\S]*upstream\.unreachable/);
  expect(it.events.slice(events)).toMatchObject([{ action: 'deny', reason: 'upstream.unreachable' }]);
});
