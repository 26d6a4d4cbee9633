import { expect, test } from 'vitest';
import { PIECE_BYTES } from '../../../sidecar/http/coalesce.ts';
import { MAX_PIPELINED, MAX_PIPELINED_BYTES } from '../../../sidecar/http/connection.ts';
import { MAX_CONNECTIONS_PER_POOL, MAX_RESPONSE_HEAD_BYTES } from '../../../sidecar/http/forward.ts';
import { MAX_HEAD_BYTES } from '../../../sidecar/http/server.ts';
import { DRAIN_TIMEOUT_MS } from '../../../sidecar/http/source.ts';
import type { Inspector } from '../../../sidecar/inspect/inspector.ts';
import { BODY_BYTES, BODY_HOLDS_BYTES, Memory } from '../../../sidecar/memory.ts';
import { eventually, HOST, policy, RawClient, rule } from './harness.ts';
import { closers, OK, setUp } from './set-up.ts';

test('a head that dribbles in, and a connection that is silent, are closed', async () => {
  const { it } = await setUp(() => {}, { headTimeoutMs: 60, idleTimeoutMs: 150 });
  const slow = await it.client();
  const timer = setInterval(() => slow.send('x'), 10);
  slow.send('GET / HTTP/1.1\r\nX-Slow: ');
  await slow.end();
  clearInterval(timer);
  const silent = await it.client();
  silent.send(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
  await silent.end();
});

test(`up to ${MAX_PIPELINED} requests may wait behind one; one more closes the connection`, async () => {
  let answers: (() => void)[] = [];
  const { it } = await setUp((_all, socket) => {
    answers.push(() => socket.write(OK));
  });
  const get = `GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`;
  const patient = await it.client();
  patient.send(get.repeat(MAX_PIPELINED + 1));
  let count = 0;
  const serve = setInterval(() => {
    for (const answer of answers.splice(0)) {
      answer();
      count++;
    }
  }, 1);
  await eventually(() => count === MAX_PIPELINED + 1);
  clearInterval(serve);
  answers = [];
  const hasty = await it.client();
  hasty.send(get.repeat(MAX_PIPELINED + 2));
  await hasty.end();
});

test(`heads of ${MAX_PIPELINED_BYTES} bytes may wait behind one; what follows more than that closes the connection`, async () => {
  const { it, upstream } = await setUp(() => {});
  const get = (bytes: number) => `GET /${'a'.repeat(bytes)} HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`;
  const half = MAX_PIPELINED_BYTES / 2;
  const patient = await it.client();
  patient.send(get(1) + get(half) + get(half));
  const hasty = await it.client();
  hasty.send(get(1) + get(half) + get(half) + get(1));
  await hasty.end();
  await eventually(() => upstream.connections.length > 0);
  expect(patient.closed).toBe(false);
});

test('a body waits unread for room, as long as others have it', async () => {
  const memory = new Memory(BODY_BYTES);
  const { it, upstream } = await setUp(
    (all, socket) => {
      if (all.includes('b'.repeat(9))) socket.write(OK);
    },
    { memory },
  );
  const chunked = `POST /up HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const first = await it.client();
  first.send(`${chunked}1\r\na\r\n`);
  await eventually(() => memory.used === BODY_BYTES);
  const second = await it.client();
  second.send(`${chunked}9\r\n${'b'.repeat(9)}\r\n0\r\n\r\n`);
  const without = await it.client();
  without.send(`GET /bbbbbbbbb HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
  await without.until(/ok$/);
  await eventually(() => memory.waiting === 1);
  first.socket.destroy();
  await second.until(/ok$/);
  expect(upstream.connections.some(({ received }) => received.includes('bbb'))).toBe(true);
  await eventually(() => memory.used === 0);
});

test.each(['', 'Content-Encoding: zstd\r\n', 'Content-Encoding: gzip\r\n'])(
  'a body that finds no room in time is refused with the bound: %j',
  async (encoding) => {
    const memory = new Memory(BODY_BYTES - 1, 30);
    const { it, upstream } = await setUp(() => {}, { memory });
    const client = await it.client();
    client.send(`POST /up HTTP/1.1\r\nHost: ${HOST}\r\n${encoding}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n`);
    await client.until(/HTTP\/1.1 503[\s\S]*bound\.memory/);
    expect(upstream.connections).toEqual([]);
    expect([memory.used, memory.refused]).toEqual([0, 1]);
    expect(it.events.map(({ action, reason }) => [action, reason])).toEqual([['deny', 'bound.memory']]);
  },
);

test('what a body holds back takes room as it grows', async () => {
  const memory = new Memory(BODY_BYTES + 1000);
  const { it } = await setUp(() => {}, { memory, inspector: hoarding() });
  const client = await it.client();
  const chunk = (bytes: number) => `${bytes.toString(16)}\r\n${'a'.repeat(bytes)}\r\n`;
  client.send(`POST /up HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding: chunked\r\n\r\n`);
  client.send(chunk(BODY_HOLDS_BYTES + 1000));
  await eventually(() => memory.used === BODY_BYTES + 1000);
  client.send(chunk(PIECE_BYTES));
  await client.until(/HTTP\/1.1 503[\s\S]*bound\.memory/);
  expect(memory.used).toBe(0);
});

/** Releases nothing before the end. */
function hoarding(): Inspector {
  const nothing = { findings: [], release: [] };
  return {
    session: () => ({
      open: () => ({
        field: () => nothing,
        push: () => nothing,
        end: () => nothing,
        commit: () => nothing,
        abort() {},
      }),
    }),
  };
}

test('a head at the bound passes, one over is refused', async () => {
  const { it } = await setUp((_all, socket) => socket.write(OK));
  const frame = `GET / HTTP/1.1\r\nHost: ${HOST}\r\nX: `;
  const sizes = [MAX_HEAD_BYTES - frame.length - 200, MAX_HEAD_BYTES];
  const answers: string[] = [];
  for (const size of sizes) {
    const client = await it.client();
    answers.push(await client.send(`${frame}${'a'.repeat(size)}\r\n\r\n`).until(/ok$|\}\n$/));
  }
  expect(answers.map((a) => a.slice(9, 12))).toEqual(['200', '400']);
});

