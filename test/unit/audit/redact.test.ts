import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../crds/runtime.ts';
import {
  CUT,
  MAX_PART_LENGTH,
  MAX_PATH_LENGTH,
  MAX_SUBDOMAIN_LENGTH,
  MIN_RANDOM_LABEL,
  redactHost,
  redactPath,
} from '../../../sidecar/audit/redact.ts';

const finding = (channel: Finding['channel']): Finding => ({
  detector: 'jwt',
  channel,
  place: '',
  decoding: [],
  offset: 0,
  homeHosts: [],
});

describe('redactHost', () => {
  it('cuts below the registrable domain what was refused for content', () => {
    for (const reason of ['content.secret', 'content.too-complex', 'dns.budget', 'dns.malformed'] as const) {
      expect(redactHost('akia.secret.evil.co.uk', reason)).toBe(`${CUT}.evil.co.uk`);
      expect(redactHost('evil.co.uk', reason)).toBe('evil.co.uk');
    }
  });

  it('leaves an ordinary name that no rule allows', () => {
    for (const host of [
      'api.example.com',
      'db.build.svc.cluster.local',
      'localhost',
      'cdn-3.eu-west-1.assets.example.org',
    ]) {
      expect(redactHost(host, 'host.not-allowed')).toBe(host);
      expect(redactHost(host, 'dns.name')).toBe(host);
    }
  });

  it('cuts a name that carries data, whatever it was refused for', () => {
    expect(redactHost('nbswy3dpeb3w64tmmqqho33s.t.example.com', 'dns.name')).toBe(`${CUT}.example.com`);
    const long = (length: number) => `${'ab.'.repeat(40)}`.slice(-length);
    expect(redactHost(`${long(MAX_SUBDOMAIN_LENGTH).replace(/^\.|\.$/g, 'c')}.example.com`, 'dns.name')).not.toContain(
      CUT,
    );
    expect(redactHost(`${'c'.repeat(MAX_SUBDOMAIN_LENGTH + 1)}.example.com`, 'dns.name')).toBe(`${CUT}.example.com`);
  });

  it('takes a label for random from the bound on', () => {
    const label = '0123456789abcdefghij';
    expect(redactHost(`${label.slice(0, MIN_RANDOM_LABEL)}.example.com`, 'dns.name')).toBe(`${CUT}.example.com`);
    expect(redactHost(`${label.slice(0, MIN_RANDOM_LABEL - 1)}.example.com`, 'dns.name')).not.toContain(CUT);
  });
});

describe('redactPath', () => {
  it('leaves ordinary paths', () => {
    expect(redactPath('/v1/events?limit=10&after=abc', [])).toBe('/v1/events?limit=10&after=abc');
    expect(redactPath('/', [])).toBe('/');
    expect(redactPath('/a', [finding('http.body'), finding('http.header')])).toBe('/a');
  });

  it('cuts the part in which something was found', () => {
    expect(redactPath('/a/secret?x=1', [finding('http.path')])).toBe(`/${CUT}`);
    expect(redactPath('/a/b?x=secret', [finding('http.query')])).toBe(`/a/b?${CUT}`);
    expect(redactPath('/a/b', [finding('http.query')])).toBe('/a/b');
  });

  it('cuts parts that are data, at the bound', () => {
    const part = (length: number) => 'x'.repeat(length);
    expect(redactPath(`/a/${part(MAX_PART_LENGTH)}`, [])).toBe(`/a/${part(MAX_PART_LENGTH)}`);
    expect(redactPath(`/a/${part(MAX_PART_LENGTH + 1)}/b`, [])).toBe(`/a/${CUT}/b`);
    expect(redactPath(`/a?b=${part(MAX_PART_LENGTH + 1)}&c=d`, [])).toBe(`/a?b=${CUT}&c=d`);
  });

  it('is bounded', () => {
    const long = '/ab'.repeat(MAX_PATH_LENGTH);
    expect(redactPath(long, [])).toHaveLength(MAX_PATH_LENGTH);
    expect(redactPath(long.slice(0, MAX_PATH_LENGTH), [])).toBe(long.slice(0, MAX_PATH_LENGTH));
    expect(redactPath(`/?${'a&'.repeat(MAX_PATH_LENGTH)}`, [])).toHaveLength(MAX_PATH_LENGTH);
  });
});
