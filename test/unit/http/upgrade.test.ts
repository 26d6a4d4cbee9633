import { expect, test } from 'vitest';
import { acceptFor } from '../../../sidecar/http/upgrade.ts';
import { clientFrame, closePayload, OPCODE, serverFrame } from '../../../sidecar/http/websocket.ts';
import { echoServer, handshake, KEY, setUp, text } from './echo.ts';
import { eventually, HOST, policy, rule, SECRET } from './harness.ts';

test('the accept value is that of RFC 6455 section 1.3', () => {
  expect(acceptFor(KEY)).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
});

test('echo: the handshake is written anew with a key of our own, and messages pass both ways', async () => {
  const server = await echoServer();
  const it = await setUp(server);
  const client = await it.client();
  client.send(handshake('Sec-WebSocket-Protocol: v1\r\nOrigin: http://x\r\n', '/a//b?c=d'));
  const head = await client.until(/\r\n\r\n/);
  expect(head).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
  expect(head).toContain(`sec-websocket-accept: ${acceptFor(KEY)}\r\n`);
  expect(head).toContain('X-Up: 1\r\n');
  expect(head.match(/upgrade: websocket/gi)).toHaveLength(1);
  expect(server.heads[0]).toMatch(/^GET \/a\/\/b\?c=d HTTP\/1\.1\r\n/);
  expect(server.heads[0]).not.toContain(KEY);
  expect(server.heads[0]).not.toMatch(/extensions/i);
  expect(server.heads[0]).toMatch(/\r\nhost: allowed\.test/i);
  for (const message of ['hello', 'x'.repeat(100_000)]) {
    client.send(text(message));
    await client.until(new RegExp(`${message.slice(-5)}$`));
  }
  expect(server.messages).toEqual(['hello', 'x'.repeat(100_000)]);
  client.send(clientFrame(OPCODE.ping, true, Buffer.from('p1')));
  await client.until(/p1$/);
  client.send(clientFrame(OPCODE.close, true, closePayload(1000, '')));
  await client.end();
  client.socket.end();
  await eventually(() => it.events.length === 2);
  expect(it.events).toMatchObject([
    { action: 'allow', layer: 'http', status: 101, path: '/a//b?c=d', rule: 'p/r' },
    { action: 'allow', layer: 'websocket', rule: 'p/r', bytesUp: 100_009 },
  ]);
  await eventually(() => server.connections[0]?.closed === true);
});

test('frames that came with the handshake are not lost', async () => {
  const server = await echoServer();
  const client = await (await setUp(server)).client();
  client.send(Buffer.concat([Buffer.from(handshake()), text('early')]));
  await client.until(/early$/);
  expect(server.messages).toEqual(['early']);
});

test.each([
  ['in one frame', [text(`a ${SECRET} b`)]],
  [
    'over two fragments',
    [
      clientFrame(OPCODE.text, false, Buffer.from(`a ${SECRET.slice(0, 6)}`)),
      clientFrame(OPCODE.continuation, true, Buffer.from(SECRET.slice(6))),
    ],
  ],
  ['in a ping', [clientFrame(OPCODE.ping, true, Buffer.from(SECRET))]],
  ['in the reason of a close', [clientFrame(OPCODE.close, true, closePayload(1000, SECRET))]],
])('a secret %s is refused with status 1008 and never sent', async (_how, frames) => {
  const server = await echoServer();
  const it = await setUp(server);
  const client = await it.client();
  client.send(handshake());
  await client.until(/\r\n\r\n/);
  await client.send(text('fine')).until(/fine$/);
  for (const frame of frames) client.send(frame);
  const end = await client.end();
  expect(Buffer.from(end, 'latin1').readUInt16BE(2)).toBe(1008);
  expect(end).toContain('content.secret');
  await eventually(() => server.connections[0]?.closed === true);
  expect(server.messages).toEqual(['fine']);
  expect(it.events).toMatchObject([
    { action: 'allow', status: 101 },
    { action: 'deny', layer: 'websocket', reason: 'content.secret', findings: [{ channel: 'websocket.message' }] },
  ]);
});

test('a change of policy ends the WebSocket that no rule of it admits, and leaves the others', async () => {
  const server = await echoServer();
  const it = await setUp(server, { policy: policy([rule({ limits: { requests: 9 } })]) });
  const client = await it.client();
  client.send(handshake());
  await client.until(/\r\n\r\n/);
  await client.send(text('one')).until(/one$/);
  // Another limit, spent or not, is the rule's own matter.
  it.use(policy([rule({ limits: { requests: 1 } })]));
  it.use(policy([rule({}, { paths: ['/chat'] })]));
  await client.send(text('two')).until(/two$/);
  it.use(policy([rule({}, { paths: ['/elsewhere'] })]));
  const end = await client.end();
  expect(Buffer.from(end, 'latin1').readUInt16BE(2)).toBe(1008);
  await eventually(() => server.connections[0]?.closed === true);
  expect(server.messages).toEqual(['one', 'two']);
  expect(it.events).toMatchObject([
    { action: 'allow', status: 101 },
    { action: 'deny', layer: 'websocket', reason: 'host.not-allowed' },
  ]);
});

