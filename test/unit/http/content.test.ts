/** Bodies that cannot be read, and requests under way when the pod is cut off, with the real inspector. */
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { RuntimePolicy } from '../../../crds/runtime.ts';
import { createInspector } from '../../../sidecar/inspect/index.ts';
import { eventually, HOST, policy, rawUpstream, rule, type World, world } from './harness.ts';
import { closers } from './set-up.ts';

async function setUp(content: Partial<RuntimePolicy['content']>, mode?: RuntimePolicy['mode']) {
  const upstream = await rawUpstream((all, socket) => {
    if (all.endsWith('end')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  });
  const base = policy([rule()], mode);
  const inspector = createInspector();
  inspector.measureOpaque(true);
  const through = await world({
    upstreamPort: upstream.port,
    inspector,
    policy: { ...base, content: { ...base.content, ...content } },
  });
  closers.push(() => through.close(), upstream.close);
  return { through, upstream };
}

async function post(through: World, body: Buffer): Promise<string> {
  const client = await through.client();
  client.send(`POST /up HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: ${body.length}\r\n\r\n`).send(body);
  return client.until(/(ok|\})\n?$/);
}
const ending = (...parts: (Buffer | string)[]) =>
  Buffer.concat([...parts.map((part) => Buffer.from(part)), Buffer.from('end')]);

describe('a body that no decoder explains', () => {
  it('is refused when its host has no bytes left for it, and nothing of it is sent', async () => {
    const { through, upstream } = await setUp({ opaqueUploads: { maxSize: 30_000 } });
    expect(await post(through, ending(randomBytes(20_000)))).toContain('200 OK');
    const refused = await post(through, ending(randomBytes(20_000)));
    expect(refused).toContain('"reason":"content.opaque"');
    expect(upstream.connections.map(({ received }) => received.length > 20_000)).toEqual([true]);
    // What can be read is not on that budget.
    expect(await post(through, ending('text '.repeat(50_000)))).toContain('200 OK');
    expect(await post(through, ending(gzipSync('text '.repeat(50_000))))).toContain('200 OK');
    expect(through.events.filter(({ action }) => action === 'deny')).toMatchObject([
      { reason: 'content.opaque', rule: 'p/r' },
    ]);
  });

  it('is cut off where the budget ends when it is long', async () => {
    const { through, upstream } = await setUp({ opaqueUploads: { maxSize: 200_000 } });
    const client = await through.client();
    client.send(`POST /up HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 1000000\r\n\r\n`).send(randomBytes(1_000_000));
    await eventually(() => through.events.some(({ reason }) => reason === 'content.opaque'));
    const sent = upstream.connections.reduce((sum, { received }) => sum + received.length, 0);
    expect(sent).toBeLessThan(202_000);
  });

  it('is let pass and told in Audit mode', async () => {
    const { through } = await setUp({ opaqueUploads: { maxSize: 1000 } }, 'Audit');
    expect(await post(through, ending(randomBytes(20_000)))).toContain('200 OK');
    await eventually(() => through.events.length > 0);
    expect(through.events).toMatchObject([{ action: 'would-deny', reason: 'content.opaque' }]);
  });

  it('may go where a suppression says so', async () => {
    const suppressions = [{ detector: 'opaque-upload', rule: 'p/r' }];
    const { through } = await setUp({ opaqueUploads: { maxSize: 0 }, suppressions });
    expect(await post(through, ending(randomBytes(20_000)))).toContain('200 OK');
  });
});

it('a request under way when the pod is cut off is told that alone', async () => {
  const { through } = await setUp({ maxRefusals: 2 });
  const secret = `ghp_${'0'.repeat(30)}`;
  const client = await through.client();
  client.send(`POST /up HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 37\r\n\r\n`);
  await new Promise((resolve) => setTimeout(resolve, 50));
  through.budgets.refusals.add();
  through.budgets.refusals.add();
  client.send(`${secret}end`);
  const answer = await client.until(/\}\n$/);
  expect(answer).toContain('"reason":"content.cut-off"');
  expect(through.events).toMatchObject([{ action: 'deny', reason: 'content.cut-off' }]);
});

describe('a known secret in pieces', () => {
  const value = 'k3Yx9Qw7Lm2Zp5Rt8Vb4';
  const pieces = value.match(/.{7}/g) as string[];

  async function sending() {
    const upstream = await rawUpstream((_all, socket) =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
    );
    const inspector = createInspector();
    inspector.setKnownSecrets([{ name: 's/k', value: Buffer.from(value), held: true }]);
    const hosts = [
      { name: HOST, wildcard: false },
      { name: HOST, wildcard: true },
    ];
    const through = await world({
      upstreamPort: upstream.port,
      inspector,
      policy: policy([rule({ hosts }, { methods: ['GET'] })]),
    });
    closers.push(() => through.close(), upstream.close);
    return async (host: string, piece: string, method = 'GET'): Promise<string> => {
      const client = await through.client({ host });
      client.send(`${method} /${piece} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      return /"reason":"([^"]*)"|200 OK/.exec(await client.until(/(ok|\})\n?$/))?.[1] ?? 'sent';
    };
  }

  it('is refused over the connections to a host, whatever was refused in between', async () => {
    const send = await sending();
    expect(await send(HOST, pieces[0] as string)).toBe('sent');
    expect(await send(HOST, 'something', 'PUT')).toBe('http.method');
    expect(await send(HOST, pieces[1] as string)).toBe('content.secret');
  });

  it('is refused over hosts under one wildcard, which are one receiver', async () => {
    const send = await sending();
    expect(await send(`a.${HOST}`, pieces[0] as string)).toBe('sent');
    expect(await send(`b.${HOST}`, pieces[1] as string)).toBe('content.secret');
  });
});

it('new text in heads is on the budget of the rule, with the handshakes of WebSockets, and nothing over it is sent', async () => {
  const upstream = await rawUpstream((all, socket) => {
    if (all.endsWith('\r\n\r\n')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  });
  const limited = rule({ limits: { newTextSize: 24 } }, { paths: ['/v1/**'] });
  const through = await world({ upstreamPort: upstream.port, inspector: createInspector(), policy: policy([limited]) });
  closers.push(() => through.close(), upstream.close);
  const send = async (target: string, head = ''): Promise<string> => {
    const client = await through.client();
    client.send(`GET ${target} HTTP/1.1\r\nHost: ${HOST}\r\n${head}\r\n`);
    return /"reason":"([^"]*)"|200 OK/.exec(await client.until(/(ok|\})\n?$/))?.[1] ?? 'sent';
  };
  expect(await send('/v1/abc?d=e', 'X-A: bcdefgh\r\n')).toBe('sent');
  expect(await send('/v1/abc?d=e', 'X-A: bcdefgh\r\n')).toBe('sent');
  expect(await send('/v1/abc?d=e', 'X-A: bcdefgi\r\n')).toBe('limit.new-text-size');
  const upgrade = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==\r\n`;
  expect(await send('/v1/abc', `${upgrade}X-A: bcdefgi\r\n`)).toBe('limit.new-text-size');
  expect(await send(`/v1/${'x'.repeat(24)}`)).toBe('limit.new-text-size');
  expect(upstream.connections.map(({ received }) => received).join('')).not.toMatch(/bcdefgi|xxx/);
  expect(through.budgets.spent('p/r', 'newTextSize')).toBe(3 + '?d=e'.length + 'x-a: bcdefgh'.length);
});
