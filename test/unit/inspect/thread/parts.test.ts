/** What the two threads share, by itself: both sides on one thread. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TooComplex } from '../../../../sidecar/inspect/budget.ts';
import { Findings } from '../../../../sidecar/inspect/findings.ts';
import type { Value } from '../../../../sidecar/inspect/known/values.ts';
import { Histogram } from '../../../../sidecar/inspect/opaque/flat.ts';
import { MAX_UNDER_WAY } from '../../../../sidecar/inspect/thread/bounds.ts';
import { CarriedBody } from '../../../../sidecar/inspect/thread/carried.ts';
import { PieceList, piecesOf } from '../../../../sidecar/inspect/thread/pieces.ts';
import { type Progress, RingReader, RingWriter } from '../../../../sidecar/inspect/thread/ring.ts';
import { pack, unpack } from '../../../../sidecar/inspect/thread/secrets.ts';

const none: Progress = { decided: 0, opaque: 0, memory: 0, told: 0, isOver: false };

describe('the ring of a body', () => {
  it('takes blocks up to the bound, and gives each once, in order, as it was', () => {
    fc.assert(
      fc.property(fc.constantFrom(1000, 4096, 100_000), fc.infiniteStream(fc.boolean()), (blockSize, writes) => {
        const writer = new RingWriter(blockSize);
        const reader = new RingReader(writer.memory, blockSize);
        const room = Buffer.alloc(blockSize);
        const most = Math.floor(MAX_UNDER_WAY / blockSize);
        let written = 0;
        let read = 0;
        for (let turn = 0; turn < 4 * most; turn++) {
          expect(writer.underWay).toBe((written - read) * blockSize);
          expect(writer.hasRoom()).toBe(written - read < most);
          if (writer.hasRoom() && writes.next().value) writer.write(Buffer.alloc(blockSize, written++));
          else if (written > read) {
            expect(reader.next).toEqual({ length: blockSize, isLast: false });
            expect(reader.copy(blockSize, room).equals(Buffer.alloc(blockSize, read))).toBe(true);
            reader.done(blockSize, { ...none, decided: ++read * blockSize });
            expect(writer.read()).toMatchObject({ decided: read * blockSize, isOver: false });
          } else expect(reader.next).toBeUndefined();
        }
      }),
      { numRuns: 30 },
    );
  });

  it.each([0, 1, 999])('has a last block of %d bytes', (length) => {
    const writer = new RingWriter(1000);
    const reader = new RingReader(writer.memory, 1000);
    writer.write(Buffer.alloc(length, 'x'));
    expect(reader.next).toBeUndefined();
    writer.end();
    expect(reader.next).toEqual({ length, isLast: true });
    expect(reader.copy(length, Buffer.alloc(1000)).toString()).toBe('x'.repeat(length));
  });

  it('counts beyond 32 bits', () => {
    const blockSize = MAX_UNDER_WAY / 2;
    const writer = new RingWriter(blockSize);
    const reader = new RingReader(writer.memory, blockSize);
    const block = Buffer.alloc(blockSize, 'x');
    let sent = 0;
    while (sent < 2 ** 32 + 4 * blockSize) {
      writer.write(block);
      sent += blockSize;
      expect(reader.next?.length).toBe(blockSize);
      reader.done(blockSize, { ...none, decided: sent - 10, opaque: 2 * sent });
      const { decided, opaque } = writer.read();
      if (decided !== sent - 10 || opaque !== 2 * sent) throw new Error(`${decided} ${opaque} of ${sent}`);
    }
  });

  it('lets who waits go on when so much is judged, when all is, and when it is told to', async () => {
    const writer = new RingWriter(1000);
    const reader = new RingReader(writer.memory, 1000);
    let isOn = false;
    const wait = (underWay: number) =>
      writer.until(underWay).then(() => {
        isOn = true;
      });
    const turn = () => new Promise((resolve) => setTimeout(resolve, 20));
    for (let i = 0; i < 3; i++) writer.write(Buffer.alloc(1000));
    const enough = wait(1000);
    reader.done(1000, none);
    await turn();
    expect(isOn).toBe(false);
    reader.done(1000, none);
    await enough;
    isOn = false;
    const over = wait(-1);
    reader.done(1000, none);
    await turn();
    expect(isOn).toBe(false);
    reader.done(0, { ...none, isOver: true });
    await over;
    await wait(-1);
    const other = new RingWriter(1000);
    const woken = other.until(-1);
    other.wake();
    await woken;
  });
});

it('nothing goes on of a body when what was told of it does not arrive', () => {
  const lost = { ring: () => {}, listen: () => {}, close: () => {} };
  const body = new CarriedBody(new Findings(), 1000, lost);
  expect(body.push(Buffer.alloc(1000))).toEqual([]);
  new RingReader(body.memory, 1000).done(1000, { ...none, decided: 1000, told: 1 });
  expect(() => body.push(Buffer.alloc(1000))).toThrow('what the thread that judges told was lost');
  expect(() => body.end()).toThrow(TooComplex);
});

describe('what is sent', () => {
  it('of secrets is the same on the other side, and wiped on the way', () => {
    const values: Value[] = [
      { name: 'a/b', bytes: Buffer.from('some secret'), held: true, homes: [{ from: 0, to: 4, hosts: ['a.dev'] }] },
      { name: 'c/d', bytes: Buffer.from('another'), held: false, homes: [] },
    ];
    const packed = pack(values);
    expect(Buffer.from(packed.bytes).toString()).toBe('some secretanother');
    expect(JSON.stringify(packed.values)).not.toContain('secret');
    expect(unpack(structuredClone(packed))).toEqual(values);
    expect(Buffer.from(packed.bytes).every((byte) => byte === 0)).toBe(true);
    expect(unpack(pack([]))).toEqual([]);
  });

  it('of short pieces is their counts, in order', () => {
    const piece = fc.tuple(fc.nat(5000), fc.uint8Array({ maxLength: 1023 }));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const list = new PieceList();
        const countsOf = (bytes: Uint8Array) => {
          const histogram = new Histogram();
          histogram.add(bytes);
          return histogram;
        };
        for (const [explained, bytes] of pieces) list.add(countsOf(bytes), explained);
        const taken = list.take() ?? new Uint32Array();
        const out = [...piecesOf(taken)].map(([explained]) => explained);
        expect(out).toEqual(pieces.map(([explained]) => explained));
        let index = 0;
        for (const [, histogram] of piecesOf(taken)) {
          const [, bytes] = pieces[index++] as [number, Uint8Array];
          expect(histogram.length).toBe(bytes.length);
          expect([...histogram.counts()]).toEqual([...countsOf(bytes).counts()]);
        }
        expect(list.take()).toBeUndefined();
      }),
    );
  });
});
