import { expect, test } from 'vitest';
import { HOLD_BYTES } from '../../../sidecar/http/body.ts';
import { PIECE_BYTES } from '../../../sidecar/http/coalesce.ts';
import { MAX_DRAIN_BYTES } from '../../../sidecar/http/source.ts';
import { eventually, HOST, policy, rule, SECRET, testInspector } from './harness.ts';
import { OK, post, setUp } from './set-up.ts';

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
