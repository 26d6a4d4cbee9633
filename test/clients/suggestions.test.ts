/**
 * What `weir explain` prints for a denial, added to the policy, allows exactly what was denied: real clients are refused,
 * the item that explain prints of their denial is added, and the same command is run again, with neighbours beside it.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dump, load } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explain } from '../../cli/explain.ts';
import type { Answer } from '../../cli/judge.ts';
import type { Event } from '../../crds/runtime.ts';
import type { EgressPolicy } from '../../crds/types.generated.ts';
import { root } from '../setup/processes.ts';
import { call } from '../unit/cli/support.ts';
import { HOSTS, Internet } from './internet.ts';

type Policy = Pick<EgressPolicy, 'spec'> & { metadata: { name: string } };

const policyOf = (...egress: object[]): Policy =>
  ({ apiVersion: 'weir.dev/v1alpha1', kind: 'EgressPolicy', metadata: { name: 'build' }, spec: { egress } }) as Policy;

/** The policy with a part of a spec (as explain prints it) added to it. */
function withPart(policy: Policy, part: string): Policy {
  const { spec } = load(part) as Policy;
  const suppressions = [...(policy.spec.content?.suppressions ?? []), ...(spec.content?.suppressions ?? [])];
  return {
    ...policy,
    spec: {
      ...policy.spec,
      egress: [...(policy.spec.egress ?? []), ...(spec.egress ?? [])],
      ...(suppressions.length > 0 && { content: { suppressions } }),
    },
  };
}
const withItem = (policy: Policy, item: string) => withPart(policy, `spec:\n  egress:\n${item}`);

let internet: Internet;
let scratch: string;
beforeAll(async () => {
  internet = await Internet.start();
  scratch = mkdtempSync(join(root, 'dist/suggestions-'));
}, 120_000);
afterAll(async () => {
  await internet?.stop();
  if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true });
});

