import dgram from 'node:dgram';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { run } from '../../../cli/run/command.ts';

let directory: string;
let before: string;
let stdout: string;
let stderr: string;

beforeEach(() => {
  directory = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'weir-command-')));
  before = process.cwd();
  for (const name of ['home', 'project']) fs.mkdirSync(path.join(directory, name));
  process.chdir(path.join(directory, 'project'));
  vi.stubEnv('HOME', path.join(directory, 'home'));
  [stdout, stderr] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += text;
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  process.chdir(before);
  fs.rmSync(directory, { recursive: true });
});

const POLICY = `apiVersion: weir.dev/v1alpha1
kind: EgressPolicy
metadata: {name: web}
spec:
  egress:
  - name: npm
    preset: {name: npm-install}
`;

/** A name server that knows no name: the query comes back as an answer with NXDOMAIN (RFC 1035 4.1.1). */
async function emptyResolver(): Promise<dgram.Socket> {
  const socket = dgram.createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    query.writeUInt16BE(0x8183, 2);
    socket.send(query, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

describe('weir run', () => {
  test('prints its help', async () => {
    expect(await run(['--help'])).toBe(0);
    expect(stdout).toContain('Usage: weir run');
  });

  test.each([
    [['npm'], "weir: 'npm' is no option"],
    [['--write', '/none', '--', 'true'], 'weir: --write /none: no such file or directory'],
    [['--write', '/', '--', 'true'], 'weir: --write /: not possible'],
    [['--mask', '/none', '--', 'true'], 'weir: --mask /none: no such file or directory'],
    [['--mask', '/', '--', 'true'], 'weir: --mask /: not possible'],
    [['--log', '/none/log', '--', 'true'], 'weir: --log: ENOENT'],
  ])('%j is not understood', async (argv, message) => {
    expect(await run(argv)).toBe(2);
    expect(stderr).toContain(message);
  });

  test('a policy with an error runs nothing', async () => {
    fs.writeFileSync('policy.yaml', POLICY.replace('preset:', 'presett:'));
    expect(await run(['--policy', 'policy.yaml', '--', 'touch', 'ran'])).toBe(2);
    expect(stderr).toMatch(/^policy\.yaml:7:\d+: error: /m);
    expect(fs.existsSync('ran')).toBe(false);
  });

  test('a trust file that cannot be read runs nothing', async () => {
    expect(await run(['--upstream-ca', 'none.pem', '--', 'touch', 'ran'])).toBe(2);
    expect(stderr).toContain('none.pem');
    expect(fs.existsSync('ran')).toBe(false);
  });

  test('a command that is not there is said to be so', async () => {
    expect(await run(['--', 'no-such-program'])).toBe(127);
    expect(stderr).toBe('weir: no-such-program: not found\n');
  });

  test('runs a command with a policy, logs, and ends as it ends', async () => {
    fs.writeFileSync('policy.yaml', POLICY);
    const script = 'echo "$WEIR" > ran; cat log.json >> ran; getent hosts denied.example.com; exit 3';
    expect(await run(['--policy', 'policy.yaml', '--log', 'log.json', '--', 'sh', '-c', script])).toBe(3);
    expect(fs.readFileSync('ran', 'utf8')).toBe('1\n');
    expect(stderr).toContain('denied.example.com');
    const events = fs
      .readFileSync('log.json', 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events[0]).toMatchObject({ action: 'deny', layer: 'dns', host: 'denied.example.com' });
    expect(fs.readdirSync('../home').toSorted()).toEqual(['.cache', '.npm']);
  });

  test('--audit lets pass and tells', async () => {
    const script = 'getent hosts denied.example.com; true';
    const resolver = await emptyResolver();
    const argv = ['--audit', '--resolver', `127.0.0.1:${resolver.address().port}`, '--log', 'log.json'];
    expect(await run([...argv, '--', 'sh', '-c', script])).toBe(0);
    resolver.close();
    const events = fs
      .readFileSync('log.json', 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events[0]).toMatchObject({ action: 'would-deny' });
  });

  test('a signal before the command starts ends the attempt', async () => {
    const ended = run(['--', 'touch', 'ran']);
    process.emit('SIGTERM', 'SIGTERM');
    expect(await ended).toBe(143);
    expect(fs.existsSync('ran')).toBe(false);
  });

  test('a tool that is missing is named', async () => {
    vi.spyOn(fs, 'accessSync').mockImplementation(() => {
      throw new Error();
    });
    expect(await run(['--', 'true'])).toBe(125);
    expect(stderr).toBe('weir: unshare, setpriv, ip not found: install util-linux and iproute2\n');
  });
});
