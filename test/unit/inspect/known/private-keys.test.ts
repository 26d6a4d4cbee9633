/** Of a private key every part that is secret tells, however it looks, and nothing that is in other files. */
import { describe, expect, it } from 'vitest';
import { keyTexts } from '../../../../sidecar/inspect/known/armour.ts';
import { secretParts } from '../../../../sidecar/inspect/known/private-keys.ts';
import { FRAGMENT, tellingWindows } from '../../../../sidecar/inspect/known/telling.ts';
import { KEY_FILES, type KeyFile, WRITTEN } from './key-files.ts';
import { inBody, inspectorOf, known, secret } from './support.ts';

/** Windows of a file that say nothing but its secret, over line breaks too, and how many of them tell. */
function windowsOf(text: string): { of: number; told: number } {
  const telling = tellingWindows(Buffer.from(text, 'latin1'));
  const places = keyTexts(text).flatMap((key) => key.secret);
  let told = 0;
  let of = 0;
  for (let first = 0; first < places.length; first++) {
    const at = places[first] as number;
    const last = places[first + FRAGMENT - 3] ?? Number.POSITIVE_INFINITY;
    if (last >= at + FRAGMENT) continue;
    of++;
    told += telling[at] as number;
  }
  return { of, told };
}

const found = async (file: KeyFile, text: string | Buffer): Promise<number> =>
  known((await inBody(inspectorOf(secret('app/key', file.text)), Buffer.from(text))).findings).length;

describe.each(Object.entries(KEY_FILES))('%s', (_, make) => {
  it.each(Object.entries(WRITTEN))('tells in every part that is secret: %s', (_, write) => {
    for (let i = 0; i < 10; i++) {
      const { of, told } = windowsOf(write(make().text));
      expect(of).toBeGreaterThan(20);
      expect(told).toBe(of);
    }
  });

  it('is found in pieces of twenty characters, and without its armour in any encoding', async () => {
    const file = make();
    const text = Buffer.from(file.text).toString('base64');
    const isSecret = new Set(keyTexts(file.text).flatMap((key) => key.secret));
    for (let at = 0; at + 28 <= text.length; at += 28) {
      const places = Array.from({ length: 20 }, (_, i) => (at * 3) / 4 + i);
      if (places.filter((place) => isSecret.has(place)).length < FRAGMENT + 1) continue;
      expect(await found(file, JSON.stringify({ detail: text.slice(at, at + 28) })), text.slice(at, at + 28)).toBe(1);
    }
    const part = file.secret.subarray(1, 21);
    for (const encoding of ['hex', 'base64', 'base64url'] as const) {
      expect(await found(file, JSON.stringify({ detail: part.toString(encoding) })), encoding).toBe(1);
    }
    expect(await found(file, Buffer.concat([Buffer.from('id='), part]))).toBe(1);
  });

  it('is not found in its public key, in another of its kind, nor in that of another', async () => {
    const [file, other] = [make(), make()];
    for (const text of [...file.others, JSON.stringify(file.others), other.text, ...other.others]) {
      expect(await found(file, text), text).toBe(0);
    }
  });
});

it('nothing tells in a thousand files of the same kind that is in the first', () => {
  for (const kind of ['OpenSSH, Ed25519', 'PKCS #8, EC', 'SEC 1, EC', 'PuTTY, Ed25519']) {
    const make = KEY_FILES[kind] as () => KeyFile;
    const first = make().text;
    for (let i = 0; i < 1000; i++) {
      const { text } = make();
      const telling = tellingWindows(Buffer.from(text, 'latin1'));
      telling.forEach((tells, at) => {
        if (tells) expect(first.includes(text.slice(at, at + FRAGMENT)), text).toBe(false);
      });
    }
  }
});

it('a kind that is not understood tells between what looks drawn', () => {
  const lines = 'Zm9vYmFyMTIzNDU2QUJDREVGcW9yYWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXpNT1B\n'.repeat(3);
  const text = `-----BEGIN ODD ${'PRIVATE'} KEY-----\n${lines}-----END ODD ${'PRIVATE'} KEY-----\n`;
  const telling = tellingWindows(Buffer.from(text));
  const [first, last] = [telling.indexOf(1), telling.lastIndexOf(1)];
  expect(last - first).toBeGreaterThan(120);
  expect(telling.subarray(first, last).includes(0)).toBe(false);
});

it('what is cut off or no key at all is none', () => {
  const { text } = (KEY_FILES['PKCS #8, RSA'] as () => KeyFile)();
  for (let length = 0; length < text.length; length += 7) expect(() => keyTexts(text.slice(0, length))).not.toThrow();
  expect(keyTexts('A'.repeat(4096))).toEqual([]);
  expect(keyTexts(Buffer.from('30800201003080', 'hex').toString('base64').repeat(20))).toEqual([]);
});

it.each([
  ['beginnings', `-----BEGIN ${'PRIVATE'} KEY-----`],
  ['headers', `-----BEGIN ${'PRIVATE'} KEY-----\nA: b\n`],
  ['halves of beginnings', '-----BEGIN A '],
  ['lines of PuTTY', 'Private-Lines: 1\n'],
  ['lines of PuTTY, and of base64', `Private-Lines: 1\n${'aB3+'.repeat(12)}\n`],
  ['armour, and base64', `-----BEGIN ${'PRIVATE'} KEY-----\n${'aB3+'.repeat(12)}\n-----END\n${'aB3+'.repeat(12)} `],
])('a mebibyte of %s is gone through once', (_, unit) => {
  // Whoever goes through the rest for each of them takes longer than a test may.
  const text = unit.repeat(Math.ceil(2 ** 20 / unit.length));
  expect(keyTexts(text).length).toBeLessThanOrEqual(text.length / 24);
});

it.each([
  ['one byte', Buffer.alloc(2 ** 20)],
  ['two', Buffer.from('ab'.repeat(2 ** 19))],
])('a mebibyte of a key that is %s over and over is gone through once, and tells nothing', (_, secret) => {
  const octets = Buffer.concat([Buffer.from([0x04, 0x83, secret.length >> 16, 0, 0]), secret]);
  const size = octets.length + 3;
  const der = Buffer.concat([Buffer.from([0x30, 0x83, size >> 16, size >> 8, size, 0x02, 0x01, 0x01]), octets]);
  expect(secretParts(der)).toEqual([[der.length - secret.length, der.length]]);
  expect(tellingWindows(der).lastIndexOf(1)).toBeLessThan(32);
});
