/** A server that asks for another hello (HelloRetryRequest), and clients that take the occasion to name another host. */
import { once } from 'node:events';
import type net from 'node:net';
import tls from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Authority } from '../../../sidecar/tls/authority.ts';
import { policyOf } from '../policy/support.ts';
import { extension, helloMessage, records, serverName } from '../tls/hello-builder.ts';
import { type Relayed, relayed } from './relayed.ts';

const HOST = 'pinned.test';
const policy = policyOf(
  `egress: [{name: pinned, protocol: TLS, to: {hosts: [${HOST}]}, limits: {uploadSize: 1Mi, requests: 50}}]`,
);
/** The client's first guess is one that the server does not take. */
const CLIENT_GROUPS = 'X25519:P-384';
const SERVER_GROUPS = 'P-384';

let world: Relayed;
let authority: Authority;
const named: (string | false | null | undefined)[] = [];

beforeAll(async () => {
  authority = await Authority.create();
  const context = await authority.leaf(HOST);
  const server = tls.createServer({
    ecdhCurve: SERVER_GROUPS,
    minVersion: 'TLSv1.3',
    SNICallback: (_, done) => done(null, context),
  });
  server.on('secureConnection', (socket: tls.TLSSocket & { servername?: string | false | null }) => {
    named.push(socket.servername);
    socket.on('error', () => {}).end('hello');
  });
  server.on('tlsClientError', () => {});
  world = await relayed(policy, [HOST], (socket: net.Socket) => server.emit('connection', socket));
});
afterAll(() => world.close());

it('lets a client through that says the same again', async () => {
  const socket = await world.connect(HOST, 443);
  const client = tls.connect({ socket, servername: HOST, ca: authority.pem, ecdhCurve: CLIENT_GROUPS });
  const chunks: Buffer[] = [];
  client.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(client, 'end');
  expect(client.getProtocol()).toBe('TLSv1.3');
  expect(String(Buffer.concat(chunks))).toBe('hello');
  expect(named).toEqual([HOST]);
  client.destroy();
  await expect.poll(() => world.events.some(({ layer }) => layer === 'tls')).toBe(true);
});

const share = (...groups: Buffer[]) => extension(51, Buffer.concat([Buffer.from([0, 0]), ...groups]));
const hello = (...more: Buffer[]) =>
  records(
    helloMessage({
      sessionId: Buffer.alloc(32, 5),
      extensions: [
        ...more,
        extension(10, Buffer.from([0, 2, 0, 0x18])),
        extension(13, Buffer.from([0, 6, 4, 3, 8, 4, 4, 1])),
        extension(43, Buffer.from([2, 3, 4])),
        share(),
      ],
    }),
  );
const CCS = Buffer.from('140303000101', 'hex');

it.each([
  ['another name', hello(serverName('evil.test')), 'tls.host-mismatch'],
  [
    'an encrypted one',
    hello(serverName(HOST), extension(0xfe0d, Buffer.from([0, 0, 1, 0, 1, 7, 0, 0, 0, 0]))),
    'tls.encrypted-hello',
  ],
  ['no name', hello(), 'tls.no-sni'],
])('ends one that then says %s', async (_, second, reason) => {
  for (const waits of [true, false]) {
    world.events.length = 0;
    const socket = await world.connect(HOST, 443);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const first = hello(serverName(HOST));
    if (waits) {
      socket.write(first);
      const [asked] = (await once(socket, 'data')) as [Buffer];
      expect(asked.readUInt8(5)).toBe(2);
    } else {
      socket.write(Buffer.concat([first, CCS, second]));
      // What came at once waits for the answer, and goes with what comes next.
      await once(socket, 'data');
    }
    socket.write(waits ? Buffer.concat([CCS, second]) : CCS);
    await closed;
    await expect
      .poll(() => world.events.filter(({ layer }) => layer === 'tls'))
      .toMatchObject([{ action: 'deny', reason, rule: 'p/pinned', host: HOST }]);
    // The first hello, and the record behind it.
    const { bytesUp = 0 } = world.events.find(({ layer }) => layer === 'tls') ?? {};
    expect(bytesUp).toBeGreaterThanOrEqual(first.length);
    expect(bytesUp).toBeLessThanOrEqual(first.length + 2 * CCS.length);
  }
});
