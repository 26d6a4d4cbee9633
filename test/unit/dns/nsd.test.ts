/** The resolver against NSD, a real authoritative server, on loopback. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Resolver } from '../../../sidecar/dns/resolver.ts';
import { plainEgress } from '../../../sidecar/tcp/egress.ts';
import { closedPort } from './support.ts';

const ZONE = `$ORIGIN example.test.
$TTL 120
@       IN SOA ns admin 1 3600 600 86400 15
        IN NS ns
ns      IN A 127.0.0.1
www     IN A 192.0.2.10
www     IN AAAA 2001:db8::10
v6      IN AAAA 2001:db8::6
alias   30 IN CNAME middle
middle  IN CNAME www
away    IN CNAME target.other.test.
loop    IN CNAME pool
pool    IN CNAME loop
text    IN TXT "hello" "world"
${Array.from({ length: 80 }, (_, i) => `many IN A 192.0.2.${i}`).join('\n')}
`;
const OTHER = `$ORIGIN other.test.
$TTL 60
@       IN SOA ns admin 1 3600 600 86400 15
        IN NS ns
ns      IN A 127.0.0.1
target  IN A 198.51.100.1
`;

let directory: string;
let server: ReturnType<typeof spawn>;
let resolver: Resolver;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'weir-nsd-'));
  const port = await closedPort();
  writeFileSync(join(directory, 'example.zone'), ZONE);
  writeFileSync(join(directory, 'other.zone'), OTHER);
  writeFileSync(
    join(directory, 'nsd.conf'),
    `server:
  ip-address: 127.0.0.1@${port}
  username: ""
  zonesdir: "${directory}"
  zonelistfile: "${directory}/zone.list"
  xfrdfile: "${directory}/xfrd.state"
  xfrdir: "${directory}"
  pidfile: ""
  database: ""
  server-count: 1
remote-control:
  control-enable: no
zone:
  name: example.test
  zonefile: example.zone
zone:
  name: other.test
  zonefile: other.zone
`,
  );
  server = spawn('/usr/sbin/nsd', ['-d', '-c', join(directory, 'nsd.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  server.stderr?.on('data', (chunk) => {
    log += chunk;
  });
  const options = { nameservers: [{ address: '127.0.0.1', port }], egress: plainEgress() };
  for (let i = 0; ; i++) {
    if (i === 50 || server.exitCode !== null) throw new Error(`nsd does not answer: ${log}`);
    const probe = new Resolver({ ...options, timeoutMs: 200 });
    if (
      await probe.query('www.example.test', 'A').then(
        () => true,
        () => false,
      )
    )
      break;
    await sleep(100);
  }
  resolver = new Resolver(options);
});

afterAll(async () => {
  if (server.exitCode === null) {
    server.kill();
    await once(server, 'exit');
  }
  rmSync(directory, { recursive: true, force: true });
});

describe('Resolver and NSD', () => {
  it('resolves addresses of both families', async () => {
    expect(await resolver.resolve('www.example.test')).toEqual({ addresses: ['192.0.2.10', '2001:db8::10'], ttl: 120 });
    expect((await resolver.resolve('v6.example.test')).addresses).toEqual(['2001:db8::6']);
  });

  it('follows aliases within a zone and out of it', async () => {
    expect(await resolver.query('alias.example.test', 'A')).toEqual({
      records: [Buffer.from([192, 0, 2, 10])],
      ttl: 30,
    });
    expect((await resolver.resolve('away.example.test')).addresses).toEqual(['198.51.100.1']);
  });

  it('tells what does not exist from what has no address and what cannot be found out', async () => {
    const codes = ['nothing.example.test', 'text.example.test', 'loop.example.test', 'www.elsewhere.test'].map((host) =>
      resolver.resolve(host).then(
        () => 'found',
        (error) => error.code,
      ),
    );
    expect(await Promise.all(codes)).toEqual(['NXDOMAIN', 'NODATA', 'SERVFAIL', 'SERVFAIL']);
  });

  it('gets over TCP what does not fit into a datagram', async () => {
    expect((await resolver.query('many.example.test', 'A')).records).toHaveLength(80);
  });

  it('reads text', async () => {
    expect((await resolver.query('text.example.test', 'TXT')).records.map(String)).toEqual(['\x05hello\x05world']);
  });
});
