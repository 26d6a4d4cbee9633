/** Whatever a workload leaves open, over as many connections as it gets, the sidecar stays within a pod's limit. */
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import zlib from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MAX_CONNECTIONS } from '../../../sidecar/tcp/connections.ts';

/** The sidecar's default limit in a pod, MiB. */
const LIMIT_MIB = 384;
/** Further connections than there are admitted. */
const CLIENTS = MAX_CONNECTIONS + 200;

let server: net.Server;
let sidecar: ChildProcess;
let port: number;
const clients: net.Socket[] = [];

beforeEach(async () => {
  // Takes every connection and reads nothing.
  server = net.createServer({ pauseOnConnect: true }, (socket) => socket.on('error', () => {}));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const file = path.join(import.meta.dirname, 'held-sidecar.ts');
  sidecar = fork(file, [String((server.address() as AddressInfo).port)], { execArgv: [] });
  [port] = (await once(sidecar, 'message')) as [number];
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  const ended = once(sidecar, 'exit');
  sidecar.kill('SIGKILL');
  await ended;
  server.close();
});

/** The most memory that the process ever had, MiB. */
function peakMib(): number {
  const status = readFileSync(`/proc/${sidecar.pid}/status`, 'latin1');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

const chunk = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes]);
const encoded = (encoding: string, body: Buffer): Buffer => {
  const line = encoding === '' ? '' : `Content-Encoding: ${encoding}\r\n`;
  return Buffer.concat([
    Buffer.from(`POST /x HTTP/1.1\r\nHost: plain.test\r\n${line}Transfer-Encoding: chunked\r\n\r\n`),
    chunk(body),
  ]);
};

/** A frame that asks for a window of 2^log bytes and fills it with blanks; then bytes that decode to nothing. */
function zstd(log: number): Buffer {
  const blanks = (last: number): Buffer => {
    const block = Buffer.alloc(4, ' ');
    block.writeUIntLE(last | 2 | ((128 * 1024) << 3), 0, 3);
    return block;
  };
  const blocks = Math.min(240, 2 ** log / (128 * 1024));
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (log - 10) << 3]);
  const skipped = Buffer.alloc(8);
  skipped.writeUInt32LE(0x184d2a50, 0);
  skipped.writeUInt32LE(200_000, 4);
  return Buffer.concat([head, ...Array(blocks).fill(blanks(0)), blanks(1), skipped, randomBytes(70_000)]);
}

const SKIPPED = Buffer.alloc(8);
SKIPPED.writeUInt32LE(0x184d2a50, 0);
SKIPPED.writeUInt32LE(4_000_000, 4);
const get = `GET /${'y'.repeat(1000)} HTTP/1.1\r\nHost: plain.test\r\nX-A: ${'z'.repeat(29_000)}\r\n\r\n`;

const OPENINGS: Record<string, () => Buffer> = {
  'bodies that are held whole': () => encoded('', randomBytes(65_000)),
  'bodies that nobody takes': () => encoded('', randomBytes(500_000)),
  'zstd with a window of 128 MiB': () => encoded('zstd', zstd(27)),
  'zstd with a window of 8 MiB': () => encoded('zstd', zstd(23)),
  'zstd that decodes to nothing': () => encoded('zstd', Buffer.concat([SKIPPED, randomBytes(2_000_000)])),
  'gzip that does not end': () => encoded('gzip', zlib.gzipSync(randomBytes(300_000)).subarray(0, 290_000)),
  'requests behind requests': () => Buffer.from(get.repeat(60)),
  'heads that do not end': () => Buffer.from(get.slice(0, -4)),
};

test.each(Object.entries(OPENINGS))('%s', { timeout: 60_000 }, async (_, opening) => {
  const bytes = opening();
  for (let index = 0; index < CLIENTS; index++) {
    const client = net.connect(port, '127.0.0.1');
    client.on('error', () => {});
    client.resume();
    client.write(bytes);
    clients.push(client);
    if (index % 50 === 0) await sleep(20);
  }
  // Until nothing more comes: the sidecar has taken what it takes.
  for (let peak = 0, before = Number.NEGATIVE_INFINITY; peak - before > 1; ) {
    before = peak;
    await sleep(1500);
    peak = peakMib();
  }
  expect(sidecar.exitCode).toBeNull();
  expect(peakMib()).toBeLessThan(LIMIT_MIB);
});
