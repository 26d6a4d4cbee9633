/** Both sides over TLS, with the real terminator, upstream TLS, policy and inspector. */
import { createHash, randomBytes } from 'node:crypto';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Event } from '../../../crds/runtime.ts';
import { Forwarder } from '../../../sidecar/http/forward.ts';
import { createHttpFront, type HttpFront } from '../../../sidecar/http/server.ts';
import type { ConnectionContext } from '../../../sidecar/http/types.ts';
import { acceptFor } from '../../../sidecar/http/upgrade.ts';
import { clientFrame, FrameReader, OPCODE, serverFrame } from '../../../sidecar/http/websocket.ts';
import { createInspector } from '../../../sidecar/inspect/index.ts';
import { Memory } from '../../../sidecar/memory.ts';
import { Budgets, PolicyEngine } from '../../../sidecar/policy/index.ts';
import { Authority } from '../../../sidecar/tls/authority.ts';
import { createTerminator } from '../../../sidecar/tls/terminate.ts';
import { connectTls } from '../../../sidecar/tls/upstream.ts';
import { eventually, HOST, policy, rule } from './harness.ts';

const DOWNLOAD = randomBytes(5_000_000);
const bodies: Buffer[] = [];
const events: Event[] = [];
let authority: Authority;
let server: https.Server;
let listener: net.Server;
let front: HttpFront;
let forward: Forwarder;

beforeAll(async () => {
  authority = await Authority.create();
  const leaf = await authority.leaf(HOST);
  server = https.createServer({ SNICallback: (_name, done) => done(null, leaf) }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method === 'POST') bodies.push(Buffer.concat(chunks));
      response.end(request.url === '/big' ? DOWNLOAD : 'ok');
    });
  });
  server.on('upgrade', (incoming, socket) => {
    const reader = new FrameReader();
    const accept = acceptFor(incoming.headers['sec-websocket-key'] ?? '');
    socket.write(
      `HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      for (const piece of reader.push(chunk)) socket.write(serverFrame(OPCODE.text, piece.payload));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  const roots = [authority.certificatePem];
  forward = new Forwarder(async (host) => {
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    return connectTls(socket, { host, roots, alpn: ['http/1.1'] });
  });
  const budgets = new Budgets();
  const engine = new PolicyEngine(policy([rule({ protocol: 'HTTPS', ports: [443] })]), budgets);
  front = createHttpFront({
    engine: () => engine,
    budgets,
    inspector: createInspector(),
    memory: new Memory(),
    forward,
    emit: (event) => events.push(event),
    inspectName: () => [],
    suggest: () => '',
  });
  const terminate = createTerminator<ConnectionContext>({
    authority,
    onSecure: (socket, context) => front.serve(socket, context),
    onFailure: () => {},
  });
  listener = net.createServer((raw) => terminate(raw, { host: HOST, port: 443, secure: true }, HOST));
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  front.close();
  await forward.close();
  listener.close();
  server.close();
});

function request(
  method: string,
  path: string,
  body?: Buffer,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const outgoing = https.request(
      {
        method,
        path,
        headers: { host: HOST, ...headers },
        createConnection: () =>
          tls.connect({
            port: (listener.address() as net.AddressInfo).port,
            host: '127.0.0.1',
            servername: HOST,
            ca: authority.certificatePem,
          }),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const hash = (bytes: Buffer | undefined): string =>
  createHash('sha256')
    .update(bytes ?? '')
    .digest('hex');

test('a download and an upload arrive as they were sent', async () => {
  expect(hash((await request('GET', '/big')).body)).toBe(hash(DOWNLOAD));
  // Text that no detector minds: random bytes would be fine too, but would say less about what is released when.
  const upload = Buffer.from(`${'line of a log\n'.repeat(200_000)}end`);
  expect((await request('POST', '/up', upload)).status).toBe(200);
  expect(hash(bodies.pop())).toBe(hash(upload));
  const packed = gzipSync(DOWNLOAD);
  expect((await request('POST', '/up', packed, { 'content-encoding': 'gzip' })).status).toBe(200);
  expect(hash(bodies.pop())).toBe(hash(packed));
});

test.each(['plain', 'base64', 'gzip'] as const)(
  'an AWS key pair in a body (%s) is refused, and the server learns nothing',
  async (how) => {
    // Put together here, so that the file itself holds none.
    const id = `${'AK'}IAQ3EGRDZQ7XWVN5TL`;
    const secret = `aws_access_key_id = ${id}\naws_secret_access_key = ${['kX9v/Qm3TzB7+rLw2YpN', 'f8JsHd4GcUe6RaVtMx1o'].join('')}\n`;
    const plain = Buffer.from(`${'x '.repeat(50_000)}${secret}${'y '.repeat(50_000)}`);
    const body =
      how === 'gzip' ? gzipSync(plain) : how === 'base64' ? Buffer.from(Buffer.from(secret).toString('base64')) : plain;
    const before = events.length;
    const answer = await request('POST', '/up', body, how === 'gzip' ? { 'content-encoding': 'gzip' } : {});
    expect(answer.status).toBe(403);
    expect(answer.body.toString()).toContain('content.secret');
    expect(bodies).toEqual([]);
    await eventually(() => events.length === before + 1);
    expect(events.at(-1)).toMatchObject({ action: 'deny', reason: 'content.secret' });
    expect(JSON.stringify(events)).not.toContain(id);
  },
);

test('a WebSocket over TLS on both sides', async () => {
  const { port } = listener.address() as net.AddressInfo;
  const socket = tls.connect({ port, host: '127.0.0.1', servername: HOST, ca: authority.certificatePem });
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
  });
  socket.write(
    `GET /ws HTTP/1.1\r\nHost: ${HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  );
  socket.write(clientFrame(OPCODE.text, true, Buffer.from('over TLS')));
  await eventually(() => received.endsWith('over TLS'));
  expect(received).toMatch(/^HTTP\/1\.1 101/);
  socket.destroy();
  await eventually(() => events.at(-1)?.layer === 'websocket');
});
