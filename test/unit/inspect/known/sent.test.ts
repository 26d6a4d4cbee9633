/** Known secrets that are sent a piece in each request to one host. */
import { describe, expect, it } from 'vitest';
import type { Channel, Finding } from '../../../../crds/runtime.ts';
import type { InspectSession, Step } from '../../../../sidecar/inspect/index.ts';
import {
  MAX_PLACES,
  MAX_SENT_PIECE,
  MAX_SENT_TAIL,
  MAX_SENT_VALUE,
  SentPieces,
} from '../../../../sidecar/inspect/known/sent.ts';
import { inspectorOf, known, random, secret } from './support.ts';

const VALUE = random(7, 40);
const FRAGMENT = 12;

type Send = (piece: string, index: number) => [Channel, string, string][] | string;

/** Sends one message; what is found in it, and behind those before it. */
async function message(
  session: InspectSession,
  given: ReturnType<Send>,
  body: Channel = 'http.body',
): Promise<Finding[]> {
  const inspection = session.open({ body, contentEncoding: [] });
  const findings: Finding[] = [];
  const take = async (step: Step | Promise<Step>): Promise<void> => {
    const { findings: more, tooComplex } = await step;
    if (tooComplex !== undefined) throw new Error(tooComplex);
    findings.push(...more);
  };
  if (typeof given === 'string') await take(inspection.push(Buffer.from(given)));
  else for (const [channel, place, text] of given) await take(inspection.field(channel, place, Buffer.from(text)));
  if (body === 'http.body') await take(inspection.end());
  if (findings.length === 0) await take(inspection.commit());
  inspection.abort();
  return findings;
}

/** Sends the pieces; which of them went. */
async function sent(
  pieces: readonly string[],
  send: Send,
  body: Channel = 'http.body',
  value = VALUE,
): Promise<boolean[]> {
  const session = inspectorOf(secret('s/k', value)).session('sink.example');
  const went: boolean[] = [];
  for (const [i, piece] of pieces.entries()) {
    went.push(known(await message(session, send(piece, i), body)).length === 0);
  }
  return went;
}

const inPieces = (text: string, size: number): string[] => text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];

const WAYS: Record<string, Send> = {
  'a segment of the path': (piece) => [['http.path', 'path', `/v1/items/${encodeURIComponent(piece)}/x`]],
  'a parameter': (piece, i) => [['http.query', 'query', `page=1&q${i}=${encodeURIComponent(piece)}&z=2`]],
  'a header': (piece) => [
    ['http.header', 'user-agent', 'client/1.0'],
    ['http.header', 'x-request-id', piece],
  ],
  'another header each time': (piece, i) => [['http.header', `x-${i}`, piece]],
  'a cookie between others': (piece) => [['http.header', 'cookie', `lang=en; id=${piece}; theme=dark`]],
  'a body': (piece) => piece,
  'JSON with a number': (piece, i) => JSON.stringify({ n: i, d: piece, event: 'install' }),
  'three places in turn': (piece, i) =>
    [
      [['http.path', 'path', `/v1/${piece}`]] as [Channel, string, string][],
      [['http.header', 'x-id', piece]] as [Channel, string, string][],
      piece,
    ][i % 3] as ReturnType<Send>,
};
const hex = (text: string) => Buffer.from(text, 'latin1').toString('hex');
const FORMS: Record<string, [encode: (text: string) => string, scale: number]> = {
  plain: [(text) => text, 1],
  hex: [hex, 2],
  base64: [(text) => Buffer.from(text).toString('base64url'), 4 / 3],
  'XORed, in hex': [(text) => hex([...text].map((c) => String.fromCharCode(c.charCodeAt(0) ^ 0x5a)).join('')), 2],
  reversed: [(text) => [...text].reverse().join(''), 1],
};

