import { describe, expect, it } from 'vitest';
import { BASE64, characters, checkedToken } from '../../../sidecar/inspect/detectors/samples.ts';
import { inspectBody } from './helpers.ts';

const TOKEN = checkedToken('gh' + 'p_', 31);
const SECRETS = [
  TOKEN,
  `${'github'}_pat_${characters(1, 22, BASE64.slice(0, 62))}_${characters(2, 59, BASE64.slice(0, 62))}`,
];

const rot13 = (text: string) =>
  text.replaceAll(/[A-Za-z]/g, (letter) => {
    const first = letter < 'a' ? 65 : 97;
    return String.fromCharCode(first + ((letter.charCodeAt(0) - first + 13) % 26));
  });

describe.each(SECRETS)('%s', (secret) => {
  const dresses: [string, Buffer][] = [
    ['reversed', Buffer.from([...secret].reverse().join(''))],
    ['rot13', Buffer.from(rot13(secret))],
    ...[0x42, 0x77, 0x80, 0xa5, 0xff].map((key): [string, Buffer] => [
      'xor',
      Buffer.from(secret).map((byte) => byte ^ key) as Buffer,
    ]),
  ];

  it.each(dresses)('is found %s, in text, base64 and hex, however it is cut', async (name, dressed) => {
    const filler = Buffer.alloc(3000, ' .');
    const ways: [string[], Buffer][] = [
      [[name], Buffer.from(dressed)],
      [['base64', name], Buffer.from(Buffer.from(dressed).toString('base64'))],
      [['hex', name], Buffer.from(Buffer.from(dressed).toString('hex'))],
    ];
    for (const [decoding, bytes] of ways) {
      for (const body of [bytes, Buffer.concat([filler, bytes, filler])]) {
        for (const blockSize of [100, 65_536]) {
          const { findings } = await inspectBody(body, { blockSize, cuts: [77] });
          expect(findings.map((finding) => finding.decoding)).toContainEqual(decoding);
        }
      }
    }
  });
});

describe('a word', () => {
  it.each(['reversed', 'rot13', 'xor'])('is read to its end, however long it is: %s', async (name) => {
    const [, secret = ''] = SECRETS;
    for (const length of [0, 40, 255, 256, 257, 1000]) {
      const text = `${'the word is '.repeat(2000)}${'-'.repeat(length)}${secret}${'~'.repeat(length)} and so on`;
      const dressed =
        name === 'reversed'
          ? Buffer.from(text).reverse()
          : name === 'rot13'
            ? Buffer.from(rot13(text))
            : Buffer.from(text).map((byte) => byte ^ 0x42);
      const { findings } = await inspectBody(Buffer.from(dressed));
      expect(findings, String(length)).toMatchObject([{ detector: 'github-fine-grained-token', decoding: [name] }]);
    }
  });
});

describe('what only looks dressed', () => {
  it('is not found in random base64, tables of small numbers, and random bytes', async () => {
    const numbers = Buffer.from(
      characters(5, 400_000, '\0\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f'),
      'latin1',
    );
    const base64 = Buffer.from(characters(6, 1_000_000, BASE64));
    const bytes = Buffer.from(characters(7, 1_000_000, String.fromCharCode(...Array(256).keys())), 'latin1');
    const names = Buffer.from(
      Array.from({ length: 30_000 }, (_, i) => `_Py_${characters(i, 9, BASE64.slice(26, 52))}\0`).join(''),
    );
    for (const body of [numbers, base64, bytes, names]) {
      expect((await inspectBody(body)).findings).toEqual([]);
    }
  });
});
