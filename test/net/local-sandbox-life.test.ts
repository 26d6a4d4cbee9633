/** How a command in local mode's sandbox begins and ends, and what it is given. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Ground, heard, identities, PYTHON } from './local-sandbox/ground.ts';

/** A command line that no other process has. */
const SLEEP = `sleep 5${process.pid}`;

function sleepers(): number {
  const { stdout } = spawnSync('pgrep', ['-fcx', `.*${SLEEP}`], { encoding: 'utf8' });
  return Number(stdout);
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
    const child = ground.start('ignore', 'sh', '-c', `echo up; exec ${SLEEP}`);
    await heard(child.stdout, 'up');
    await expect.poll(sleepers, { timeout: 3000 }).toBe(1);
    child.kill('SIGKILL');
    await expect.poll(sleepers, { timeout: 3000 }).toBe(0);
  });

  test('what it leaves behind ends with it', async () => {
    expect((await ground.run('ignore', 'sh', '-c', `setsid ${SLEEP} >/dev/null 2>&1 & exit 0`)).status).toBe(0);
    expect(sleepers()).toBe(0);
  });

  test('what it sends is not paced, whatever the host does', async () => {
    const script =
      "import socket; s = socket.create_connection(('192.0.2.1', 443)); print(s.getsockopt(6, 13, 16).split(b'\\0')[0].decode())";
    const { stdout } = await ground.run('ignore', PYTHON, '-c', script);
    expect(stdout.trim()).toBe('reno');
  });

  test('a kernel that refuses the namespaces is told from other failures', async () => {
    const setting = 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"';
    const { status, stderr } = await ground.runAs(`exec unshare -Ur bash -c '${setting}' bash "$@"`, 'true');
    expect(status).toBe(125);
    expect(stderr).toMatch(/^unshare: .*\nthe sandbox could not be made \(status 1\)\n$/);
  });

  test('a file system that cannot be isolated is told, and stays read-only', async () => {
    // Overlays on overlays are possible to a depth of two.
    const stacked = ground.at('outside');
    const overlay = `mount -t overlay -o lowerdir=${stacked}:${ground.at('masked')} x ${stacked}`;
    const setting = `exec unshare -Urm bash -c '${overlay} && ${overlay} && exec "$@"' bash "$@"`;
    const { stdout, stderr } = await ground.runAs(setting, 'bash', '-c', 'cat ../outside/file; touch ../outside/new');
    expect(stdout).toBe('outside');
    expect(stderr).toContain(`not isolated: ${stacked}\n`);
    expect(stderr).toContain('Read-only file system');
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
