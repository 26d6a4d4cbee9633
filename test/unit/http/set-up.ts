/** A world with an upstream of its own for one test, and what bodies are sent and answered with. */
import { afterEach } from 'vitest';
import { HOST, rawUpstream, type World, type WorldOptions, world } from './harness.ts';

/** Of what a test began, the ends. */
export const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

type Upstream = Awaited<ReturnType<typeof rawUpstream>>;

export async function setUp(
  onData: Parameters<typeof rawUpstream>[0],
  options: WorldOptions = {},
): Promise<{ it: World; upstream: Upstream }> {
  const upstream = await rawUpstream(onData);
  const it = await world({ upstreamPort: upstream.port, ...options });
  closers.push(() => it.close(), upstream.close);
  return { it, upstream };
}

export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
export const post = (length: number): string =>
  `POST /up HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: ${length}\r\n\r\n`;

/** Answers every complete head without a body. */
export const ok: Parameters<typeof rawUpstream>[0] = (_all, socket, chunk) => {
  if (chunk.toString('latin1').endsWith('\r\n\r\n')) socket.write(OK);
};
