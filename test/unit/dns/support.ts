/** Builders for messages, and a nameserver on loopback that answers as badly as a test wants. */
import dgram from 'node:dgram';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { decodeQuery, encodeQuery, type Query } from '../../../sidecar/dns/codec.ts';
import { FrameReader, frame } from '../../../sidecar/dns/frames.ts';
import { encodeName, TYPE } from '../../../sidecar/dns/wire.ts';
import type { Endpoint } from '../../../sidecar/tcp/types.ts';

export const labels = (host: string): Buffer[] =>
  host === '' ? [] : host.split('.').map((label) => Buffer.from(label));

export const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');

export const name = (host: string): Buffer => encodeName(labels(host));

export function u16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [i, value] of values.entries()) bytes.writeUInt16BE(value, i * 2);
  return bytes;
}

export function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, i * 4);
  return bytes;
}

/** A query as a stub resolver sends it. */
export const ask = (host: string, type: number = TYPE.A, id = 0x1234): Buffer =>
  encodeQuery({ id, labels: labels(host), type });

export interface Parts {
  flags?: number;
  /** The question as in the query unless given. */
  question?: Buffer;
  answers?: Buffer[];
  authority?: Buffer[];
  additional?: Buffer[];
}

/** One resource record; `owner` text or wire bytes (a pointer). */
export function record(owner: string | Buffer, type: number, ttl: number, rdata: Buffer, recordClass = 1): Buffer {
  return Buffer.concat([
    typeof owner === 'string' ? name(owner) : owner,
    u16(type, recordClass),
    u32(ttl),
    u16(rdata.length),
    rdata,
  ]);
}

export const a = (owner: string | Buffer, address: string, ttl = 300): Buffer =>
  record(owner, TYPE.A, ttl, Buffer.from(address.split('.').map(Number)));

export const cname = (owner: string | Buffer, target: string, ttl = 300): Buffer =>
  record(owner, TYPE.CNAME, ttl, name(target));

export const soa = (owner: string, ttl: number, minimum: number): Buffer =>
  record(owner, TYPE.SOA, ttl, Buffer.concat([name(`ns.${owner}`), name(`admin.${owner}`), u32(1, 2, 3, 4, minimum)]));

/** Flags of an honest recursive answer: QR RD RA. */
export const OK = 0x8180;

export function response(query: { id: number; labels: readonly Buffer[]; type: number }, parts: Parts = {}): Buffer {
  const { answers = [], authority = [], additional = [] } = parts;
  return Buffer.concat([
    u16(query.id, parts.flags ?? OK, 1, answers.length, authority.length, additional.length),
    parts.question ?? Buffer.concat([encodeName(query.labels), u16(query.type, 1)]),
    ...answers,
    ...authority,
    ...additional,
  ]);
}

export type Behaviour = (query: Query, transport: 'udp' | 'tcp') => Buffer[] | Promise<Buffer[]>;

export interface FakeServer extends AsyncDisposable {
  endpoint: Endpoint;
  /** What was asked, in the letters it was asked in. */
  asked: { host: string; type: number; transport: 'udp' | 'tcp'; raw: Buffer }[];
}

/** Serves UDP and TCP on one port of loopback. */
export async function fakeServer(behaviour: Behaviour): Promise<FakeServer> {
  const asked: FakeServer['asked'] = [];
  const sockets = new Set<net.Socket>();
  let closed = false;
  const answer = async (raw: Buffer, transport: 'udp' | 'tcp'): Promise<Buffer[]> => {
    const decoded = decodeQuery(raw);
    if (!decoded.ok) throw new Error('the resolver sent a malformed query');
    const { query } = decoded;
    asked.push({ host: query.labels.join('.'), type: query.type, transport, raw: Buffer.from(raw) });
    return behaviour(query, transport);
  };
  const tcp = net.createServer((socket) => {
    sockets.add(socket);
    const frames = new FrameReader(65_535);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', async (chunk) => {
      for (const message of frames.push(chunk) ?? []) {
        for (const bytes of await answer(message, 'tcp')) socket.write(frame(bytes));
      }
    });
  });
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const { port } = tcp.address() as AddressInfo;
  const udp = dgram.createSocket('udp4');
  udp.on('message', async (message, from) => {
    // A slow behaviour may end after the test that wanted it.
    for (const bytes of await answer(message, 'udp')) if (!closed) udp.send(bytes, from.port, from.address);
  });
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  return {
    endpoint: { address: '127.0.0.1', port },
    asked,
    async [Symbol.asyncDispose]() {
      closed = true;
      udp.close();
      for (const socket of sockets) socket.destroy();
      tcp.close();
      await once(tcp, 'close');
    },
  };
}

/** A loopback port on which nothing listens. */
export async function closedPort(): Promise<number> {
  const socket = dgram.createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}
