/** A server that upgrades to WebSocket and echoes, and what a client says to it. */
import { createHash } from 'node:crypto';
import { clientFrame, FrameReader, OPCODE, serverFrame } from '../../../sidecar/http/websocket.ts';
import { HOST, rawUpstream, type World, type WorldOptions, world } from './harness.ts';
import { closers } from './set-up.ts';

export const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

export function handshake(more = '', path = '/chat'): string {
  return (
    `GET ${path} HTTP/1.1\r\nHost: ${HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
    `Sec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Extensions: permessage-deflate\r\n${more}\r\n`
  );
}

export interface Server {
  port: number;
  heads: string[];
  messages: string[];
  connections: { received: string; closed: boolean }[];
}

/** Upgrades, then echoes whole messages. `answer` may stand in for the answer to the handshake. */
export async function echoServer(answer?: (accept: string) => string): Promise<Server> {
  const heads: string[] = [];
  const messages: string[] = [];
  const readers = new WeakMap<object, { reader: FrameReader; parts: Buffer[] }>();
  const upstream = await rawUpstream((all, socket, chunk) => {
    let state = readers.get(socket);
    if (!state) {
      const end = all.indexOf('\r\n\r\n');
      if (end < 0) return;
      heads.push(all.slice(0, end));
      state = { reader: new FrameReader(), parts: [] };
      readers.set(socket, state);
      const key = /sec-websocket-key: (\S+)/i.exec(all)?.[1] ?? '';
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      socket.write(
        answer?.(accept) ??
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: v1\r\nX-Up: 1\r\n\r\n`,
      );
      return;
    }
    for (const piece of state.reader.push(chunk)) {
      if (piece.kind === 'control') {
        messages.push(`control ${piece.opcode}`);
        if (piece.opcode === OPCODE.close) socket.end(serverFrame(OPCODE.close, piece.payload));
        else if (piece.opcode === OPCODE.ping) socket.write(serverFrame(OPCODE.pong, piece.payload));
        continue;
      }
      state.parts.push(piece.payload);
      if (!piece.last) continue;
      const message = Buffer.concat(state.parts.splice(0));
      messages.push(message.toString());
      socket.write(serverFrame(piece.opcode, message));
    }
  });
  closers.push(upstream.close);
  return { port: upstream.port, heads, messages, connections: upstream.connections };
}

export async function setUp(server: Server, options: WorldOptions = {}): Promise<World> {
  const it = await world({ upstreamPort: server.port, ...options });
  closers.push(() => it.close());
  return it;
}

export const text = (message: string): Buffer => clientFrame(OPCODE.text, true, Buffer.from(message));
