import { describe, expect, it } from 'vitest';
import type { ResolveErrorCode } from '../../../sidecar/dns/resolver.ts';
import { SyntheticAddresses } from '../../../sidecar/dns/synthetic.ts';
import { TYPE } from '../../../sidecar/dns/wire.ts';
import { KEY, policyOf, world } from './service-world.ts';

describe('a name that a rule allows', () => {
  it('is looked up in lower case and answered with its synthetic address for a minute at most', async () => {
    const { answer, events, looked, synthetic } = world();
    expect(await answer('Registry.NPMjs.org')).toBe('0 198.18.0.16/60');
    expect(looked).toEqual(['address registry.npmjs.org']);
    expect(synthetic.nameOf('198.18.0.16')).toBe('registry.npmjs.org');
    expect(events).toMatchObject([
      { action: 'allow', layer: 'dns', rule: 'p/npm', host: 'registry.npmjs.org', queryType: 'A' },
    ]);
    expect(events[0]?.reason).toBeUndefined();
  });

  it('has no AAAA without an IPv6 route, and is not looked up for it', async () => {
    const { answer, events, looked } = world();
    expect(await answer('registry.npmjs.org', TYPE.AAAA)).toBe('0');
    expect([looked, events]).toEqual([[], []]);
  });

  it('has a synthetic AAAA with one', async () => {
    const facts = { searchDomains: [], hasIpv6Route: true };
    expect(await world(policyOf(), undefined, { facts }).answer('registry.npmjs.org', TYPE.AAAA)).toBe(
      '0 fd776569720000000000000000000010/60',
    );
  });

  it.each<[ResolveErrorCode | Error, string, object]>([
    ['NXDOMAIN', '3', { action: 'allow', detail: 'NXDOMAIN' }],
    ['NODATA', '0', { action: 'allow', detail: 'NODATA' }],
    ['SERVFAIL', '2', { action: 'deny', reason: 'address.unresolved', detail: 'SERVFAIL', rule: 'p/npm' }],
    ['TIMEOUT', '2', { action: 'deny', reason: 'address.unresolved', detail: 'TIMEOUT', rule: 'p/npm' }],
    [new TypeError('a bug'), '2', { action: 'deny', reason: 'address.unresolved' }],
  ])('that cannot be resolved (%s) has no address', async (failing, expected, event) => {
    const { answer, events } = world(policyOf(), failing);
    expect(await answer('registry.npmjs.org')).toBe(expected);
    expect(events).toMatchObject([event]);
  });

  it('answers other types that the policy lists, anew', async () => {
    const types = policyOf({ dns: { queryTypes: ['A', 'TXT'], denied: 'Explain', budget: 40 } });
    const { answer, looked } = world(types);
    expect(await answer('registry.npmjs.org', TYPE.TXT)).toBe('0 026869/7');
    expect(await answer('registry.npmjs.org', TYPE.MX)).toBe('0');
    expect(looked).toEqual(['TXT registry.npmjs.org']);
  });

  it('gets SERVFAIL when all synthetic addresses are taken', async () => {
    const synthetic = new SyntheticAddresses();
    synthetic.assign = () => undefined;
    const { answer, events } = world(policyOf(), undefined, { synthetic });
    expect(await answer('registry.npmjs.org')).toBe('2');
    expect(events).toMatchObject([
      { action: 'deny', reason: 'dns.budget', detail: 'every synthetic address is taken' },
    ]);
  });
});

describe('a name that no rule allows', () => {
  it('never leaves, and leads to the refusal address', async () => {
    const { answer, events, looked } = world();
    expect(await answer('evil.example')).toBe('0 198.18.0.2/5');
    expect(await answer('evil.example', TYPE.AAAA)).toBe('0');
    expect(await answer('evil.example', TYPE.TXT)).toBe('0');
    expect(looked).toEqual([]);
    expect(events.map(({ action, reason, queryType }) => [action, reason, queryType])).toEqual([
      ['deny', 'dns.name', 'A'],
      ['deny', 'dns.name', 'AAAA'],
      ['deny', 'dns.name', 'TXT'],
    ]);
  });

  it('does not exist where the policy says so, nor as an expansion of the search path', async () => {
    const denied = policyOf({ dns: { queryTypes: ['A'], denied: 'NXDomain', budget: 0 } });
    expect(await world(denied).answer('evil.example')).toBe('3');
    const { answer, events, flush } = world();
    expect(await answer('registry.npmjs.org.ci.svc.cluster.local')).toBe('3');
    flush();
    expect(events).toEqual([]);
    expect(await answer('evil.example.ci.svc.cluster.local')).toBe('3');
    expect(events).toEqual([]);
    flush();
    expect(events).toMatchObject([{ reason: 'dns.name', host: 'evil.example.ci.svc.cluster.local' }]);
  });

  it.each(['Enforce', 'Audit'] as const)(
    'is told once, not for each expansion of the search path (%s)',
    async (mode) => {
      const failing = mode === 'Audit' ? 'NXDOMAIN' : undefined;
      const { answer, events, flush } = world(policyOf({ mode }), failing);
      await answer('evil.example.ci.svc.cluster.local', TYPE.AAAA);
      await answer('evil.example.ci.svc.cluster.local');
      await answer('evil.example.ci.svc.cluster.local', TYPE.HTTPS);
      await answer('evil.example');
      flush();
      expect(events).toMatchObject([{ reason: 'dns.name', host: 'evil.example', queryType: 'A' }]);
    },
  );

  it('is told at once in Audit mode where it has an address, search domain or not', async () => {
    const { answer, events } = world(policyOf({ mode: 'Audit' }));
    await answer('db.ci.svc.cluster.local');
    expect(events).toMatchObject([{ action: 'would-deny', host: 'db.ci.svc.cluster.local' }]);
  });

  it('is told under a search domain too when it carries something', async () => {
    const { answer, events, flush } = world();
    await answer(`${KEY}.ci.svc.cluster.local`);
    await answer(KEY);
    flush();
    expect(events.map(({ reason }) => reason)).toEqual(['content.secret', 'content.secret']);
  });

  it('is looked up in Audit mode, and reported', async () => {
    const { answer, events, looked } = world(policyOf({ mode: 'Audit' }));
    expect(await answer('evil.example')).toBe('0 198.18.0.16/60');
    expect(looked).toEqual(['address evil.example']);
    expect(events).toMatchObject([{ action: 'would-deny', reason: 'dns.name', host: 'evil.example' }]);
  });

  it('is malformed when it has a label of no host, and is not shown', async () => {
    const { answer, events } = world();
    expect(await answer('a b.registry.npmjs.org')).toBe('3');
    expect(events).toMatchObject([{ action: 'deny', reason: 'dns.malformed' }]);
    expect(events[0]).not.toHaveProperty('host');
  });

  it('is loopback when it says so', async () => {
    const { answer, events } = world();
    expect([
      await answer('localhost'),
      await answer('localhost', TYPE.AAAA),
      await answer('localhost', TYPE.MX),
    ]).toEqual(['0 127.0.0.1/60', '0 00000000000000000000000000000001/60', '0']);
    expect(events).toEqual([]);
  });
});

