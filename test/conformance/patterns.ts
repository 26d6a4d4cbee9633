/** Texts for each pattern of the schemas: what matches, what does not, and matches as many and as long as needed. */

export interface Texts {
  matches: readonly string[];
  misses: readonly string[];
  /** Distinct for each number, and a match. */
  nth: (n: number) => string;
  /** A match of this many characters. */
  long: (length: number) => string;
}

const LABEL_VALUE = '^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$';
const LABEL_KEY = '^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$';
const PATH = String.raw`^(/(\*\*|\*?(([^*/\\\p{Cc}\p{Zl}\p{Zp}]|\\\*)\*?)*)){1,64}$`;
const DOT_SEGMENT = String.raw`/\.\.?(/|$)`;
const OWN_HEADERS =
  '^(?i:connection|content-length|expect|host|http2-settings|keep-alive|proxy-authorization|proxy-connection|te|trailer|transfer-encoding|upgrade)$';
const NAME = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$';

export const PATTERNS: Readonly<Record<string, Texts>> = {
  [LABEL_VALUE]: {
    matches: ['', 'a', 'Z', '0', 'a-b', 'A_b.c'],
    misses: ['-a', 'a-', '.a', 'a b', 'é', 'a\n', 'a/b'],
    nth: (n) => `v${n}`,
    long: (length) => 'v'.repeat(length),
  },
  [LABEL_KEY]: {
    matches: ['a', 'stage', 'acme.dev/team', 'a/B_c.d-e', '0/0', 'k'.repeat(63), `${'p'.repeat(253)}/k`],
    misses: [
      ...['', '/a', 'acme.dev/', 'a/b/c', '-a', 'a-', 'a_', '-a/b', 'a-/b', 'Acme.dev/team', 'a b', 'a\n'],
      ...['k'.repeat(64), `a/${'k'.repeat(64)}`, `${'p'.repeat(254)}/k`],
    ],
    nth: (n) => `acme.dev/k${n}`,
    long: (length) => `${'p'.repeat(length - 64)}/${'k'.repeat(63)}`,
  },
  [NAME]: {
    matches: ['a', '0', 'npm-mirror', 'a--b'],
    misses: ['A', '-a', 'a-', 'a.b', 'a_b', 'a b', 'NPM mirror', 'é', 'a\n'],
    nth: (n) => `n-${n}`,
    long: (length) => 'n'.repeat(length),
  },
  '^[A-Z][A-Z-]*$': {
    matches: ['GET', 'M-SEARCH', 'X', 'X-'],
    misses: ['get', 'Get', '-GET', 'GET POST', 'G3T', 'GET\n'],
    nth: (n) => `X${'ABCDEFGHIJ'[Math.floor(n / 10) % 10]}${'ABCDEFGHIJ'[n % 10]}`,
    long: (length) => 'X'.repeat(length),
  },
  [PATH]: {
    matches: [
      ...['/', '/v1/*', '/acme/**', '/**/x', '/a*b*c', '/*a*', '/a b', '/é', '/a//b', '/a/', '/*', '/**'],
      ...[
        String.raw`/a\*b`,
        String.raw`/\*\*`,
        String.raw`/*\**`,
        '/a'.repeat(64),
        '/~`!@#$%^&()[]{}|:;"<>?,.',
        '/a%2Fb',
      ],
    ],
    misses: [
      ...[
        '',
        'v1',
        ' /v1',
        'https://acme.dev/',
        '*',
        '\n/',
        '/a**',
        '/**a',
        '/***',
        '/a/b**/c',
        '/*\t',
        '/a\n',
        '/a\u2028b',
      ],
      ...['/a\u2029b', '/a\u007f', '/a\u0085', String.raw`/a\b`, '/a\\', '/a'.repeat(65)],
    ],
    nth: (n) => `/p${n}`,
    long: (length) => `/${'p'.repeat(length - 1)}`,
  },
  '^[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*$': {
    matches: ['application/json', 'a/b', 'application/vnd.acme+json', 'application/x-git-upload-pack-request'],
    misses: ['json', 'application/', '/json', 'Application/JSON', 'application/json; charset=utf-8', '*/*', 'a/b/c'],
    nth: (n) => `application/t${n}`,
    long: (length) => `application/${'t'.repeat(length - 12)}`,
  },
  '^([0-9]{1,15}|[0-9]{1,12}Ki|[0-9]{1,9}Mi|[0-9]{1,6}Gi)$': {
    matches: ['0', '16384', '16Ki', '1Mi', '2Gi', '007', '9'.repeat(15), '999999999999Ki', '999999999Mi', '999999Gi'],
    misses: [
      ...['', '16K', '16 Ki', '10MB', '1.5Mi', '-1', 'Ki', '16ki', '1Ti', '1Mi\n', '+1', '٣', '1e3', '0x1'],
      ...['9'.repeat(16), '1000000000000Ki', '1000000000Mi', '1000000Gi'],
    ],
    nth: (n) => `${n + 1}Ki`,
    long: (length) => '9'.repeat(length),
  },
  '^[A-Za-z]([A-Za-z0-9]*)$': {
    matches: ['Accepted', 'a', 'R2'],
    misses: ['not accepted', '2R', 'a-b', 'a_b', 'é', 'a\n'],
    nth: (n) => `Type${n}`,
    long: (length) => 'T'.repeat(length),
  },
  "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$": {
    matches: ['accept', 'Accept', 'X-Acme-1', "!#$%&'*+.^_`|~-"],
    misses: ['', 'accept:', 'a b', 'é', 'a(b)', 'a\n'],
    nth: (n) => `x-h${n}`,
    long: (length) => 'h'.repeat(length),
  },
};

/** The same for patterns under `not`: what is refused, and what nearly is. */
export const REFUSED_PATTERNS: Readonly<Record<string, Pick<Texts, 'matches' | 'misses'>>> = {
  [DOT_SEGMENT]: {
    matches: ['/.', '/..', '/./a', '/../a', '/a/.', '/a/..', '/a/../b', '/a/./b'],
    misses: ['/...', '/.well-known/x', '/..a', '/a.', '/a../b', '/.a/..b'],
  },
  [OWN_HEADERS]: {
    matches: [
      ...['connection', 'content-length', 'expect', 'host', 'http2-settings', 'keep-alive', 'proxy-authorization'],
      ...['proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'Host', 'TE', 'Transfer-Encoding'],
    ],
    misses: ['hosts', 'x-host', 'teapot', 'a-te', 'content-type', 'proxy-authenticate', 'authorization'],
  },
};

export function textsFor(pattern: string): Texts {
  return known(PATTERNS, pattern);
}

export function refusedTexts(pattern: string): Pick<Texts, 'matches' | 'misses'> {
  return known(REFUSED_PATTERNS, pattern);
}

function known<T>(table: Readonly<Record<string, T>>, pattern: string): T {
  const texts = table[pattern];
  if (!texts) throw new Error(`patterns.ts has no texts for ${pattern}`);
  return texts;
}
