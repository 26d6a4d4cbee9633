/** A server for DNS on loopback, over UDP and TCP. */
import dgram from 'node:dgram';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { type Handle, serveDns } from '../../../sidecar/dns/server.ts';

interface Serving extends AsyncDisposable {
  port: number;
  connect(): Promise<net.Socket>;
}

export async function serving(handle: Handle, idleTimeoutMs?: number): Promise<Serving> {
  const tcp = net.createServer();
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const { port } = tcp.address() as AddressInfo;
  const udp = dgram.createSocket('udp4');
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  const server = serveDns({ udp: [udp], tcp: [tcp], handle, ...(idleTimeoutMs !== undefined && { idleTimeoutMs }) });
  const clients: net.Socket[] = [];
  return {
    port,
    async connect() {
      const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      socket.on('error', () => undefined);
      clients.push(socket);
      await once(socket, 'connect');
      return socket;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(tcp, 'close');
      server.close();
      server.close();
      for (const socket of clients) socket.destroy();
      await closed;
    },
  };
}
