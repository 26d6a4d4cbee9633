import { expect } from 'vitest';
import { createInspector } from '../../../../sidecar/inspect/index.ts';

/** Bytes that are counted of bodies to one host, one after the other. */
export async function counted(bodies: readonly Buffer[], contentEncoding: string[] = []): Promise<number> {
  const inspector = createInspector();
  inspector.measureOpaque(true);
  const session = inspector.session('a.dev');
  let opaque = 0;
  for (const body of bodies) {
    const message = session.open({ body: 'http.body', contentEncoding });
    for (const step of [await message.push(body), await message.end()]) {
      expect(step.tooComplex).toBeUndefined();
      opaque += step.opaque ?? 0;
    }
  }
  return opaque;
}
