/** The cookbook: every policy is valid, every case holds, and the cases are worth having. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCases } from '../../../cli/cases.ts';
import { check } from '../../../cli/check.ts';
import { aboutOf } from '../../../cli/cookbook.ts';
import { recipes } from '../../../cli/generate.ts';
import { test } from '../../../cli/test.ts';
import { call } from './support.ts';

const directory = new URL('../../../docs/cookbook/', import.meta.url).pathname;
const all = recipes();

describe('the cookbook', () => {
  it('has at least 15 policies, all valid and without a warning', async () => {
    expect(all.length).toBeGreaterThanOrEqual(15);
    const { status, stdout, stderr } = await call(check, directory);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^\d+ valid policies, 0 errors, 0 warnings\n$/);
    expect(status).toBe(0);
  });

  describe.each(all)('$name', ({ name, text }) => {
    const file = join(directory, `${name}.cases.yaml`);
    const cases = readFileSync(file, 'utf8');

    it('does what its cases say', async () => {
      const { status, stdout, stderr } = await call(test, file);
      expect(stderr).toBe('');
      expect(stdout.split('\n').filter((line) => line.startsWith('not ok'))).toEqual([]);
      expect(status).toBe(0);
    });

    it('is shown by what it allows and by what it refuses, with reasons', () => {
      const parsed = parseCases(cases, file);
      expect(parsed.problems).toEqual([]);
      expect(parsed.policies).toEqual([`${name}.yaml`]);
      const verdicts = parsed.cases.map(({ expect: { verdict } }) => verdict);
      // A policy that is there to allow nothing has nothing to show for it.
      expect(verdicts.includes('Allow')).toBe(/^ {4}- name:/m.test(text));
      expect(verdicts.filter((verdict) => verdict === 'Deny').length).toBeGreaterThanOrEqual(1);
      expect(verdicts.length).toBeGreaterThanOrEqual(4);
      for (const each of parsed.cases) {
        if (each.expect.verdict === 'Deny' && each.expect.reason === undefined)
          expect(each.expect.rule, each.name).toBeDefined();
      }
      expect(new Set(parsed.cases.map((each) => each.name)).size).toBe(parsed.cases.length);
    });

    it('has a case for each of its rules', () => {
      const named = parseCases(cases, file).cases.flatMap(({ expect: { rule } }) => rule ?? []);
      // Rules that a constraint takes out are said to be outside the floor; nothing can be by them.
      for (const [, rule] of text.matchAll(/^ {4}- name: (\S+)(?=\n| # (?!outside))/gm)) {
        expect(named.map((id) => id.split('/').at(-1))).toContain(rule);
      }
    });

    it('says what it is for', () => {
      expect(aboutOf(text)).toMatch(/^[A-Z`][^|]{40,}\.$/);
    });
  });
});

describe('example YAML', () => {
  const root = new URL('../../../', import.meta.url).pathname;
  const examples = [
    ...all.flatMap(({ name }) => [`docs/cookbook/${name}.yaml`, `docs/cookbook/${name}.cases.yaml`]),
    'test/demo/leaks.yaml',
    'test/unit/crds/web-build.yaml',
  ];

  it.each(examples)('%s names a schema that is there', (example) => {
    const path = join(root, example);
    const line = readFileSync(path, 'utf8').split('\n', 1)[0] ?? '';
    const schema = /^# yaml-language-server: \$schema=(\S+)$/.exec(line)?.[1];
    expect(schema).toMatch(example.endsWith('.cases.yaml') ? /\/schema\/cases\.json$/ : /\/schema\/policy\.json$/);
    expect(existsSync(join(dirname(path), schema ?? ''))).toBe(true);
  });
});
