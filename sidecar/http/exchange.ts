/** One request and its response: judged, forwarded, answered, recorded. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { InspectSession } from '../inspect/inspector.ts';
import { bodyBytes, bodyHolds, bodyUnderWay, type Lease } from '../memory.ts';
import { type BodyRules, type JudgedBody, judgeBody, Refused } from './body.ts';
import { failureOf, isStale } from './failure.ts';
import { type Admission, admit, commit, enforce, inspectFields, judgeStep, RequestRefused } from './judge.ts';
import { EventRecord } from './record.ts';
import { refuse } from './refuse.ts';
import { type ResponseOutcome, ResponseRelay } from './response.ts';
import { BodyAborted, BodySource, drain } from './source.ts';
import type { ConnectionContext, FrontOptions } from './types.ts';

/** What an exchange needs from the front it belongs to. */
export interface ExchangeFront {
  options: FrontOptions;
  sessions: (host: string) => InspectSession;
}

export class Exchange {
  readonly #front: ExchangeFront;
  readonly #context: ConnectionContext;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #finished: (reusable: boolean) => void;
  readonly #record: EventRecord;
  #source: BodySource | undefined;
  #admission: Admission | undefined;
  #lease: Lease | undefined;
  /** What it took at first, what it may hold back for that, and more as it held more back. */
  #taken = 0;
  #holds = 0;
  #more = 0;
  #relay: ResponseRelay | undefined;
  /** Why the exchange must stop, set from outside while a step of the judge is awaited. */
  #stopped: Error | undefined;
  /** Decided and answered; the answer may still be on its way to the client. */
  #over = false;
  #reusable = false;
  /** The response was written whole, or the client is gone. */
  #closed = false;

  /** `finished` is called once, with whether the connection may carry a further request. */
  constructor(
    front: ExchangeFront,
    context: ConnectionContext,
    request: IncomingMessage,
    response: ServerResponse,
    finished: (reusable: boolean) => void,
  ) {
    this.#front = front;
    this.#context = context;
    this.#request = request;
    this.#response = response;
    this.#finished = finished;
    this.#record = new EventRecord('http', front.options.emit);
  }

  start(): void {
    this.#response.on('close', this.#onClose);
    this.#run().catch((error: unknown) => this.#fail(error));
  }

  /** The rest of the request cannot be parsed: refuses it, and gives up what was begun. */
  malformed(detail: string): void {
    const engine = this.#front.options.engine();
    this.#stop(new RequestRefused(engine.deny('http.malformed', this.#record.rule, detail), [], undefined, 'broken'));
  }

