/**
 * The first message of a TLS connection, reassembled from a byte stream without I/O. A client may spread it over
 * segments, records (RFC 8446 section 5.1) or both; the verdict depends on the bytes alone, not on how they came.
 */
import { type ClientHello, readClientHello } from './clienthello-body.ts';
import { MalformedError } from './cursor.ts';
import { GrowingBuffer } from './growing-buffer.ts';

export type { ClientHello } from './clienthello-body.ts';

/** Bytes of records that a hello may take, headers included. Post-quantum hellos take about 2 KiB. */
export const MAX_HELLO_BYTES = 64 * 1024;

const RECORD_HEADER = 5;
const HANDSHAKE_HEADER = 4;
/** RFC 8446 section 5.1: 2^14 bytes of plaintext. */
const MAX_RECORD = 1 << 14;
const CONTENT_HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const MAJOR_VERSION = 3;

export type HelloVerdict = { ok: true; hello: ClientHello } | { ok: false; reason: string };

export class HelloReader {
  readonly #stream = new GrowingBuffer(MAX_HELLO_BYTES);
  readonly #message = new GrowingBuffer(MAX_HELLO_BYTES);
  /** Where the next record begins in the stream. */
  #next = 0;
  #verdict: HelloVerdict | undefined;

  /** Bytes of the records that made the hello, once it is whole. */
  get bytes(): number {
    return this.#next;
  }

  /**
   * Takes the next bytes of the stream. 'more' until the record that completes the ClientHello is whole, or something
   * cannot be one; then the verdict, for good. What follows that record is not looked at. Never throws.
   */
  push(chunk: Uint8Array): 'more' | HelloVerdict {
    if (this.#verdict) return this.#verdict;
    this.#stream.append(chunk);
    try {
      const hello = this.#read();
      if (!hello) return 'more';
      this.#verdict = { ok: true, hello };
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      this.#verdict = { ok: false, reason: error.message };
    }
    this.#stream.clear();
    this.#message.clear();
    return this.#verdict;
  }

  /** Reads whole records until the hello is complete; undefined when more bytes are needed. */
  #read(): ClientHello | undefined {
    for (;;) {
      const length = this.#recordLength();
      if (length === undefined) return undefined;
      const start = this.#next + RECORD_HEADER;
      const end = start + length;
      if (end > MAX_HELLO_BYTES) throw new MalformedError('hello too long');
      if (end > this.#stream.length) return undefined;
      this.#message.append(this.#stream.view(start, end));
      this.#next = end;
      const hello = this.#hello();
      if (hello) return hello;
    }
  }

  /** The length of the next record; undefined while its header is not whole. */
  #recordLength(): number | undefined {
    const end = this.#next + RECORD_HEADER;
    if (end > MAX_HELLO_BYTES) throw new MalformedError('hello too long');
    const header = this.#stream.view(this.#next, end);
    if (header.length > 0 && header.readUInt8(0) !== CONTENT_HANDSHAKE)
      throw new MalformedError('not a handshake record');
    if (header.length > 1 && header.readUInt8(1) !== MAJOR_VERSION) throw new MalformedError('unknown record version');
    if (header.length < RECORD_HEADER) return undefined;
    const length = header.readUInt16BE(3);
    if (length === 0 || length > MAX_RECORD) throw new MalformedError('bad record length');
    return length;
  }

  /** The hello, once its last fragment is there. At least one fragment is, and fragments are not empty. */
  #hello(): ClientHello | undefined {
    const header = this.#message.view(0, HANDSHAKE_HEADER);
    if (header.readUInt8(0) !== CLIENT_HELLO) throw new MalformedError('not a ClientHello');
    if (header.length < HANDSHAKE_HEADER) return undefined;
    const end = HANDSHAKE_HEADER + header.readUIntBE(1, 3);
    if (end > MAX_HELLO_BYTES) throw new MalformedError('hello too long');
    if (this.#message.length < end) return undefined;
    // Keys change after the hello, so nothing may share its record (RFC 8446 section 5.1).
    if (this.#message.length > end) throw new MalformedError('bytes after the hello in its record');
    return readClientHello(this.#message.view(HANDSHAKE_HEADER, end));
  }
}
