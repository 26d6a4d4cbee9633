import type { Channel, Finding } from '../../../../crds/runtime.ts';
import { characters } from '../../../../sidecar/inspect/detectors/samples.ts';
import {
  createInspector,
  type KnownSecret,
  type SecretInspector,
  type Step,
} from '../../../../sidecar/inspect/index.ts';

/** A value that no detector knows the format of. */
export const random = (seed: number, length: number): string =>
  `x${characters(seed, length - 1, 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789')}`;

export const secret = (name: string, value: string | Buffer, more: Partial<KnownSecret> = {}): KnownSecret => ({
  name,
  value: Buffer.from(value),
  held: true,
  ...more,
});

export function inspectorOf(...secrets: KnownSecret[]): SecretInspector {
  const inspector = createInspector();
  inspector.setKnownSecrets(secrets);
  return inspector;
}

export function inMessage(
  inspector: SecretInspector,
  fields: readonly [Channel, string, string | Buffer][],
): Finding[] {
  const message = inspector.session('sink.example').open({ body: 'http.body', contentEncoding: [] });
  return fields.flatMap(([channel, place, value]) => {
    const step = message.field(channel, place, Buffer.from(value)) as Step;
    if (step.tooComplex !== undefined) throw new Error(step.tooComplex);
    return [...step.findings];
  });
}

export const inField = (inspector: SecretInspector, value: string | Buffer, channel: Channel = 'http.header') =>
  inMessage(inspector, [[channel, 'x', value]]);

export const known = (findings: readonly Finding[]): Finding[] =>
  findings.filter(({ detector }) => detector === 'known-secret');

/** What stands of a body sent in chunks; `released` before the first finding. */
export async function inBody(
  inspector: SecretInspector,
  body: Buffer,
  cuts: readonly number[] = [body.length],
  body_: { contentEncoding?: readonly string[]; encoded?: Buffer } = {},
): Promise<{ findings: Finding[]; released: number }> {
  const message = inspector
    .session('sink.example')
    .open({ body: 'http.body', contentEncoding: body_.contentEncoding ?? [] });
  const bytes = body_.encoded ?? body;
  let released = 0;
  for (let from = 0, i = 0; from < bytes.length; i++) {
    const to = from + Math.max(1, cuts[i % cuts.length] ?? bytes.length);
    const step = await message.push(bytes.subarray(from, to));
    if (step.tooComplex !== undefined) throw new Error(step.tooComplex);
    if (step.findings.length > 0) return { findings: [...step.findings], released };
    for (const piece of step.release) released += piece.length;
    from = to;
  }
  const step = await message.end();
  if (step.tooComplex !== undefined) throw new Error(step.tooComplex);
  if (step.findings.length === 0) for (const piece of step.release) released += piece.length;
  return { findings: [...step.findings], released };
}
