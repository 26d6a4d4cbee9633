/** Texts of somebody else in what is printed: they cannot drive a terminal, forge a line, or hide one. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { check } from '../../../cli/check.ts';
import { diff } from '../../../cli/diff.ts';
import { explain } from '../../../cli/explain.ts';
import { main } from '../../../cli/main.ts';
import { scan } from '../../../cli/scan/command.ts';
import { Progress } from '../../../cli/scan/progress.ts';
import { jsonText, shown } from '../../../cli/shown.ts';
import { test } from '../../../cli/test.ts';
import { call, temporaryFiles } from './support.ts';

const file = temporaryFiles();
/** A title, a colour, a line begun anew (7 bit and 8 bit), letters turned around, not seen, and half ones; a line of its own. */
const HOSTILE = [
  '\x1b]0;title\x07',
  '\x1b[31m',
  '\r\x1b[2K',
  '\x9b2K',
  '\x7f\b',
  '\u202e\u2066',
  '\u200b\ufeff\u{e0041}',
  '\u2028\u2029',
  '\ud800',
  '\nforged: line',
];
const ALL = HOSTILE.join('x');
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const ACTIVE = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800\udb40]/;

function isTame(text: string): void {
  expect(text).not.toMatch(ACTIVE);
  expect(text.split('\n').filter((line) => line.startsWith('forged'))).toEqual([]);
}

const quoted = JSON.stringify(ALL);
const policy = (more: string) => `apiVersion: weir.dev/v1alpha1\nkind: EgressPolicy\n${more}`;
const PLAIN = policy('metadata: {name: a}\nspec: {egress: [{name: r, to: {hosts: [b.dev]}}]}\n');
const WRONG: Record<string, string> = {
  'a field': policy(`metadata: {name: a}\nspec: {${quoted}: 1, egress: []}`),
  'a key given twice': policy(`metadata: {name: a}\nspec: {${quoted}: 1, ${quoted}: 2}`),
  'a kind': `apiVersion: weir.dev/v1alpha1\nkind: ${quoted}`,
  'a kind of others': `apiVersion: ${quoted}\nkind: ${quoted}`,
  'a version': `apiVersion: ${JSON.stringify(`weir.dev/${ALL}`)}\nkind: EgressPolicy`,
  'a name': policy(`metadata: {name: ${quoted}, namespace: ${quoted}}\nspec: {egress: []}`),
  'a label': policy(`metadata: {name: a}\nspec: {podSelector: {matchLabels: {${quoted}: ${quoted}}}}`),
  'a host': policy(`metadata: {name: a}\nspec: {egress: [{name: r, to: {hosts: [${quoted}]}}]}`),
  'a path': policy(
    `metadata: {name: a}\nspec: {egress: [{name: r, to: {hosts: [b.dev]}, http: [{methods: [${quoted}], paths: [${quoted}]}]}]}`,
  ),
  'a detector': policy(`metadata: {name: a}\nspec: {content: {detectors: {disabled: [${quoted}]}}}`),
  'a pattern': policy(`metadata: {name: a}\nspec: {content: {patterns: [{name: p, regex: ${quoted}}]}}`),
  'a preset': policy(`metadata: {name: a}\nspec: {egress: [{name: r, preset: {name: ${quoted}}}]}`),
  'half a character': policy(
    'metadata: {name: a}\nspec: {egress: [{name: r, to: {hosts: [b.dev]}, http: [{paths: ["/\\ud800"]}]}]}',
  ),
  'no YAML': `${ALL}: [`,
  'a tag and an anchor': `a: !<${HOSTILE.slice(0, 3).join('')}> *x\u202e`,
};

describe.each(Object.entries(WRONG))('%s', (_, text) => {
  it.each(['text', 'json', 'sarif'])('in a policy, told as %s', async (output) => {
    const { status, stdout, stderr } = await call(check, '--output', output, file('policy.yaml', text));
    expect(status).toBeLessThan(2);
    isTame(stdout + stderr);
    if (output !== 'text') expect(() => JSON.parse(stdout)).not.toThrow();
  });
});

