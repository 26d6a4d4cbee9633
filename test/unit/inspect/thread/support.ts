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