test.each([
  ['an unmasked frame', serverFrame(OPCODE.text, Buffer.from('x')), 1002],
  ['a reserved bit', Buffer.concat([Buffer.from([0xc1]), text('x').subarray(1)]), 1002],
  ['text that is not UTF-8', clientFrame(OPCODE.text, true, Buffer.from([0xff])), 1007],
  ['a frame of more than 2^53 bytes', Buffer.from('81ff7fffffffffffffff00000000', 'hex'), 1009],
])('%s closes the connection with its status', async (_what, frame, status) => {
  const server = await echoServer();
  const it = await setUp(server);
  const client = await it.client();
  client.send(handshake());
  await client.until(/\r\n\r\n/);
  client.send(frame);
  expect(Buffer.from(await client.end(), 'latin1').readUInt16BE(2)).toBe(status);
  expect(server.messages).toEqual([]);
  expect(it.events[1]).toMatchObject({ action: 'deny', layer: 'websocket', reason: 'http.malformed' });
});

test('a handshake that the policy denies is refused like a request', async () => {
  const server = await echoServer();
  const it = await setUp(server, { policy: policy([rule({}, { paths: ['/ok'] })]) });
  const client = await it.client();
  client.send(handshake());
  expect(await client.end()).toMatch(/^HTTP\/1\.1 403 [\s\S]*http\.path/);
  expect(server.connections).toEqual([]);
  expect(it.events).toMatchObject([{ action: 'deny', reason: 'http.path', path: '/chat' }]);
});

test('a server that answers with a plain response has it passed on, and the connection is closed', async () => {
  const server = await echoServer(
    () => 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\nWWW-Authenticate: Basic\r\n\r\nnope',
  );
  const it = await setUp(server);
  const client = await it.client();
  client.send(handshake()).send(text('never'));
  const answer = await client.end();
  expect(answer).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n[\s\S]*WWW-Authenticate: Basic\r\n[\s\S]*\r\n\r\nnope$/);
  expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
  expect(server.messages).toEqual([]);
  expect(it.events).toMatchObject([{ action: 'allow', status: 401 }]);
  await eventually(() => server.connections[0]?.closed === true);
});

test.each([
  [
    'a wrong accept value',
    () => 'HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n',
  ],
  [
    'an extension that nobody offered',
    (accept: string) =>
      `HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n`,
  ],
  [
    'another protocol',
    (accept: string) =>
      `HTTP/1.1 101 x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  ],
  ['bytes that are not HTTP', () => 'hello\r\n\r\n'],
])('a server that upgrades with %s is refused with 502', async (_what, answer) => {
  const server = await echoServer(answer);
  const it = await setUp(server);
  const client = await it.client();
  client.send(handshake());
  expect(await client.end()).toMatch(/^HTTP\/1\.1 502 [\s\S]*upstream\.unreachable/);
  expect(it.events).toMatchObject([{ action: 'deny', reason: 'upstream.unreachable' }]);
  await eventually(() => server.connections[0]?.closed === true);
});

test('either side that goes away takes the other with it', async () => {
  const server = await echoServer();
  const it = await setUp(server);
  const first = await it.client();
  first.send(handshake());
  await first.until(/\r\n\r\n/);
  first.socket.destroy();
  await eventually(() => server.connections[0]?.closed === true);
  const second = await it.client();
  second.send(handshake());
  await second.until(/\r\n\r\n/);
  it.dialled[1]?.destroy();
  await second.end();
  second.socket.end();
  await eventually(() => it.events.length === 4);
});

test('closing the front closes WebSockets too', async () => {
  const server = await echoServer();
  const it = await setUp(server);
  const client = await it.client();
  client.send(handshake());
  await client.until(/\r\n\r\n/);
  it.front.close();
  await client.end();
  await eventually(() => server.connections[0]?.closed === true);
});

test('an upgrade while another answer is under way closes the connection', async () => {
  const server = await echoServer();
  const it = await setUp(server);
  const client = await it.client();
  client.send(`GET /slow HTTP/1.1\r\nHost: ${HOST}\r\n\r\n${handshake()}`);
  expect(await client.end()).toBe('');
});
