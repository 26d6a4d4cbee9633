/**
 * Random bytes with something else among them: whatever it is and however it is put there, at least half of the random bytes are
 * counted unless the sender sends EXPANSION times as much as they are.
 */
import { createHash } from 'node:crypto';
import { openSync, readFileSync, readSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EXPANSION, MIN_ALPHABET, MIN_MIXED, MOST_NEEDED } from '../../../../sidecar/inspect/opaque/component.ts';
import { Histogram } from '../../../../sidecar/inspect/opaque/flat.ts';
import { OpaqueMeter, PIECE } from '../../../../sidecar/inspect/opaque/meter.ts';
import { ShortPieces } from '../../../../sidecar/inspect/opaque/short.ts';

const SIZE = 48 * PIECE;
const source = (name: string) => readFileSync(new URL(`../../../../${name}`, import.meta.url));
const TEXT = Buffer.concat([
  source('docs/detection.md'),
  source('package-lock.json'),
  source('sidecar/inspect/index.ts'),
]);
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** What a cipher would make, the same each time. */
const RANDOM = Buffer.concat(Array.from({ length: 8192 }, (_, i) => createHash('sha512').update(`${i}`).digest()));
let drawn = 0;
function random(length: number): Buffer {
  if (drawn + length > RANDOM.length) drawn = 0;
  drawn += length;
  return RANDOM.subarray(drawn - length, drawn);
}
/** From 0 to 1. */
const chance = (): number => random(4).readUInt32LE() / 2 ** 32;

type Writer = (length: number) => Buffer;
/** Random characters, of so many different ones. */
const ALPHABETS: Record<string, { size: number; write: Writer }> = {
  bytes: { size: 256, write: random },
  '7 bits': { size: 128, write: (n) => Buffer.from(random(n).map((byte) => byte & 127)) },
  base85: { size: 85, write: (n) => Buffer.from(random(n).map((byte) => 33 + (byte % 85))) },
  base64: { size: 64, write: (n) => Buffer.from(random(n).toString('base64').slice(0, n)) },
  base32: { size: 32, write: (n) => Buffer.from(random(n).map((byte) => 65 + (byte & 31))) },
  hexadecimal: { size: 16, write: (n) => Buffer.from(random(n).toString('hex').slice(0, n)) },
};

const cycle = (values: string | Uint8Array): Writer => {
  const bytes = Buffer.from(values);
  return (n) => Buffer.from(Array.from({ length: n }, (_, i) => bytes[i % bytes.length] as number));
};
let read = 0;
let turn = 0;
const FILLERS: Record<string, Writer> = {
  NULs: cycle('\0'),
  'a letter of the alphabet': cycle('e'),
  'four letters': cycle('etao'),
  'sixteen letters': cycle('etaoinshrdlucmfw'),
  'sixty-four letters': cycle(BASE64),
  'each byte in turn': cycle(Uint8Array.from({ length: 256 }, (_, i) => i)),
  'bytes that the alphabet does not have': cycle(Uint8Array.from({ length: 128 }, (_, i) => 128 + i)),
  'another byte each time': (n) => Buffer.alloc(n, turn++ & 255),
  'fewer and fewer of each': (n) => Buffer.from(Array.from({ length: n }, (_, i) => 96 + Math.clz32(i * 7919))),
  text: (n) => {
    if (read + n > TEXT.length) read = 0;
    read += n;
    return TEXT.subarray(read - n, read);
  },
};

/** Bytes that are counted of a text, and of one after the other when there are several. */
function counted(...texts: readonly Buffer[]): number {
  let bytes = 0;
  const short = new ShortPieces();
  const count = (n: number): void => {
    bytes += n;
  };
  for (const text of texts) {
    const meter = new OpaqueMeter({ count, short: (piece, explained) => count(short.add(piece, explained)) });
    meter.take(text);
    meter.end();
  }
  return bytes;
}

/** Pieces of `unit` bytes of random characters, each with so much of `filler` behind it that `share` of all is random. */
function filled(write: Writer, filler: Writer, share: number, unit: number): { body: Buffer; characters: number } {
  const parts: Buffer[] = [];
  let owed = 0;
  let characters = 0;
  for (; characters < SIZE; characters += unit) {
    owed += (unit * (1 - share)) / share;
    parts.push(write(unit), filler(Math.floor(owed)));
    owed -= Math.floor(owed);
  }
  return { body: Buffer.concat(parts), characters };
}

const tricks = Object.keys(ALPHABETS).flatMap((alphabet) =>
  Object.keys(FILLERS).map((filler) => ({ alphabet, filler })),
);

