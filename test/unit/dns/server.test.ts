import { execFile } from 'node:child_process';
import dgram from 'node:dgram';
import type net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { decodeQuery, encodeAnswer, MAX_QUERY_BYTES } from '../../../sidecar/dns/codec.ts';
import { FrameReader, frame } from '../../../sidecar/dns/frames.ts';
import { type Handle, MAX_DNS_CONNECTIONS, MAX_IN_FLIGHT, MAX_PIPELINED } from '../../../sidecar/dns/server.ts';
import { serving } from './serving.ts';
import { ask } from './support.ts';

const run = promisify(execFile);

/** Answers every query with one address. */
const fixed: Handle = async (bytes) => {
  const decoded = decodeQuery(bytes);
  return decoded.ok
    ? encodeAnswer(decoded.query, 0, [{ type: 1, ttl: 5, rdata: Buffer.from([198, 18, 0, 16]) }], 512)
    : undefined;
};

/** The next `count` messages of a connection; fewer when it ends before. */
function messages(socket: net.Socket, count: number): Promise<Buffer[]> {
  const frames = new FrameReader(65_535);
  const found: Buffer[] = [];
  return new Promise((resolve) => {
    const finish = (): void => {
      for (const event of ['data', 'end', 'close']) socket.removeAllListeners(event);
      resolve(found);
    };
    socket.on('data', (chunk) => {
      found.push(...(frames.push(chunk) ?? []));
      if (found.length >= count) finish();
    });
    socket.on('end', finish);
    socket.on('close', finish);
    if (socket.destroyed) finish();
  });
}

async function overUdp(port: number, ...queries: Buffer[]): Promise<Buffer[]> {
  const socket = dgram.createSocket('udp4');
  const answers: Buffer[] = [];
  socket.on('message', (message) => answers.push(message));
  for (const query of queries) socket.send(query, port, '127.0.0.1');
  for (let i = 0; i < 100 && answers.length < queries.length; i++) await sleep(5);
  socket.close();
  return answers;
}

describe('serveDns with real clients', () => {
  it.each([
    ['dig over UDP', 'dig', ['+short', '+tries=1']],
    ['dig over TCP', 'dig', ['+short', '+tries=1', '+tcp']],
    ['dig without EDNS', 'dig', ['+short', '+tries=1', '+noedns']],
    ['kdig over UDP', 'kdig', ['+short', '+retry=0']],
    ['kdig over TCP', 'kdig', ['+short', '+tcp', '+retry=0']],
  ])('%s', async (_what, command, options) => {
    await using server = await serving(fixed);
    const { stdout } = await run(command, [
      '@127.0.0.1',
      '-p',
      String(server.port),
      ...options,
      '+time=2',
      'Www.Example.com',
      'A',
    ]);
    expect(stdout.trim()).toBe('198.18.0.16');
  });
});

