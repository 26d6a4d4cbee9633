import zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { INFLATED_FLOOR, INFLATED_PER_BYTE, MAX_DECODER_MEMORY, WorkBudget } from '../../../sidecar/inspect/budget.ts';
import { MAX_SIDE_BY_SIDE } from '../../../sidecar/inspect/decode/reader.ts';
import { BASE64, characters, checkedToken } from '../../../sidecar/inspect/detectors/samples.ts';
import { BLOCK_SIZE, createInspector } from '../../../sidecar/inspect/index.ts';
import { BODY_BYTES } from '../../../sidecar/memory.ts';
import { collect } from '../../fixtures/collect.ts';
import { lz4, zip } from '../../fixtures/corpus/containers.ts';
import {
  almostMatches,
  BOMBS,
  base64,
  costOf,
  HEAVY,
  MAX_STALL_MS,
  noise,
  python,
} from '../../fixtures/heavy-bodies.ts';
import { inspectBody } from './helpers.ts';

const MIB = 1024 * 1024;
const TOKEN = checkedToken('gh' + 'p_', 77);
/** Of MAX_STALL_MS, which `make test` measures by itself, many times as many: coverage and other tests slow this down. */
const GROSS_STALL_MS = 25 * MAX_STALL_MS;
/** Bytes of memory that one message may hold: its window, the decompressors', pieces on their way. */
const MAX_GROWTH = MAX_DECODER_MEMORY + 16 * MIB;

describe('a bomb', () => {
  it.each(BOMBS)(
    'of %s is refused, in constant memory and in turns',
    async (_, make, context) => {
      const cost = await costOf(make(), context, collect);
      expect(cost.tooComplex).toMatch(/grows too much|work budget/);
      expect(cost.growth).toBeLessThan(MAX_GROWTH);
      expect(cost.longestMs).toBeLessThan(GROSS_STALL_MS);
    },
    60_000,
  );
});

describe('a heavy body', () => {
  it.each(HEAVY)(
    'of %s takes turns and constant memory',
    async (_, make, context) => {
      const cost = await costOf(make(), context, collect);
      expect(cost.found).toBe(0);
      expect(cost.growth).toBeLessThan(MAX_GROWTH);
      expect(cost.longestMs).toBeLessThan(GROSS_STALL_MS);
    },
    60_000,
  );
});

describe('what hides behind something else', () => {
  const packed = zlib.gzipSync(`${TOKEN} and text\n`);

  it.each([
    // LZMA makes something of any bytes.
    [
      'a false beginning of lzma',
      Buffer.concat([Buffer.from('5d00008000ffffffffffffffff00', 'hex'), noise(500), packed]),
    ],
    ['a field of a gzip header', Buffer.concat([extra(packed), zlib.deflateRawSync('nothing')])],
    ['a false header of lz4', Buffer.concat([Buffer.from('04224d18604082ffffff00', 'hex'), noise(40), packed])],
    ['a frame of zstd that is skipped', Buffer.concat([zlib.zstdCompressSync(Buffer.from('a')), skippable(packed)])],
    ['a second archive behind the first', Buffer.concat([zip(Buffer.from('nothing')), packed])],
    ['a stored block', Buffer.concat([zlib.gzipSync(packed, { level: 0 })])],
  ])('is found behind %s', async (_, body) => {
    for (const cuts of [[body.length], [1], [13, 7]]) {
      const { findings } = await inspectBody(body, { cuts });
      expect(findings).toMatchObject([{ detector: 'github-token' }]);
    }
  });

  it('is refused behind more than a few', async () => {
    const begun = python('xz', noise(9000)).subarray(0, 2000);
    const nest = (count: number) =>
      Buffer.concat([...Array.from({ length: count }, () => begun), Buffer.alloc(BLOCK_SIZE)]);
    // Those that were cut off end in what follows them.
    expect((await inspectBody(nest(MAX_SIDE_BY_SIDE))).tooComplex).toBeUndefined();
    const lasting = Buffer.from('5d00008000ffffffffffffffff00', 'hex');
    const many = Buffer.concat(
      Array.from({ length: MAX_SIDE_BY_SIDE + 1 }, (_, i) => Buffer.concat([lasting, noise(100 + i)])),
    );
    const outcome = await inspectBody(Buffer.concat([many, noise(2 * BLOCK_SIZE)]));
    expect(outcome.tooComplex ?? '').toMatch(/side by side|^$/);
  });

  it('needs no more memory than a message may have', () => {
    const budget = new WorkBudget();
    budget.hold(MAX_DECODER_MEMORY);
    budget.hold(-1);
    budget.hold(1);
    expect(budget.memory).toBe(MAX_DECODER_MEMORY);
    expect(() => budget.hold(1)).toThrow(/too much memory/);
    // What is given back never fails.
    expect(() => budget.hold(-1)).not.toThrow();
  });
});

