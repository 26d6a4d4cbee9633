/** WebSocket: the handshake is judged like any request, the messages by `WebSocketJudge`; http-proxy joins the two sides. */
import { createHash, randomBytes } from 'node:crypto';
import http, { type IncomingMessage } from 'node:http';
import type net from 'node:net';
import type { Duplex } from 'node:stream';
import type HttpProxy from 'http-proxy';
import type { RequestFacts } from '../../crds/runtime.ts';
import { BODY_BYTES, BODY_HOLDS_BYTES } from '../memory.ts';
import { Refused } from './body.ts';
import type { ExchangeFront } from './exchange.ts';
import { failureOf } from './failure.ts';
import { UPSTREAM_IDLE_MS } from './forward.ts';
import { WEBSOCKET_OWN } from './header-names.ts';
import { type Admission, admit, commit, enforce, judgeStep, RequestRefused } from './judge.ts';
import { EventRecord } from './record.ts';
import { detachedResponse, refuse } from './refuse.ts';
import { responseHeaders } from './response.ts';
import { ScanningDuplex } from './scanning-duplex.ts';
import { DRAIN_TIMEOUT_MS } from './source.ts';
import type { ConnectionContext } from './types.ts';
import { closePayload, OPCODE, serverFrame, WebSocketError } from './websocket.ts';
import { WebSocketJudge } from './websocket-judge.ts';

/** Milliseconds of silence on an open WebSocket. */
export const WEBSOCKET_IDLE_MS = 11 * 60 * 1000;

const ACCEPT_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Sec-WebSocket-Accept for a key (RFC 6455 section 4.2.2). */
export function acceptFor(key: string): string {
  return createHash('sha1')
    .update(key + ACCEPT_SUFFIX)
    .digest('base64');
}

/** Hands http-proxy the connection that was judged and made for it. */
class OneSocketAgent extends http.Agent {
  readonly #socket: Duplex;
  constructor(socket: Duplex) {
    super({ keepAlive: false });
    this.#socket = socket;
  }
  override createConnection(): Duplex {
    return this.#socket;
  }
}

export class Upgrade {
  readonly #front: ExchangeFront;
  readonly #context: ConnectionContext;
  readonly #request: IncomingMessage;
  readonly #socket: net.Socket;
  readonly #finished: () => void;
  readonly #handshake: EventRecord;
  readonly #messages: EventRecord;
  #facts: RequestFacts | undefined;
  #judge: WebSocketJudge | undefined;
  #duplex: ScanningDuplex | undefined;
  #upstream: net.Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #opened = false;
  /** The server's own answer is under way to the client. */
  #isDeclined = false;
  #over = false;

  /** Takes over the socket, and closes it in the end; `early` is what was read behind the head. */
  constructor(
    front: ExchangeFront,
    context: ConnectionContext,
    request: IncomingMessage,
    socket: net.Socket,
    early: Buffer,
    finished: () => void,
  ) {
    this.#front = front;
    this.#context = context;
    this.#request = request;
    this.#socket = socket;
    this.#finished = finished;
    this.#handshake = new EventRecord('http', front.options.emit);
    this.#messages = new EventRecord('websocket', front.options.emit);
    if (early.length > 0) socket.unshift(early);
  }

