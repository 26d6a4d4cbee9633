/**
 * Attacks on local mode's sandbox, with real processes, by a command that root runs and by one that an ordinary user runs. The
 * holder is the real one; the data plane is not there (other tests see to the network).
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Ground, identities, PYTHON } from './local-sandbox/ground.ts';

const ATTACK = path.join(import.meta.dirname, 'local-sandbox/attack.py');

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
  let hostTmp: string;
  let results: Record<string, string>;
  let controls: Record<string, string>;
  /** What came out of the named pipe outside. */
  let written: string;

  beforeAll(async () => {
    ground = new Ground(identity);
    const sockets = {
      visible: ground.at('outside/s'),
      renamed: ground.at('outside/r'),
      'in the project': ground.at('project/d/s'),
      'in the home directory': ground.at('home/agent'),
      'made later': ground.at('outside/later'),
      abstract: `\0weir-test-${process.pid}-${identity.name}`,
    };
    const { renamed, 'made later': later, ...first } = sockets;
    daemons = await daemon([...Object.values(first), ground.at('outside/r.tmp')]);
    fs.renameSync(ground.at('outside/r.tmp'), renamed);
    spawnSync('mkfifo', ['-m', '666', ground.at('outside/pipe')]);
    const fifo = fs.openSync(ground.at('outside/pipe'), fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
    const port = net.createServer((socket) => socket.on('error', () => undefined).end('host\n')).listen(0, '127.0.0.1');
    await once(port, 'listening');
    daemons.push(port);
    hostTmp = fs.mkdtempSync('/tmp/weir-sandbox-');
    const paths = {
      sockets: Object.fromEntries(Object.entries(sockets).map(([name, at]) => [name, at.replace('\0', '@')])),
      outside: ground.at('outside'),
      cache: ground.at('cache'),
      masked: ground.at('masked'),
      hostTmp,
      port: (port.address() as net.AddressInfo).port,
      own: `/tmp/weir-own-${identity.name}`,
    };
    const stdin = fs.openSync(ground.at('stdin.txt'), 'r');
    fs.readSync(stdin, Buffer.alloc(4), 0, 4, null);
    const attack = ground.run(stdin, PYTHON, ATTACK, JSON.stringify(paths));
    while (!fs.existsSync(ground.at('project/ready')) && (await stillRunning(attack))) await setTimeout(20);
    daemons.push(...(await daemon([later])));
    controls = Object.fromEntries(
      await Promise.all(Object.entries(sockets).map(async ([name, at]) => [name, await greeting(at)])),
    );
    fs.writeFileSync(ground.at('project/go'), '');
    const { status, stdout, stderr } = await attack;
    written = readAll(fifo);
    fs.closeSync(stdin);
    if (status !== 0) throw new Error(`the attack ended with ${status}: ${stderr}`);
    results = JSON.parse(stdout);
  });

  afterAll(() => {
    for (const server of daemons) server.close();
    fs.rmSync(hostTmp, { recursive: true });
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
    expect(Object.values(controls)).toEqual(Array(6).fill('host\n'));
    expect(of('unix ')).toEqual({
      'unix visible': expect.stringMatching(/^(ECONNREFUSED|EACCES)$/),
      'unix renamed': expect.stringMatching(/^(ECONNREFUSED|EACCES)$/),
      'unix in the project': expect.stringMatching(/^(ECONNREFUSED|EACCES)$/),
      'unix in the home directory': expect.stringMatching(/^(ECONNREFUSED|EACCES)$/),
      'unix made later': expect.stringMatching(/^(ECONNREFUSED|ENOENT)$/),
      'unix abstract': 'ECONNREFUSED',
      'unix renamed directory': expect.stringMatching(/^(ECONNREFUSED|EACCES)$/),
      'unix through an overlay': refused,
    });
  });

  test('cannot write into a named pipe that the host reads', () => {
    expect(results['named pipe']).toBe('ENXIO');
    expect(written).toBe('');
  });

  test('writes in the project, the caches and its own /tmp', () => {
    expect(results).toMatchObject({
      'write project': 'done None',
      'write cache': 'done None',
      'write /tmp': 'done None',
      'list /tmp': 'done False',
    });
    expect(fs.existsSync(ground.at('cache/x'))).toBe(true);
    expect(fs.existsSync(`/tmp/weir-own-${identity.name}`)).toBe(false);
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
    expect(fs.readdirSync(ground.at('outside')).toSorted()).toEqual(['file', 'later', 'pipe', 'r', 's']);
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

/** False when it has ended, well or not. */
function stillRunning(attack: Promise<unknown>): Promise<boolean> {
  const ended = attack.then(
    () => false,
    () => false,
  );
  return Promise.race([ended, setTimeout(0, true)]);
}

/** What is in a pipe now; closes it. */
function readAll(fd: number): string {
  const buffer = Buffer.alloc(64);
  try {
    return buffer.toString('latin1', 0, fs.readSync(fd, buffer));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return '';
    throw error;
  } finally {
    fs.closeSync(fd);
  }
}

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
