import { createHash } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { acceptFor } from '../../../sidecar/http/upgrade.ts';
import { clientFrame, closePayload, FrameReader, OPCODE, serverFrame } from '../../../sidecar/http/websocket.ts';
import { BODY_BYTES, Memory } from '../../../sidecar/memory.ts';
import {
  eventually,
  HOST,
  policy,
  rawUpstream,
  rule,
  SECRET,
  type World,
  type WorldOptions,
  world,
} from './harness.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

function handshake(more = '', path = '/chat'): string {
  return (
    `GET ${path} HTTP/1.1\r\nHost: ${HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
    `Sec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Extensions: permessage-deflate\r\n${more}\r\n`
  );
}

interface Server {
  port: number;
  heads: string[];
  messages: string[];
  connections: { received: string; closed: boolean }[];
}

/** Upgrades, then echoes whole messages. `answer` may stand in for the answer to the handshake. */
async function echoServer(answer?: (accept: string) => string): Promise<Server> {
  const heads: string[] = [];
  const messages: string[] = [];
  const readers = new WeakMap<object, { reader: FrameReader; parts: Buffer[] }>();
  const upstream = await rawUpstream((all, socket, chunk) => {
    let state = readers.get(socket);
    if (!state) {
      const end = all.indexOf('\r\n\r\n');
      if (end < 0) return;
      heads.push(all.slice(0, end));
      state = { reader: new FrameReader(), parts: [] };
      readers.set(socket, state);
      const key = /sec-websocket-key: (\S+)/i.exec(all)?.[1] ?? '';
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      socket.write(
        answer?.(accept) ??
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: v1\r\nX-Up: 1\r\n\r\n`,
      );
      return;
    }
    for (const piece of state.reader.push(chunk)) {
      if (piece.kind === 'control') {
        messages.push(`control ${piece.opcode}`);
        if (piece.opcode === OPCODE.close) socket.end(serverFrame(OPCODE.close, piece.payload));
        else if (piece.opcode === OPCODE.ping) socket.write(serverFrame(OPCODE.pong, piece.payload));
        continue;
      }
      state.parts.push(piece.payload);
      if (!piece.last) continue;
      const message = Buffer.concat(state.parts.splice(0));
      messages.push(message.toString());
      socket.write(serverFrame(piece.opcode, message));
    }
  });
  closers.push(upstream.close);
  return { port: upstream.port, heads, messages, connections: upstream.connections };
}

async function setUp(server: Server, options: WorldOptions = {}): Promise<World> {
  const it = await world({ upstreamPort: server.port, ...options });
  closers.push(() => it.close());
  return it;
}

const text = (message: string): Buffer => clientFrame(OPCODE.text, true, Buffer.from(message));

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

test('limits hold: maxBodySize for each message, uploadSize over all, requests for handshake and messages', async () => {
  for (const [limited, good, bad, reason] of [
    [rule({}, { maxBodySize: 4 }), ['1234', '5678'], '12345', 'http.body-size'],
    [rule({ limits: { uploadSize: 8 } }), ['1234', '5678'], '9', 'limit.upload-size'],
    [rule({ limits: { requests: 3 } }), ['1234', '5678'], '9', 'limit.requests'],
  ] as const) {
    const server = await echoServer();
    const it = await setUp(server, { policy: policy([limited]) });
    const client = await it.client();
    client.send(handshake());
    await client.until(/\r\n\r\n/);
    for (const message of good) await client.send(text(message)).until(new RegExp(`${message}$`));
    client.send(text(bad));
    expect(await client.end()).toContain(reason);
    expect(server.messages).toEqual(good);
  }
});

test('a message that finds no room is refused with the bound; room is given back with its end, or that of the connection', async () => {
  const server = await echoServer();
  const memory = new Memory(BODY_BYTES, 30);
  const it = await setUp(server, { memory });
  const open = async () => {
    const client = await it.client();
    client.send(handshake());
    await client.until(/\r\n\r\n/);
    return client;
  };
  const [first, second, third] = [await open(), await open(), await open()];
  await first.send(text('1234')).until(/1234$/);
  expect(memory.used).toBe(0);
  first.send(clientFrame(OPCODE.text, false, Buffer.from('half')));
  await eventually(() => memory.used === BODY_BYTES);
  second.send(text('never'));
  expect(await second.end()).toContain('bound.memory');
  first.socket.destroy();
  await eventually(() => memory.used === 0);
  await third.send(text('5678')).until(/5678$/);
  expect(server.messages).toEqual(['1234', '5678']);
});

test('control frames are judged and charged like messages, but for the Close that ends the connection', async () => {
  const ping = (payload: string): Buffer => clientFrame(OPCODE.ping, true, Buffer.from(payload));
  const pong = (payload: string): Buffer => clientFrame(OPCODE.pong, true, Buffer.from(payload));
  for (const [limited, good, bad, reason] of [
    [rule({}, { maxBodySize: 4 }), [ping('1234'), pong('')], ping('12345'), 'http.body-size'],
    [rule({}, { maxBodySize: 4 }), [ping('')], pong('12345'), 'http.body-size'],
    [
      rule({}, { maxBodySize: 4 }),
      [ping('')],
      clientFrame(OPCODE.close, true, closePayload(1000, '12345')),
      'http.body-size',
    ],
    [rule({ limits: { uploadSize: 8 } }), [ping('1234'), pong('5678')], ping('9'), 'limit.upload-size'],
    // Which of the two comes when is a message too.
    [rule({ limits: { requests: 3 } }), [ping(''), pong('')], pong(''), 'limit.requests'],
  ] as const) {
    const server = await echoServer();
    const it = await setUp(server, { policy: policy([limited]) });
    const client = await it.client();
    client.send(handshake());
    await client.until(/\r\n\r\n/);
    for (const frame of good) client.send(frame);
    await eventually(() => server.messages.length === good.length);
    client.send(bad);
    expect(await client.end()).toContain(reason);
    expect(server.messages).toHaveLength(good.length);
    expect(it.events[1]).toMatchObject({ action: 'deny', layer: 'websocket', reason });
  }
  const server = await echoServer();
  const it = await setUp(server, { policy: policy([rule({ limits: { requests: 1 } }, { maxBodySize: 4 })]) });
  const client = await it.client();
  client.send(handshake());
  await client.until(/\r\n\r\n/);
  client.send(clientFrame(OPCODE.close, true, closePayload(1000, 'bye')));
  expect(await client.end()).toContain('bye');
  expect(server.messages).toEqual(['control 8']);
});

test.each([
  ['contentTypes', { contentTypes: ['application/json'] }, 'http.content-type'],
  ['maxBodySize: 0', { maxBodySize: 0 }, 'http.body-size'],
])('an upgrade under a match with %s is refused: no message could be sent', async (_what, match, reason) => {
  const server = await echoServer();
  const it = await setUp(server, { policy: policy([rule({}, match)]) });
  const client = await it.client();
  client.send(handshake());
  expect(await client.end()).toContain(reason);
  expect(server.connections).toEqual([]);
  expect(it.events).toMatchObject([{ action: 'deny', reason }]);
  // Another alternative may admit it, and its bounds are those that hold.
  const either = await setUp(server, {
    policy: policy([rule({ http: [[match, { methods: ['GET'], maxBodySize: 4 }]] })]),
  });
  const second = await either.client();
  second.send(handshake());
  await second.until(/\r\n\r\n/);
  await second.send(text('1234')).until(/1234$/);
  expect(await second.send(text('12345')).end()).toContain('http.body-size');
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
