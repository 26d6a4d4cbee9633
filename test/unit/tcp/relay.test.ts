import { once } from 'node:events';
import type net from 'node:net';
import { duplexPair } from 'node:stream';
import tls from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { type RelayOptions, type RelayStats, relay } from '../../../sidecar/tcp/relay.ts';
import { closed, pair, readAll, sleep } from './sockets.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

interface Joined {
  client: net.Socket;
  upstream: net.Socket;
  /** The relay's own ends. */
  inner: { client: net.Socket; upstream: net.Socket };
  stats: Promise<RelayStats>;
  start(): void;
}

/** client ⇄ relay ⇄ upstream over real sockets. */
async function joined(hooks: Partial<RelayOptions> = {}, start = true): Promise<Joined> {
  const [left, right] = [await pair(), await pair()];
  cleanups.push(left.close, right.close);
  const { promise, resolve } = Promise.withResolvers<RelayStats>();
  const join = (): void =>
    relay(left.far, right.near, {
      onClientBytes: (chunk) => [chunk],
      onClientEnd: () => [],
      idleTimeoutMs: 5000,
      halfClosedTimeoutMs: 5000,
      onClose: resolve,
      ...hooks,
    });
  if (start) join();
  return {
    client: left.near,
    upstream: right.far,
    inner: { client: left.far, upstream: right.near },
    stats: promise,
    start: join,
  };
}

