/** The end of a connection that its peer must not take for an orderly one. */
import type net from 'node:net';
import { SO_LINGER, SOL_SOCKET, setOption } from './native.ts';
import { descriptorOf } from './original-destination.ts';

/** struct linger (socket(7)): on, and no time: closing sends RST, and drops what was not sent yet. */
const AT_ONCE = Buffer.alloc(8);
AT_ONCE.writeInt32LE(1);

/**
 * Destroys a TCP socket with an RST. While its own end is under way, Node's `resetAndDestroy` does nothing but lose it:
 * libuv refuses (uv_tcp_close_reset, EINVAL), 'close' never comes, and the descriptor stays open for good.
 */
export function reset(socket: net.Socket): void {
  if (!socket.writableEnded || socket.writableFinished) {
    socket.resetAndDestroy();
    return;
  }
  const fd = descriptorOf(socket);
  if (fd !== undefined && !socket.destroyed) setOption(fd, SOL_SOCKET, SO_LINGER, AT_ONCE);
  socket.destroy();
}
