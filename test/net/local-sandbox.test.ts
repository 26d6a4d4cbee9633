/**
 * Attacks on local mode's sandbox, with real processes, by a command that root runs and by one that an ordinary user runs. The
 * holder is the real one; the data plane is not there (other tests see to the network).
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { node, processEnv, root } from '../setup/processes.ts';
import type { ParentOptions } from './local-sandbox/parent.ts';

const PARENT = path.join(import.meta.dirname, 'local-sandbox/parent.ts');
const ATTACK = path.join(import.meta.dirname, 'local-sandbox/attack.py');
const TERMINAL = path.join(import.meta.dirname, 'local-sandbox/terminal.py');
const PYTHON = '/usr/bin/python3';
/** An ordinary user without an account. */
const USER_ID = 12345;

interface Identity {
  name: 'root' | 'user';
  /** What a command line starts with to be run as them. */
  prefix: string[];
  uid: number;
}

const isRoot = process.getuid?.() === 0;
const asUser = ['setpriv', `--reuid=${USER_ID}`, `--regid=${USER_ID}`, '--clear-groups'];
const identities: Identity[] = isRoot
  ? [
      { name: 'root', prefix: [], uid: 0 },
      { name: 'user', prefix: asUser, uid: USER_ID },
    ]
  : [{ name: 'user', prefix: [], uid: process.getuid?.() ?? 0 }];

/** Directories of one identity: in sight of the sandbox, as /tmp would not be. */
class Ground {
  readonly base: string;
  readonly identity: Identity;
  readonly view: ParentOptions['view'];

  constructor(identity: Identity) {
    this.identity = identity;
    this.base = fs.mkdtempSync(path.join(root, 'node_modules', '.sb-'));
    for (const name of ['home', 'cache', 'outside', 'project/policies', 'project/secret', 'project/d', 'masked']) {
      fs.mkdirSync(this.at(name), { recursive: true });
    }
    const files = { 'home/.bashrc': '', 'outside/file': 'outside', 'masked/key': 'key' };
    for (const [name, text] of Object.entries({
      ...files,
      'project/secret/file': 'secret',
      'stdin.txt': 'two\nlines\n',
    })) {
      fs.writeFileSync(this.at(name), text);
    }
    fs.writeFileSync(this.at('project/policies/policy.yaml'), 'policy');
    if (identity.prefix.length > 0) spawnSync('chown', ['-R', `${identity.uid}:${identity.uid}`, this.base]);
    this.view = {
      writable: [this.at('project'), this.at('cache')],
      masks: [this.at('project/secret/file'), this.at('masked')],
      protected: [this.at('project/policies/policy.yaml')],
    };
  }

  at(name: string): string {
    return path.join(this.base, name);
  }

  /** The command line that runs `command` in the sandbox as this identity. */
  line(...command: string[]): string[] {
    const options: ParentOptions = { view: this.view, command, cwd: this.at('project') };
    return [...this.identity.prefix, node, '--disable-sigusr1', PARENT, JSON.stringify(options)];
  }

  start(stdin: 'ignore' | 'pipe' | number, ...command: string[]): ChildProcess {
    const [file = '', ...args] = this.line(...command);
    return spawn(file, args, { env: this.env(), stdio: [stdin, 'pipe', 'pipe'] });
  }

  env(): NodeJS.ProcessEnv {
    const env: NodeJS.ProcessEnv = { ...processEnv(), HOME: this.at('home') };
    // Only who owns the directory can leave coverage there.
    if (this.identity.prefix.length > 0) delete env.NODE_V8_COVERAGE;
    return env;
  }

  run(stdin: 'ignore' | number, ...command: string[]): Promise<Ended> {
    return ended(this.start(stdin, ...command));
  }

