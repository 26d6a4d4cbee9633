import { expect, test } from 'vitest';
import { HOLD_BYTES, type JudgedBody, judgeBody } from '../../../sidecar/http/body.ts';
import { allowsDoh, isDoh } from '../../../sidecar/http/doh.ts';
import { failureOf, isStale } from '../../../sidecar/http/failure.ts';
import { headerFields, MIN_PART_LENGTH, targetFields } from '../../../sidecar/http/fields.ts';
import { Forwarder, MAX_POOLS } from '../../../sidecar/http/forward.ts';
import { responseHeaders } from '../../../sidecar/http/response.ts';
import { MAX_SESSIONS, SessionCache } from '../../../sidecar/inspect/sessions.ts';
import { rule, testInspector } from './harness.ts';

const seen = (fields: ReturnType<typeof headerFields>): string[] =>
  fields.map((f) => `${f.channel} ${f.place} ${f.bytes.toString('latin1')}`);

test('method, path, query and content type are judged, whole and in parts', () => {
  expect(
    seen(
      targetFields({ method: 'GET', path: '/short/longer-segment', query: 'a=1&b=longer-value', contentType: 'a/b' }),
    ),
  ).toEqual([
    'http.method method GET',
    'http.path path /short/longer-segment',
    'http.path segment 2 longer-segment',
    'http.query query a=1&b=longer-value',
    'http.query parameter 2 longer-value',
    'http.header content-type a/b',
  ]);
  expect(seen(targetFields({ method: 'GET', path: '/', query: '' }))).toEqual(['http.method method GET']);
  const parts = (length: number): number => targetFields({ method: 'GET', path: `/a/${'x'.repeat(length)}` }).length;
  expect([parts(MIN_PART_LENGTH - 1), parts(MIN_PART_LENGTH)]).toEqual([2, 3]);
});

test('header names come first and together, then values, then what Basic hides', () => {
  expect(
    seen(
      headerFields([
        ['authorization', `basic ${btoa('user:pass')}`],
        ['cookie', 'a=b'],
      ]),
    ),
  ).toEqual([
    'http.header names authorization\ncookie',
    `http.header authorization basic ${btoa('user:pass')}`,
    'http.header authorization (Basic) user:pass',
    'http.header cookie a=b',
  ]);
  expect(headerFields([])).toEqual([]);
});

const query = Buffer.from('000001000001000000000000076578616d706c6503636f6d0000010001', 'hex').toString('base64url');

test.each([
  [{ path: '/x', contentType: 'application/dns-message', headers: [] }, true],
  [{ path: '/x', headers: [['accept', 'text/html, Application/DNS-JSON;q=1']] }, true],
  [{ path: '/dns-query', headers: [] }, true],
  [{ path: '/a/d%6es-query/', headers: [] }, true],
  [{ path: '/x', query: `dns=${query}`, headers: [] }, true],
  [{ path: '/x', query: `a=1;d%6Es=${query}`, headers: [] }, true],
  [{ path: '/x', query: 'dns=example.com', headers: [] }, false],
  [{ path: '/x', query: 'dns', headers: [] }, false],
  [{ path: '/docs/dns-query-types', headers: [['accept', '*/*']] }, false],
] as [Parameters<typeof isDoh>[0], boolean][])('DNS over HTTPS is recognised: %j', (head, expected) => {
  expect(isDoh(head)).toBe(expected);
});

test('a rule allows DNS over HTTPS only when it names it', () => {
  expect(allowsDoh(undefined)).toBe(false);
  expect(allowsDoh(rule({}, { contentTypes: ['application/json'] }))).toBe(false);
  expect(allowsDoh(rule({}, { contentTypes: ['application/dns-message'] }))).toBe(true);
  expect(allowsDoh(rule({}, { query: [{ name: 'dns' }] }))).toBe(true);
});

test('failures of the way out are named', () => {
  expect(failureOf(Object.assign(new Error('x'), { reason: 'upstream.tls' })).reason).toBe('upstream.tls');
  expect(failureOf(Object.assign(new Error('x'), { reason: 'toString' })).reason).toBe('upstream.unreachable');
  expect(failureOf(Object.assign(new Error('x'), { code: 'UND_ERR_HEADERS_TIMEOUT' })).reason).toBe('upstream.timeout');
  expect(failureOf(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))).toEqual({
    reason: 'upstream.unreachable',
    detail: 'ECONNREFUSED: refused',
  });
  expect(failureOf('text').reason).toBe('upstream.unreachable');
  expect([isStale(Object.assign(new Error(), { code: 'EPIPE' })), isStale(new Error()), isStale(undefined)]).toEqual([
    true,
    false,
    false,
  ]);
});

