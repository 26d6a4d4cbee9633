/**
 * Node's decompressors, without waiting: a layer is searched synchronously. Node's own streams only answer later; the handle
 * inside them, which `zlib.inflateSync` works with too, answers at once. The version of Node is pinned, and the tests of the
 * archives fail should that handle change.
 */
import zlib from 'node:zlib';
import { BROTLI, ZSTD } from './content-encoding.ts';

export interface Inflater {
  /** Bytes of all that it was given that belong to the data. */
  readonly taken: number;
  /** What all bytes before this one become has come out. */
  readonly settled: number;
  /** Bytes that it holds. */
  readonly memory: number;
  /** The data are through, or damaged from here on. */
  readonly ended: boolean;
  readonly isDamaged: boolean;
  /** The next input. All that it was given before has been used. */
  give(bytes: Buffer): void;
  /** No more input comes. */
  finish(): void;
  /** What comes out next, at most 64 KiB, or nothing yet; undefined: it wants more input, or has ended. */
  next(): Buffer | undefined;
  close(): void;
}

export type NodeCompression = 'deflate' | 'zlib' | 'brotli' | 'zstd';

interface Handle {
  reset(): void;
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

/** Its streams have 16 KiB for what comes out, which comes out elsewhere: the least that they may have. */
const LEAST = { chunkSize: 64 };
const CREATE: Record<NodeCompression, () => unknown> = {
  deflate: () => zlib.createInflateRaw(LEAST),
  zlib: () => zlib.createInflate(LEAST),
  brotli: () => zlib.createBrotliDecompress({ ...BROTLI, ...LEAST }),
  zstd: () => zlib.createZstdDecompress({ ...ZSTD, ...LEAST }),
};

/** Whether Node decompresses it. */
export function isOfNode(compression: string): compression is NodeCompression {
  return compression in CREATE;
}

/** Compressed bytes that may have been taken before what they become comes out: zstd waits for a block (RFC 8878, 3.1.1.2.4). */
export const COMPRESSED_LAG = 128 * 1024;
const LAG: Record<NodeCompression, number> = { deflate: 0, zlib: 0, brotli: COMPRESSED_LAG, zstd: COMPRESSED_LAG };

const KIB = 1024;
/** The largest windows, and what is held besides. */
const MEMORY: Record<NodeCompression, number> = {
  deflate: 64 * KIB,
  zlib: 64 * KIB,
  brotli: 17 * 1024 * KIB,
  zstd: 9 * 1024 * KIB,
};

/** Bytes that come out at a time. */
const OUTPUT = 64 * 1024;
const output = Buffer.allocUnsafeSlow(OUTPUT);
const NOTHING = Buffer.alloc(0);

export class NodeInflater implements Inflater {
  readonly memory: number;
  readonly #lag: number;
  readonly #engine: Engine;
  #input: Buffer = NOTHING;
  #at = 0;
  #before = 0;
  #mayHoldMore = false;
  ended = false;
  isDamaged = false;

  constructor(compression: NodeCompression) {
    this.memory = MEMORY[compression];
    this.#lag = LAG[compression];
    this.#engine = CREATE[compression]() as Engine;
    this.#engine._handle.onerror = () => {
      this.ended = true;
      this.isDamaged = true;
    };
  }

  get taken(): number {
    return this.#before + this.#at;
  }

  get settled(): number {
    return Math.max(0, this.taken - this.#lag);
  }

  give(bytes: Buffer): void {
    this.#before += this.#at;
    this.#input = bytes;
    this.#at = 0;
    this.#mayHoldMore = true;
  }

  finish(): void {}

  /** Begins anew, with other data: another of these would cost many times as much. */
  reset(): void {
    this.#engine._handle.reset();
    this.#input = NOTHING;
    this.#at = 0;
    this.#before = 0;
    this.#mayHoldMore = false;
    this.ended = false;
  }

  next(): Buffer | undefined {
    if (this.ended || !this.#mayHoldMore) return undefined;
    const { length } = this.#input;
    this.#engine._handle.writeSync(0, this.#input, this.#at, length - this.#at, output, 0, OUTPUT);
    if (this.ended) return undefined;
    const [room = 0, left = 0] = this.#engine._writeState;
    this.#at = length - left;
    // It stops with room to spare when it wants more, or when it is through.
    this.#mayHoldMore = room === 0;
    this.ended = room > 0 && left > 0;
    return Buffer.from(output.subarray(0, OUTPUT - room));
  }

  close(): void {
    this.#engine.destroy();
  }
}