  /** Has a shell, in the project and as this identity, start the sandbox: `"$@"` in `script`. */
  runAs(script: string, ...command: string[]): Promise<Ended> {
    const inside = this.line(...command).slice(this.identity.prefix.length);
    const [file = '', ...args] = [...this.identity.prefix, 'bash', '-c', script, 'bash', ...inside];
    return ended(spawn(file, args, { cwd: this.at('project'), env: this.env(), stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  remove(): void {
    fs.rmSync(this.base, { recursive: true, force: true });
  }
}

interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

async function ended(child: ChildProcess): Promise<Ended> {
  const [stdout, stderr] = [collected(child.stdout), collected(child.stderr)];
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, stdout: stdout(), stderr: stderr() };
}

function collected(stream: NodeJS.ReadableStream | null): () => string {
  let text = '';
  stream?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return () => text;
}

/** Resolves when `text` has come. */
async function heard(stream: NodeJS.ReadableStream | null, text: string): Promise<void> {
  let all = '';
  for await (const chunk of stream ?? []) {
    all += chunk.toString();
    if (all.includes(text)) return;
  }
  throw new Error(`not heard: ${text}; but ${all}`);
}

/** A daemon of the host on these Unix socket addresses, that greets whoever comes. */
async function daemon(addresses: readonly string[]): Promise<net.Server[]> {
  return Promise.all(
    addresses.map(async (address) => {
      const server = net.createServer((socket) => socket.on('error', () => undefined).end('host\n'));
      server.listen(address);
      await once(server, 'listening');
      if (!address.startsWith('\0')) fs.chmodSync(address, 0o777);
      return server;
    }),
  );
}

describe.each(identities)('a command that $name runs', (identity) => {
  let ground: Ground;
  let daemons: net.Server[];
  let results: Record<string, string>;
  let controls: Record<string, string>;

  beforeAll(async () => {
    ground = new Ground(identity);
    const sockets = {
      visible: ground.at('outside/s'),
      renamed: ground.at('outside/r'),
      'in the project': ground.at('project/d/s'),
      'in the home directory': ground.at('home/agent'),
      abstract: `\0weir-test-${process.pid}-${identity.name}`,
    };
    daemons = await daemon(
      [...Object.values(sockets), ground.at('outside/r.tmp')].filter((at) => at !== sockets.renamed),
    );
    fs.renameSync(ground.at('outside/r.tmp'), sockets.renamed);
    const port = net.createServer((socket) => socket.on('error', () => undefined).end('host\n')).listen(0, '127.0.0.1');
    await once(port, 'listening');
    daemons.push(port);
    controls = Object.fromEntries(
      await Promise.all(Object.entries(sockets).map(async ([name, at]) => [name, await greeting(at)])),
    );
    const hostTmp = fs.mkdtempSync('/tmp/weir-sandbox-');
    const paths = {
      sockets: Object.fromEntries(Object.entries(sockets).map(([name, at]) => [name, at.replace('\0', '@')])),
      outside: ground.at('outside'),
      cache: ground.at('cache'),
      masked: ground.at('masked'),
      hostTmp,
      port: (port.address() as net.AddressInfo).port,
    };
    const stdin = fs.openSync(ground.at('stdin.txt'), 'r');
    fs.readSync(stdin, Buffer.alloc(4), 0, 4, null);
    const { status, stdout, stderr } = await ground.run(stdin, PYTHON, ATTACK, JSON.stringify(paths));
    fs.closeSync(stdin);
    fs.rmSync(hostTmp, { recursive: true });
    if (status !== 0) throw new Error(`the attack ended with ${status}: ${stderr}`);
    results = JSON.parse(stdout);
  });

  afterAll(() => {
    for (const server of daemons) server.close();
    ground.remove();
  });

  /** What came of the attempts whose names begin with `prefix`. */
  const of = (prefix: string): Record<string, string> =>
    Object.fromEntries(Object.entries(results).filter(([name]) => name.startsWith(prefix)));
  const refused = expect.stringMatching(/^(E[A-Z]+$|RuntimeError status )/);

  test('is the same user, with no capability, no way to new ones, and nobody else in sight', () => {
    const id = `done ${Array(4).fill(identity.uid).join('\t')}`;
    expect(of('status ')).toEqual({
      'status Uid': id,
      'status CapEff': 'done 0000000000000000',
      'status CapPrm': 'done 0000000000000000',
      'status CapInh': 'done 0000000000000000',
      'status CapAmb': 'done 0000000000000000',
      'status NoNewPrivs': 'done 1',
      'status Seccomp': 'done 2',
    });
    expect(results['number of processes']).toBe('done True');
    expect(results.nosuid).toBe('done True');
    expect(results.nodev).toBe('done True');
  });

  test('has descriptors 0, 1 and 2 alone (the fourth reads the list)', () => {
    expect(results.descriptors).toBe("done ['0', '1', '2', '4']");
  });

  test('has harmless devices only', () => {
    expect(results.devices).toBe('done fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero');
    expect(results['device node']).toBe('EPERM');
    expect(results).toMatchObject({ null: 'done None', random: 'done 4', 'own shared memory': 'done None' });
  });

  test('cannot change the kernel’s settings or read its memory', () => {
    for (const [name, result] of Object.entries(of('write /proc/sys'))) {
      expect([name, result]).toEqual([name, expect.stringMatching(/^(EROFS|EACCES|ENOENT)$/)]);
    }
    expect(results['write /sys']).toMatch(/^(EROFS|EACCES|ENOENT)$/);
    expect(of('read /proc/')).toEqual(
      Object.fromEntries(Object.keys(of('read /proc/')).map((name) => [name, 'done 0'])),
    );
    expect(results['list /sys/firmware']).toBe('done 0');
  });

  test('cannot change mounts', () => {
    const attempts = ['mount', 'remount', 'unmount a cover', 'unmount everything'];
    for (const name of attempts) expect([name, results[name]]).toEqual([name, refused]);
  });

  test('cannot look under the covers from namespaces of its own', () => {
    const attempts = of('nested ');
    expect(Object.keys(attempts)).toHaveLength(12);
    for (const [name, result] of Object.entries(attempts)) expect([name, result]).toEqual([name, refused]);
    expect(results['unix through an overlay']).toEqual(refused);
    // Root without capabilities may not map root, so it gets no such namespace. To others the like is possible where nothing is covered.
    const possible = identity.name === 'user' ? 'done ' : refused;
    expect(results.nested).toEqual(possible);
    expect(of('control: ')).toEqual({
      'control: nested bind': possible,
      'control: nested overlay': possible,
      'control: nested recursive bind': possible,
    });
  });

  test('cannot touch the holder', () => {
    for (const action of ['read', 'follow', 'list', 'open', 'enter', 'trace', 'take']) {
      const attempts = Object.entries(of(action)).filter(([name]) => name.includes('holder'));
      expect(attempts.length).toBeGreaterThan(0);
      for (const [name, result] of attempts) expect([name, result]).toEqual([name, refused]);
    }
  });

  test('cannot end or stop the holder', () => {
    for (const name of ['SIGKILL', 'SIGSTOP', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2']) {
      expect([name, results[`${name} to holder`]]).toEqual([name, 'done None']);
    }
  });

  test('leaves no zombies', () => {
    expect(results.orphans).toBe('done none left');
  });

  test('makes no socket of another family', () => {
    const made = ['unix', 'inet', 'inet6', 'netlink'].map((name) => [`socket ${name}`, 'done None']);
    const others = ['vsock', 'packet', 'alg', 'can', 'xdp', 'bluetooth', 'tipc', 'rds'];
    expect(of('socket ')).toEqual(
      Object.fromEntries([...made, ...others.map((name) => [`socket ${name}`, 'EAFNOSUPPORT'])]),
    );
    expect(results['raw socket']).toBe('EPERM');
  });

  test('has no io_uring, keyring, bpf or terminal injection', () => {
    expect(results).toMatchObject({
      io_uring: 'ENOSYS',
      keyctl: 'EPERM',
      add_key: 'EPERM',
      bpf: 'EPERM',
      TIOCSTI: 'EPERM',
    });
  });

  test('reaches the parent by TCP and DNS, and nothing else', () => {
    expect(results.tcp).toBe('done weir');
    expect(results.dns).toBe('done leak');
    expect(results['dns to loopback']).toBe('done leak');
    expect(results['tcp to a host service']).toBe('ECONNREFUSED');
    expect(results.tcp6).toMatch(/^E(NETUNREACH|HOSTUNREACH|ADDRNOTAVAIL)$/);
    expect(results.udp).not.toMatch(/^done/);
    expect(results.interfaces).toBe('done lo');
  });

  test('cannot change the network', () => {
    expect(results.mark).toBe('EPERM');
    expect(results.rules).toEqual(refused);
    expect(results.link).toEqual(refused);
    expect(results['resolv.conf']).toBe('done nameserver 127.0.0.1\n');
    expect(results.hosts).toBe("done ['127.0.0.1', 'localhost']");
  });

  test('reaches no Unix socket of the host, though each answers outside', () => {
    expect(Object.values(controls)).toEqual(Array(5).fill('host\n'));
    expect(of('unix ')).toEqual({
      'unix visible': expect.stringMatching(/^(ECONNREFUSED|EACCES)$/),
      'unix renamed': expect.stringMatching(/^(ECONNREFUSED|EACCES)$/),
      'unix in the project': expect.stringMatching(/^(ECONNREFUSED|EACCES)$/),
      'unix in the home directory': expect.stringMatching(/^(ECONNREFUSED|EACCES)$/),
      'unix abstract': 'ECONNREFUSED',
      'unix renamed directory': expect.stringMatching(/^(ECONNREFUSED|EACCES)$/),
      'unix through an overlay': refused,
    });
  });

  test('writes in the project, the caches and its own /tmp', () => {
    expect(results).toMatchObject({
      'write project': 'done None',
      'write cache': 'done None',
      'write /tmp': 'done None',
      'list /tmp': 'done False',
    });
    expect(fs.existsSync(ground.at('cache/x'))).toBe(true);
    expect(fs.existsSync('/tmp/x') && fs.statSync('/tmp/x').uid === identity.uid).toBe(false);
  });

  test('writes nowhere else, by no detour', () => {
    const direct = ['~/.bashrc', '~/new', '/etc/passwd', '/etc/cron.d/x', '/usr/bin/x', '/var/lib/x', 'outside/x'];
    const detours = ['through a link', 'through dots', 'through /proc'];
    for (const place of [...direct, ...detours]) {
      const result = results[`write ${place}`];
      expect([place, result]).toEqual([place, expect.stringMatching(/^(EROFS|EACCES|ENOENT|EXDEV|ENOTDIR)$/)]);
    }
    expect(results['hard link in']).toMatch(/^(EXDEV|EROFS)$/);
    expect(results['rename out']).toMatch(/^(EXDEV|EROFS)$/);
    expect(fs.readdirSync(ground.at('outside')).toSorted()).toEqual(['file', 'r', 's']);
    expect(fs.readdirSync(ground.at('home')).toSorted()).toEqual(['.bashrc', 'agent']);
  });

  test('does not see what is masked', () => {
    expect(results['masked file']).toBe('done ');
    expect(results['masked directory']).toBe('done []');
    expect(results['unlink a mask']).toBe('EBUSY');
    expect(fs.readFileSync(ground.at('project/secret/file'), 'utf8')).toBe('secret');
  });

  test('reads its policy and cannot change or replace it', () => {
    expect(results['read policy']).toBe('done policy');
    expect(results['write policy']).toBe('EROFS');
    expect(results['replace policy']).toMatch(/^E(BUSY|XDEV)$/);
    expect(results["replace policy's directory"]).toBe('EBUSY');
    expect(results['write beside policy']).toBe('done None');
    expect(fs.readFileSync(ground.at('project/policies/policy.yaml'), 'utf8')).toBe('policy');
  });

  test('reads Weir’s files and cannot change them', () => {
    expect(results['weir files']).toBe('done authority');
    expect(results['write weir files']).toMatch(/^(EROFS|EACCES)$/);
    expect(results['new weir file']).toBe('EROFS');
  });

  test('reads a file given as standard input from where it was, and cannot open it for writing', () => {
    expect(results.stdin).toBe('done lines\n');
    expect(results['write stdin']).toBe('EROFS');
    expect(results["stdin's directory"]).toBe('ENOTDIR');
    expect(results['open /dev/tty']).toBe('ENXIO');
  });
});

function greeting(address: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const client = net.connect(address).setEncoding('utf8');
    client.once('data', (text) => {
      client.destroy();
      resolve(String(text));
    });
    client.once('error', reject);
  });
}

describe.each(identities)('the life of a command that $name runs', (identity) => {
  let ground: Ground;
  beforeAll(() => {
    ground = new Ground(identity);
  });
  afterAll(() => ground.remove());

  test.each([
    [['sh', '-c', 'exit 42'], 42],
    [['sh', '-c', 'kill -9 $$'], 137],
    [['no-such-program'], 127],
    [['./policies/policy.yaml'], 126],
  ])('%j ends with %d', async (command, status) => {
    expect((await ground.run('ignore', ...command)).status).toBe(status);
  });

  test('signals reach it', async () => {
    const script = 'trap "exit 33" TERM; trap "echo usr" USR1; echo up; while :; do sleep 0.02; done';
    const child = ground.start('ignore', 'sh', '-c', script);
    await heard(child.stdout, 'up');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([33, null]);
  });

  test('it ends with whoever started it', async () => {
    const child = ground.start('ignore', 'sh', '-c', 'echo up; exec sleep 54321');
    await heard(child.stdout, 'up');
    expect(sleepers()).toBe(1);
    child.kill('SIGKILL');
    await expect.poll(sleepers, { timeout: 3000 }).toBe(0);
  });

  test('what it leaves behind ends with it', async () => {
    expect((await ground.run('ignore', 'sh', '-c', 'setsid sleep 54321 >/dev/null 2>&1 & exit 0')).status).toBe(0);
    expect(sleepers()).toBe(0);
  });

  test('a kernel that refuses the namespaces is told from other failures', async () => {
    const setting = 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"';
    const { status, stderr } = await ground.runAs(`exec unshare -Ur bash -c '${setting}' bash "$@"`, 'true');
    expect(status).toBe(125);
    expect(stderr).toMatch(/^unshare: .*\nthe sandbox could not be made \(status 1\)\n$/);
  });

  test.each([
    ['a directory', '<.', 'a directory'],
    ['a network namespace', '</proc/self/ns/net', 'a file that has no name here: pipe it in (cat FILE | weir run …)'],
  ])('%s as standard input is refused', async (_what, redirection, message) => {
    const { status, stderr } = await ground.runAs(`exec "$@" ${redirection}`, 'true');
    expect(status).toBe(125);
    expect(stderr).toContain(`standard input is ${message}\n`);
  });

  test('a file that was opened for writing is written', async () => {
    const { status } = await ground.runAs('exec "$@" >../outside/out', 'echo', 'gift');
    expect([status, fs.readFileSync(ground.at('outside/out'), 'utf8')]).toEqual([0, 'gift\n']);
  });

  test('a file without a name is read', async () => {
    const { stdout } = await ground.runAs('exec 3>gone 4<gone; rm gone; echo text >&3; exec "$@" 3>&- <&4', 'cat');
    expect(stdout).toBe('text\n');
  });

  test.each([
    ['unix datagram pair', 'socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0]', false],
    ['unix stream without a peer', 'socket.socket(socket.AF_UNIX)', false],
    ['udp', 'socket.socket(socket.AF_INET, socket.SOCK_DGRAM)', false],
    ['netlink', 'socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)', false],
    ['unix stream pair', 'pair[0]', true],
  ])('a socket as standard input: %s', async (_kind, socket, accepted) => {
    const script = [
      'import os, socket, sys',
      'pair = socket.socketpair()',
      `given = ${socket}`,
      'os.dup2(given.fileno(), 0)',
      'os.set_inheritable(0, True)',
      'os.execvp(sys.argv[1], sys.argv[1:])',
    ].join('; ');
    const { status, stdout, stderr } = await ground.runAs(`exec ${PYTHON} -c '${script}' "$@"`, 'echo', 'ran');
    if (accepted) expect([status, stdout]).toEqual([0, 'ran\n']);
    else expect([status, stderr]).toEqual([125, expect.stringContaining('standard input is a network socket')]);
  });
});

function sleepers(): number {
  const { stdout } = spawnSync('pgrep', ['-fcx', '.*sleep 54321'], { encoding: 'utf8' });
  return Number(stdout);
}

describe.each(identities)('the terminal of a command that $name runs', (identity) => {
  let ground: Ground;
  beforeAll(() => {
    ground = new Ground(identity);
  });
  afterAll(() => ground.remove());

  type Step = { see: string; type?: string; resize?: [rows: number, columns: number] };
  function onTerminal(
    descriptors: number[],
    steps: Step[],
    script: string,
  ): { output: string; status: number; restored: boolean } {
    const plan = JSON.stringify({ command: ground.line('bash', '-c', script), descriptors, steps });
    const { stdout, stderr } = spawnSync(PYTHON, [TERMINAL, plan], {
      env: ground.env(),
      encoding: 'utf8',
      input: 'piped\n',
    });
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout);
  }

  test('is one of its own, of the same size, and controls it', () => {
    const script = 'tty; stty size; tty </dev/tty; echo READY; read line; echo "line $line"; exit 7';
    const { output, status, restored } = onTerminal([0, 1, 2], [{ see: 'READY', type: 'typed\r' }], script);
    expect(output).toBe('/dev/pts/0\r\n40 100\r\n/dev/tty\r\nREADY\r\ntyped\r\nline typed\r\n');
    expect([status, restored]).toEqual([7, true]);
  });

  test('keys make signals for it, not for us', () => {
    const script = 'trap "echo interrupted; exit 9" INT; echo READY; while :; do sleep 0.02; done';
    const { output, status } = onTerminal([0, 1, 2], [{ see: 'READY', type: '\x03' }], script);
    expect(output).toBe('READY\r\n^Cinterrupted\r\n');
    expect(status).toBe(9);
  });

  test('changes its size with the real one', () => {
    const script = 'trap "stty size; exit 3" WINCH; echo READY; while :; do sleep 0.02; done';
    const { output, status } = onTerminal([0, 1, 2], [{ see: 'READY', resize: [50, 120] }], script);
    expect([output, status]).toEqual(['READY\r\n50 120\r\n', 3]);
  });

  test('passes on everything that was written before the end', () => {
    const { output } = onTerminal([0, 1, 2], [], 'seq 1 20000; echo END');
    expect(output.split('\r\n').slice(-4)).toEqual(['19999', '20000', 'END', '']);
    expect(output.length).toBe(20000 * 2 + 88894 + 5);
  });

  test('takes more keys at once than it reads', () => {
    const script = 'stty -icanon -echo; echo READY; sleep 0.3; head -c 9000 | wc -c';
    const { output } = onTerminal(
      [0, 1, 2],
      [
        { see: 'READY', type: 'x'.repeat(3000) },
        { see: 'READY', type: 'x'.repeat(3000) },
        { see: 'READY', type: 'x'.repeat(3000) },
      ],
      script,
    );
    expect(output).toBe('READY\r\n9000\r\n');
  });

  test('a pipe stays a pipe beside a terminal', () => {
    const { output } = onTerminal([1, 2], [], 'cat; tty; tty </dev/tty; test -t 1 && echo out');
    expect(output.replaceAll('\r', '')).toBe('piped\nnot a tty\n/dev/tty\nout\n');
  });

  test('bytes cannot be pushed into it', () => {
    const script = `${PYTHON} -c 'import fcntl; fcntl.ioctl(0, 0x5412, b"x")' 2>&1 | tail -1`;
    expect(onTerminal([0, 1, 2], [], script).output).toBe('PermissionError: [Errno 1] Operation not permitted\r\n');
  });
});
