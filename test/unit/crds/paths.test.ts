import { describe, expect, it } from 'vitest';
import { globOf, MAX_GLOB_SEGMENTS, matchGlob, parseGlob } from '../../../crds/globs.ts';
import { canonicalPath, canonicalQuery, MAX_PATH_LENGTH, MAX_QUERY_LENGTH } from '../../../crds/paths.ts';

describe('canonicalPath', () => {
  it.each<[string, string[]]>([
    ['/', ['']],
    ['/a/b.tgz', ['a', 'b.tgz']],
    ['/a/', ['a', '']],
    ['//a', ['', 'a']],
    ['/@types%2fnode', ['@types', 'node']],
    ['/a%5Cb', ['a', 'b']],
    ['/a\\b', ['a', 'b']],
    ['/caf%C3%A9', ['café']],
    ['/100%25', ['100%']],
    ['/%2541', ['%41']],
    ['/%252541', ['%2541']],
    ['/a:b;c=d', ['a:b;c=d']],
    ['/...', ['...']],
    ['/.git', ['.git']],
    ['/a..b', ['a..b']],
    ['/a%20b', ['a b']],
  ])('%s', (raw, segments) => {
    expect(canonicalPath(raw)).toEqual(segments);
  });

  it.each([
    ['', 'empty'],
    ['a', 'not absolute'],
    ['http://a/', 'not a path'],
    ['/a?b', 'a query'],
    ['/a#b', 'a fragment'],
    ['/..', 'a dot segment'],
    ['/./a', 'a dot segment'],
    ['/a/%2e%2E/b', 'an encoded dot segment'],
    ['/a/.%2e', 'a half encoded dot segment'],
    ['/a/%252e%252e', 'a doubly encoded dot segment'],
    ['/a/%25252e.', 'a triply encoded dot segment'],
    ['/a%2f..%2fb', 'a dot segment behind an encoded slash'],
    ['/a\\..\\b', 'a dot segment between backslashes'],
    ['/a/..;x/b', 'a dot segment with a path parameter'],
    ['/a/%20../b', 'a dot segment with a blank'],
    ['/a/%EF%BC%8E%EF%BC%8E', 'full-width dots'],
    ['/a%EF%BC%8Fb', 'a full-width slash'],
    ['/a%252fb', 'a doubly encoded slash'],
    ['/a%255cb', 'a doubly encoded backslash'],
    ['/a%00', 'NUL'],
    ['/a%0d%0a', 'a line break'],
    ['/a%7f', 'DEL'],
    ['/a%C2%85', 'a C1 control'],
    ['/a%E2%80%A8', 'a line separator'],
    ['/a%2500', 'a doubly encoded NUL'],
    ['/a%', 'a stray percent sign'],
    ['/a%zz', 'a stray percent sign'],
    ['/%ff', 'invalid UTF-8'],
    ['/%c0%ae%c0%ae', 'overlong UTF-8'],
    ['/%ed%a0%80', 'a surrogate'],
    ['/%25ff', 'invalid UTF-8 below'],
    ['/é', 'bytes that are not encoded'],
    ['/%2525252541', 'encoded too many times over'],
  ])('refuses %s: %s', (raw) => {
    expect(canonicalPath(raw)).toBeUndefined();
  });

  it('holds its bound', () => {
    expect(canonicalPath(`/${'a'.repeat(MAX_PATH_LENGTH - 1)}`)).toHaveLength(1);
    expect(canonicalPath(`/${'a'.repeat(MAX_PATH_LENGTH)}`)).toBeUndefined();
  });
});

