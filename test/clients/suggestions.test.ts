/**
 * What `weir explain` prints for a denial, added to the policy, allows exactly what was denied: real clients are refused,
 * the item that explain prints of their denial is added, and the same command is run again, with neighbours beside it.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Event } from '../../crds/runtime.ts';
import { HOSTS, Internet } from './internet.ts';
import { ask, eventsOf, nameOf, type Policy, policyOf, questionOf, refusals, withItem } from './suggesting.ts';

let internet: Internet;
beforeAll(async () => {
  internet = await Internet.start();
}, 120_000);
afterAll(async () => {
  await internet?.stop();
});

const bulk = `https://${HOSTS.bulk.name}`;
const ping = `https://${HOSTS.npm.name}/-/ping`;
const json = ['-H', 'content-type: application/json'];
const chunked = ['-X', 'POST', '-H', 'content-type: text/plain', '-T', '-'];
const jsonBody = ['--content-type', 'application/json', '--body-size', '7'];
const curl = (...argv: string[]) => ['curl', '-sS', '-o', '/dev/null', '-w', '%{http_code}\n', ...argv];
const to = (more: object = {}) => ({ name: 'bulk', to: { hosts: [HOSTS.bulk.name], ...more } });

interface Denied {
  reason: string;
  /** The rules before. */
  egress: object[];
  command: string[];
  /** What explain is told of the body. */
  body?: string[];
  neighbours: string[][];
}

const DENIED: Record<string, Denied> = {
  'another host': {
    reason: 'host.not-allowed',
    egress: [{ name: 'other', to: { hosts: [HOSTS.npm.name] } }],
    command: curl(`${bulk}/bytes/10`),
    neighbours: [curl(`${bulk}/bytes/11`), curl('-X', 'DELETE', `${bulk}/bytes/10`), curl(`${bulk}/bytes/10?x=1`)],
  },
  'another port': {
    reason: 'port.not-allowed',
    egress: [to({ ports: [8443] })],
    command: curl(`${bulk}/bytes/10`),
    neighbours: [curl(`${bulk}/bytes/12`), curl('-d', 'x', `${bulk}/bytes/10`)],
  },
  'another protocol': {
    reason: 'protocol.not-allowed',
    egress: [{ name: 'plain', protocol: 'HTTP', to: { hosts: [HOSTS.bulk.name], ports: [443] } }],
    command: curl(`${bulk}/bytes/10`),
    neighbours: [curl(`${bulk}/bytes/13`), curl('-I', `${bulk}/bytes/10`)],
  },
  'another method': {
    reason: 'http.method',
    egress: [{ ...to(), http: [{ methods: ['GET'] }] }],
    command: curl(...json, '-d', '{"a":1}', `${bulk}/digest`),
    body: jsonBody,
    neighbours: [
      curl(...json, '-d', '{"a":1}', `${bulk}/count`),
      curl(...json, '-X', 'PUT', '-d', '{"a":1}', `${bulk}/digest`),
      curl(...json, '-d', '{"a":12}', `${bulk}/digest`),
    ],
  },
  'another path': {
    reason: 'http.path',
    egress: [{ ...to(), http: [{ methods: ['GET'], paths: ['/bytes/1*'] }] }],
    command: curl(`${bulk}/bytes/20`),
    neighbours: [curl(`${bulk}/bytes/21`), curl(`${bulk}/bytes/20/`), curl('-I', `${bulk}/bytes/20`)],
  },
  'a query': {
    reason: 'http.query',
    egress: [{ name: 'npm', to: { hosts: [HOSTS.npm.name] }, http: [{ methods: ['GET'], query: [] }] }],
    command: curl(`${ping}?size=a%20b&x=`),
    neighbours: [curl(`${ping}?size=a%20c&x=`), curl(`${ping}?size=a%20b`)],
  },
  'another type': {
    reason: 'http.content-type',
    egress: [{ ...to(), http: [{ methods: ['POST'], contentTypes: ['text/plain'] }] }],
    command: curl(...json, '-d', '{"a":1}', `${bulk}/digest`),
    body: jsonBody,
    neighbours: [
      curl('-H', 'content-type: text/html', '-d', '{"a":1}', `${bulk}/digest`),
      curl(...json, '-d', '{"a":12}', `${bulk}/digest`),
      curl(...json, '-d', '{"a":1}', `${bulk}/digest?x=1`),
    ],
  },
  'a larger body': {
    reason: 'http.body-size',
    egress: [{ ...to(), http: [{ methods: ['POST'], maxBodySize: 4 }] }],
    command: curl(...json, '-d', '{"a":1}', `${bulk}/digest`),
    body: jsonBody,
    neighbours: [curl(...json, '-d', '{"a":12}', `${bulk}/digest`), curl(...json, '-d', '{"a":1}', `${bulk}/count`)],
  },
  'a body of unknown length': {
    reason: 'http.method',
    egress: [{ ...to(), http: [{ methods: ['GET'] }] }],
    command: [
      'sh',
      '-c',
      `printf abc | ${curl(...chunked, `${bulk}/count`)
        .map(quoted)
        .join(' ')}`,
    ],
    body: ['--content-type', 'text/plain'],
    neighbours: [
      curl('-d', 'abc', `${bulk}/count`),
      curl('-H', 'content-type: text/plain', '-d', 'a', `${bulk}/digest`),
    ],
  },
  Python: {
    reason: 'host.not-allowed',
    egress: [],
    command: ['python3', '-c', `import urllib.request; print(urllib.request.urlopen("${bulk}/bytes/10").status)`],
    neighbours: [curl(`${bulk}/bytes/14`), curl(`https://${HOSTS.git.name}/bytes/10`)],
  },
  Node: {
    reason: 'host.not-allowed',
    egress: [],
    command: [
      process.execPath,
      '-e',
      `fetch("${bulk}/digest", {method: "POST", body: '{"a":1}', headers: {"content-type": "application/json"}}).then((r) => console.log(r.status))`,
    ],
    body: jsonBody,
    neighbours: [curl(`${bulk}/digest`), curl(...json, '-d', '{"a":1}', `${bulk}/count`)],
  },
};

