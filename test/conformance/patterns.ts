/**
 * Texts for each field that has a pattern or a rule of its own: what it takes, what it refuses, and as many and as long ones as needed. They
 * are written from what the fields mean, not from the patterns.
 */

import { ITEM, siteText, VALUE } from './definitions.ts';

export interface Texts {
  matches: readonly string[];
  misses: readonly string[];
  /** Distinct for each number, and a match. */
  nth: (n: number) => string;
  /** A match of this many characters. */
  long: (length: number) => string;
}

const labelValue: Texts = {
  matches: ['', 'a', 'Z', '0', 'a-b', 'A_b.c'],
  misses: ['-a', 'a-', '.a', 'a b', 'é', 'a\n', 'a/b'],
  nth: (n) => `v${n}`,
  long: (length) => 'v'.repeat(length),
};

const size: Texts = {
  matches: ['0', '16384', '16Ki', '1Mi', '2Gi', '007', '9'.repeat(15), '999999999999Ki', '999999999Mi', '999999Gi'],
  misses: [
    ...['', '16K', '16 Ki', '10MB', '1.5Mi', '-1', 'Ki', '16ki', '1Ti', '1Mi\n', '+1', '٣', '1e3', '0x1'],
    ...['9'.repeat(16), '1000000000000Ki', '1000000000Mi', '1000000Gi'],
  ],
  nth: (n) => `${n + 1}Ki`,
  long: (length) => '9'.repeat(length),
};

const condition: Texts = {
  matches: ['Accepted', 'a', 'R2'],
  misses: ['not accepted', '2R', 'a-b', 'a_b', 'é', 'a\n'],
  nth: (n) => `Type${n}`,
  long: (length) => 'T'.repeat(length),
};

const host: Texts = {
  matches: [
    ...[
      'a.acme.dev',
      '*.acme.dev',
      'A.ACME.dev',
      'acme.dev.',
      '*.a-b.dev',
      'a--b.dev',
      'a_b.acme.dev',
      '0.acme.dev',
      '4a.dev',
    ],
    ...['xn--bcher-kva.example', 'bücher.example', 'localhost.acme.dev', 'localhosts', '0x.dev', '1.2.3.4.dev'],
  ],
  misses: [
    ...[
      '',
      'https://acme.dev',
      'acme.dev:443',
      'acme.dev/a',
      '[2001:db8::1]',
      ' acme.dev',
      'a b.dev',
      'a@b.dev',
      'a?b.dev',
    ],
    ...[
      'a,b.dev',
      'a\\b.dev',
      'a\nb.dev',
      'a\u007f.dev',
      '*',
      'a.*.dev',
      '*acme.dev',
      'a*.dev',
      '**.acme.dev',
      '*.*.dev',
    ],
    ...['a..dev', '.acme.dev', 'acme.dev..', '*..dev', '.', '*.', '-a.dev', 'a-.dev', 'a.dev-', 'a.-dev.', '*.-a.dev'],
    ...['192.0.2.1', 'a.1', '0x7f.0.0.0X1', '2130706433', '192.0.2.1.', 'a.0xfF', '*.7', '2001:db8::1', '::'],
    ...['localhost', 'LocalHost', 'a.localhost', 'localhost.', '*.localhost'],
  ],
  nth: (n) => `h${n}.acme.dev`,
  long: (length) => 'abc.'.repeat(length).slice(-length).replace(/^[.]/, 'a').replace(/[.]$/, 'c'),
};

