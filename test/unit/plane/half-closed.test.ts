/** A place among the connections that a process has left, at a server that never closes. */
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { RELAY_HALF_CLOSED_MS, RELAY_IDLE_MS } from '../../../sidecar/connection.ts';
import { policyOf } from '../policy/support.ts';
import { type Relayed, relayed } from './relayed.ts';

const HOST = 'db.test';
const PORT = 5432;
const policy = policyOf(
  `egress: [{name: db, protocol: TCP, to: {hosts: [${HOST}], ports: [${PORT}]}, limits: {uploadSize: 1Mi}}]`,
);
let world: Relayed;

beforeAll(async () => {
  // The clock of timeouts alone: sockets go on.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  world = await relayed(policy, [HOST]);
});
afterAll(async () => {
  vi.useRealTimers();
  await world.close();
});

it('is given back minutes after its last byte, not an hour, and that is counted and told', async () => {
  expect(RELAY_HALF_CLOSED_MS).toBeLessThan(RELAY_IDLE_MS);
  const open = await world.connect(HOST, PORT);
  const gone = await world.connect(HOST, PORT);
  open.write('a');
  gone.end('b');
  await vi.waitFor(() => expect(world.arrived.filter(({ bytes }) => bytes.length > 0)).toHaveLength(2));
  const left = world.arrived.find(({ bytes }) => String(bytes) === 'b');
  if (left && !left.socket.readableEnded) await once(left.socket, 'end');
  expect(world.plane.stats()).toMatchObject({ connections: { active: 2 }, relays: { open: 2, halfClosed: 0 } });
  vi.advanceTimersByTime(RELAY_HALF_CLOSED_MS - 1);
  await new Promise(setImmediate);
  expect(world.plane.stats()).toMatchObject({ connections: { active: 2 } });
  vi.advanceTimersByTime(1);
  await vi.waitFor(() => expect(world.plane.stats()).toMatchObject({ relays: { open: 1, halfClosed: 1 } }));
  expect(world.plane.stats().connections.active).toBe(1);
  expect(world.events.filter(({ layer }) => layer === 'tcp')).toMatchObject([
    { action: 'allow', detail: 'half-closed' },
  ]);
  open.destroy();
});
