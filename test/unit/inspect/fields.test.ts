import { describe, expect, it } from 'vitest';
import { BASE32, BASE62, characters, checkedToken } from '../../../sidecar/inspect/detectors/samples.ts';
import { createInspector, type Step } from '../../../sidecar/inspect/index.ts';
import { MAX_DEPTH } from '../../../sidecar/inspect/scan/layer.ts';
import { inspectField } from './helpers.ts';

const ID = `${'AK'}IA${characters(41, 15, BASE32)}4`;
const names = async (channel: Parameters<typeof inspectField>[0], value: string) =>
  (await inspectField(channel, 'x', value)).map(({ detector }) => detector);

/** RFC 4648 base32 without padding. */
function base32(bytes: Buffer): string {
  let bits = '';
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0');
  return (bits.match(/.{1,5}/g) ?? []).map((group) => BASE32.charAt(Number.parseInt(group.padEnd(5, '0'), 2))).join('');
}

function labels(text: string, size: number): string {
  return (text.match(new RegExp(`.{1,${size}}`, 'g')) ?? []).join('.');
}

describe('a DNS name', () => {
  it('is searched in any case, in one label or over several', async () => {
    for (const text of [ID, ID.toLowerCase()]) {
      for (const size of [63, 10, 7, 4, 1]) {
        const name = `${labels(text, size)}.leak.example.com`;
        expect(await names('dns.name', name), name).toEqual(['aws-access-key-id']);
        expect(await names('tls.sni', `r1-${name}`), name).toEqual(['aws-access-key-id']);
      }
    }
  });

  it('is searched with its labels in reverse', async () => {
    expect(await names('dns.name', `${ID.slice(12)}.${ID.slice(4, 12)}.${ID.slice(0, 4)}`.toLowerCase())).toEqual([
      'aws-access-key-id',
    ]);
  });

  it('is searched behind hex and base32, in either case, over labels', async () => {
    const hex = Buffer.from(`id=${ID}`).toString('hex');
    const thirtyTwo = base32(Buffer.from(`id=${ID}`));
    for (const text of [hex, hex.toUpperCase(), thirtyTwo, thirtyTwo.toLowerCase()]) {
      for (const size of [63, 16, 5]) {
        const found = await inspectField('dns.name', 'name', `${labels(text, size)}.t.example.net`);
        expect(
          found.map(({ detector }) => detector),
          text,
        ).toContain('aws-access-key-id');
      }
    }
    expect((await inspectField('dns.name', 'name', `${thirtyTwo}.example.net`))[0]?.decoding).toEqual(['base32']);
  });

  it('is searched for formats with small letters, whatever became of them', async () => {
    const token = checkedToken('gh' + 'p_', 5);
    expect(await names('dns.name', `${token.toLowerCase()}.example.com`)).toEqual(['github-token']);
    expect(await names('dns.name', `${labels(token, 12)}.example.com`)).toEqual(['github-token']);
    expect(await names('dns.name', `${'gl'}pat-7${characters(2, 19, BASE62).toLowerCase()}.example.com`)).toEqual([
      'gitlab-token',
    ]);
  });

  it('is not found to hold a key when it reads like words or numbers', async () => {
    for (const name of [
      'asiapacificcloudtravelexpressbooking.example.com',
      'asia-northeast1-docker.pkg.dev',
      'asia.pool.ntp.org',
      'accademiaitalianadicucina.example.it',
      'd41d8cd98f00b204e9800998ecf8427e.cloudfront.net',
      'registry.npmjs.org',
      'productionresultssa12.blob.core.windows.net',
      'a.very.long.name.with.many.short.labels.in.it.example.co.uk',
    ]) {
      expect(await names('dns.name', name), name).toEqual([]);
      expect(await names('tls.sni', name), name).toEqual([]);
    }
  });
});

describe('HTTP fields', () => {
  it('say channel, place and offset', async () => {
    expect(await inspectField('http.header', 'x-note', `see ${ID}`)).toMatchObject([
      { detector: 'aws-access-key-id', channel: 'http.header', place: 'x-note', decoding: [], offset: 4 },
    ]);
    expect(await inspectField('http.path', 'segment 2', Buffer.from(ID).toString('base64url'))).toMatchObject([
      { channel: 'http.path', place: 'segment 2', decoding: ['base64'], offset: 0 },
    ]);
    expect(await inspectField('http.query', 'q', encodeURIComponent(`{"k":"${ID}"}`))).toMatchObject([
      { channel: 'http.query', decoding: expect.any(Array) },
    ]);
  });

  it('are each judged by themselves', () => {
    const message = createInspector().session('h').open({ body: 'http.body', contentEncoding: [] });
    const field = (name: string, value: string) => message.field('http.header', name, Buffer.from(value)) as Step;
    expect(field('a', ID).findings).toHaveLength(1);
    expect(field('b', 'nothing').findings).toEqual([]);
    expect(field('b', ID).findings).toHaveLength(1);
    expect(field('c', ID)).toMatchObject({ release: [] });
  });

  it('that are too complex leave the next message as it should be', () => {
    const inspector = createInspector();
    let deep = Buffer.from(characters(3, 80, BASE62));
    for (let i = 0; i <= MAX_DEPTH; i++) deep = Buffer.from(deep.toString('base64'));
    const bad = inspector.session('h').open({ body: 'http.body', contentEncoding: [] });
    expect(bad.field('http.query', 'q', deep)).toMatchObject({
      release: [],
      tooComplex: expect.stringMatching(/encoded/),
    });
    expect(bad.field('http.query', 'q', Buffer.from('plain'))).toMatchObject({ tooComplex: expect.any(String) });
    const good = inspector.session('h').open({ body: 'http.body', contentEncoding: [] });
    expect(good.field('http.query', 'q', Buffer.from('plain'))).toEqual({ findings: [], release: [] });
    expect((good.field('http.query', 'q', Buffer.from(Buffer.from(ID).toString('hex'))) as Step).findings).toHaveLength(
      1,
    );
  });
});
