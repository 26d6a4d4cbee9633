import http from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { Detector } from '../../../sidecar/tcp/detect.ts';
import { PeekError, peek } from '../../../sidecar/tcp/peek.ts';
import { closed, pair, readAll, sleep } from './sockets.ts';

const BOUNDS = { timeoutMs: 1000, maxBytes: 64 };
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});
const connection = async () => {
  const sockets = await pair();
  cleanups.push(sockets.close);
  return sockets;
};
const listeners = (socket: NodeJS.EventEmitter): number =>
  ['readable', 'end', 'close'].reduce((sum, name) => sum + socket.listenerCount(name), 0);

describe('peek', () => {
  test('decides on bytes that come one at a time, and puts all of them back', async () => {
    const { near, far } = await connection();
    const detector = new Detector();
    const calls: string[] = [];
    const before = listeners(far);
    const peeked = peek(far, BOUNDS, (buffered, fresh) => {
      calls.push(`${buffered}|${fresh}`);
      return detector.push(fresh);
    });
    for (const byte of 'GET /') {
      near.write(byte);
      await sleep(5);
    }
    near.end('x HTTP/1.1');
    expect(await peeked).toEqual({ result: 'http1', buffered: Buffer.from('GET /') });
    expect(calls).toEqual(['G|G', 'GE|E', 'GET|T', 'GET | ', 'GET /|/']);
    expect(listeners(far)).toBe(before);
    expect((await readAll(far)).toString()).toBe('GET /x HTTP/1.1');
  });

  test('gives the socket on to an HTTP server', async () => {
    const { near, far } = await connection();
    const server = http.createServer((request, response) => response.end(`you asked for ${request.url}`));
    near.write('GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    await peek(far, BOUNDS, () => 'http1');
    server.emit('connection', far);
    const answer = (await readAll(near)).toString();
    expect(answer).toContain('you asked for /a');
    expect(answer).toContain('you asked for /b');
    server.closeAllConnections();
  });

  test('takes maxBytes, and puts back what is beyond', async () => {
    const { near, far } = await connection();
    near.end(Buffer.alloc(BOUNDS.maxBytes + 10, 'x'));
    const { buffered } = await peek(far, BOUNDS, (bytes) => (bytes.length < BOUNDS.maxBytes ? 'more' : 'tls'));
    expect(buffered).toHaveLength(BOUNDS.maxBytes);
    expect(await readAll(far)).toHaveLength(BOUNDS.maxBytes + 10);
  });

  test('refuses when maxBytes are not enough', async () => {
    const { near, far } = await connection();
    near.write(Buffer.alloc(BOUNDS.maxBytes, 'x'));
    const error = await peek(far, BOUNDS, () => 'more' as const).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(PeekError);
    expect(error).toMatchObject({ code: 'too-large', buffered: Buffer.alloc(BOUNDS.maxBytes, 'x') });
  });

  test('grows its store for a large hello', async () => {
    const { near, far } = await connection();
    const sent = Buffer.from(Array.from({ length: 60_000 }, (_, i) => i % 251));
    near.end(sent);
    const bounds = { timeoutMs: 1000, maxBytes: 60_000 };
    const { buffered } = await peek(far, bounds, (bytes) => (bytes.length < sent.length ? 'more' : 'tls'));
    expect(buffered.equals(sent)).toBe(true);
    expect((await readAll(far)).equals(sent)).toBe(true);
  });

  test('does not wait longer than timeoutMs, whatever trickles in', async () => {
    const { near, far } = await connection();
    const trickle = setInterval(() => near.write('x'), 10);
    cleanups.push(() => clearInterval(trickle));
    const started = performance.now();
    await expect(peek(far, { timeoutMs: 60, maxBytes: 64 }, () => 'more')).rejects.toMatchObject({ code: 'timeout' });
    expect(performance.now() - started).toBeLessThan(500);
  });

  test('says when the client ends or breaks off, also before', async () => {
    const ended = await connection();
    ended.near.end('GE');
    const error = await peek(ended.far, BOUNDS, () => 'more' as const).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'ended', buffered: Buffer.from('GE') });
    await expect(peek(ended.far, BOUNDS, () => 'more')).rejects.toMatchObject({ code: 'ended' });

    const broken = await connection();
    const peeked = peek(broken.far, BOUNDS, () => 'more');
    broken.near.resetAndDestroy();
    await expect(peeked).rejects.toMatchObject({ code: 'closed' });
    await closed(broken.far);
    await expect(peek(broken.far, BOUNDS, () => 'more')).rejects.toMatchObject({ code: 'closed' });
  });

  test('passes on what decide throws', async () => {
    const { near, far } = await connection();
    near.write('x');
    const peeked = peek(far, BOUNDS, () => {
      throw new Error('a judge that fails');
    });
    await expect(peeked).rejects.toThrow('a judge that fails');
    expect(far.listenerCount('readable')).toBe(0);
  });
});
