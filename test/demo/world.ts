/**
 * Runs inside `unshare -rnm`: a small internet of its own on public-looking addresses, then the leaking install, first
 * bare, then under `weir run` with the policy that is named third, or the demo's. Prints one JSON line with what the
 * sink learned each time.
 */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Sink } from './sink.ts';

const [work = '', root = '', policy = join(root, 'test/demo/leaks.yaml')] = process.argv.slice(2);
const [dns, analytics] = ['203.0.113.53', '203.0.113.10'];
const run = (command: string, ...args: string[]) =>
  execFileSync(command, args, { stdio: ['ignore', 'pipe', 'inherit'] }).toString();

run('ip', 'link', 'set', 'lo', 'up');
for (const address of [dns, analytics]) run('ip', 'addr', 'add', `${address}/32`, 'dev', 'lo');
writeFileSync(join(work, 'resolv.conf'), `nameserver ${dns}\n`);
run('mount', '--bind', join(work, 'resolv.conf'), run('readlink', '-f', '/etc/resolv.conf').trim());

// The secrets: made now, of real shape, of no use to anybody; those of an earlier run when its home is there.
const random = (alphabet: string, length: number) =>
  Array.from(crypto.getRandomValues(new Uint32Array(length)), (n) => alphabet[n % alphabet.length]).join('');
const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const home = join(work, 'home');
if (!existsSync(home)) {
  mkdirSync(join(home, '.aws'), { recursive: true });
  mkdirSync(join(home, '.ssh'), { recursive: true });
  const key = random('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', 40);
  writeFileSync(
    join(home, '.aws/credentials'),
    `[default]\naws_access_key_id = AKIA${random(base32, 16)}\naws_secret_access_key = ${key}\n`,
  );
  run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'demo', '-f', join(home, '.ssh/id_ed25519'));
}
const [id = '', secret = ''] = [...readFileSync(join(home, '.aws/credentials'), 'utf8').matchAll(/= (\S+)/g)].map(
  ([, value]) => value ?? '',
);
const ssh = run('cat', join(home, '.ssh/id_ed25519'));

// The analytics host's certificate, from a CA that both runs are told to trust.
const ca = join(work, 'ca.pem');
// What openssl says of its progress is not for the demo's screen; what it says when it fails is in the error.
const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
openssl(
  'req',
  '-x509',
  '-newkey',
  'ec',
  '-pkeyopt',
  'ec_paramgen_curve:P-256',
  '-nodes',
  '-keyout',
  join(work, 'ca.key'),
  '-out',
  ca,
  '-subj',
  '/CN=demo CA',
  '-days',
  '2',
);
openssl(
  'req',
  '-newkey',
  'ec',
  '-pkeyopt',
  'ec_paramgen_curve:P-256',
  '-nodes',
  '-keyout',
  join(work, 'leaf.key'),
  '-out',
  join(work, 'leaf.csr'),
  '-subj',
  '/CN=analytics-demo.com',
);
writeFileSync(join(work, 'leaf.ext'), 'subjectAltName=DNS:analytics-demo.com\n');
openssl(
  'x509',
  '-req',
  '-in',
  join(work, 'leaf.csr'),
  '-CA',
  ca,
  '-CAkey',
  join(work, 'ca.key'),
  '-CAcreateserial',
  '-days',
  '2',
  '-extfile',
  join(work, 'leaf.ext'),
  '-out',
  join(work, 'leaf.pem'),
);

const sink = new Sink();
const nameServer = await sink.serveDns(dns, analytics);
const webServer = await sink.serveHttps(
  analytics,
  run('cat', join(work, 'leaf.pem')),
  run('cat', join(work, 'leaf.key')),
);

// The project: one dependency, with an install hook.
const hook = join(work, 'hook');
cpSync(join(root, 'test/demo/hook'), hook, { recursive: true });
execFileSync('npm', ['pack', '--silent', '--pack-destination', work], { cwd: hook });

async function install(name: string, prefix: string[]): Promise<{ status: number | null; output: string }> {
  const project = join(work, name);
  mkdirSync(project);
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({
      name,
      version: '1.0.0',
      dependencies: { 'fast-left-pad': `file:${work}/fast-left-pad-1.0.0.tgz` },
    }),
  );
  const argv = [
    ...prefix,
    'npm',
    'install',
    '--offline',
    '--foreground-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  const child = spawn(argv[0] ?? '', argv.slice(1), {
    cwd: project,
    env: { ...process.env, DEMO_HOME: home, NODE_EXTRA_CA_CERTS: ca },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk;
    });
  const status = await new Promise<number | null>((done) => child.on('close', done));
  return { status, output };
}

const secrets = { aws: `${id}\n${secret}`, ssh };
const bare = await install('bare', []);
const bareLearned = sink.learned(secrets);
sink.forget();
const guarded = await install('guarded', [
  join(root, 'bin/weir'),
  'run',
  '--policy',
  policy,
  '--resolver',
  dns,
  '--upstream-ca',
  ca,
  '--log',
  join(work, 'audit.jsonl'),
  // The package and the secrets that the hook is to find; in a checkout under /tmp they would be hidden.
  '--write',
  work,
  '--',
]);
const guardedLearned = sink.learned(secrets);
nameServer.close();
webServer.close();
webServer.closeAllConnections();
console.log(
  JSON.stringify({ bare: { ...bare, learned: bareLearned }, guarded: { ...guarded, learned: guardedLearned } }),
);
