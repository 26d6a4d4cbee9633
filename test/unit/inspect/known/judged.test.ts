/** What is no leak: the structure of files, public parts, what is at home; and the bounds of what is looked for. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BASE64, characters, checkedToken } from '../../../../sidecar/inspect/detectors/samples.ts';
import { createInspector, type KnownSecret } from '../../../../sidecar/inspect/index.ts';
import { KnownSet } from '../../../../sidecar/inspect/known/set.ts';
import { tellingWindows } from '../../../../sidecar/inspect/known/telling.ts';
import {
  MAX_KNOWN_BYTES,
  MAX_KNOWN_SECRETS,
  MAX_WHOLE_LENGTH,
  MIN_KNOWN_LENGTH,
} from '../../../../sidecar/inspect/known/values.ts';
import { inBody, inField, inspectorOf, known, random, secret } from './support.ts';

const lines = (seed: number, count: number) =>
  Array.from({ length: count }, (_, i) => characters(seed + i, 64, BASE64)).join('\n');
const pem = (kind: string, body: string) => `-----BEGIN ${kind}-----\n${body}\n-----END ${kind}-----\n`;
const certificate = pem('CERTIFICATE', lines(50, 12));
const jwt = (payload: object) =>
  [
    'eyJhbGciOiJSUzI1NiIsImtpZCI6InRlc3QifQ',
    Buffer.from(JSON.stringify(payload)).toString('base64url'),
    random(77, 86),
  ].join('.');

const npmToken = checkedToken('np' + 'm_', 5);
const FILES: Record<string, string> = {
  key: pem(`OPENSSH ${'PRIVATE'} KEY`, lines(1, 8)),
  '.npmrc': `registry=https://registry.npmjs.org/\n//registry.npmjs.org/:_authToken=${npmToken}\nalways-auth=true\n`,
  'account.json': JSON.stringify({
    type: 'service_account',
    project_id: 'acme-builds-4711',
    private_key_id: 'a1b2c3d4e5f60718293a4b5c6d7e8f9012345678',
    private_key: pem(`${'PRIVATE'} KEY`, lines(20, 8)),
    client_email: 'ci-builder@acme-builds-4711.iam.gserviceaccount.com',
    auth_uri: 'https://accounts.google.com/o/oauth2/auth',
    universe_domain: 'googleapis.com',
  }),
  kubeconfig: `apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: ${Buffer.from(certificate).toString('base64')}\n    server: https://kubernetes.default.svc\nusers:\n- user: {token: ${random(31, 60)}}\n`,
  env: `NODE_ENV=production\nDATABASE_HOST=db.builds.svc.cluster.local\nDATABASE_PASSWORD=${random(33, 24)}\nLOG_LEVEL=info\n`,
  'settings.xml': `<?xml version="1.0" encoding="UTF-8"?>\n<settings><servers><server><id>central</id><password>${random(35, 30)}</password></server></servers></settings>`,
  word: 'correct horse battery',
};

describe('what stands in a Secret and is no secret', () => {
  const inspector = inspectorOf(...Object.entries(FILES).map(([name, text]) => secret(`files/${name}`, text)));

  it('does not alarm: armour, keys of JSON, hosts, identifiers, certificates', () => {
    for (const text of [
      `-----BEGIN OPENSSH ${'PRIVATE'} KEY-----\n`,
      'registry=https://registry.npmjs.org/\n//registry.npmjs.org/:_authToken=',
      '"type":"service_account","project_id":"acme-builds-4711","private_key_id":"',
      '{"alg":"RS256","kid":"a1b2c3d4e5f60718293a4b5c6d7e8f9012345678"}',
      '{"iss":"ci-builder@acme-builds-4711.iam.gserviceaccount.com","aud":"https://oauth2.googleapis.com/token"}',
      Buffer.from(certificate).toString('base64'),
      certificate,
      'NODE_ENV=production\nDATABASE_HOST=db.builds.svc.cluster.local\nDATABASE_PASSWORD=',
      FILES['settings.xml']?.slice(0, 80) ?? '',
      'https://accounts.google.com/o/oauth2/auth',
    ]) {
      expect(known(inField(inspector, text)), text).toEqual([]);
      expect(known(inField(inspector, Buffer.from(text).toString('base64'))), text).toEqual([]);
    }
  });

  it('alarms at what is secret in each of the files', () => {
    const inner: Record<string, string> = {
      key: lines(1, 8).slice(100, 130),
      '.npmrc': npmToken,
      'account.json': lines(20, 8).slice(70, 100),
      kubeconfig: random(31, 60).slice(10, 40),
      env: random(33, 24),
      'settings.xml': random(35, 30),
      word: 'correct horse battery',
    };
    for (const [name, text] of Object.entries(inner)) {
      expect(known(inField(inspector, `"${text}"`)), name).toMatchObject([{ secret: `files/${name}` }]);
    }
  });

  it('does not alarm at the text of installed packages', async () => {
    const root = join(import.meta.dirname, '../../../../node_modules');
    let size = 0;
    const alarms: string[] = [];
    const packages = ['typescript/lib', 'undici/lib', 'js-yaml', 'fastify', 'pino', 'koffi', 'tldts', 'vitest/dist'];
    for (const name of packages) {
      for (const entry of readdirSync(join(root, name), { withFileTypes: true, recursive: true })) {
        if (!entry.isFile() || !/\.(?:m?js|ts|json|md|map)$/.test(entry.name) || size > 24 * 1024 * 1024) continue;
        const text = readFileSync(join(entry.parentPath, entry.name)).subarray(0, 512 * 1024);
        size += text.length;
        const { findings } = await inBody(inspector, text).catch(() => ({ findings: [] }));
        if (known(findings).length > 0) alarms.push(`${name}/${entry.name}`);
      }
    }
    expect(size).toBeGreaterThan(4 * 1024 * 1024);
    expect(alarms).toEqual([]);
  }, 60_000);

  it.each([
    'registry.npmjs.org',
    'db.builds.svc.cluster.local:5432',
    'https://hooks.acme.dev/v1/events',
    'ci-robot@builds.acme.dev',
    '/var/lib/builds/cache',
    '2026-11-25T10:00:00Z',
    '123456789012',
    '10.96.0.1:6443',
    'xxxxxxxxxxxxxxxx',
    certificate,
    `ssh-ed25519 ${'AAAA'}${characters(3, 64, BASE64)} ci@acme.dev\n`,
    `github.com ssh-ed25519 ${'AAAA'}${characters(4, 64, BASE64)}\n`,
    'true',
    'production',
    '',
  ])('is left out and told: %j', (value) => {
    const inspector = createInspector();
    expect(inspector.setKnownSecrets([secret('config/x', value)])).toEqual({
      taken: 0,
      refused: [],
      plain: ['config/x'],
    });
    expect(known(inField(inspector, value))).toEqual([]);
  });
});

describe('a known secret at home', () => {
  const homes = (value: string, sent = value, more = {}) =>
    inField(inspectorOf(secret('s/k', value, more)), sent).map(({ detector, homeHosts }) => [detector, homeHosts]);

  it('is where its format is at home', () => {
    expect(homes(npmToken)).toEqual([
      ['npm-token', ['registry.npmjs.org']],
      ['known-secret', ['registry.npmjs.org']],
    ]);
  });

  it('is the host that it stands beside', () => {
    const password = random(61, 20);
    const one = (value: string, sent: string) => homes(value, sent).filter(([name]) => name === 'known-secret');
    expect(one(`//npm.acme.dev/:_authToken=${password}\n`, password)).toEqual([['known-secret', ['npm.acme.dev']]]);
    expect(one(`machine ghe.acme.dev login ci password ${password}\n`, password)).toEqual([
      ['known-secret', ['ghe.acme.dev']],
    ]);
    expect(one(`https://ci:${password}@git.acme.dev/x.git`, Buffer.from(`ci:${password}`).toString('base64'))).toEqual([
      ['known-secret', ['git.acme.dev']],
    ]);
    // Together with something else that is secret, nowhere.
    const two = `//npm.acme.dev/:_authToken=${password}\nother=${random(62, 20)}\n`;
    expect(one(two, random(62, 20))).toEqual([['known-secret', []]]);
    expect(one(two, two).some(([, hosts]) => hosts?.length === 0)).toBe(true);
  });

  it('is the registry of a pull Secret', () => {
    const password = random(63, 20);
    const config = (registry: string) =>
      JSON.stringify({ auths: { [registry]: { auth: Buffer.from(`ci:${password}`).toString('base64') } } });
    const basic = Buffer.from(`ci:${password}`).toString('base64');
    for (const sent of [password, `Basic ${basic}`]) {
      expect(homes(config('ghcr.io'), sent, { held: false }), sent).toContainEqual(['known-secret', ['ghcr.io']]);
    }
    expect(homes(config('https://index.docker.io/v1/'), password, { held: false })[0]?.[1]).toContain('auth.docker.io');
    expect(homes(config('ghcr.io'), password.slice(1), { held: false })).toEqual([]);
  });

  it('is the API server for a ServiceAccount token, and what the caller says', () => {
    const token = jwt({ iss: 'https://kubernetes.default.svc', 'kubernetes.io': { namespace: 'ci' } });
    for (const [, hosts] of homes(token, `Bearer ${token}`)) expect(hosts).toContain('kubernetes.default.svc');
    expect(homes(token, `Bearer ${token}`).map(([name]) => name)).toContain('known-secret');
    expect(homes(jwt({ iss: 'https://login.acme.dev' })).flatMap(([, hosts]) => hosts)).toEqual([]);
    expect(homes(random(64, 20), random(64, 20), { homeHosts: ['*.acme.dev'] })).toEqual([
      ['known-secret', ['*.acme.dev']],
    ]);
  });

  it('leaves another of the same format where it was', () => {
    const inspector = inspectorOf(secret('s/sa', jwt({ 'kubernetes.io': {} })));
    const text = `${jwt({ 'kubernetes.io': {} })} ${jwt({ sub: 'somebody else entirely' })}`;
    const found = inField(inspector, text).filter(({ detector }) => detector === 'jwt');
    expect(found.map(({ homeHosts }) => homeHosts.length > 0).sort()).toEqual([false, true]);
  });

  it('tells its home once, however many fields come after it', () => {
    const inspector = inspectorOf(secret('s/k', random(65, 30), { homeHosts: ['api.acme.dev'] }));
    const message = inspector.session('h').open({ body: 'http.body', contentEncoding: [] });
    const found = [`Bearer ${random(65, 30)}`, ...Array.from({ length: 60 }, (_, i) => `value ${i}`)].flatMap(
      (value, i) => {
        const step = message.field('http.header', `x-${i}`, Buffer.from(value));
        return 'findings' in step ? step.findings : [];
      },
    );
    expect(found).toHaveLength(1);
  });
});

describe('the bounds', () => {
  const report = (...given: Parameters<typeof secret>[]) =>
    createInspector().setKnownSecrets(given.map((each) => secret(...each)));

  it('are of how many, how much and how long; what is over one is told', () => {
    const many = Array.from({ length: MAX_KNOWN_SECRETS + 1 }, (_, i): [string, string] => [
      `s/${i}`,
      random(i + 1, 20),
    ]);
    expect(report(...many)).toEqual({
      taken: MAX_KNOWN_SECRETS,
      refused: [{ name: `s/${MAX_KNOWN_SECRETS}`, bound: 'count' }],
      plain: [],
    });
    const half = MAX_KNOWN_BYTES / 2;
    const big = (seed: number, length: number) => random(seed, length);
    expect(report(['a', big(1, half)], ['b', big(2, half)], ['c', big(3, 20)])).toEqual({
      taken: 2,
      refused: [{ name: 'c', bound: 'size' }],
      plain: [],
    });
    expect(report(['a', big(1, MAX_WHOLE_LENGTH), { held: false }])).toMatchObject({ taken: 1, refused: [] });
    expect(report(['a', big(1, MAX_WHOLE_LENGTH + 1), { held: false }])).toEqual({
      taken: 0,
      refused: [{ name: 'a', bound: 'length' }],
      plain: [],
    });
  });

  it('of length are the policy’s, and no less than what can be looked for', () => {
    const inspector = createInspector();
    const values = [7, 8, 11, 12].map((length) => random(length, length));
    const taken = (minLength?: number) => {
      inspector.setKnownSecrets(
        values.map((value) => secret(value, value)),
        minLength,
      );
      return values.filter((value) => known(inField(inspector, `<${value}>`)).length > 0).map(({ length }) => length);
    };
    expect(taken()).toEqual([12]);
    expect(taken(11)).toEqual([11, 12]);
    expect(taken(MIN_KNOWN_LENGTH)).toEqual([8, 11, 12]);
    expect(taken(1)).toEqual([8, 11, 12]);
    expect(taken(13)).toEqual([]);
  });
});

describe('setKnownSecrets', () => {
  it('replaces what was looked for, also for messages under way', () => {
    const [one, two] = [random(71, 20), random(72, 20)];
    const inspector = inspectorOf(secret('s/one', one));
    const message = inspector.session('h').open({ body: 'http.body', contentEncoding: [] });
    inspector.setKnownSecrets([secret('s/two', two)]);
    const step = message.field('http.header', 'x', Buffer.from(`${one} ${two}`));
    expect('findings' in step && known(step.findings)).toMatchObject([{ secret: 's/two' }]);
    inspector.setKnownSecrets([]);
    expect(inField(inspector, `${one} ${two}`)).toEqual([]);
  });

  it('lets others have their turn when traffic is served, and looks for what was before until it is done', async () => {
    const [one, two] = [random(74, 20), random(75, 20)];
    const inspector = inspectorOf(secret('s/one', one));
    const large = Array.from({ length: 128 }, (_, i) => secret(`s/${i}`, random(100 + i, 8000)));
    let turns = 0;
    let isDone = false;
    const turn = (): void => {
      if (isDone) return;
      turns++;
      expect(known(inField(inspector, `${one} ${two}`))).toMatchObject([{ secret: 's/one' }]);
      setImmediate(turn);
    };
    setImmediate(turn);
    const report = await inspector.replaceKnownSecrets([...large, secret('s/two', two)]);
    isDone = true;
    expect(report).toEqual({ taken: 129, refused: [], plain: [] });
    expect(known(inField(inspector, `${one} ${two}`))).toMatchObject([{ secret: 's/two' }]);
    // A megabyte takes a hundred milliseconds on the fastest machine.
    expect(turns).toBeGreaterThan(2);
  });

  it('uses the last of several that overlap', async () => {
    const values = [76, 77, 78].map((seed) => random(seed, 20));
    const inspector = createInspector();
    const [first, second, third] = values.map((value, i) => [
      ...Array.from({ length: 64 - 30 * i }, (_, n) => secret(`s/${n}`, random(300 + n, 4000))),
      secret(`s/last-${i}`, value),
    ]) as [KnownSecret[], KnownSecret[], KnownSecret[]];
    const both = [inspector.replaceKnownSecrets(first), inspector.replaceKnownSecrets(second)];
    inspector.setKnownSecrets(third);
    await Promise.all(both);
    expect(known(inField(inspector, values.join(' '))).map((found) => found.secret)).toEqual(['s/last-2']);
  });

  it('copies the values, and wipes its copies', () => {
    const value = Buffer.from(random(73, 20));
    const set = new KnownSet();
    set.replace([secret('s/k', value)]);
    const forms = [...(set.grams(false)?.forms ?? []), ...(set.grams(true)?.forms ?? [])];
    expect(forms.length).toBeGreaterThan(5);
    expect(forms.every(({ bytes }) => bytes.some((byte) => byte !== 0))).toBe(true);
    set.replace([]);
    for (const { bytes, value: each } of forms) {
      expect(bytes.every((byte) => byte === 0)).toBe(true);
      expect(each.bytes.every((byte) => byte === 0)).toBe(true);
    }
    expect(value.toString()).toBe(random(73, 20));
    expect(set.isEmpty).toBe(true);
  });

  it('does not put the value into what it reports', () => {
    const value = random(74, 40);
    const found = inField(inspectorOf(secret('s/k', value)), `a ${value}`);
    expect(JSON.stringify(found)).not.toContain(value.slice(3, 11));
  });
});

describe('a window', () => {
  const tells = (text: string) => tellingWindows(Buffer.from(text, 'latin1')).includes(1);

  it.each(['registry.npmjs.org', 'application/x-www-form-urlencoded', 'node-v24.15.0-linux-x64', 'aaaaAAAA1111aaaa'])(
    'does not tell: %s',
    (text) => expect(tells(text)).toBe(false),
  );

  it('tells in nearly every value drawn by lot, of each usual alphabet', () => {
    for (const alphabet of ['0123456789abcdef', 'abcdefghijklmnopqrstuvwxyz0123456789', BASE64]) {
      let telling = 0;
      for (let seed = 0; seed < 500; seed++) if (tells(characters(seed, 32, alphabet))) telling++;
      expect(telling, alphabet).toBeGreaterThan(480);
    }
    expect(tells(Buffer.from(characters(9, 64, BASE64), 'base64').toString('latin1'))).toBe(true);
    expect(tells('\0'.repeat(40))).toBe(false);
  });
});
