/** Reads one file after the other with the engine. */
import type { Finding } from '../../crds/runtime.ts';
import { createInspector, type Step } from '../../sidecar/inspect/index.ts';

export interface Scanned {
  file: string;
  /** Read. */
  bytes: number;
  findings: readonly Found[];
  /** Why it was not read to its end. */
  problem?: string;
}

export interface Found {
  detector: string;
  /** Byte at which the secret, or what it was decoded from, begins. */
  offset: number;
  /** Line of that byte, from 1; undefined in a file that is no text. */
  line: number | undefined;
  decoding: readonly string[];
}

const LINE_FEED = 0x0a;

export class Scanner {
  private readonly inspector = createInspector();

  /** Rejects when `chunks` does. `progress` is told the bytes read so far. */
  async scan(file: string, chunks: AsyncIterable<Buffer>, progress: (bytes: number) => void): Promise<Scanned> {
    const message = this.inspector.session('').open({ body: 'http.body', contentEncoding: [] });
    const lines = new Lines();
    const findings: Found[] = [];
    let bytes = 0;
    let problem: string | undefined;
    const take = (step: Step) => {
      findings.push(...step.findings.map((finding) => foundOf(finding, lines)));
      problem = step.tooComplex;
    };
    try {
      for await (const chunk of chunks) {
        lines.push(chunk);
        bytes += chunk.length;
        take(await message.push(chunk));
        if (problem !== undefined) break;
        progress(bytes);
      }
      if (problem === undefined) take(await message.end());
    } finally {
      message.abort();
    }
    return { file, bytes, findings, ...(problem !== undefined && { problem: `too complex: ${problem}` }) };
  }
}

function foundOf({ detector, offset, decoding }: Finding, lines: Lines): Found {
  return { detector, offset, line: lines.of(offset), decoding };
}

/** Bytes whose lines can still be told: findings come a little after their bytes. */
const REMEMBERED = 4 * 1024 * 1024;

/** Which line a byte is in. */
class Lines {
  private chunks: { from: number; line: number; bytes: Buffer }[] = [];
  private length = 0;
  private line = 1;
  private isText = true;

  push(bytes: Buffer): void {
    this.chunks.push({ from: this.length, line: this.line, bytes });
    this.length += bytes.length;
    if (bytes.includes(0)) this.isText = false;
    this.line += feedsIn(bytes, bytes.length);
    while ((this.chunks[0]?.from ?? 0) + REMEMBERED < this.length && this.chunks.length > 1) this.chunks.shift();
  }

  of(offset: number): number | undefined {
    const chunk = this.chunks.findLast(({ from }) => from <= offset);
    return this.isText && chunk !== undefined ? chunk.line + feedsIn(chunk.bytes, offset - chunk.from) : undefined;
  }
}

function feedsIn(bytes: Buffer, end: number): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0 && at < end; at = bytes.indexOf(LINE_FEED, at + 1)) count++;
  return count;
}
