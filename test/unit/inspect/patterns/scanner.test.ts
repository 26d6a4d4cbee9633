/** The user's own formats: found in every layer, whatever the chunks, in linear time, at home where they say. */
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Channel, Finding, SecretPatternRule } from '../../../../crds/runtime.ts';
import { createInspector, type SecretInspector, type Step } from '../../../../sidecar/inspect/index.ts';
import { LiteralIndex } from '../../../../sidecar/inspect/patterns/literals.ts';
import { MAX_PATTERNS } from '../../../../sidecar/inspect/patterns/set.ts';

const rule = (name: string, regex: string, ...hosts: string[]): SecretPatternRule => ({
  name,
  regex,
  hosts: hosts.map((host) => ({ name: host.replace(/^\*\./, ''), wildcard: host.startsWith('*.') })),
});

function inspectorOf(...rules: SecretPatternRule[]): SecretInspector {
  const inspector = createInspector();
  expect(inspector.setPatterns(rules)).toEqual({ taken: rules.length, refused: [] });
  return inspector;
}

const own = (findings: readonly Finding[]) => findings.filter(({ detector }) => detector.startsWith('pattern/'));

function inField(inspector: SecretInspector, value: string | Buffer, channel: Channel = 'http.header'): Finding[] {
  const message = inspector.session('a.dev').open({ body: 'http.body', contentEncoding: [] });
  const step = message.field(channel, 'x', Buffer.from(value)) as Step;
  if (step.tooComplex !== undefined) throw new Error(step.tooComplex);
  return own(step.findings);
}

/** What is found in a body, why it is refused otherwise, and how much was released before. */
async function inBody(inspector: SecretInspector, body: Buffer, size = body.length) {
  const message = inspector.session('a.dev').open({ body: 'http.body', contentEncoding: [] });
  let released = 0;
  for (let at = 0; at <= body.length; at += size) {
    const step = at < body.length ? await message.push(body.subarray(at, at + size)) : undefined;
    const last = at + size >= body.length ? await message.end() : undefined;
    for (const each of [step, last]) {
      if (!each) continue;
      const findings = own(each.findings);
      if (findings.length > 0 || each.tooComplex !== undefined)
        return { findings, released, tooComplex: each.tooComplex };
      for (const piece of each.release) released += piece.length;
    }
    if (last) break;
  }
  return { findings: [], released, tooComplex: undefined };
}

const ACME = rule('acme-key', 'acme_[a-z0-9]{32}', 'api.acme.dev', '*.acme.example');
const KEY = 'acme_0123456789abcdef0123456789abcdef';

