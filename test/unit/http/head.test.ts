import { expect, test } from 'vitest';
import { MAX_HOST_LENGTH, MAX_LABEL_LENGTH, parseAuthority } from '../../../sidecar/http/authority.ts';
import { MAX_LENGTH_DIGITS, requestFraming } from '../../../sidecar/http/framing.ts';
import {
  checkHead,
  type Head,
  MAX_FIELDS,
  MAX_METHOD_LENGTH,
  wireHeaders,
  wireTarget,
} from '../../../sidecar/http/head.ts';
import { MAX_TARGET_LENGTH, parseTarget } from '../../../sidecar/http/target.ts';

function check(rawHeaders: string[], more: { method?: string; target?: string; httpVersion?: string } = {}) {
  return checkHead({ method: 'GET', target: '/', httpVersion: '1.1', secure: true, rawHeaders, ...more });
}

function head(rawHeaders: string[], more: Parameters<typeof check>[1] = {}): Head {
  const result = check(['Host', 'a.test', ...rawHeaders], more);
  if (!result.ok) throw new Error(result.detail);
  return result.head;
}

test('a head is taken apart', () => {
  expect(
    head(
      [
        'Content-Type',
        'Text/Plain; charset=x',
        'content-length',
        '12',
        'Content-Encoding',
        'GZIP, identity',
        'Expect',
        '100-Continue',
        'b',
        '2',
        'A',
        '1',
        'B',
        '1',
      ],
      { method: 'POST', target: '/p?q' },
    ),
  ).toEqual({
    method: 'POST',
    host: 'a.test',
    path: '/p',
    query: 'q',
    headers: [
      ['a', '1'],
      ['b', '2'],
      ['b', '1'],
      ['content-encoding', 'GZIP, identity'],
      ['content-type', 'Text/Plain; charset=x'],
    ],
    body: 'length',
    contentLength: 12,
    contentType: 'text/plain',
    contentEncoding: ['gzip'],
    expectContinue: true,
  });
});

test('what is sent: Host with the port only where it is not that of the scheme, framing, target', () => {
  const chunked = head(['Transfer-Encoding', 'Chunked'], { method: 'POST', target: '/x?' });
  expect(wireHeaders(chunked, true)).toEqual([
    ['host', 'a.test'],
    ['transfer-encoding', 'chunked'],
  ]);
  expect(wireTarget(chunked)).toBe('/x?');
  const other = check(['Host', 'A.test.:8443', 'Content-Length', '0']);
  expect(other.ok && wireHeaders(other.head, true)).toEqual([
    ['host', 'a.test:8443'],
    ['content-length', '0'],
  ]);
});

test('a WebSocket handshake is recognised, and its own headers are kept apart', () => {
  const key = 'dGhlIHNhbXBsZSBub25jZQ==';
  const lines = [
    'Connection',
    'keep-alive, Upgrade',
    'Upgrade',
    'WebSocket',
    'Sec-WebSocket-Version',
    '13',
    'Sec-WebSocket-Key',
    key,
    'Sec-WebSocket-Protocol',
    'v1',
  ];
  expect(head(lines)).toMatchObject({
    upgrade: 'websocket',
    websocketKey: key,
    headers: [['sec-websocket-protocol', 'v1']],
  });
  for (const [from, to] of [
    ['13', '8'],
    [key, 'short'],
    ['keep-alive, Upgrade', 'keep-alive'],
  ]) {
    expect(check(['Host', 'a.test', ...lines.map((part) => (part === from ? to : part) as string)]).ok).toBe(false);
  }
  expect(check(['Host', 'a.test', ...lines, 'Content-Length', '1']).ok).toBe(false);
  expect(check(['Host', 'a.test', ...lines], { method: 'POST' }).ok).toBe(false);
});

test('the parser behind it is not trusted: a head that node would not give is refused too', () => {
  for (const bad of [
    check(['Host']),
    check(['Host', 'a.test', 'X', 'a\r\nY: b']),
    check(['Host', 'a.test', 'X Y', 'a']),
    check(['Host', 'a.test'], { httpVersion: '2.0' }),
    check(['Host', 'a.test'], { target: '' }),
    check(['Host', 'a.test'], { target: '/a b' }),
    check(['Host', 'a.test'], { target: '/"' }),
    check(['Host', 'a.test', 'Content-Encoding', 'gz ip']),
    check(['Host', 'a.test', 'Content-Type', 'text']),
    check(['Host', 'a.test', 'Content-Length', '1', 'Content_Type', 'a/b']),
  ]) {
    expect(bad).toMatchObject({ ok: false, reason: 'http.malformed' });
  }
});

test('bounds: at each it passes, one over it does not', () => {
  const fields = (count: number): string[] => Array.from({ length: count }, (_, index) => [`x-${index}`, '']).flat();
  expect(check(['Host', 'a.test', ...fields(MAX_FIELDS - 1)]).ok).toBe(true);
  expect(check(['Host', 'a.test', ...fields(MAX_FIELDS)]).ok).toBe(false);
  expect(check(['Host', 'a.test'], { method: 'A'.repeat(MAX_METHOD_LENGTH) }).ok).toBe(true);
  expect(check(['Host', 'a.test'], { method: 'A'.repeat(MAX_METHOD_LENGTH + 1) }).ok).toBe(false);
  expect(typeof parseTarget(`/${'a'.repeat(MAX_TARGET_LENGTH - 1)}`, true)).toBe('object');
  expect(typeof parseTarget(`/${'a'.repeat(MAX_TARGET_LENGTH)}`, true)).toBe('string');
  const label = 'a'.repeat(MAX_LABEL_LENGTH);
  expect(parseAuthority(label)).toEqual({ host: label });
  expect(parseAuthority(`${label}a`)).toBeUndefined();
  const long = `${label}.${label}.${label}.${'a'.repeat(MAX_HOST_LENGTH - 3 * (MAX_LABEL_LENGTH + 1))}`;
  expect(parseAuthority(long)?.host).toHaveLength(MAX_HOST_LENGTH);
  expect(parseAuthority(`${long}a`)).toBeUndefined();
  expect(requestFraming('9'.repeat(MAX_LENGTH_DIGITS), undefined, '1.1')).toMatchObject({ body: 'length' });
  expect(typeof requestFraming(`1${'0'.repeat(MAX_LENGTH_DIGITS)}`, undefined, '1.1')).toBe('string');
});

test('an authority is a host name with an optional port, and nothing else', () => {
  expect(parseAuthority('A_b.C-d.test.:65535')).toEqual({ host: 'a_b.c-d.test', port: 65535 });
  for (const bad of [
    '',
    '.',
    'a..b',
    '-a',
    'a-',
    'a:',
    'a:0',
    'a:080',
    'a:65536',
    'a:1:2',
    '[::1]',
    'u@a',
    'a%2eb',
    'ä.de',
    'a b',
    'a/b',
  ]) {
    expect(parseAuthority(bad), bad).toBeUndefined();
  }
});
