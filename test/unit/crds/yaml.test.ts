import { describe, expect, it } from 'vitest';
import { MAX_YAML_DEPTH, MAX_YAML_VALUES } from '../../../crds/yaml.ts';
import { HEAD, parse, told } from './texts.ts';

describe('YAML', () => {
  it.each<[string, string]>([
    ['spec: {mode: Enforce', '5:1 : not valid YAML: '],
    ['spec: &a {mode: *b}', '4:17 spec.mode: there is no anchor &b before this alias'],
    ['spec: &a [*a]', '4:11 spec[0]: the alias *a is inside what it stands for'],
    ['spec: {mode: Enforce, mode: Audit}', '4:23 spec.mode: the key "mode" is given twice | keep one of them'],
    ['spec: {? [a] : b}', '4:10 spec: a key has to be a string'],
    ['spec: {__proto__: {}}', '4:8 spec: `__proto__` cannot be a key'],
    ['spec: {<<: {}}', '4:8 spec: merge keys (`<<`) are not part of YAML 1.2 | write the fields out'],
    ['spec: !!map {}', '4:7 : tags are not used in policies | remove it'],
    ['spec: {mode: !x Enforce}', '4:14 spec.mode: the tag !x is not used in policies | remove it'],
  ])('%s', (line, problem) => {
    expect(told(`${HEAD}${line}\n`).some((text) => text.startsWith(problem))).toBe(true);
    expect(parse(`${HEAD}${line}\n`).policies).toEqual([]);
  });

  it.each([
    'yes',
    'No',
    'ON',
    'off',
    'y',
    'N',
    '0777',
    '010',
    '0o17',
    '0b11',
    '1_000',
    '12:30',
    '190:20:30',
    '2026-01-01',
    '2026-01-01T00:00:00Z',
    '=',
  ])('refuses the plain scalar %s, which YAML 1.1 reads otherwise', (scalar) => {
    const [problem] = told(`${HEAD}spec: {podSelector: {matchLabels: {a: ${scalar}}}}\n`);
    expect(problem).toContain('4:39 spec.podSelector.matchLabels.a: YAML 1.1 readers such as kubectl take');
    expect(
      parse(`${HEAD}spec: {podSelector: {matchLabels: {a: "${scalar}"}}}\n`).problems.every(
        ({ message }) => !message.includes('1.1'),
      ),
    ).toBe(true);
  });

  it('takes anchors for what they are', () => {
    const { policies, problems } = parse(
      `${HEAD}spec: {egress: [{name: a, to: &to {hosts: [a.dev]}}, {name: b, to: *to, http: [{methods: [GET]}]}]}`,
    );
    expect(problems).toEqual([]);
    expect(policies[0]?.spec.egress?.[1]?.to?.hosts).toEqual(['a.dev']);
  });

  it('reads explicit and quoted text as text', () => {
    const { policies, problems } = parse(
      `${HEAD}spec: {podSelector: {matchLabels: {a: !!str 1, b: "2", c: 'yes', d: ! 3}}}`,
    );
    expect(problems).toEqual([]);
    expect(policies[0]?.spec.podSelector?.matchLabels).toEqual({ a: '1', b: '2', c: 'yes', d: '3' });
  });

  it('does not let aliases multiply', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
      .split('')
      .map((name, i) => `${name}: &${name} [${Array(10).fill(`*${'abcdefg'[i]}`).join(',')}]`)
      .join('\n')}\n`;
    const { policies, problems } = parse(`${HEAD}spec: {}\n${bomb}`);
    expect(policies).toEqual([]);
    expect(problems.map(({ message }) => message)).toEqual([
      `the file has more than ${MAX_YAML_VALUES} values, aliases expanded`,
    ]);
  });

  it('bounds values and depth', () => {
    const list = (n: number) => `[${'1,'.repeat(n)}]`;
    expect(told(list(MAX_YAML_VALUES - 1))[0]).toContain('a policy is a mapping');
    expect(told(list(MAX_YAML_VALUES))[0]).toContain('more than');
    const deep = (n: number) => `${'['.repeat(n)}${']'.repeat(n)}`;
    expect(told(deep(MAX_YAML_DEPTH))[0]).toContain('a policy is a mapping');
    expect(told(deep(MAX_YAML_DEPTH + 1))[0]).toContain(`nested more than ${MAX_YAML_DEPTH} deep`);
  });

  it('counts lines of every kind', () => {
    const text = `${HEAD}spec:\n  x: 1\n`;
    for (const lineBreak of ['\n', '\r\n']) expect(told(text.replaceAll('\n', lineBreak))[0]).toMatch(/^5:3 spec\.x/);
  });

  it('places an absent value at its key', () => {
    expect(told(`${HEAD}spec:\n  egress:\n  mode: Audit\n`)).toEqual(['5:9 spec.egress: must be a list, not empty']);
  });

  it('fills in the default of an absent value, as a cluster does, and says so', () => {
    const text = `${HEAD}spec: {mode: , egress: [{name: a, to: {hosts: [a.dev], addressScope: }}]}\n`;
    expect(told(text)).toEqual([
      'warning 4:12 spec.mode: is empty, so that the default applies: "Enforce" | write it, or remove the field',
      'warning 4:68 spec.egress[0].to.addressScope: is empty, so that the default applies: "Public" | write it, or remove the field',
    ]);
    expect(parse(text).policies[0]?.spec).toMatchObject({
      mode: 'Enforce',
      egress: [{ to: { addressScope: 'Public' } }],
    });
  });
});
