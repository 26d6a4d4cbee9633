import { describe, expect, it } from 'vitest';
import { MAX_LINE_GAP } from '../../../sidecar/inspect/decode/alphabet-run.ts';
import { BASE32_FORMAT } from '../../../sidecar/inspect/decode/base32.ts';
import { BASE64_FORMAT, MIN_BASE64_LINE, MIN_BASE64_PIECE } from '../../../sidecar/inspect/decode/base64.ts';
import { HEX_FORMAT, MAX_HEX_GAP } from '../../../sidecar/inspect/decode/hex.ts';
import { BASE64, characters } from '../../../sidecar/inspect/detectors/samples.ts';
import { digitsAt } from '../../../sidecar/inspect/scan/simd/digits.ts';
import { encode, ID } from './encoded.ts';
import { detectorsIn } from './helpers.ts';

function decodeDigits(format: { digits: number }, digits: Buffer): Buffer {
  digitsAt(0).set(digits);
  return digitsAt(0).decode(0, digits.length, format.digits, true);
}

describe('base64', () => {
  it('is seen at any alignment, with any characters of the alphabet around it', async () => {
    for (let before = 0; before < 8; before++) {
      for (let shift = 0; shift < 3; shift++) {
        const run = `${'/path-to_x'.slice(0, before)}${encode('base64', `${'abc'.slice(0, shift)}${ID}`)}`;
        expect(await detectorsIn(`GET ${run} more`), run).toEqual(['aws-access-key-id']);
      }
    }
  });

  it.each(['\n', '\r\n', '\n    ', '\\n', '\\r\\n', ' '])('is seen wrapped by %j', async (end) => {
    for (const width of [20, 60, 64, 76]) {
      const lines = encode('base64', `${characters(1, 100, BASE64)} ${ID} ${characters(2, 100, BASE64)}`)
        .toString()
        .replace(new RegExp(`.{${width}}`, 'g'), `$&${end}`);
      expect(await detectorsIn(`"${lines}"`), String(width)).toContain('aws-access-key-id');
    }
  });

  it('goes on over a gap at the bound, not over one more', async () => {
    const text = encode('base64', `${'x'.repeat(15)}${ID}`).toString();
    const at = (cut: number, gap: string) => `${text.slice(0, cut)}${gap}${text.slice(cut)}`;
    expect(await detectorsIn(at(28, ' '.repeat(MAX_LINE_GAP)))).toEqual(['aws-access-key-id']);
    expect(await detectorsIn(at(28, ' '.repeat(MAX_LINE_GAP + 1)))).toEqual([]);
  });

  it('is seen in lines of MIN_BASE64_LINE and more, in pieces of MIN_BASE64_PIECE and more whatever is between', async () => {
    const text = encode('base64', `xyz ${ID} and ${ID}`).toString();
    const cut = (width: number, gap: string) => text.replace(new RegExp(`.{${width}}`, 'g'), `$&${gap}`);
    for (let width = MIN_BASE64_LINE; width < 40; width++) {
      for (const gap of ['\n', '\r\n', '\r', '\n   ', '",\n"', '\\\n', '\\n', '\\r\\n', '%0A', '%0D%0A']) {
        expect(await detectorsIn(`a: "${cut(width, gap)}"`), `${width} ${gap}`).toContain('aws-access-key-id');
      }
      if (width < MIN_BASE64_PIECE) continue;
      for (const gap of [',', '.', ':', '=', '\x00', '; (', '}']) {
        expect(await detectorsIn(`a: ${cut(Math.max(width, 20), gap)}`), `${width} ${gap}`).toContain(
          'aws-access-key-id',
        );
      }
    }
    expect(await detectorsIn(cut(MIN_BASE64_LINE - 1, '\n'))).toEqual([]);
  });

  it('decodes as Node does', () => {
    for (let length = 0; length < 80; length++) {
      const digits = encode('base64url', characters(length, length, BASE64));
      expect(decodeDigits(BASE64_FORMAT, digits)).toEqual(Buffer.from(digits.toString(), 'base64url'));
    }
  });
});

