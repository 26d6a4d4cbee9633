/** Where the attacker puts it: each channel turns a payload into the exact bytes of a leak, or says that it cannot carry it. */
import { randomBytes } from 'node:crypto';

/** A leak, ready to send: an HTTP exchange over TLS (steps in turn) or DNS questions. */
export type Leak = { kind: 'tls'; steps: Buffer[] } | { kind: 'dns'; names: Buffer[][] };

/** Undefined when the syntax of the channel cannot hold the payload as it is. */
type Channel = (payload: string, host: string) => Leak | undefined;

const MAX_LABEL_BYTES = 63;
/** Of the encoded name; leaves room for the host's own labels. */
const MAX_NAME_BYTES = 220;

function request(host: string, line: string, headers: readonly string[] = [], body?: string | Buffer): Leak {
  const bytes = body === undefined ? undefined : Buffer.from(body as string);
  const framing = bytes === undefined ? [] : [`Content-Length: ${bytes.length}`];
  const head = [`${line} HTTP/1.1`, `Host: ${host}`, ...headers, ...framing, 'Connection: close', '', ''].join('\r\n');
  return { kind: 'tls', steps: [Buffer.concat([Buffer.from(head, 'latin1'), bytes ?? Buffer.alloc(0)])] };
}

const inTarget = (payload: string) => /^[\w.~!$&'()*+,;=:@/%-]*$/.test(payload);
const inHeader = (payload: string) => /^[\x20-\x7e]*$/.test(payload);
const form = (payload: string) => encodeURIComponent(payload).replaceAll('%20', '+');

function dnsLabels(payload: string, host: string): Leak | undefined {
  if (!/^[\x21-\x7e]+$/.test(payload)) return undefined;
  const suffix = host.split('.').map((label) => Buffer.from(label));
  const labels = (payload.match(new RegExp(`.{1,${MAX_LABEL_BYTES}}`, 'g')) ?? []).map((label) => Buffer.from(label));
  const names: Buffer[][] = [];
  let name: Buffer[] = [];
  let size = 0;
  for (const label of labels) {
    if (size + label.length + 1 > MAX_NAME_BYTES) {
      names.push(name);
      name = [];
      size = 0;
    }
    name.push(label);
    size += label.length + 1;
  }
  names.push(name);
  return { kind: 'dns', names: names.map((own) => [...own, ...suffix]) };
}

function chunked(payload: string, host: string): Leak {
  const chunks = (payload.match(/[\s\S]{1,7}/g) ?? []).map((text) => `${text.length.toString(16)}\r\n${text}\r\n`);
  const head = `POST /v1/upload HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`;
  return { kind: 'tls', steps: [Buffer.from(`${head}${chunks.join('')}0\r\n\r\n`)] };
}

function webSocket(payload: string, host: string): Leak {
  const key = randomBytes(16).toString('base64');
  const head = [
    'GET /socket HTTP/1.1',
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${key}`,
    '',
    '',
  ].join('\r\n');
  const body = Buffer.from(payload);
  const mask = randomBytes(4);
  const length = body.length < 126 ? [0x80 | body.length] : [0x80 | 126, body.length >> 8, body.length & 0xff];
  const masked = body.map((byte, index) => byte ^ (mask[index % 4] as number));
  const close = Buffer.from([0x88, 0x80, 0, 0, 0, 0]);
  return {
    kind: 'tls',
    steps: [Buffer.from(head), Buffer.concat([Buffer.from([0x81, ...length]), mask, masked, close])],
  };
}

export const CHANNELS: Record<string, Channel> = {
  dns: dnsLabels,
  path: (payload, host) => (inTarget(payload) ? request(host, `GET /v1/${payload}`) : undefined),
  query: (payload, host) => (inTarget(payload) ? request(host, `GET /v1/track?id=7&d=${payload}`) : undefined),
  header: (payload, host) => (inHeader(payload) ? request(host, 'GET /v1/status', [`X-Trace: ${payload}`]) : undefined),
  cookie: (payload, host) =>
    inHeader(payload) ? request(host, 'GET /v1/status', [`Cookie: theme=dark; sid=${payload}`]) : undefined,
  'user-agent': (payload, host) =>
    inHeader(payload) ? request(host, 'GET /v1/status', [`User-Agent: build/1.0 ${payload}`]) : undefined,
  basic: (payload, host) =>
    request(host, 'GET /v1/status', [`Authorization: Basic ${Buffer.from(`build:${payload}`).toString('base64')}`]),
  form: (payload, host) =>
    request(
      host,
      'POST /v1/form',
      ['Content-Type: application/x-www-form-urlencoded'],
      `a=1&data=${form(payload)}&b=2`,
    ),
  json: (payload, host) =>
    request(
      host,
      'POST /v1/events',
      ['Content-Type: application/json'],
      JSON.stringify({ event: 'x', props: [payload] }),
    ),
  raw: (payload, host) => request(host, 'POST /v1/upload', ['Content-Type: text/plain'], payload),
  chunked,
  multipart: (payload, host) =>
    request(
      host,
      'POST /v1/files',
      ['Content-Type: multipart/form-data; boundary=frontier'],
      [
        '--frontier\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n',
        '--frontier\r\nContent-Disposition: form-data; name="file"; filename="log.txt"\r\n',
        `Content-Type: text/plain\r\n\r\n${payload}\r\n--frontier--\r\n`,
      ].join(''),
    ),
  'multipart-name': (payload, host) =>
    inHeader(payload)
      ? request(
          host,
          'POST /v1/files',
          ['Content-Type: multipart/form-data; boundary=frontier'],
          `--frontier\r\nContent-Disposition: form-data; name="file"; filename="${payload}"\r\n\r\nhello\r\n--frontier--\r\n`,
        )
      : undefined,
  websocket: webSocket,
};

export const CHANNEL_NAMES = Object.keys(CHANNELS);
