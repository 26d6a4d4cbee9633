/** The data plane before one real server, at the other end of every connection: what comes out of it, byte by byte. */
import dgram from 'node:dgram';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import type { Event, RuntimePolicy } from '../../../crds/runtime.ts';
import { decodeResponse } from '../../../sidecar/dns/codec.ts';
import { TYPE } from '../../../sidecar/dns/wire.ts';
import { type Plane, start } from '../../../sidecar/plane.ts';
import { plainEgress } from '../../../sidecar/tcp/egress.ts';
import { listenOn } from '../../../sidecar/tcp/listener.ts';
import { Authority } from '../../../sidecar/tls/authority.ts';
import { ask, labels } from '../dns/support.ts';

/** Where every name is. */
const PUBLIC = '203.0.113.9';

export interface Relayed {
  plane: Plane;
  events: Event[];
  /** Connections that reached the server, and what came over them. */
  arrived: { socket: net.Socket; bytes: Buffer }[];
  /** A client's connection to (host, port). */
  connect(host: string, port: number): Promise<net.Socket>;
  close(): Promise<void>;
}

/** `hosts` are all that resolve; the server says and closes nothing by itself, but what `serve` does. */
export async function relayed(
  policy: RuntimePolicy,
  hosts: readonly string[],
  serve: (socket: net.Socket) => void = () => {},
): Promise<Relayed> {
  const arrived: Relayed['arrived'] = [];
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    const one = { socket, bytes: Buffer.alloc(0) };
    arrived.push(one);
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      one.bytes = Buffer.concat([one.bytes, chunk]);
    });
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: upstream } = server.address() as AddressInfo;
  const listener = await listenOn('127.0.0.1', 0);
  const names = dgram.createSocket('udp4').bind(0, '127.0.0.1');
  await once(names, 'listening');
  const events: Event[] = [];
  let destination = { address: '', port: 0 };
  const plane = start({
    listeners: { tcp: [listener], dnsTcp: [], dnsUdp: [names] },
    originalDestination: () => destination,
    egress: { ...plainEgress(), tcp: () => plainEgress().tcp({ address: '127.0.0.1', port: upstream }) },
    nameservers: [],
    staticHosts: new Map(hosts.map((host) => [host, [PUBLIC]])),
    policySource: { current: policy, subscribe: () => () => {} },
    authority: await Authority.create(),
    roots: [],
    emit: (event) => events.push(event),
    facts: { searchDomains: [], hasIpv6Route: false },
  });
  const lookUp = async (host: string): Promise<string> => {
    const client = dgram.createSocket('udp4');
    client.send(ask(host), names.address().port, '127.0.0.1');
    const [message] = (await once(client, 'message')) as [Buffer];
    client.close();
    const reply = decodeResponse(message, { id: 0x1234, labels: labels(host), type: TYPE.A }, true);
    return reply.kind === 'reply' ? (reply.answers[0]?.rdata.join('.') ?? '') : '';
  };
  return {
    plane,
    events,
    arrived,
    async connect(host, port) {
      destination = { address: await lookUp(host), port };
      const socket = net.connect({ port: (listener.address() as AddressInfo).port, host: '127.0.0.1' });
      socket.on('error', () => {});
      await once(socket, 'connect');
      return socket;
    },
    async close() {
      await plane.close();
      for (const { socket } of arrived) socket.destroy();
      server.close();
    },
  };
}