describe('hex', () => {
  const bytes = [...Buffer.from(`text ${ID}`)];
  const two = (byte: number) => byte.toString(16).padStart(2, '0');

  it.each([
    ['upper case', bytes.map(two).join('').toUpperCase()],
    ['colons', bytes.map(two).join(':')],
    ['spaces', bytes.map(two).join(' ')],
    ['\\x', bytes.map((byte) => `\\x${two(byte)}`).join('')],
    ['0x list', bytes.map((byte) => `0x${two(byte)}`).join(', ')],
    ['quoted list', bytes.map((byte) => `"0x${two(byte)}"`).join(', ')],
    ['quoted-printable', bytes.map((byte) => `=${two(byte)}`).join('')],
    ['character references', bytes.map((byte) => `&#x${two(byte)};`).join('')],
    ['lines of 60', (bytes.map(two).join('') + '00'.repeat(50)).replace(/.{60}/g, '$&\n')],
    ['odd lines', bytes.map(two).join('').replace(/.{33}/g, '$&\n')],
    ['after an odd digit', `a${bytes.map(two).join('')}`],
    ['after a zero', `x=0${bytes.map(two).join('')}`],
  ])('is seen with %s', async (_, text) => {
    expect(await detectorsIn(`begin(${text})end`)).toEqual(['aws-access-key-id']);
  });

  it('is seen with any byte that is no letter or digit between, alone or with blanks', async () => {
    for (let code = 0; code < 256; code++) {
      const gap = String.fromCharCode(code);
      if (/[A-Za-z0-9]/.test(gap)) continue;
      for (const text of [bytes.map(two).join(gap), bytes.map(two).join(`${gap}\r\n       `)]) {
        expect(await detectorsIn(Buffer.from(`of ${text} `, 'latin1')), String(code)).toContain('aws-access-key-id');
      }
    }
  });

  it('is seen over a gap at the bound, and not over one more', async () => {
    const spaced = (gap: number) => bytes.map(two).join(' '.repeat(gap));
    expect(await detectorsIn(spaced(MAX_HEX_GAP))).toEqual(['aws-access-key-id']);
    expect(await detectorsIn(spaced(MAX_HEX_GAP + 1))).toEqual([]);
  });

  it('decodes pairs and drops a lone digit', () => {
    const digits = 'aF09c'.padStart(41, '0123456789abcdefABCDEF');
    expect(decodeDigits(HEX_FORMAT, Buffer.from(digits))).toEqual(Buffer.from(digits.slice(0, 40), 'hex'));
  });
});

describe('the alignments of a run', () => {
  const key = `aZ7${characters(22, 37, BASE64)}`;
  // Each whole at an alignment of its own: no decoding has both.
  const SPLIT: [string, string, string, string[]][] = [
    ['a key id and what looks like its key', `${ID}.`, ` ${key}`, ['aws-access-key-id']],
    [
      'an armour with a header and what looks like its body',
      `${'-----BEGIN '}PRIVATE KEY-----\nX-Id: `,
      `\n${key.repeat(2)}`,
      [],
    ],
    ['a name in a form and what looks like its value', '"secret_access_key"', `\r\n\r\n${key}`, []],
  ];

  it.each(SPLIT)('are judged each by itself, whatever the blocks: %s', async (_, first, second, found) => {
    expect((await detectorsIn(first + second)).length).toBeGreaterThan(0);
    for (const encoding of ['hex', 'base64']) {
      const padded = first.padEnd(Math.ceil(first.length / 3) * 3);
      const body = `${encode(encoding, padded)}0${encode(encoding, second)}`;
      for (const blockSize of [32, 100, 512, 4096, 65_536]) {
        expect(await detectorsIn(body, { blockSize }), `${encoding} ${blockSize}`).toEqual(found);
      }
    }
  });
});

describe('base32', () => {
  it('decodes either case at any length', () => {
    // RFC 4648, section 10.
    for (const [digits, text] of [
      ['MY', 'f'],
      ['mzxq', 'fo'],
      ['MZXW6', 'foo'],
      ['mzxw6yq', 'foob'],
      ['MZXW6YTB', 'fooba'],
      ['mzxw6ytboi', 'foobar'],
    ] as const) {
      expect(decodeDigits(BASE32_FORMAT, Buffer.from(digits)).toString('latin1')).toBe(text);
    }
  });
});