describe('canonicalQuery', () => {
  it.each<[string, [string, string][]]>([
    ['', []],
    ['a', [['a', '']]],
    [
      'a=1&b=2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'a=1;b=2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    ['a=b=c', [['a', 'b=c']]],
    ['a+b=c%2Bd+e', [['a b', 'c+d e']]],
    [
      'a=1&&b=2',
      [
        ['a', '1'],
        ['', ''],
        ['b', '2'],
      ],
    ],
    ['%61=%C3%A9', [['a', 'é']]],
    ['a%3Db=1', [['a=b', '1']]],
  ])('%s', (raw, pairs) => {
    expect(canonicalQuery(raw)).toEqual(pairs.map(([name, value]) => ({ name, value })));
  });

  it.each(['a=%', '%ff=1', 'a=%c0%ae', 'a=%00', 'a=\n', 'a=é'])('refuses %j', (raw) => {
    expect(canonicalQuery(raw)).toBeUndefined();
  });

  it('holds its bound', () => {
    expect(canonicalQuery('a'.repeat(MAX_QUERY_LENGTH))).toHaveLength(1);
    expect(canonicalQuery('a'.repeat(MAX_QUERY_LENGTH + 1))).toBeUndefined();
  });
});

describe('globs', () => {
  const matches = (glob: string, raw: string) => {
    const parsed = parseGlob(glob);
    if (!parsed.ok) throw new Error(parsed.error);
    return matchGlob(parsed.glob, canonicalPath(raw) ?? []);
  };

  it.each<[string, string[], string[]]>([
    ['/', ['/'], ['/a', '//']],
    ['/v1/events', ['/v1/events', '/v1%2fevents'], ['/v1/events/', '/v1', '/V1/events', '/v1/events/x']],
    ['/v1/*', ['/v1/a', '/v1/%20'], ['/v1/', '/v1', '/v1/a/b', '//v1/a']],
    ['/*.tgz', ['/a.tgz', '/.tgz', '/a.tgz.tgz'], ['/a.tar', '/a/b.tgz']],
    ['/a*b*c', ['/abc', '/axbxc', '/aabbcc', '/abcbc'], ['/ab', '/acb', '/abcd', '/ac']],
    ['/ab*ba', ['/abba', '/abxba'], ['/aba']],
    ['/**', ['/', '/a', '/a/b/', '//'], []],
    ['/acme/**', ['/acme', '/acme/', '/acme/a/b'], ['/acme2', '/x/acme', '//acme/a']],
    [
      '/**/info/refs',
      ['/info/refs', '/a/info/refs', '/a/b.git/info/refs'],
      ['/info/refs/', '/a/info/refsx', '/ainfo/refs'],
    ],
    ['/a/**/b/**/c', ['/a/b/c', '/a/x/b/y/z/c', '/a/b/b/c/c'], ['/a/c/b', '/a/b', '/b/c']],
    ['/**/a/b/**/b/c/**', ['/a/b/b/c', '/a/b/x/b/c/y', '/z/a/b/a/b/b/c'], ['/a/b/c']],
    ['/a/**/a', ['/a/a', '/a/b/a'], ['/a']],
    ['/a/**/**/b', ['/a/b', '/a/x/b'], ['/a']],
    ['/\\*', ['/*'], ['/a', '/**']],
    ['/a\\*b*', ['/a*b', '/a*bc'], ['/axb']],
  ])('%s', (glob, yes, no) => {
    for (const raw of yes) expect(matches(glob, raw), `${glob} should match ${raw}`).toBe(true);
    for (const raw of no) expect(matches(glob, raw), `${glob} should not match ${raw}`).toBe(false);
  });

  it.each<[string, string | undefined]>([
    ['v1/x', '/v1/x'],
    ['https://a.dev/v1', '/v1'],
    ['https://a.dev', '/'],
    ['/a**', '/a*/**'],
    ['/a/**b/c', '/a/*b/c/**'],
    ['/a\\b', '/a/b'],
    ['/a/../b', undefined],
    ['/./b', undefined],
    ['/a\u0000', undefined],
    [`/${'a/'.repeat(MAX_GLOB_SEGMENTS)}`, undefined],
  ])('%j is not a glob; fix %j', (glob, fix) => {
    const parsed = parseGlob(glob);
    expect(parsed).toMatchObject({ ok: false, error: expect.any(String) });
    expect(parsed.ok ? undefined : parsed.fix).toBe(fix);
    if (fix !== undefined) expect(parseGlob(fix).ok).toBe(true);
  });

  it('holds its bound', () => {
    expect(parseGlob(`/${Array(MAX_GLOB_SEGMENTS).fill('a').join('/')}`).ok).toBe(true);
  });

  it('is not slowed down by hostile paths', () => {
    const parsed = parseGlob(`/${'*a'.repeat(400)}b/${'**/a/'.repeat(30)}b`);
    if (!parsed.ok) throw new Error(parsed.error);
    const start = performance.now();
    expect(matchGlob(parsed.glob, ['a'.repeat(8000), ...Array(4000).fill('a')])).toBe(false);
    expect(performance.now() - start).toBeLessThan(500);
  });

  it('is made from segments so that it matches only them', () => {
    expect(globOf(['a*', '**', ''])).toBe('/a\\*/\\*\\*/');
    expect(matches(globOf(['a*', 'b']), '/a*/b')).toBe(true);
    expect(matches(globOf(['a*', 'b']), '/ax/b')).toBe(false);
  });
});
