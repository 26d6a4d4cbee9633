import { randomBytes } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import {
  clientFrame,
  closePayload,
  FRAGMENT_BYTES,
  FrameReader,
  MAX_CONTROL_BYTES,
  MessageWriter,
  OPCODE,
  type Piece,
  serverFrame,
} from '../../../sidecar/http/websocket.ts';
import { WebSocketJudge } from '../../../sidecar/http/websocket-judge.ts';
import { createInspector, type Inspector } from '../../../sidecar/inspect/index.ts';
import { testInspector } from './harness.ts';

function read(...chunks: Buffer[]): Piece[] {
  const reader = new FrameReader();
  return chunks.flatMap((chunk) => [...reader.push(Buffer.from(chunk))]);
}

test('the masked text message of RFC 6455 section 5.7', () => {
  const frame = Buffer.from('818537fa213d7f9f4d5158', 'hex');
  expect(read(frame)).toEqual([{ kind: 'data', opcode: 1, first: true, last: true, payload: Buffer.from('Hello') }]);
  expect(serverFrame(OPCODE.text, Buffer.from('Hello'))).toEqual(Buffer.from('810548656c6c6f', 'hex'));
});

test('lengths in seven bits, two bytes and eight, at their bounds', () => {
  for (const [length, header] of [
    [0, 2],
    [125, 2],
    [126, 4],
    [65535, 4],
    [65536, 10],
  ] as const) {
    const frame = clientFrame(OPCODE.binary, true, Buffer.alloc(length, 7));
    expect(frame).toHaveLength(header + 4 + length);
    expect(Buffer.concat(read(frame).map((piece) => piece.payload))).toEqual(Buffer.alloc(length, 7));
    expect(serverFrame(OPCODE.binary, Buffer.alloc(length))).toHaveLength(header + length);
  }
});

test('control frames may stand between fragments, and say so', () => {
  const frames = Buffer.concat([
    clientFrame(OPCODE.text, false, Buffer.from('a')),
    clientFrame(OPCODE.ping, true, Buffer.from('p')),
    clientFrame(OPCODE.continuation, true, Buffer.from('b')),
  ]);
  expect(read(frames).map((piece) => [piece.kind, piece.payload.toString()])).toEqual([
    ['data', 'a'],
    ['control', 'p'],
    ['data', 'b'],
  ]);
});

const masked = (hex: string): Buffer => Buffer.from(hex, 'hex');

test.each([
  ['a reserved bit', masked('c18000000000')],
  ['no mask', masked('8100')],
  ['a reserved data opcode', masked('838000000000')],
  ['a reserved control opcode', masked('8b8000000000')],
  ['a fragmented control frame', masked('098000000000')],
  ['a length of 125 in two bytes', masked('82fe007d00000000')],
  ['a length of 65535 in eight bytes', masked('82ff000000000000ffff00000000')],
  ['a length above 2^63', masked('82ffffffffffffffffff00000000')],
  ['a continuation of nothing', masked('808000000000')],
  ['a message within a message', masked('018000000000818000000000')],
])('%s is an error, whatever the chunks', (_what, bytes) => {
  expect(() => read(bytes)).toThrow();
  expect(() => read(...[...bytes].map((byte) => Buffer.from([byte])))).toThrow();
});

test(`a control frame of ${MAX_CONTROL_BYTES} bytes passes, one of one more does not`, () => {
  expect(read(clientFrame(OPCODE.ping, true, Buffer.alloc(MAX_CONTROL_BYTES)))).toHaveLength(1);
  expect(() => read(clientFrame(OPCODE.ping, true, Buffer.alloc(MAX_CONTROL_BYTES + 1)))).toThrow();
});

test('a message is one frame up to the fragment size, then fragments of that size', () => {
  const lengths = (total: number, step: number): number[] => {
    const writer = new MessageWriter(OPCODE.binary);
    const payloads: Buffer[] = [];
    for (let at = 0; at < total; at += step) payloads.push(...writer.append(Buffer.alloc(Math.min(step, total - at))));
    return [...payloads, writer.finish()].map((payload) => payload.length);
  };
  for (const step of [1000, 65536, 1_000_000]) {
    expect(lengths(FRAGMENT_BYTES, step)).toEqual([FRAGMENT_BYTES]);
    expect(lengths(FRAGMENT_BYTES + 1, step)).toEqual([FRAGMENT_BYTES, 1]);
    expect(lengths(2 * FRAGMENT_BYTES + 5, step)).toEqual([FRAGMENT_BYTES, FRAGMENT_BYTES, 5]);
  }
});

