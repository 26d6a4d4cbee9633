/** Loopback sockets for the tests of this room; all are closed by `closeAll`. */
import { once } from 'node:events';
import net from 'node:net';

const open: (net.Server | net.Socket)[] = [];

/** A listening server; each connection goes to `serve`, with its errors taken. */
export async function listen(serve: (socket: net.Socket) => void): Promise<number> {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    open.push(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  open.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as net.AddressInfo).port;
}

/** A connected socket. */
export async function dial(port: number): Promise<net.Socket> {
  const socket = net.connect(port, '127.0.0.1');
  open.push(socket);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

export function closeAll(): void {
  for (const item of open.splice(0)) {
    if (item instanceof net.Server) item.close();
    else item.destroy();
  }
}
