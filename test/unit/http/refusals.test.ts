import { expect, test } from 'vitest';
import { HOST, policy, rule, SECRET, testInspector } from './harness.ts';
import { ok, setUp } from './set-up.ts';

test('a port in Host that is not the port of the connection is refused with 421', async () => {
  const { it } = await setUp(ok);
  const client = await it.client();
  client.send(`GET / HTTP/1.1\r\nHost: ${HOST}:8080\r\n\r\n`);
  expect(await client.until(/\}\n$/)).toContain('421');
});

test('nothing behind a malformed request on a connection is answered or forwarded', async () => {
  const { it, upstream } = await setUp(ok);
  const client = await it.client();
  client.send(`GET / HTTP/1.1\r\nHost: ${HOST}\r\nHost: evil\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
  const text = await client.end();
  expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((m) => m[1])).toEqual(['400']);
  expect(upstream.connections).toEqual([]);
});

test('Expect: 100-continue on a refused head gets the refusal, and the connection is closed', async () => {
  const { it } = await setUp(ok, { policy: policy([rule({}, { methods: ['GET'] })]) });
  const client = await it.client();
  client.send(`PUT /p HTTP/1.1\r\nHost: ${HOST}\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n`);
  const text = await client.until(/\}\n/);
  expect(text).toMatch(/^HTTP\/1\.1 403 [\s\S]*connection: close/i);
  const body = JSON.parse(text.replace(/^[\s\S]*?\r\n\r\n/, ''));
  expect(body).toMatchObject({ policy: 'p', rule: 'r', reason: 'http.method' });
  expect(body.help).toContain(`allow PUT ${HOST}/p`);
  expect(body.id).toBe(it.events[0]?.id);
});

test('DNS over HTTPS is refused, unless the rule names it', async () => {
  const doh = `POST /q HTTP/1.1\r\nHost: ${HOST}\r\nContent-Type: application/dns-message\r\nContent-Length: 2\r\n\r\nxx`;
  const { it } = await setUp(ok);
  const client = await it.client();
  client.send(doh);
  expect(await client.until(/\}\n/)).toContain('http.doh');
  const named = await setUp((_all, socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'), {
    policy: policy([rule({}, { contentTypes: ['application/dns-message'] })]),
  });
  expect(await (await named.it.client()).send(doh).until(/ok$/)).toContain('200');
});

test('on a refused connection every request gets the refusal, with the rule for the host that was wanted', async () => {
  const { it } = await setUp(ok);
  const client = await it.client({ host: '', refused: { reason: 'host.not-allowed' } });
  for (const path of ['/1', '/2']) {
    client.send(`POST ${path} HTTP/1.1\r\nHost: wanted.test\r\nContent-Length: 3\r\n\r\nabc`);
    const text = await client.until(/\}\n/);
    expect(text).toMatch(/^HTTP\/1\.1 403/);
    expect(text).toContain(`allow POST wanted.test${path}"`);
  }
  expect(it.events).toMatchObject([
    { action: 'deny', reason: 'host.not-allowed', host: 'wanted.test' },
    { action: 'deny', reason: 'host.not-allowed', host: 'wanted.test' },
  ]);
});

test('Audit mode lets pass and reports what it would have denied, but not secrets', async () => {
  const { it } = await setUp(ok, { policy: policy([rule({}, { methods: ['HEAD'] })], 'Audit') });
  const client = await it.client();
  client.send(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
  await client.until(/ok$/);
  client.send(`GET / HTTP/1.1\r\nHost: ${HOST}\r\nX-Key: ${SECRET}\r\n\r\n`);
  expect(await client.until(/\}\n/)).toContain('content.secret');
  expect(it.events.map((e) => [e.action, e.reason])).toEqual([
    ['would-deny', 'http.method'],
    ['deny', 'content.secret'],
  ]);
});

test('headers that the rule does not forward are dropped before they are judged', async () => {
  const { it, upstream } = await setUp(ok, { policy: policy([rule({}, { forwardHeaders: ['accept'] })]) });
  const client = await it.client();
  client.send(`GET / HTTP/1.1\r\nHost: ${HOST}\r\nAccept: a\r\nX-Leak: ${SECRET}\r\n\r\n`);
  await client.until(/ok$/);
  expect(upstream.connections[0]?.received).toBe(
    `GET / HTTP/1.1\r\nhost: ${HOST}\r\nconnection: keep-alive\r\naccept: a\r\n\r\n`,
  );
});