  async #run(): Promise<void> {
    const { options, sessions } = this.#front;
    const { method = '', url = '', rawHeaders, httpVersion } = this.#request;
    const input = { method, target: url, rawHeaders, httpVersion };
    const admission = await admit(options, sessions, this.#context, input, this.#record);
    this.#admission = admission;
    if (this.#stopped) {
      // It may be over, and what it had then was aborted.
      admission.inspection.abort();
      throw this.#stopped;
    }
    const body = await this.#judgeBody(admission);
    if (this.#stopped) throw this.#stopped;
    await commit(admission, this.#context.host, this.#record);
    if (this.#stopped) throw this.#stopped;
    if (body.kind === 'whole') this.#record.bytesUp = body.bytes.length;
    this.#forward(admission, body, true);
  }

  async #judgeBody(admission: Admission): Promise<JudgedBody> {
    const { head, inspection } = admission;
    if (head.body === 'none') {
      const last = inspection.end();
      this.#judge(last instanceof Promise ? await last : last);
      return { kind: 'none' };
    }
    this.#holds = bodyHolds(head.contentLength, head.contentEncoding);
    await this.#takeMemory(bodyBytes(head.contentLength, head.contentEncoding));
    // Nobody but Weir may ask for the body: the server is asked once it is judged.
    if (head.expectContinue) this.#response.writeContinue();
    this.#source = new BodySource(this.#request);
    const rules: BodyRules = {
      underWay: bodyUnderWay(head.contentLength, head.contentEncoding),
      admitSize: (total) => this.#admitSize(total),
      charge: (bytes) => this.#charge(bytes),
      sent: (bytes) => {
        this.#record.bytesUp += bytes;
      },
      hold: (bytes) => this.#hold(bytes),
      judge: (step) => this.#judge(step),
      finish: () => this.#judgeTrailers(),
    };
    const body = await judgeBody(this.#source, head.contentLength, inspection, rules);
    if (body.kind === 'stream') return { kind: 'stream', chunks: releasing(body.chunks, this.#lease) };
    this.#lease?.resize(body.kind === 'whole' ? body.bytes.length : 0);
    return body;
  }

  /** Before anything of the body is read. */
  async #takeMemory(bytes: number): Promise<void> {
    const taking = this.#front.options.memory.take(bytes);
    const lease = taking instanceof Promise ? await taking : taking;
    if (this.#stopped) {
      // Refused while it waited, perhaps, and over: nobody else would give it back.
      lease?.release();
      throw this.#stopped;
    }
    this.#lease = lease;
    if (!lease) throw this.#noMemory('no room in time');
    this.#taken = bytes;
  }

  #hold(bytes: number): void {
    const more = Math.max(0, bytes - this.#holds);
    if (more === this.#more) return;
    if (this.#lease && !this.#lease.resize(this.#taken + more)) throw this.#noMemory('no room for what it holds back');
    this.#more = more;
  }

  #noMemory(detail: string): RequestRefused {
    return new RequestRefused(
      (this.#admission as Admission).engine.deny('bound.memory', this.#record.rule, detail),
      [],
    );
  }

  #forward(admission: Admission, body: JudgedBody, mayRetry: boolean): void {
    const { head, rule, headers, target } = admission;
    const relay = new ResponseRelay(this.#response, (outcome) => {
      if (mayRetry && body.kind === 'none' && outcome.status === undefined && this.#isRetryable(head.method, outcome)) {
        this.#forward(admission, body, false);
      } else this.#end(outcome);
    });
    this.#relay = relay;
    const origin = {
      host: this.#context.host,
      port: this.#context.port,
      secure: this.#context.secure,
      scope: rule?.addressScope ?? ('Public' as const),
    };
    this.#front.options.forward.send(origin, { method: head.method, target, headers, body }, relay);
  }

  #isRetryable(method: string, outcome: ResponseOutcome): boolean {
    return !this.#stopped && (method === 'GET' || method === 'HEAD') && isStale(outcome.error);
  }

  #end(outcome: ResponseOutcome): void {
    if (outcome.error) {
      this.#fail(outcome.error, outcome);
      return;
    }
    this.#record.allow({ status: outcome.status as number, bytesDown: outcome.bytes });
    this.#finish(true);
  }

  /** Every way to stop but success ends here. Fails closed: what is not understood is refused. */
  #fail(error: unknown, outcome?: ResponseOutcome): void {
    if (this.#over) return;
    const { options } = this.#front;
    const engine = this.#admission?.engine ?? options.engine();
    const sent = {
      ...(outcome?.status === undefined ? {} : { status: outcome.status }),
      ...(outcome ? { bytesDown: outcome.bytes } : {}),
    };
    if (error instanceof BodyAborted) {
      // The client went away: no event for a request that was not decided yet.
      if (this.#admission) this.#record.allow({ ...sent, detail: 'the client closed the connection' });
      this.#response.destroy();
      this.#finish(false);
      return;
    }
    const refused = error instanceof Refused ? error : this.#failure(error, outcome !== undefined);
    if (this.#response.headersSent || this.#response.destroyed) {
      this.#record.deny(refused.denial, refused.findings, sent);
      this.#response.destroy();
      this.#finish(false);
      return;
    }
    this.#source?.release();
    this.#finish(refuse(options, engine, this.#record, refused, this.#response));
  }

  #failure(error: unknown, upstream: boolean): Refused {
    const engine = this.#admission?.engine ?? this.#front.options.engine();
    const { reason, detail } = failureOf(error);
    // Not from the way out: a defect or a bound inside. The request is refused as one that cannot be judged.
    const denial = upstream
      ? engine.deny(reason, this.#record.rule, detail)
      : engine.deny('content.too-complex', this.#record.rule, `judging failed: ${detail}`);
    return new RequestRefused(denial, [], undefined, upstream ? 'sound' : 'uncertain');
  }

  #finish(reusable: boolean): void {
    if (this.#over) return;
    this.#over = true;
    this.#reusable = reusable;
    this.#admission?.inspection.abort();
    this.#source?.release();
    this.#lease?.release();
    // An answer before the end of the request: the rest is dropped, within bounds, or the connection closed.
    if (reusable && !this.#request.complete) {
      drain(this.#request, (complete) => {
        if (!complete) this.#request.destroy();
      });
    }
    if (this.#closed) this.#finished(false);
  }

  #onClose = (): void => {
    this.#closed = true;
    if (this.#over) this.#finished(this.#reusable);
    else this.#stop(new BodyAborted());
  };

  #stop(reason: Error): void {
    if (this.#over || this.#stopped) return;
    this.#stopped = reason;
    this.#source?.release();
    if (this.#relay) this.#relay.abort(reason);
    else if (!this.#response.destroyed) this.#fail(reason);
  }

  #judge(step: Parameters<typeof judgeStep>[3]): readonly Buffer[] {
    const { engine, rule } = this.#admission as Admission;
    return judgeStep(engine, rule, this.#context.host, step, this.#record);
  }

  #admitSize(total: number): void {
    const { engine, match } = this.#admission as Admission;
    if (match.maxBodySize === undefined || total <= match.maxBodySize) return;
    enforce(engine, this.#record, 'http.body-size', `${total} bytes`);
  }

  #charge(bytes: number): void {
    const { engine, rule } = this.#admission as Admission;
    if (rule && !this.#front.options.budgets.charge(rule, 'uploadSize', bytes)) {
      enforce(engine, this.#record, 'limit.upload-size', `${bytes} bytes`);
    }
  }

  /** Trailers are judged like headers, as a message of their own, and never forwarded. */
  async #judgeTrailers(): Promise<void> {
    const { rawTrailers } = this.#request;
    if (rawTrailers.length === 0) return;
    const { session } = this.#admission as Admission;
    const inspection = session.open({ body: 'http.body', contentEncoding: [] });
    try {
      const bytes = Buffer.from(rawTrailers.join('\n'), 'latin1');
      const step = await inspectFields(inspection, [{ channel: 'http.header', place: 'trailers', bytes }]);
      this.#judge(step);
      this.#judge(await inspection.end());
    } finally {
      inspection.abort();
    }
  }
}

/** Gives the room back when the last chunk is gone, or none will go. */
async function* releasing(chunks: AsyncIterable<Buffer>, lease: Lease | undefined): AsyncGenerator<Buffer> {
  try {
    yield* chunks;
  } finally {
    lease?.release();
  }
}
