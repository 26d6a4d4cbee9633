/** Properties of the inspection of content: the verdict is that of the bytes, not of how they came, and no secret gets out whole. */
import assert from 'node:assert/strict';
import zlib from 'node:zlib';
import fc from 'fast-check';
import type { Channel, Finding } from '../../crds/runtime.ts';
import { DETECTORS } from '../../sidecar/inspect/detectors/index.ts';
import { newKey } from '../../sidecar/inspect/fingerprint.ts';
import { createInspector, type KnownSecret, type MessageContext, type Step } from '../../sidecar/inspect/index.ts';

interface Run {
  findings: Finding[];
  released: Buffer;
  /** What had been released when something was first found or given up. */
  releasedBefore: Buffer;
  tooComplex: string | undefined;
}

const key = newKey();

/** Sends a body in pieces (sizes over and over), and goes on after findings. */
async function run(
  body: Buffer,
  cuts: readonly number[],
  blockSize: number,
  context: Partial<MessageContext> = {},
  known: readonly KnownSecret[] = [],
): Promise<Run> {
  const inspector = createInspector({ blockSize, key });
  inspector.setKnownSecrets(known);
  const message = inspector.session('h').open({ body: 'http.body', contentEncoding: [], ...context });
  const findings: Finding[] = [];
  const released: Buffer[] = [];
  let releasedBefore: Buffer | undefined;
  let tooComplex: string | undefined;
  const take = (step: Step) => {
    if (step.findings.length > 0 || step.tooComplex !== undefined) releasedBefore ??= Buffer.concat(released);
    findings.push(...step.findings);
    tooComplex ??= step.tooComplex;
    released.push(...step.release);
  };
  for (let at = 0, i = 0; at < body.length; i++) {
    const size = cuts[i % cuts.length] ?? body.length;
    take(await message.push(body.subarray(at, at + size)));
    at += size;
  }
  take(await message.end());
  const all = Buffer.concat(released);
  return { findings, released: all, releasedBefore: releasedBefore ?? all, tooComplex };
}

const detectorsOf = ({ findings }: Run) => [...new Set(findings.map(({ detector }) => detector))].sort();

const ENCODERS: ((bytes: Buffer) => Buffer)[] = [
  (bytes) => Buffer.from(bytes.toString('base64')),
  (bytes) => Buffer.from(bytes.toString('base64url')),
  (bytes) => Buffer.from(bytes.toString('base64').replace(/.{76}/g, '$&\n')),
  (bytes) => Buffer.from(bytes.toString('hex')),
  (bytes) => Buffer.from(bytes.toString('hex').replace(/../g, '$&:')),
  (bytes) => Buffer.from(bytes.toString('hex').replace(/../g, '%$&')),
  (bytes) => Buffer.from(encodeURIComponent(bytes.toString('latin1'))),
  (bytes) => Buffer.from(bytes.toString('base64').replace(/.{7}/g, '$&\r\n')),
  (bytes) => Buffer.from(bytes.toString('hex').replace(/../g, '$&/(')),
  (bytes) => Buffer.from(new URLSearchParams({ a: ' ', b: bytes.toString('latin1') }).toString()),
  (bytes) => Buffer.from(JSON.stringify(bytes.toString('latin1')).replaceAll('/', '\\/'), 'latin1'),
  (bytes) => Buffer.from([...bytes].map((byte) => `\\u00${byte.toString(16).padStart(2, '0')}`).join('')),
  // Once: four bytes a character are nobody's text.
  (bytes) => (bytes.includes(0) ? bytes : Buffer.from(bytes.toString('latin1'), 'utf16le')),
];

const examples = DETECTORS.flatMap(({ name, examples }) =>
  [1, 2, 3].flatMap((seed) => examples(seed).matching.map((text) => ({ name, text }))),
);
const secret = fc.constantFrom(...examples);
const encoders = fc.array(fc.constantFrom(...ENCODERS), { maxLength: 3 });
const encode = (text: string, by: readonly ((bytes: Buffer) => Buffer)[]) =>
  by.reduce<Buffer>((bytes, encoder) => encoder(bytes), Buffer.from(text, 'latin1'));

