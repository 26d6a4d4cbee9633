/**
 * Streaming decompression that does not wait: a layer is searched synchronously. Node's own streams only answer later; the
 * handle inside them, which `zlib.inflateSync` works with too, answers at once. The version of Node is pinned, and the tests
 * of the archives fail should that handle change.
 */
import zlib from 'node:zlib';

export type Compression = 'deflate' | 'zlib' | 'brotli' | 'zstd';

interface Handle {
  onerror: (message: string) => void;
  writeSync(
    flush: number,
    input: Uint8Array,
    inputAt: number,
    inputLength: number,
    output: Uint8Array,
    outputAt: number,
    outputLength: number,
  ): void;
}

interface Engine {
  _handle: Handle;
  /** Room left in the output, and input that was not taken, of the last call. */
  _writeState: Uint32Array;
  destroy(): void;
}

const CREATE: Record<Compression, () => unknown> = {
  deflate: () => zlib.createInflateRaw(),
  zlib: () => zlib.createInflate(),
  brotli: () => zlib.createBrotliDecompress(),
  zstd: () => zlib.createZstdDecompress(),
};

/** Bytes that come out at a time. */
const OUTPUT = 64 * 1024;
const output = Buffer.allocUnsafeSlow(OUTPUT);

export class Inflater {
  private readonly engine: Engine;
  private failed = false;

  constructor(compression: Compression) {
    this.engine = CREATE[compression]() as Engine;
    this.engine._handle.onerror = () => {
      this.failed = true;
    };
  }

  /**
   * Decompresses `bytes`; `made` gets what comes out, at most 64 KiB at a time, good until it returns. Returns how many bytes
   * were taken: fewer than all when the data ends there; -1 when they are damaged. What `made` throws is thrown.
   */
  write(bytes: Buffer, made: (bytes: Buffer) => void): number {
    let at = 0;
    for (;;) {
      this.engine._handle.writeSync(0, bytes, at, bytes.length - at, output, 0, OUTPUT);
      if (this.failed) return -1;
      const [room = 0, left = 0] = this.engine._writeState;
      at = bytes.length - left;
      if (room < OUTPUT) made(Buffer.from(output.subarray(0, OUTPUT - room)));
      // It stops with room to spare when it wants more, or when it is through.
      if (room > 0) return at;
    }
  }

  close(): void {
    this.engine.destroy();
  }
}
