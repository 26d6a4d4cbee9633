import type { Channel, Finding } from '../../../crds/runtime.ts';
import { createInspector, type MessageContext, type Step } from '../../../sidecar/inspect/index.ts';

export interface Outcome {
  findings: Finding[];
  released: Buffer;
  /** Bytes released before the step that found something or gave up, or before the end. */
  releasedBefore: number;
  tooComplex: string | undefined;
}

export interface BodyOptions {
  blockSize?: number;
  /** Sizes of the chunks, over and over; default: all at once. */
  cuts?: readonly number[];
  context?: Partial<MessageContext>;
}

export function chunksOf(body: Buffer, cuts: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let from = 0, i = 0; from < body.length; i++) {
    const size = Math.max(1, cuts[i % cuts.length] ?? body.length);
    chunks.push(body.subarray(from, from + size));
    from += size;
  }
  return chunks;
}

/** Sends a body through an inspector until the first findings, as a caller would that accepts none. */
export async function inspectBody(body: Buffer | string, options: BodyOptions = {}): Promise<Outcome> {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const inspector = createInspector(options.blockSize === undefined ? {} : { blockSize: options.blockSize });
  const message = inspector
    .session('sink.example')
    .open({ body: 'http.body', contentEncoding: [], ...options.context });
  const released: Buffer[] = [];
  let releasedBefore = 0;
  const take = (step: Step): Outcome | undefined => {
    if (step.findings.length > 0 || step.tooComplex !== undefined) {
      const outcome = {
        findings: [...step.findings],
        released: Buffer.concat(released),
        releasedBefore,
        tooComplex: step.tooComplex,
      };
      message.abort();
      return outcome;
    }
    for (const piece of step.release) {
      released.push(piece);
      releasedBefore += piece.length;
    }
    return undefined;
  };
  for (const chunk of options.cuts === undefined ? [bytes] : chunksOf(bytes, options.cuts)) {
    const outcome = take(await message.push(chunk));
    if (outcome !== undefined) return outcome;
  }
  const before = releasedBefore;
  const outcome = take(await message.end());
  return outcome ?? { findings: [], released: Buffer.concat(released), releasedBefore: before, tooComplex: undefined };
}

export async function detectorsIn(body: Buffer | string, options: BodyOptions = {}): Promise<string[]> {
  const { findings, tooComplex } = await inspectBody(body, options);
  if (tooComplex !== undefined) throw new Error(tooComplex);
  return findings.map(({ detector }) => detector);
}

export async function inspectField(channel: Channel, name: string, value: string): Promise<Finding[]> {
  const message = createInspector().session('sink.example').open({ body: 'http.body', contentEncoding: [] });
  const step = await message.field(channel, name, Buffer.from(value, 'latin1'));
  if (step.tooComplex !== undefined) throw new Error(step.tooComplex);
  return [...step.findings];
}

/** Encodings by the name of the decoder that undoes them. */
export const ENCODE: Record<string, (bytes: Buffer) => Buffer> = {
  base64: (bytes) => Buffer.from(bytes.toString('base64')),
  base64url: (bytes) => Buffer.from(bytes.toString('base64url')),
  hex: (bytes) => Buffer.from(bytes.toString('hex')),
  percent: (bytes) => Buffer.from([...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')),
};