/** Text, encoded secrets, runs of all alphabets and noise, so that runs begin, end and touch in every way. */
const piece = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc.stringMatching(/^[A-Za-z0-9+/=_-]{0,60}$/).map((text) => Buffer.from(text)),
  fc.stringMatching(/^[0-9a-fxX:,% \\]{0,60}$/).map((text) => Buffer.from(text)),
  fc.stringMatching(/^[a-z %=&+\n]{0,40}$/).map((text) => Buffer.from(text)),
  fc.stringMatching(/^[a-z\\\\u0-9%+\0"/]{0,60}$/).map((text) => Buffer.from(text)),
  fc.tuple(secret, encoders).map(([{ text }, by]) => encode(text, by)),
  fc.tuple(secret, encoders, fc.nat(60)).map(([{ text }, by, keep]) => encode(text, by).subarray(0, keep)),
  fc.tuple(fc.nat(255), fc.integer({ min: 1, max: 3000 })).map(([byte, length]) => Buffer.alloc(length, byte)),
);
const body = fc.array(piece, { maxLength: 12 }).map((pieces) => Buffer.concat(pieces));
const cuts = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 5 });
const blockSize = fc.constantFrom(32, 100, 512, 4096, 65_536);
const channel = fc.constantFrom<Channel>(
  'dns.name',
  'tls.sni',
  'http.method',
  'http.path',
  'http.query',
  'http.header',
);

