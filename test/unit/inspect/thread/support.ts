import type { Finding } from '../../../../crds/runtime.ts';
import type { InspectSession, MessageContext, MessageInspection, Step } from '../../../../sidecar/inspect/index.ts';
import { chunksOf } from '../helpers.ts';

export const NEVER: number = Number.POSITIVE_INFINITY;

export interface Run {
  findings: Finding[];
  opaque: number;
  released: Buffer;
  /** Bytes that were released before something was found or given up, or in all; and with what was released in that step. */
  releasedBefore: number;
  releasedWith: number;
  tooComplex: string | undefined;
}

/** What becomes of a body that is sent to its end whatever is found, as a caller would that accepts all. */
export async function judged(
  session: InspectSession,
  body: Buffer,
  cuts: readonly number[] = [body.length],
  more: Partial<MessageContext> = {},
  before: (message: MessageInspection) => unknown = () => undefined,
): Promise<Run> {
  const message = session.open({ body: 'http.body', contentEncoding: [], length: body.length, ...more });
  const released: Buffer[] = [];
  const run: Run = {
    findings: [],
    opaque: 0,
    released: body,
    releasedBefore: 0,
    releasedWith: 0,
    tooComplex: undefined,
  };
  const take = (step: Step): void => {
    const bytes = step.release.reduce((sum, { length }) => sum + length, 0);
    if (run.findings.length === 0) run.releasedWith += bytes;
    run.findings.push(...step.findings);
    run.tooComplex ??= step.tooComplex;
    run.opaque += step.opaque ?? 0;
    released.push(...step.release);
    if (run.findings.length === 0 && run.tooComplex === undefined) run.releasedBefore += bytes;
  };
  await before(message);
  for (const chunk of chunksOf(body, cuts)) {
    take(await message.push(chunk));
    if (run.tooComplex !== undefined) break;
  }
  if (run.tooComplex === undefined) take(await message.end());
  message.abort();
  run.released = Buffer.concat(released);
  return run;
}

const WINDOW = 8 * 1024 * 1024;
const MAX_BLOCK = 128 * 1024;
const FILLER = 'a line of a log\n';

/** A block of a zstd frame (RFC 8878, 3.1.1.2): its head, with the type and the size. */
function blockHead(type: 0 | 1, size: number): Buffer {
  const head = Buffer.alloc(3);
  head.writeUIntLE(size * 8 + type * 2, 0, 3);
  return head;
}

/** How a zstd frame begins that fills a window of 8 MiB with dots and then has `length` bytes as they are, which follow. */
function windowOf(length: number): Buffer {
  const dots = Buffer.concat([blockHead(1, MAX_BLOCK), Buffer.from('.')]);
  const frame = [Buffer.from('28b52ffd00', 'hex'), Buffer.from([13 * 8])];
  for (let filled = 0; filled < WINDOW; filled += MAX_BLOCK) frame.push(dots);
  return Buffer.concat([...frame, blockHead(0, length)]);
}

/** Decompressors that `windows` has going when it has been sent: one frame in the other, and what is in it found there again. */
export const WINDOWS_MEMORY: number = 3 * 9 * 1024 * 1024;

/** Text, so that it may grow so much, and then two zstd frames one in the other, which go on behind what is here. */
export function windows(): Buffer {
  const frames = Buffer.concat([windowOf(MAX_BLOCK - 10_000), windowOf(MAX_BLOCK - 20_000)]);
  return Buffer.concat([Buffer.alloc(7 * 65_536, FILLER), frames, Buffer.alloc(65_536 - frames.length, FILLER)]);
}
