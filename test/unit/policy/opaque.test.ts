/** The budget of bytes that no decoder explains: by host and for the pod, with exceptions like any finding. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budgets, type PolicyEngine } from '../../../sidecar/policy/index.ts';
import { openState } from '../../../sidecar/state/state.ts';
import { engineOf } from './support.ts';

const RULES = `
egress:
- {name: a, to: {hosts: [a.dev]}}
- {name: b, to: {hosts: [b.dev]}}
- {name: w, to: {hosts: ["*.w.dev"]}}`;

/** What becomes of bytes to a host: `undefined` is that they may go. */
function sending(engine: PolicyEngine, host: string, bytes: number): string | undefined {
  const rule = engine.name(host).rules[0];
  return engine.chargeOpaque(rule, host, 'http.body', bytes)?.reason;
}

describe('opaque uploads', () => {
  it('are not bounded unless a policy says so', () => {
    expect(sending(engineOf(RULES), 'a.dev', 2 ** 40)).toBeUndefined();
  });

  it('have a budget for each host, to the byte, and all or nothing of it', () => {
    const engine = engineOf(`content: {opaqueUploads: {maxSize: 100}}${RULES}`);
    expect(sending(engine, 'a.dev', 60)).toBeUndefined();
    expect(sending(engine, 'a.dev', 41)).toBe('content.opaque');
    expect(sending(engine, 'a.dev', 40)).toBeUndefined();
    expect(sending(engine, 'a.dev', 1)).toBe('content.opaque');
    expect(sending(engine, 'a.dev', 0)).toBeUndefined();
    expect(sending(engine, 'b.dev', 100)).toBeUndefined();
  });

  it('share it where a wildcard admits any name, and where no rule does', () => {
    const engine = engineOf(`mode: Audit\ncontent: {opaqueUploads: {maxSize: 100}}${RULES}`);
    expect(sending(engine, 'x.w.dev', 60)).toBeUndefined();
    expect(sending(engine, 'y.w.dev', 60)).toBe('content.opaque');
    expect(sending(engine, 'x.other.com', 60)).toBeUndefined();
    expect(sending(engine, 'y.other.com', 60)).toBe('content.opaque');
  });

  it('have one for the pod beside it', () => {
    const engine = engineOf(`content: {opaqueUploads: {maxSize: 100, maxPodSize: 150}}${RULES}`);
    expect(sending(engine, 'a.dev', 100)).toBeUndefined();
    expect(sending(engine, 'b.dev', 51)).toBe('content.opaque');
    // What was refused is not spent.
    expect(sending(engine, 'b.dev', 50)).toBeUndefined();
  });

  it.each([
    'suppressions: [{detector: opaque-upload, rule: a}]',
    'homeHosts: [{detector: opaque-upload, hosts: [a.dev]}]',
    'detectors: {disabled: [opaque-upload]}',
  ])('may be excepted by %s', (exception) => {
    const engine = engineOf(`content: {opaqueUploads: {maxSize: 1}, ${exception}}${RULES}`);
    expect(sending(engine, 'a.dev', 1000)).toBeUndefined();
    if (!exception.startsWith('detectors')) expect(sending(engine, 'b.dev', 1000)).toBe('content.opaque');
  });

  it('stay spent when the sidecar starts anew, and all are when the journal is gone', () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'weir-opaque-'));
    const spec = `content: {opaqueUploads: {maxPodSize: 100}}${RULES}`;
    const first = openState(directory, 'First').accounts;
    expect(sending(engineOf(spec, new Budgets(first)), 'a.dev', 60)).toBeUndefined();
    first.close();
    const later = openState(directory, 'Later').accounts;
    expect(sending(engineOf(spec, new Budgets(later)), 'b.dev', 41)).toBe('content.opaque');
    later.close();
    writeFileSync(path.join(directory, 'accounts'), 'damaged');
    const lost = openState(directory, 'Later').accounts;
    expect(sending(engineOf(spec, new Budgets(lost)), 'b.dev', 1)).toBe('content.opaque');
    expect(sending(engineOf(RULES, new Budgets(lost)), 'b.dev', 1)).toBeUndefined();
    lost.close();
    rmSync(directory, { recursive: true });
  });

  it('never exceed either budget, whatever is sent in whatever order', () => {
    const spec = `content: {opaqueUploads: {maxSize: 100, maxPodSize: 170}}${RULES}`;
    const sent = fc.tuple(fc.constantFrom('a.dev', 'b.dev', 'x.w.dev', 'y.w.dev'), fc.integer({ min: 0, max: 120 }));
    fc.assert(
      fc.property(fc.array(sent, { maxLength: 20 }), (all) => {
        const engine = engineOf(spec);
        const spent = new Map<string, number>();
        for (const [host, bytes] of all) {
          const account = host.endsWith('.w.dev') ? '*.w.dev' : host;
          const before = spent.get(account) ?? 0;
          const pod = [...spent.values()].reduce((sum, each) => sum + each, 0);
          const fits = before + bytes <= 100 && pod + bytes <= 170;
          expect(sending(engine, host, bytes)).toBe(fits || bytes === 0 ? undefined : 'content.opaque');
          if (fits) spent.set(account, before + bytes);
        }
      }),
      { numRuns: 300 },
    );
  });
});