describe('a known secret in pieces over requests', () => {
  describe.each(Object.entries(FORMS))('%s', (_, [encode, scale]) => {
    it.each(Object.entries(WAYS))('is stopped before twelve bytes of it went: %s', async (_, send) => {
      for (const size of [4, 6, 11]) {
        const pieces = inPieces(encode(VALUE), Math.floor(size * scale));
        const went = await sent(pieces, send);
        const bytes = pieces.filter((_, i) => went[i]).join('').length / scale;
        expect(bytes, `${size}: ${went}`).toBeLessThan(FRAGMENT);
        expect(went[0]).toBe(true);
      }
    });
  });

  it('is stopped in pieces that come from its end', async () => {
    const pieces = inPieces(VALUE, 5).reverse();
    expect((await sent(pieces, WAYS['a header'] as Send)).filter(Boolean)).toHaveLength(2);
  });

  it('is stopped in messages of a WebSocket', async () => {
    expect((await sent(inPieces(VALUE, 5), (piece) => piece, 'websocket.message')).filter(Boolean)).toHaveLength(2);
  });

  it.each([
    ['a label', (piece: string) => `${piece}.cdn.sink.example`],
    ['a numbered label', (piece: string, i: number) => `${i}-${piece}.cdn.sink.example`],
    ['two labels', (piece: string, i: number) => `${piece}.n${i}.sink.example`],
    ['a hyphen within', (piece: string) => `${piece.slice(0, 3)}-${piece.slice(3)}.sink.example`],
  ])('is stopped in names of one domain: %s', async (_, name) => {
    for (const encode of [
      hex,
      FORMS['XORed, in hex']?.[0] as (text: string) => string,
      (text: string) => text.toLowerCase(),
    ]) {
      const scale = encode(VALUE).length / VALUE.length;
      for (const count of [12, 8]) {
        const pieces = inPieces(encode(VALUE), Math.ceil(encode(VALUE).length / count));
        const went = await sent(pieces, (piece, i) => [['dns.name', 'name', name(piece, i)]], 'dns.name');
        expect(pieces.filter((_, i) => went[i]).join('').length / scale, `${went}`).toBeLessThan(FRAGMENT);
      }
    }
  });

  describe('scattered over names', () => {
    const shuffled = (texts: readonly string[]): string[] =>
      texts.map((_, i) => texts[(i * 7 + 3) % texts.length] as string);
    const inTwelve = (text: string) => inPieces(text, Math.ceil(text.length / 12));
    const ask = (pieces: readonly string[], value = VALUE) =>
      sent(pieces, (piece) => [['dns.name', 'name', `${piece}.cdn.sink.example`]], 'dns.name', value);

    it.each<[string, (text: string) => string]>([
      ['hex', hex],
      ['hex, reversed', (text) => [...hex(text)].reverse().join('')],
      ['plain', (text) => text.toLowerCase()],
    ])('is stopped in any order: %s', async (_, encode) => {
      const pieces = shuffled(inTwelve(encode(VALUE)));
      const went = await ask(pieces);
      const scale = encode(VALUE).length / VALUE.length;
      // Three letters say little by themselves.
      const most = scale === 1 ? 2 * FRAGMENT : FRAGMENT;
      expect(pieces.filter((_, i) => went[i]).join('').length / scale, `${went}`).toBeLessThan(most);
    });

    it('is stopped with other names between its pieces', async () => {
      const pieces = inTwelve(hex(VALUE)).flatMap((piece, i) => [piece, `www${i}-img`]);
      const went = await ask(pieces);
      const bytes = pieces.filter((piece, i) => went[i] && !piece.startsWith('www')).join('').length / 2;
      expect(bytes, `${went}`).toBeLessThan(FRAGMENT);
      // What is no part of it passes.
      expect(went.at(-1)).toBe(true);
    });

    it('is no word that stands in it by chance, nor many', async () => {
      const names = [
        ...[
          'registry',
          'api',
          'static',
          'eu-west-1',
          'assets',
          'img01',
          'img02',
          'd111111abcdef8',
          'v2',
          'auth',
          'login',
        ],
        ...inPieces(hex(random(99, 400)), 7),
      ];
      expect(await ask(names)).toEqual(names.map(() => true));
      const words = 'correct-horse-battery-staple-production-database';
      const parts = ['horse', 'correct', 'staple', 'battery', 'database', 'production'];
      expect(await ask(parts, words)).toEqual(parts.map(() => true));
    });
  });

  it('counts what was sent alone: a message that was abandoned, or refused, is none', async () => {
    const session = inspectorOf(secret('s/k', VALUE)).session('sink.example');
    const [first = '', second = '', third = ''] = inPieces(VALUE, 8);
    const header = (piece: string): [Channel, string, string][] => [['http.header', 'x', piece]];
    expect(await message(session, header(first))).toEqual([]);
    const abandoned = session.open({ body: 'http.body', contentEncoding: [] });
    abandoned.field('http.header', 'x', Buffer.from('something else'));
    abandoned.abort();
    expect(await message(session, header(second))).toMatchObject([
      { channel: 'http.header', place: 'x', decoding: ['requests'], detector: 'known-secret', secret: 's/k' },
    ]);
    // Nor does it go on, whether that is tried again or what comes next.
    expect(known(await message(session, header(second)))).toHaveLength(1);
    expect(known(await message(session, header(third)))).toHaveLength(1);
    // What the client says each time is no piece.
    expect(await message(session, header(first))).toEqual([]);
  });

  it('tells of a secret that the workload does not have only when all of it is there', async () => {
    const session = inspectorOf(secret('s/k', VALUE, { held: false })).session('sink.example');
    const pieces = inPieces(VALUE, 8);
    const found: number[] = [];
    for (const piece of pieces) found.push(known(await message(session, [['http.header', 'x', piece]])).length);
    expect(found).toEqual([...pieces.slice(1).map(() => 0), 1]);
  });

  it('is of one host: sessions do not see each other', async () => {
    const inspector = inspectorOf(secret('s/k', VALUE));
    for (const [i, piece] of inPieces(VALUE, 8).entries())
      expect(await message(inspector.session(`h${i}`), [['http.header', 'x', piece]])).toEqual([]);
  });
});

