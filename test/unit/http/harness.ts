/** A front between a raw client and a raw or node upstream, all on loopback. */
import net from 'node:net';
import type { Event, Finding, HttpMatch, RuntimePolicy, RuntimeRule } from '../../../crds/runtime.ts';
import { type InspectName, shownEvent } from '../../../sidecar/audit/shown.ts';
import { Forwarder, type ForwarderOptions } from '../../../sidecar/http/forward.ts';
import { createHttpFront, type HttpFront } from '../../../sidecar/http/server.ts';
import type { Connect, ConnectionContext } from '../../../sidecar/http/types.ts';
import type { Inspector, MessageInspection, Step } from '../../../sidecar/inspect/inspector.ts';
import { Memory } from '../../../sidecar/memory.ts';
import { Budgets, PolicyEngine } from '../../../sidecar/policy/index.ts';

export const HOST = 'allowed.test';
/** What the inspector of these tests finds, wherever it stands. */
export const SECRET = 'S3CR3T-S3CR3T';

export function rule(overrides: Partial<RuntimeRule> = {}, match?: HttpMatch): RuntimeRule {
  return {
    id: 'p/r',
    origin: { kind: 'EgressPolicy', namespace: 'ci', policy: 'p', rule: 'r' },
    protocol: 'HTTP',
    hosts: [{ name: HOST, wildcard: false }],
    ports: [80],
    addressScope: 'Private',
    http: match ? [[match]] : [],
    limits: {},
    ...overrides,
  };
}

export function policy(rules: RuntimeRule[], mode: RuntimePolicy['mode'] = 'Enforce'): RuntimePolicy {
  return {
    schema: 1,
    hash: '0',
    mode,
    policies: ['ci/p'],
    rules,
    dns: { queryTypes: ['A'], denied: 'Explain', budget: 128 },
    content: { disabledDetectors: [], homeHosts: [], maxRefusals: 1_000_000, suppressions: [] },
  };
}

/** Finds SECRET in fields and over chunk boundaries, holding back as many bytes as a start of it can have. */
export function testInspector(options: { homeHosts?: string[]; asynchronous?: boolean } = {}): Inspector {
  const finding = (channel: Finding['channel'], place: string, offset: number): Finding => ({
    detector: 'test',
    channel,
    place,
    decoding: [],
    offset,
    homeHosts: options.homeHosts ?? [],
  });
  const step = (result: Step): Step | Promise<Step> =>
    options.asynchronous ? new Promise((resolve) => setImmediate(() => resolve(result))) : result;
  return {
    session: () => ({
      open: (context): MessageInspection => {
        let held: Buffer = Buffer.alloc(0);
        return {
          field(channel, name, bytes) {
            const at = bytes.indexOf(SECRET);
            return step({ findings: at < 0 ? [] : [finding(channel, name, at)], release: [] });
          },
          push(chunk) {
            const all: Buffer = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
            const keep = Math.min(all.length, SECRET.length - 1);
            held = all.subarray(all.length - keep);
            const at = all.indexOf(SECRET);
            const release = all.length > keep ? [all.subarray(0, all.length - keep)] : [];
            return step({ findings: at < 0 ? [] : [finding(context.body, '', at)], release });
          },
          end() {
            const release = held.length > 0 ? [held] : [];
            held = Buffer.alloc(0);
            return step({ findings: [], release });
          },
          commit: () => step({ findings: [], release: [] }),
          abort() {},
        };
      },
    }),
  };
}

export interface World {
  front: HttpFront;
  events: Event[];
  budgets: Budgets;
  forward: Forwarder;
  /** Sockets of the way out that were made so far. */
  dialled: net.Socket[];
  /** A change of policy. */
  use(policy: RuntimePolicy): void;
  /** A connection of the workload, to write raw bytes to. */
  client(context?: Partial<ConnectionContext>): Promise<RawClient>;
  port(context?: Partial<ConnectionContext>): Promise<number>;
  close(): Promise<void>;
}

export interface WorldOptions {
  policy?: RuntimePolicy;
  inspector?: Inspector;
  memory?: Memory;
  upstreamPort?: number;
  connect?: Connect;
  forwarder?: ForwarderOptions;
  idleTimeoutMs?: number;
  headTimeoutMs?: number;
}

