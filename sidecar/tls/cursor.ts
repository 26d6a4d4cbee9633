/** Reading the presentation language of TLS (RFC 8446 section 3) from bytes that a stranger chose. */

/** Bytes that are not what the protocol says; `message` is fixed text, never input. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError';
}

export class Cursor {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#offset === this.#bytes.length;
  }

  uint8(): number {
    return this.take(1).readUInt8(0);
  }

  uint16(): number {
    return this.take(2).readUInt16BE(0);
  }

  /** The next `length` bytes, not copied. Throws MalformedError when there are fewer. */
  take(length: number): Buffer {
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw new MalformedError('truncated');
    const bytes = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return bytes;
  }

  /** `opaque v<min..max>` with a length of one byte. */
  vector8(min = 0, max = 0xff): Buffer {
    return this.#vector(this.uint8(), min, max);
  }

  /** `opaque v<min..max>` with a length of two bytes. */
  vector16(min = 0, max = 0xffff): Buffer {
    return this.#vector(this.uint16(), min, max);
  }

  /** Nothing may follow. */
  finish(): void {
    if (!this.done) throw new MalformedError('trailing bytes');
  }

  #vector(length: number, min: number, max: number): Buffer {
    if (length < min || length > max) throw new MalformedError('vector length out of range');
    return this.take(length);
  }
}