describe('random bytes among others', () => {
  it.each(tricks)('count: $alphabet with $filler', ({ alphabet, filler }) => {
    const { size, write } = ALPHABETS[alphabet] as (typeof ALPHABETS)[string];
    const fill = FILLERS[filler] as Writer;
    // What costs more than EXPANSION by itself: as much as is needed of it.
    const least = Math.min(1, Math.max(8 / EXPANSION / Math.log2(size), (1 + MOST_NEEDED) / 2));
    for (const share of [0.99, 0.97, 0.94, 0.9, 0.85, 0.8, 0.75, 0.7, least].filter((share) => share >= least)) {
      for (const unit of [7, 60, 500, PIECE, 3000, 8 * PIECE]) {
        const { body, characters } = filled(write, fill, share, unit);
        const what = `${share.toFixed(2)} random, ${unit} at a time`;
        expect(counted(body) / characters, what).toBeGreaterThan(0.5);
        expect(counted(body.subarray(333)) / characters, `${what}, shifted`).toBeGreaterThan(0.5);
      }
    }
  });

  it.each(tricks.filter(({ alphabet }) => (ALPHABETS[alphabet]?.size ?? 0) >= 64))(
    'count, more in some pieces and none in others: $alphabet with $filler',
    ({ alphabet, filler }) => {
      const { size, write } = ALPHABETS[alphabet] as (typeof ALPHABETS)[string];
      const least = 8 / EXPANSION / Math.log2(size);
      for (let share = least - 0.02; share > 0.3; share -= 0.04) {
        const { body, characters } = filled(write, FILLERS[filler] as Writer, share, PIECE * share);
        // So many pieces without anything else that `least` of all is random.
        const pure = Math.round((body.length * (least - share)) / (1 - least));
        const part = (counted(body) + counted(write(pure))) / (characters + pure);
        expect(part, `${share.toFixed(2)} random`).toBeGreaterThan(0.5);
      }
    },
  );

  it.each([100, MIN_MIXED / 2, MIN_MIXED - 1, 1500])('count in many bodies of %d bytes', (size) => {
    for (const filler of Object.values(FILLERS)) {
      const bodies = Array.from({ length: Math.ceil(SIZE / size) }, () => {
        const bytes = Math.ceil(size / EXPANSION);
        return Buffer.concat([random(bytes), filler(size - bytes)]);
      });
      expect(counted(...bodies) / SIZE).toBeGreaterThan(0.5 / EXPANSION);
    }
  });

  it.each([
    ['bytes', 'base64', 0.5],
    ['bytes', 'base64', 0.2],
    ['bytes', 'base32', 0.5],
    ['bytes', 'hexadecimal', 0.6],
    ['7 bits', 'hexadecimal', 0.8],
    ['7 bits', 'base64', 0.5],
  ])('count in two alphabets: %s and %s, %d of the one', (one, other, share) => {
    const parts: Buffer[] = [];
    for (let length = 0; length < SIZE; length += 100) {
      const first = Math.round(100 * share);
      parts.push(ALPHABETS[one]?.write(first) as Buffer, ALPHABETS[other]?.write(100 - first) as Buffer);
    }
    expect(counted(Buffer.concat(parts)) / SIZE).toBeGreaterThan(0.5);
  });

  it.each<[what: string, weight: (rank: number) => number]>([
    ['a line', (rank) => 256 - rank],
    ['a power', (rank) => (rank + 1) ** -0.6],
    ['a geometric series', (rank) => Math.exp(-rank / 70)],
    ['a bell', (rank) => Math.exp(-8 * (rank / 256) ** 2)],
    ['steps', (rank) => 1.6 ** -(rank >> 5)],
    ['a quarter of them more often', (rank) => (rank < 64 ? 9 : 1)],
  ])('count when their alphabet is used as %s, which is a seventh more to send', (_, weight) => {
    const weights = Array.from({ length: 256 }, (_, rank) => weight(rank));
    const sum = weights.reduce((total, each) => total + each);
    const entropy = -weights.reduce((bits, each) => bits + (each / sum) * Math.log2(each / sum), 0);
    expect(8 / entropy).toBeLessThan(8 / 7);
    const bytes = Buffer.from(
      Array.from({ length: SIZE }, () => {
        let left = chance() * sum;
        let byte = 0;
        while (byte < 255 && left >= (weights[byte] as number)) left -= weights[byte++] as number;
        return byte;
      }),
    );
    expect(counted(bytes) / SIZE).toBeGreaterThan(0.5);
  });
});

describe('what is written by people and compilers', () => {
  it('does not count, nor does a little that is random in it', () => {
    expect(counted(TEXT) / TEXT.length).toBeLessThan(0.01);
    const file = openSync(process.execPath, 'r');
    const code = Buffer.alloc(4 * 1024 * 1024);
    readSync(file, code, 0, code.length, 32 * 1024 * 1024);
    expect(counted(code) / code.length).toBeLessThan(0.02);
    const { body } = filled(random, FILLERS.text as Writer, 0.2, 30);
    expect(counted(body)).toBe(0);
  });

  it('is as much random as one alphabet explains', () => {
    const histogram = new Histogram();
    const share = 0.75;
    histogram.add(random(PIECE * share));
    histogram.add(Buffer.alloc(PIECE * (1 - share)));
    const { random: bytes } = histogram.measure();
    expect(bytes).toBeGreaterThan(0.9 * share * PIECE);
    expect(bytes).toBeLessThan(1.1 * share * PIECE);
  });

  it('is no alphabet of fewer than MIN_ALPHABET characters', () => {
    const digits = (count: number) => Buffer.from(random(SIZE).map((byte) => 48 + (byte % count)));
    expect(counted(digits(MIN_ALPHABET - 1))).toBe(0);
    expect(counted(digits(MIN_ALPHABET)) / SIZE).toBeGreaterThan(0.9);
  });
});