test('the reason of a Close is cut to what fits', () => {
  expect(closePayload(1008, 'x'.repeat(200))).toHaveLength(MAX_CONTROL_BYTES);
});

function judge(inspector: Inspector = testInspector(), hold: (bytes: number) => void = () => {}): WebSocketJudge {
  const pass = {
    admitMessage() {},
    take: () => ({ resize: () => true, release() {} }),
    hold: (_lease: unknown, bytes: number) => hold(bytes),
    admitSize() {},
    charge() {},
    judge: (step: { release: readonly Buffer[] }) => step.release,
  };
  return new WebSocketJudge(inspector.session(''), pass);
}

test('what decompressors hold takes room, as what is held back does', async () => {
  const payload = zstdCompressSync(randomBytes(400_000)).subarray(0, 300_000);
  const holds: number[] = [];
  const judged = judge(createInspector(), (bytes) => holds.push(bytes));
  await judged.push(clientFrame(OPCODE.binary, false, payload));
  expect(Math.max(...holds)).toBeGreaterThan(payload.length);
  judged.abort();
});

async function written(...frames: Buffer[]): Promise<Piece[]> {
  const out = await judge().push(Buffer.concat(frames));
  return read(...out);
}

test('what is written is what was said, with masks and fragments of our own', async () => {
  const pieces = await written(
    clientFrame(OPCODE.text, false, Buffer.from('ab')),
    clientFrame(OPCODE.continuation, false, Buffer.alloc(0)),
    clientFrame(OPCODE.continuation, true, Buffer.from('cd')),
    clientFrame(OPCODE.binary, true, Buffer.alloc(0)),
  );
  expect(pieces).toEqual([
    { kind: 'data', opcode: 1, first: true, last: true, payload: Buffer.from('abcd') },
    { kind: 'data', opcode: 2, first: true, last: true, payload: Buffer.alloc(0) },
  ]);
});

test('a mask is never the same twice', async () => {
  const frame = clientFrame(OPCODE.text, true, Buffer.from('same'));
  expect(clientFrame(OPCODE.text, true, Buffer.from('same'))).not.toEqual(frame);
});

test('text must be UTF-8 over all its fragments', async () => {
  const euro = Buffer.from('€');
  await expect(
    written(
      clientFrame(OPCODE.text, false, euro.subarray(0, 1)),
      clientFrame(OPCODE.continuation, true, euro.subarray(1)),
    ),
  ).resolves.toHaveLength(1);
  await expect(written(clientFrame(OPCODE.text, true, euro.subarray(0, 1)))).rejects.toThrow('UTF-8');
  await expect(written(clientFrame(OPCODE.binary, true, euro.subarray(0, 1)))).resolves.toHaveLength(1);
});

test.each([
  ['one byte', Buffer.from([3])],
  ['status 999', closePayload(999, '')],
  ['status 1005', closePayload(1005, '')],
  ['status 1006', closePayload(1006, '')],
  ['status 2000', closePayload(2000, '')],
  ['a reason that is not UTF-8', Buffer.from([0x03, 0xe8, 0xff])],
])('a Close with %s is an error', async (_what, payload) => {
  await expect(written(clientFrame(OPCODE.close, true, payload))).rejects.toThrow();
});

test.each([Buffer.alloc(0), closePayload(1000, 'bye'), closePayload(3000, ''), closePayload(4999, '')])(
  'a Close may be %s',
  async (payload) => {
    expect(await written(clientFrame(OPCODE.close, true, payload))).toEqual([{ kind: 'control', opcode: 8, payload }]);
  },
);

test('nothing may follow a Close', async () => {
  await expect(
    written(clientFrame(OPCODE.close, true, Buffer.alloc(0)), clientFrame(OPCODE.text, true, Buffer.from('x'))),
  ).rejects.toThrow('after Close');
});
