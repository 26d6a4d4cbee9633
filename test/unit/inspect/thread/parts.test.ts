/** What the two threads share, by itself: both sides on one thread. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TooComplex } from '../../../../sidecar/inspect/budget.ts';
import { Findings } from '../../../../sidecar/inspect/findings.ts';
import type { Value } from '../../../../sidecar/inspect/known/values.ts';
import { Histogram } from '../../../../sidecar/inspect/opaque/flat.ts';
import { PIECE } from '../../../../sidecar/inspect/opaque/meter.ts';
import { ShortPieces } from '../../../../sidecar/inspect/opaque/short.ts';
import { MAX_UNDER_WAY } from '../../../../sidecar/inspect/thread/bounds.ts';
import { CarriedBody } from '../../../../sidecar/inspect/thread/carried.ts';
import { type Progress, RingReader, RingWriter, ringMemory } from '../../../../sidecar/inspect/thread/ring.ts';
import { pack, unpack } from '../../../../sidecar/inspect/thread/secrets.ts';

const none: Progress = { decided: 0, opaque: 0, memory: 0, told: 0, isOver: false };

describe('the ring of a body', () => {
  it('takes blocks up to the bound, and gives each once, in order, as it was', () => {
    fc.assert(
      fc.property(fc.constantFrom(1000, 4096, 100_000), fc.infiniteStream(fc.boolean()), (blockSize, writes) => {
        const writer = new RingWriter(ringMemory(blockSize));
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
    const writer = new RingWriter(ringMemory(1000));
    const reader = new RingReader(writer.memory, 1000);
    const last = Buffer.from(Array.from({ length }, (_, at) => at));
    writer.write(last);
    expect(reader.next).toBeUndefined();
    writer.end();
    expect(reader.next).toEqual({ length, isLast: true });
    expect(reader.copy(length, Buffer.alloc(1000))).toEqual(last);
  });

  it('counts beyond 32 bits, whoever waits too', async () => {
    const blockSize = MAX_UNDER_WAY / 2;
    const writer = new RingWriter(ringMemory(blockSize));
    const reader = new RingReader(writer.memory, blockSize);
    const block = Buffer.alloc(blockSize, 'x');
    let sent = 0;
    while (sent < 2 ** 32 + 4 * blockSize) {
      writer.write(block);
      sent += blockSize;
      expect(reader.next?.length).toBe(blockSize);
      // Near where the sign changes, and where it begins anew.
      const waiting = (sent + 4 * blockSize) % 2 ** 31 < 8 * blockSize ? writer.until(0) : undefined;
      reader.done(blockSize, { ...none, decided: sent - 10, opaque: 2 * sent });
      await waiting;
      const { decided, opaque } = writer.read();
      if (decided !== sent - 10 || opaque !== 2 * sent) throw new Error(`${decided} ${opaque} of ${sent}`);
    }
  });

  it('lets who waits go on when so much is judged, when all is, and when it is told to', async () => {
    const writer = new RingWriter(ringMemory(1000));
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
    const other = new RingWriter(ringMemory(1000));
    const woken = other.until(-1);
    other.leave();
    await woken;
  });
});

it('nothing goes on of a body when what was told of it does not arrive', () => {
  const lost = { ring: () => {}, listen: () => {}, close: () => {} };
  const memory = ringMemory(1000);
  const body = new CarriedBody(new Findings(), 1000, memory, lost);
  expect(body.push(Buffer.alloc(1000))).toEqual([]);
  new RingReader(memory, 1000).done(1000, { ...none, decided: 1000, told: 1 });
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

  it('of short pieces that cannot be told yet counts as if they had been judged on the other side', () => {
    const piece = fc.tuple(fc.nat(100), fc.uint8Array({ maxLength: Math.floor((PIECE - 1) / 4) }));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 4 }), fc.array(piece, { maxLength: 8 }), (pieces, more) => {
        const [there, here, session] = [new ShortPieces(), new ShortPieces(), new ShortPieces()];
        const add = (short: ShortPieces, [explained, bytes]: (typeof pieces)[number]) => {
          const histogram = new Histogram();
          histogram.add(bytes);
          return short.add(histogram, explained);
        };
        for (const each of pieces) expect([add(there, each), add(here, each)]).toEqual([0, 0]);
        const rest = structuredClone(there.take());
        expect(rest === undefined).toBe(pieces.every(([, bytes]) => bytes.length === 0));
        expect(there.take()).toBeUndefined();
        if (rest !== undefined) expect(session.addRest(rest)).toBe(0);
        for (const each of more) expect(add(session, each)).toBe(add(here, each));
      }),
    );
  });
});