describe('memory', () => {
  it('of decompressors is told while they last', async () => {
    const message = createInspector().session('h').open({ body: 'http.body', contentEncoding: [] });
    const body = python('xz', noise(9 * BLOCK_SIZE));
    const first = await message.push(body.subarray(0, 4 * BLOCK_SIZE));
    expect(first.memory).toBeGreaterThan(3 * BLOCK_SIZE);
    expect(first.memory).toBeLessThan(MAX_DECODER_MEMORY);
    await message.push(body.subarray(4 * BLOCK_SIZE));
    expect((await message.end()).memory).toBeUndefined();
  });
});

function extra(bytes: Buffer): Buffer {
  const size = Buffer.alloc(2);
  size.writeUInt16LE(bytes.length);
  return Buffer.concat([Buffer.from('1f8b0804000000000003', 'hex'), size, bytes]);
}

function skippable(bytes: Buffer): Buffer {
  const head = Buffer.from('502a4d1800000000', 'hex');
  head.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([head, bytes]);
}

describe('the verdict', () => {
  it('does not depend on where a compressed body is cut, and its end is searched', async () => {
    const text = Buffer.from(`${characters(1, 300, `${BASE64} \n`)}\n${TOKEN}`);
    for (const body of [
      zlib.gzipSync(text),
      python('xz', text),
      python('bzip2', text),
      lz4(text),
      base64(zlib.gzipSync(text)),
    ]) {
      for (let cut = 1; cut < body.length; cut += 3) {
        const { findings } = await inspectBody(body, { cuts: [cut, body.length] });
        expect(
          findings.map(({ detector }) => detector),
          `cut at ${cut}`,
        ).toEqual(['github-token']);
      }
    }
  });
});

describe('ten megabytes of almost-matches', () => {
  it('of every kind take turns and constant memory', async () => {
    // Of each message twice as much as it may hold, so that what keeps all that it was sent is seen.
    const kinds = (2 * BODY_BYTES) / BLOCK_SIZE;
    const units = [...almostMatches()];
    const bodyOf = (some: typeof units) => Buffer.concat(some.map(({ body }) => body));
    // What the process shares is there afterwards.
    await costOf(bodyOf(units.slice(0, kinds)));
    for (let at = 0; at < units.length; ) {
      const some = units.slice(at, at + kinds);
      const { growth, longestMs, sent } = await costOf(bodyOf(some), {}, collect);
      const named = some.map(({ unit }) => unit).join(' ');
      expect(growth, named).toBeLessThan(BODY_BYTES);
      expect(longestMs, named).toBeLessThan(GROSS_STALL_MS);
      // The one that was too complex after others is sent again by itself.
      at += Math.max(1, sent / BLOCK_SIZE - (sent < some.length * BLOCK_SIZE ? 1 : 0));
    }
  }, 300_000);
});

it('a bomb may be no larger than its bounds say', () => {
  const budget = new WorkBudget();
  budget.grant(100);
  budget.unpack(INFLATED_FLOOR + 100 * INFLATED_PER_BYTE);
  expect(() => budget.unpack(1)).toThrow(/grows too much/);
});