  start(): void {
    this.#socket.setTimeout(this.#front.options.idleTimeoutMs ?? WEBSOCKET_IDLE_MS, () => this.#socket.destroy());
    this.#socket.on('close', this.#onClose);
    this.#run().catch((error: unknown) => this.#fail(error));
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Ends the WebSocket when the policy of this moment would not let it begin under the rule that it is under. */
  review(): void {
    const facts = this.#facts;
    const rule = this.#messages.rule;
    if (!facts || !rule || this.#over) return;
    const engine = this.#front.options.engine();
    if (engine.admits(facts, rule)) return;
    const detail = `the rule ${rule.id} is no longer there`;
    this.#fail(new RequestRefused(engine.cutOff() ?? engine.deny('host.not-allowed', undefined, detail), []));
  }

  async #run(): Promise<void> {
    const { options, sessions } = this.#front;
    const { method = '', url = '', rawHeaders, httpVersion } = this.#request;
    const input = { method, target: url, rawHeaders, httpVersion };
    const admission = await admit(options, sessions, this.#context, input, this.#handshake);
    const { engine, head, rule } = admission;
    try {
      await commit(admission, this.#context.host, this.#handshake);
    } finally {
      admission.inspection.abort();
    }
    if (!head.upgrade) throw new RequestRefused(engine.deny('http.upgrade', rule), []);
    this.#messages.host = this.#handshake.host;
    this.#messages.port = this.#handshake.port;
    this.#messages.rule = rule;
    this.#facts = admission.facts;
    const upstream = await options.forward.connect({
      host: this.#context.host,
      port: this.#context.port,
      secure: this.#context.secure,
      scope: rule?.addressScope ?? 'Public',
    });
    this.#upstream = upstream;
    upstream.on('error', () => {});
    upstream.on('end', () => this.#onUpstreamEnd());
    upstream.on('close', () => this.#onUpstreamEnd());
    // Few builds open a WebSocket: http-proxy is loaded for the first that does.
    const { default: httpProxy } = await import('http-proxy');
    if (this.#over) upstream.destroy();
    else this.#join(admission, upstream, httpProxy.createProxyServer({}));
  }

  #join(admission: Admission, upstream: net.Socket, proxy: HttpProxy): void {
    this.#judge = this.#makeJudge(admission);
    const duplex = new ScanningDuplex(this.#socket, (chunk) => (this.#judge as WebSocketJudge).push(chunk));
    this.#duplex = duplex;
    duplex.on('error', (error) => this.#fail(error));
    const key = randomBytes(16).toString('base64');
    proxy.on('proxyReqWs', (outgoing) => {
      // http-proxy folds `//` in what it takes for a path; what was judged is what is sent.
      outgoing.path = admission.target;
      outgoing.setTimeout(UPSTREAM_IDLE_MS, () => outgoing.destroy(new Error('no answer to the upgrade in time')));
      // These run before http-proxy's own listeners.
      outgoing.on('upgrade', (answer) => this.#accept(admission, answer, key));
      outgoing.on('response', (answer) => this.#decline(answer, duplex));
    });
    proxy.on('open', () => {
      if (!this.#opened) return;
      // After http-proxy has set its own, which is none.
      upstream.setTimeout(WEBSOCKET_IDLE_MS, () => upstream.destroy());
      duplex.open();
    });
    const incoming = { method: 'GET', url: '/', headers: upgradeHeaders(admission, key) } as unknown as IncomingMessage;
    const target = { protocol: 'http:', host: this.#context.host, port: this.#context.port };
    const agent = new OneSocketAgent(upstream);
    proxy.ws(incoming, duplex as unknown as net.Socket, Buffer.alloc(0), { target, agent, toProxy: true }, (error) =>
      this.#fail(error),
    );
  }

  #accept(admission: Admission, answer: IncomingMessage, key: string): void {
    const { headers, rawHeaders, statusCode } = answer;
    const honest =
      statusCode === 101 &&
      headers.upgrade?.toLowerCase() === 'websocket' &&
      headers['sec-websocket-accept'] === acceptFor(key) &&
      headers['sec-websocket-extensions'] === undefined;
    if (!honest || this.#over) {
      this.#fail(new Error('the server answered the upgrade with something else than a WebSocket'));
      return;
    }
    const lines = [
      'HTTP/1.1 101 Switching Protocols',
      'connection: Upgrade',
      'upgrade: websocket',
      `sec-websocket-accept: ${acceptFor(admission.head.websocketKey as string)}`,
    ];
    const flat = responseHeaders(rawHeaders);
    for (let index = 0; index + 1 < flat.length; index += 2) {
      const name = flat[index] as string;
      if (!WEBSOCKET_OWN.has(name.toLowerCase())) lines.push(`${name}: ${flat[index + 1]}`);
    }
    this.#socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
    this.#opened = true;
    this.#handshake.allow({ status: 101 });
  }

  /** The server did not upgrade: its answer goes to the client as it is, and the connection is closed. */
  #decline(answer: IncomingMessage, duplex: ScanningDuplex): void {
    const status = answer.statusCode ?? 502;
    const response = detachedResponse(this.#request, this.#socket);
    response.sendDate = false;
    try {
      response.writeHead(status, responseHeaders(answer.rawHeaders));
      this.#isDeclined = true;
    } catch (error) {
      response.detachSocket(this.#socket);
      this.#fail(error);
      return;
    }
    this.#handshake.allow({ status });
    answer.pipe(response);
    answer.on('error', () => this.#socket.destroy());
    process.nextTick(() => answer.unpipe(duplex));
  }

  #makeJudge(admission: Admission): WebSocketJudge {
    const { engine, rule, match, session } = admission;
    const record = this.#messages;
    const noMemory = (detail: string): never => {
      throw new RequestRefused(engine.deny('bound.memory', rule, detail), []);
    };
    return new WebSocketJudge(session, {
      admitMessage: () => {
        if (rule && !this.#front.options.budgets.charge(rule, 'requests', 1)) enforce(engine, record, 'limit.requests');
      },
      admitSize: (total) => {
        if (match.maxBodySize !== undefined && total > match.maxBodySize) enforce(engine, record, 'http.body-size');
      },
      charge: (bytes) => this.#charge(admission, record, bytes),
      take: () => {
        const taking = this.#front.options.memory.take(BODY_BYTES);
        return taking instanceof Promise ? taking.then((lease) => lease ?? noMemory('no room in time')) : taking;
      },
      hold: (lease, bytes) => {
        const more = Math.max(0, bytes - BODY_HOLDS_BYTES);
        if (!lease.resize(BODY_BYTES + more)) noMemory('no room for what it holds back');
      },
      judge: (step) => judgeStep(engine, rule, this.#context.host, step, record, 'websocket.message'),
    });
  }

  #charge({ engine, rule }: Admission, record: EventRecord, bytes: number): void {
    if (rule && !this.#front.options.budgets.charge(rule, 'uploadSize', bytes)) {
      enforce(engine, record, 'limit.upload-size', `${bytes} bytes`);
    }
    record.bytesUp += bytes;
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    const engine = this.#front.options.engine();
    if (this.#isDeclined) {
      // Nothing can be said behind a part of an answer.
      this.#release();
      this.#socket.destroy();
      return;
    }
    if (!this.#opened) {
      const { reason, detail } = failureOf(error);
      const refused =
        error instanceof Refused ? error : new RequestRefused(engine.deny(reason, this.#handshake.rule, detail), []);
      this.#release();
      refuse(this.#front.options, engine, this.#handshake, refused, detachedResponse(this.#request, this.#socket));
      return;
    }
    if (error instanceof Refused) {
      this.#messages.deny(error.denial, error.findings, this.#traffic());
      this.#close(1008, `Weir: ${error.denial.reason} ${this.#messages.id}`);
    } else if (error instanceof WebSocketError) {
      this.#messages.deny(engine.deny('http.malformed', this.#messages.rule, error.message), [], this.#traffic());
      this.#close(error.code, `Weir: http.malformed ${this.#messages.id}`);
    } else this.#socket.destroy();
  }

  /** Says why, in a Close frame (RFC 6455 section 5.5.1), and ends both sides. */
  #close(code: number, reason: string): void {
    this.#release();
    this.#socket.end(serverFrame(OPCODE.close, closePayload(code, reason)));
    // What the client still sends is dropped: unread, it would turn the end into a reset.
    this.#socket.resume();
    this.#destroySoon();
  }

  #onUpstreamEnd(): void {
    if (!this.#opened || this.#over) return;
    // What the server said last may still be on its way to the client.
    this.#duplex?.end();
    this.#destroySoon();
  }

  #destroySoon(): void {
    this.#timer ??= setTimeout(() => this.#socket.destroy(), DRAIN_TIMEOUT_MS);
  }

  #onClose = (): void => {
    clearTimeout(this.#timer);
    if (this.#opened) this.#messages.allow(this.#traffic());
    else if (this.#handshake.rule) this.#handshake.allow({ detail: 'the client closed the connection' });
    this.#release();
    this.#finished();
  };

  #traffic(): { bytesDown: number } {
    return { bytesDown: this.#duplex?.bytesDown ?? 0 };
  }

  #release(): void {
    this.#over = true;
    this.#judge?.abort();
    this.#duplex?.destroy();
    this.#upstream?.destroy();
  }
}

function upgradeHeaders(admission: Admission, key: string): http.OutgoingHttpHeaders {
  // Names come from the client: no prototype, so that none of them is there already.
  const headers: http.OutgoingHttpHeaders = Object.create(null);
  for (const [name, value] of admission.headers) {
    const present = headers[name];
    if (present === undefined) headers[name] = value;
    else headers[name] = Array.isArray(present) ? [...present, value] : [String(present), value];
  }
  headers.connection = 'Upgrade';
  headers.upgrade = 'websocket';
  headers['sec-websocket-key'] = key;
  headers['sec-websocket-version'] = '13';
  return headers;
}
