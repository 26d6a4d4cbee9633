/** What Node has no decompressor for. */
import { Bzip2 } from './bzip2.ts';
import { GitPack } from './git-pack.ts';
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
  'git-pack': (input: Input): Unpacker => new GitPack(input),
  bzip2: (input: Input): Unpacker => new Bzip2(input),
  xz: (input: Input): Unpacker => new Xz(input, false),
  lzma: (input: Input): Unpacker => new Xz(input, true),
  lz4: (input: Input): Unpacker => new Lz4(input, false),
  'lz4-legacy': (input: Input): Unpacker => new Lz4(input, true),
} as const;
