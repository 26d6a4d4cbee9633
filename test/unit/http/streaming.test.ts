import net from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { HOLD_BYTES } from '../../../sidecar/http/body.ts';
import { PIECE_BYTES } from '../../../sidecar/http/coalesce.ts';
import { MAX_PIPELINED, MAX_PIPELINED_BYTES } from '../../../sidecar/http/connection.ts';
import { MAX_CONNECTIONS_PER_POOL, MAX_RESPONSE_HEAD_BYTES } from '../../../sidecar/http/forward.ts';
import { MAX_HEAD_BYTES } from '../../../sidecar/http/server.ts';
import { DRAIN_TIMEOUT_MS, MAX_DRAIN_BYTES } from '../../../sidecar/http/source.ts';
import type { Inspector } from '../../../sidecar/inspect/inspector.ts';
import { BODY_BYTES, BODY_HOLDS_BYTES, Memory } from '../../../sidecar/memory.ts';
import {
  eventually,
  HOST,
  policy,
  RawClient,
  rawUpstream,
  rule,
  SECRET,
  testInspector,
  type World,
  type WorldOptions,
  world,
} from './harness.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

type Upstream = Awaited<ReturnType<typeof rawUpstream>>;

async function setUp(
  onData: Parameters<typeof rawUpstream>[0],
  options: WorldOptions = {},
): Promise<{ it: World; upstream: Upstream }> {
  const upstream = await rawUpstream(onData);
  const it = await world({ upstreamPort: upstream.port, ...options });
  closers.push(() => it.close(), upstream.close);
  return { it, upstream };
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const post = (length: number): string => `POST /up HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: ${length}\r\n\r\n`;

test(`a body of exactly ${HOLD_BYTES} bytes is judged whole before anything is forwarded; one byte more streams`, async () => {
  const { it, upstream } = await setUp((all, socket) => {
    if (all.endsWith('z')) socket.write(OK);
  });
  const whole = await it.client();
  whole.send(post(HOLD_BYTES)).send('a'.repeat(HOLD_BYTES - 1));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(upstream.connections).toEqual([]);
  whole.send('z');
  await whole.until(/ok$/);
  const stream = await it.client();
  stream.send(post(HOLD_BYTES + 1)).send('a'.repeat(HOLD_BYTES));
  await eventually(() => upstream.connections.some((c) => c.received.includes('content-length: 65537')));
  stream.send('z');
  await stream.until(/ok$/);
  expect(it.events.map((e) => e.bytesUp)).toEqual([HOLD_BYTES, HOLD_BYTES + 1]);
});

test('a secret deep in a long body is never forwarded, and the upstream request is aborted', async () => {
  for (const [chunked, asynchronous] of [
    [false, false],
    [true, true],
  ]) {
    const { it, upstream } = await setUp(() => {}, {
      inspector: testInspector({ asynchronous: asynchronous === true }),
    });
    const client = await it.client();
    const filler = Buffer.alloc(200_000, 'x');
    const chunk = (bytes: string): string => (chunked ? `${bytes.length.toString(16)}\r\n${bytes}\r\n` : bytes);
    client.send(chunked ? `POST /up HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding: chunked\r\n\r\n` : post(3_000_000));
    client.send(chunk(filler.toString()));
    await eventually(() => (upstream.connections[0]?.received.length ?? 0) > 150_000);
    client.send(chunk(`${'y'.repeat(PIECE_BYTES)}${SECRET.slice(0, 5)}`));
    client.send(chunk(`${SECRET.slice(5)}${'z'.repeat(PIECE_BYTES)}`));
    const text = await client.until(/\}\n/);
    expect(text).toMatch(/^HTTP\/1\.1 403 [\s\S]*connection: close[\s\S]*content\.secret/i);
    await eventually(() => upstream.connections[0]?.closed === true);
    expect(upstream.connections[0]?.received).not.toContain(SECRET.slice(0, 5));
    expect(upstream.connections[0]?.received).not.toMatch(/\r\n0\r\n\r\n$/);
    expect(it.events).toMatchObject([
      { action: 'deny', reason: 'content.secret', findings: [{ channel: 'http.body' }] },
    ]);
  }
});

test('findings that are at home do not stop a stream', async () => {
  const { it, upstream } = await setUp(
    (all, socket) => {
      if (all.endsWith('end')) socket.write(OK);
    },
    { inspector: testInspector({ homeHosts: [HOST] }) },
  );
  const client = await it.client();
  const body = `${'x'.repeat(100_000)}${SECRET}${'y'.repeat(100_000)}end`;
  client.send(post(body.length)).send(body);
  await client.until(/ok$/);
  expect(upstream.connections[0]?.received.endsWith(body)).toBe(true);
});

