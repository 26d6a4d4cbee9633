/**
 * The judged body of a request: size, upload budget and content are decided before a byte goes on. Pure but for the
 * async source it reads from.
 */
import type { Denial, Finding } from '../../crds/runtime.ts';
import type { MessageInspection, Step } from '../inspect/inspector.ts';

/** Bodies up to this many bytes are judged whole before anything of the request is forwarded. */
export const HOLD_BYTES = 64 * 1024;

/** Bytes of one request that may be held back by the judge. Any encoding that needs more is nobody's upload. */
export const MAX_HELD_BYTES = 4 * 1024 * 1024;

/** The request must not go on. Thrown through the forwarding code, so that the upstream request is aborted. */
export class Refused extends Error {
  readonly denial: Denial;
  readonly findings: readonly Finding[];
  constructor(denial: Denial, findings: readonly Finding[] = []) {
    super(denial.reason);
    this.name = 'Refused';
    this.denial = denial;
    this.findings = findings;
  }
}

/** Decisions about a body, given by the exchange. Each may throw Refused. */
export interface BodyRules {
  /** Bytes that may be on their way to the judge, beside those that it holds back. */
  underWay?: number;
  /** The body is now known to have at least this many bytes. */
  admitSize(total: number): void;
  /** These many bytes may be sent from now on. */
  charge(bytes: number): void;
  /** These many bytes of a stream are being sent. */
  sent(bytes: number): void;
  /** These many bytes are held back. */
  hold(bytes: number): void;
  /** Judges a step of the inspection: throws, or gives what may be forwarded. */
  judge(step: Step): readonly Buffer[];
  /** The source is exhausted: judges what came after the body (trailers). */
  finish(): void | Promise<void>;
}

export type JudgedBody =
  | { kind: 'none' }
  | { kind: 'whole'; bytes: Buffer }
  | { kind: 'stream'; chunks: AsyncGenerator<Buffer, void, undefined> };

/**
 * Judges a body up to HOLD_BYTES whole; a longer one comes back as a stream of judged chunks. Rejects with Refused, or
 * with the source's own error. `length` is the declared length in bytes, undefined when chunked.
 */
export async function judgeBody(
  source: AsyncIterator<Buffer, undefined>,
  length: number | undefined,
  inspection: MessageInspection,
  rules: BodyRules,
): Promise<JudgedBody> {
  const judged = judgedChunks(source, inspection, rules);
  if (length !== undefined) {
    rules.admitSize(length);
    // Known in advance: all or nothing, so that a body that the budget cannot hold is not sent in part.
    rules.charge(length);
  }
  const charge = length === undefined ? rules.charge : () => {};
  const stream = (held: readonly Buffer[]): JudgedBody => ({
    kind: 'stream',
    chunks: sending(held, judged, (bytes) => {
      charge(bytes);
      rules.sent(bytes);
    }),
  });
  if (length !== undefined && length > HOLD_BYTES) return stream([]);
  const held: Buffer[] = [];
  let total = 0;
  while (total <= HOLD_BYTES) {
    const { done, value } = await judged.next();
    if (done) {
      charge(total);
      if (total === 0) return { kind: 'none' };
      return { kind: 'whole', bytes: held.length === 1 ? (held[0] as Buffer) : Buffer.concat(held) };
    }
    held.push(value);
    total += value.length;
  }
  return stream(held);
}

const HOLDS_TOO_MUCH: Step = { findings: [], release: [], tooComplex: 'too many bytes are held back' };

async function* judgedChunks(
  source: AsyncIterator<Buffer, undefined>,
  inspection: MessageInspection,
  rules: BodyRules,
): AsyncGenerator<Buffer, void, undefined> {
  let total = 0;
  let released = 0;
  while (true) {
    const { done, value } = await source.next();
    if (done) break;
    total += value.length;
    rules.admitSize(total);
    const pushed = inspection.push(value);
    const step = pushed instanceof Promise ? await pushed : pushed;
    const pieces = rules.judge(step);
    for (const piece of pieces) released += piece.length;
    if (total - released > MAX_HELD_BYTES + (rules.underWay ?? 0)) rules.judge(HOLDS_TOO_MUCH);
    rules.hold(total - released + (step.memory ?? 0));
    yield* pieces;
  }
  await rules.finish();
  const last = inspection.end();
  yield* rules.judge(last instanceof Promise ? await last : last);
}

async function* sending(
  held: readonly Buffer[],
  rest: AsyncGenerator<Buffer, void, undefined>,
  before: (bytes: number) => void,
): AsyncGenerator<Buffer, void, undefined> {
  for (const chunk of held) {
    before(chunk.length);
    yield chunk;
  }
  for await (const chunk of rest) {
    before(chunk.length);
    yield chunk;
  }
}
