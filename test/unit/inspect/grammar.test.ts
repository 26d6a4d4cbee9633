/** The grammar in which detectors are written, and what every row must keep. */
import { describe, expect, it } from 'vitest';
import { looksDrawn, RUN_BEFORE } from '../../../sidecar/inspect/detectors/grammar/drawn.ts';
import { MAX_CHANCE_IN_BASE64, tokenFormats } from '../../../sidecar/inspect/detectors/grammar/format.ts';
import { keyed, keyedFormats, leadsOf } from '../../../sidecar/inspect/detectors/grammar/keyed.ts';
import {
  ALPHABETS,
  anchorOf,
  chanceIn,
  parseShapes,
  sampleOf,
} from '../../../sidecar/inspect/detectors/grammar/shape.ts';
import { DETECTORS } from '../../../sidecar/inspect/detectors/index.ts';
import { ROWS } from '../../../sidecar/inspect/detectors/rows/index.ts';
import { BASE62, BASE64, BASE64URL, characters } from '../../../sidecar/inspect/detectors/samples.ts';
import { LOOK_AHEAD } from '../../../sidecar/inspect/detectors/types.ts';

describe('a shape', () => {
  it('is literals, alphabets with counts, and alternatives', () => {
    expect(parseShapes('ab_{x4}-{d2-3}')).toEqual([
      [
        { literal: 'ab_' },
        { alphabet: ALPHABETS.x, min: 4, max: 4 },
        { literal: '-' },
        { alphabet: ALPHABETS.d, min: 2, max: 3 },
      ],
    ]);
    expect(parseShapes('k_(a|b)(|c){U}').map((shape) => anchorOf(shape).literal)).toEqual([
      'k_a',
      'k_ac',
      'k_b',
      'k_bc',
    ]);
    for (const wrong of ['{x}', '{?4}', 'a{x4', '{x4-}']) {
      if (wrong === 'a{x4') expect(parseShapes(wrong)[0]).toEqual([{ literal: 'a{x4' }]);
      else expect(() => parseShapes(wrong), wrong).toThrow(RangeError);
    }
  });

  it('has its anchor where all before it has a fixed length', () => {
    expect(anchorOf(parseShapes('{w20}T3BlbkFJ{w20}')[0] ?? [])).toEqual({ literal: 'T3BlbkFJ', offset: 20 });
    expect(anchorOf(parseShapes('k_{w2-3}longer')[0] ?? [])).toEqual({ literal: 'k_', offset: 0 });
    expect(() => anchorOf(parseShapes('{w2-3}longer')[0] ?? [])).toThrow(RangeError);
  });

  it('knows how often chance makes it', () => {
    const [shape = []] = parseShapes('abcd{w4}');
    expect(chanceIn(shape, BASE64)).toBeCloseTo(64 ** -4 * (62 / 64) ** 4, 15);
    expect(chanceIn(parseShapes('ab.{w4}')[0] ?? [], BASE64)).toBe(0);
  });

  it('makes samples that it matches, and others for other seeds', () => {
    const [format] = tokenFormats('k_live_{w24-40}.{x8}');
    const samples = Array.from({ length: 50 }, (_, seed) => format?.sample(seed) ?? '');
    expect(new Set(samples).size).toBe(50);
    for (const text of samples) expect(format?.confirm(text, 0, false), text).toMatchObject({ start: 0 });
  });
});

describe('what is drawn', () => {
  it('is told from words, placeholders and sequences', () => {
    for (const text of [
      'your_key_goes_here_now_ok',
      'exampleexampleexample1234',
      'aaaaaaaaaaaaaaaaaaaaaaaaa',
      'abcdefghijklmnopqrst12345',
      'shouldPublishTheWholeWorkspace',
      'deadbeefdeadbeefdeadbeefdeadbeef',
      'one-word-and-another-word-42',
    ]) {
      expect(looksDrawn(text, 64), text).toBe(false);
    }
    let drawn = 0;
    for (let seed = 0; seed < 2000; seed++) if (looksDrawn(characters(seed, 24, BASE62), 62)) drawn++;
    expect(drawn).toBeGreaterThan(1980);
  });

  it('proves nothing in a run of base64 where its literal is short', () => {
    const [short] = tokenFormats('kxz_{w36}');
    const [long] = tokenFormats('kxz_live_{w36}');
    const run = characters(1, RUN_BEFORE, BASE64URL);
    for (const before of ['', '.', run.slice(1), `${run}.`, `${run} `]) {
      const text = `${before}${short?.sample(1)}`;
      expect(short?.confirm(text, before.length, false), before).toBeDefined();
    }
    for (const before of [run, `${run}\n`, `${run}\r\n  `]) {
      expect(short?.confirm(`${before}${short.sample(1)}`, before.length, false), before).toBeUndefined();
      expect(long?.confirm(`${before}${long.sample(1)}`, before.length, false), before).toBeDefined();
    }
  });
});