describe('what explain prints of a denial', () => {
  it.each(Object.entries(DENIED))(
    'allows exactly it: %s',
    async (_, { reason, egress, command, body = [], neighbours }) => {
      const before = policyOf(...egress);
      const refused = await internet.through(dump(before), command);
      const denials = refusals(eventsOf(refused.log));
      expect(denials.map((event) => event.reason)).toEqual([reason]);
      const { suggestion = '', reason: explained } = await ask(before, ...questionOf(denials[0] as Event, body));
      expect(explained).toBe(reason);
      expect(suggestion).not.toBe('');

      const after = withItem(before, suggestion);
      const script = [command, ...neighbours].map((argv) => argv.map(quoted).join(' ')).join('; ');
      const again = await internet.through(dump(after), ['sh', '-c', script]);
      expect(again.stdout, again.stderr).toMatch(/^200\n/);
      const events = eventsOf(again.log).filter(({ layer }) => layer === 'http');
      expect(events).toHaveLength(1 + neighbours.length);
      expect(events[0]).toMatchObject({
        action: 'allow',
        status: 200,
        rule: expect.stringMatching(/^build\/.*-example$/),
      });
      for (const event of events.slice(1)) expect(event.action, nameOf(event)).toBe('deny');
    },
  );

  it('is what the refusal itself tells the client', async () => {
    const before = policyOf({ ...to(), http: [{ methods: ['GET'] }] });
    const outcome = await internet.through(dump(before), ['curl', '-sS', ...json, '-d', '{"a":1}', `${bulk}/digest`]);
    const [denial] = refusals(eventsOf(outcome.log));
    const { suggestion = '' } = await ask(before, ...questionOf(denial as Event, jsonBody));
    expect(suggestion).not.toBe('');
    expect(JSON.parse(outcome.stdout).help).toContain(suggestion);
  });

  it('leads SSH to its server, by name and port, and no further', async () => {
    const before = policyOf();
    const ssh = [
      ...['ssh', '-i', internet.path('ssh/user'), '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=no'],
      ...['-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR', '-o', 'ConnectTimeout=5'],
    ];
    const command = [...ssh, `root@${HOSTS.ssh.name}`, 'echo reached'];
    const refused = await internet.through(dump(before), command);
    expect(refused.status).not.toBe(0);
    const name = eventsOf(refused.log).find(({ layer, action }) => layer === 'dns' && action === 'deny');
    const { suggestion = '' } = await ask(before, '--url', `tcp://${name?.host}:22`);
    const after = withItem(before, suggestion);
    const again = await internet.through(dump(after), command);
    expect(again.stdout, again.stderr).toBe('reached\n');
    const other = await internet.through(dump(after), curl('-m', '5', `https://${HOSTS.ssh.name}/`));
    expect(refusals(eventsOf(other.log)).map(({ reason }) => reason)).toContain('port.not-allowed');
  });
});

