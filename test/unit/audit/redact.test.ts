import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../crds/runtime.ts';
import { CUT, MAX_PART_LENGTH, MAX_PATH_LENGTH, redactPath } from '../../../sidecar/audit/redact.ts';

const finding = (channel: Finding['channel']): Finding => ({
  detector: 'jwt',
  channel,
  place: '',
  decoding: [],
  offset: 0,
  homeHosts: [],
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
