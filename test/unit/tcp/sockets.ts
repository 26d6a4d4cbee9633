/** Loopback sockets for the tests of this room. */
import { once } from 'node:events';
import net from 'node:net';

/** Two ends of one real TCP connection, both half-open, with silent error listeners. */
export async function pair(): Promise<{ near: net.Socket; far: net.Socket; close(): void }> {
  const server = net.createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[net.Socket]>;
  const near = net.connect({
    port: (server.address() as net.AddressInfo).port,
    host: '127.0.0.1',
    allowHalfOpen: true,
  });
  const [far] = await accepted;
  if (near.connecting) await once(near, 'connect');
  for (const socket of [near, far]) socket.on('error', () => {});
  return {
    near,
    far,
    close: () => {
      near.destroy();
      far.destroy();
      server.close();
    },
  };
}

/** Everything that arrives until the end. */
export async function readAll(socket: net.Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  if (!socket.readableEnded) await once(socket, 'end');
  return Buffer.concat(chunks);
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until a socket is closed; the code of the error that closed it, if one did. */
export async function closed(socket: net.Socket): Promise<string | undefined> {
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  return (socket.errored as NodeJS.ErrnoException | null)?.code;
}