describe('a name', () => {
  const [format] = keyedFormats(keyed(['acmedb api key'], '{x32}'));
  const value = characters(3, 32, '0123456789abcdef');
  const found = (text: string) =>
    format?.literals.some((literal) => {
      const at = text.indexOf(literal);
      return at >= 0 && format.confirm(text, at, false) !== undefined;
    });

  it('is found in every spelling, with what stands between it and its value', () => {
    for (const text of [
      `ACMEDB_API_KEY=${value}`,
      `acmedb_api_key: "${value}"`,
      `acmedbApiKey = '${value}'`,
      `{"AcmedbApiKey":"${value}"}`,
      `acmedb-api-key: ${value}`,
      `acmedb.api.key=${value}`,
      `ACMEDB_API_KEY_PRODUCTION=${value}`,
      `--acmedb-api-key ${value}`,
      `os.environ["ACMEDB_API_KEY"] = "${value}"`,
      `- name: ACMEDB_API_KEY\n  value: ${value}`,
      `{"name":"ACMEDB_API_KEY","value":"${value}"}`,
      `acmedb_api_key%3d${value}`,
      `<acmedb_api_key>${value}</acmedb_api_key>`,
      `name="acmedb_api_key"\r\n\r\n${value}\r\n`,
    ]) {
      expect(found(text), text).toBe(true);
    }
  });

  it('is not found without a value, or with another', () => {
    for (const text of [
      `ACMEDB_API_KEY=`,
      `ACMEDB_API_KEY=${value.slice(1)}`,
      `ACMEDB_KEY=${value}`,
      `ACMEDB_API_KEY and then ${value}`,
    ]) {
      expect(found(text), text).toBe(false);
    }
  });

  it('is looked for by few literals, none of which is an ordinary word', () => {
    expect(leadsOf('acmedb api key')).toEqual(['acmedb', 'Acmedb', 'ACMEDB']);
    expect(leadsOf('datadog api key')).toEqual(['atadog', 'DATADOG']);
    expect(leadsOf('dd api key')).toEqual(['dd_api', 'DD_API', 'dApi']);
    expect(leadsOf('linear client secret')).toEqual(['linear_client', 'LINEAR_CLIENT', 'inearClient']);
  });
});

describe('the rows', () => {
  it('are of known services, once each, with a source and homes that nobody can rent a place under', () => {
    expect(new Set(ROWS.map(({ name }) => name)).size).toBe(ROWS.length);
    const rented =
      /^\*\.(?:amazonaws|googleapis|azure|windows|cloudfront|herokuapp|github|vercel|netlify|web|appspot)\.(?:com|net|io|app)$/;
    for (const { name, source, homeHosts } of ROWS) {
      expect(source, name).toMatch(/^https:\/\/|^RFC/);
      for (const host of homeHosts) expect(host, name).not.toMatch(rented);
    }
    const wild = DETECTORS.flatMap(({ homeHosts }) => homeHosts.filter((host) => host.startsWith('*')));
    expect([...new Set(wild)].sort()).toEqual(['*.actions.githubusercontent.com', '*.github.com', '*.gitlab.com']);
  });

  it('read no further than the scanner holds back', () => {
    for (const { name, reach = 0, literals } of DETECTORS) {
      expect(reach, name).toBeLessThan(LOOK_AHEAD);
      for (const literal of literals) expect(literal.length, name).toBeGreaterThanOrEqual(3);
    }
  });

  it('would be in random base64 less than once in a gigabyte, or prove nothing there', () => {
    for (const { name, formats } of ROWS) {
      for (const format of formats) {
        if (typeof format === 'object' && 'keys' in format) continue;
        const text = typeof format === 'string' ? format : format.shape;
        const compiled = tokenFormats(format);
        for (const [index, shape] of parseShapes(text).entries()) {
          if (compiled[index]?.weakInRun === true || compiled[index]?.bounded === true) continue;
          expect(chanceIn(shape, BASE64), `${name} ${text}`).toBeLessThanOrEqual(MAX_CHANCE_IN_BASE64);
          expect(sampleOf(shape, 1).length, name).toBeLessThan(LOOK_AHEAD);
        }
      }
    }
  });

  it('that begin as words end ask for the beginning of a word', () => {
    const words =
      'action audio billion clip eclipse format gallery label mexico model python radio relation repeat union unique version';
    const tails = new Set(words.split(' ').flatMap((word) => [word.slice(-2), word.slice(-3)]));
    const begun = ROWS.flatMap(({ name, formats }) =>
      formats.flatMap((format) =>
        typeof format === 'object' && 'keys' in format
          ? []
          : tokenFormats(format).map((compiled) => ({ name, compiled, literal: compiled.literals[0] ?? '' })),
      ),
    ).filter(({ literal }) => /^[a-z]+[_-]$/.test(literal) && tails.has(literal.slice(0, -1)));
    expect(begun.map(({ literal }) => literal)).toContain('ico-');
    for (const { name, compiled } of begun) expect(compiled.bounded, name).toBe(true);
  });
});
