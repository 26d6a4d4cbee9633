import net from 'node:net';
import { expect, test } from 'vitest';
import { eventually, HOST, testInspector } from './harness.ts';
import { OK, post, setUp } from './set-up.ts';

test('a client that goes away in the middle of an upload aborts the upstream request', async () => {
  const { it, upstream } = await setUp(() => {});
  const client = await it.client();
  client.send(post(1_000_000)).send(Buffer.alloc(100_000));
  await eventually(() => (upstream.connections[0]?.received.length ?? 0) > 50_000);
  client.socket.destroy();
  await eventually(() => upstream.connections[0]?.closed === true && it.events.length === 1);
  expect(it.events[0]).toMatchObject({ action: 'allow', detail: 'the client closed the connection' });
});

test('a client that goes away in the middle of a download aborts the upstream request', async () => {
  const { it, upstream } = await setUp((_all, socket) =>
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart'),
  );
  const client = await it.client();
  client.send(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
  await client.until(/part$/);
  client.socket.destroy();
  await eventually(() => upstream.connections[0]?.closed === true && it.events.length === 1);
  expect(it.events[0]).toMatchObject({ action: 'allow', status: 200, bytesDown: 4 });
});

test('a client that goes away before the upstream connection is there leaves nothing behind', async () => {
  let connected: ((socket: net.Socket) => void) | undefined;
  const { it, upstream } = await setUp(() => {}, {
    connect: () =>
      new Promise((resolve) => {
        connected = resolve;
      }),
  });
  const client = await it.client();
  client.send(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
  await eventually(() => connected !== undefined);
  client.socket.destroy();
  await eventually(() => it.events.length === 1);
  const socket = net.connect(upstream.port, '127.0.0.1');
  socket.on('connect', () => connected?.(socket));
  await eventually(() => upstream.connections[0]?.closed === true);
  expect(upstream.connections[0]?.received).toBe('');
});

test.each([
  ['with a length', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart'],
  ['in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n'],
])('an upstream that is cut off in a body %s cuts the client off, not ends it', async (_how, answer) => {
  const { it } = await setUp((_all, socket) => {
    socket.write(answer);
    setTimeout(() => socket.resetAndDestroy(), 20);
  });
  const client = await it.client();
  client.send(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
  expect(await client.end()).toMatch(/part(\r\n)?$/);
  expect(it.events).toMatchObject([{ action: 'deny', reason: 'upstream.unreachable', status: 200, bytesDown: 4 }]);
});

test('an upstream that cannot be reached, or does not answer, is told as what it is', async () => {
  const refused = await setUp(() => {}, { upstreamPort: 1 });
  const first = await refused.it.client();
  expect(await first.send(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`).until(/\}\n/)).toMatch(
    /^HTTP\/1\.1 502 [\s\S]*upstream\.unreachable/,
  );
  // The connection to the workload is sound.
  expect(await first.send(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`).until(/\}\n/)).toMatch(/^HTTP\/1\.1 502/);

  const never = await setUp(() => {}, { connect: () => new Promise(() => {}), forwarder: { connectTimeoutMs: 30 } });
  expect(await (await never.it.client()).send(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`).until(/\}\n/)).toMatch(
    /^HTTP\/1\.1 504 [\s\S]*upstream\.timeout/,
  );

  const named = await setUp(() => {}, {
    connect: () => Promise.reject(Object.assign(new Error('certificate has expired'), { reason: 'upstream.tls' })),
  });
  expect(await (await named.it.client()).send(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`).until(/\}\n/)).toMatch(
    /^HTTP\/1\.1 502 [\s\S]*upstream\.tls/,
  );
  expect(named.it.events).toMatchObject([
    { action: 'deny', reason: 'upstream.tls', detail: 'certificate has expired' },
  ]);
});

test('a response that is not HTTP is refused with 502', async () => {
  const { it } = await setUp((_all, socket) => socket.write('SSH-2.0-OpenSSH\r\n'));
  const client = await it.client();
  expect(await client.send(`POST / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`).until(/\}\n/)).toMatch(/^HTTP\/1\.1 502/);
});

test.each([
  ['GET', 200, 2],
  ['POST', 502, 1],
])(
  'a %s on a connection that the server had closed gets %i after %i connections',
  async (method, status, connections) => {
    const { it, upstream } = await setUp((all, socket) => {
      if (all.split('\r\n\r\n').length === 2) socket.write(OK);
      else socket.destroy();
    });
    const client = await it.client();
    await client.send(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`).until(/ok$/);
    client.send(`${method} / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
    expect((await client.until(/ok$|\}\n$/)).slice(9, 12)).toBe(String(status));
    expect(upstream.connections).toHaveLength(connections);
    await eventually(() => it.events.length === 2);
  },
);

test('closing the front closes every connection', async () => {
  const { it, upstream } = await setUp(() => {});
  const client = await it.client();
  client.send(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
  await eventually(() => upstream.connections.length === 1);
  it.front.close();
  await client.end();
  await eventually(() => upstream.connections[0]?.closed === true);
});

test('a server that is silent, before the head or within the body, is given up', async () => {
  const { it } = await setUp(
    (all, socket) => {
      if (all.includes('/body')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart');
    },
    { forwarder: { idleTimeoutMs: 100 } },
  );
  const [head, body] = [await it.client(), await it.client()];
  head.send(`GET /head HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
  body.send(`GET /body HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
  expect(await head.until(/\}\n$/)).toMatch(/^HTTP\/1\.1 504 [\s\S]*upstream\.timeout/);
  expect(await body.end()).toMatch(/part$/);
  expect(it.events).toMatchObject([
    { action: 'deny', reason: 'upstream.timeout' },
    { action: 'deny', reason: 'upstream.timeout' },
  ]);
});

test('a defect behind the judge refuses the request, and nothing else', async () => {
  const inspector = testInspector();
  const { it, upstream } = await setUp((_all, socket) => socket.write(OK), {
    inspector: {
      session: (host) => ({
        open: (context) => {
          const inspection = inspector.session(host).open(context);
          return {
            ...inspection,
            field: (channel, name, bytes) => {
              if (bytes.includes('bug')) throw new TypeError('a defect');
              return inspection.field(channel, name, bytes);
            },
          };
        },
      }),
    },
  });
  const client = await it.client();
  expect(await client.send(`GET /bug HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`).end()).toMatch(
    /^HTTP\/1\.1 403 [\s\S]*content\.too-complex/,
  );
  expect(upstream.connections).toEqual([]);
  await (await it.client()).send(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`).until(/ok$/);
  expect(it.events.map((e) => e.action)).toEqual(['deny', 'allow']);
});
