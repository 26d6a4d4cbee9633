import dgram from 'node:dgram';
import { once } from 'node:events';
import type net from 'node:net';
import { describe, expect, test } from 'vitest';
import { plainEgress } from '../../../sidecar/tcp/egress.ts';
import { listenOn } from '../../../sidecar/tcp/listener.ts';
import { closeDescriptor, getOption, openSocket, SystemError, setOption } from '../../../sidecar/tcp/native.ts';
import { inNamespace } from '../netfilter/namespace.ts';

describe('plainEgress', () => {
  test('connects over TCP', async () => {
    const server = await listenOn('127.0.0.1', 0);
    const socket = plainEgress().tcp({ address: '127.0.0.1', port: (server.address() as net.AddressInfo).port });
    await once(socket, 'connect');
    socket.destroy();
    server.close();
  });

  test('never asks a resolver: a name is an error on the socket', async () => {
    const socket = plainEgress().tcp({ address: 'localhost', port: 80 });
    const [error] = await once(socket, 'error');
    expect(error.message).toBe('not an address: "localhost"');
    const badPort = plainEgress().tcp({ address: '127.0.0.1', port: 70000 });
    expect((await once(badPort, 'error'))[0].code).toBe('ERR_SOCKET_BAD_PORT');
  });

  test('sends over UDP', async () => {
    const receiver = dgram.createSocket('udp4').bind(0, '127.0.0.1');
    await once(receiver, 'listening');
    const sender = plainEgress().udp('udp4');
    sender.send('hello', receiver.address().port, '127.0.0.1');
    expect(String((await once(receiver, 'message'))[0])).toBe('hello');
    sender.close();
    receiver.close();
  });
});

describe('markedEgress', () => {
  test('marks TCP and UDP sockets of both families before their first packet, and they work', () => {
    expect(inNamespace('marked-egress.ts')).toEqual({
      tcp4: { mark: 0x57454952, answer: 'tcp' },
      tcp6: { mark: 0x57454952, answer: 'tcp' },
      udp4: { mark: 0x57454952, answer: 'udp' },
      udp6: { mark: 0x57454952, answer: 'udp' },
      refused: 'ECONNREFUSED',
      closedOnExec: true,
      leakedDescriptors: 0,
    });
  });

  test('without the capability every socket fails, and none is unmarked', () => {
    expect(inNamespace('marked-egress-powerless.ts')).toEqual({ tcp: 'EPERM', udp: 'EPERM', leakedDescriptors: 0 });
  });
});

describe('native', () => {
  test('names the system call and its error', () => {
    expect(() => openSocket(255, 1)).toThrow(SystemError);
    expect(() => closeDescriptor(-1)).toThrow('close: EBADF');
    expect(() => getOption(-1, 1, 3, 4)).toThrow('getsockopt: EBADF');
    expect(() => setOption(-1, 1, 3, 1)).toThrow('setsockopt: EBADF');
  });
});
