/** Requests that end while they are judged, or wait for room for their body: nothing of it stays taken. */
import { expect, test } from 'vitest';
import type { Inspector } from '../../../sidecar/inspect/inspector.ts';
import { BODY_BYTES, type Lease, Memory } from '../../../sidecar/memory.ts';
import { eventually, HOST, type RawClient, testInspector } from './harness.ts';
import { setUp } from './set-up.ts';

const ENDS: Record<string, (client: RawClient) => unknown> = {
  'by a chunk that does not parse': async (client) => {
    client.send('zz\r\n');
    expect(await client.end()).toMatch(/^HTTP\/1\.1 400 [\s\S]*http\.malformed/);
  },
  'by an end of the client': (client) => client.socket.end(),
  'by a reset of the client': (client) => client.socket.resetAndDestroy(),
};

test.each(Object.entries(ENDS))('while it waits, %s', async (_, end) => {
  const memory = new Memory(BODY_BYTES);
  const { it, upstream } = await setUp(() => {}, { memory });
  const others = memory.take(BODY_BYTES) as Lease;
  const client = await it.client();
  client.send(`POST /up HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding: chunked\r\n\r\n`);
  await eventually(() => memory.waiting === 1);
  await end(client);
  others.release();
  await eventually(() => memory.used === 0 && memory.waiting === 0);
  expect(upstream.connections).toEqual([]);
});

test('while its head is judged, by a chunk that does not parse', async () => {
  const open = new Set<object>();
  const judge = testInspector({ asynchronous: true });
  const inspector: Inspector = {
    session: (host) => {
      const session = judge.session(host);
      return {
        ...session,
        open: (context) => {
          const inspection = session.open(context);
          open.add(inspection);
          return { ...inspection, abort: () => open.delete(inspection) };
        },
      };
    },
  };
  const { it, upstream } = await setUp(() => {}, { inspector });
  const client = await it.client();
  client.send(`POST /up HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`);
  expect(await client.end()).toMatch(/^HTTP\/1\.1 400 /);
  await eventually(() => open.size === 0);
  expect(upstream.connections).toEqual([]);
});
