import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MAX_CASES } from '../../../cli/cases-schema.ts';
import { test } from '../../../cli/test.ts';
import { CLUSTER_POLICY, call, POLICY, temporaryFiles } from './support.ts';

const file = temporaryFiles();
const policy = file('policy.yaml', POLICY);
const floor = file('floor.yaml', CLUSTER_POLICY);
const audit = file('audit.yaml', POLICY.replace('spec:', 'spec:\n  mode: Audit'));

let files = 0;
/** A file of cases with one case of this request and expectation, in YAML. */
const oneCase = (request: string, expectation: string, more = '') =>
  file(`one-${files++}.yaml`, `cases:\n- name: one\n  request: ${request}\n  expect: ${expectation}\n${more}`);
const ask = (request: string, expectation: string, more = '') =>
  call(test, '-f', policy, oneCase(request, expectation, more));

describe('weir test', () => {
  it('speaks TAP', async () => {
    const cases = file(
      'tap.yaml',
      `policies: [policy.yaml]
cases:
- name: installs
  request: {url: "https://registry.npmjs.org/left-pad"}
  expect: {verdict: Allow, rule: web/npm}
- name: "publishes # not"
  request: {url: "https://registry.npmjs.org/left-pad", method: PUT}
  expect: {verdict: Allow}
`,
    );
    expect(await call(test, cases)).toEqual({
      status: 1,
      stdout: `TAP version 14
1..2
ok 1 - installs
not ok 2 - publishes \\# not
  ---
  at: "${cases}:6"
  request: "PUT https://registry.npmjs.org/left-pad"
  expected: {"verdict":"Allow"}
  found: {"verdict":"Deny","reason":"http.method"}
  ...
# 1 passed, 1 failed
`,
      stderr: '',
    });
  });

  it('speaks JSON', async () => {
    const cases = oneCase('{url: "https://registry.npmjs.org/x"}', '{verdict: Deny, rule: web/api, reason: http.path}');
    const { status, stdout } = await call(test, '--json', '-f', policy, cases);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      passed: 0,
      failed: 1,
      cases: [
        {
          file: cases,
          line: 2,
          column: 3,
          name: 'one',
          request: 'GET https://registry.npmjs.org/x',
          ok: false,
          expected: { verdict: 'Deny', rule: 'web/api', reason: 'http.path' },
          found: { verdict: 'Allow', rule: 'web/npm' },
        },
      ],
    });
  });

  it.each<[string, string, string]>([
    ['a rule', '{url: "https://api.acme.dev/v1/x"}', '{verdict: Allow, rule: web/api}'],
    ['a reason', '{url: "https://api.acme.dev/x"}', '{verdict: Deny, reason: http.path}'],
    ['the nearest rule', '{url: "https://api.acme.dev/x"}', '{verdict: Deny, rule: web/api, reason: http.path}'],
    ['no rule', '{url: "https://evil.example/"}', '{verdict: Deny, reason: host.not-allowed}'],
    [
      'a body',
      '{url: "https://api.acme.dev/v1/events", method: POST, contentType: application/json, bodySize: 1Ki}',
      '{verdict: Allow}',
    ],
    [
      'a larger body',
      '{url: "https://api.acme.dev/v1/events", method: POST, contentType: application/json, bodySize: 1025}',
      '{verdict: Deny, reason: http.body-size}',
    ],
    ['TCP', '{url: "tcp://db.acme.dev:5432"}', '{verdict: Allow, rule: web/db}'],
    ['TLS', '{url: "tls://pinned.acme.dev"}', '{verdict: Allow, rule: web/pinned}'],
    ['dot segments', '{url: "https://api.acme.dev/v1/../x"}', '{verdict: Deny, reason: http.malformed}'],
    ['encoded dot segments', '{url: "https://api.acme.dev/v1/%2e%2E/x"}', '{verdict: Deny, reason: http.malformed}'],
    [
      'headers that are kept and dropped',
      '{url: "https://registry.npmjs.org/x", headers: {Accept: "*/*", X-Leak: "1"}}',
      '{verdict: Allow, droppedHeaders: [x-leak]}',
    ],
    [
      'headers where all are kept',
      '{url: "https://api.acme.dev/v1/x", headers: {X-Any: "1"}}',
      '{verdict: Allow, droppedHeaders: []}',
    ],
  ])('holds for %s', async (_, request, expectation) => {
    const { status, stdout } = await ask(request, expectation);
    expect(stdout).toContain('ok 1 - one');
    expect(status).toBe(0);
  });

  it.each<[string, string, string, string]>([
    ['another verdict', '{url: "https://api.acme.dev/v1/x"}', '{verdict: Deny}', '{"verdict":"Allow"}'],
    [
      'another rule',
      '{url: "https://api.acme.dev/v1/x"}',
      '{verdict: Allow, rule: web/npm}',
      '{"verdict":"Allow","rule":"web/api"}',
    ],
    [
      'a rule where none is near',
      '{url: "https://evil.example/"}',
      '{verdict: Deny, rule: web/npm}',
      '{"verdict":"Deny"}',
    ],
    [
      'another reason',
      '{url: "https://api.acme.dev/x"}',
      '{verdict: Deny, reason: http.method}',
      '{"verdict":"Deny","reason":"http.path"}',
    ],
    ['Audit where there is none', '{url: "https://api.acme.dev/x"}', '{verdict: WouldDeny}', '"reason":"http.path"'],
    [
      'headers',
      '{url: "https://registry.npmjs.org/x", headers: {x-leak: "1"}}',
      '{verdict: Allow, droppedHeaders: []}',
      '"droppedHeaders":["x-leak"]',
    ],
  ])('fails on %s', async (_, request, expectation, found) => {
    const { status, stdout } = await ask(request, expectation);
    expect(status).toBe(1);
    expect(stdout).toContain('not ok 1 - one');
    expect(stdout).toContain(found);
  });

  it('tells Audit mode apart', async () => {
    const cases = oneCase('{url: "https://evil.example/"}', '{verdict: WouldDeny, reason: host.not-allowed}');
    expect((await call(test, '-f', audit, cases)).status).toBe(0);
  });

  it('is about one pod, where labels or a namespace are given', async () => {
    const request = '{url: "https://api.acme.dev/v1/x"}';
    const none = '{verdict: Deny, reason: policy.none}';
    expect((await ask(request, '{verdict: Allow}', '  labels: {stage: build}\n')).status).toBe(0);
    expect((await ask(request, none, '  labels: {stage: test}\n')).status).toBe(0);
    expect((await ask(request, none, '  labels: {}\n')).status).toBe(0);
    expect((await ask(request, '{verdict: Allow}', '  namespace: ci\n')).status).toBe(0);
    expect((await ask(request, none, '  namespace: qa\n')).status).toBe(0);
  });

  it('knows the policies of the cluster', async () => {
    const tcp = '{url: "tcp://db.acme.dev:5432"}';
    const both = (expectation: string, tier: string) =>
      call(test, '-f', policy, '-f', floor, oneCase(tcp, expectation, `  namespaceLabels: {tier: ${tier}}\n`));
    expect((await both('{verdict: Allow, rule: web/db}', 'tools')).status).toBe(0);
    expect((await both('{verdict: Deny}', 'builds')).status).toBe(0);
  });

  it('takes a directory for the files of cases in it', async () => {
    const inside = temporaryFiles();
    inside('policy.yaml', POLICY);
    const text = (url: string) =>
      `policies: [policy.yaml]\ncases:\n- {name: "${url}", request: {url: "${url}"}, expect: {verdict: Allow}}\n`;
    const one = inside('b.cases.yaml', text('https://registry.npmjs.org/x'));
    inside('a.cases.yml', text('https://api.acme.dev/v1/x'));
    const { status, stdout } = await call(test, dirname(one));
    expect(status).toBe(0);
    expect(stdout).toContain('ok 1 - https://api.acme.dev/v1/x\nok 2 - https://registry.npmjs.org/x\n');
  });

  const many = `cases:\n${'- {name: x, request: {url: "https://a.dev/"}, expect: {verdict: Deny}}\n'.repeat(MAX_CASES + 1)}`;
  it.each<[string, string, string]>([
    ['is empty', '', ':1:1: error: there are no cases in this file'],
    ['is not YAML', 'cases: [', 'error: not valid YAML'],
    ['has two documents', 'cases: []\n---\ncases: []\n', ':3:1: error: a file of cases is one document'],
    ['has no cases', 'cases: []\n', ':1:8: error: cases: must not be empty'],
    ['has too many cases', many, ':2:1: error: cases: must not have more than 1000 items'],
    ['has an unknown field', 'case: []\n', ':1:1: error: case: unknown field\n  fix: did you mean cases?'],
    [
      'expects a verdict that there is not',
      'cases:\n- {name: x, request: {url: "https://a.dev/"}, expect: {verdict: allow}}\n',
      ':2:65: error: cases[0].expect.verdict: must be one of Allow, Deny, WouldDeny\n  fix: did you mean Allow?',
    ],
    [
      'expects a reason that there is not',
      'cases:\n- {name: x, request: {url: "https://a.dev/"}, expect: {verdict: Deny, reason: http.pth}}\n',
      'fix: did you mean http.path?',
    ],
    [
      'has no URL',
      'cases:\n- {name: x, request: {url: a.dev}, expect: {verdict: Deny}}\n',
      ':2:28: error: cases[0].request.url: "a.dev" is not a URL with https:',
    ],
    [
      'has no method',
      'cases:\n- {name: x, request: {url: "https://a.dev/", method: G T}, expect: {verdict: Deny}}\n',
      'error: cases[0].request.method: "G T" is not a method',
    ],
    [
      'has no size',
      'cases:\n- {name: x, request: {url: "https://a.dev/", bodySize: 1K}, expect: {verdict: Deny}}\n',
      'error: cases[0].request.bodySize: "1K" is not a size',
    ],
  ])('does not understand a file that %s', async (_, text, message) => {
    const { status, stdout, stderr } = await call(test, '-f', policy, file('wrong.yaml', text));
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('does not run with policies that are missing or not valid', async () => {
    const cases = oneCase('{url: "https://a.dev/"}', '{verdict: Deny}');
    const without = await call(test, cases);
    expect(without).toMatchObject({ status: 2, stdout: '' });
    expect(without.stderr).toBe(
      `${cases}:1:1: error: the file names no policies\n  fix: add policies: [...], or name them with -f\n`,
    );
    const bad = file('bad.yaml', POLICY.replace('npm-install', 'npm'));
    const broken = await call(test, '-f', bad, cases);
    expect(broken).toMatchObject({ status: 2, stdout: '' });
    expect(broken.stderr).toContain('there is no such preset');
    expect((await call(test, '-f', policy, '/nonexistent.yaml')).stderr).toContain(
      '/nonexistent.yaml:1:1: error: ENOENT',
    );
  });

  it('needs a file', async () => {
    expect(await call(test)).toEqual({
      status: 2,
      stdout: '',
      stderr: 'weir test: name at least one file of cases\nSee weir test --help.\n',
    });
  });
});
