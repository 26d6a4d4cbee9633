import { once } from 'node:events';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { descriptorOf } from '../../../sidecar/tcp/original-destination.ts';
import { type RelayStats, relay } from '../../../sidecar/tcp/relay.ts';
import { reset } from '../../../sidecar/tcp/reset.ts';

const PENDING = Buffer.alloc(8 * 1024 * 1024);
let server: net.Server;
const accepted: net.Socket[] = [];

beforeAll(async () => {
  server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    socket.on('error', () => {});
    accepted.push(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  for (const socket of accepted) socket.destroy();
  server.close();
});

async function connected(): Promise<{ near: net.Socket; far: net.Socket }> {
  const { port } = server.address() as net.AddressInfo;
  const arrived = once(server, 'connection') as Promise<[net.Socket]>;
  const near = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  near.on('error', () => {});
  await once(near, 'connect');
  return { near, far: (await arrived)[0] };
}

/** Everything that a socket may be about when it is reset. */
const STATES: Record<string, (socket: net.Socket) => unknown> = {
  'has said nothing': () => {},
  'has said something': (socket) => socket.write('x'),
  'has more to say than the peer takes': (socket) => socket.write(PENDING),
  'is about to end': (socket) => socket.end('x'),
  'ends now': (socket) => {
    socket.end('x');
    return new Promise<void>((resolve) => process.nextTick(resolve));
  },
  'is about to end, and has more to say': (socket) => socket.end(PENDING),
  'has ended': (socket) => once(socket.end('x'), 'finish'),
};

describe.each(Object.entries(STATES))('a socket that %s', (state, prepare) => {
  test('is closed, gives its descriptor back, and its peer sees a break', async () => {
    const { near, far } = await connected();
    await prepare(near);
    const closed = once(near, 'close');
    reset(near);
    await closed;
    expect(near.destroyed).toBe(true);
    expect(descriptorOf(near)).toBeUndefined();
    // Who was told of the end is not told of anything after it.
    if (state === 'has ended') return;
    far.resume();
    const [error] = (await once(far, 'error').catch((reason) => [reason])) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
  });

  test('is left alone when it is destroyed already', async () => {
    const { near } = await connected();
    await prepare(near);
    const closed = once(near, 'close');
    near.destroy();
    reset(near);
    await closed;
  });

  test('is told as closed by a relay that breaks off', async () => {
    const client = await connected();
    const upstream = await connected();
    const stats = new Promise<RelayStats>((resolve) => {
      relay(client.near, upstream.near, {
        onClientBytes: (chunk) => [chunk],
        onClientEnd: () => [],
        idleTimeoutMs: 60_000,
        onClose: resolve,
      });
    });
    await prepare(upstream.near);
    client.near.destroy(new Error('gone'));
    expect((await stats).outcome).toBe('error');
    expect(upstream.near.closed).toBe(true);
  });
});