test(`${MAX_CONNECTIONS_PER_POOL} connections to one server at most; a further request waits for one`, async () => {
  const open: (() => void)[] = [];
  const { it, upstream } = await setUp((_all, socket) => {
    open.push(() => socket.write(OK));
  });
  const port = await it.port();
  const clients = Array.from({ length: MAX_CONNECTIONS_PER_POOL + 1 }, () => {
    const client = new RawClient(port);
    closers.push(() => client.socket.destroy());
    return client.send(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
  });
  await eventually(() => open.length === MAX_CONNECTIONS_PER_POOL);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(upstream.connections).toHaveLength(MAX_CONNECTIONS_PER_POOL);
  for (const answer of open.splice(0)) answer();
  await eventually(() => open.length === 1);
  open[0]?.();
  await Promise.all(clients.map((client) => client.until(/ok$/)));
  expect(upstream.connections).toHaveLength(MAX_CONNECTIONS_PER_POOL);
});

test('a response head up to the bound passes, one over is refused with 502', async () => {
  let size = 0;
  const { it } = await setUp((_all, socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: ${'a'.repeat(size)}\r\n\r\nok`);
  });
  const client = await it.client();
  const get = `GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`;
  // undici counts names and values: 'Content-Length', '2', 'X'.
  size = MAX_RESPONSE_HEAD_BYTES - 17;
  expect(await client.send(get).until(/ok$/)).toMatch(/^HTTP\/1\.1 200/);
  size = MAX_RESPONSE_HEAD_BYTES - 16;
  expect(await client.send(get).until(/\}\n$/)).toMatch(/^HTTP\/1\.1 502/);
});

test('a refused client that sends no more is waited for, but not for long', async () => {
  const { it } = await setUp(() => {}, { policy: policy([rule({}, { methods: ['GET'] })]) });
  const client = await it.client();
  const started = performance.now();
  client.send(`POST /no-suggestion HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc`);
  expect(await client.until(/\}\n$/)).toMatch(/^HTTP\/1\.1 403 [\s\S]*connection: close/i);
  expect(performance.now() - started).toBeLessThan(DRAIN_TIMEOUT_MS / 2);
  await client.end();
  expect(performance.now() - started).toBeLessThan(2 * DRAIN_TIMEOUT_MS);
});
