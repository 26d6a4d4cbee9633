/** Structures one by one: what is joined, what is not, and that it does not depend on the cuts. */
import { describe, expect, it } from 'vitest';
import { entity, MAX_ENTITY } from '../../../sidecar/inspect/decode/structure/entities.ts';
import { Multipart } from '../../../sidecar/inspect/decode/structure/multipart.ts';
import { Protobuf } from '../../../sidecar/inspect/decode/structure/protobuf.ts';
import { AROUND_BREAK, SoftLines } from '../../../sidecar/inspect/decode/structure/soft-lines.ts';
import { MAX_VALUE, type NextBreak, type Structure } from '../../../sidecar/inspect/decode/structure/values.ts';
import { Xml } from '../../../sidecar/inspect/decode/structure/xml.ts';
import { BASE64, characters, checkedToken } from '../../../sidecar/inspect/detectors/samples.ts';
import { surveyAt } from '../../../sidecar/inspect/scan/simd/survey.ts';
import { EXACT_TABLE } from '../../../sidecar/inspect/scan/table.ts';
import { fileNames, grpc, multipart, protobuf } from '../../fixtures/corpus/structures.ts';
import { inspectBody } from './helpers.ts';

function surveyed(bytes: Buffer): NextBreak {
  const survey = surveyAt(0);
  survey.take(bytes, EXACT_TABLE.literals, false, 0, 0, () => {});
  return (from) => survey.nextSoftBreak(from);
}

/** What comes of a text, whole and cut anywhere. */
function joined(create: () => Structure, text: string): string | undefined {
  const bytes = Buffer.from(text, 'latin1');
  const results = new Set<string | undefined>();
  for (const size of [bytes.length, 1, 2, 3, 7]) {
    const structure = create();
    const out: Buffer[] = [];
    let isOther = false;
    for (let at = 0; at < bytes.length && !isOther; at += size) {
      const part = bytes.subarray(at, at + size);
      const made = structure.take(part, surveyed(part));
      if (made === undefined) isOther = true;
      else out.push(made);
    }
    results.add(isOther ? undefined : Buffer.concat(out).toString('latin1'));
  }
  expect(results.size, text).toBe(1);
  return [...results][0];
}

const xml = (text: string, attributes = false, all = false) => joined(() => new Xml(attributes, all), text);

describe('XML', () => {
  it.each([
    ['<a>x</a>\n <b>y</b>', 'xy'],
    ['<a>x<!-- <b> & "no" --->y</a>', 'xy'],
    ['<a>x<![CDATA[<&]]]]><![CDATA[>]]>y</a>', 'x<&]]>y'],
    ['<a>&#65;&#x42;&lowbar;&amp;&unknown;</a>', 'AB_&'],
    ['<a>a & b</a><b>c</b>', '\nc'],
    ['<a t="no">x</a><br/><b>y</b>', 'xy'],
    [`<a>&${'x'.repeat(MAX_ENTITY + 1)}</a>`, `&${'x'.repeat(MAX_ENTITY + 1)}`],
  ])('joins what elements hold: %s', (text, expected) => {
    expect(xml(text)).toBe(expected);
  });

  it('joins what attributes hold', () => {
    expect(xml(`<a b="x>" c='&#121;"'>no</a><d e="z"/>`, true)).toBe('x>y"z');
  });

  it('joins values of more than a word where all are asked for', () => {
    expect(xml('<a>x y</a>\n<b> z\n</b>', false, true)).toBe('x y z\n');
  });
});

describe('multipart', () => {
  it('joins what parts hold, and the names of files', () => {
    expect(joined(() => new Multipart(false, false), multipart(['ab', 'cd', 'e']))).toBe('abcde');
    expect(joined(() => new Multipart(false, true), multipart(['a b\r\nc', 'd']))).toBe('a b\ncd');
    expect(joined(() => new Multipart(true, false), fileNames(['ab', 'cd']))).toBe('abcd');
    const star = `--b\r\nContent-Disposition: attachment; filename*=UTF-8''ab; x=y\r\n\r\n--b--\r\n`;
    expect(joined(() => new Multipart(true, false), star)).toBe('ab');
  });

  it('is none without a line that may be a boundary', () => {
    expect(new Multipart(false, false).take(Buffer.alloc(2000, '-'))).toBeUndefined();
  });
});

