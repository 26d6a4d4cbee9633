/** The sidecar's life in a pod, with real processes and a control plane outside: policy, restarts, loss of state, end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RuntimeRule } from '../../crds/runtime.ts';
import { type BudgetKind, Budgets } from '../../sidecar/policy/budgets.ts';
import { LOOK_HOLDS_MS } from '../../sidecar/secrets/watch.ts';
import { DRAIN_MS } from '../../sidecar/settings.ts';
import { Accounts } from '../../sidecar/state/accounts.ts';
import { ALLOWED, RESOLVER } from './plan.ts';
import type { Lines } from './pod/lines.ts';
import { PodStage, policyOf } from './pod/stage.ts';
import { must } from './process.ts';

const OK = `https://${ALLOWED.name}/ok/a`;
const RULES = `
  - name: web
    to: {hosts: [${ALLOWED.name}]}
    http: [{methods: [GET, POST], paths: ["/ok/**"]}]
    limits: {requests: 40, uploadSize: 64Ki}
  - name: free
    to: {hosts: [${ALLOWED.name}]}
    http: [{methods: [GET], paths: ["/free/**"]}]
`;
const WITH_DB = `${RULES}
  - name: db
    protocol: TCP
    to: {hosts: [${ALLOWED.name}], ports: [5432]}
    limits: {uploadSize: 1Ki}
`;

/** Values of no known format. */
const SECRET = randomBytes(12).toString('base64url').replace(/[-_]/g, 'k');
const OTHER = randomBytes(12).toString('base64url').replace(/[-_]/g, 'v');

let pod: PodStage;
let sidecar: Lines;

beforeAll(async () => {
  pod = await PodStage.create();
});
afterAll(async () => {
  await sidecar?.kill('SIGKILL');
  await pod?.destroy();
});

/** What the journal says: metrics are old, and rounded. */
const left = async (name: string, kind: BudgetKind): Promise<number> => {
  const accounts = Accounts.open(path.join(pod.stateDir, 'private', 'accounts'));
  try {
    const rule = policyOf(WITH_DB).rules.find(({ id }) => id === `p/${name}`) as RuntimeRule;
    return new Budgets(accounts).remaining(rule, kind);
  } finally {
    accounts.close();
  }
};

async function restarted(more: Record<string, string> = {}): Promise<void> {
  await sidecar.kill('SIGKILL');
  sidecar = pod.startSidecar(more);
  await sidecar.line('"msg":"ready"');
}

/** Sends what it is given to the database and holds the connection. */
function relayed(): { child: ChildProcess; closed: Promise<unknown> } {
  const [file, ...args] = pod.stage.topology.inClient(['socat', '-', `TCP4:${ALLOWED.name}:5432`]) as [
    string,
    ...string[],
  ];
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdout?.resume();
  return { child, closed: new Promise((resolve) => child.once('close', resolve)) };
}

describe('without a control plane', () => {
  test('is not ready, says what was tried and why, and nothing gets out', async () => {
    sidecar = pod.startSidecar();
    const { status, stdout } = await pod.hook(2);
    expect(status).toBe(1);
    expect(stdout).toMatch(
      /^weir is not ready: no policy after \d+ attempts\. https:\/\/10\.96\.0\.77:443 \(weir\.weir-system\.svc\): .*ECONNREFUSED/,
    );
    expect(await pod.status(`https://${ALLOWED.v4}/ok/a`, '-k')).toMatch(/^curl/);
    const away = sidecar.lines.filter((line) => line.includes('control plane away'));
    expect(away).toHaveLength(1);
  });

  test('is ready soon after there is one, without a restart', async () => {
    await pod.startControl({ policy: policyOf(RULES), life: 'First' });
    const { status } = await pod.hook(15);
    expect(status).toBe(0);
    await sidecar.line('"msg":"ready"');
    await sidecar.line('control plane connected');
    expect(await pod.status(OK)).toBe('200');
    expect(await pod.status(`https://${ALLOWED.name}/no`)).toBe('403');
  });
});

