/** The small internet of the demo, inside `unshare -rnm`: public-looking addresses, a sink that is every host, and secrets to steal. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Sink } from './sink.ts';

export const [dns, analytics] = ['203.0.113.53', '203.0.113.10'];

export interface Ground {
  sink: Sink;
  /** A home directory with the secrets. */
  home: string;
  secrets: { id: string; key: string; ssh: string };
  /** What clients are told to trust. */
  ca: string;
  /** The command line of `weir run` with a policy, up to the command. */
  guard(policy: string, log: string): string[];
  close(): void;
}

/** Makes it, in `work`. */
export async function makeGround(work: string, root: string): Promise<Ground> {
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
    // Of names in pairs of characters, one that is asked for twice would arrive once.
    let id: string;
    do id = `AKIA${random(base32, 16)}`;
    while (new Set(id.match(/../g)).size < id.length / 2);
    writeFileSync(
      join(home, '.aws/credentials'),
      `[default]\naws_access_key_id = ${id}\naws_secret_access_key = ${key}\n`,
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
  return {
    sink,
    home,
    secrets: { id, key: secret, ssh },
    ca,
    // What the command is to find; in a checkout under /tmp it would be hidden.
    guard: (policy, log) => [
      join(root, 'bin/weir'),
      'run',
      ...['--policy', policy, '--resolver', dns, '--upstream-ca', ca, '--log', log, '--write', work],
      '--',
    ],
    close() {
      nameServer.close();
      webServer.close();
      webServer.closeAllConnections();
    },
  };
}