describe('protocol buffers', () => {
  it('are joined over fields, messages and frames', () => {
    expect(joined(() => new Protobuf(false), protobuf(['ab', 'cd', 'e']))).toBe('abcde');
    expect(joined(() => new Protobuf(false), grpc(['ab', 'cd']))).toBe('abcd');
    // A number, eight bytes, four bytes, and a string with a blank.
    const others = '\x08\x96\x01\x11abcdefgh\x1dabcd\x22\x03a b';
    expect(joined(() => new Protobuf(true), `${others}${protobuf(['x', 'y'])}`)).toBe('a bxy');
  });

  it('are none where a tag is none', () => {
    expect(joined(() => new Protobuf(false), 'some text that is read as fields')).toBeUndefined();
    expect(new Protobuf(false).take(Buffer.alloc(20, 0xff))).toBeUndefined();
  });

  it('hold values up to the bound', () => {
    for (const [length, expected] of [
      [MAX_VALUE, MAX_VALUE],
      [MAX_VALUE + 1, 0],
    ] as const) {
      const made = new Protobuf(false).take(Buffer.from(protobuf(['x'.repeat(length)]).slice(3), 'latin1'));
      expect(made?.length ?? 0).toBe(expected);
    }
  });
});

describe('soft line ends', () => {
  it('are read over, with what is escaped', () => {
    for (const end of ['=\n', '=\r\n']) {
      expect(joined(() => new SoftLines(), `ab${end}c=3D${end}d\n`)).toBe('abc=d\n');
    }
    expect(joined(() => new SoftLines(), 'no such = line\nat all\n')).toBe('');
  });

  it('are read with what is around them, and no more', () => {
    const far = 'x'.repeat(AROUND_BREAK);
    expect(joined(() => new SoftLines(), `no${far}=\n${far}no${far}=\n${far.slice(2)}=\nb`)).toBe(
      `${far}${far}\n${far}${far.slice(2)}b`,
    );
  });
});

/** Soft lines as they are defined: each break with AROUND_BREAK characters before and behind, of the whole text at once. */
function softLines(text: string): string {
  let out = '';
  let at = 0;
  let left = 0;
  const goOn = (to: number) => {
    if (left === 0) return;
    const end = Math.min(at + left, to);
    out += text.slice(at, end);
    left -= end - at;
    at = end;
    if (left === 0) out += '\n';
  };
  for (const { 0: found, index } of text.matchAll(/=(?:\r?\n|3D)/g)) {
    goOn(index);
    out += text.slice(Math.max(at, index - AROUND_BREAK), index);
    if (found === '=3D') out += '=';
    at = index + found.length;
    left = AROUND_BREAK;
  }
  goOn(text.length);
  return out.replaceAll(/=([0-9A-F]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

describe('soft line ends anywhere', () => {
  it('are those that a plain search finds, however the text is cut', () => {
    for (let seed = 0; seed < 400; seed++) {
      const filler = seed % 2 === 0 ? 'ab=\r' : `${'x'.repeat(60)}=`;
      const parts = Array.from({ length: 1 + (seed % 12) }, (_, i) => {
        const random = seed * 31 + i * 7;
        const end = ['=\n', '=\r\n', '=3D', '=\r', '=3', '=41', '==\n', ''][random % 8];
        return characters(random, (random * 13) % 170, filler) + end;
      });
      const text = `${parts.join('')}.`;
      expect(
        joined(() => new SoftLines(), text),
        JSON.stringify(text),
      ).toBe(softLines(text));
    }
  });
});

describe('entities', () => {
  it('are characters of ASCII by number and name', () => {
    expect(['lt', 'LT', '#65', '#x41', '#X41', '#233', 'eacute', '#'].map((name) => entity(name))).toEqual([
      0x3c,
      0x3c,
      65,
      65,
      65,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('a long structure', () => {
  it('is released as it is decided, and a secret at its end is found', async () => {
    const token = checkedToken('gh' + 'p_', 5);
    const rows = Array.from(
      { length: 9000 },
      (_, i) => `<row id="${i}">${characters(i, 12, BASE64)} text</row>\n`,
    ).join('');
    const halves = `<a>${token.slice(0, 20)}</a><a>${token.slice(20)}</a>`;
    const clean = await inspectBody(`<t>\n${rows}</t>`, { cuts: [16_384] });
    expect(clean).toMatchObject({ findings: [], tooComplex: undefined });
    expect(clean.releasedBefore).toBeGreaterThan(clean.released.length - 4 * 65_536);
    const found = await inspectBody(`<t>\n${rows}${halves}</t>`, { cuts: [16_384] });
    expect(found.findings).toMatchObject([{ detector: 'github-token', decoding: ['joined'] }]);
  });
});