describe('a change of policy', () => {
  test('reaches the next request in less than a second', async () => {
    const began = performance.now();
    await pod.order({ policy: policyOf(WITH_DB) });
    await sidecar.line('"msg":"policy"');
    expect(performance.now() - began).toBeLessThan(1000);
  });

  test('ends the relay whose rule is gone, and no other', async () => {
    const { child, closed } = relayed();
    child.stdin?.write('hello');
    await expect.poll(() => left('db', 'uploadSize'), { timeout: 5000 }).toBe(1024 - 5);
    // The rule is there as before: the relay goes on.
    const narrower = WITH_DB.replace('requests: 40', 'requests: 39');
    let since = sidecar.count;
    await pod.order({ policy: policyOf(narrower) });
    await sidecar.line('"msg":"policy"', since);
    child.stdin?.write('again');
    await expect.poll(() => left('db', 'uploadSize'), { timeout: 5000 }).toBe(1024 - 10);
    since = sidecar.count;
    await pod.order({ policy: policyOf(RULES) });
    await sidecar.line('"msg":"policy"', since);
    await closed;
    const event = await pod.reported(({ layer, reason }) => layer === 'tcp' && reason === 'host.not-allowed');
    expect(event).toMatchObject({ action: 'deny', host: ALLOWED.name, port: 5432, bytesUp: 10 });
  });

  test('is refused when its hash is not its own, and what was there goes on', async () => {
    const forged = { ...policyOf(WITH_DB), mode: 'Audit' as const };
    const since = sidecar.count;
    await pod.order({ policy: forged });
    expect(await sidecar.line('control plane away', since)).toContain('not the one that its hash is of');
    expect(await pod.status(`https://${ALLOWED.name}/no`)).toBe('403');
    expect(await pod.status(OK)).toBe('200');
  });

  test('of an unknown schema denies everything', async () => {
    const strange = { ...policyOf(RULES), schema: 99 as 1, hash: 'f'.repeat(64) };
    const since = sidecar.count;
    await pod.order({ policy: strange });
    await sidecar.line('"msg":"policy"', since);
    expect(await pod.status(OK)).toBe('403');
    await pod.order({ policy: policyOf(RULES) });
    await expect.poll(() => pod.status(OK), { timeout: 10_000 }).toBe('200');
  });
});

describe('what is told', () => {
  test('a denial is reported, with nothing of what was stopped', async () => {
    await pod.status(`https://${ALLOWED.name}/no/${'x'.repeat(80)}`);
    const event = await pod.reported(({ path: shown }) => shown?.startsWith('/no/[redacted]') === true);
    expect(event).toMatchObject({ action: 'deny', layer: 'http', reason: 'http.path', host: ALLOWED.name });
  });

  test('metrics are read from outside, and name no host', async () => {
    const metrics = await pod.metrics();
    expect(metrics.get('weir_control_plane_connected')).toBe(1);
    expect(metrics.get('weir_events_total{action="deny",layer="http",reason="http.path"}')).toBeGreaterThan(0);
    expect(metrics.get('process_resident_memory_bytes')).toBeLessThan(140e6);
    expect([...metrics.keys()].join('\n')).not.toContain(ALLOWED.name);
    const other = ['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', 'http://198.51.100.2:15020/debug'];
    expect(await must(pod.stage.topology.inOutside(other))).toBe('404');
  });

  test('Secrets are looked for as they come, and as the kubelet has written them anew', async () => {
    const secret = path.join(pod.secretsDir, 'held');
    const write = (version: string, values: Record<string, string>): void => {
      mkdirSync(path.join(secret, version), { recursive: true });
      for (const [key, value] of Object.entries(values)) writeFileSync(path.join(secret, version, key), value);
    };
    write('..1', { token: `${SECRET}\n` });
    symlinkSync('..1', path.join(secret, '..data'));
    symlinkSync('..data/token', path.join(secret, 'token'));
    const count = async () => (await pod.metrics()).get('weir_known_secrets');
    await expect.poll(count, { timeout: 10_000 }).toBe(1);
    expect(await pod.status(`${OK}/${SECRET}`)).toBe('403');
    expect(await pod.status(`${OK}/${OTHER}`)).toBe('200');
    write('..2', { token: `${SECRET}\n`, other: OTHER });
    rmSync(path.join(secret, '..data'));
    symlinkSync('..2', path.join(secret, '..data'));
    symlinkSync('..data/other', path.join(secret, 'other'));
    // At once: whoever sees the new value already may send it.
    await sleep(LOOK_HOLDS_MS);
    expect(await pod.status(`${OK}/${OTHER}`)).toBe('403');
    expect(await count()).toBe(2);
  });
});

