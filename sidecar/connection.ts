/** One intercepted connection: by which name it is known, what it begins with, and which room it goes to. */
import type net from 'node:net';
import { messageOf } from '../crds/errors.ts';
import type { Denial, Event, Reason, RuntimeRule } from '../crds/runtime.ts';
import { newId, timestamp } from './audit/event.ts';
import type { Dialer } from './dialer.ts';
import type { SyntheticAddresses } from './dns/synthetic.ts';
import { failureOf } from './http/failure.ts';
import type { ConnectionContext } from './http/types.ts';
import type { Inspector } from './inspect/inspector.ts';
import type { Budgets, PolicyEngine } from './policy/index.ts';
import type { Relays } from './relays.ts';
import { Detector } from './tcp/detect.ts';
import { PeekError, peek } from './tcp/peek.ts';
import { relay } from './tcp/relay.ts';
import { reset } from './tcp/reset.ts';
import type { Endpoint } from './tcp/types.ts';
import { type ClientHello, HelloReader, MAX_HELLO_BYTES } from './tls/clienthello.ts';
import { type Passed, PassedHandshake } from './tls/passed-handshake.ts';
import type { Terminate } from './tls/terminate.ts';

/** Milliseconds for the first bytes of a connection, to the end of a ClientHello. */
export const OPENING_TIMEOUT_MS = 5000;
/** Milliseconds without a byte in either direction after which a relayed connection is closed. */
export const RELAY_IDLE_MS = 60 * 60 * 1000;
/** The same once one side has ended: the process that had the connection may be gone, and the server need never close. */
export const RELAY_HALF_CLOSED_MS = 5 * 60 * 1000;

/** TLS alert record (RFC 8446 section 6): fatal, unrecognized_name. For clients that name no host or one that may not be named. */
const UNRECOGNIZED_NAME = Buffer.from([21, 3, 1, 0, 2, 2, 112]);

export interface Rooms {
  engine: () => PolicyEngine;
  budgets: Budgets;
  relays: Relays;
  synthetic: SyntheticAddresses;
  inspector: Inspector;
  dialer: Dialer;
  terminate: Terminate<ConnectionContext>;
  serveHttp: (socket: net.Socket, context: ConnectionContext) => void;
  emit: (event: Event) => void;
  openingTimeoutMs?: number;
}

/** What the first bytes are. */
type Opening =
  | { kind: 'tls'; hello: ClientHello }
  | { kind: 'http' }
  | { kind: 'refused'; reason: Reason; detail: string };

/**
 * Routes a connection that was meant for `destination`. Nothing is thrown; what is refused is reset or answered, and told
 * to `emit`.
 */
export function route(socket: net.Socket, destination: Endpoint, rooms: Rooms): void {
  const { synthetic } = rooms;
  const { address, port } = destination;
  const isRefusal = address === synthetic.refusal.v4 || address === synthetic.refusal.v6;
  const host = synthetic.nameOf(address);
  const work =
    host !== undefined
      ? routeByName(socket, host, port, rooms)
      : // Whoever looked up a denied name is told why; so is whoever took an address from elsewhere.
        explain(
          socket,
          port,
          isRefusal ? rooms.engine().unnamed() : { reason: 'destination.unknown', detail: address },
          rooms,
        );
  work.catch((error: unknown) => {
    reset(socket);
    const detail = messageOf(error);
    report(rooms, 'tcp', { reason: 'internal', detail }, host, port);
  });
}

