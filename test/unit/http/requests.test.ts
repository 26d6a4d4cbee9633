import { expect, test } from 'vitest';
import { eventually, HOST, type rawUpstream, SECRET } from './harness.ts';
import { ok, setUp } from './set-up.ts';

test('a request is written anew: lower-case names, canonical order, no hop-by-hop headers', async () => {
  const { it, upstream } = await setUp(ok);
  const client = await it.client();
  client.send(
    'GET /a?b=c HTTP/1.1\r\nZ-Last: 1\r\nHost: Allowed.TEST:80\r\nConnection: keep-alive, TE\r\nTE: trailers\r\nKeep-Alive: timeout=5\r\n' +
      'Proxy-Authorization: Basic eA==\r\nX-Forwarded-For: 1.2.3.4\r\naccept:   */*  \r\n\r\n',
  );
  expect(await client.until(/ok$/)).toMatch(/^HTTP\/1\.1 200 OK\r\nContent-Length: 2\r\n/);
  expect(upstream.connections[0]?.received).toBe(
    'GET /a?b=c HTTP/1.1\r\nhost: allowed.test\r\nconnection: keep-alive\r\naccept: */*\r\nz-last: 1\r\n\r\n',
  );
  await eventually(() => it.events.length === 1);
  expect(it.events[0]).toMatchObject({
    action: 'allow',
    layer: 'http',
    rule: 'p/r',
    host: HOST,
    port: 80,
    method: 'GET',
    path: '/a?b=c',
    status: 200,
    bytesDown: 2,
  });
});

test('keep-alive carries several requests; one that names another host is refused with 421, and the next still served', async () => {
  const { it, upstream } = await setUp(ok);
  const client = await it.client();
  for (let count = 0; count < 3; count++) {
    client.send(`GET /${count} HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
    await client.until(/ok$/);
  }
  client.send('GET /other HTTP/1.1\r\nHost: evil.test\r\n\r\n');
  expect(await client.until(/\}\n$/)).toMatch(/^HTTP\/1\.1 421 [\s\S]*"reason":"http.host-mismatch"/);
  client.send(`GET /after HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
  await client.until(/ok$/);
  expect(upstream.connections.map((c) => c.received).join('')).not.toContain('/other');
  expect(it.events.map((e) => e.action)).toEqual(['allow', 'allow', 'allow', 'deny', 'allow']);
});

test('absolute-form is accepted for the own host, and sent in origin-form', async () => {
  const { it, upstream } = await setUp(ok);
  const client = await it.client();
  client.send(`GET http://${HOST}/x?y HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
  await client.until(/ok$/);
  expect(upstream.connections[0]?.received).toMatch(/^GET \/x\?y HTTP\/1\.1\r\n/);
});

test('pipelined requests are judged and answered one after another, in order', async () => {
  const seen: string[] = [];
  const { it } = await setUp((all, socket, chunk) => {
    const path = /^GET (\S+)/.exec(chunk.toString('latin1'))?.[1] ?? all;
    seen.push(path);
    setTimeout(
      () => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`),
      path === '/1' ? 50 : 0,
    );
  });
  const client = await it.client();
  const get = (path: string, host = HOST): string => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  client.send(get('/1') + get('/2', 'evil.test') + get('/3'));
  const text = await client.until(/\/3$/);
  expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((m) => m[1])).toEqual(['200', '421', '200']);
  expect(seen).toEqual(['/1', '/3']);
});

test('chunked both ways: framing and extensions are ours, content is the same', async () => {
  const { it, upstream } = await setUp((all, socket) => {
    if (all.endsWith('hello world')) {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n');
    }
  });
  const client = await it.client();
  client.send(
    `POST / HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding: chunked\r\n\r\n6;ext="leak"\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n`,
  );
  const text = await client.until(/\r\n0\r\n\r\n$/);
  expect(text).toMatch(/Transfer-Encoding: chunked/i);
  expect(text.replace(/\r\n[0-9a-f]+\r\n|\r\n/g, '')).toContain('abcdefg');
  // Held whole, so its length is known.
  expect(upstream.connections[0]?.received).toMatch(/content-length: 11\r\n\r\nhello world$/);
  expect(upstream.connections[0]?.received).not.toContain('leak');
});

test('Expect: 100-continue is answered by Weir once the head is judged, and never forwarded', async () => {
  const { it, upstream } = await setUp((all, socket) => {
    if (all.endsWith('body')) socket.write('HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n');
  });
  const client = await it.client();
  client.send(`PUT / HTTP/1.1\r\nHost: ${HOST}\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n`);
  expect(await client.until(/\r\n\r\n/)).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  expect(upstream.connections).toEqual([]);
  client.send('body');
  expect(await client.until(/\r\n\r\n/)).toContain('201 Created');
  expect(upstream.connections[0]?.received.toLowerCase()).not.toContain('expect');
});