test('maxBodySize: at the bound passes, one over is refused, declared or not', async () => {
  const { it, upstream } = await setUp((_all, socket) => socket.write(OK), {
    policy: policy([rule({}, { maxBodySize: 5 })]),
  });
  const chunked = (text: string): string =>
    `POST / HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding: chunked\r\n\r\n${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;
  const client = await it.client();
  await client.send(`${post(5)}12345`).until(/ok$/);
  await client.send(chunked('12345')).until(/ok$/);
  expect(await client.send(`${post(6)}123456`).until(/\}\n/)).toMatch(/^HTTP\/1\.1 413/);
  expect(await client.send(chunked('123456')).until(/\}\n/)).toMatch(/^HTTP\/1\.1 413/);
  expect(upstream.connections.map((c) => c.received).join('')).not.toContain('123456');
});

test('uploadSize is charged before bytes are sent: at the bound passes, one more byte is refused', async () => {
  const { it, upstream } = await setUp((_all, socket) => socket.write(OK), {
    policy: policy([rule({ limits: { uploadSize: 10 } })]),
  });
  const client = await it.client();
  await client.send(`${post(4)}1234`).until(/ok$/);
  expect(await client.send(`${post(7)}xxxxxxx`).until(/\}\n/)).toContain('limit.upload-size');
  await client.send(`${post(6)}abcdef`).until(/ok$/);
  expect(await client.send(`${post(1)}y`).until(/\}\n/)).toContain('limit.upload-size');
  expect(upstream.connections.map((c) => c.received).join('')).not.toMatch(/xxx|y$/);
  expect(it.budgets.spent('p/r', 'uploadSize')).toBe(10);
});

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

test('an answer before the end of the upload reaches the client; the rest is dropped and the connection is reused', async () => {
  const { it, upstream } = await setUp((all, socket) => {
    if (all.startsWith('POST') && all.length > 80_000)
      socket.end('HTTP/1.1 409 Conflict\r\nContent-Length: 4\r\n\r\nstop');
    else if (all.startsWith('GET')) socket.write(OK);
  });
  const client = await it.client();
  client.send(post(300_000)).send(Buffer.alloc(100_000));
  expect(await client.until(/stop$/)).toMatch(/^HTTP\/1\.1 409/);
  client.send(Buffer.alloc(200_000));
  await client.send(`GET /next HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`).until(/ok$/);
  expect(upstream.connections).toHaveLength(2);
  expect(it.events.map((e) => [e.action, e.status])).toEqual([
    ['allow', 409],
    ['allow', 200],
  ]);
});

test('a client that keeps sending after its answer is cut off at a bound', async () => {
  const { it } = await setUp((all, socket) => {
    if (all.length > 80_000) socket.end('HTTP/1.1 409 Conflict\r\nContent-Length: 4\r\n\r\nstop');
  });
  const client = await it.client();
  client.send(post(100 * MAX_DRAIN_BYTES)).send(Buffer.alloc(100_000));
  await client.until(/stop$/);
  const block = Buffer.alloc(256 * 1024);
  const timer = setInterval(() => client.socket.write(block), 2);
  await client.end();
  clearInterval(timer);
  expect(client.socket.bytesWritten).toBeLessThan(40 * MAX_DRAIN_BYTES);
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

test('a client that does not read holds the upstream back', async () => {
  let written = 0;
  const { it } = await setUp((_all, socket) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
    const block = Buffer.from(`10000\r\n${'b'.repeat(65536)}\r\n`);
    const more = (): void => {
      while (!socket.destroyed) {
        written += block.length;
        if (!socket.write(block)) {
          socket.once('drain', more);
          return;
        }
      }
    };
    more();
  });
  const client = await it.client();
  client.socket.pause();
  client.send(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
  let before = -1;
  await eventually(() => written > 0);
  while (before !== written) {
    before = written;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  // What the kernel's own socket buffers take, and little more.
  expect(written).toBeLessThan(40 * 1024 * 1024);
  client.socket.resume();
  await eventually(() => written > before);
});

test('a server that does not read holds the client back', async () => {
  const { it } = await setUp((_all, socket) => socket.pause());
  const client = await it.client();
  client.send(post(1_000_000_000));
  const block = Buffer.alloc(65536);
  const more = (): void => {
    while (client.socket.write(block));
    client.socket.once('drain', more);
  };
  more();
  let before = -1;
  while (before !== client.socket.bytesWritten - client.socket.writableLength) {
    before = client.socket.bytesWritten - client.socket.writableLength;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  expect(before).toBeLessThan(40 * 1024 * 1024);
});

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

test('closing the front closes every connection', async () => {
  const { it, upstream } = await setUp(() => {});
  const client = await it.client();
  client.send(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
  await eventually(() => upstream.connections.length === 1);
  it.front.close();
  await client.end();
  await eventually(() => upstream.connections[0]?.closed === true);
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