it('no name of a file', async () => {
  const name = ALL.replaceAll('\ud800', '');
  const found = file(name, `token ghp_${'16C7e42F292c6912E7710c838347Ae178B4a'}`);
  for (const json of [[], ['--json']]) {
    for (const path of [found, `${found}${ALL}`]) {
      const { stdout, stderr } = await call(scan, ...json, path);
      expect(stdout + stderr).toContain('u202e');
      isTame(stdout + stderr);
    }
  }
  const written: string[] = [];
  let now = 0;
  const progress = new Progress(
    (text) => written.push(text),
    () => (now += 1000),
  );
  progress.show(name.slice(-40), 1, 2);
  expect(written).toHaveLength(1);
  isTame(written.join('').replace('\r\x1b[K', ''));

  const directory = file('x', '').replace(/x$/, `${name}d/`);
  mkdirSync(dirname(`${directory}x`), { recursive: true });
  const bad = file(`${name}d/bad.yaml`, 'a: [');
  for (const [command, ...argv] of [
    [check, bad],
    [explain, '--policy', bad, '--url', 'https://b.dev/'],
    [diff, bad, bad],
    [test, bad],
  ] as const) {
    const { status, stdout, stderr } = await call(command, ...argv);
    expect(status).toBeGreaterThan(0);
    isTame(stdout + stderr);
  }
});

it('no name of a case: there are as many results as cases', async () => {
  file('plain.yaml', PLAIN);
  const name = JSON.stringify(`${ALL.replace('\ud800', '')}\nok 2 - all is well\n# 2 passed, 0 failed`);
  const text = `policies: [plain.yaml]\ncases:\n- {name: ${name}, request: {url: "https://c.dev/\u202e"}, expect: {verdict: Allow}}\n`;
  const cases = file('a.cases.yaml', text);
  const { status, stdout } = await call(test, cases);
  expect(status).toBe(1);
  isTame(stdout);
  expect(stdout.split('\n').filter((line) => /^(not )?ok /.test(line))).toHaveLength(1);
  expect(stdout.split('\n').filter((line) => line.startsWith('#'))).toEqual(['# 0 passed, 1 failed']);
  isTame((await call(test, '--json', cases)).stdout);
});

it('nothing of a policy that is valid', async () => {
  const whole = quoted.replace('\\ud800', '');
  const strange = policy(
    'metadata: {name: a}\nspec: {egress: [{name: r, to: {hosts: [b.dev]}, http: [{methods: [GET], paths: ["/\u202e\u200b/**"], ' +
      `query: [{name: ${whole}, values: [${whole}]}]}]}]}\n`,
  );
  const [before, after] = [file('before.yaml', PLAIN), file('after.yaml', strange)];
  expect((await call(check, after)).status).toBe(0);
  for (const json of [[], ['--json']]) {
    const outputs = [
      await call(diff, ...json, before, after),
      await call(explain, ...json, '--policy', after, '--url', 'https://b.dev/x'),
      await call(explain, ...json, '--policy', after, '--url', `https://b.dev/\u202e/x?${ALL}`),
    ];
    for (const { status, stdout, stderr } of outputs) {
      expect(status).toBe(1);
      isTame(stdout + stderr);
    }
  }
});

it('no argument', async () => {
  const policies = file('plain.yaml', PLAIN);
  const given = ['--policy', policies, '--url', 'https://b.dev/'];
  for (const argv of [
    [ALL],
    ['check', `--${ALL}`],
    ['check', '--output', ALL, policies],
    ['explain', ...given, '--method', ALL],
    ['explain', ...given, '--found', ALL],
    ['explain', ...given, '--label', ALL],
    ['explain', '--policy', policies, '--url', ALL],
    ['schema', ALL],
    ['completion', ALL],
  ]) {
    const { status, stdout, stderr } = await call(main, ...argv);
    expect(status).toBe(2);
    isTame(stdout + stderr);
  }
});

describe('shown', () => {
  it('writes what is active as JSON does, and leaves the rest', () => {
    expect(shown('Größe 上海 🙂 a\tb')).toBe('Größe 上海 🙂 a\\u0009b');
    for (const text of HOSTILE) expect(JSON.parse(`"${shown(text)}"`)).toBe(text);
  });

  it('keeps the meaning of JSON', () => {
    const value = { [ALL]: [ALL, 1, null], Größe: '上海' };
    expect(JSON.parse(jsonText(value))).toEqual(value);
    isTame(jsonText(value));
  });
});
