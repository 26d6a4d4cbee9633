import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOSTS, Internet } from './internet.ts';

const policy = `
apiVersion: weir.dev/v1alpha1
kind: EgressPolicy
metadata: {name: tools, namespace: ci}
spec:
  egress:
    - {name: registry, to: {hosts: [${HOSTS.npm.name}]}, http: [{methods: [GET, HEAD]}]}
    - {name: bulk, to: {hosts: [${HOSTS.bulk.name}]}, http: [{methods: [GET, POST]}]}
    - {name: broken, to: {hosts: [${HOSTS.old.name}, ${HOSTS.expired.name}]}}
    - {name: ssh, protocol: TCP, to: {hosts: [${HOSTS.ssh.name}], ports: [22]}, limits: {uploadSize: 1Mi}}
`;
const ping = `https://${HOSTS.npm.name}/-/ping`;

let internet: Internet;
beforeAll(async () => {
  internet = await Internet.start();
}, 120_000);
afterAll(() => internet?.stop());

const status = ['curl', '-sS', '-o', '/dev/null', '-w', '%{http_code}'];

describe('ordinary clients through Weir', () => {
  it('curl, HTTP/1.1 and asking for HTTP/2', async () => {
    for (const flag of ['--http1.1', '--http2']) {
      const outcome = await internet.through(policy, [...status, flag, ping]);
      expect(outcome.stdout, outcome.stderr).toBe('200');
    }
  });

  it('curl sends a large body with Expect: 100-continue', async () => {
    const outcome = await internet.through(policy, [
      'sh',
      '-c',
      `head -c 3000000 /dev/zero | curl -sS -H 'expect: 100-continue' --data-binary @- https://${HOSTS.bulk.name}/digest`,
    ]);
    expect(JSON.parse(outcome.stdout)).toMatchObject({ bytes: 3_000_000 });
  });

  it('Python, urllib and its default context', async () => {
    const script = `import urllib.request; print(urllib.request.urlopen("${ping}").status)`;
    const outcome = await internet.through(policy, ['python3', '-c', script]);
    expect(outcome.stdout.trim(), outcome.stderr).toBe('200');
  });

  it('node:https', async () => {
    const outcome = await internet.through(policy, [
      process.execPath,
      '-e',
      `require("https").get("${ping}", (r) => { console.log(r.statusCode); r.resume(); })`,
    ]);
    expect(outcome.stdout.trim(), outcome.stderr).toBe('200');
  });

  it('openssl s_client sees a chain that verifies and the ALPN http/1.1', async () => {
    const outcome = await internet.through(policy, [
      'sh',
      '-c',
      `openssl s_client -connect ${HOSTS.npm.name}:443 -servername ${HOSTS.npm.name} -alpn h2,http/1.1 -verify_return_error -x509_strict </dev/null`,
    ]);
    expect(outcome.stdout).toContain('Verify return code: 0 (ok)');
    expect(outcome.stdout).toContain('ALPN protocol: http/1.1');
  });

  it('output streams stay blocking for the command, whatever Weir loads meanwhile', async () => {
    const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'].map(
      (line) => `-H '${line}'`,
    );
    const key = "-H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='";
    const flags = 'import fcntl, os; print([fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_NONBLOCK for fd in (1, 2)])';
    const script = `curl -s -o /dev/null ${upgrade.join(' ')} ${key} ${ping}; curl -s -o /dev/null https://${HOSTS.git.name}/; python3 -c '${flags}'`;
    const outcome = await internet.through(policy, ['sh', '-c', script]);
    expect(outcome.log).toContain('"layer":"http"');
    expect(outcome.stdout, outcome.stderr).toBe('[0, 0]\n');
  });

  it('ssh, where the server speaks first, by name', async () => {
    const key = internet.path('ssh/user');
    const outcome = await internet.through(policy, [
      'ssh',
      '-i',
      key,
      '-o',
      'BatchMode=yes',
      '-o',
      'StrictHostKeyChecking=no',
      '-o',
      'UserKnownHostsFile=/dev/null',
      '-o',
      'LogLevel=ERROR',
      `root@${HOSTS.ssh.name}`,
      'echo reached',
    ]);
    expect(outcome.stdout, outcome.stderr).toBe('reached\n');
  });

  it('dig gets a synthetic address, over UDP and TCP, and NODATA for other types', async () => {
    const one = await internet.through(policy, ['dig', '+short', HOSTS.npm.name]);
    expect(one.stdout).toMatch(/^198\.1[89]\.\d+\.\d+\n$/);
    const two = await internet.through(policy, ['kdig', '+tcp', '+short', HOSTS.npm.name]);
    expect(two.stdout).toMatch(/^198\.1[89]\.\d+\.\d+\n$/);
    const txt = await internet.through(policy, ['dig', 'TXT', HOSTS.npm.name]);
    expect(txt.stdout).toMatch(/status: NOERROR/);
    expect(txt.stdout).toMatch(/ANSWER: 0/);
  });
});

describe('upstreams whose TLS does not hold', () => {
  it.each([HOSTS.old.name, HOSTS.expired.name])('%s is refused as upstream.tls with an honest detail', async (host) => {
    const outcome = await internet.through(policy, ['curl', '-sS', '-w', '%{http_code}', `https://${host}/`]);
    expect(outcome.stdout).toMatch(/"reason":\s*"upstream\.tls"/);
    expect(outcome.stdout).toMatch(/502$/);
    expect(outcome.log).toMatch(/upstream\.tls/);
  });
});

describe('refusals', () => {
  it('say over HTTP what would allow the request', async () => {
    const outcome = await internet.through(policy, [
      'curl',
      '-sS',
      '-X',
      'POST',
      '-d',
      '{}',
      '-H',
      'content-type: application/json',
      ping,
    ]);
    const body = JSON.parse(outcome.stdout);
    expect(body).toMatchObject({ reason: 'http.method', rule: 'registry' });
    expect(body.help).toContain('methods');
    expect(outcome.stderr).toContain('tools/registry');
  });

  it('reach the client of a name that no rule allows', async () => {
    const outcome = await internet.through(policy, ['curl', '-sS', `https://${HOSTS.git.name}/`]);
    expect(JSON.parse(outcome.stdout)).toMatchObject({ reason: 'host.not-allowed' });
  });
});