describe('serveDns over TCP', () => {
  it('joins a query that comes one byte at a time', async () => {
    await using server = await serving(fixed);
    const socket = await server.connect();
    socket.setNoDelay(true);
    for (const byte of frame(ask('a.example'))) {
      socket.write(Buffer.of(byte));
      await sleep(0);
    }
    expect(await messages(socket, 1)).toHaveLength(1);
  });

  it('answers what a client asked before it ended its side, and then ends its own', async () => {
    await using server = await serving(async (bytes) => {
      await sleep(30);
      return fixed(bytes, 'tcp');
    });
    const socket = await server.connect();
    socket.end(Buffer.concat([frame(ask('a.example', 1, 1)), frame(ask('b.example', 1, 2))]));
    expect(await messages(socket, 3)).toHaveLength(2);
    expect(socket.readableEnded).toBe(true);
  });

  it('answers as answers are ready, not in the order of the queries', async () => {
    await using server = await serving(async (bytes) => {
      if (bytes.readUInt16BE(0) === 1) await sleep(60);
      return fixed(bytes, 'tcp');
    });
    const socket = await server.connect();
    socket.write(Buffer.concat([frame(ask('a.example', 1, 1)), frame(ask('b.example', 1, 2))]));
    expect((await messages(socket, 2)).map((message) => message.readUInt16BE(0))).toEqual([2, 1]);
  });

  it(`works on ${MAX_PIPELINED} queries of a connection at once, and on the rest after them`, async () => {
    let working = 0;
    let most = 0;
    await using server = await serving(async (bytes) => {
      most = Math.max(most, ++working);
      await sleep(20);
      working--;
      return fixed(bytes, 'tcp');
    });
    const socket = await server.connect();
    const queries = Array.from({ length: MAX_PIPELINED * 2 + 1 }, (_, i) => frame(ask('a.example', 1, i)));
    socket.write(Buffer.concat(queries));
    expect(await messages(socket, queries.length)).toHaveLength(queries.length);
    expect(most).toBe(MAX_PIPELINED);
  });

  it.each<[string, Buffer]>([
    ['an empty message', Buffer.from([0, 0])],
    ['a message longer than a query may be', Buffer.from([(MAX_QUERY_BYTES + 1) >> 8, (MAX_QUERY_BYTES + 1) & 0xff])],
    ['what gets no answer', frame(Buffer.from('response?'))],
  ])('ends the connection on %s', async (_what, bytes) => {
    await using server = await serving(fixed);
    const socket = await server.connect();
    socket.write(bytes);
    expect(await messages(socket, 1)).toEqual([]);
  });

  it('takes the longest query', async () => {
    await using server = await serving(async (bytes) => bytes.subarray(0, 12));
    const socket = await server.connect();
    socket.write(frame(Buffer.alloc(MAX_QUERY_BYTES)));
    expect(await messages(socket, 1)).toHaveLength(1);
  });

  it('ends a connection that is idle, also in the middle of a message', async () => {
    await using server = await serving(fixed, 50);
    const socket = await server.connect();
    socket.write(Buffer.from([0, 30, 1, 2]));
    const started = performance.now();
    expect(await messages(socket, 1)).toEqual([]);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it(`serves ${MAX_DNS_CONNECTIONS} connections at once, closes the next, and takes another when one has gone`, async () => {
    await using server = await serving(fixed);
    const sockets = await Promise.all(Array.from({ length: MAX_DNS_CONNECTIONS }, () => server.connect()));
    sockets[0]?.write(frame(ask('a.example')));
    expect(await messages(sockets[0] as net.Socket, 1)).toHaveLength(1);
    const refused = await server.connect();
    expect(await messages(refused, 1)).toEqual([]);
    sockets[1]?.destroy();
    await sleep(50);
    const next = await server.connect();
    next.write(frame(ask('a.example')));
    expect(await messages(next, 1)).toHaveLength(1);
  });

  it('stops reading from a client that does not read its answers', async () => {
    let handled = 0;
    await using server = await serving(async () => {
      handled++;
      return Buffer.alloc(60_000);
    });
    const socket = await server.connect();
    const query = frame(ask('a.example'));
    const total = 40_000;
    socket.write(Buffer.concat(Array<Buffer>(total).fill(query)));
    await sleep(300);
    // What the kernel's buffers take is answered; the rest waits.
    expect(handled).toBeLessThan(total / 10);
    const before = handled;
    await sleep(100);
    expect(handled).toBe(before);
  });
});

describe('serveDns over UDP', () => {
  it(`drops datagrams beyond ${MAX_IN_FLIGHT} queries at once, and recovers`, async () => {
    const gate = Promise.withResolvers<void>();
    let handled = 0;
    await using server = await serving(async (bytes, transport) => {
      handled++;
      await gate.promise;
      return fixed(bytes, transport);
    });
    const socket = dgram.createSocket('udp4');
    for (let i = 0; i < MAX_IN_FLIGHT + 20; i++) {
      // No more at once than the listener's buffer takes.
      if (i % 50 === 0) await sleep(5);
      await new Promise((resolve) => socket.send(ask('a.example', 1, i), server.port, '127.0.0.1', resolve));
    }
    await sleep(50);
    expect(handled).toBe(MAX_IN_FLIGHT);
    // TCP waits instead.
    const waiting = await server.connect();
    waiting.write(frame(ask('a.example')));
    await sleep(20);
    expect(handled).toBe(MAX_IN_FLIGHT);
    gate.resolve();
    expect(await messages(waiting, 1)).toHaveLength(1);
    expect(await overUdp(server.port, ask('b.example'))).toHaveLength(1);
    socket.close();
  });

  it('survives a handler that throws and a query without answer', async () => {
    await using server = await serving(async (bytes, transport) => {
      if (bytes.readUInt16BE(0) === 1) throw new Error('broken');
      if (bytes.readUInt16BE(0) === 2) return undefined;
      return fixed(bytes, transport);
    });
    expect(await overUdp(server.port, ask('a.example', 1, 3), ask('a.example', 1, 4))).toHaveLength(2);
    const socket = await server.connect();
    socket.write(frame(ask('a.example', 1, 1)));
    expect(await messages(socket, 1)).toEqual([]);
    const lost = dgram.createSocket('udp4');
    lost.send(ask('a.example', 1, 1), server.port, '127.0.0.1');
    lost.send(ask('a.example', 1, 2), server.port, '127.0.0.1');
    expect(await overUdp(server.port, ask('a.example', 1, 5))).toHaveLength(1);
    lost.close();
  });

  it('does not fall over an answer that comes after closing', async () => {
    const gate = Promise.withResolvers<void>();
    const server = await serving(async (bytes, transport) => {
      await gate.promise;
      return fixed(bytes, transport);
    });
    const asking = overUdp(server.port, ask('a.example'));
    await sleep(20);
    await server[Symbol.asyncDispose]();
    gate.resolve();
    expect(await asking).toEqual([]);
  });
});