describe('a restart', () => {
  test('renews nothing: budgets, addresses and authority are as before, also while the control plane is away', async () => {
    const address = async () => (await pod.app(['dig', '+short', ALLOWED.name])).stdout.trim();
    const before = {
      left: await left('web', 'requests'),
      address: await address(),
      ca: readFileSync(path.join(pod.directory, 'trust', 'ca.crt'), 'utf8'),
    };
    expect(before.left).toBeLessThan(40);
    await pod.stopControl();
    await sidecar.line('control plane away', sidecar.count - 1);
    expect(await pod.status(OK)).toBe('200');
    await restarted();
    expect(await left('web', 'requests')).toBe(before.left - 1);
    // Not looked up again: the address that the client holds still leads there.
    expect(await pod.status(OK, '--resolve', `${ALLOWED.name}:443:${before.address}`)).toBe('200');
    expect(await address()).toBe(before.address);
    expect(readFileSync(path.join(pod.directory, 'trust', 'ca.crt'), 'utf8')).toBe(before.ca);
    expect((await pod.metrics()).get('weir_control_plane_connected')).toBe(0);
    await pod.startControl({ policy: policyOf(RULES), life: 'Later' });
    await sidecar.line('control plane connected');
  });

  test('in the middle of an upload: what was charged stays charged, and nothing gets out meanwhile', async () => {
    const before = await left('web', 'uploadSize');
    const upload = pod.status(
      OK,
      '-X',
      'POST',
      '--data-binary',
      `@${process.execPath}`,
      '--limit-rate',
      '100k',
      '-H',
      'Transfer-Encoding: chunked',
    );
    await expect
      .poll(() => left('web', 'uploadSize'), { timeout: 5000 })
      .toBeLessThan(before)
      .catch(() => {});
    await sidecar.kill('SIGKILL');
    expect(await upload).not.toBe('200');
    await pod.stage.sink.reset();
    expect(await pod.status(`https://${ALLOWED.v4}/ok/gone`, '-k')).toMatch(/^curl/);
    const udp =
      'import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b"x", ("203.0.113.66", 9))';
    expect((await pod.app(['python3', '-c', udp])).stderr).toContain('Operation not permitted');
    expect((await pod.stage.sink.arrivals()).streams.map(({ data }) => data)).toEqual([]);
    sidecar = pod.startSidecar();
    await sidecar.line('"msg":"ready"');
    expect(await left('web', 'uploadSize')).toBeLessThan(before);
  });

  test.each(['accounts', 'names'])(
    'with the file %s damaged: what has a limit is spent, the rest works',
    async (name) => {
      await sidecar.kill('SIGKILL');
      const file = path.join(pod.stateDir, 'private', name);
      if (name === 'names') truncateSync(file, statSync(file).size - 1);
      else appendFileSync(file, Buffer.alloc(300_000));
      sidecar = pod.startSidecar();
      await sidecar.line('budgets lost');
      await sidecar.line('"msg":"ready"');
      expect(await pod.status(OK)).toBe('429');
      expect(await pod.status(`https://${ALLOWED.name}/free/a`)).toBe('200');
      await restarted();
      expect(await pod.status(OK)).toBe('429');
    },
  );

  test('with nothing left of the state: spent in a later life, fresh in the first', async () => {
    await sidecar.kill('SIGKILL');
    rmSync(pod.stateDir, { recursive: true });
    mkdirSync(pod.stateDir);
    sidecar = pod.startSidecar();
    await sidecar.line('"msg":"ready"');
    expect(await left('web', 'requests')).toBe(0);
    await sidecar.kill('SIGKILL');
    rmSync(pod.stateDir, { recursive: true });
    mkdirSync(pod.stateDir);
    await pod.order({ life: 'First' });
    sidecar = pod.startSidecar();
    await sidecar.line('"msg":"ready"');
    expect(await left('web', 'requests')).toBe(40);
  });
});

