/** The decompressors that Node has none of. */
import { Bzip2 } from './bzip2.ts';
import type { Input, Steps } from './input.ts';
import { Lz4 } from './lz4.ts';
import { Xz } from './xz.ts';

export interface Unpacker {
  /** Bytes that it holds. */
  readonly memory: number;
  steps(): Steps;
  /** What came out and was not given away yet. */
  take(): Buffer;
}

export const UNPACKERS = {
  bzip2: (input: Input): Unpacker => new Bzip2(input),
  xz: (input: Input): Unpacker => new Xz(input, false),
  lzma: (input: Input): Unpacker => new Xz(input, true),
  lz4: (input: Input): Unpacker => new Lz4(input, false),
  'lz4-legacy': (input: Input): Unpacker => new Lz4(input, true),
} as const;
