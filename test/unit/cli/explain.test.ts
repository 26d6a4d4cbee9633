import { describe, expect, it } from 'vitest';
import { explain } from '../../../cli/explain.ts';
import { call, POLICY, temporaryFiles } from './support.ts';

const file = temporaryFiles();
const policy = file('policy.yaml', POLICY);
const audit = file('audit.yaml', POLICY.replace('spec:', 'spec:\n  mode: Audit'));
const ask = (url: string, ...more: string[]) => call(explain, '--policy', policy, '--url', url, ...more);

describe('weir explain', () => {
  it('names the rule that allows', async () => {
    expect(await ask('https://registry.npmjs.org/left-pad')).toEqual({
      status: 0,
      stdout: `allowed: GET https://registry.npmjs.org/left-pad
rule: web/npm (preset npm-install)

rules for this host, nearest first:
  web/npm  matches

3 rules are for other hosts
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

rules for this host, nearest first:
  web/api  http.path

3 rules are for other hosts

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
        { rule: 'web/npm', reason: 'http.method' },
        { rule: 'web/api', reason: 'host.not-allowed' },
        { rule: 'web/db', reason: 'host.not-allowed' },
        { rule: 'web/pinned', reason: 'host.not-allowed' },
      ],
      suggestion: expect.stringContaining('methods: [PUT]'),
    });
    expect(JSON.parse((await ask('https://api.acme.dev/v1/x', '--json')).stdout)).toMatchObject({
      decision: 'allow',
      rule: 'web/api',
    });
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
