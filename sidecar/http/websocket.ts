/** WebSocket frames (RFC 6455 section 5), without I/O: what a client sends is taken apart here and put together anew. */
import { randomFillSync } from 'node:crypto';

/** Bytes of payload in a frame that Weir writes; a message up to this long is one frame. */
export const FRAGMENT_BYTES = 64 * 1024;
/** Bytes of payload in a control frame (RFC 6455 section 5.5). */
export const MAX_CONTROL_BYTES = 125;
/** Longest frame header that a client sends: two bytes, eight of length, four of mask. */
const MAX_HEADER_BYTES = 14;

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export type DataOpcode = typeof OPCODE.text | typeof OPCODE.binary;
export type ControlOpcode = typeof OPCODE.close | typeof OPCODE.ping | typeof OPCODE.pong;

/** Unmasked: a part of a message, or a control frame whole. */
export type Piece =
  | { kind: 'data'; opcode: DataOpcode; first: boolean; last: boolean; payload: Buffer }
  | { kind: 'control'; opcode: ControlOpcode; payload: Buffer };

/** The client broke the protocol. `code` is the status of the Close frame that says so (RFC 6455 section 7.4.1). */
export class WebSocketError extends Error {
  readonly code: number;
  constructor(message: string, code = 1002) {
    super(message);
    this.name = 'WebSocketError';
    this.code = code;
  }
}

interface FrameHeader {
  fin: boolean;
  opcode: number;
  length: number;
  mask: Buffer;
}

/** Takes the frames of a client apart, in chunks of any size. Extensions are not negotiated, so reserved bits are errors. */
export class FrameReader {
  #pending = Buffer.alloc(0);
  #frame: FrameHeader | undefined;
  #read = 0;
  /** Opcode of the message under way. */
  #message: DataOpcode | undefined;
  #begun = false;
  readonly #held: Buffer[] = [];

