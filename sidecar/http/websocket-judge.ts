/** What a client says over a WebSocket, judged message by message and written anew. No I/O. */
import { TextDecoder } from 'node:util';
import type { InspectSession, MessageInspection, Step } from '../inspect/inspector.ts';
import type { Lease } from '../memory.ts';
import { MAX_HELD_BYTES } from './body.ts';
import { Coalescer } from './coalesce.ts';
import {
  type ControlOpcode,
  clientFrame,
  type DataOpcode,
  FrameReader,
  MessageWriter,
  OPCODE,
  type Piece,
  WebSocketError,
} from './websocket.ts';

/** Decisions about messages, given by the upgrade. Each may throw Refused. */
export interface MessageRules {
  /** A message begins, or a Ping or Pong is to be sent: without a payload, too, which of them comes when says something. */
  admitMessage(): void;
  /** Room for a message of data, before anything of it is kept. */
  take(): Lease | Promise<Lease>;
  /** Throws when there is no room for what it holds back. */
  hold(lease: Lease, bytes: number): void;
  /** The message is now known to have at least this many bytes. */
  admitSize(total: number): void;
  /** These many bytes of payload are about to be sent. */
  charge(bytes: number): void;
  judge(step: Step): readonly Buffer[];
}

interface Message {
  lease: Lease;
  inspection: MessageInspection;
  writer: MessageWriter;
  /** Present for text, which must be UTF-8 (RFC 6455 section 8.1). */
  utf8: TextDecoder | undefined;
  /** Payload of frames too short to be held each on its own. */
  short: Coalescer;
  total: number;
  released: number;
  /** Bytes that decompressors hold. */
  memory: number;
}

const HOLDS_TOO_MUCH: Step = { findings: [], release: [], tooComplex: 'too many bytes are held back' };

/** Bytes of a Close before its reason. */
const CLOSE_STATUS_BYTES = 2;

export class WebSocketJudge {
  readonly #reader = new FrameReader();
  readonly #session: InspectSession;
  readonly #rules: MessageRules;
  #message: Message | undefined;
  #closed = false;
  #isOver = false;

  constructor(session: InspectSession, rules: MessageRules) {
    this.#session = session;
    this.#rules = rules;
  }

  /** Frames to send for a chunk of the client's. Rejects with Refused or WebSocketError; call again only after it settled. */
  async push(chunk: Buffer): Promise<Buffer[]> {
    const frames: Buffer[] = [];
    for (const piece of this.#reader.push(chunk)) {
      // Nothing may follow a Close (RFC 6455 section 5.5.1).
      if (this.#closed) throw new WebSocketError('frame after Close');
      if (piece.kind === 'control') frames.push(await this.#control(piece.opcode, piece.payload));
      else await this.#data(piece, frames);
    }
    return frames;
  }

  /** Frees what a message under way holds; none begins any more. Idempotent. */
  abort(): void {
    this.#isOver = true;
    this.#drop();
  }

  #drop(): void {
    this.#message?.inspection.abort();
    this.#message?.lease.release();
    this.#message = undefined;
  }

  async #data(piece: Extract<Piece, { kind: 'data' }>, frames: Buffer[]): Promise<void> {
    if (piece.first) await this.#begin(piece.opcode);
    const message = this.#message as Message;
    message.total += piece.payload.length;
    this.#rules.admitSize(message.total);
    checkUtf8(message.utf8, piece.payload, piece.last);
    const whole = [...message.short.push(piece.payload), ...(piece.last ? message.short.flush() : [])];
    for (const payload of whole) {
      const step = message.inspection.push(payload);
      this.#release(message, step instanceof Promise ? await step : step, frames);
    }
    if (message.total - message.released > MAX_HELD_BYTES) this.#rules.judge(HOLDS_TOO_MUCH);
    this.#rules.hold(message.lease, message.total - message.released + message.memory);
    if (!piece.last) return;
    const last = message.inspection.end();
    this.#release(message, last instanceof Promise ? await last : last, frames);
    const sent = message.inspection.commit();
    this.#rules.judge(sent instanceof Promise ? await sent : sent);
    const rest = message.writer.finish();
    this.#rules.charge(rest.length);
    frames.push(message.writer.frame(rest, true));
    this.#drop();
  }

  async #begin(opcode: DataOpcode): Promise<void> {
    this.#rules.admitMessage();
    const taking = this.#rules.take();
    const lease = taking instanceof Promise ? await taking : taking;
    if (this.#isOver) {
      lease.release();
      throw new WebSocketError('abandoned');
    }
    this.#message = {
      lease,
      inspection: this.#session.open({ body: 'websocket.message', contentEncoding: [] }),
      writer: new MessageWriter(opcode),
      utf8: opcode === OPCODE.text ? new TextDecoder('utf-8', { fatal: true }) : undefined,
      short: new Coalescer(),
      total: 0,
      released: 0,
      memory: 0,
    };
  }

  #release(message: Message, step: Step, frames: Buffer[]): void {
    message.memory = step.memory ?? 0;
    for (const bytes of this.#rules.judge(step)) {
      message.released += bytes.length;
      for (const payload of message.writer.append(bytes)) {
        this.#rules.charge(payload.length);
        frames.push(message.writer.frame(payload, false));
      }
    }
  }

  async #control(opcode: ControlOpcode, payload: Buffer): Promise<Buffer> {
    if (opcode === OPCODE.close) {
      checkClose(payload);
      this.#closed = true;
      // The one that ends the connection is not a message; its reason is content.
      this.#rules.admitSize(Math.max(0, payload.length - CLOSE_STATUS_BYTES));
    } else {
      this.#rules.admitMessage();
      this.#rules.admitSize(payload.length);
    }
    if (payload.length > 0) {
      const inspection = this.#session.open({ body: 'websocket.message', contentEncoding: [] });
      try {
        this.#rules.judge(await inspection.field('websocket.message', 'control', payload));
        this.#rules.judge(await inspection.end());
        this.#rules.judge(await inspection.commit());
      } finally {
        inspection.abort();
      }
    }
    this.#rules.charge(payload.length);
    return clientFrame(opcode, true, payload);
  }
}

function checkUtf8(utf8: TextDecoder | undefined, bytes: Buffer, last: boolean): void {
  try {
    utf8?.decode(bytes, { stream: !last });
  } catch {
    throw new WebSocketError('text is not UTF-8', 1007);
  }
}

/** Status codes that an endpoint may send (RFC 6455 section 7.4), then a reason in UTF-8. */
function checkClose(payload: Buffer): void {
  if (payload.length === 0) return;
  if (payload.length === 1) throw new WebSocketError('Close without a whole status');
  const code = payload.readUInt16BE(0);
  const known = (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999);
  if (!known) throw new WebSocketError('Close with a status that nobody may send');
  checkUtf8(new TextDecoder('utf-8', { fatal: true }), payload.subarray(2), true);
}
