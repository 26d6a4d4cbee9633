/** What Node has no decompressor for. */
import { Bzip2 } from './bzip2.ts';
import { GitPack } from './git-pack.ts';
import type { Input, Steps } from './input.ts';
import { Lz4 } from './lz4.ts';
import { LzmaFile } from './lzma-files.ts';
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
  xz: (input: Input): Unpacker => new Xz(input),
  lzma: (input: Input): Unpacker => new LzmaFile(input, 'alone'),
  'zip-lzma': (input: Input): Unpacker => new LzmaFile(input, 'zip'),
  '7z': (input: Input): Unpacker => new LzmaFile(input, '7z'),
  lz4: (input: Input): Unpacker => new Lz4(input, false),
  'lz4-legacy': (input: Input): Unpacker => new Lz4(input, true),
} as const;
