/** A known secret is found whatever it is written in and however it is sent. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Channel } from '../../../../crds/runtime.ts';
import { BLOCK_SIZE } from '../../../../sidecar/inspect/index.ts';
import { MAX_WHOLE_LENGTH } from '../../../../sidecar/inspect/known/values.ts';
import { inBody, inField, inMessage, inspectorOf, known, random, secret } from './support.ts';

const base32 = (bytes: Buffer): string => {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? [])
    .map((digit) => 'abcdefghijklmnopqrstuvwxyz234567'.charAt(Number.parseInt(digit.padEnd(5, '0'), 2)))
    .join('');
};
const ENCODINGS: Record<string, (bytes: Buffer) => string> = {
  'as it stands': (bytes) => bytes.toString('latin1'),
  base64: (bytes) => bytes.toString('base64'),
  'base64 behind one byte': (bytes) => Buffer.concat([Buffer.from('a'), bytes]).toString('base64'),
  'base64 behind two bytes': (bytes) => Buffer.concat([Buffer.from('ab'), bytes, Buffer.from('c')]).toString('base64'),
  base64url: (bytes) => Buffer.concat([bytes, Buffer.from('\xff\xfe', 'latin1')]).toString('base64url'),
  'base64 twice': (bytes) => Buffer.from(bytes.toString('base64')).toString('base64'),
  hex: (bytes) => bytes.toString('hex'),
  HEX: (bytes) => bytes.toString('hex').toUpperCase(),
  percent: (bytes) => [...bytes].map((byte) => `%${byte.toString(16)}`).join(''),
  'base64 in hex': (bytes) => Buffer.from(bytes.toString('base64')).toString('hex'),
  'base64 in percent': (bytes) =>
    [...Buffer.from(bytes.toString('base64'))].map((byte) => `%${byte.toString(16)}`).join(''),
};

describe.each([12, 13, 15, 16, 24, 40, 200])('a value of %i bytes', (length) => {
  const value = Buffer.from(random(length, length));
  const inspector = inspectorOf(secret('app/token', value), secret('other/key', random(999, 30)));
  const whole = inspectorOf(secret('app/token', value, { held: false }));

  it.each(Object.entries(ENCODINGS))('is found in %s, in a field and in a body, held or not', async (_, encode) => {
    const text = encode(value);
    for (const each of [inspector, whole]) {
      expect(known(inField(each, text)), text).toMatchObject([{ secret: 'app/token', homeHosts: [] }]);
      const body = Buffer.from(`{"a": 1, "b": "${text}", "c": 2}`);
      expect(known((await inBody(each, body)).findings), text).toMatchObject([{ secret: 'app/token', place: '' }]);
    }
  });

  it('is found in host names: in labels, in any case, in reverse, with hyphens, in hex and base32', () => {
    const text = value.toString();
    const labels = text.match(/.{1,8}/g) ?? [];
    const names = [
      labels.join('.'),
      labels.join('.').toLowerCase(),
      labels.toReversed().join('.'),
      labels.join('-.-'),
      [...text].join('-'),
      (value.toString('hex').match(/.{1,60}/g) ?? []).join('.'),
      (base32(value).match(/.{1,50}/g) ?? []).join('.'),
      (base32(Buffer.concat([Buffer.from('abc'), value])).match(/.{1,50}/g) ?? []).join('.').toUpperCase(),
    ];
    for (const name of names) {
      expect(known(inField(inspector, `${name}.acme.dev`, 'dns.name')).length, name).toBeGreaterThan(0);
    }
  });

  it('is found in pieces over parameters, segments and headers, in order', () => {
    const pieces = value.toString().match(/.{1,5}/g) ?? [];
    const query = pieces.map((piece, i) => `p${i}=${piece}`).join('&');
    const path = `/${pieces.join('/')}`;
    for (const fields of [
      [['http.query', 'query', query]],
      [['http.path', 'path', path]],
      pieces.map((piece, i) => ['http.header', `x-${i}`, piece]),
      [
        [
          'http.query',
          'query',
          pieces
            .slice(0, 2)
            .map((piece) => `x=${piece}`)
            .join('&'),
        ],
        ...pieces.slice(2).map((piece) => ['http.header', 'cookie', piece]),
      ],
      [
        [
          'http.query',
          'query',
          (value.toString('base64').match(/.{1,6}/g) ?? []).map((piece) => `q=${encodeURIComponent(piece)}`).join('&'),
        ],
      ],
    ] as [Channel, string, string][][]) {
      expect(known(inMessage(inspector, fields))[0], JSON.stringify(fields)).toMatchObject({ secret: 'app/token' });
    }
    const reversed = pieces.toReversed().map((piece, i): [Channel, string, string] => ['http.header', `x-${i}`, piece]);
    if (pieces.length > 3) expect(known(inMessage(inspector, reversed))).toEqual([]);
  });
});

describe('a value of binary data, whose encodings hold no text', () => {
  const value = Buffer.from(Array.from({ length: 40 }, (_, i) => 128 + ((i * 53 + 17) % 97)));
  const encodings: Record<string, (bytes: Buffer) => Buffer> = {
    base64: (bytes) => Buffer.from(bytes.toString('base64')),
    base64url: (bytes) => Buffer.from(bytes.toString('base64url')),
    hex: (bytes) => Buffer.from(bytes.toString('hex')),
    '\\x': (bytes) => Buffer.from([...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')),
    percent: (bytes) => Buffer.from([...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')),
    gzip: (bytes) => gzipSync(bytes),
    'between other bytes': (bytes) => Buffer.concat([Buffer.alloc(500, 0xfe), bytes, Buffer.alloc(2000, 0xfd)]),
  };
  const names = Object.keys(encodings);
  const chains = names.flatMap((one) => names.flatMap((two) => names.map((three) => [one, two, three])));

  it.each([true, false])('is found in chains of three, in a body and cut up (held: %s)', async (held) => {
    const inspector = inspectorOf(secret('app/token', value, { held }));
    for (const chain of chains) {
      const text = chain.reduce<Buffer>((bytes, name) => (encodings[name] as (bytes: Buffer) => Buffer)(bytes), value);
      const body = Buffer.concat([Buffer.from('{"a": "'), text, Buffer.from('"}')]);
      for (const cuts of [[body.length], [1000]]) {
        const { findings } = await inBody(inspector, body, cuts);
        expect(known(findings)[0], chain.join(' in ')).toMatchObject({ secret: 'app/token' });
      }
    }
  });

  it('is found in a long run of other digits', async () => {
    const inspector = inspectorOf(secret('app/token', value));
    const noise = (seed: number) =>
      Buffer.from(Array.from({ length: 9000 }, (_, i) => ((i + seed) * (i + 7) * 40_503) >> 7));
    for (const encoding of ['base64', 'hex'] as const) {
      for (let at = 0; at < 9000; at += 1777) {
        const text = Buffer.concat([noise(1).subarray(0, at), value, noise(2)]).toString(encoding);
        expect(known((await inBody(inspector, Buffer.from(text))).findings)[0], `${at}`).toBeDefined();
      }
    }
  });
});

describe('a part', () => {
  const value = random(7, 40);

  it('of what the workload has counts from twelve telling bytes on, in any form', () => {
    const inspector = inspectorOf(secret('app/token', value));
    for (let at = 0; at + 20 <= value.length; at++) {
      const part = value.slice(at, at + 20);
      for (const form of [part, Buffer.from(part).toString('base64'), Buffer.from(part).toString('hex')]) {
        expect(known(inField(inspector, `"${form}"`)), form).toHaveLength(1);
      }
    }
    expect(known(inField(inspector, value.slice(0, 11)))).toEqual([]);
  });

  it('of what it does not have tells it nothing: not one byte less than the whole, anywhere', async () => {
    const inspector = inspectorOf(secret('pull/.dockerconfigjson', value, { held: false }));
    expect(known(inField(inspector, value))).toHaveLength(1);
    expect(known(inField(inspector, `a${value}b`))).toHaveLength(1);
    for (const part of [value.slice(1), value.slice(0, -1), `${value.slice(0, 20)}#${value.slice(21)}`]) {
      expect(known(inField(inspector, part)), part).toEqual([]);
      expect(known(inField(inspector, Buffer.from(part).toString('base64')))).toEqual([]);
      expect(known((await inBody(inspector, Buffer.from(part), [3])).findings)).toEqual([]);
    }
  });
});

describe('a body', () => {
  // As long as an SSH key of 4,096 bits, in lines.
  const key = Buffer.from(
    `-----BEGIN THING-----\n${(random(3, 3200).match(/.{1,70}/g) ?? []).join('\n')}\n-----END THING-----\n`,
  );
  const filler = Buffer.from('. '.repeat(BLOCK_SIZE / 2 + 700));

  it('is stopped before the first fragment of a long secret that is longer than what detectors look ahead', async () => {
    const inspector = inspectorOf(secret('ssh/id', key));
    for (const before of [0, 100, BLOCK_SIZE - 1500, BLOCK_SIZE - 40, BLOCK_SIZE, BLOCK_SIZE + 1000]) {
      const body = Buffer.concat([filler.subarray(0, before), key, filler, filler]);
      const { findings, released } = await inBody(inspector, body, [1000]);
      expect(known(findings), `${before}`).toMatchObject([{ secret: 'ssh/id' }]);
      expect(released).toBeLessThanOrEqual(before + 22 + 12);
    }
  });

  it('holds back a long whole that the workload does not have, and lets nearly the whole go', async () => {
    const inspector = inspectorOf(secret('pull/key', key, { held: false }));
    const trimmed = key.subarray(0, -1);
    for (const before of [0, BLOCK_SIZE - 1500, BLOCK_SIZE + 1000]) {
      const around = (inner: Buffer) => Buffer.concat([filler.subarray(0, before), inner, filler, filler]);
      const { findings, released } = await inBody(inspector, around(trimmed), [777]);
      expect(known(findings)).toMatchObject([{ secret: 'pull/key', offset: before }]);
      expect(released).toBeLessThanOrEqual(before);
      const nearly = around(Buffer.concat([trimmed.subarray(0, -1), Buffer.from('#')]));
      expect(await inBody(inspector, nearly, [777])).toEqual({ findings: [], released: nearly.length });
    }
    const longest = Buffer.from(random(5, MAX_WHOLE_LENGTH));
    const most = inspectorOf(secret('pull/longest', longest, { held: false }));
    expect(known((await inBody(most, Buffer.concat([filler, longest, filler]), [9999])).findings)).toHaveLength(1);
  });

  it('is judged the same whatever its chunks, blocks and encoding', async () => {
    const values = [random(1, 12), random(2, 33), 'correct horse battery staple'];
    const inspector = inspectorOf(...values.map((value, i) => secret(`s/${i}`, value, { held: i !== 1 })));
    for (let seed = 1; seed <= 12; seed++) {
      const value = values[seed % 3] as string;
      const before = (seed * 7919) % (2 * BLOCK_SIZE);
      const text = seed % 2 === 0 ? value : Buffer.from(`ab${value}`).toString('base64');
      const body = Buffer.concat([
        Buffer.alloc(before, '. '),
        Buffer.from(`"${text}"`),
        Buffer.alloc(BLOCK_SIZE, ' .'),
      ]);
      const whole = known((await inBody(inspector, body)).findings);
      expect(whole).toMatchObject([{ secret: `s/${seed % 3}` }]);
      for (const cuts of [[1 + seed], [4096, 1, 13], [BLOCK_SIZE - 1, 2], [BLOCK_SIZE + 5]]) {
        const cut = await inBody(inspector, body, cuts);
        expect(known(cut.findings), `${seed} ${cuts}`).toEqual(whole);
        expect(cut.released).toBeLessThanOrEqual(before + 1);
      }
      const packed = await inBody(inspector, body, [500], { contentEncoding: ['gzip'], encoded: gzipSync(body) });
      expect(known(packed.findings)).toMatchObject([
        { secret: `s/${seed % 3}`, decoding: expect.arrayContaining(['gzip']) },
      ]);
    }
  });

  it('that cannot be held back is found out when the secret is complete', async () => {
    const inspector = inspectorOf(secret('app/token', random(8, 30)));
    const message = inspector.session('h').open({ body: 'tcp.bytes', contentEncoding: [] });
    expect((await message.push(Buffer.from(random(8, 30).slice(0, 8)))).findings).toEqual([]);
    expect(known((await message.push(Buffer.from(random(8, 30).slice(8)))).findings)).toHaveLength(1);
  });
});