async function routeByName(socket: net.Socket, host: string, port: number, rooms: Rooms): Promise<void> {
  const decision = rooms.engine().decideConnection(host, port);
  if (decision.kind === 'deny') return explain(socket, port, decision.denial, rooms, host);
  if (decision.kind === 'opaque') return relayTo(socket, host, port, decision.rule, 'tcp', rooms, decision.audit);

  const opening = await readOpening(socket, rooms);
  if (opening.kind === 'refused') return refuse(socket, rooms, opening, host, port);
  if (opening.kind === 'http') return rooms.serveHttp(socket, { host, port, secure: false });

  const { hello } = opening;
  const verdict = rooms.engine().decideHello(host, port, hello);
  switch (verdict.kind) {
    case 'terminate':
      return rooms.terminate(socket, { host, port, secure: true }, host);
    case 'passthrough':
      return relayTo(socket, host, port, verdict.rule, 'tls', rooms, verdict.audit);
    case 'deny':
      return explainTls(socket, port, hello, verdict.denial, rooms, host);
  }
}

/** Lets a connection that is refused already speak, if it speaks HTTP, so that it can be told why. */
async function explain(socket: net.Socket, port: number, denial: Denial, rooms: Rooms, host?: string): Promise<void> {
  const opening = await readOpening(socket, rooms);
  if (opening.kind === 'tls') return explainTls(socket, port, opening.hello, denial, rooms, host);
  if (opening.kind === 'http')
    return rooms.serveHttp(socket, { host: host ?? '', port, secure: false, refused: denial });
  refuse(socket, rooms, denial, host, port);
}

function explainTls(
  socket: net.Socket,
  port: number,
  hello: ClientHello,
  denial: Denial,
  rooms: Rooms,
  host?: string,
): void {
  const { serverName } = hello;
  if (serverName === undefined) {
    socket.end(UNRECOGNIZED_NAME);
    socket.resume();
    socket.setTimeout(OPENING_TIMEOUT_MS, () => socket.destroy());
    report(rooms, 'tls', denial, host, port);
    return;
  }
  rooms.terminate(socket, { host: host ?? serverName, port, secure: true, refused: denial }, serverName);
}

async function readOpening(socket: net.Socket, rooms: Rooms): Promise<Opening> {
  const detector = new Detector();
  const reader = new HelloReader();
  let tls = false;
  const bounds = { timeoutMs: rooms.openingTimeoutMs ?? OPENING_TIMEOUT_MS, maxBytes: MAX_HELLO_BYTES };
  try {
    const { result } = await peek<Opening>(socket, bounds, (buffered, fresh) => {
      let bytes = fresh;
      if (!tls) {
        const detected = detector.push(fresh);
        if (detected === 'more') return 'more';
        if (detected === 'http1') return { kind: 'http' };
        if (detected !== 'tls') return { kind: 'refused', reason: 'protocol.not-allowed', detail: detected };
        tls = true;
        bytes = buffered;
      }
      const read = reader.push(bytes);
      if (read === 'more') return 'more';
      return read.ok
        ? { kind: 'tls', hello: read.hello }
        : { kind: 'refused', reason: 'tls.malformed', detail: read.reason };
    });
    return result;
  } catch (error) {
    if (!(error instanceof PeekError)) throw error;
    const reason: Reason = error.code === 'timeout' ? 'bound.time' : tls ? 'tls.malformed' : 'protocol.not-allowed';
    return { kind: 'refused', reason, detail: error.code };
  }
}

