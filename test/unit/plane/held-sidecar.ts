/** The data plane in a process of its own, before a server that takes nothing: for what it can be made to hold. */
import dgram from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { RuntimePolicy } from '../../../crds/runtime.ts';
import { start } from '../../../sidecar/plane.ts';
import { plainEgress } from '../../../sidecar/tcp/egress.ts';
import { listenOn } from '../../../sidecar/tcp/listener.ts';
import { Authority } from '../../../sidecar/tls/authority.ts';
import { ask } from '../dns/support.ts';

const HOST = 'plain.test';
const server = Number(process.argv[2]);
const policy: RuntimePolicy = {
  schema: 1,
  hash: 'x',
  mode: 'Enforce',
  policies: ['ci/p'],
  rules: [
    {
      id: 'p/plain',
      origin: { kind: 'EgressPolicy', namespace: 'ci', policy: 'p', rule: 'plain' },
      protocol: 'HTTP',
      hosts: [{ name: HOST, wildcard: false }],
      ports: [80],
      addressScope: 'Public',
      http: [[]],
      limits: {},
    },
  ],
  dns: { queryTypes: ['A'], denied: 'Explain', budget: 1000 },
  content: { disabledDetectors: [], homeHosts: [], suppressions: [] },
};
const listener = await listenOn('127.0.0.1', 0);
const names = dgram.createSocket('udp4').bind(0, '127.0.0.1');
await once(names, 'listening');
const destination = { address: '', port: 80 };
start({
  listeners: { tcp: [listener], dnsTcp: [], dnsUdp: [names] },
  originalDestination: () => destination,
  egress: { ...plainEgress(), tcp: () => plainEgress().tcp({ address: '127.0.0.1', port: server }) },
  nameservers: [],
  staticHosts: new Map([[HOST, ['203.0.113.9']]]),
  policySource: { current: policy, subscribe: () => () => {} },
  authority: await Authority.create(),
  roots: [],
  emit: () => {},
  facts: { searchDomains: [], hasIpv6Route: false },
});
const client = dgram.createSocket('udp4');
client.send(ask(HOST), (names.address() as AddressInfo).port, '127.0.0.1');
const [answer] = (await once(client, 'message')) as [Buffer];
client.close();
destination.address = answer.subarray(-4).join('.');
process.send?.((listener.address() as AddressInfo).port);
