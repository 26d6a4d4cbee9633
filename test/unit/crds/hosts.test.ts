import { describe, expect, it } from 'vitest';
import { isRegistrySuffix, isShared } from '../../../crds/domains.ts';
import { hostMatches, hostsOverlap, hostText } from '../../../crds/host-patterns.ts';
import { MAX_HOST_LENGTH, MAX_LABEL_LENGTH, normaliseHost, registrableDomain } from '../../../crds/hosts.ts';

const host = (text: string) => {
  const result = normaliseHost(text);
  return 'name' in result ? hostText(result) : result;
};

describe('normaliseHost', () => {
  it.each([
    ['registry.npmjs.org', 'registry.npmjs.org'],
    ['GitHub.COM', 'github.com'],
    ['github.com.', 'github.com'],
    ['*.acme.dev', '*.acme.dev'],
    ['*.Acme.Dev.', '*.acme.dev'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['BÜCHER.example', 'xn--bcher-kva.example'],
    ['straße.de', 'xn--strae-oqa.de'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['пример.рф', 'xn--e1afmkfd.xn--p1ai'],
    ['*.пример.рф', '*.xn--e1afmkfd.xn--p1ai'],
    ['_acme-challenge.acme.dev', '_acme-challenge.acme.dev'],
    ['a--b.acme.dev', 'a--b.acme.dev'],
    ['db', 'db'],
    ['1.2.3.4.nip.io', '1.2.3.4.nip.io'],
    ['*.github.io', '*.github.io'],
    ['*.acme.co.uk', '*.acme.co.uk'],
    ['4.3.2.1.in-addr.arpa', '4.3.2.1.in-addr.arpa'],
  ])('%s → %s', (text, expected) => {
    expect(host(text)).toBe(expected);
  });

  it.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '017700000001',
    '1.2.3',
    '10.0.0.1.',
    '１２７.0.0.1',
    '[::1]',
    '::1',
    'fe80::1%eth0',
    '::ffff:10.0.0.1',
    '[::ffff:127.0.0.1]',
    '2001:db8::1',
    'foo.1',
    'foo.0x1f',
    '256.1.1.1',
    '*.0.0.1',
  ])('%s is an address', (text) => {
    expect(host(text)).toMatchObject({ error: expect.stringMatching(/is an address|write the host alone/) });
  });

  it.each([
    ['https://github.com/acme', 'github.com'],
    ['https://user@github.com:443/acme', 'github.com'],
    ['github.com/acme', 'github.com'],
    ['github.com:443/acme', 'github.com'],
    ['github.com:443', 'github.com'],
    ['git hub.com', 'github.com'],
    [' github.com', 'github.com'],
    ['.acme.dev', '*.acme.dev'],
    ['foo.*.acme.dev', '*.acme.dev'],
    ['build-*.acme.dev', '*.acme.dev'],
    ['**.acme.dev', '*.acme.dev'],
    ['*.com', '"*.example.com"'],
    ['*.co.uk', '"*.example.co.uk"'],
    ['*.рф', '"*.example.xn--p1ai"'],
    ['*', 'name a domain: "*.example.com"'],
  ])('%s is refused, with the fix %s', (text, fix) => {
    expect(host(text)).toMatchObject({ error: expect.any(String), fix });
  });

  it.each([
    ['', /empty/],
    ['*.', /no name/],
    ['a..b', /empty label/],
    ['-a.dev', /hyphen/],
    ['a-.dev', /hyphen/],
    ['a$.dev', /cannot contain/],
    ['a%2eb.dev', /cannot contain/],
    ['a\u0000b.dev', /cannot contain/],
    ['a\u00adb.dev', /invisible/],
    ['a\u200db.dev', /invisible/],
    ['foo\u3002dev', /look-alike/],
    ['xn--zz.dev', /Punycode/],
    ['xn--abc-.dev', /Punycode/],
    ['\u0663.dev', /internationalised/],
    ['localhost', /loopback/],
    ['x.localhost', /loopback/],
    ['https://[::1]/', /write the host alone/],
    ['x'.repeat(4 * MAX_HOST_LENGTH + 1), /at most/],
  ])('%j is refused', (text, message) => {
    const result = host(text);
    expect(result).toMatchObject({ error: expect.stringMatching(message) });
  });

  it('holds the bounds of RFC 1035', () => {
    const label = 'a'.repeat(MAX_LABEL_LENGTH);
    expect(host(`${label}.dev`)).toBe(`${label}.dev`);
    expect(host(`a${label}.dev`)).toMatchObject({ error: expect.stringContaining('at most 63') });
    const longest = `${label}.${label}.${label}.${'b'.repeat(61)}`;
    expect(longest.length).toBe(MAX_HOST_LENGTH);
    expect(host(longest)).toBe(longest);
    expect(host(`${longest}b`)).toMatchObject({ error: expect.stringContaining('at most 253') });
  });

  it('never offers a fix that is itself refused', () => {
    for (const text of ['https://127.0.0.1/', '10.0.0.1:80', 'https://-a/', '0x7f000001/x', '.1', 'a.*.1']) {
      const result = normaliseHost(text);
      expect(result).toHaveProperty('error');
      if ('fix' in result && result.fix !== undefined && !result.fix.includes(' ')) {
        expect(normaliseHost(result.fix)).toHaveProperty('name');
      }
    }
  });
});