/** By the field's name, with `[]` for the items of a list and `{}` for the values of a map. */
const TEXTS: Readonly<Record<string, Texts>> = {
  'matchLabels{}': labelValue,
  'values[]': labelValue,
  'hosts[]': host,
  'allowedHosts[]': host,
  'deniedHosts[]': host,
  maxBodySize: size,
  uploadSize: size,
  newTextSize: size,
  maxSize: size,
  maxPodSize: size,
  regex: {
    matches: [
      ...['acme_[a-z0-9]{32}', 'abc', '(?i)acme', '(?P<id>acme)', '~acme!', 'acme\\b'],
      // An escaped backslash before a digit, an escaped bracket before a question mark.
      ...['acme\\\\1', 'acme\\(?=', 'acme\\d{8}', 'acme\\\\\\\\2'],
    ],
    misses: [
      ...['', 'ab', 'acmé', 'acme\n', 'acme\t'],
      ...['(acme)\\1', 'acme\\\\\\1', '(?=acme)', '(?!a)acme', '(?<=x)acme', '(?<!x)acme', 'a\\\\(?=acme)'],
    ],
    nth: (n) => `acme-${n}`,
    long: (length) => 'acme'.padEnd(length, 'x'),
  },
  type: condition,
  reason: condition,
  key: {
    matches: ['a', 'stage', 'acme.dev/team', 'a/B_c.d-e', '0/0', 'k'.repeat(63), `${'p'.repeat(253)}/k`],
    misses: [
      ...['', '/a', 'acme.dev/', 'a/b/c', '-a', 'a-', 'a_', '-a/b', 'a-/b', 'Acme.dev/team', 'a b', 'a\n'],
      ...['k'.repeat(64), `a/${'k'.repeat(64)}`, `${'p'.repeat(254)}/k`],
    ],
    nth: (n) => `acme.dev/k${n}`,
    long: (length) => `${'p'.repeat(length - 64)}/${'k'.repeat(63)}`,
  },
  name: {
    matches: ['a', '0', 'npm-mirror', 'a--b'],
    misses: ['A', '-a', 'a-', 'a.b', 'a_b', 'a b', 'NPM mirror', 'é', 'a\n'],
    nth: (n) => `n-${n}`,
    long: (length) => 'n'.repeat(length),
  },
  secretName: {
    matches: ['a', '0', 'npm-token', 'a.b-c.d', 'n'.repeat(64)],
    misses: ['', 'A', '-a', 'a-', 'a..b', '.a', 'a.', 'a_b', 'ci/npm', 'a b', 'a.-b', 'a-.b', 'a\n'],
    nth: (n) => `s-${n}`,
    long: (length) => 's'.repeat(length),
  },
  'keys[]': {
    matches: ['a', 'TOKEN', '.dockerconfigjson', 'a_b-c.d', '..2', '-'],
    misses: ['', 'a b', 'a/b', 'é', 'a\n', 'a:b'],
    nth: (n) => `k${n}`,
    long: (length) => 'k'.repeat(length),
  },
  'maskedPaths[]': {
    matches: ['/a', '/root/.ssh', '/root/..a', '/a/b@c+d~e-f_g', '/etc/ssl', '/0', '/-', '/run/a'],
    misses: [
      ...['/', '//', '/a/', '/a//b', 'a', './a', '/.', '/..', '/a/.', '/a/../b', '/...', '/a b', '/a:b', '/é', '/a\n'],
      ...[
        '/etc',
        '/etc/weir',
        '/etc/weir/trust',
        '/proc',
        '/proc/1',
        '/sys/fs',
        '/dev/shm',
        '/run',
        '/var',
        '/var/run',
      ],
      ...['/run/secrets', '/var/run/secrets/kubernetes.io', '~/a', '$HOME/a', '/*'],
    ],
    nth: (n) => `/p/${n}`,
    long: (length) => `/${'p'.repeat(length - 1)}`,
  },
  'methods[]': {
    matches: ['GET', 'M-SEARCH', 'X', 'X-', 'TRACES', 'X-CONNECT'],
    misses: ['get', 'Get', '-GET', 'GET POST', 'G3T', 'GET\n', 'CONNECT', 'TRACE'],
    nth: (n) => `X${'ABCDEFGHIJ'[Math.floor(n / 10) % 10]}${'ABCDEFGHIJ'[n % 10]}`,
    long: (length) => 'X'.repeat(length),
  },
  'paths[]': {
    matches: [
      ...['/', '/v1/*', '/acme/**', '/**/x', '/a*b*c', '/*a*', '/a b', '/é', '/a//b', '/a/', '/*', '/**', '/a%2Fb'],
      ...[String.raw`/a\*b`, String.raw`/\*\*`, String.raw`/*\**`, '/a'.repeat(64), '/~`!@#$%^&()[]{}|:;"<>?,.'],
      // What is nearly a dot segment.
      ...['/...', '/.well-known/x', '/..a', '/a.', '/a../b', '/.a/..b', '/.*', '/..*', '/*.', '/*..', '/..../a'],
    ],
    misses: [
      ...['', 'v1', ' /v1', 'https://acme.dev/', '*', '\n/', '/a**', '/**a', '/***', '/a/b**/c', '/*\t', '/a\n'],
      ...['/a\u2028b', '/a\u2029b', '/a\u007f', '/a\u0085', String.raw`/a\b`, '/a\\', '/a'.repeat(65)],
      ...['/.', '/..', '/./a', '/../a', '/a/.', '/a/..', '/a/../b', '/a/./b'],
    ],
    nth: (n) => `/p${n}`,
    long: (length) => `/${'p'.repeat(length - 1)}`,
  },
  'contentTypes[]': {
    matches: ['application/json', 'a/b', 'application/vnd.acme+json', 'application/x-git-upload-pack-request'],
    misses: ['json', 'application/', '/json', 'Application/JSON', 'application/json; charset=utf-8', '*/*', 'a/b/c'],
    nth: (n) => `application/t${n}`,
    long: (length) => `application/${'t'.repeat(length - 12)}`,
  },
  'forwardHeaders[]': {
    matches: [
      ...['accept', 'Accept', 'X-Acme-1', "!#$%&'*+.^_`|~-"],
      // What is nearly a header of Weir's own.
      ...['hosts', 'x-host', 'teapot', 'a-te', 'content-type', 'proxy-authenticate', 'authorization'],
    ],
    misses: [
      ...['', 'accept:', 'a b', 'é', 'a(b)', 'a\n'],
      ...['connection', 'content-length', 'expect', 'host', 'http2-settings', 'keep-alive', 'proxy-authorization'],
      ...['proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'Host', 'TE', 'Transfer-Encoding'],
    ],
    nth: (n) => `x-h${n}`,
    long: (length) => 'h'.repeat(length),
  },
};

/** For a place of a schema. */
export function textsAt(steps: readonly string[]): Texts {
  const [field, last] = steps.slice(-2) as [string, string];
  const place = last === ITEM || last === VALUE ? `${field}${last}` : last;
  const texts = TEXTS[place];
  if (!texts) throw new Error(`patterns.ts has no texts for ${siteText(steps)}`);
  return texts;
}