/** Runs a command, adds what explain prints of every refused request, and runs it again, until nothing is refused. */
async function learn(command: string[], body: (event: Event) => string[], cwd?: string): Promise<Policy> {
  let policy = policyOf();
  const told = new Set<string>();
  for (let round = 0; round < 12; round++) {
    const { log } = await internet.through(dump(policy), command, cwd === undefined ? {} : { cwd });
    const denials = refusals(eventsOf(log));
    if (denials.length === 0) return policy;
    for (const denial of denials) {
      const { suggestion = '' } = await ask(policy, ...questionOf(denial, body(denial)));
      expect(suggestion, nameOf(denial)).not.toBe('');
      // The same request, refused twice in one run, asks for one item.
      const request = `${denial.method} ${denial.path}`;
      if (told.has(`${round} ${request}`)) continue;
      told.add(`${round} ${request}`);
      expect(told.has(`${round - 1} ${request}`), `${request} is refused though explain's item is there`).toBe(false);
      policy = withItem(policy, suggestion);
    }
  }
  throw new Error('requests were refused in every round');
}

describe('a policy made of what explain prints', () => {
  it('clones one repository, and pushes nothing to it', async () => {
    const repository = `https://${HOSTS.git.name}/acme/tools.git`;
    const fetching = ['--content-type', 'application/x-git-upload-pack-request'];
    const clone = [
      'sh',
      '-c',
      `rm -rf ${internet.path('learnt')}; git clone -q ${repository} ${internet.path('learnt')}`,
    ];
    const policy = await learn(clone, ({ method }) => (method === 'POST' ? fetching : []));
    expect(policy.spec.egress).toHaveLength(2);
    const final = await internet.through(dump(policy), clone);
    expect(final.status, final.stderr).toBe(0);
    expect(readFileSync(join(internet.path('learnt'), 'crds/runtime.ts'), 'utf8')).toContain('RuntimePolicy');

    const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example'];
    const work = internet.path('learnt');
    await internet.bare(['git', '-C', work, ...identity, 'commit', '--allow-empty', '-qm', 'loot']);
    const pushed = await internet.through(dump(policy), ['git', '-C', work, 'push', '-q', 'origin', 'main']);
    expect(pushed.status).not.toBe(0);
    expect(refusals(eventsOf(pushed.log)).map(({ reason }) => reason)).toEqual(['http.query']);
    const other = await internet.through(dump(policy), [
      'git',
      'ls-remote',
      `https://${HOSTS.git.name}/acme/other.git`,
    ]);
    expect(refusals(eventsOf(other.log)).map(({ reason }) => reason)).toEqual(['http.path']);
  }, 120_000);

  it('installs one package, and neither publishes nor reads another', async () => {
    const registry = `https://${HOSTS.npm.name}/`;
    const options = (cache: string) => [
      ...['--registry', registry, '--userconfig', internet.path('npmrc'), '--cache', internet.path(cache)],
      ...['--fetch-retries=0', '--no-update-notifier', '--no-audit', '--no-fund'],
    ];
    const account = { name: 'tester', password: 'tester-password', _id: 'org.couchdb.user:tester', type: 'user' };
    const login = ['curl', '-sS', '-X', 'PUT', ...json, '-d', JSON.stringify(account)];
    const { stdout } = await internet.bare([...login, `${registry}-/user/org.couchdb.user:tester`]);
    writeFileSync(internet.path('npmrc'), `//${HOSTS.npm.name}/:_authToken=${JSON.parse(stdout).token}\n`);
    const project = (name: string, manifest: object): string => {
      mkdirSync(internet.path(name));
      writeFileSync(join(internet.path(name), 'package.json'), JSON.stringify({ name, version: '1.0.0', ...manifest }));
      return internet.path(name);
    };
    for (const name of ['wanted', 'unwanted']) {
      const published = await internet.bare(['npm', 'publish', ...options('publishing')], { cwd: project(name, {}) });
      expect(published.status, published.stderr).toBe(0);
    }
    const app = project('app', { dependencies: { wanted: '1.0.0' } });
    // Each round with a cache of its own, so that every round asks for everything.
    const cache = '$(mktemp -d)';
    const install = [
      'sh',
      '-c',
      `rm -rf node_modules package-lock.json; npm install ${options('').join(' ').replace(internet.path(''), cache)}`,
    ];
    const policy = await learn(install, () => [], app);
    expect(policy.spec.egress?.length).toBeGreaterThanOrEqual(2);
    const final = await internet.through(dump(policy), install, { cwd: app });
    expect(final.status, final.stderr).toBe(0);
    expect(readdirSync(join(app, 'node_modules'))).toContain('wanted');

    const publish = await internet.through(dump(policy), ['npm', 'publish', ...options('c2')], {
      cwd: project('evil', {}),
    });
    expect(publish.status).not.toBe(0);
    expect(refusals(eventsOf(publish.log)).some(({ method }) => method === 'PUT')).toBe(true);
    const other = await internet.through(dump(policy), ['npm', 'view', 'unwanted', ...options('c3')]);
    expect(other.status).not.toBe(0);
    expect(refusals(eventsOf(other.log)).map(({ reason }) => reason)).toContain('http.path');
  }, 180_000);
});

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