export const properties: { name: string; property: fc.IAsyncProperty<unknown> }[] = [
  {
    name: 'inspect: the verdict does not depend on chunks or blocks',
    property: fc.asyncProperty(body, cuts, blockSize, async (bytes, sizes, size) => {
      const whole = await run(bytes, [bytes.length], 65_536);
      assert.equal((await run(bytes, sizes, 65_536)).tooComplex, whole.tooComplex);
      const cut = await run(bytes, sizes, size);
      // What was found until then depends on the order of the search, and the work on the size of the blocks.
      if (whole.tooComplex !== undefined || cut.tooComplex !== undefined) return;
      assert.deepEqual(detectorsOf(cut), detectorsOf(whole));
      assert.ok(cut.released.equals(bytes), 'bytes were lost or changed');
    }),
  },
  {
    name: 'inspect: the same blocks give the same findings at the same places',
    property: fc.asyncProperty(body, cuts, cuts, blockSize, async (bytes, some, others, size) => {
      assert.deepEqual((await run(bytes, some, size)).findings, (await run(bytes, others, size)).findings);
    }),
  },
  {
    name: 'inspect: an encoded secret is found, and never released whole',
    property: fc.asyncProperty(
      secret,
      encoders,
      fc.constantFrom('"', ' ', '\n', '<', '='),
      fc.nat(9000),
      fc.nat(9000),
      cuts,
      blockSize,
      async ({ name, text }, by, edge, before, after, sizes, size) => {
        const hidden = encode(text, by);
        const bytes = Buffer.concat([
          Buffer.alloc(before, '. '),
          Buffer.from(edge),
          hidden,
          Buffer.from(edge),
          Buffer.alloc(after, '. '),
        ]);
        const result = await run(bytes, sizes, size);
        assert.equal(result.tooComplex, undefined);
        assert.ok(detectorsOf(result).includes(name), `${name} not found`);
        assert.ok(result.releasedBefore.length < before + 1 + hidden.length, 'the secret was released');
        assert.ok(result.releasedBefore.equals(bytes.subarray(0, result.releasedBefore.length)));
      },
    ) as fc.IAsyncProperty<unknown>,
  },
  {
    name: 'inspect: base64 is decoded at any alignment inside a run',
    property: fc.asyncProperty(
      secret,
      fc.stringMatching(/^[A-Za-z0-9]{0,40}$/),
      fc.nat(2),
      async ({ name, text }, before, shift) => {
        const bytes = Buffer.from(`${before}${Buffer.from(`${'   '.slice(0, shift + 1)}${text} `).toString('base64')}`);
        assert.ok(detectorsOf(await run(bytes, [bytes.length], 65_536)).includes(name));
      },
    ) as fc.IAsyncProperty<unknown>,
  },
  {
    name: 'inspect: a content encoding hides nothing, and nothing in it makes the inspection fail',
    property: fc.asyncProperty(
      body,
      fc.constantFrom('gzip', 'deflate', 'br', 'zstd'),
      fc.option(fc.tuple(fc.nat(10_000), fc.integer({ min: 1, max: 255 })), { nil: undefined }),
      cuts,
      async (bytes, encoding, damage, sizes) => {
        const compressed = {
          gzip: zlib.gzipSync,
          deflate: zlib.deflateSync,
          br: zlib.brotliCompressSync,
          zstd: zlib.zstdCompressSync,
        }[encoding](bytes);
        if (damage !== undefined) {
          const at = damage[0] % compressed.length;
          compressed[at] = (compressed[at] as number) ^ damage[1];
        }
        const result = await run(compressed, sizes, 512, { contentEncoding: [encoding] });
        assert.doesNotMatch(result.tooComplex ?? '', /failed/);
        if (damage !== undefined) return;
        const plain = await run(bytes, [bytes.length], 65_536);
        assert.equal(result.tooComplex, plain.tooComplex);
        if (plain.tooComplex !== undefined) return;
        for (const detector of detectorsOf(plain))
          assert.ok(detectorsOf(result).includes(detector), `${detector} not found`);
        assert.ok(result.released.equals(compressed));
      },
    ) as fc.IAsyncProperty<unknown>,
  },
  {
    name: 'inspect: a known secret is found in any encoding, the same for any chunks, and none of it is released',
    property: fc.asyncProperty(
      fc.stringMatching(/^[A-Z][a-z0-9]{2}[A-Za-z0-9]{9,60}[0-9]$/).filter((text) => new Set(text).size > 6),
      fc.boolean(),
      fc.array(fc.constantFrom(...ENCODERS.slice(0, 6)), { maxLength: 2 }),
      fc.nat(3000),
      cuts,
      blockSize,
      async (value, held, by, before, sizes, size) => {
        const known = [{ name: 's/k', value: Buffer.from(value), held }];
        const bytes = Buffer.concat([
          Buffer.alloc(before, '. '),
          Buffer.from('"'),
          encode(value, by),
          Buffer.from(`"${' .'.repeat(2500)}`),
        ]);
        const whole = await run(bytes, [bytes.length], 65_536, {}, known);
        assert.ok(detectorsOf(whole).includes('known-secret'), `${value} not found`);
        const cut = await run(bytes, sizes, size, {}, known);
        const told = ({ findings }: Run) =>
          findings.filter(({ secret }) => secret !== undefined).map(({ homeHosts }) => homeHosts);
        assert.deepEqual(told(cut), told(whole));
        assert.ok(cut.releasedBefore.length <= before + 1);
      },
    ) as fc.IAsyncProperty<unknown>,
  },
  {
    name: 'inspect: no field makes the inspection fail',
    property: fc.asyncProperty(body, channel, fc.string({ maxLength: 20 }), async (bytes, where, name) => {
      const message = createInspector().session('h').open({ body: 'http.body', contentEncoding: [] });
      const step = await message.field(where, name, bytes);
      assert.equal(step.release.length, 0);
      assert.doesNotMatch(step.tooComplex ?? '', /failed/);
      for (const { offset } of step.findings) assert.ok(offset >= 0 && offset <= bytes.length);
    }) as fc.IAsyncProperty<unknown>,
  },
];
