/** The plane as a whole: refusals of every layer count, the pod is cut off once, and is told nothing of content any more. */
import dgram from 'node:dgram';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Event, RuntimePolicy } from '../../../crds/runtime.ts';
import { decodeResponse } from '../../../sidecar/dns/codec.ts';
import { SyntheticAddresses } from '../../../sidecar/dns/synthetic.ts';
import { TYPE } from '../../../sidecar/dns/wire.ts';
import { type Plane, start } from '../../../sidecar/plane.ts';
import { plainEgress } from '../../../sidecar/tcp/egress.ts';
import { listenOn } from '../../../sidecar/tcp/listener.ts';
import type { Endpoint } from '../../../sidecar/tcp/types.ts';
import { Authority } from '../../../sidecar/tls/authority.ts';
import { ask, labels } from '../dns/support.ts';
import { policyOf } from '../policy/support.ts';

const HOST = 'plain.test';
const KEY = 'acme_0123456789abcdef';
const POLICY: RuntimePolicy = policyOf(`
content: {maxRefusals: 4, patterns: [{name: acme, regex: "acme_[a-f0-9]{16}"}]}
egress: [{name: plain, protocol: HTTP, to: {hosts: [${HOST}]}}]
`);

let plane: Plane;
let listener: net.Server;
let dnsServer: dgram.Socket;
let destination: Endpoint;
let address: string;
const events: Event[] = [];

beforeAll(async () => {
  listener = await listenOn('127.0.0.1', 0);
  dnsServer = dgram.createSocket('udp4').bind(0, '127.0.0.1');
  await once(dnsServer, 'listening');
  plane = start({
    listeners: { tcp: [listener], dnsTcp: [], dnsUdp: [dnsServer] },
    originalDestination: () => destination,
    egress: plainEgress(),
    nameservers: [],
    staticHosts: new Map([[HOST, ['127.0.0.1']]]),
    policySource: { current: POLICY, subscribe: () => () => {} },
    authority: await Authority.create(),
    roots: [],
    emit: (event) => events.push(event),
    facts: { searchDomains: ['ns.svc.search.test', 'search.test'], hasIpv6Route: false },
  });
  address = await lookUp(HOST);
});
afterAll(() => plane.close());

async function lookUp(host: string): Promise<string> {
  const client = dgram.createSocket('udp4');
  client.send(ask(host), (dnsServer.address() as AddressInfo).port, '127.0.0.1');
  const [message] = await once(client, 'message');
  client.close();
  const reply = decodeResponse(message, { id: 0x1234, labels: labels(host), type: TYPE.A }, true);
  return reply.kind === 'reply' ? (reply.answers[0]?.rdata.join('.') ?? '') : '';
}

async function requesting(to: string, target: string): Promise<string> {
  destination = { address: to, port: 80 };
  const socket = net.connect((listener.address() as AddressInfo).port, '127.0.0.1');
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
  });
  socket.write(`GET ${target} HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`);
  await once(socket, 'close');
  return received;
}

describe('the plane', () => {
  it('cuts the pod off after refusals of any layer, tells so once, and says nothing of content from then on', async () => {
    expect(await requesting(address, `/?a=${KEY}`)).toContain('"reason":"content.secret"');
    const inName = await lookUp(`acme-x.${KEY.replace('_', '-')}.${HOST}`);
    expect(inName).toBe(new SyntheticAddresses().refusal.v4);
    expect(await requesting(address, `/${KEY}`)).toContain('"reason":"content.secret"');
    // The name held none: hyphens are no underscores.
    expect(plane.stats()).toMatchObject({ cutOff: false });
    expect(plane.stats().budgets.refusals.count).toBe(2);
    // A resolver at work, in any of its ways: one refusal.
    for (const suffix of ['.ns.svc.search.test', '.search.test', '', '.']) await lookUp(`${KEY}.a.test${suffix}`);
    expect(plane.stats().budgets.refusals.count).toBe(3);
    await lookUp(`${KEY}.nowhere.test`);
    expect(plane.stats()).toMatchObject({ cutOff: true });

    for (const target of ['/', `/${KEY}`]) {
      const answer = await requesting(address, target);
      expect(answer).toContain('"reason":"content.cut-off"');
      expect(answer).not.toContain('acme');
    }
    // Allowed or not, with a secret or without: a name is answered alike.
    const refusal = new SyntheticAddresses().refusal.v4;
    for (const name of [HOST, `${KEY}.${HOST}`, 'x.nowhere.test']) expect(await lookUp(name)).toBe(refusal);
    expect(await requesting(refusal, '/')).toContain('"reason":"content.cut-off"');

    const told = events.filter(({ detail }) => detail === '4 refusals for content');
    expect(told).toMatchObject([{ action: 'deny', reason: 'content.cut-off' }]);
    expect(plane.stats().budgets.refusals.count).toBe(4);
    expect(JSON.stringify(events)).not.toContain(KEY.slice(0, 12));
    const hashes = events.flatMap(({ findings = [] }) => findings.map(({ hash }) => hash));
    expect(new Set(hashes).size).toBe(1);
    expect(hashes[0]).toMatch(/^[0-9a-f]{16}$/);
  });
});