describe('relay', () => {
  test('carries both directions, and each end on its own', async () => {
    const { client, upstream, stats } = await joined();
    upstream.write('server speaks first\n');
    expect(String((await once(client, 'data'))[0])).toBe('server speaks first\n');
    client.end('question');
    expect(String(await readAll(upstream))).toBe('question');
    upstream.end('a late answer');
    expect(String(await readAll(client))).toBe('a late answer');
    client.destroy();
    expect(await stats).toMatchObject({ outcome: 'ended', bytesUp: 8, bytesDown: 20 + 13 });
    expect((await stats).durationMs).toBeGreaterThan(0);
  });

  test('sends up what the hook releases, not what came', async () => {
    let held = Buffer.alloc(0);
    const { client, upstream } = await joined({
      onClientBytes: (chunk) => {
        held = Buffer.concat([held, chunk]);
        const release = held.subarray(0, Math.max(0, held.length - 4));
        held = held.subarray(release.length);
        return [release];
      },
      onClientEnd: () => [held, Buffer.from('!')],
    });
    client.write('0123456789');
    expect(String((await once(upstream, 'data'))[0])).toBe('012345');
    client.end();
    expect(String(await readAll(upstream))).toBe('6789!');
  });

  test('waits for each promise, also when the end comes before it', async () => {
    let running = 0;
    const { client, upstream, stats } = await joined({
      onClientBytes: async (chunk) => {
        expect(++running).toBe(1);
        await sleep(20);
        running--;
        return [chunk];
      },
      onClientEnd: async () => {
        expect(running).toBe(0);
        return [Buffer.from('.')];
      },
    });
    const sent = Buffer.alloc(300_000, 'abcdefg');
    client.end(sent);
    upstream.end();
    expect((await readAll(upstream)).equals(Buffer.concat([sent, Buffer.from('.')]))).toBe(true);
    client.resume();
    expect(await stats).toMatchObject({ outcome: 'ended', bytesUp: sent.length + 1 });
  });

  test.each<[string, Partial<RelayOptions>]>([
    ['null', { onClientBytes: () => null }],
    ['a promise of null', { onClientBytes: async () => null }],
    [
      'an exception',
      {
        onClientBytes: () => {
          throw new Error('defect');
        },
      },
    ],
    ['a rejection', { onClientBytes: () => Promise.reject(new Error('defect')) }],
    ['null at the end', { onClientBytes: () => [], onClientEnd: () => null }],
  ])('resets both sides on %s, and nothing went up', async (_, hooks) => {
    const { client, upstream, stats } = await joined(hooks);
    const seen: Buffer[] = [];
    upstream.on('data', (chunk: Buffer) => seen.push(chunk));
    const broken = Promise.all([closed(client), closed(upstream)]);
    client.resume().end('secret');
    expect(await broken).toEqual(['ECONNRESET', 'ECONNRESET']);
    expect(seen).toEqual([]);
    expect(await stats).toMatchObject({ outcome: 'refused', bytesUp: 0 });
  });

  test('a reset of one side is a reset of the other, not an end', async () => {
    for (const side of ['client', 'upstream'] as const) {
      const sockets = await joined();
      const other = sockets[side === 'client' ? 'upstream' : 'client'];
      sockets[side].resetAndDestroy();
      other.resume();
      expect(await closed(other)).toBe('ECONNRESET');
      expect(await sockets.stats).toMatchObject({ outcome: 'error', error: { code: 'ECONNRESET' } });
    }
  });

  test('closes when nothing moves, and not while something does', async () => {
    const { client, upstream, stats } = await joined({ idleTimeoutMs: 150 });
    upstream.resume();
    client.resume();
    for (let i = 0; i < 5; i++) {
      (i % 2 === 0 ? client : upstream).write('x');
      await sleep(60);
    }
    expect(client.destroyed).toBe(false);
    expect(await stats).toMatchObject({ outcome: 'idle', bytesUp: 3, bytesDown: 2 });
  });

  test.each(['client', 'upstream'] as const)('closes when nothing comes after the end of the %s', async (side) => {
    const sockets = await joined({ halfClosedTimeoutMs: 150 });
    const other = sockets[side === 'client' ? 'upstream' : 'client'];
    sockets.client.resume();
    sockets.upstream.resume();
    // Before an end the other bound holds.
    await sleep(200);
    sockets[side].end('last');
    for (let i = 0; i < 4; i++) {
      await sleep(60);
      other.write('x');
    }
    expect(other.destroyed).toBe(false);
    const last = performance.now();
    expect(await sockets.stats).toMatchObject({ outcome: 'half-closed' });
    expect(performance.now() - last).toBeGreaterThan(140);
    // It waits for the rest still, and must not take this for the end.
    expect(await closed(sockets[side])).toBe('ECONNRESET');
    expect([sockets.inner.client.destroyed, sockets.inner.upstream.destroyed]).toEqual([true, true]);
  });

  test('holds a bounded amount for a side that does not read', async () => {
    const { client, upstream, inner, stats } = await joined();
    const flood = Buffer.alloc(1 << 20);
    let pushed = 0;
    const push = (): void => {
      while (pushed < 64 && upstream.write(flood)) pushed++;
      pushed++;
    };
    upstream.on('drain', () => pushed < 64 && push());
    push();
    await sleep(300);
    expect(pushed).toBeLessThan(64);
    expect(inner.client.writableLength + inner.upstream.readableLength).toBeLessThan(512 * 1024);
    let received = 0;
    client.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    while (pushed < 64) await sleep(10);
    upstream.end();
    await once(client, 'end');
    client.end();
    expect((await stats).bytesDown).toBe(received);
    expect(received).toBeGreaterThanOrEqual(63 << 20);
  });

  test('takes any pair of streams', async () => {
    const [client, left] = duplexPair();
    const [right, upstream] = duplexPair();
    const { promise, resolve } = Promise.withResolvers<RelayStats>();
    const hooks = { onClientEnd: () => [], idleTimeoutMs: 1000, halfClosedTimeoutMs: 1000, onClose: resolve };
    relay(left, right, { ...hooks, onClientBytes: (chunk) => (String(chunk) === 'bad' ? null : [chunk]) });
    client.write('good');
    expect(String((await once(upstream, 'data'))[0])).toBe('good');
    client.write('bad');
    expect(await promise).toMatchObject({ outcome: 'refused', bytesUp: 4 });
    expect([left.destroyed, right.destroyed]).toEqual([true, true]);
  });

  test('refuses over TLS sockets without a throw', async () => {
    const { client, upstream, inner } = await joined({}, false);
    const { promise, resolve } = Promise.withResolvers<RelayStats>();
    const secure = new tls.TLSSocket(inner.client, { isServer: true }).on('error', () => {});
    const hooks = {
      onClientBytes: () => null,
      onClientEnd: () => null,
      idleTimeoutMs: 20,
      halfClosedTimeoutMs: 20,
      onClose: resolve,
    };
    relay(secure, inner.upstream, hooks);
    expect(await promise).toMatchObject({ outcome: 'idle' });
    expect(await readAll(client)).toHaveLength(0);
    expect(await closed(upstream)).toBe('ECONNRESET');
  });

  test('sees ends and closes that came before it', async () => {
    const early = await joined({ onClientEnd: () => [Buffer.from('held')] }, false);
    early.client.end();
    early.inner.client.resume();
    await once(early.inner.client, 'end');
    early.start();
    expect(String(await readAll(early.upstream))).toBe('held');
    early.upstream.end();
    early.client.resume();
    expect(await early.stats).toMatchObject({ outcome: 'ended', bytesUp: 4 });

    const gone = await joined({}, false);
    gone.inner.upstream.destroy();
    await once(gone.inner.upstream, 'close');
    gone.start();
    expect(await gone.stats).toMatchObject({ outcome: 'error' });
    expect(gone.inner.client.destroyed).toBe(true);
  });
});
