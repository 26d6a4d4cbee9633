/** The bytes of a file or of standard input. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Bytes read at once. */
const CHUNK_SIZE = 256 * 1024;

export interface Opened {
  chunks: AsyncIterable<Buffer>;
  /** In bytes; undefined where it is not known. */
  size: number | undefined;
}

/** Throws for what cannot be read; problemOf says why. */
export async function openFile(file: string): Promise<Opened> {
  if (file === '-') return { chunks: process.stdin as AsyncIterable<Buffer>, size: undefined };
  const about = await stat(file);
  if (about.isDirectory()) throw new IsDirectory(file);
  return {
    chunks: createReadStream(file, { highWaterMark: CHUNK_SIZE }),
    size: about.isFile() ? about.size : undefined,
  };
}

class IsDirectory extends Error {
  constructor(directory: string) {
    super(`is a directory; name files: find ${directory} -type f -exec weir scan {} +`);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'reading it is not permitted',
  ENOTDIR: 'a part of the path is no directory',
};

export function problemOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return ('code' in error && REASONS[String(error.code)]) || error.message;
}
