/** DNS over TCP: each message after two octets of its length (RFC 1035 §4.2.2, RFC 7766 §8). Without I/O. */

/** Joins segments to messages. A reader that failed stays failed. */
export class FrameReader {
  readonly #maxBytes: number;
  readonly #minBytes: number;
  #buffered: Buffer = Buffer.alloc(0);
  #failed = false;

  /** `maxBytes`, `minBytes`: longest and shortest message that is taken. */
  constructor(maxBytes: number, minBytes = 1) {
    this.#minBytes = minBytes;
    this.#maxBytes = maxBytes;
  }

  /**
   * Takes a segment of any size and returns the messages that are complete now.
   * @returns undefined when a length is out of bounds: nothing after it can be framed.
   */
  push(chunk: Buffer): Buffer[] | undefined {
    if (this.#failed) return undefined;
    let rest = this.#buffered.length > 0 ? Buffer.concat([this.#buffered, chunk]) : chunk;
    const messages: Buffer[] = [];
    while (rest.length >= 2) {
      const length = rest.readUInt16BE(0);
      if (length < this.#minBytes || length > this.#maxBytes) {
        this.#failed = true;
        return undefined;
      }
      if (rest.length < 2 + length) break;
      messages.push(rest.subarray(2, 2 + length));
      rest = rest.subarray(2 + length);
    }
    this.#buffered = rest;
    return messages;
  }
}

/** A message with its length before it; at most 65,535 bytes. */
export function frame(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}