describe('a name that carries something', () => {
  it.each([
    ['over labels', `${KEY.slice(0, 10)}.${KEY.slice(10)}.metrics.acme.dev`],
    ['in letters that leave in lower case', `${KEY.toUpperCase()}.metrics.acme.dev`],
    ['in the letters sent alone', 'QUtJQQ.metrics.acme.dev'],
  ])('is refused under an allowed wildcard: %s', async (_what, host) => {
    const { answer, events, looked } = world();
    expect(await answer(host)).toBe('0 198.18.0.2/5');
    expect(looked).toEqual([]);
    expect(events).toMatchObject([
      {
        action: 'deny',
        reason: 'content.secret',
        rule: 'p/metrics',
        host: '[redacted].acme.dev',
        findings: [{ detector: 'aws-key' }],
      },
    ]);
    expect(JSON.stringify(events)).not.toMatch(/akia|QUtJ/i);
  });

  it('is refused in Audit mode and for AAAA too, and as NXDOMAIN where denied names are that', async () => {
    const audit = world(policyOf({ mode: 'Audit' }));
    expect(await audit.answer(`${KEY}.evil.example`)).toBe('0 198.18.0.2/5');
    expect(await audit.answer(`${KEY}.metrics.acme.dev`, TYPE.AAAA)).toBe('0');
    expect(audit.looked).toEqual([]);
    expect(audit.events.map(({ action, reason }) => [action, reason])).toEqual([
      ['deny', 'content.secret'],
      ['deny', 'content.secret'],
    ]);
    const nx = world(policyOf({ dns: { queryTypes: ['A'], denied: 'NXDomain', budget: 40 } }));
    expect(await nx.answer(`${KEY}.metrics.acme.dev`)).toBe('3');
  });

  it('is not shown at all when the registered domain is the secret', async () => {
    const { answer, events } = world();
    await answer(`${KEY}.com`);
    await answer(`www.${KEY}.com`);
    await answer(KEY);
    expect(events.map(({ reason }) => reason)).toEqual(Array(3).fill('content.secret'));
    expect(JSON.stringify(events)).not.toContain(KEY);
  });

  it('is refused when it cannot be judged', async () => {
    const { answer, events, looked } = world();
    expect(await answer('toocomplex.metrics.acme.dev')).toBe('0 198.18.0.2/5');
    expect(looked).toEqual([]);
    expect(events).toMatchObject([{ reason: 'content.too-complex', rule: 'p/metrics' }]);
    expect(events[0]?.host).toBe('[redacted]');
  });

  it('passes where the policy excepts the detector', async () => {
    const content = { disabledDetectors: ['aws-key'], homeHosts: [], suppressions: [] };
    expect(await world(policyOf({ content })).answer(`${KEY}.metrics.acme.dev`)).toBe('0 198.18.0.16/60');
  });
});

describe('names under a wildcard', () => {
  it('draw on the budget of their registered domain; a name seen before, or spelled out by a rule, does not', async () => {
    const { answer, events, looked } = world();
    // 11 + 8 and 12 + 8 characters of 40.
    expect(await answer('aaaaaaaaaaa.metrics.acme.dev')).toBe('0 198.18.0.16/60');
    expect(await answer('bbbbbbbbbbbb.metrics.acme.dev')).toBe('0 198.18.0.17/60');
    expect(await answer('c.metrics.acme.dev')).toBe('0 198.18.0.2/5');
    expect(await answer('AAAAaaaaaaa.metrics.acme.dev')).toBe('0 198.18.0.16/60');
    expect(await answer('main.metrics.acme.dev')).toBe('0 198.18.0.18/60');
    expect(looked).not.toContain('address c.metrics.acme.dev');
    expect(events[2]).toMatchObject({
      action: 'deny',
      reason: 'dns.budget',
      rule: 'p/metrics',
      host: '[redacted].acme.dev',
    });
  });

  it('pass in Audit mode when the budget is spent, and are reported', async () => {
    const { answer, events } = world(
      policyOf({ mode: 'Audit', dns: { queryTypes: ['A'], denied: 'Explain', budget: 0 } }),
    );
    expect(await answer('a.metrics.acme.dev')).toBe('0 198.18.0.16/60');
    expect(events).toMatchObject([{ action: 'would-deny', reason: 'dns.budget', host: '[redacted].acme.dev' }]);
  });
});
