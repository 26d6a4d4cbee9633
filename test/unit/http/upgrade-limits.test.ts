import { expect, test } from 'vitest';
import { clientFrame, closePayload, OPCODE } from '../../../sidecar/http/websocket.ts';
import { BODY_BYTES, Memory } from '../../../sidecar/memory.ts';
import { echoServer, handshake, setUp, text } from './echo.ts';
import { eventually, policy, rule } from './harness.ts';

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
