/** A secret in pieces, each of which is nothing by itself. */
import { describe, expect, it } from 'vitest';
import { MAX_INDENT, MAX_MARKS } from '../../../sidecar/inspect/decode/joined.ts';
import { BASE64, characters, checkedToken } from '../../../sidecar/inspect/detectors/samples.ts';
import { MAX_PIECES } from '../../../sidecar/inspect/fields.ts';
import { createInspector, type Step } from '../../../sidecar/inspect/index.ts';
import { surveyAt } from '../../../sidecar/inspect/scan/simd/survey.ts';
import { EXACT_TABLE } from '../../../sidecar/inspect/scan/table.ts';
import { inspectBody } from './helpers.ts';

const TOKEN = checkedToken('gh' + 'p_', 31);
const PIECES = [TOKEN.slice(0, 13), TOKEN.slice(13, 26), TOKEN.slice(26)];
const [a = '', b = '', c = ''] = PIECES;
const FORM = 'application/x-www-form-urlencoded';

const BODIES: [string, string, string | undefined][] = [
  ['fields', JSON.stringify({ a, n: 1, b, long: 'with blanks', c }), undefined],
  ['items', JSON.stringify(PIECES, undefined, 2), 'text/plain'],
  ['deep fields', JSON.stringify([{ x: { y: a } }, { x: { y: b, z: [c] } }]), 'application/json'],
  ['a form', `a=${a}&n=&b=${b}&c=${c}`, FORM],
];

describe.each(BODIES)('a secret over %s', (_, text, contentType) => {
  it('is found, however it is cut, and not let out', async () => {
    const context = contentType === undefined ? {} : { contentType };
    for (const blockSize of [16, 100, 65_536]) {
      for (const cuts of [[1], [7, 40], [text.length]]) {
        const { findings, released } = await inspectBody(text, { blockSize, cuts, context });
        expect(findings).toMatchObject([{ detector: 'github-token', decoding: ['joined'] }]);
        expect(released.toString()).not.toContain(c);
      }
    }
  });
});

describe('JSON', () => {
  it('of values that run on as one is looked at with few places of where they were: a secret is at the one before it', async () => {
    const blockSize = 64;
    // A block with a value each, whose digits may go on to the end.
    const before = `[${`${'"a"'.padEnd(blockSize - 1)},`.repeat(4 * MAX_MARKS)}"-",`;
    const { findings, released } = await inspectBody(`${before}"${a}","${b}","${c}"]`, { blockSize });
    expect(findings).toMatchObject([{ detector: 'github-token', decoding: ['joined'] }]);
    expect(released.toString()).not.toContain(c);
    const { offset = 0 } = findings[0] ?? {};
    expect(offset).toBeLessThanOrEqual(before.length);
    expect(offset).toBeGreaterThan(before.length - (8 * before.length) / MAX_MARKS);
  });

  it('is seen behind white space up to the bound, and not in other text', async () => {
    const text = JSON.stringify(PIECES);
    const count = async (before: string) => (await inspectBody(before + text)).findings.length;
    expect(await count(' '.repeat(MAX_INDENT))).toBe(1);
    expect(await count(' '.repeat(MAX_INDENT + 1))).toBe(0);
    expect(await count('x')).toBe(0);
  });
});

/** The values of JSON as they are defined, a byte at a time: what is joined, and where to go on. */
function valuesOf(text: string, all: boolean): { at: number; joined: string } {
  let joined = '';
  let at = 0;
  for (;;) {
    const open = text.indexOf('"', at);
    if (open < 0) return { at: text.length, joined };
    let end = open + 1;
    while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
    let behind = end + 1;
    while (behind < text.length && text.charCodeAt(behind) <= 0x20) behind++;
    if (behind >= text.length) return { at: text.length - open > MOST_JOINED ? text.length : open, joined };
    const value = text.slice(open + 1, end);
    const isWord = /^[!-[\]-~]*$/.test(value);
    if (text[behind] !== ':' && value.length <= MOST_JOINED && (isWord || all)) {
      joined += value.replaceAll(/\\([^ux])/gs, (_, char: string) => ({ n: '\n', t: '\t', r: '\r' })[char] ?? char);
    }
    at = end + 1;
  }
}

/** Bytes of the longest value; as in joins.asm.ts. */
const MOST_JOINED = 1024;

describe('the values of JSON', () => {
  it('are those that are read a byte at a time, whatever stands around them', () => {
    const survey = surveyAt(0);
    for (let seed = 0; seed < 3000; seed++) {
      const parts = Array.from({ length: 1 + (seed % 40) }, (_, i) => {
        const random = seed * 37 + i * 11;
        const filler = ['ab', 'a b', 'a\\', '\\"', '\x80 \n', BASE64, 'nux\\'][random % 7] as string;
        const value = characters(random, (random * 7) % (i === 3 ? 1100 : 70), filler);
        return value + (['"', '",', '" :', '":', '"\n ', '"\x80:', ''][(random * 5 + seed) % 7] as string);
      });
      const text = `"${parts.join(seed % 2 === 0 ? '"' : '')}`;
      survey.take(Buffer.from(text, 'latin1'), EXACT_TABLE.literals, false, 0, 0, () => {});
      for (const all of [false, true]) {
        const { at, bytes } = survey.join(0, false, false, all);
        expect({ at, joined: bytes.toString('latin1') }, JSON.stringify(text)).toEqual(valuesOf(text, all));
      }
    }
  });
});

describe('fields of one message', () => {
  const send = (channel: 'http.header' | 'http.query', values: readonly string[]) => {
    const message = createInspector().session('h').open({ body: 'http.body', contentEncoding: [] });
    return values.flatMap((value, i) => [...(message.field(channel, `x-${i}`, Buffer.from(value)) as Step).findings]);
  };

  it.each(['http.header', 'http.query'] as const)('are looked at together: %s', (channel) => {
    expect(send(channel, PIECES)).toMatchObject([{ detector: 'github-token', place: 'x-2', decoding: ['joined'] }]);
    expect(send(channel, [a, 'two words', b, c])).toHaveLength(1);
    expect(send(channel, [a, b])).toEqual([]);
  });

  it('are remembered up to the bound', () => {
    const filler = 'v'.repeat(MAX_PIECES);
    expect(send('http.header', [filler, ...PIECES])).toHaveLength(1);
    expect(send('http.header', [a, 'v'.repeat(MAX_PIECES - 12), b, c])).toEqual([]);
  });

  it('do not count what was found in one of them again', () => {
    expect(send('http.header', [TOKEN, 'more', 'and-more'])).toHaveLength(1);
  });
});
