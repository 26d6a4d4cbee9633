import net from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DialError, dial } from '../../../sidecar/tcp/dial.ts';
import { plainEgress } from '../../../sidecar/tcp/egress.ts';
import { listenOn } from '../../../sidecar/tcp/listener.ts';
import { ATTEMPT_DELAY_MS } from '../../../sidecar/tcp/schedule.ts';
import type { Egress } from '../../../sidecar/tcp/types.ts';

/** An egress whose sockets connect or fail when the test says so. */
function scripted(): { egress: Egress; sockets: Map<string, net.Socket> } {
  const sockets = new Map<string, net.Socket>();
  const tcp: Egress['tcp'] = ({ address }) => {
    const socket = new net.Socket();
    sockets.set(address, socket);
    return socket;
  };
  return { egress: { tcp, udp: plainEgress().udp }, sockets };
}

const failure = (code: string): Error => Object.assign(new Error(code), { code });
const ADDRESSES = ['192.0.2.1', '192.0.2.2', '2001:db8::1'];

describe('dial, on a scripted network', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('starts attempts one delay apart; the first to connect wins and the others are destroyed', async () => {
    const { egress, sockets } = scripted();
    const dialled = dial(egress, ADDRESSES, 443, { timeoutMs: 5000 });
    expect([...sockets.keys()]).toEqual(['2001:db8::1']);
    vi.advanceTimersByTime(ATTEMPT_DELAY_MS - 1);
    expect(sockets.size).toBe(1);
    vi.advanceTimersByTime(1);
    expect([...sockets.keys()]).toEqual(['2001:db8::1', '192.0.2.1']);
    sockets.get('192.0.2.1')?.emit('connect');
    expect(await dialled).toBe(sockets.get('192.0.2.1'));
    expect(sockets.get('2001:db8::1')?.destroyed).toBe(true);
    expect(sockets.get('192.0.2.1')?.destroyed).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('tries the next at once when one fails, and says why each failed', async () => {
    const { egress, sockets } = scripted();
    const dialled = dial(egress, ADDRESSES, 443, { timeoutMs: 5000 });
    for (const [address, code] of [
      ['2001:db8::1', 'ENETUNREACH'],
      ['192.0.2.1', 'ECONNREFUSED'],
      ['192.0.2.2', 'EHOSTUNREACH'],
    ] as const) {
      sockets.get(address)?.emit('error', failure(code));
    }
    const error = await dialled.catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DialError);
    expect(error).toMatchObject({
      reason: 'upstream.unreachable',
      message: 'unreachable (2001:db8::1: ENETUNREACH, 192.0.2.1: ECONNREFUSED, 192.0.2.2: EHOSTUNREACH)',
    });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('gives all attempts together timeoutMs', async () => {
    const { egress, sockets } = scripted();
    const dialled = dial(egress, ADDRESSES, 443, { timeoutMs: 600 });
    dialled.catch(() => {});
    vi.advanceTimersByTime(600);
    await expect(dialled).rejects.toMatchObject({ reason: 'upstream.timeout' });
    expect([...sockets.values()].map((socket) => socket.destroyed)).toEqual([true, true, true]);
    // What still happens to a loser is nobody's crash.
    sockets.get('192.0.2.1')?.emit('error', failure('ECONNRESET'));
    sockets.get('192.0.2.1')?.emit('connect');
  });

  test('stops at its signal, during and before', async () => {
    const { egress, sockets } = scripted();
    const controller = new AbortController();
    const dialled = dial(egress, ADDRESSES, 443, { timeoutMs: 5000, signal: controller.signal });
    controller.abort(new Error('client gone'));
    await expect(dialled).rejects.toThrow('client gone');
    expect(sockets.get('2001:db8::1')?.destroyed).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
    sockets.clear();
    const late = dial(egress, ADDRESSES, 443, { timeoutMs: 5000, signal: controller.signal });
    await expect(late).rejects.toThrow('client gone');
    expect(sockets.size).toBe(0);
  });

  test('has nothing to dial without an address', async () => {
    const { egress } = scripted();
    await expect(dial(egress, [], 443, { timeoutMs: 5000 })).rejects.toThrow('unreachable (no address)');
  });
});

describe('dial, for real', () => {
  test('goes past an address where nobody listens', async () => {
    const server = await listenOn('127.0.0.1', 0);
    const { port } = server.address() as net.AddressInfo;
    const socket = await dial(plainEgress(), ['127.0.0.1', '::1'], port, { timeoutMs: 5000 });
    expect(socket.remoteAddress).toBe('127.0.0.1');
    expect(socket.allowHalfOpen).toBe(true);
    expect(socket.listenerCount('error')).toBeGreaterThan(0);
    socket.destroy();
    server.close();
  });
});
