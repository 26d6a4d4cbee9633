/** What is told of content that was refused: all but the value to the log and the control plane, next to nothing to the workload. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Event } from '../../../crds/runtime.ts';
import { createLog } from '../../../sidecar/audit/log.ts';
import { DETECTORS } from '../../../sidecar/inspect/detectors/index.ts';
import { createInspector } from '../../../sidecar/inspect/index.ts';
import { checkReport } from '../../../webhook/reports/check.ts';
import { HOST, policy, rawUpstream, rule, world } from './harness.ts';
import { closers } from './set-up.ts';

const TOKEN = DETECTORS.find(({ name }) => name === 'github-token')?.examples(1).matching[0] ?? '';
const KNOWN = 'k3Yx9Qw7Lm2Zp5Rt8Vb4';
const PIECES = KNOWN.match(/.{7}/g) as string[];
const base64 = (text: string) => Buffer.from(text).toString('base64');

async function setUp() {
  const upstream = await rawUpstream((_all, socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
  const inspector = createInspector();
  inspector.setKnownSecrets([{ name: 'deploy/key', value: Buffer.from(KNOWN), held: true }]);
  const through = await world({ upstreamPort: upstream.port, inspector, policy: policy([rule()]) });
  closers.push(() => through.close(), upstream.close);
  const send = async (target: string, head = '', body = ''): Promise<string> => {
    const client = await through.client();
    const length = body === '' ? '' : `Content-Length: ${body.length}\r\n`;
    client.send(`POST ${target} HTTP/1.1\r\nHost: ${HOST}\r\n${head}${length}\r\n${body}`);
    return client.until(/(ok|\})\n?$/);
  };
  return { send, events: through.events };
}

const told = { hash: expect.stringMatching(/^[0-9a-f]{16}$/) };

it.each([
  [
    'a path',
    `/v1/${TOKEN}`,
    '',
    '',
    { detector: 'github-token', channel: 'http.path', place: 'path', offset: 4, decoding: [] },
  ],
  [
    'a query',
    `/?a=b&c=${base64(TOKEN)}`,
    '',
    '',
    { detector: 'github-token', channel: 'http.query', place: 'query', offset: 6, decoding: ['base64'] },
  ],
  [
    'a header',
    '/',
    `X-A: b ${TOKEN}\r\n`,
    '',
    { detector: 'github-token', channel: 'http.header', place: 'x-a', offset: 2, decoding: [] },
  ],
  [
    'a body',
    '/',
    '',
    JSON.stringify({ a: base64(base64(KNOWN)) }),
    {
      detector: 'known-secret',
      channel: 'http.body',
      place: '',
      offset: 6,
      decoding: ['base64', 'base64'],
      secret: 'deploy/key',
    },
  ],
])('of what was found in %s', async (_, target, head, body, found) => {
  const { send, events } = await setUp();
  const answer = await send(target, head, body);
  const [event] = events as [Event];
  expect(event).toMatchObject({ action: 'deny', reason: 'content.secret', rule: 'p/r' });
  expect(event.findings).toContainEqual(expect.objectContaining({ ...found, ...told }));
  expectCoarse(answer, event);
  await expectTold(event);
});

it('of what was sent in pieces, each time the same', async () => {
  const { send, events } = await setUp();
  for (const piece of PIECES) await send('/', `X-A: ${piece}\r\n`);
  const answer = await send('/', `X-A: ${PIECES[1]}x\r\n`);
  const found = {
    detector: 'known-secret',
    channel: 'http.header',
    place: 'x-a',
    decoding: ['requests'],
    secret: 'deploy/key',
  };
  const denials = events.filter(({ action }) => action === 'deny');
  expect(denials).toHaveLength(2);
  for (const event of denials) {
    expect(event.findings).toContainEqual(expect.objectContaining({ ...found, ...told }));
    expectCoarse(answer, event);
    await expectTold(event);
  }
  expect(new Set(denials.map(({ findings = [] }) => findings[0]?.hash)).size).toBe(1);
});

/** The workload is told the rule and the reason, and no more. */
function expectCoarse(answer: string, { findings = [] }: Event): void {
  const [, json = ''] = answer.split('\r\n\r\n');
  expect(JSON.parse(json)).toMatchObject({ policy: 'p', rule: 'r', reason: 'content.secret' });
  for (const { detector, channel, hash = '', secret = 'deploy/key' } of findings)
    for (const word of [detector, channel, hash, secret, 'base64', 'offset']) expect(answer).not.toContain(word);
}

/** The log's line and what the control plane makes of a report have all of the findings, and none of the value. */
async function expectTold(event: Event): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'weir-told-'));
  closers.push(() => rmSync(directory, { recursive: true }));
  const log = createLog(join(directory, 'log'));
  log.write(event);
  await log.close();
  const line = readFileSync(join(directory, 'log'), 'utf8');
  expect(JSON.parse(line).findings).toEqual(event.findings);
  for (const value of [TOKEN, KNOWN, ...PIECES]) expect(line).not.toContain(value);
  const report = checkReport({ events: [JSON.parse(line)], dropped: 0 });
  expect('events' in report && report.events[0]?.findings).toEqual(
    event.findings?.map((finding) => ({ ...finding, homeHosts: expect.any(Array) })),
  );
}
