/** Content-Encoding undone for judging: gzip, deflate, br, zstd (RFC 9110, 8.4.1; RFC 7932; RFC 8878), streaming. */
import type { Transform } from 'node:stream';
import zlib from 'node:zlib';
import { TooComplex } from '../budget.ts';

/** Decoded bytes that any body may become. */
export const DECODED_FLOOR = 32 * 1024 * 1024;
/** Further decoded bytes for each encoded byte; beyond that it is a bomb. */
export const DECODED_PER_BYTE = 100;

/**
 * Binary logarithm of the window that zstd may ask for: 8 MiB, the most that senders of this content encoding may use
 * (RFC 9659, 3). A decoder takes all of it when it has read the header of a frame, whatever follows.
 */
export const ZSTD_WINDOW_LOG = 23;

const CHUNK = { chunkSize: 64 * 1024 };
// Windows over 16 MiB, which are no part of RFC 7932.
export const BROTLI = { ...CHUNK, params: { [zlib.constants.BROTLI_DECODER_PARAM_LARGE_WINDOW]: 0 } };
export const ZSTD = { ...CHUNK, params: { [zlib.constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG } };

function create(encoding: string, first: Buffer): Transform & zlib.Zlib {
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return zlib.createGunzip(CHUNK);
    case 'deflate':
      return isZlib(first) ? zlib.createInflate(CHUNK) : zlib.createInflateRaw(CHUNK);
    case 'br':
      return zlib.createBrotliDecompress(BROTLI);
    case 'zstd':
      return zlib.createZstdDecompress(ZSTD);
    default:
      throw new TooComplex('a content encoding that is not known');
  }
}

/** "deflate" is zlib's format (RFC 1950) in the standard and raw deflate with some senders. */
function isZlib(first: Buffer): boolean {
  const header = first.length < 2 ? 0 : first.readUInt16BE(0);
  return (header & 0x0f00) === 0x0800 && header % 31 === 0;
}

export class ContentDecoder {
  private readonly encoding: string;
  private readonly output: (decoded: Buffer) => Promise<void>;
  private wake: () => void = () => {};
  private stream: (Transform & zlib.Zlib) | undefined;
  private failure: Error | undefined;
  private read = 0;
  private made = 0;

  /** `output` gets decoded bytes, and the next when it has resolved; what it throws is thrown by `write` or `end`. */
  constructor(encoding: string, output: (decoded: Buffer) => Promise<void>) {
    this.encoding = encoding;
    this.output = output;
  }

  /** Resolves when everything these bytes decode to has gone to `output`. Throws TooComplex. */
  async write(bytes: Buffer): Promise<void> {
    if (bytes.length === 0) return;
    this.read += bytes.length;
    const stream = this.stream ?? this.start(bytes);
    let isTaken = false;
    stream.write(bytes, () => {
      isTaken = true;
      this.wake();
    });
    await this.drain(stream, () => isTaken);
    this.check();
  }

  /** The encoded bytes are complete. Throws TooComplex when the encoding is not, or more follows it. */
  async end(): Promise<void> {
    const stream = this.stream;
    if (stream === undefined) return;
    stream.end();
    await this.drain(stream, () => false);
    this.check();
    if (stream.bytesWritten !== this.read) throw new TooComplex(`bytes after the end of the ${this.encoding} data`);
  }

  abort(): void {
    this.stream?.destroy();
  }

  private start(first: Buffer): Transform & zlib.Zlib {
    const stream = create(this.encoding, first);
    this.stream = stream;
    for (const event of ['readable', 'end', 'close']) stream.on(event, () => this.wake());
    stream.on('error', () => {
      this.failure ??= new TooComplex(`the body is not ${this.encoding}`);
    });
    return stream;
  }

  /** Passes on what comes out, until there is no more of it and no more can come. */
  private async drain(stream: Transform, isThrough: () => boolean): Promise<void> {
    while (!stream.destroyed && this.failure === undefined) {
      const decoded = stream.read() as Buffer | null;
      if (decoded !== null) await this.take(decoded, stream);
      else if (isThrough() || stream.readableEnded) return;
      else {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
    }
  }

  private async take(decoded: Buffer, stream: Transform): Promise<void> {
    try {
      this.made += decoded.length;
      if (this.made > DECODED_FLOOR + DECODED_PER_BYTE * this.read) {
        throw new TooComplex(`the ${this.encoding} data grows too much`);
      }
      await this.output(decoded);
    } catch (error) {
      this.failure = error as Error;
      stream.destroy();
    }
  }

  private check(): void {
    if (this.failure !== undefined) throw this.failure;
    if (this.stream?.destroyed === true && !this.stream.writableFinished)
      throw new TooComplex('the inspection was ended');
  }
}
