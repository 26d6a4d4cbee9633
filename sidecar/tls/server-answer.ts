/** Whether a server asks for another ClientHello, from its first bytes, in any pieces and records. Without I/O. */

const RECORD_HEADER = 5;
const HANDSHAKE = 22;
const SERVER_HELLO = 2;
/** RFC 8446 section 4.1.3: the random of a ServerHello that is a HelloRetryRequest, the SHA-256 of that word. */
const RETRY = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');
/** Type, length and version, which come before the random. */
const RANDOM_AT = 6;

export class ServerAnswer {
  /** At most a header of five bytes for each of the 38 that are looked at. */
  #bytes: Buffer = Buffer.alloc(0);
  #answer: 'more' | 'retry' | 'other' = 'more';

  push(chunk: Buffer): 'more' | 'retry' | 'other' {
    if (this.#answer !== 'more') return this.#answer;
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    this.#answer = this.#read();
    if (this.#answer !== 'more') this.#bytes = Buffer.alloc(0);
    return this.#answer;
  }

  #read(): 'more' | 'retry' | 'other' {
    const parts: Buffer[] = [];
    let isWhole = false;
    for (let at = 0; at < this.#bytes.length; ) {
      // What follows the message is another matter: change_cipher_spec, mostly.
      isWhole = this.#bytes.readUInt8(at) !== HANDSHAKE;
      if (isWhole || at + RECORD_HEADER > this.#bytes.length) break;
      const length = this.#bytes.readUInt16BE(at + 3);
      isWhole = length === 0;
      if (isWhole) break;
      at += RECORD_HEADER;
      parts.push(this.#bytes.subarray(at, at + length));
      at += length;
    }
    const message = Buffer.concat(parts);
    if (message.length > 0 && message.readUInt8(0) !== SERVER_HELLO) return 'other';
    const random = message.subarray(RANDOM_AT, RANDOM_AT + RETRY.length);
    if (!RETRY.subarray(0, random.length).equals(random)) return 'other';
    if (random.length === RETRY.length) return 'retry';
    return isWhole ? 'other' : 'more';
  }
}