test('response headers: names keep their case, Connection-listed ones go', () => {
  expect(
    responseHeaders(['Connection', 'close, X-A', 'X-A', '1', Buffer.from('X-B'), Buffer.from('é', 'latin1')]),
  ).toEqual(['X-B', 'é']);
});

function body(chunks: string[], length?: number): Promise<{ result: JudgedBody; charges: number[]; sizes: number[] }> {
  async function* source(): AsyncGenerator<Buffer, undefined> {
    for (const chunk of chunks) yield Buffer.from(chunk);
    return undefined;
  }
  const charges: number[] = [];
  const sizes: number[] = [];
  const rules = {
    hold() {},
    admitSize: (n: number) => sizes.push(n),
    charge: (n: number) => charges.push(n),
    sent() {},
    judge: (step: { release: readonly Buffer[] }) => step.release,
    finish() {},
  };
  const inspection = testInspector().session('').open({ body: 'http.body', contentEncoding: [] });
  return judgeBody(source(), length, inspection, rules).then((result) => ({ result, charges, sizes }));
}

test('a body is held whole up to the bound, and streams one byte over it', async () => {
  const at = await body(['a'.repeat(HOLD_BYTES - 1), 'b']);
  expect(at.result.kind).toBe('whole');
  expect(at.charges).toEqual([HOLD_BYTES]);
  const over = await body(['a'.repeat(HOLD_BYTES), 'bc', 'd'.repeat(20)]);
  expect(over.result.kind).toBe('stream');
  expect(over.charges).toEqual([]);
  let text = '';
  if (over.result.kind === 'stream') for await (const chunk of over.result.chunks) text += chunk.toString();
  expect(text).toBe(`${'a'.repeat(HOLD_BYTES)}bc${'d'.repeat(20)}`);
  expect(over.charges.reduce((a, b) => a + b)).toBe(text.length);
});

test('a body of known length is admitted and charged at once, before it is read', async () => {
  const known = await body(['abc'], 3);
  expect(known).toMatchObject({ result: { kind: 'whole' }, charges: [3], sizes: [3, 3] });
  expect((await body([])).result).toEqual({ kind: 'none' });
});

test('sessions and pools are bounded: the least recently used one goes', async () => {
  let made = 0;
  const inspector = testInspector();
  const cache = new SessionCache({
    session: (host) => {
      made++;
      return inspector.session(host);
    },
  });
  for (let index = 0; index < MAX_SESSIONS; index++) cache.get(`h${index}`);
  cache.get('h0');
  expect(made).toBe(MAX_SESSIONS);
  cache.get('new');
  cache.get('h0');
  expect(made).toBe(MAX_SESSIONS + 1);
  cache.get('h1');
  expect(made).toBe(MAX_SESSIONS + 2);

  let connects = 0;
  const forward = new Forwarder(() => {
    connects++;
    return Promise.reject(new Error('no'));
  });
  const send = (host: string): Promise<Error> =>
    new Promise((resolve) => {
      const request = {
        method: 'GET',
        target: '/',
        headers: [['host', host]] as [string, string][],
        body: { kind: 'none' } as const,
      };
      forward.send({ host, port: 80, secure: false, scope: 'Public' }, request, {
        onResponseError: (_c, error) => resolve(error),
        onRequestStart() {},
        onResponseStart() {},
        onResponseData() {},
        onResponseEnd() {},
      });
    });
  for (let index = 0; index <= MAX_POOLS; index++) expect((await send(`h${index}.test`)).message).toBe('no');
  expect(connects).toBe(MAX_POOLS + 1);
  await forward.close();
});

test('a request that undici finds malformed is an error, not an exception', async () => {
  const forward = new Forwarder(() => Promise.reject(new Error('no')));
  const error = await new Promise<Error>((resolve) => {
    const request = { method: 'G T', target: '/', headers: [], body: { kind: 'none' } as const };
    forward.send({ host: 'a.test', port: 80, secure: false, scope: 'Public' }, request, {
      onResponseError: (_c, e) => resolve(e),
    });
  });
  expect(error.message).toMatch(/invalid request method/);
  await forward.close();
});
