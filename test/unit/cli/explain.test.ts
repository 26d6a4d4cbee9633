import { describe, expect, it } from 'vitest';
import { explain } from '../../../cli/explain.ts';
import { ask, audit, file, policy } from './explaining.ts';
import { call, POLICY } from './support.ts';

describe('weir explain', () => {
  it('names the rule that allows', async () => {
    expect(await ask('https://registry.npmjs.org/left-pad')).toEqual({
      status: 0,
      stdout: `allowed: GET https://registry.npmjs.org/left-pad
rule: web/npm (preset npm-install)

rules, nearest first:
  web/npm     matches
  web/api     host.not-allowed  it is for api.acme.dev
  web/db      host.not-allowed  it is for db.acme.dev
  web/pinned  host.not-allowed  it is for pinned.acme.dev
`,
      stderr: '',
    });
  });

  it('says why not, and what would allow it', async () => {
    expect(await ask('https://API.acme.dev:443/v2/items?x=a b', '--method', 'GET')).toEqual({
      status: 1,
      stdout: `denied: GET https://api.acme.dev/v2/items?x=a%20b
nearest rule: web/api
reason: http.path: the rule does not allow this path

rules, nearest first:
  web/api     http.path         /v2/items matches none of /v1/**
  web/db      host.not-allowed  it is for db.acme.dev
  web/pinned  host.not-allowed  it is for pinned.acme.dev
  web/npm     host.not-allowed  it is for registry.npmjs.org

this item of spec.egress allows exactly it:
  - name: api-acme-dev
    to: {hosts: [api.acme.dev]}
    http:
    - methods: [GET]
      paths: [/v2/items]
      query: [{name: x, values: ["a b"]}]
      maxBodySize: 0
`,
      stderr: '',
    });
  });

  it('proposes a preset where one fits', async () => {
    const { status, stdout } = await ask('https://github.com/acme/web.git/info/refs?service=git-upload-pack');
    expect(status).toBe(1);
    expect(stdout).toContain('reason: host.not-allowed: no rule allows this host\n');
    expect(stdout).toContain(
      'the preset git-fetch allows it, with what else such tools need: preset: {name: git-fetch}\n',
    );
    expect((await ask('https://github.com/acme/web')).stdout).not.toContain('preset');
  });

  it.each<[string[], number, string]>([
    [
      [
        'https://api.acme.dev/v1/events',
        '--method',
        'POST',
        '--content-type',
        'application/json; charset=utf-8',
        '--body-size',
        '1Ki',
      ],
      0,
      'rule: web/api',
    ],
    [
      [
        'https://api.acme.dev/v1/events',
        '--method',
        'POST',
        '--content-type',
        'application/json',
        '--body-size',
        '1025',
      ],
      1,
      'reason: http.body-size',
    ],
    [
      ['https://api.acme.dev/v1/events', '--method', 'POST', '--content-type', 'text/plain'],
      1,
      'reason: http.content-type',
    ],
    [['https://api.acme.dev/v1/x', '--body-size', '0'], 0, 'rule: web/api'],
    [['http://api.acme.dev/v1/x'], 1, 'reason: port.not-allowed'],
    [['http://api.acme.dev:443/v1/x'], 1, 'reason: protocol.not-allowed'],
    [['https://127.0.0.1/'], 1, 'reason: destination.unknown'],
    [['https://[::1]/'], 1, 'reason: destination.unknown'],
    [['https://pinned.acme.dev/x'], 0, 'TLS rules relay undecrypted'],
    [['tls://pinned.acme.dev'], 0, 'TLS rules relay undecrypted'],
    [['tls://api.acme.dev'], 0, 'HTTPS rules decrypt'],
    [['tls://other.acme.dev'], 1, '    protocol: TLS\n    to: {hosts: [other.acme.dev]}'],
    [['tls://db.acme.dev:5432'], 0, 'TCP rules relay without a look'],
    [['tcp://db.acme.dev:5432'], 0, 'rule: web/db'],
    [['https://db.acme.dev:5432/x'], 0, 'rule: web/db'],
    [['tcp://db.acme.dev:5433'], 1, 'to: {hosts: [db.acme.dev], ports: [5433], addressScope: Private}'],
    [['tcp://api.acme.dev:443'], 1, 'nearest rule: web/api\nreason: protocol.not-allowed'],
    [['tcp://other.acme.dev:22'], 1, '    protocol: TCP\n'],
  ])('%s', async ([url = '', ...more], status, line) => {
    const result = await ask(url, ...more);
    expect(result.stdout).toContain(line);
    expect(result.status).toBe(status);
  });

  it('tells Audit mode apart', async () => {
    const { status, stdout } = await call(explain, '--policy', audit, '--url', 'https://evil.example/');
    expect(status).toBe(0);
    expect(stdout).toContain(
      'let pass in Audit mode, would be denied: GET https://evil.example/\nreason: host.not-allowed',
    );
  });

  it('asks for one pod, when labels are given', async () => {
    expect((await ask('https://api.acme.dev/v1/x', '--label', 'stage=build')).status).toBe(0);
    const { status, stdout } = await ask('https://api.acme.dev/v1/x', '--label', 'stage=test');
    expect(status).toBe(1);
    expect(stdout).toContain('reason: policy.none');
    expect(stdout).toContain('no policy selects a pod with these labels\n');
  });

  it('speaks JSON', async () => {
    const { status, stdout } = await ask('https://registry.npmjs.org/x', '--method', 'PUT', '--json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      decision: 'deny',
      rule: 'web/npm',
      reason: 'http.method',
      help: expect.any(String),
      rules: [
        { rule: 'web/npm', reason: 'http.method', detail: 'PUT is not among GET, HEAD, POST' },
        { rule: 'web/api', reason: 'host.not-allowed', detail: 'it is for api.acme.dev' },
        { rule: 'web/db', reason: 'host.not-allowed', detail: 'it is for db.acme.dev' },
        { rule: 'web/pinned', reason: 'host.not-allowed', detail: 'it is for pinned.acme.dev' },
      ],
      suggestion: expect.stringContaining('methods: [PUT]'),
      presetHint: 'npm-publish',
    });
    expect(JSON.parse((await ask('https://api.acme.dev/v1/x', '--json')).stdout)).toMatchObject({
      decision: 'allow',
      rule: 'web/api',
    });
  });

  it.each<[string, string[], string]>([
    ['another port', ['https://api.acme.dev:8443/'], 'port 8443 is not among 443'],
    ['another protocol', ['http://api.acme.dev:443/'], 'it is for HTTPS'],
    ['a query', ['https://registry.npmjs.org/x?y=1'], 'the query has to be absent'],
    [
      'another query',
      ['https://github.com/acme/x.git/info/refs?service=git-receive-pack'],
      'the query has to be ?service=git-upload-pack',
    ],
    [
      'another type of body',
      ['https://api.acme.dev/v1/events', '--method', 'POST', '--content-type', 'text/plain', '--body-size', '3'],
      'text/plain is not among application/json',
    ],
    [
      'a body without a type',
      ['https://api.acme.dev/v1/events', '--method', 'POST', '--body-size', '3'],
      'a body without a type is not among application/json',
    ],
    [
      'a large body',
      [
        'https://api.acme.dev/v1/events',
        '--method',
        'POST',
        '--content-type',
        'application/json',
        '--body-size',
        '2Ki',
      ],
      'a body of 2Ki is not within 1Ki',
    ],
    ['a body where none is taken', ['https://registry.npmjs.org/x', '--body-size', '1'], 'it takes no body'],
    ['another host', ['https://x.acme.dev/'], 'web/api     host.not-allowed  it is for api.acme.dev'],
    ['a connection to another port', ['tcp://db.acme.dev:5433'], 'port 5433 is not among 5432'],
  ])('says what the nearest rule wants, and what it was given: %s', async (_, [url = '', ...more], detail) => {
    const git = file(
      'git.yaml',
      POLICY.replace('name: api', 'name: git\n    preset: {name: git-fetch}\n  - name: api'),
    );
    const { status, stdout } = await call(explain, '--policy', git, '--url', url, ...more);
    expect(status).toBe(1);
    expect(stdout).toContain(detail);
  });

  it('says how much a rule with no budget for the request may send', async () => {
    const small = file(
      'small.yaml',
      POLICY.replace('maxBodySize: 1Ki}]', 'maxBodySize: 1Mi}]\n    limits: {uploadSize: 1Ki}'),
    );
    const post = ['--method', 'POST', '--content-type', 'application/json', '--body-size', '2Ki'];
    const { stdout } = await call(explain, '--policy', small, '--url', 'https://api.acme.dev/v1/events', ...post);
    expect(stdout).toContain('web/api     limit.upload-size  it may send 1Ki\n');
  });

  it('says how much new text a rule may send', async () => {
    const small = file(
      'text.yaml',
      POLICY.replace('maxBodySize: 1Ki}]', 'maxBodySize: 1Ki}]\n    limits: {newTextSize: 8}'),
    );
    const url = 'https://api.acme.dev/v1/123456789';
    const { stdout } = await call(explain, '--policy', small, '--url', url, '--method', 'GET');
    expect(stdout).toContain('web/api     limit.new-text-size  it may send 8 of new text\n');
  });

  it('lists four values', async () => {
    const many = file('paths.yaml', POLICY.replace('[/v1/**]', '[/f, /e, /d, /c, /b, /a]'));
    const { stdout } = await call(explain, '--policy', many, '--url', 'https://api.acme.dev/x');
    expect(stdout).toContain('/x matches none of /a, /b, /c, /d and 2 more\n');
  });

  it('lists a dozen rules', async () => {
    const rules = Array.from({ length: 14 }, (_, i) => `  - {name: r${i}, to: {hosts: [h${i}.acme.dev]}}\n`).join('');
    const many = file('many.yaml', POLICY.replace(/ {2}egress:.*/s, `  egress:\n${rules}`));
    const { stdout } = await call(explain, '--policy', many, '--url', 'https://x.acme.dev/');
    expect(stdout.match(/host\.not-allowed {2}it is for/g)).toHaveLength(12);
    expect(stdout).toContain('\n  and 2 more\n');
  });

  it('says whether a name is looked up', async () => {
    const known = await ask('dns://api.acme.dev');
    expect(known.status).toBe(0);
    expect(known.stdout).toContain('allowed: the look-up of api.acme.dev\nrule: web/api\nthe name is looked up;');
    const unknown = await ask('dns://x.evil.example');
    expect(unknown.status).toBe(1);
    expect(unknown.stdout).toContain(
      'denied: the look-up of x.evil.example\nreason: dns.name: no rule allows this host',
    );
    expect(unknown.stdout).not.toContain('this item of spec.egress');
    const passed = await call(explain, '--policy', audit, '--url', 'dns://x.evil.example');
    expect(passed.stdout).toContain('let pass in Audit mode, would be denied: the look-up of x.evil.example');
  });

  it.each<[string[], string]>([
    [['--url', 'https://a.dev/'], '--policy is missing'],
    [['--policy', policy], '--url is missing'],
    [['--policy', policy, '--url', 'a.dev'], '"a.dev" is not a URL'],
    [['--policy', policy, '--url', 'ftp://a.dev/'], 'is not a URL with https:'],
    [['--policy', policy, '--url', 'tcp://a.dev'], 'tcp: needs a port'],
    [['--policy', policy, '--url', 'https://a.dev/', '--method', 'G T'], '"G T" is not a method'],
    [['--policy', policy, '--url', 'https://a.dev/', '--body-size', '1K'], '"1K" is not a size'],
    [['--policy', policy, '--url', 'https://a.dev/', '--label', 'x'], '"x" is not KEY=VALUE'],
    [['--policy', policy, '--url', 'https://a.dev/', 'more'], "Unexpected argument 'more'"],
    [['--urll', 'x'], "Unknown option '--urll'"],
  ])('does not understand %s', async (argv, message) => {
    const { status, stdout, stderr } = await call(explain, ...argv);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`weir explain: ${message.startsWith('is') ? '' : message}`);
    expect(stderr).toContain(message);
    expect(stderr).toContain('See weir explain --help.\n');
  });

  it('does not explain policies that are not valid', async () => {
    const bad = file('bad.yaml', POLICY.replace('npm-install', 'npm'));
    const { status, stdout, stderr } = await call(explain, '--policy', bad, '--url', 'https://a.dev/');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`${bad}:8:20: error: spec.egress[0].preset.name`);
  });

  it('explains itself', async () => {
    expect(await call(explain, '--help')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Usage: weir explain'),
      stderr: '',
    });
  });
});