describe('bounds of what is kept', () => {
  const value = (place: string, text: string) => ({ channel: 'http.header' as const, place, text });
  const send = (sent: SentPieces, place: string, text: string): readonly string[] => {
    const draft = sent.draft([value(place, text)]);
    draft.keep();
    return draft.streams.find(({ key }) => key === `http.header ${place}`)?.pieces ?? [];
  };

  it('follows so many places, and what is new in any', () => {
    const sent = new SentPieces();
    for (let i = 0; i < MAX_PLACES; i++) expect(send(sent, `p${i}`, 'a')).toEqual(['a']);
    expect(send(sent, 'more', 'b')).toEqual([]);
    const [all] = sent.draft([value('more', 'c')]).streams;
    expect(all?.pieces.slice(-2)).toEqual(['b', 'c']);
    expect(send(sent, 'p0', 'b')).toEqual(['a', 'b']);
  });

  it('keeps so many characters of what went before, and takes pieces of so many', () => {
    const sent = new SentPieces();
    const piece = (i: number) => `${i % 10}`.padEnd(MAX_SENT_PIECE, 'x');
    for (let i = 0; i < 2 * (MAX_SENT_TAIL / MAX_SENT_PIECE); i++) send(sent, 'p', piece(i));
    expect(send(sent, 'p', 'last')).toHaveLength(MAX_SENT_TAIL / MAX_SENT_PIECE + 1);
    expect(new SentPieces().draft([value('p', 'x'.repeat(MAX_SENT_PIECE))]).streams).toHaveLength(2);
    expect(new SentPieces().draft([value('p', 'x'.repeat(MAX_SENT_PIECE + 1))]).streams).toEqual([]);
  });

  it('compares values of so many characters', () => {
    const wrapped = (text: string, length: number) => `${text} ${'-'.repeat(length - text.length - 1)}`;
    for (const [length, pieces] of [
      [MAX_SENT_VALUE, ['abc', 'def']],
      [MAX_SENT_VALUE + 1, []],
    ] as const) {
      const sent = new SentPieces();
      send(sent, 'p', wrapped('abc', length));
      expect(send(sent, 'p', wrapped('def', length))).toEqual(pieces);
    }
  });
});
