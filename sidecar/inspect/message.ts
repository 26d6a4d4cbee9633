import type { Channel } from '../../crds/runtime.ts';
import { type Body, EncodedBody, OpaqueBody, PlainBody } from './bodies.ts';
import { refusalOf, TooComplex } from './budget.ts';
import type { FieldSearch } from './fields.ts';
import { Findings, type Watched } from './findings.ts';
import type { MessageContext, MessageInspection, Step } from './inspector.ts';
import { JoinedFields } from './known/joined.ts';
import type { ScatteredDraft, ScatteredWords } from './known/scattered.ts';
import { MAX_SENT_VALUE, type SentPieces, type SentValue, sentValues } from './known/sent.ts';
import { KNOWN_SECRET } from './known/set.ts';
import type { ShortPieces } from './opaque/short.ts';
import type { JudgeThread } from './thread/thread.ts';
import { atOnce, inOwnTurn, type Work } from './turns.ts';

/** Content encodings of one body. More than one is nobody's upload. */
export const MAX_CONTENT_ENCODINGS = 1;

/** Bytes of a name that is judged at once; host names have 255 (RFC 1035, 2.3.4). */
const MAX_NAME = 1024;

const FORM = 'application/x-www-form-urlencoded';

/** What is kept over the messages to one host. */
export interface SessionState {
  sent: SentPieces;
  short: ShortPieces;
  scattered: ScatteredWords;
}

/** What all messages of an inspector have. */
export interface Engine {
  fields: FieldSearch;
  blockSize: number;
  watched: Watched;
  thread: JudgeThread;
  /** Bytes from which on a plain body is judged there. */
  threadFrom: number;
}

export class Message implements MessageInspection {
  private readonly context: MessageContext;
  private readonly engine: Engine;
  private readonly findings: Findings;
  private readonly joined = new JoinedFields();
  private readonly session: SessionState;
  /** What it adds to what was sent before. */
  private readonly values: SentValue[] = [];
  private start: Buffer[] | undefined = [];
  private startBytes = 0;
  private readonly encodings: readonly string[];
  /** Another thread judges its body. */
  private readonly isLarge: boolean;
  private body: Body | undefined;
  /** Why nothing more is released. */
  private refused: string | undefined;

  constructor(context: MessageContext, engine: Engine, session: SessionState) {
    this.context = context;
    this.session = session;
    this.findings = new Findings(engine.watched, session.short);
    this.encodings = context.contentEncoding.filter((token) => token !== 'identity');
    this.engine = engine;
    const { body, interactive = false, length = 0 } = context;
    this.isLarge = body === 'http.body' && !interactive && this.encodings.length === 0 && length >= engine.threadFrom;
    if (this.isLarge) engine.thread.prepare();
  }

  field(channel: Channel, name: string, bytes: Buffer): Step | Promise<Step> {
    // Of a name the answer is wanted at once.
    const isShort = (channel === 'dns.name' || channel === 'tls.sni') && bytes.length <= MAX_NAME;
    return this.guard(() => {
      this.values.push(...sentValues(channel, name, bytes.toString('latin1')));
      const work = this.searchField(channel, name, bytes);
      return isShort ? atOnce(work) : inOwnTurn(work);
    });
  }

  private *searchField(channel: Channel, name: string, bytes: Buffer): Work<Buffer[]> {
    yield* this.engine.fields.search(this.findings, channel, name, bytes);
    if (this.findings.known?.isEmpty === false) {
      const joined = this.joined.add(channel, bytes);
      if (joined !== undefined) yield* this.engine.fields.searchJoined(this.findings, joined);
      // Told once: not with every field after it again.
      if (this.findings.hasFresh(KNOWN_SECRET)) this.joined.clear();
    }
    return [];
  }

  push(chunk: Buffer): Step | Promise<Step> {
    this.startBytes += chunk.length;
    if (this.startBytes <= MAX_SENT_VALUE) this.start?.push(chunk);
    else this.start = undefined;
    return this.guard(() => this.open().push(chunk));
  }

  end(): Step | Promise<Step> {
    return this.guard(() => this.open().end());
  }

  commit(): Step | Promise<Step> {
    return this.guard(() => {
      const text = Buffer.concat(this.start ?? []).toString('latin1');
      // What is compressed can only be told whole.
      const isPlain = this.encodings.length === 0;
      const body = isPlain ? [{ channel: this.context.body, place: '', text }] : [];
      const draft = this.session.sent.draft([...this.values, ...body]);
      let isFound = false;
      for (const stream of draft.streams) {
        this.findings.channel = stream.channel;
        this.findings.place = stream.place;
        // At once: what others send meanwhile comes behind it.
        const found = atOnce(this.engine.fields.searchSent(this.findings, stream));
        if (found === undefined) continue;
        isFound = true;
        draft.spend(stream, found);
      }
      const scattered = this.scattered();
      if (isFound || scattered?.found !== undefined) return [];
      draft.keep();
      scattered?.keep();
      return [];
    });
  }

  /** Of a name, what its words add to those of the names before. */
  private scattered(): ScatteredDraft | undefined {
    const name = this.values.find(({ channel }) => channel === 'dns.name');
    if (name === undefined) return undefined;
    const draft = this.session.scattered.draft(name.text, this.findings.known?.grams(true)?.forms ?? []);
    if (draft.found) this.engine.fields.reportSent(this.findings, name, draft.found);
    return draft;
  }

  abort(): void {
    this.stop();
    this.refused ??= 'the message was abandoned';
  }

  private stop(): void {
    this.body?.abort();
    this.findings.jobs.clear();
  }

  private open(): Body {
    // A field may have been judged in between.
    this.findings.channel = this.context.body;
    this.findings.place = '';
    this.body ??= this.create();
    return this.body;
  }

  private create(): Body {
    const { blockSize, fields, thread } = this.engine;
    const [encoding] = this.encodings;
    if (this.encodings.length > MAX_CONTENT_ENCODINGS) throw new TooComplex('several content encodings');
    const isForm = this.context.contentType?.startsWith(FORM) === true;
    if (encoding !== undefined) return new EncodedBody(this.findings, blockSize, isForm, encoding);
    const channel = this.context.body;
    if (this.context.interactive === true || channel === 'tcp.bytes' || channel === 'tls.bytes') {
      return new OpaqueBody(this.findings, fields);
    }
    return this.isLarge ? thread.open(this.findings, isForm) : new PlainBody(this.findings, blockSize, isForm);
  }

  private guard(work: () => Buffer[] | Promise<Buffer[]>): Step | Promise<Step> {
    if (this.refused !== undefined) return this.refusal();
    try {
      const release = work();
      if (!(release instanceof Promise)) return this.done(release);
      return release.then(
        (later) => this.done(later),
        (error: unknown) => this.fail(error),
      );
    } catch (error) {
      return this.fail(error);
    }
  }

  private done(release: Buffer[]): Step {
    // Aborted while it waited.
    if (this.refused !== undefined) return this.refusal();
    const opaque = this.findings.takeOpaque();
    const { memory } = this.findings.budget;
    return { findings: this.findings.take(), release, ...(opaque > 0 && { opaque }), ...(memory > 0 && { memory }) };
  }

  /** Whatever goes wrong, nothing passes. */
  private fail(error: unknown): Step {
    this.refused ??= refusalOf(error);
    this.stop();
    return this.refusal();
  }

  private refusal(): Step {
    return { findings: this.findings.take(), release: [], tooComplex: this.refused ?? 'refused' };
  }
}