  /**
   * The pieces that the chunk completes or continues, each before the next is looked at. Unmasks in place: the chunk must
   * be the caller's to give. Throws WebSocketError.
   */
  *push(chunk: Buffer): Generator<Piece, void, undefined> {
    let rest = chunk;
    while (true) {
      if (this.#frame === undefined) {
        const input =
          this.#pending.length === 0 ? rest : Buffer.concat([this.#pending, rest.subarray(0, MAX_HEADER_BYTES)]);
        const size = headerSize(input);
        if (size === undefined || input.length < size) {
          this.#pending = Buffer.from(input);
          return;
        }
        rest = rest.subarray(size - this.#pending.length);
        this.#pending = Buffer.alloc(0);
        this.#frame = this.#open(parseHeader(input, size));
        this.#read = 0;
      }
      const frame: FrameHeader = this.#frame;
      const payload = rest.subarray(0, frame.length - this.#read);
      rest = rest.subarray(payload.length);
      applyMask(payload, frame.mask, this.#read);
      this.#read += payload.length;
      const complete = this.#read === frame.length;
      const piece =
        frame.opcode >= OPCODE.close ? this.#control(frame, payload, complete) : this.#data(frame, payload, complete);
      if (piece) yield piece;
      if (!complete) return;
      this.#frame = undefined;
    }
  }

  #open(frame: FrameHeader): FrameHeader {
    switch (frame.opcode) {
      case OPCODE.continuation:
        if (this.#message === undefined) throw new WebSocketError('continuation without a message');
        break;
      case OPCODE.text:
      case OPCODE.binary:
        if (this.#message !== undefined) throw new WebSocketError('message within a message');
        this.#message = frame.opcode;
        this.#begun = false;
        break;
      case OPCODE.close:
      case OPCODE.ping:
      case OPCODE.pong:
        if (!frame.fin || frame.length > MAX_CONTROL_BYTES)
          throw new WebSocketError('control frame too long or fragmented');
        break;
      default:
        throw new WebSocketError('unknown opcode');
    }
    return frame;
  }

  #control(frame: FrameHeader, payload: Buffer, complete: boolean): Piece | undefined {
    this.#held.push(payload);
    if (!complete) return undefined;
    return { kind: 'control', opcode: frame.opcode as ControlOpcode, payload: Buffer.concat(this.#held.splice(0)) };
  }

  #data(frame: FrameHeader, payload: Buffer, complete: boolean): Piece | undefined {
    const last = complete && frame.fin;
    if (payload.length === 0 && !last) return undefined;
    const first = !this.#begun;
    const opcode = this.#message as DataOpcode;
    this.#begun = true;
    if (last) this.#message = undefined;
    return { kind: 'data', opcode, first, last, payload };
  }
}

/** Bytes of the header that begins `input`; undefined when its first two bytes are not there yet. */
function headerSize(input: Buffer): number | undefined {
  if (input.length < 2) return undefined;
  // Said at once: an unmasked frame may be shorter than the header of a masked one.
  if (((input[1] as number) & 0x80) === 0) throw new WebSocketError('frame is not masked');
  const length = (input[1] as number) & 0x7f;
  return 2 + 4 + (length === 126 ? 2 : length === 127 ? 8 : 0);
}

function parseHeader(input: Buffer, size: number): FrameHeader {
  const first = input[0] as number;
  const second = input[1] as number;
  if ((first & 0x70) !== 0) throw new WebSocketError('reserved bit set');
  let length = second & 0x7f;
  if (length === 126) {
    length = input.readUInt16BE(2);
    if (length < 126) throw new WebSocketError('length is not minimal');
  } else if (length === 127) {
    const long = input.readBigUInt64BE(2);
    if (long < 0x10000n) throw new WebSocketError('length is not minimal');
    if (long > BigInt(Number.MAX_SAFE_INTEGER)) throw new WebSocketError('frame too long', 1009);
    length = Number(long);
  }
  return { fin: (first & 0x80) !== 0, opcode: first & 0x0f, length, mask: Buffer.from(input.subarray(size - 4, size)) };
}

/** XOR with the masking key, from `offset` in the frame (RFC 6455 section 5.3). */
function applyMask(payload: Buffer, mask: Buffer, offset: number): void {
  for (let index = 0; index < payload.length; index++) {
    payload[index] = (payload[index] as number) ^ (mask[(offset + index) & 3] as number);
  }
}

/** A frame as a client must send it: masked with a fresh key of Weir's own. */
export function clientFrame(opcode: number, fin: boolean, payload: Buffer): Buffer {
  const mask = randomFillSync(Buffer.allocUnsafe(4));
  const head = frameHead(opcode, fin, payload.length, 0x80);
  const frame = Buffer.concat([head, mask, payload]);
  applyMask(frame.subarray(head.length + 4), mask, 0);
  return frame;
}

/** A frame as a server sends it: not masked. */
export function serverFrame(opcode: number, payload: Buffer): Buffer {
  return Buffer.concat([frameHead(opcode, true, payload.length, 0), payload]);
}

/** The payload of a Close frame: status, and a reason cut to what fits. */
export function closePayload(code: number, reason: string): Buffer {
  const text = Buffer.from(reason, 'latin1').subarray(0, MAX_CONTROL_BYTES - 2);
  const payload = Buffer.alloc(2 + text.length);
  payload.writeUInt16BE(code);
  text.copy(payload, 2);
  return payload;
}

function frameHead(opcode: number, fin: boolean, length: number, maskBit: number): Buffer {
  const first = (fin ? 0x80 : 0) | opcode;
  if (length < 126) return Buffer.from([first, maskBit | length]);
  if (length < 0x10000) {
    const head = Buffer.from([first, maskBit | 126, 0, 0]);
    head.writeUInt16BE(length, 2);
    return head;
  }
  const head = Buffer.from([first, maskBit | 127, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

/** Puts a message together anew: its fragments depend on its content and length alone, not on how it came. */
export class MessageWriter {
  readonly #opcode: DataOpcode;
  #parts: Buffer[] = [];
  #length = 0;
  #begun = false;

  constructor(opcode: DataOpcode) {
    this.#opcode = opcode;
  }

  /** Adds bytes that may go on, and gives the fragments that are full with more to follow, as payloads. */
  append(bytes: Buffer): Buffer[] {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    if (this.#length <= FRAGMENT_BYTES) return [];
    let all = Buffer.concat(this.#parts);
    const full: Buffer[] = [];
    while (all.length > FRAGMENT_BYTES) {
      full.push(all.subarray(0, FRAGMENT_BYTES));
      all = all.subarray(FRAGMENT_BYTES);
    }
    this.#parts = [all];
    this.#length = all.length;
    return full;
  }

  /** What is left at the end of the message. */
  finish(): Buffer {
    return Buffer.concat(this.#parts);
  }

  /** The frame of the next payload, as given by `append` (not last) or `finish` (last). */
  frame(payload: Buffer, last: boolean): Buffer {
    const opcode = this.#begun ? OPCODE.continuation : this.#opcode;
    this.#begun = true;
    return clientFrame(opcode, last, payload);
  }
}