describe('the resolver', () => {
  const EVIL = '203.0.113.66';
  const file = () => `/etc/netns/${pod.stage.topology.client}/resolv.conf`;
  const fresh = async (more: Record<string, string> = {}): Promise<void> => {
    await sidecar.kill('SIGKILL');
    rmSync(pod.stateDir, { recursive: true });
    mkdirSync(pod.stateDir);
    await pod.order({ life: 'First' });
    sidecar = pod.startSidecar({ WEIR_RESOLVERS: '', ...more });
    await sidecar.line('"msg":"ready"');
    await pod.order({ life: 'Later' });
  };
  const asked = async (): Promise<number> => {
    const { packets } = await pod.stage.sink.report();
    return packets.filter(({ destination, port }) => destination === EVIL && port === 53).length;
  };

  test('of the first life is asked in all lives, whatever a container writes into resolv.conf', async () => {
    const clean = readFileSync(file(), 'utf8');
    try {
      await fresh();
      expect(await pod.status(OK)).toBe('200');
      writeFileSync(file(), `nameserver ${EVIL}\nsearch evil.example\n`);
      await pod.stage.sink.watch([]);
      await restarted({ WEIR_RESOLVERS: '' });
      expect(await pod.status(OK)).toBe('200');
      rmSync(path.join(pod.stateDir, 'private', 'resolver.json'));
      await sidecar.kill('SIGKILL');
      sidecar = pod.startSidecar({ WEIR_RESOLVERS: '' });
      await sidecar.line('no resolver');
      await sidecar.line('"msg":"ready"');
      expect((await pod.metrics()).get('weir_nameservers')).toBe(0);
      expect(await pod.status(OK)).not.toBe('200');
      expect(await asked()).toBe(0);
      // Who is asked is seen.
      await restarted({ WEIR_RESOLVERS: EVIL });
      await pod.status(OK);
      expect(await asked()).toBeGreaterThan(0);
    } finally {
      writeFileSync(file(), clean);
      await fresh({ WEIR_RESOLVERS: RESOLVER.v4 });
    }
  });
});

describe('the end', () => {
  test('SIGTERM: takes no more, reports what waits, ends at once with 0', async () => {
    await pod.status(`https://${ALLOWED.name}/last/words`);
    const began = performance.now();
    expect(await sidecar.kill('SIGTERM')).toBe(0);
    expect(performance.now() - began).toBeLessThan(1500);
    await pod.reported(({ path: shown }) => shown === '/last/words');
  });

  test('SIGTERM with a request under way: the request is answered first', async () => {
    sidecar = pod.startSidecar();
    await sidecar.line('"msg":"ready"');
    const body = path.join(pod.directory, 'body');
    writeFileSync(body, Buffer.alloc(30_000, 'a'));
    const slow = ['--data-binary', `@${body}`, '--limit-rate', '20k', '-H', 'Content-Type: text/plain'];
    const answer = pod.status(OK, ...slow);
    // Under way: its budget is charged when its head is judged.
    await expect.poll(() => left('web', 'uploadSize'), { timeout: 5000 }).toBe(65_536 - 30_000);
    expect(await sidecar.kill('SIGTERM')).toBe(0);
    expect(await answer).toBe('200');
  });

  test('SIGTERM with a connection that stays: it is not waited for longer than the bound', async () => {
    await pod.order({ policy: policyOf(WITH_DB) });
    sidecar = pod.startSidecar();
    await sidecar.line('"msg":"ready"');
    const { child, closed } = relayed();
    child.stdin?.write('hello');
    await expect.poll(() => left('db', 'uploadSize'), { timeout: 5000 }).toBeLessThan(1024);
    const began = performance.now();
    expect(await sidecar.kill('SIGTERM')).toBe(0);
    expect(performance.now() - began).toBeGreaterThan(DRAIN_MS - 100);
    expect(performance.now() - began).toBeLessThan(DRAIN_MS + 2500);
    await closed;
  });

  test('rules that hold no longer: ends itself within a heartbeat, and stays closed', async () => {
    sidecar = pod.startSidecar({ WEIR_HEARTBEAT_SECONDS: '1' });
    await sidecar.line('"msg":"ready"');
    await must(
      pod.stage.topology.inClient(['iptables', '-t', 'mangle', '-I', 'POSTROUTING', '-p', 'udp', '-j', 'ACCEPT']),
    );
    expect(await sidecar.ended()).toBe(1);
    expect(sidecar.lines.at(-1)).toContain('the rules do not hold');
    await must(
      pod.stage.topology.inClient(['iptables', '-t', 'mangle', '-D', 'POSTROUTING', '-p', 'udp', '-j', 'ACCEPT']),
    );
  });
});
