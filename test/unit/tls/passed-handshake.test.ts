/** Hellos that follow the first one, at the request of the server, in any pieces and in any order with what the server says. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HelloVerdict } from '../../../sidecar/tls/clienthello.ts';
import { PassedHandshake } from '../../../sidecar/tls/passed-handshake.ts';
import { ServerAnswer } from '../../../sidecar/tls/server-answer.ts';
import { helloMessage, message, record, records, serverName } from './hello-builder.ts';

const RETRY = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');
const serverHello = (random: Buffer) =>
  message(2, Buffer.concat([Buffer.from([3, 3]), random, Buffer.from([0, 0x13, 1, 0])]));
const CCS = record(Buffer.from([1]), 20);
const ASKS = Buffer.concat([records(serverHello(RETRY)), CCS]);
const GOES_ON = records(serverHello(Buffer.alloc(32, 1)));
const hello = (name: string, size?: number) => records(helloMessage({ extensions: [serverName(name)] }), size);
const FIRST = hello('good.test');
const EARLY = record(Buffer.alloc(300, 0x16), 23);
const ALERT = record(Buffer.from([1, 0]), 21);
const DATA = record(Buffer.alloc(50, 1), 23);

const admits = (verdict: HelloVerdict) => verdict.ok && verdict.hello.serverName === 'good.test';

/** What goes on of the client's bytes, all of which come before (`early`) or after the server's. */
async function through(client: Buffer, server: Buffer, size: number, early: boolean): Promise<Buffer | null> {
  const handshake = new PassedHandshake(admits);
  const out: Buffer[] = [];
  const pieces = (bytes: Buffer) =>
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
  const say = () => {
    for (const piece of pieces(server)) handshake.server(piece);
    handshake.server(undefined);
  };
  const first = Math.ceil(FIRST.length / size);
  for (const [i, piece] of pieces(client).entries()) {
    if (!early && i === first) say();
    const passing = handshake.client(piece);
    // Nothing is read while a piece waits.
    if (passing instanceof Promise) say();
    const passed = await passing;
    if (passed === null) return null;
    out.push(passed);
  }
  const ending = handshake.end();
  say();
  const rest = await ending;
  return rest && Buffer.concat([...out, rest]);
}

const SECOND: [string, Buffer, boolean][] = [
  ['the same name', Buffer.concat([CCS, hello('good.test'), DATA]), true],
  ['the same name, over records', Buffer.concat([hello('good.test', 5), CCS, DATA]), true],
  ['the same name, after early data', Buffer.concat([EARLY, EARLY, CCS, hello('good.test'), DATA]), true],
  ['another name', Buffer.concat([CCS, hello('evil.test'), DATA]), false],
  ['another name, over records', Buffer.concat([CCS, hello('evil.test', 1), DATA]), false],
  ['another name after early data and an alert', Buffer.concat([EARLY, ALERT, hello('evil.test')]), false],
  ['no name', Buffer.concat([CCS, records(helloMessage())]), false],
  ['a record between those of a hello', Buffer.concat([hello('good.test').subarray(0, 9), CCS]), false],
  ['another message', Buffer.concat([records(message(11, Buffer.alloc(9))), hello('evil.test')]), false],
  ['an unknown record', Buffer.concat([record(Buffer.from([1]), 24), hello('evil.test')]), false],
];

describe.each(SECOND)('asked for another hello: %s', (_, second, isPassed) => {
  it('is judged alike however it is cut and whenever it comes', async () => {
    const client = Buffer.concat([FIRST, second]);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: client.length }), fc.boolean(), async (size, early) => {
        const out = await through(client, ASKS, size, early);
        if (isPassed) expect(out?.equals(client)).toBe(true);
        else {
          expect(out === null || !out.includes('evil.test')).toBe(true);
          expect(out === null || out.length < client.length).toBe(true);
        }
      }),
    );
  });

  it('and passes where the server goes on, or says nothing of TLS', async () => {
    const client = Buffer.concat([FIRST, second]);
    for (const server of [GOES_ON, ALERT, Buffer.from('HTTP/1.1 400 Bad Request\r\n'), Buffer.alloc(0)]) {
      for (const size of [1, 50, client.length]) {
        expect((await through(client, server, size, false))?.equals(client)).toBe(true);
      }
    }
  });
});

it('holds what comes before the answer, and not the hello', async () => {
  const handshake = new PassedHandshake(admits);
  expect(handshake.client(Buffer.concat([FIRST, CCS]))).toEqual(FIRST);
  const waiting = handshake.client(DATA);
  expect(waiting).toBeInstanceOf(Promise);
  handshake.server(GOES_ON);
  expect(await waiting).toEqual(Buffer.concat([CCS, DATA]));
  expect(handshake.client(DATA)).toBe(DATA);
});

it.each([
  ['a HelloRetryRequest', ASKS, 'retry'],
  ['the same over many records', records(serverHello(RETRY), 1), 'retry'],
  ['a ServerHello', GOES_ON, 'other'],
  ['a random that is nearly that', records(serverHello(Buffer.concat([RETRY.subarray(0, 31), Buffer.of(0)]))), 'other'],
  ['an empty record', record(Buffer.alloc(0)), 'other'],
  ['an alert', ALERT, 'other'],
  ['a beginning', ASKS.subarray(0, 42), 'more'],
  ['a beginning, and another record', Buffer.concat([records(serverHello(RETRY).subarray(0, 20)), CCS]), 'other'],
])('%s is %s, in any pieces', (_, bytes, answer) => {
  for (const size of [1, 3, bytes.length]) {
    const reader = new ServerAnswer();
    let last: string = 'more';
    for (let at = 0; at < bytes.length; at += size) last = reader.push(bytes.subarray(at, at + size));
    expect(last).toBe(answer);
  }
});
