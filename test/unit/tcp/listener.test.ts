import { once } from 'node:events';
import net from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Reason } from '../../../crds/runtime.ts';
import { Connections, MAX_CONNECTIONS } from '../../../sidecar/tcp/connections.ts';
import { type ListenerOptions, listen, listenOn } from '../../../sidecar/tcp/listener.ts';
import { originalDestination } from '../../../sidecar/tcp/original-destination.ts';
import { inNamespace } from '../netfilter/namespace.ts';
import { closed } from './sockets.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** A server on loopback whose connections all want to go to `destination`. */
async function serving(options: Partial<ListenerOptions> = {}) {
  const seen: string[] = [];
  const connections = options.connections ?? new Connections();
  const server = await listenOn('127.0.0.1', 0);
  const stop = listen(server, {
    connections,
    originalDestination: () => ({ address: '198.18.0.20', port: 443 }),
    onConnection: (socket, { address, port }) => {
      seen.push(`${address}:${port}`);
      socket.resume();
    },
    onRefused: (reason: Reason) => seen.push(reason),
    onFailure: (error) => seen.push(String(error)),
    ...options,
  });
  cleanups.push(
    () => server.close(),
    () => connections.closeAll(),
  );
  const { port } = server.address() as net.AddressInfo;
  const connect = (): net.Socket => {
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    cleanups.push(() => socket.destroy());
    socket.on('error', () => {}).resume();
    return socket;
  };
  return { seen, connections, connect, port, stop, server };
}

describe('listen', () => {
  test('gives each connection with its destination, half-open, safe from resets', async () => {
    const accepted = Promise.withResolvers<net.Socket>();
    const { connect, connections } = await serving({ onConnection: (socket) => accepted.resolve(socket.resume()) });
    const client = connect();
    client.end('hello');
    const socket = await accepted.promise;
    await once(socket, 'end');
    expect(socket.writable).toBe(true);
    expect(connections.active).toBe(1);
    client.resetAndDestroy();
    socket.write('x');
    await closed(socket);
    expect(connections.active).toBe(0);
  });

  test.each<[string, Partial<ListenerOptions>, string]>([
    ['no known destination', { originalDestination: () => undefined }, 'destination.unknown'],
    [
      'the listener itself as destination',
      { originalDestination: (socket) => ({ address: '127.0.0.1', port: socket.localPort as number }) },
      'destination.self',
    ],
    [
      'an exception',
      {
        onConnection: () => {
          throw new Error('defect');
        },
      },
      'Error: defect',
    ],
  ])('resets on %s', async (_, options, reason) => {
    const { connect, seen } = await serving(options);
    expect(await closed(connect())).toBe('ECONNRESET');
    expect(seen).toEqual([reason]);
  });

  test('the same address at another port, or port at another address, is not the listener', async () => {
    const { connect, seen } = await serving({
      originalDestination: (socket) => ({ address: '127.0.0.2', port: socket.localPort as number }),
    });
    const client = connect();
    await once(client, 'connect');
    while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(seen[0]).toMatch(/^127\.0\.0\.2:/);
  });

  test('stops', async () => {
    const { connect, seen, stop } = await serving();
    stop();
    await once(connect(), 'connect');
    expect(seen).toEqual([]);
  });
});

describe('Connections', () => {
  test('takes its bound, refuses one over it, and has room again after a close', async () => {
    const connections = new Connections(2);
    const { connect, seen } = await serving({ connections });
    const first = connect();
    const second = connect();
    while (connections.active < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await closed(connect())).toBe('ECONNRESET');
    expect(seen).toEqual(['198.18.0.20:443', '198.18.0.20:443', 'bound.connections']);
    expect([connections.active, connections.refused]).toEqual([2, 1]);
    first.resetAndDestroy();
    second.resetAndDestroy();
    while (connections.active > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const again = connect();
    await once(again, 'connect');
    while (connections.active < 1) await new Promise((resolve) => setTimeout(resolve, 5));
    connections.closeAll();
    await once(again, 'end');
    expect([connections.active, connections.refused]).toEqual([0, 1]);
  });

  test('has a bound by default', () => {
    const connections = new Connections();
    for (let i = 0; i < MAX_CONNECTIONS; i++) expect(connections.admit(new net.Socket())).toBe(true);
    expect(connections.admit(new net.Socket().on('error', () => {}))).toBe(false);
    connections.closeAll();
  });
});

describe('listenOn', () => {
  test('does not share its port', async () => {
    const { port } = await serving();
    await expect(listenOn('127.0.0.1', port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('originalDestination', () => {
  test('is what netfilter remembers, for both families; itself when nothing redirected; unknown when closed', () => {
    expect(inNamespace('original-destination.ts')).toEqual({
      v4: { address: '198.18.0.20', port: 443 },
      v6: { address: 'fd77:6569:7200::14', port: 8443 },
      direct4: { address: '127.0.0.1', port: 15001 },
      direct6: { address: '::1', port: 15001 },
      afterClose: null,
    });
  });

  test('is unknown for a socket that is none', () => {
    expect(originalDestination(new net.Socket())).toBeUndefined();
  });
});