async function ask(policy: Policy, ...argv: string[]): Promise<Answer> {
  const file = join(scratch, 'asked.yaml');
  writeFileSync(file, dump(policy));
  const { stdout, stderr } = await call(explain, '--policy', file, ...argv, '--json');
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

const eventsOf = (log: string): Event[] =>
  log
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
const refusals = (events: readonly Event[]) =>
  events.filter(({ action, layer }) => action === 'deny' && layer !== 'dns');
const nameOf = ({ method, host, path, reason }: Event) => `${method} ${host}${path} ${reason}`;

/** What explain is asked of a denial: what the log says, and of the body what the client is known to send. */
function questionOf({ host, port, method, path }: Event, body: readonly string[]): string[] {
  return ['--url', `https://${host}:${port}${path}`, '--method', method ?? '', ...body];
}

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

describe("the demo's denials", () => {
  interface World {
    events: Event[];
    learned: { dns: number; https: number };
    body: string;
    /** What the hook looks up, in its order. */
    names: string[];
    home: string;
  }

  /** The second half of the demo, under a policy; with the secrets of an earlier one, if its home is given. */
  function demo(name: string, policy: Policy, home?: string): World {
    const work = join(scratch, name);
    mkdirSync(work);
    if (home !== undefined) cpSync(home, join(work, 'home'), { recursive: true });
    const file = join(work, 'policy.yaml');
    writeFileSync(file, dump(policy));
    const world = join(root, 'test/demo/world.ts');
    const output = execFileSync('unshare', ['-rnm', process.execPath, world, work, root, file], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { guarded } = JSON.parse(output.trim().split('\n').at(-1) ?? '');
    expect(guarded.status, guarded.output).toBe(0);
    const read = (path: string) => readFileSync(join(work, 'home', path));
    const [id = '', secret = ''] = [
      ...read('.aws/credentials')
        .toString()
        .matchAll(/= (\S+)/g),
    ].map(([, it]) => it ?? '');
    // As test/demo/hook/hook.mjs sends them.
    const labels = [id, Buffer.from(secret).toString('hex').replace(/.{60}/, '$&.')];
    return {
      events: eventsOf(readFileSync(join(work, 'audit.jsonl'), 'utf8')),
      learned: guarded.learned,
      body: JSON.stringify({ event: 'install', agent: 'npm', detail: read('.ssh/id_ed25519').toString('base64') }),
      names: ['drop.attacker-demo.net', 'cdn.analytics-demo.com'].flatMap((zone) =>
        labels.map((label) => `${label}.${zone}`),
      ),
      home: join(work, 'home'),
    };
  }

  const kinds = (events: readonly Event[]) =>
    events.map(({ layer, action, reason = '' }) => `${layer} ${action} ${reason}`.trim());
  const deniedOf = ({ events }: World, layer: Event['layer']) =>
    events.filter((event) => event.layer === layer && event.action === 'deny');
  const foundOf = (events: readonly Event[]) => [
    ...new Set(events.flatMap(({ findings = [] }) => findings.map(({ detector }) => detector))),
  ];
  const found = (detectors: readonly string[]) => detectors.flatMap((detector) => ['--found', detector]);

  it('are each lifted by what explain prints of it, and nothing beside it is', async () => {
    const policy = load(readFileSync(join(root, 'test/demo/leaks.yaml'), 'utf8')) as Policy;
    const first = demo('demo-before', policy);
    expect(first.learned).toEqual({ dns: 0, https: 0 });
    const [lookUps, posts] = [deniedOf(first, 'dns'), deniedOf(first, 'http')];
    expect(first.events.filter(({ action }) => action === 'deny')).toHaveLength(lookUps.length + posts.length);
    expect(posts).toHaveLength(1);
    // A and AAAA of each name. The log cuts the names: who looked them up knows them, in this order.
    const perName = lookUps.length / first.names.length;
    expect(perName).toBeGreaterThanOrEqual(1);
    const askName = async (under: Policy, name: string, detectors: readonly string[]) =>
      ask(under, '--url', `dns://${name}`, ...found(detectors));

    let lifted = policy;
    const told: { name: string; detectors: string[] }[] = [];
    for (const [i, name] of first.names.entries()) {
      const events = lookUps.slice(i * perName, (i + 1) * perName);
      const detectors = foundOf(events);
      expect(detectors.length).toBeGreaterThan(0);
      const said = await askName(lifted, name, detectors);
      expect(said).toMatchObject({ decision: 'deny', reason: 'content.secret', found: detectors });
      expect(said.exception?.policy).toBe('demo');
      lifted = withPart(lifted, said.exception?.yaml ?? '');
      // Exactly it: the same name, and neither with something else in it nor another under the same domain.
      expect((await askName(lifted, name, detectors)).decision).toBe('allow');
      expect((await askName(lifted, name, [...detectors, 'github-token'])).found).toEqual(['github-token']);
      expect((await askName(lifted, `x.${name}`, detectors)).decision).toBe('deny');
      expect((await ask(lifted, '--url', `https://${name.toLowerCase()}/`)).decision).toBe(
        // The wildcard of the demo's policy admits what it admitted before.
        (await ask(policy, '--url', `https://${name.toLowerCase()}/`)).decision,
      );
      for (const { name: other, detectors: theirs } of told) {
        expect((await askName(lifted, other, theirs)).decision).toBe('allow');
      }
      told.push({ name, detectors });
    }

    const [post] = posts as [Event];
    const type = ['--content-type', 'application/json'];
    const size = (bytes: number) => ['--body-size', String(bytes)];
    const asked = questionOf(post, [...type, ...size(first.body.length)]);
    const { exception } = await ask(lifted, ...asked, ...found(foundOf(posts)));
    expect(exception?.policy).toBe('demo');
    lifted = withPart(lifted, exception?.yaml ?? '');
    for (const [argv, reason] of [
      [[...type, ...size(first.body.length + 1), '--found', 'private-key'], 'content.secret'],
      [[...type, ...size(first.body.length), '--found', 'github-token'], 'content.secret'],
    ] as const) {
      expect(await ask(lifted, ...questionOf(post, argv))).toMatchObject({ decision: 'deny', reason });
    }
    expect((await ask(lifted, ...questionOf({ ...post, path: '/v1/other' }, type))).reason).toBe('http.path');

    // The same install once more, with the same secrets: every one of the requests is allowed.
    const second = demo('demo-after', lifted, first.home);
    expect(new Set(kinds(second.events))).toEqual(new Set(['dns allow', 'http allow']));
    expect(second.events.filter(({ layer }) => layer === 'http')).toHaveLength(1);
    expect(second.learned.https).toBeGreaterThanOrEqual(300);
    expect(second.learned.dns).toBeGreaterThan(0);

    // And with other secrets: the neighbours of what was lifted are refused as before.
    const third = demo('demo-neighbours', lifted);
    expect(kinds(deniedOf(third, 'dns'))).toEqual(kinds(lookUps));
    expect(third.learned.dns).toBe(0);
  }, 180_000);
});

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
