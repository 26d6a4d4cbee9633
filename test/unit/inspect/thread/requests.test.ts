/** Requests whose bodies another thread judges, from a socket to a server, however they end: nothing leaks, and nothing stays. */
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { checkedToken } from '../../../../sidecar/inspect/detectors/samples.ts';
import { BLOCK_SIZE, createInspector } from '../../../../sidecar/inspect/index.ts';
import { MIN_THREAD_BYTES } from '../../../../sidecar/inspect/thread/bounds.ts';
import { Memory } from '../../../../sidecar/memory.ts';
import { noise, python } from '../../../fixtures/heavy-bodies.ts';
import { eventually, type RawClient } from '../../http/harness.ts';
import { OK, post, setUp } from '../../http/set-up.ts';
import { random, secret } from '../known/support.ts';

const TOKEN = checkedToken('gh' + 'p_', 11);
const KNOWN = random(9, 40);
const LENGTH = MIN_THREAD_BYTES + 12_345;
const FILLERS = [Buffer.alloc(LENGTH, 'a line of a log\n'), noise(LENGTH)];

const inspector = createInspector({ threadFrom: MIN_THREAD_BYTES });
inspector.setKnownSecrets([secret('s/k', KNOWN)]);
afterAll(() => inspector.close());

/** How the client ends before all is sent. */
const ENDS: Record<string, (client: RawClient) => unknown> = {
  whole: () => {},
  fin: ({ socket }) => socket.end(),
  reset: ({ socket }) => socket.resetAndDestroy(),
};
/** What the server does when it has so many bytes. */
const SERVERS: Record<string, string> = {
  answers: OK,
  'answers early': 'HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n',
  'answers early and closes': 'HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
  resets: '',
};

interface Case {
  /** Offset of a secret. */
  at: number | undefined;
  isKnown: boolean;
  filler: number;
  /** Bytes after which the client ends, and the server does what it does. */
  stop: number;
  early: number;
  end: string;
  server: string;
  cuts: number[];
  waits: boolean;
}

const offset = fc.oneof(fc.nat(LENGTH - 100), fc.integer({ min: LENGTH - 2 * BLOCK_SIZE, max: LENGTH - 100 }));
const cases = fc.record<Case>({
  at: fc.option(offset, { nil: undefined }),
  isKnown: fc.boolean(),
  filler: fc.nat(FILLERS.length - 1),
  stop: fc.nat(LENGTH),
  early: fc.nat(LENGTH),
  end: fc.constantFrom(...Object.keys(ENDS)),
  server: fc.constantFrom(...Object.keys(SERVERS)),
  cuts: fc.array(fc.integer({ min: 1000, max: 300_000 }), { minLength: 1, maxLength: 3 }),
  waits: fc.boolean(),
});

/** Sends one request, and gives what the server got of it. */
async function run(
  { at, cuts, early, end, filler, isKnown, server, stop, waits }: Case,
  memory: Memory,
): Promise<Buffer> {
  const answers = SERVERS[server] as string;
  let isOver = false;
  let got = 0;
  const chunks: Buffer[] = [];
  const { it, upstream } = await setUp(
    (_, socket, chunk) => {
      chunks.push(chunk);
      got += chunk.length;
      if (isOver || got < (server === 'answers' ? LENGTH : early)) return;
      isOver = true;
      if (answers === '') socket.resetAndDestroy();
      else socket.write(answers);
    },
    { inspector, memory },
  );
  const client = await it.client();
  const body = Buffer.from(FILLERS[filler] as Buffer);
  if (at !== undefined) body.write(isKnown ? KNOWN : ` ${TOKEN} `, at, 'latin1');
  client.send(post(LENGTH));
  const last = end === 'whole' ? LENGTH : stop;
  for (let sent = 0, turn = 0; sent < last && !client.closed; turn++) {
    const size = Math.min(cuts[turn % cuts.length] as number, last - sent);
    client.socket.write(body.subarray(sent, sent + size));
    sent += size;
    if (waits && turn % 8 === 0) await sleep(1);
  }
  ENDS[end]?.(client);
  // Refused, answered, or given up.
  await eventually(() => end !== 'whole' || client.closed || client.received !== '');
  client.socket.destroy();
  await it.close();
  await eventually(() => upstream.connections.every(({ closed }) => closed));
  return Buffer.concat(chunks);
}

describe('requests with large bodies', () => {
  it('leave nothing behind and give nothing away, many at a time', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(cases, { minLength: 1, maxLength: 12 }), async (all) => {
        const memory = new Memory();
        const got = await Promise.all(all.map((each) => run(each, memory)));
        for (const [index, bytes] of got.entries()) {
          const { at, isKnown } = all[index] as Case;
          const begins = (isKnown ? KNOWN : TOKEN).slice(0, 12);
          expect(bytes.includes(begins)).toBe(false);
          const head = bytes.indexOf('\r\n\r\n') + 4;
          if (at !== undefined) expect(bytes.length - head).toBeLessThanOrEqual(at);
        }
        await eventually(() => memory.used === 0 && inspector.thread().bodies === 0);
        expect(inspector.thread().failures).toBe(0);
      }),
      { numRuns: 25 },
    );
  });

  it('may hold back as much as others, beside what is under way', { timeout: 60_000 }, async () => {
    // Each holds back what its largest block becomes.
    const body = python('bzip2', python('bzip2', noise(7 * 1024 * 1024)));
    let got = 0;
    const { it } = await setUp(
      (_, socket, chunk) => {
        got += chunk.length;
        if (got > body.length) socket.write(OK);
      },
      { inspector },
    );
    const client = await it.client();
    client.send(post(body.length)).send(body);
    await expect.poll(() => client.received, { timeout: 30_000 }).toMatch(/ 200 OK/);
    expect(it.events.map(({ action }) => action)).toEqual(['allow']);
  });
});
