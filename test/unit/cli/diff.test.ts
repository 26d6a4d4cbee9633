import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diff } from '../../../cli/diff.ts';
import { CLUSTER_POLICY, call, POLICY, temporaryFiles } from './support.ts';

const file = temporaryFiles();
const before = file('before.yaml', POLICY);
let files = 0;
/** The policy with a change, given as text to look for and text to put there. */
const changed = (from: string, to: string) => {
  expect(POLICY).toContain(from);
  return file(`after-${files++}.yaml`, POLICY.replace(from, to));
};
const compare = (from: string, to: string) => call(diff, before, changed(from, to));

const EVENTS = 'maxBodySize: 1Ki}]';

describe('weir diff', () => {
  it('tells what of the content and of the pod is otherwise', async () => {
    const more =
      '  content: {knownSecrets: {exclude: [{secretName: npm}]}}\n  pod: {maskedPaths: [/root/.ssh], serviceAccountToken: Remove}\n';
    const { status, stdout } = await compare('  egress:', `${more}  egress:`);
    expect(status).toBe(1);
    expect(stdout).toContain('content.knownSecrets: {"exclude":[],');
    expect(stdout).toContain('  pod.maskedPaths: none → /root/.ssh\n');
    expect(stdout).toContain('  pod.serviceAccountToken: Keep → Remove\n');
  });

  it.each<[string, string, string]>([
    ['itself', 'name: web', 'name: web'],
    ['another name of a rule', 'name: api', 'name: interface'],
    ['another way to write a size', '1Ki', '1024'],
    ['another way to write a host', '[api.acme.dev]', '["API.acme.dev."]'],
    ['a glob that says the same in two parts', '[/v1/**]', '[/v1, /v1/**, "/v1/*/x", /v1/]'],
    [
      'a rule that is there already',
      '  - name: pinned',
      '  - name: twice\n    to: {hosts: [api.acme.dev]}\n    http: [{methods: [GET], paths: [/v1/x]}]\n  - name: pinned',
    ],
    ['a method that no client can use elsewhere', '[GET]', '[GET, GET]'.replace(', GET', '')],
  ])('does not take for a difference: %s', async (_, from, to) => {
    expect(await compare(from, to)).toEqual({ status: 0, stdout: 'they allow the same\n', stderr: '' });
  });

  it('says which requests become allowed, by which rule, and what refused them', async () => {
    expect(await compare('paths: [/v1/**]', 'paths: [/v1/**, /v2/*]')).toEqual({
      status: 1,
      stdout: `pods stage=build in namespace ci:
  now allowed: HTTPS api.acme.dev:443 (by web/api; was http.path)
    GET  /v2/*
    for example GET https://api.acme.dev/v2/x
`,
      stderr: '',
    });
  });

  it.each<[string, string, string, string[]]>([
    [
      'a method',
      '[GET]',
      '[GET, DELETE]',
      ['now allowed: HTTPS api.acme.dev:443 (by web/api; was http.method)', '    DELETE  /v1/**'],
    ],
    ['any method', 'methods: [GET], ', '', ['any other method', 'was http.method']],
    [
      'fewer paths',
      '[/v1/**]',
      '[/v1/*]',
      ['now denied: HTTPS api.acme.dev:443 (http.path; was by web/api)', 'GET  /v1/**'],
    ],
    [
      'a path that a star let through',
      '[/v1/**]',
      '["/v1/**/a*", /v1]',
      ['now denied', 'GET https://api.acme.dev/v1/x'],
    ],
    [
      'a larger body',
      EVENTS,
      'maxBodySize: 2Ki}]',
      ['now allowed', 'was http.body-size', 'a body of 1025 (application/json)'],
    ],
    [
      'a smaller body',
      EVENTS,
      'maxBodySize: 1}]',
      ['now denied', 'http.body-size; was by web/api', 'with a body of 2 (application/json)'],
    ],
    [
      'another type',
      'application/json',
      'text/plain',
      ['now allowed', 'now denied', '(text/plain)', '(application/json)'],
    ],
    [
      'a query',
      'paths: [/v1/events]',
      'paths: [/v1/events], query: [{name: a, values: ["1"]}]',
      ['now denied', 'http.query'],
    ],
    [
      'a host',
      '[api.acme.dev]',
      '[api.acme.dev, "*.eu.acme.dev"]',
      ['now allowed: HTTPS *.eu.acme.dev:443', 'https://any-other.eu.acme.dev/'],
    ],
    ['a port', '[api.acme.dev]', '[api.acme.dev], ports: [443, 8443]', ['now allowed: HTTPS api.acme.dev:8443']],
    [
      'private addresses',
      '[api.acme.dev]',
      '[api.acme.dev], addressScope: Private',
      ['otherwise: HTTPS api.acme.dev:443 (addresses: Public → Private)'],
    ],
    [
      'a budget',
      EVENTS,
      'maxBodySize: 1Ki}]\n    limits: {requests: 5}',
      ['otherwise: HTTPS api.acme.dev:443 (limits.requests: none → 5)'],
    ],
    [
      'a budget for new text',
      EVENTS,
      'maxBodySize: 1Ki}]\n    limits: {newTextSize: 64Ki}',
      ['otherwise: HTTPS api.acme.dev:443 (limits.newTextSize: none → 64Ki)'],
    ],
    [
      'more of an opaque budget',
      'addressScope: Private}\n    limits: {uploadSize: 1Mi}',
      'addressScope: Private}\n    limits: {uploadSize: 2Mi}',
      ['otherwise: TCP db.acme.dev:5432 (limits.uploadSize: 1Mi → 2Mi)'],
    ],
    [
      'an opaque rule less',
      'hosts: [db.acme.dev]',
      'hosts: [db2.acme.dev]',
      ['now allowed: TCP db2.acme.dev:5432', 'now denied: TCP db.acme.dev:5432 (host.not-allowed; was by web/db)'],
    ],
    [
      'decryption',
      'protocol: TLS\n    to: {hosts: [pinned.acme.dev]}\n    limits: {uploadSize: 1Mi}',
      'to: {hosts: [pinned.acme.dev]}',
      [
        'now denied: TLS pinned.acme.dev:443 (protocol.not-allowed; was by web/pinned)',
        'otherwise: HTTPS pinned.acme.dev:443 (how: relayed undecrypted → judged',
      ],
    ],
    [
      'a headers list',
      EVENTS,
      'maxBodySize: 1Ki, forwardHeaders: [accept]}]',
      ['otherwise: HTTPS api.acme.dev:443 (headers: all → accept)'],
    ],
    ['the mode', 'spec:', 'spec:\n  mode: Audit', ['  mode: Enforce → Audit\n']],
    [
      'DNS',
      'spec:',
      'spec:\n  dns: {budget: 4, denied: NXDomain, queryTypes: [A]}',
      ['dns.queryTypes: A, AAAA → A\n', 'dns.denied: Explain → NXDomain\n', 'dns.budget: 128 → 4\n'],
    ],
    [
      'detectors',
      'spec:',
      'spec:\n  content: {detectors: {disabled: [jwt]}, suppressions: [{detector: jwt, rule: api}], homeHosts: [{detector: jwt, hosts: [a.dev]}]}',
      ['content.detectors.disabled: none → jwt\n', 'content.homeHosts: [] → ', 'content.suppressions: [] → '],
    ],
    [
      'patterns and bounds',
      'spec:',
      'spec:\n  content: {maxRefusals: 3, opaqueUploads: {maxSize: 1Ki}, patterns: [{name: a, regex: acme_key}]}',
      [
        'content.maxRefusals: 20 → 3\n',
        'content.opaqueUploads: {} → {"maxSize":1024}\n',
        'content.patterns: [] → [{"hosts":[],"name":"a","regex":"acme_key"}]\n',
      ],
    ],
    [
      'a narrowed preset',
      'preset: {name: npm-install}',
      'preset: {name: npm-install}\n    http: [{paths: ["/@acme/**"]}]',
      ['now denied: HTTPS registry.npmjs.org:443 (http.path; was by web/npm)'],
    ],
  ])('sees %s', async (_, from, to, lines) => {
    const { status, stdout, stderr } = await compare(from, to);
    expect(stderr).toBe('');
    for (const line of lines) expect(stdout).toContain(line);
    expect(status).toBe(1);
    // What is allowed one way round is denied the other.
    const back = await call(diff, changed(from, to), before);
    const count = (text: string, what: string) => text.split(what).length;
    expect(count(back.stdout, 'now denied')).toBe(count(stdout, 'now allowed'));
    expect(count(back.stdout, 'now allowed')).toBe(count(stdout, 'now denied'));
  });

  it('tells pods apart, and tells those with the same differences together', async () => {
    const moved = await compare('stage: build', 'stage: test');
    expect(moved.stdout).toContain('pods stage=build in namespace ci:\n  now denied: ');
    expect(moved.stdout).toContain('pods stage=test in namespace ci:\n  now allowed: ');
    const all = await compare('  podSelector: {matchLabels: {stage: build}}\n', '');
    expect(all.stdout).toMatch(/^pods without labels in namespace ci:\n {2}now allowed: /);
    expect(all.stdout).not.toContain('stage=build');
    const expressions = await compare(
      '{matchLabels: {stage: build}}',
      '{matchExpressions: [{key: stage, operator: NotIn, values: [build, test]}]}',
    );
    expect(expressions.stdout).toContain('pods stage=build in namespace ci:\n  now denied');
    expect(expressions.stdout).toContain('pods without labels in namespace ci:\n  now allowed');
    expect(expressions.stdout).not.toContain('stage=test');
    const two = file('two.yaml', `${POLICY}---\n${POLICY.replace('name: web', 'name: two').replace('build', 'test')}`);
    const both = await call(
      diff,
      two,
      file('none.yaml', POLICY.replace('stage: build', 'stage: none')),
      '--namespace',
      'ci',
    );
    expect(both.stdout).toContain('pods stage=none in namespace ci:\n  now allowed');
    expect(both.stdout).toContain('pods stage=build in namespace ci:\n  now denied');
    expect(both.stdout).toContain('pods stage=test in namespace ci:\n  now denied');
  });

  it('says every pod where no policy looks at labels, and lists a few of many paths', async () => {
    const bare = POLICY.replace(/ {2}podSelector.*\n/, '').replace(', namespace: ci', '');
    const { stdout } = await call(
      diff,
      file('empty.yaml', bare.replace('name: npm', 'name: other').replace('npm-install', 'git-fetch')),
      file('bare.yaml', bare),
    );
    expect(stdout).toMatch(/^every pod:\n/);
    expect(stdout).toMatch(/GET.* \/.*, .* and \d+ more\n/);
  });

  it('asks for one pod, where labels are given', async () => {
    const after = changed('stage: build', 'stage: test');
    const { stdout } = await call(diff, before, after, '--label', 'stage=test');
    expect(stdout).toMatch(/^pods stage=test in namespace ci:\n {2}now allowed/);
    expect((await call(diff, before, after, '--label', 'stage=other')).status).toBe(0);
    expect((await call(diff, before, after, '--namespace', 'qa')).status).toBe(0);
  });

  it('sees what the cluster takes away and gives, by namespace', async () => {
    const inside = temporaryFiles();
    const directory = dirname(inside('policy.yaml', POLICY));
    inside('floor.yaml', CLUSTER_POLICY);
    const { status, stdout } = await call(diff, before, directory);
    expect(status).toBe(1);
    expect(stdout).toContain('pods stage=build in namespace ci (tier=builds):\n');
    expect(stdout).toContain('  now denied: TCP db.acme.dev:5432 (host.not-allowed; was by web/db)\n');
    expect(stdout).toContain('  now allowed: HTTPS status.acme.dev:443 (by cluster:floor/status; was ');
    expect(stdout).toContain(
      'pods without labels in namespace ci (tier=builds):\n  now allowed: HTTPS status.acme.dev',
    );
    expect(stdout).not.toContain('now denied: HTTPS db.acme.dev');
    expect((await call(diff, before, directory, '--namespace-label', 'tier=tools')).status).toBe(0);
  });

  it('speaks JSON', async () => {
    const { status, stdout } = await call(diff, before, changed('[/v1/**]', '[/v1/**, /v2/*]'), '--json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      same: false,
      complete: true,
      differences: [
        {
          pods: [{ namespace: 'ci', labels: { stage: 'build' } }],
          changes: [
            {
              kind: 'allowed',
              host: 'api.acme.dev',
              port: 443,
              protocol: 'HTTPS',
              after: 'web/api',
              why: 'http.path',
              methods: ['GET'],
              paths: ['/v2/*'],
              examples: expect.arrayContaining(['GET https://api.acme.dev/v2/x']),
            },
          ],
          settings: [],
          complete: true,
        },
      ],
    });
    expect(JSON.parse((await call(diff, before, before, '--json')).stdout)).toEqual({
      same: true,
      complete: true,
      differences: [],
    });
  });

  it.each<[string[], string]>([
    [[], 'name two files or directories'],
    [['a'], 'name two files or directories'],
    [['a', 'b', 'c'], 'name two files or directories'],
  ])('does not understand %s', async (argv, message) => {
    expect(await call(diff, ...argv)).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
  });

  it('does not compare what is not valid', async () => {
    const bad = file('bad.yaml', POLICY.replace('npm-install', 'npm'));
    for (const argv of [
      [before, bad],
      [bad, before],
      [before, '/nonexistent.yaml'],
    ]) {
      expect(await call(diff, ...argv)).toMatchObject({
        status: 2,
        stdout: '',
        stderr: expect.stringMatching(/error: (.*no such preset|there is no such file)/),
      });
    }
  });
});