describe('a pattern', () => {
  const inspector = inspectorOf(ACME, rule('id', '\\b[0-9]{4}-corp-[0-9]{4}\\b'), rule('any', '(?i)TopSecret=[a-z]+'));

  it.each<[what: string, text: string | Buffer, detectors: string[], decoding?: string[]]>([
    ['as it is', `key: ${KEY};`, ['pattern/acme-key']],
    ['too short', KEY.slice(0, -1), []],
    ['in the wrong case', KEY.toUpperCase(), []],
    ['in any case, where it says so', 'topsecret=X', ['pattern/any']],
    ['in base64', Buffer.from(`x ${KEY} y`).toString('base64'), ['pattern/acme-key'], ['base64']],
    ['in hex', Buffer.from(KEY).toString('hex'), ['pattern/acme-key'], ['hex']],
    ['in gzip in base64', gzipSync(KEY).toString('base64'), ['pattern/acme-key'], ['base64', 'gzip']],
    ['with a text in the middle', 'a 1234-corp-5678 b', ['pattern/id']],
    ['at both ends', '1234-corp-5678', ['pattern/id']],
    ['not at a boundary', '01234-corp-5678', []],
    ['not at a boundary behind', '1234-corp-56789', []],
    ['several', `1234-corp-5678 ${KEY}`, ['pattern/id', 'pattern/acme-key']],
  ])('%s', (_, text, detectors, decoding = []) => {
    const found = inField(inspector, text);
    expect(found.map(({ detector }) => detector).sort()).toEqual(detectors.toSorted());
    for (const { decoding: through } of found) expect(through).toEqual(decoding);
  });

  it('is at home at its own hosts', () => {
    expect(inField(inspector, KEY)[0]).toMatchObject({ homeHosts: ['api.acme.dev', '*.acme.example'], offset: 0 });
  });

  it('matches in names whatever its case, since they have none', () => {
    const names = inspectorOf(rule('up', 'ACME-[A-Z]{12}'));
    expect(inField(names, 'acme-abcdefghijkl.a.dev', 'dns.name')).toHaveLength(1);
    expect(inField(names, 'acme-abcdefghijkl', 'http.path')).toEqual([]);
  });

  it('is looked for no longer once it is taken away, and another from then on', () => {
    const changing = inspectorOf(ACME);
    expect(inField(changing, KEY)).toHaveLength(1);
    changing.setPatterns([rule('other', 'other-[0-9]+')]);
    expect(inField(changing, `${KEY} other-1`)).toMatchObject([{ detector: 'pattern/other' }]);
    changing.setPatterns([]);
    expect(inField(changing, `${KEY} other-1`)).toEqual([]);
  });

  it('is told of when it cannot be searched for, and the others are', () => {
    const told = createInspector().setPatterns([rule('bad', '(x)\\1acme'), ACME, rule('short', 'ab[0-9]')]);
    expect(told).toMatchObject({ taken: 1, refused: [{ name: 'bad' }, { name: 'short' }] });
    const many = Array.from({ length: MAX_PATTERNS + 1 }, (_, i) => rule(`p${i}`, `pattern${i}_`));
    expect(createInspector().setPatterns(many)).toMatchObject({
      taken: MAX_PATTERNS,
      refused: [{ name: `p${MAX_PATTERNS}` }],
    });
  });

  it('is found in a body whatever the chunks are, and not a byte of it is released', async () => {
    const long = rule('long', '[a-z]{40}-acme-[0-9]{60}');
    const secret = `${'q'.repeat(40)}-acme-${'7'.repeat(60)}`;
    const inspector = inspectorOf(long);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(150_000),
        fc.nat(5000),
        fc.integer({ min: 1, max: 70_000 }),
        async (before, after, size) => {
          const body = Buffer.concat([Buffer.alloc(before, '.'), Buffer.from(secret), Buffer.alloc(after, '.')]);
          const { findings, released } = await inBody(inspector, body, Math.max(size, Math.ceil(body.length / 500)));
          expect(findings).toMatchObject([{ detector: 'pattern/long', offset: before }]);
          expect(released).toBeLessThanOrEqual(before);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a short pattern', () => {
  const inspector = inspectorOf(rule('id', 'ACME-[0-9]{6}'), rule('word', 'secretword:[^ ]{6,20}'));
  const ends = Buffer.alloc(8, 0xff);

  it.each<[what: string, body: string, detector: string]>([
    ['in numbers', JSON.stringify([...Buffer.concat([ends, Buffer.from('ACME-123456'), ends])]), 'pattern/id'],
    [
      'in numbers of UTF-8',
      [...Buffer.from('secretword:äöüßéàêîôû')].map((byte) => `&#${byte};`).join(''),
      'pattern/word',
    ],
  ])('is found among bytes that are no text, %s', async (_, body, detector) => {
    const { findings } = await inBody(inspector, Buffer.from(body));
    expect(findings.map((finding) => finding.detector)).toEqual([detector]);
  });
});

describe('a pathological pattern', () => {
  it.each([
    ['nested repetition', '(?:(?:a+)+)+acme', 'a'.repeat(200)],
    ['the same behind', 'acme(?:(?:a+)+)+!', `acme${'a'.repeat(200)}`],
    ['many states', 'acme[ab]*a[ab]{11}!', `acme${'ab'.repeat(100)}`],
    ['overlapping alternatives', 'acme(?:a|aa|aaa)*!', `acme${'a'.repeat(200)}`],
    ['a dot in a dot', 'acme(?:.*.*)*=x', 'acme======================='],
    ['a literal at every byte', 'aaa[b-z]{30}', 'a'.repeat(200)],
    ['a large program', 'acme(?:[a-f]{1,150}[g-z]){1,3}!', `acme${'a'.repeat(40)}`],
  ])('costs time in proportion, or is too complex: %s', async (_, regex, unit) => {
    const inspector = inspectorOf(rule('x', regex));
    const body = Buffer.alloc(64 * 1024, unit);
    await inBody(inspector, body);
    const took: number[] = [];
    for (const size of [64 * 1024, 1024 * 1024]) {
      const began = performance.now();
      const { findings } = await inBody(inspector, Buffer.alloc(size, unit), 64 * 1024);
      expect(findings).toEqual([]);
      took.push(performance.now() - began);
    }
    // Sixteen times the bytes; anything that grows faster than in proportion takes minutes.
    expect(took[1]).toBeLessThan(Math.max(60 * (took[0] as number), 3000));
  });
});

describe('LiteralIndex', () => {
  it('finds what indexOf does', () => {
    const literal = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '-'), minLength: 3, maxLength: 6 });
    fc.assert(
      fc.property(
        fc.uniqueArray(literal, { minLength: 1, maxLength: 6 }),
        fc.string({ unit: fc.constantFrom('a', 'B', 'c', 'A', '-', 'x'), maxLength: 60 }),
        fc.nat(20),
        fc.nat(60),
        (literals, text, from, to) => {
          const found: string[] = [];
          const index = new LiteralIndex(literals.map((each) => ({ literal: each, of: each })));
          index.search(Buffer.from(text), from, to, (of, at) => found.push(`${at} ${of}`));
          const expected = literals.flatMap((each) => {
            const at: string[] = [];
            const lower = text.toLowerCase();
            for (let i = from; i < Math.min(to, text.length); i++)
              if (lower.startsWith(each, i)) at.push(`${i} ${each}`);
            return at;
          });
          expect(found.sort()).toEqual(expected.sort());
        },
      ),
      { numRuns: 2000 },
    );
  });
});