test.each([
  ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n', /200 OK\r\nContent-Length: 1000\r\n/],
  ['GET', 'HTTP/1.1 204 No Content\r\n\r\n', /204 No Content\r\n/],
  ['GET', 'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 5\r\n\r\n', /304 Not Modified\r\nETag: "x"\r\n/],
])('%s with a response without body (%s) keeps the connection in step', async (method, answer, expected) => {
  const { it } = await setUp((_all, socket, chunk) => {
    socket.write(
      chunk.toString('latin1').includes(' /second ') ? 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok' : answer,
    );
  });
  const client = await it.client();
  client.send(`${method} /first HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
  expect(await client.until(/\r\n\r\n/)).toMatch(expected);
  client.send(`GET /second HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
  expect(await client.until(/ok$/)).toMatch(/^HTTP\/1\.1 200 OK/);
});

test('ranges pass both ways', async () => {
  const { it, upstream } = await setUp((_all, socket) => {
    socket.write('HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 1-3/9\r\nContent-Length: 3\r\n\r\nbcd');
  });
  const client = await it.client();
  client.send(`GET / HTTP/1.1\r\nHost: ${HOST}\r\nRange: bytes=1-3\r\n\r\n`);
  expect(await client.until(/bcd$/)).toMatch(/206 Partial Content\r\nContent-Range: bytes 1-3\/9/);
  expect(upstream.connections[0]?.received).toContain('range: bytes=1-3\r\n');
});

test('server-sent events: the head and each event are flushed as they come', async () => {
  let stream: Parameters<Parameters<typeof rawUpstream>[0]>[1] | undefined;
  const { it } = await setUp((_all, socket) => {
    stream = socket;
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n');
  });
  const client = await it.client();
  client.send(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
  await client.until(/event-stream[\s\S]*\r\n\r\n/);
  for (const data of ['data: 1', 'data: 2']) {
    stream?.write(`9\r\n${data}\n\n\r\n`);
    await client.until(new RegExp(data));
  }
  stream?.write('0\r\n\r\n');
  await client.until(/\r\n0\r\n\r\n$/);
});

test('response trailers are forwarded; request trailers are judged and not', async () => {
  const { it, upstream } = await setUp((all, socket) => {
    if (all.endsWith('abc')) {
      socket.write(
        'HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nz\r\n0\r\nX-Sum: 42\r\n\r\n',
      );
    }
  });
  const client = await it.client();
  const post = (trailer: string): string =>
    `POST / HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-T: ${trailer}\r\n\r\n`;
  client.send(post('fine'));
  expect(await client.until(/0\r\nX-Sum: 42\r\n\r\n$/)).toContain('Trailer: X-Sum');
  expect(upstream.connections[0]?.received).not.toContain('fine');
  client.send(post(SECRET));
  expect(await client.until(/\}\n/)).toContain('content.secret');
  expect(upstream.connections).toHaveLength(1);
  expect(it.events[1]).toMatchObject({ action: 'deny', findings: [{ place: 'trailers' }] });
});

test('hop-by-hop, Connection-listed and Alt-Svc response headers are dropped; Set-Cookie lines stay apart', async () => {
  const { it } = await setUp((_all, socket) => {
    socket.write(
      'HTTP/1.1 200 OK\r\nAlt-Svc: h3=":443"\r\nConnection: X-Private\r\nX-Private: 1\r\nProxy-Authenticate: x\r\nUpgrade: h2\r\n' +
        'Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n',
    );
  });
  const client = await it.client();
  client.send(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
  const head = await client.until(/\r\n\r\n/);
  expect(head).toContain('Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n');
  expect(head).not.toMatch(/alt-svc|x-private|proxy-auth|upgrade/i);
});

test('early hints are passed on', async () => {
  const { it } = await setUp((_all, socket) => {
    socket.write(
      'HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    );
  });
  const client = await it.client();
  client.send(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
  expect(await client.until(/ok$/)).toMatch(
    /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/x>; rel=preload\r\n\r\nHTTP\/1\.1 200 OK/,
  );
});

test('HTTP/1.0 clients get an answer without chunks and a closed connection', async () => {
  const { it } = await setUp((_all, socket) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n');
  });
  const client = await it.client();
  client.send(`GET / HTTP/1.0\r\nHost: ${HOST}\r\n\r\n`);
  expect(await client.end()).toMatch(/\r\n\r\nabc$/);
});

test('a client that closes its side has gone away: the upstream request is aborted', async () => {
  const { it, upstream } = await setUp(() => {});
  const client = await it.client();
  client.send(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
  await eventually(() => upstream.connections[0]?.received.includes('GET') === true);
  client.socket.end();
  expect(await client.end()).toBe('');
  await eventually(() => upstream.connections[0]?.closed === true);
});
