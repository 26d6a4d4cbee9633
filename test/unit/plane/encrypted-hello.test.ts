/** Hellos that may name another server than the one that is seen: what is passed on undecrypted holds none of them. */
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HelloReader } from '../../../sidecar/tls/clienthello.ts';
import { policyOf } from '../policy/support.ts';
import { extension, helloMessage, records, serverName } from '../tls/hello-builder.ts';
import { REAL_HELLOS } from '../tls/hellos.ts';
import { type Relayed, relayed } from './relayed.ts';

const PINNED = 'pinned.test';
const WEB = 'public.example.com';
const BOTH = 'both.test';
const policy = (mode: string) =>
  policyOf(`
mode: ${mode}
egress:
- {name: pinned, protocol: TLS, to: {hosts: [${PINNED}, ${BOTH}]}, limits: {uploadSize: 1Mi, requests: 2}}
- {name: web, to: {hosts: [${WEB}]}}
`);

/** RFC 9849 section 5: an outer ClientHelloOuter of HKDF-SHA256, AES-128-GCM; and one that is empty, as an inner one is. */
const PAYLOAD = Buffer.alloc(144, 'inner.evil.test ');
const ECH: Record<string, Buffer> = {
  'an encrypted hello': extension(
    0xfe0d,
    Buffer.concat([Buffer.from([0, 0, 1, 0, 1, 7, 0, 32]), Buffer.alloc(32, 9), Buffer.from([0, 144]), PAYLOAD]),
  ),
  'an inner hello': extension(0xfe0d, Buffer.from([1])),
  'nothing of sense in the extension': extension(0xfe0d, Buffer.alloc(0)),
  'an encrypted server name (ESNI)': extension(0xffce, PAYLOAD),
};
const hello = (name: string, more: Buffer[]) => helloMessage({ extensions: [serverName(name), ...more] });

let world: Relayed;

async function sends(host: string, bytes: Buffer): Promise<Buffer> {
  const socket = await world.connect(host, 443);
  const first = Promise.race([once(socket, 'data'), once(socket, 'close').then(() => [Buffer.alloc(0)])]);
  socket.write(bytes);
  const [answer] = (await first) as [Buffer];
  socket.destroy();
  return answer;
}

describe.each(['Enforce', 'Audit'])('in %s', (mode) => {
  beforeAll(async () => {
    world = await relayed(policy(mode), [PINNED, WEB, BOTH]);
  });
  afterAll(() => world.close());
  beforeEach(() => {
    world.events.length = 0;
  });

  describe.each(Object.entries(ECH))('%s', (_, ech) => {
    it.each([
      ['in one record', 16384],
      ['over records', 7],
    ])('is not passed on, %s', async (_, size) => {
      // Before any other extension too, which a reader may look at first.
      for (const message of [hello(PINNED, [ech]), helloMessage({ extensions: [ech, serverName(PINNED)] })]) {
        await sends(PINNED, records(message, size));
      }
      await expect.poll(() => world.events.filter(({ layer }) => layer === 'tls')).toHaveLength(2);
      for (const event of world.events.filter(({ layer }) => layer === 'tls')) {
        expect(event).toMatchObject({ action: 'deny', reason: 'tls.encrypted-hello', host: PINNED });
      }
      expect(world.arrived).toEqual([]);
    });
  });

  it('is answered here where TLS is ended here', async () => {
    const answer = await sends(WEB, Buffer.from(REAL_HELLOS.goEch, 'base64'));
    expect(answer[0]).toBe(22);
    expect(world.arrived).toEqual([]);
  });

  it('a hello without one is passed on, and no refusal was charged to its rule', async () => {
    const bytes = records(hello(PINNED, []));
    for (let i = 1; i <= 2; i++) {
      const socket = await world.connect(PINNED, 443);
      socket.write(bytes);
      await expect.poll(() => world.arrived[i - 1]?.bytes.length).toBe(bytes.length);
      socket.destroy();
    }
    expect(new HelloReader().push(world.arrived[0]?.bytes ?? Buffer.alloc(0))).toMatchObject({
      hello: { serverName: PINNED, hasEch: false },
    });
  });
});