/** Joins client and upstream under a TCP or TLS rule: bytes up are inspected and charged, hello included. */
async function relayTo(
  socket: net.Socket,
  host: string,
  port: number,
  admitting: RuntimeRule,
  layer: 'tcp' | 'tls',
  rooms: Rooms,
  audit: Denial | undefined,
): Promise<void> {
  let rule = admitting;
  let upstream: net.Socket;
  try {
    upstream = await rooms.dialer.connect(host, port, false, rule.addressScope);
  } catch (error) {
    return refuse(socket, rooms, { ...failureOf(error), rule }, host, port, layer);
  }
  const inspection = rooms.inspector
    .session(host)
    .open({ body: `${layer}.bytes`, contentEncoding: [], interactive: true });
  let denied: Denial | undefined;
  let would = audit;
  const no = (reason: Reason, detail?: string): boolean => {
    const engine = rooms.engine();
    const denial = engine.deny(reason, rule, detail);
    const verdict = engine.judge(denial);
    if (verdict.allow) would ??= denial;
    else denied = denial;
    return !verdict.allow;
  };
  type Step = Awaited<ReturnType<typeof inspection.push>>;
  let found: Event['findings'];
  const judge = (step: Step): Buffer[] | null => {
    const findings = rooms.engine().decideFindings(rule, host, step.findings);
    if (findings.length > 0) {
      found = findings;
      if (no('content.secret')) return null;
    }
    if (step.tooComplex !== undefined && no('content.too-complex', step.tooComplex)) return null;
    const bytes = step.release.reduce((sum, piece) => sum + piece.length, 0);
    if (!rooms.budgets.charge(rule, 'uploadSize', bytes) && no('limit.upload-size')) return null;
    return [...step.release];
  };
  const after = (step: Step | Promise<Step>) => (step instanceof Promise ? step.then(judge) : judge(step));
  const handshake =
    layer === 'tls'
      ? new PassedHandshake((verdict) => {
          const engine = rooms.engine();
          denied = verdict.ok
            ? engine.decideNextHello(host, rule, verdict.hello)
            : engine.deny('tls.malformed', rule, verdict.reason);
          return denied === undefined;
        })
      : undefined;
  const passed = (bytes: Passed | Promise<Passed>): Buffer[] | null | Promise<Buffer[] | null> => {
    if (bytes instanceof Promise) return bytes.then(passed);
    return bytes === null ? null : after(inspection.push(bytes));
  };
  const ended = async (handshake: PassedHandshake): Promise<Buffer[] | null> => {
    const held = await passed(handshake.end());
    const rest = held && (await after(inspection.end()));
    return rest && [...held, ...rest];
  };
  const forget = rooms.relays.add({
    host,
    port,
    layer,
    audited: audit !== undefined,
    rule: () => rule,
    goOn: (now) => {
      rule = now;
    },
    end: (denial) => {
      denied ??= denial;
      reset(socket);
      upstream.destroy();
    },
  });
  relay(socket, upstream, {
    idleTimeoutMs: RELAY_IDLE_MS,
    halfClosedTimeoutMs: RELAY_HALF_CLOSED_MS,
    onClientBytes: (chunk) => passed(handshake ? handshake.client(chunk) : chunk),
    onClientEnd: () => (handshake ? ended(handshake) : after(inspection.end())),
    ...(handshake && { onUpstreamBytes: (chunk) => handshake.server(chunk) }),
    onClose: ({ bytesUp, bytesDown, durationMs, outcome }) => {
      inspection.abort();
      forget();
      if (outcome === 'half-closed') rooms.relays.leftHalfClosed++;
      report(rooms, layer, denied ?? would, host, port, {
        action: denied ? 'deny' : would ? 'would-deny' : 'allow',
        rule: rule.id,
        bytesUp,
        bytesDown,
        durationMs: Math.round(durationMs),
        ...(found === undefined ? {} : { findings: found }),
        ...(outcome === 'ended' || outcome === 'refused' ? {} : { detail: outcome }),
      });
    },
  });
}

function refuse(
  socket: net.Socket,
  rooms: Rooms,
  denial: Denial,
  host: string | undefined,
  port: number,
  layer: Event['layer'] = 'tcp',
): void {
  reset(socket);
  report(rooms, layer, denial, host, port);
}

function report(
  { emit }: Rooms,
  layer: Event['layer'],
  denial: Denial | undefined,
  host: string | undefined,
  port: number,
  more: Partial<Event> = {},
): void {
  emit({
    time: timestamp(),
    id: newId(),
    action: 'deny',
    layer,
    ...(denial && { reason: denial.reason }),
    ...(denial?.rule && { rule: denial.rule.id }),
    ...(host !== undefined && { host }),
    port,
    ...(denial?.detail !== undefined && { detail: denial.detail }),
    ...more,
  });
}
