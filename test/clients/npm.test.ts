import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOSTS, Internet } from './internet.ts';

const registry = `https://${HOSTS.npm.name}/`;
const policy = `
apiVersion: weir.dev/v1alpha1
kind: EgressPolicy
metadata: {name: build, namespace: ci}
spec:
  egress:
    - {name: npm, preset: {name: npm-install}, to: {hosts: [${HOSTS.npm.name}]}}
`;

let internet: Internet;
let npmrc: string;

function project(name: string, manifest: object): string {
  const directory = internet.path(name);
  mkdirSync(directory);
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ name, version: '1.0.0', ...manifest }));
  return directory;
}
const npm = (...args: string[]) => [
  'npm',
  ...args,
  '--registry',
  registry,
  '--userconfig',
  npmrc,
  '--cache',
  internet.path('cache'),
  '--fetch-retries=0',
  '--no-update-notifier',
];

beforeAll(async () => {
  internet = await Internet.start();
  npmrc = internet.path('npmrc');
  const user = JSON.stringify({
    name: 'tester',
    password: 'tester-password',
    _id: 'org.couchdb.user:tester',
    type: 'user',
  });
  const put = await internet.bare([
    'curl',
    '-sS',
    '-X',
    'PUT',
    '-H',
    'content-type: application/json',
    '-d',
    user,
    `${registry}-/user/org.couchdb.user:tester`,
  ]);
  writeFileSync(npmrc, `//${HOSTS.npm.name}/:_authToken=${JSON.parse(put.stdout).token}\n`);
  for (const [name, dependencies] of [
    ['leaf-a', {}],
    ['@acme/leaf-b', {}],
    ['middle', { 'leaf-a': '^1.0.0', '@acme/leaf-b': '^1.0.0' }],
  ] as const) {
    const directory = project(name.replace('/', '_'), { name, dependencies });
    writeFileSync(join(directory, 'index.js'), `module.exports = ${JSON.stringify(name)};\n`);
    const published = await internet.bare(npm('publish', '--access', 'public'), { cwd: directory });
    expect(published.status, published.stderr).toBe(0);
  }
}, 120_000);
afterAll(() => internet?.stop());

describe('npm through the preset npm-install', () => {
  it('installs packages, scoped ones too, and audits', async () => {
    const cwd = project('app', { dependencies: { middle: '^1.0.0' } });
    const outcome = await internet.through(policy, npm('install'), { cwd });
    expect(outcome.status, outcome.stderr).toBe(0);
    expect(readdirSync(join(cwd, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
      '@acme',
      'leaf-a',
      'middle',
    ]);
    const events = outcome.log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.filter((event) => event.action === 'deny')).toEqual([]);
    expect(events.some((event) => event.layer === 'http' && event.path === '/@acme%2fleaf-b')).toBe(true);
  });

  it('refuses npm publish, with the rule and the reason in the log and on the terminal', async () => {
    const cwd = project('evil', { name: '@acme/evil' });
    const outcome = await internet.through(policy, npm('publish', '--access', 'public'), { cwd });
    expect(outcome.status).not.toBe(0);
    expect(outcome.stderr).toContain('build/npm');
    const denied = outcome.log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter((event) => event.action === 'deny');
    expect(denied.map(({ method, rule, reason }) => ({ method, rule, reason }))).toContainEqual({
      method: 'PUT',
      rule: 'build/npm',
      reason: 'http.method',
    });
    const seen = await internet.bare([
      'curl',
      '-sS',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      `${registry}@acme%2fevil`,
    ]);
    expect(seen.stdout, 'the registry must not have the package').toBe('404');
    const control = await internet.bare(npm('publish', '--access', 'public'), { cwd });
    expect(control.status, control.stderr).toBe(0);
  });

  it.each([
    ['dist-tag add', (name: string) => npm('dist-tag', 'add', `${name}@1.0.0`, 'stolen')],
    ['unpublish', (name: string) => npm('unpublish', '--force', `${name}@1.0.0`)],
    ['deprecate', (name: string) => npm('deprecate', `${name}@1.0.0`, 'gone')],
  ])('refuses npm %s', async (_, command) => {
    const outcome = await internet.through(policy, command('leaf-a'));
    expect(outcome.status).not.toBe(0);
    expect(outcome.log).toContain('"action":"deny"');
  });
});
