import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { judgeBody, MAX_HELD_BYTES, Refused } from '../../../sidecar/http/body.ts';
import { Coalescer, PIECE_BYTES } from '../../../sidecar/http/coalesce.ts';
import { BodySource, SOURCE_HIGH_WATER_BYTES } from '../../../sidecar/http/source.ts';
import { clientFrame, OPCODE } from '../../../sidecar/http/websocket.ts';
import { WebSocketJudge } from '../../../sidecar/http/websocket-judge.ts';
import { createInspector } from '../../../sidecar/inspect/index.ts';
import type { InspectSession, MessageInspection, Step } from '../../../sidecar/inspect/inspector.ts';

/** Bytes from 0 up, in pieces of the given sizes. */
function pieces(sizes: readonly number[]): Buffer[] {
  let next = 0;
  return sizes.map((size) => Buffer.from(Array.from({ length: size }, () => next++ & 0xff)));
}

test('short pieces are joined in order, long ones are passed on as they are', () => {
  for (const sizes of [
    Array.from({ length: 3 * PIECE_BYTES }, () => 1),
    [1, PIECE_BYTES - 1, PIECE_BYTES, 1, PIECE_BYTES, 2],
    [PIECE_BYTES - 1, PIECE_BYTES - 1, PIECE_BYTES - 1],
    [0, 5, 0],
  ]) {
    const given = pieces(sizes);
    const coalescer = new Coalescer();
    const got = given.flatMap((piece) => coalescer.push(piece));
    for (const piece of got.slice(0, -1)) expect(piece.length).toBeGreaterThan(0);
    got.push(...coalescer.flush());
    expect(Buffer.concat(got)).toEqual(Buffer.concat(given));
    expect(got.length).toBeLessThanOrEqual(2 * Math.ceil(Buffer.concat(given).length / PIECE_BYTES) + 1);
    for (const long of given.filter(({ length }) => length >= PIECE_BYTES)) expect(got).toContain(long);
    expect(coalescer.flush()).toEqual([]);
  }
});

/** What BodySource needs of a request. */
class FakeRequest extends EventEmitter {
  paused = false;
  pause(): void {
    this.paused = true;
  }
  resume(): void {
    this.paused = false;
  }
  isPaused(): boolean {
    return this.paused;
  }
}

test('a body in chunks of one byte is held in few pieces, whether they come at once or one by one', async () => {
  for (const atOnce of [true, false]) {
    const request = new FakeRequest();
    const source = new BodySource(request as unknown as IncomingMessage);
    const bytes = 10 * PIECE_BYTES + 7;
    const got: Buffer[] = [];
    const reading = (async () => {
      for await (const chunk of source) got.push(chunk);
    })();
    for (let index = 0; index < bytes; index++) {
      request.emit('data', Buffer.from([index & 0xff]));
      if (!atOnce && index % 16 === 0) await Promise.resolve();
    }
    request.emit('end');
    await reading;
    expect(got).toHaveLength(11);
    expect(Buffer.concat(got)).toEqual(Buffer.concat(pieces([bytes])));
  }
});

test('what waits to be read is bounded in bytes, and in pieces', () => {
  const request = new FakeRequest();
  const source = new BodySource(request as unknown as IncomingMessage);
  let sent = 0;
  for (; !request.paused; sent++) request.emit('data', Buffer.alloc(1));
  expect(sent).toBeLessThanOrEqual(SOURCE_HIGH_WATER_BYTES + PIECE_BYTES);
  source.release();
});

/** Holds everything, and counts how. */
function hoarder(): { session: InspectSession; held: Buffer[] } {
  const held: Buffer[] = [];
  const nothing: Step = { findings: [], release: [] };
  const inspection: MessageInspection = {
    field: () => nothing,
    push(chunk) {
      held.push(chunk);
      return nothing;
    },
    end: () => ({ findings: [], release: held.splice(0) }),
    commit: () => nothing,
    abort() {},
  };
  return { session: { open: () => inspection }, held };
}

const judge = (step: Step): readonly Buffer[] => {
  if (step.tooComplex !== undefined) throw new Refused({ reason: 'content.too-complex', detail: step.tooComplex });
  return step.release;
};
const rules = {
  take: () => ({ resize: () => true, release() {} }),
  hold() {},
  admitSize() {},
  charge() {},
  sent() {},
  judge,
  finish() {},
  admitMessage() {},
};

async function* blocks(total: number): AsyncGenerator<Buffer, undefined, undefined> {
  const block = Buffer.alloc(64 * 1024);
  for (let left = total; left > 0; left -= block.length) yield block.subarray(0, Math.min(left, block.length));
}

test('a judge that holds back a body is refused more than the bound, and given all of it up to that', async () => {
  const inspection = hoarder().session.open({ body: 'http.body', contentEncoding: [] });
  await expect(judgeBody(blocks(MAX_HELD_BYTES), undefined, inspection, rules)).resolves.toMatchObject({
    kind: 'stream',
  });
  const greedy = hoarder();
  const more = greedy.session.open({ body: 'http.body', contentEncoding: [] });
  await expect(judgeBody(blocks(2 * MAX_HELD_BYTES), undefined, more, rules)).rejects.toMatchObject({
    denial: { reason: 'content.too-complex' },
  });
  expect(greedy.held.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(MAX_HELD_BYTES + 64 * 1024);
});

test('the bound on held bytes is for those held at once: a long body passes', async () => {
  const inspection = createInspector().session('').open({ body: 'http.body', contentEncoding: [] });
  const total = 3 * MAX_HELD_BYTES;
  const body = await judgeBody(blocks(total), total, inspection, rules);
  if (body.kind !== 'stream') throw new Error('not a stream');
  let got = 0;
  for await (const chunk of body.chunks) got += chunk.length;
  expect(got).toBe(total);
});

test('a WebSocket message in frames of one byte is held in few pieces, and no more than the bound of it', async () => {
  const { session, held } = hoarder();
  const socket = new WebSocketJudge(session, rules);
  await socket.push(clientFrame(OPCODE.binary, false, Buffer.alloc(1)));
  for (let index = 0; index < 4 * PIECE_BYTES; index++) {
    await socket.push(clientFrame(OPCODE.continuation, false, Buffer.alloc(1)));
  }
  expect(held).toHaveLength(4);
  const frame = () => clientFrame(OPCODE.continuation, false, Buffer.alloc(MAX_HELD_BYTES / 4));
  for (let index = 0; index < 3; index++) await socket.push(frame());
  await expect(socket.push(frame())).rejects.toMatchObject({ denial: { reason: 'content.too-complex' } });
});
