/** A body is judged the same on whichever thread: what is found, what goes on, what is counted and what is refused. */
import zlib from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { BASE64, characters, checkedToken } from '../../../../sidecar/inspect/detectors/samples.ts';
import { MAX_FINDINGS } from '../../../../sidecar/inspect/findings.ts';
import { newKey } from '../../../../sidecar/inspect/fingerprint.ts';
import { createInspector, type MessageInspection, type SecretInspector } from '../../../../sidecar/inspect/index.ts';
import { ENCODINGS } from '../../../fixtures/corpus/encodings.ts';
import { encodedBodies } from '../../../fixtures/corpus/recall.ts';
import { corpus } from '../../../fixtures/corpus/secrets.ts';
import { BOMBS, HEAVY, noise } from '../../../fixtures/heavy-bodies.ts';
import { random, secret } from '../known/support.ts';
import { judged, NEVER, type Run } from './support.ts';

const KNOWN = random(7, 40);
const PATTERN = { name: 'acme', regex: 'acme_[a-z0-9]{8}', hosts: [] };
const text = checkedToken('gh' + 'p_', 4);
const key = newKey();

/** By block size: one that judges on this thread, and one that judges on another. */
const pairs = new Map<number, [SecretInspector, SecretInspector]>();
function pairOf(blockSize: number): [SecretInspector, SecretInspector] {
  let pair = pairs.get(blockSize);
  if (pair === undefined) {
    pair = [createInspector({ blockSize, key, threadFrom: NEVER }), createInspector({ blockSize, key, threadFrom: 0 })];
    for (const inspector of pair) {
      inspector.measureOpaque(true);
      inspector.setKnownSecrets([secret('s/k', KNOWN)]);
      inspector.setPatterns([PATTERN]);
    }
    pairs.set(blockSize, pair);
  }
  return pair;
}
afterAll(async () => {
  for (const [, inspector] of pairs.values()) await inspector.close();
});

/** Both runs, of bodies to one host; what must be the same is. */
async function both(
  bodies: readonly Buffer[],
  blockSize: number,
  cuts?: readonly number[],
  before?: (message: MessageInspection) => unknown,
): Promise<Run[]> {
  const [here, there] = pairOf(blockSize);
  const sessions = [here.session('h'), there.session('h')] as const;
  const runs: Run[] = [];
  for (const body of bodies) {
    const one = await judged(sessions[0], body, cuts, {}, before);
    const other = await judged(sessions[1], body, cuts, {}, before);
    expect(other.findings).toEqual(one.findings);
    expect(other.tooComplex).toBe(one.tooComplex);
    expect(other.releasedBefore).toBeLessThanOrEqual(one.releasedWith);
    expect(other.released.equals(body.subarray(0, other.released.length))).toBe(true);
    if (one.tooComplex === undefined) {
      expect(other.released.length).toBe(body.length);
      // What is new in what was compressed is told by a table that all texts share, so not by every run alike.
      const off = body.includes('\x1f\x8b', 0, 'latin1') ? 0.02 * body.length : 0;
      expect(Math.abs(other.opaque - one.opaque)).toBeLessThanOrEqual(off);
    }
    runs.push(other);
  }
  expect(there.thread()).toMatchObject({ bodies: 0, failures: 0 });
  return runs;
}

describe('a body that another thread judges', () => {
  it.each(ENCODINGS.map((encoding) => [encoding.name, encoding] as const))(
    'is judged like any: the corpus in %s',
    async (_, encoding) => {
      const bodies = encodedBodies(encoding, corpus(1)).filter((_body, index) => index % 16 === 0);
      const runs = await both(bodies, 512, [100, 1000]);
      if (encoding.notDecodable === undefined) expect(runs.some(({ findings }) => findings.length > 0)).toBe(true);
    },
  );

  it.each([...BOMBS, ...HEAVY].filter(([, , context]) => context === undefined))(
    'is refused like any, or not: %s',
    { timeout: 60_000 },
    async (_, make) => {
      await both([make()], 65_536, [65_536]);
    },
  );

  const gzip = (bytes: Buffer): Buffer => zlib.gzipSync(bytes);
  const piece = fc.oneof(
    fc.constantFrom(KNOWN, 'acme_abcd1234', ...corpus(3).map(({ text }) => text)).map((text) => Buffer.from(text)),
    fc.nat(5000).map((length) => Buffer.alloc(length, '. ')),
    fc.tuple(fc.nat(3000), fc.nat(1000)).map(([length, seed]) => noise(length + seed).subarray(seed)),
    fc.nat(4000).map((length) => gzip(noise(length))),
    fc
      .tuple(fc.nat(90), fc.integer({ min: 1, max: 60 }))
      .map(([length, times]) =>
        Buffer.concat(Array.from({ length: times }, (_, seed) => gzip(Buffer.from(characters(seed, length, BASE64))))),
      ),
    fc.nat(3000).map((length) => Buffer.from(Buffer.alloc(length, `${KNOWN} `).toString('base64'))),
  );

  it('is judged like any, of whatever pieces, however cut, with others before it', { timeout: 120_000 }, async () => {
    const body = fc.array(piece, { maxLength: 10 }).map((pieces) => Buffer.concat(pieces));
    const cuts = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(body, { minLength: 1, maxLength: 3 }),
        cuts,
        fc.constantFrom(64, 512, 4096, 65_536),
        async (bodies, sizes, blockSize) => {
          await both(bodies, blockSize, sizes);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('has what its fields left of the budget and of the findings', async () => {
    for (const count of [MAX_FINDINGS - 1, MAX_FINDINGS]) {
      const [run] = await both([Buffer.from(`${text} `.padEnd(3000, '.'))], 512, undefined, async (message) => {
        for (let i = 0; i < count; i++) await message.field('http.header', `x-${i}`, Buffer.from(text));
      });
      expect(run?.tooComplex === undefined).toBe(count < MAX_FINDINGS);
    }
  });

  it('of nothing, and of exactly some blocks, comes to its end', async () => {
    await both(
      [0, 511, 512, 513, 1024, 512 * 2048].map((length) => Buffer.alloc(length, '. ')),
      512,
      [700],
    );
  });

  it('gives a secret away at no place near its end', async () => {
    for (let behind = 0; behind < 1100; behind += 37) {
      const body = Buffer.concat([Buffer.alloc(20_000, '. '), Buffer.from(text), Buffer.alloc(behind, ' .')]);
      const [run] = await both([body], 512, [500]);
      expect(run?.findings.map(({ detector }) => detector)).toContain('github-token');
      expect(run?.releasedBefore).toBeLessThanOrEqual(20_000);
    }
  });
});