export async function world(options: WorldOptions): Promise<World> {
  const budgets = new Budgets();
  let engine = new PolicyEngine(options.policy ?? policy([rule()]), budgets);
  const events: Event[] = [];
  const dialled: net.Socket[] = [];
  const connect: Connect =
    options.connect ??
    (() =>
      new Promise((resolve, reject) => {
        const socket = net.connect({ port: options.upstreamPort ?? 1, host: '127.0.0.1', allowHalfOpen: true });
        dialled.push(socket);
        socket.once('connect', () => resolve(socket));
        socket.once('error', reject);
      }));
  const inspector = options.inspector ?? testInspector();
  const inspectName: InspectName = (name) =>
    name.includes(SECRET.toLowerCase())
      ? [{ detector: 'test', channel: 'dns.name', place: 'name', decoding: [], offset: 0, homeHosts: [] }]
      : [];
  const forward = new Forwarder(connect, options.forwarder);
  const memory = options.memory ?? new Memory();
  const front = createHttpFront({
    engine: () => engine,
    budgets,
    inspector,
    memory,
    forward,
    emit: (event) => events.push(shownEvent(event, inspectName)),
    inspectName,
    suggest: (facts) => {
      if (facts.path === '/no-suggestion') throw new Error('no suggestion');
      return `allow ${facts.method} ${facts.host}${facts.path}`;
    },
    ...(options.idleTimeoutMs === undefined ? {} : { idleTimeoutMs: options.idleTimeoutMs }),
    ...(options.headTimeoutMs === undefined ? {} : { headTimeoutMs: options.headTimeoutMs }),
  });
  const listeners: net.Server[] = [];
  const clients: RawClient[] = [];
  const port = async (context: Partial<ConnectionContext> = {}): Promise<number> => {
    const listener = net.createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => {});
      front.serve(socket, { host: HOST, port: 80, secure: false, ...context });
    });
    listeners.push(listener);
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    return (listener.address() as net.AddressInfo).port;
  };
  return {
    front,
    use(next) {
      engine = new PolicyEngine(next, budgets);
      front.review();
    },
    events,
    budgets,
    forward,
    dialled,
    port,
    async client(context) {
      const client = new RawClient(await port(context));
      clients.push(client);
      return client;
    },
    async close() {
      for (const client of clients) client.socket.destroy();
      front.close();
      await forward.close();
      for (const listener of listeners) listener.close();
    },
  };
}

/** Bytes in, bytes out; text is latin1. */
export class RawClient {
  readonly socket: net.Socket;
  received = '';
  closed = false;
  #wake: (() => void)[] = [];

  constructor(port: number) {
    this.socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.socket.on('data', (chunk) => {
      this.received += chunk.toString('latin1');
      this.#wakeUp();
    });
    this.socket.on('end', () => this.#close());
    this.socket.on('close', () => this.#close());
    this.socket.on('error', () => {});
  }

  send(text: string | Buffer): this {
    this.socket.write(typeof text === 'string' ? Buffer.from(text, 'latin1') : text);
    return this;
  }

  /** What was received up to and with `pattern`; takes it off. Rejects when the connection ends first or after 4 s. */
  async until(pattern: RegExp): Promise<string> {
    const deadline = Date.now() + 4000;
    while (true) {
      const match = pattern.exec(this.received);
      if (match) {
        const end = match.index + match[0].length;
        const text = this.received.slice(0, end);
        this.received = this.received.slice(end);
        return text;
      }
      if (this.closed) throw new Error(`closed after: ${this.received}`);
      await this.#wait(deadline, String(pattern));
    }
  }

  /** Everything up to the end of the connection. */
  async end(): Promise<string> {
    const deadline = Date.now() + 4000;
    while (!this.closed) await this.#wait(deadline, 'end');
    const text = this.received;
    this.received = '';
    return text;
  }

  async #wait(deadline: number, what: string): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no ${what} in: ${this.received}`)), deadline - Date.now());
      this.#wake.push(resolve);
    });
    clearTimeout(timer);
  }

  #close(): void {
    this.closed = true;
    this.#wakeUp();
  }

  #wakeUp(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

/** An upstream that speaks raw bytes: `onData` gets all that one connection sent so far. */
export async function rawUpstream(
  onData: (all: string, socket: net.Socket, chunk: Buffer) => void,
): Promise<{ port: number; connections: { received: string; closed: boolean }[]; close(): void }> {
  const connections: { received: string; closed: boolean }[] = [];
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    const connection = { received: '', closed: false };
    connections.push(connection);
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      connection.closed = true;
      sockets.delete(socket);
    });
    socket.on('data', (chunk) => {
      connection.received += chunk.toString('latin1');
      onData(connection.received, socket, chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    connections,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Resolves when `condition` holds; rejects after 4 s. */
export async function eventually(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 4000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('it did not come to pass');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
