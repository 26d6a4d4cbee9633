import { execFile } from 'node:child_process';
import dns from 'node:dns';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createDnsService } from '../../../sidecar/dns/service.ts';
import { policyOf, world } from './service-world.ts';
import { serving } from './serving.ts';
import { hex } from './support.ts';

const run = promisify(execFile);

describe('bytes that are no query', () => {
  it('are answered with an error and reported without a word of them, or dropped', async () => {
    const { options, events } = world();
    const handle = createDnsService(options);
    expect(await handle(hex('abcd 0100 0000 0000 0000 0000'), 'udp')).toEqual(hex('abcd 8181 0000 0000 0000 0000'));
    expect(await handle(hex('abcd 2900 0001 0000 0000 0000'), 'udp')).toEqual(hex('abcd a984 0000 0000 0000 0000'));
    expect(await handle(hex('abcd 8100 0001 0000 0000 0000'), 'udp')).toBeUndefined();
    expect(await handle(Buffer.from('GET /'), 'tcp')).toBeUndefined();
    expect(events.map(({ reason }) => reason)).toEqual(['dns.malformed', 'dns.malformed']);
  });
});

describe('dig, kdig and the service', () => {
  const types = policyOf({ dns: { queryTypes: ['A', 'AAAA', 'TXT'], denied: 'Explain', budget: 40 } });

  it.each<[string, string[], RegExp[]]>([
    [
      'dig',
      ['registry.npmjs.org'],
      [
        /status: NOERROR/,
        /EDNS: version: 0, flags:; udp: 1232/,
        /registry\.npmjs\.org\.\s+60\s+IN\s+A\s+198\.18\.0\.16/,
      ],
    ],
    ['dig', ['+dnssec', '+cdflag', 'registry.npmjs.org'], [/flags: qr rd ra cd;/, /EDNS: version: 0, flags: do;/]],
    ['dig', ['+tcp', 'registry.npmjs.org', 'TXT'], [/TXT\s+"hi"/]],
    ['dig', ['registry.npmjs.org', 'HTTPS'], [/status: NOERROR/, /ANSWER: 0/, /EDNS: version: 0/]],
    ['dig', ['registry.npmjs.org', 'AAAA'], [/status: NOERROR/, /ANSWER: 0/]],
    ['dig', ['registry.npmjs.org', 'ANY', '+notcp'], [/status: NOERROR/, /ANSWER: 0/]],
    ['dig', ['+edns=1', '+noednsnegotiation', 'registry.npmjs.org'], [/status: BADVERS/, /EDNS: version: 0/]],
    ['dig', ['-c', 'CH', 'version.bind', 'TXT'], [/status: NOTIMP/]],
    ['dig', ['+opcode=NOTIFY', 'registry.npmjs.org'], [/status: NOTIMP/, /EDNS: version: 0/]],
    ['dig', ['+noedns', 'evil.example'], [/status: NOERROR/, /A\s+198\.18\.0\.2/, /ADDITIONAL: 0/]],
    ['dig', ['x.ci.svc.cluster.local'], [/status: NXDOMAIN/, /EDNS: version: 0/]],
    ['dig', ['.', 'NS'], [/status: NOERROR/, /ANSWER: 0/]],
    ['kdig', ['+edns', '+padding=128', 'registry.npmjs.org'], [/status: NOERROR/, /198\.18\.0\.16/]],
    ['kdig', ['+tcp', 'evil\\.registry.npmjs.org'], [/status: NXDOMAIN/]],
  ])('%s %j', async (command, options, patterns) => {
    await using server = await serving(createDnsService(world(types).options));
    const { stdout } = await run(command, ['@127.0.0.1', '-p', String(server.port), ...options]);
    for (const pattern of patterns) expect(stdout).toMatch(pattern);
    expect(stdout).not.toMatch(/REFUSED|malformed|WARNING: (?!.local is)/i);
  });

  it('c-ares, which Node resolves with', async () => {
    const { options, looked } = world(types);
    await using server = await serving(createDnsService(options));
    const client = new dns.promises.Resolver({ timeout: 2000, tries: 1 });
    client.setServers([`127.0.0.1:${server.port}`]);
    expect(await client.resolve4('registry.npmjs.org', { ttl: true })).toEqual([{ address: '198.18.0.16', ttl: 60 }]);
    await expect(client.resolve6('registry.npmjs.org')).rejects.toMatchObject({ code: 'ENODATA' });
    await expect(client.resolve4('x.ci.svc.cluster.local')).rejects.toMatchObject({ code: 'ENOTFOUND' });
    expect(await client.resolveTxt('registry.npmjs.org')).toEqual([['hi']]);
    expect(looked).toEqual(['address registry.npmjs.org', 'TXT registry.npmjs.org']);
  });

  it('cuts an answer that does not fit into a datagram, and dig gets it over TCP', async () => {
    const records = Array.from({ length: 9 }, (_, i) => Buffer.concat([Buffer.of(200), Buffer.alloc(200, 97 + i)]));
    const { options } = world(types);
    const resolver = { ...options.resolver, query: async () => ({ records, ttl: 5 }) };
    await using server = await serving(createDnsService({ ...options, resolver }));
    const cut = await run('dig', ['@127.0.0.1', '-p', String(server.port), '+ignore', 'registry.npmjs.org', 'TXT']);
    expect(cut.stdout).toMatch(/flags: qr tc rd ra;.*ANSWER: 0/);
    const whole = await run('dig', ['@127.0.0.1', '-p', String(server.port), '+short', 'registry.npmjs.org', 'TXT']);
    expect(whole.stdout.match(/"/g)).toHaveLength(18);
  });
});