describe('matching', () => {
  const exact = { name: 'acme.dev', wildcard: false };
  const wild = { name: 'acme.dev', wildcard: true };

  it('takes whole labels', () => {
    expect(hostMatches(exact, 'acme.dev')).toBe(true);
    expect(hostMatches(exact, 'a.acme.dev')).toBe(false);
    expect(hostMatches(wild, 'a.acme.dev')).toBe(true);
    expect(hostMatches(wild, 'b.a.acme.dev')).toBe(true);
    expect(hostMatches(wild, 'acme.dev')).toBe(false);
    expect(hostMatches(wild, '.acme.dev')).toBe(false);
    expect(hostMatches(wild, 'evilacme.dev')).toBe(false);
    expect(hostMatches(wild, 'acme.dev.evil.dev')).toBe(false);
  });

  it('knows when two patterns share a host', () => {
    expect(hostsOverlap(exact, exact)).toBe(true);
    expect(hostsOverlap(exact, wild)).toBe(false);
    expect(hostsOverlap({ name: 'a.acme.dev', wildcard: false }, wild)).toBe(true);
    expect(hostsOverlap(wild, { name: 'a.acme.dev', wildcard: false })).toBe(true);
    expect(hostsOverlap(wild, { name: 'b.acme.dev', wildcard: true })).toBe(true);
    expect(hostsOverlap(wild, { name: 'acme.com', wildcard: true })).toBe(false);
  });
});

describe('domains', () => {
  it.each([
    ['a.b.acme.dev', 'acme.dev'],
    ['acme.dev', 'acme.dev'],
    ['a.acme.co.uk', 'acme.co.uk'],
    ['x.acme.github.io', 'github.io'],
    ['b.s3.amazonaws.com', 'amazonaws.com'],
    ['db.build.svc.cluster.local', 'cluster.local'],
    ['db', 'db'],
    ['com', 'com'],
    ['', ''],
  ])('the registrable domain of %s is %s', (name, domain) => {
    expect(registrableDomain(name)).toBe(domain);
  });

  it.each([
    ['com', true],
    ['co.uk', true],
    ['xn--p1ai', true],
    ['github.io', false],
    ['acme.com', false],
    ['local', false],
  ])('%s is a suffix of a registry: %s', (name, expected) => {
    expect(isRegistrySuffix(name)).toBe(expected);
  });

  it.each([
    ['github.io', true],
    ['s3.amazonaws.com', true],
    ['amazonaws.com', true],
    ['windows.net', true],
    ['acme.github.io', false],
    ['acme.dev', false],
    ['com', false],
  ])('%s is shared: %s', (name, expected) => {
    expect(isShared(name)).toBe(expected);
  });
});
