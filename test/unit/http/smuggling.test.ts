import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOST, rawUpstream, type World, world } from './harness.ts';

let it: World;
let upstream: Awaited<ReturnType<typeof rawUpstream>>;

beforeAll(async () => {
  upstream = await rawUpstream((_all, socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
  it = await world({ upstreamPort: upstream.port });
});
afterAll(async () => {
  await it.close();
  upstream.close();
});

const H = `Host: ${HOST}\r\n`;

/** Each is one request as raw bytes, that some server would read in another way than some other. */
const SHAPES: [string, string][] = [
  [
    'Content-Length and Transfer-Encoding',
    `POST / HTTP/1.1\r\n${H}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  [
    'Transfer-Encoding and Content-Length',
    `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n`,
  ],
  ['two equal Content-Length', `POST / HTTP/1.1\r\n${H}Content-Length: 1\r\nContent-Length: 1\r\n\r\nx`],
  ['two different Content-Length', `POST / HTTP/1.1\r\n${H}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx`],
  ['a list as Content-Length', `POST / HTTP/1.1\r\n${H}Content-Length: 1, 1\r\n\r\nx`],
  ['a signed Content-Length', `POST / HTTP/1.1\r\n${H}Content-Length: +1\r\n\r\nx`],
  ['a negative Content-Length', `POST / HTTP/1.1\r\n${H}Content-Length: -1\r\n\r\nx`],
  ['a hexadecimal Content-Length', `POST / HTTP/1.1\r\n${H}Content-Length: 0x1\r\n\r\nx`],
  ['a Content-Length with leading zeros', `POST / HTTP/1.1\r\n${H}Content-Length: 01\r\n\r\nx`],
  ['a Content-Length beyond 2^64', `POST / HTTP/1.1\r\n${H}Content-Length: 18446744073709551617\r\n\r\nx`],
  ['an empty Content-Length', `POST / HTTP/1.1\r\n${H}Content-Length:\r\n\r\nx`],
  ['blank before the colon', `POST / HTTP/1.1\r\n${H}Content-Length : 1\r\n\r\nx`],
  ['Transfer-Encoding: identity', `POST / HTTP/1.1\r\n${H}Transfer-Encoding: identity\r\n\r\n`],
  ['Transfer-Encoding: gzip, chunked', `POST / HTTP/1.1\r\n${H}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
  [
    'Transfer-Encoding: chunked, identity',
    `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
  ],
  ['Transfer-Encoding: xchunked', `POST / HTTP/1.1\r\n${H}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
  [
    'two Transfer-Encoding',
    `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  ['a vertical tab before chunked', `POST / HTTP/1.1\r\n${H}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n`],
  ['a quoted chunked', `POST / HTTP/1.1\r\n${H}Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n`],
  ['Transfer_Encoding', `POST / HTTP/1.1\r\n${H}Transfer_Encoding: chunked\r\n\r\n`],
  ['Content_Length', `POST / HTTP/1.1\r\n${H}Content_Length: 3\r\n\r\n`],
  ['Transfer-Encoding in HTTP/1.0', `POST / HTTP/1.0\r\n${H}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['two Host', `GET / HTTP/1.1\r\n${H}${H}\r\n`],
  ['no Host', 'GET / HTTP/1.1\r\nAccept: x\r\n\r\n'],
  ['no Host in HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n'],
  ['an empty Host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n'],
  ['Host with userinfo', `GET / HTTP/1.1\r\nHost: ${HOST}@evil.test\r\n\r\n`],
  ['Host as a list', `GET / HTTP/1.1\r\nHost: ${HOST}, evil.test\r\n\r\n`],
  ['Host with a path', `GET / HTTP/1.1\r\nHost: ${HOST}/x\r\n\r\n`],
  ['Host with a bad port', `GET / HTTP/1.1\r\nHost: ${HOST}:80x\r\n\r\n`],
  ['obs-fold', `GET / HTTP/1.1\r\n${H}X: a\r\n b\r\n\r\n`],
  ['obs-fold of Host', `GET / HTTP/1.1\r\nHost: ${HOST}\r\n .evil.test\r\n\r\n`],
  ['obs-fold of Transfer-Encoding', `POST / HTTP/1.1\r\n${H}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n`],
  ['bare LF after a header', `GET / HTTP/1.1\r\n${H}X: a\nY: b\r\n\r\n`],
  ['bare LF at the end of the head', `GET / HTTP/1.1\r\n${H}X: a\n\n`],
  ['bare CR in a value', `GET / HTTP/1.1\r\n${H}X: a\rY: b\r\n\r\n`],
  ['NUL in a value', `GET / HTTP/1.1\r\n${H}X: a\0b\r\n\r\n`],
  ['NUL in a name', `GET / HTTP/1.1\r\n${H}X\0: a\r\n\r\n`],
  ['DEL in a value', `GET / HTTP/1.1\r\n${H}X: a\x7fb\r\n\r\n`],
  ['a header without colon', `GET / HTTP/1.1\r\n${H}X\r\n\r\n`],
  ['a header without name', `GET / HTTP/1.1\r\n${H}: x\r\n\r\n`],
  ['a blank before the first header', `GET / HTTP/1.1\r\n X: a\r\n${H}\r\n`],
  ['absolute-form for another host', `GET http://evil.test/ HTTP/1.1\r\n${H}\r\n`],
  ['absolute-form with userinfo', `GET http://u@${HOST}/ HTTP/1.1\r\n${H}\r\n`],
  ['absolute-form with another scheme', `GET https://${HOST}/ HTTP/1.1\r\n${H}\r\n`],
  ['absolute-form with a foreign scheme', `GET ftp://${HOST}/ HTTP/1.1\r\n${H}\r\n`],
  ['asterisk-form', `OPTIONS * HTTP/1.1\r\n${H}\r\n`],
  ['CONNECT', `CONNECT ${HOST}:80 HTTP/1.1\r\n${H}\r\n`],
  ['CONNECT with a path', `CONNECT /x HTTP/1.1\r\n${H}\r\n`],
  ['a fragment', `GET /x#y HTTP/1.1\r\n${H}\r\n`],
  ['a backslash', `GET /x\\y HTTP/1.1\r\n${H}\r\n`],
  ['a blank in the target', `GET /x y HTTP/1.1\r\n${H}\r\n`],
  ['a tab in the target', `GET /x\ty HTTP/1.1\r\n${H}\r\n`],
  ['a control character in the target', `GET /x\x01y HTTP/1.1\r\n${H}\r\n`],
  ['bytes above ASCII in the target', `GET /x\xe9y HTTP/1.1\r\n${H}\r\n`],
  ['a target without slash', `GET x HTTP/1.1\r\n${H}\r\n`],
  ['HTTP/0.9', 'GET /\r\n\r\n'],
  ['HTTP/1.2', `GET / HTTP/1.2\r\n${H}\r\n`],
  ['HTTP/2.0', `GET / HTTP/2.0\r\n${H}\r\n`],
  ['a prior-knowledge h2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a method in lower case', `get / HTTP/1.1\r\n${H}\r\n`],
  ['a method that nobody knows', `LEAK / HTTP/1.1\r\n${H}\r\n`],
  ['Connection that names Host', `GET / HTTP/1.1\r\n${H}Connection: host\r\n\r\n`],
  [
    'Connection that names a credential',
    `GET / HTTP/1.1\r\n${H}Authorization: x\r\nConnection: close, authorization\r\n\r\n`,
  ],
  ['Connection: upgrade alone', `GET / HTTP/1.1\r\n${H}Connection: upgrade\r\n\r\n`],
  ['Upgrade alone', `GET / HTTP/1.1\r\n${H}Upgrade: websocket\r\n\r\n`],
  ['another Expect', `POST / HTTP/1.1\r\n${H}Expect: 200-ok\r\nContent-Length: 1\r\n\r\nx`],
  ['Expect twice', `POST / HTTP/1.1\r\n${H}Expect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx`],
  ['two Content-Type', `POST / HTTP/1.1\r\n${H}Content-Type: a/b\r\nContent-Type: c/d\r\nContent-Length: 1\r\n\r\nx`],
  ['X-HTTP-Method-Override', `POST / HTTP/1.1\r\n${H}X-HTTP-Method-Override: DELETE\r\n\r\n`],
  ['X_HTTP_Method_Override', `POST / HTTP/1.1\r\n${H}X_HTTP_Method_Override: DELETE\r\n\r\n`],
  ['X-Original-URL', `GET / HTTP/1.1\r\n${H}X-Original-URL: /admin\r\n\r\n`],
  ['a bad chunk size', `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n`],
  ['a signed chunk size', `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n`],
  ['a chunk size with 0x', `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n`],
  ['a chunk longer than its size', `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n`],
  ['a chunk ended by LF', `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n`],
  [
    'a chunk size beyond 2^64',
    `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc\r\n0\r\n\r\n`,
  ],
  ['a huge head', `GET / HTTP/1.1\r\n${H}X: ${'a'.repeat(40_000)}\r\n\r\n`],
];

test.each(SHAPES)('%s is refused with 400 and the connection closed; nothing is forwarded', async (_name, bytes) => {
  const events = it.events.length;
  const client = await it.client();
  // A further request on the same connection must not be served either.
  client.send(`${bytes}GET /smuggled HTTP/1.1\r\n${H}\r\n`);
  const text = await client.end();
  expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*"reason":"http\.malformed"/);
  expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
  expect(text.toLowerCase()).toContain('connection: close');
  expect(upstream.connections).toEqual([]);
  expect(it.events.slice(events)).toMatchObject([{ action: 'deny', reason: 'http.malformed', layer: 'http' }]);
});

test.each([
  ['h2c', 'Upgrade, HTTP2-Settings', 'h2c', 403],
  ['a list', 'Upgrade', 'websocket, h2c', 403],
  ['TLS', 'Upgrade', 'TLS/1.2', 403],
  ['WebSocket without key', 'Upgrade', 'websocket', 400],
])('an Upgrade to %s is refused', async (_name, connection, upgrade, status) => {
  const client = await it.client();
  client.send(
    `GET / HTTP/1.1\r\n${H}Connection: ${connection}\r\nUpgrade: ${upgrade}\r\n\r\nGET /smuggled HTTP/1.1\r\n${H}\r\n`,
  );
  const text = await client.end();
  expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
  expect(upstream.connections).toEqual([]);
});

test.each(['/a/../b', '/a/%2e%2E/b', '/%252e%252e/', '/a/..;/b'])(
  '%s is refused, with its framing sound',
  async (path) => {
    const client = await it.client();
    client.send(`GET ${path} HTTP/1.1\r\n${H}\r\n`);
    expect(await client.until(/\}\n/)).toMatch(/^HTTP\/1\.1 400 [\s\S]*"reason":"http\.malformed"/);
    expect(upstream.connections).toEqual([]);
  },
);

test('bytes after a sound request are a request of their own, judged on their own', async () => {
  const client = await it.client();
  client.send(`POST / HTTP/1.1\r\n${H}Content-Length: 4\r\n\r\nbodyGET /second HTTP/1.1\r\nHost: evil.test\r\n\r\n`);
  const text = await client.until(/\}\n/);
  expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((m) => m[1])).toEqual(['200', '421']);
  expect(upstream.connections[0]?.received).toMatch(/\r\n\r\nbody$/);
});