test.each([
  ['path', `GET /x/${SECRET} HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
  ['query', `GET /?a=${SECRET} HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
  ['header value', `GET / HTTP/1.1\r\nHost: ${HOST}\r\nCookie: a=${SECRET}\r\n\r\n`],
  ['header name', `GET / HTTP/1.1\r\nHost: ${HOST}\r\n${SECRET}: x\r\n\r\n`],
  ['Basic', `GET / HTTP/1.1\r\nHost: ${HOST}\r\nAuthorization: Basic ${btoa(`u:${SECRET}`)}\r\n\r\n`],
  ['body', `POST / HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: ${SECRET.length}\r\n\r\n${SECRET}`],
  [
    'body over chunks',
    `POST / HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n${SECRET.slice(0, 4)}\r\n9\r\n${SECRET.slice(4)}\r\n0\r\n\r\n`,
  ],
])(
  'a secret in the %s is refused before anything is forwarded, with an inspector of either kind',
  async (_where, bytes) => {
    for (const asynchronous of [false, true]) {
      // Header names come lower-cased.
      const { it, upstream } = await setUp(ok, { inspector: lowerCaseToo(testInspector({ asynchronous })) });
      const client = await it.client();
      client.send(bytes);
      const text = await client.until(/\}\n/);
      expect(text).toMatch(/^HTTP\/1\.1 403 [\s\S]*content\.secret/);
      expect(text).not.toContain(SECRET);
      expect(upstream.connections).toEqual([]);
      expect(it.events).toHaveLength(1);
      expect(JSON.stringify(it.events).toUpperCase()).not.toContain(SECRET);
    }
  },
);

function lowerCaseToo(inspector: ReturnType<typeof testInspector>): ReturnType<typeof testInspector> {
  return {
    session: (host) => {
      const session = inspector.session(host);
      return {
        open: (context) => {
          const inspection = session.open(context);
          const field = inspection.field.bind(inspection);
          inspection.field = (channel, name, bytes) =>
            field(
              channel,
              name,
              Buffer.from(bytes.toString('latin1').toUpperCase(), 'latin1').includes(SECRET) && !bytes.includes(SECRET)
                ? Buffer.from(SECRET)
                : bytes,
            );
          return inspection;
        },
      };
    },
  };
}

test.each([
  ['the path', `/${SECRET}/x`, HOST],
  ['the query', `/x?t=${SECRET}`, HOST],
  ['the host', '/x', `${SECRET.toLowerCase()}.evil.co`],
  ['what comes after a field that could not be judged', `/complex/long/path?t=${SECRET}`, HOST],
])(
  'a refusal quotes nothing when something is in %s, whoever refuses it; else it suggests a rule',
  async (_what, target, host) => {
    const inspector = testInspector();
    const { it } = await setUp(ok, {
      policy: policy([rule({}, { paths: ['/ok'] })]),
      inspector: {
        session: (name) => ({
          open: (context) => {
            const inspection = inspector.session(name).open(context);
            let complex = false;
            return {
              ...inspection,
              field: (channel, place, bytes) => {
                complex ||= bytes.includes('complex');
                if (complex) return { findings: [], release: [], tooComplex: 'complex' };
                return inspection.field(channel, place, bytes);
              },
            };
          },
        }),
      },
    });
    for (const context of [{}, { host: '', refused: { reason: 'host.not-allowed' } }] as const) {
      const send = async (wanted: string, name: string): Promise<string> =>
        (await it.client(context)).send(`GET ${wanted} HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`).end();
      expect(await send('/x?a=b', HOST)).toContain('allow GET allowed.test/x');
      const answer = await send(target, host);
      expect(answer).toMatch(/^HTTP\/1\.1 4/);
      expect(answer).not.toContain('allow GET');
      expect(JSON.stringify([answer, it.events])).not.toMatch(new RegExp(SECRET, 'i'));
    }
    expect(it.events).toHaveLength(4);
    if (host !== HOST) expect(it.events[3]).toMatchObject({ host: '[redacted].evil.co', path: '/x' });
    else for (const index of [1, 3]) expect(it.events[index]?.path).toContain('[redacted]');
  },
);
