/**
 * A small internet of real servers in one network namespace, on public-looking addresses: nsd, verdaccio, Apache with
 * git http-backend, sshd, a server for large bodies, `openssl s_server`. Clients run in the same namespace, through Weir or bare.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nsdConfig } from '../net/nsd.ts';
import { makePki, type Pki } from '../net/pki.ts';
import { Companion, must, type Outcome, type RunOptions, run } from '../net/process.ts';
import { node, processEnv, root, weir } from '../setup/processes.ts';

export const HOSTS = {
  dns: { name: 'ns.example', address: '203.0.113.53' },
  npm: { name: 'registry.example', address: '203.0.113.20' },
  git: { name: 'git.example', address: '203.0.113.21' },
  ssh: { name: 'ssh.example', address: '203.0.113.22' },
  bulk: { name: 'bulk.example', address: '203.0.113.23' },
  old: { name: 'old-tls.example', address: '203.0.113.24' },
  expired: { name: 'expired.example', address: '203.0.113.25' },
} as const;

const NSD_ZONE = `$ORIGIN example.
$TTL 5
@ IN SOA ns root 1 3600 600 86400 5
@ IN NS ns
${Object.values(HOSTS)
  .map(({ name, address }) => `${name}. IN A ${address}`)
  .join('\n')}
`;

export class Internet {
  readonly directory: string;
  readonly namespace: string;
  pki!: Pki;
  readonly #companions: Companion[] = [];

  private constructor() {
    this.namespace = `weirclients-${process.pid}`;
    this.directory = mkdtempSync(join(tmpdir(), 'weir-clients-'));
  }

  static async start(): Promise<Internet> {
    if (process.getuid?.() !== 0) throw new Error('the client tests make a network namespace and must run as root');
    const internet = new Internet();
    try {
      await internet.#network();
      internet.pki = await makePki(
        internet.directory,
        Object.values(HOSTS).map(({ name }) => name),
      );
      await Promise.all([
        internet.#nsd(),
        internet.#verdaccio(),
        internet.#apache(),
        internet.#sshd(),
        internet.#bulk(),
        internet.#odd(),
      ]);
      return internet;
    } catch (error) {
      await internet.stop();
      throw error;
    }
  }

  /** Runs a command in the namespace, bare. */
  bare(argv: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    return run(['ip', 'netns', 'exec', this.namespace, ...argv], {
      timeoutMs: 120_000,
      ...options,
      env: { ...processEnv(), ...this.#trust(), ...options.env },
    });
  }

  /** Runs a command in the namespace through `weir run` with a policy (YAML text). `log` is the audit log afterwards. */
  async through(
    policy: string,
    argv: readonly string[],
    options: RunOptions & { write?: string[] } = {},
  ): Promise<Outcome & { log: string }> {
    const id = Math.random().toString(36).slice(2);
    const file = this.path(`policy-${id}.yaml`);
    const log = this.path(`audit-${id}.jsonl`);
    writeFileSync(file, policy);
    const flags = ['--policy', file, '--resolver', HOSTS.dns.address, '--upstream-ca', this.pki.ca, '--log', log];
    for (const path of [this.directory, ...(options.write ?? []), join(root, 'coverage')]) {
      mkdirSync(path, { recursive: true });
      flags.push('--write', path);
    }
    const outcome = await run(['ip', 'netns', 'exec', this.namespace, weir, 'run', ...flags, '--', ...argv], {
      timeoutMs: 180_000,
      ...options,
      env: { ...processEnv(), ...options.env },
    });
    const text = await run(['cat', log]);
    return { ...outcome, log: text.stdout };
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#companions.map((companion) => companion.stop()));
    await run([
      'sh',
      '-c',
      'ip netns pids "$1" 2>/dev/null | xargs -r kill -9; ip netns del "$1" 2>/dev/null; rm -rf "/etc/netns/$1"',
      'sh',
      this.namespace,
    ]);
    rmSync(this.directory, { recursive: true, force: true });
  }

  #trust(): Record<string, string> {
    const { ca } = this.pki;
    return {
      NODE_EXTRA_CA_CERTS: ca,
      GIT_SSL_CAINFO: ca,
      CURL_CA_BUNDLE: ca,
      SSL_CERT_FILE: ca,
      npm_config_cafile: ca,
    };
  }

  async #network(): Promise<void> {
    await run(['chmod', '0755', this.directory]);
    await must(['ip', 'netns', 'add', this.namespace]);
    mkdirSync(`/etc/netns/${this.namespace}`, { recursive: true });
    writeFileSync(`/etc/netns/${this.namespace}/resolv.conf`, `nameserver ${HOSTS.dns.address}\n`);
    await must(['ip', '-n', this.namespace, 'link', 'set', 'lo', 'up']);
    for (const { address } of Object.values(HOSTS))
      await must(['ip', '-n', this.namespace, 'addr', 'add', `${address}/32`, 'dev', 'lo']);
  }

  #companion(name: string, argv: readonly string[], env?: Record<string, string | undefined>): Companion {
    const companion = new Companion(name, ['ip', 'netns', 'exec', this.namespace, ...argv], { ...process.env, ...env });
    this.#companions.push(companion);
    return companion;
  }

  /** Waits until something listens there. */
  async #listening(address: string, port: number): Promise<void> {
    const probe = [
      'bash',
      '-c',
      `for i in $(seq 200); do (exec 3<>/dev/tcp/${address}/${port}) 2>/dev/null && exit 0; sleep 0.1; done; exit 1`,
    ];
    await must(['ip', 'netns', 'exec', this.namespace, ...probe]);
  }

  async #nsd(): Promise<void> {
    const directory = this.path('nsd');
    mkdirSync(directory);
    writeFileSync(join(directory, 'example.zone'), NSD_ZONE);
    writeFileSync(
      join(directory, 'nsd.conf'),
      nsdConfig(directory, [HOSTS.dns.address], [['example', 'example.zone']]),
    );
    this.#companion('nsd', ['nsd', '-d', '-c', join(directory, 'nsd.conf')]);
    await this.#listening(HOSTS.dns.address, 53);
  }

  async #verdaccio(): Promise<void> {
    const directory = this.path('verdaccio');
    mkdirSync(directory);
    writeFileSync(
      join(directory, 'config.yaml'),
      JSON.stringify({
        storage: join(directory, 'storage'),
        auth: { htpasswd: { file: join(directory, 'htpasswd'), max_users: 10, algorithm: 'sha1' } },
        packages: { '**': { access: '$all', publish: '$authenticated' } },
        https: { key: this.pki.key, cert: this.pki.certificate, ca: this.pki.ca },
        log: { type: 'stdout', format: 'json', level: 'warn' },
      }),
    );
    this.#companion(
      'verdaccio',
      [
        node,
        join(root, 'node_modules/verdaccio/bin/verdaccio'),
        '--config',
        join(directory, 'config.yaml'),
        '--listen',
        `https://${HOSTS.npm.address}:443`,
      ],
      { HOME: directory },
    );
    await this.#listening(HOSTS.npm.address, 443);
  }

  async #apache(): Promise<void> {
    const directory = this.path('git');
    const bareRepository = join(directory, 'repositories/acme/tools.git');
    mkdirSync(bareRepository, { recursive: true });
    await must(['git', 'init', '-q', '--bare', '-b', 'main', bareRepository]);
    await must(['git', '-C', bareRepository, 'config', 'http.receivepack', 'true']);
    const seed = join(directory, 'seed');
    await must(['git', 'init', '-q', '-b', 'main', seed]);
    cpSync(join(root, 'crds'), join(seed, 'crds'), { recursive: true });
    const as = ['-c', 'user.name=t', '-c', 'user.email=t@example'];
    await must(['git', '-C', seed, 'add', '-A']);
    await must(['git', '-C', seed, ...as, 'commit', '-qm', 'seed']);
    await must(['git', '-C', seed, 'push', '-q', bareRepository, 'main']);
    await must(['chown', '-R', 'www-data:www-data', join(directory, 'repositories')]);
    const modules = ['mpm_event', 'authz_core', 'authn_core', 'alias', 'env', 'cgid', 'ssl', 'setenvif'];
    writeFileSync(
      join(directory, 'apache.conf'),
      [
        'ServerRoot /usr/lib/apache2',
        `PidFile ${directory}/apache.pid`,
        `Mutex file:${directory} default`,
        `ErrorLog ${directory}/error.log`,
        `ServerName ${HOSTS.git.name}`,
        ...modules.map((name) => `LoadModule ${name}_module modules/mod_${name}.so`),
        'User www-data',
        'Group www-data',
        `Listen ${HOSTS.git.address}:443`,
        `ScriptSock ${directory}/cgid.sock`,
        'SSLEngine on',
        `SSLCertificateFile ${this.pki.certificate}`,
        `SSLCertificateKeyFile ${this.pki.key}`,
        `SetEnv GIT_PROJECT_ROOT ${directory}/repositories`,
        'SetEnv GIT_HTTP_EXPORT_ALL 1',
        'ScriptAlias / /usr/lib/git-core/git-http-backend/',
        '<Directory "/usr/lib/git-core">',
        '  Require all granted',
        '</Directory>',
        '',
      ].join('\n'),
    );
    this.#companion('apache', ['apache2', '-f', join(directory, 'apache.conf'), '-DFOREGROUND']);
    await this.#listening(HOSTS.git.address, 443);
  }

  async #sshd(): Promise<void> {
    const directory = this.path('ssh');
    mkdirSync(directory, { mode: 0o700 });
    mkdirSync('/run/sshd', { recursive: true });
    await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', join(directory, 'host')]);
    await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', join(directory, 'user')]);
    await must(['cp', join(directory, 'user.pub'), join(directory, 'authorized')]);
    writeFileSync(
      join(directory, 'sshd.conf'),
      [
        `ListenAddress ${HOSTS.ssh.address}`,
        `HostKey ${directory}/host`,
        `AuthorizedKeysFile ${directory}/authorized`,
        'StrictModes no',
        'UsePAM no',
        'PermitRootLogin yes',
        `PidFile ${directory}/pid`,
        '',
      ].join('\n'),
    );
    this.#companion('sshd', ['/usr/sbin/sshd', '-D', '-e', '-f', join(directory, 'sshd.conf')]);
    await this.#listening(HOSTS.ssh.address, 22);
  }

  async #bulk(): Promise<void> {
    const server = this.#companion('bulk', [
      node,
      join(root, 'test/fixtures/bulk-server.ts'),
      HOSTS.bulk.address,
      '443',
      this.pki.certificate,
      this.pki.key,
    ]);
    await server.line((line) => line === 'ready', 20_000);
  }

  /** Servers whose TLS must be refused: too old a version, and a certificate that is over. */
  async #odd(): Promise<void> {
    const serve = (address: string, certificate: string, key: string, ...more: string[]) =>
      this.#companion(`s_server ${address}`, [
        'openssl',
        's_server',
        '-accept',
        `${address}:443`,
        '-cert',
        certificate,
        '-key',
        key,
        '-www',
        '-quiet',
        ...more,
      ]);
    serve(HOSTS.old.address, this.pki.certificate, this.pki.key, '-tls1_1', '-cipher', 'DEFAULT@SECLEVEL=0');
    const over = this.path('over');
    await must([
      'openssl',
      'x509',
      '-req',
      '-in',
      this.path('server.csr'),
      '-CA',
      this.pki.ca,
      '-CAkey',
      this.path('ca.key'),
      '-extfile',
      this.path('server.ext'),
      '-days',
      '-1',
      '-set_serial',
      '77',
      '-out',
      `${over}.crt`,
    ]);
    serve(HOSTS.expired.address, `${over}.crt`, this.pki.key);
    await Promise.all([this.#listening(HOSTS.old.address, 443), this.#listening(HOSTS.expired.address, 443)]);
  }
}
