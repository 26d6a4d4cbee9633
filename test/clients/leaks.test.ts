/**
 * The demo's two leaks in every way that test/demo/variants.ts knows, with the demo's policy: the sink learns the secret without
 * Weir, and with it less than a fragment of it.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ASKED, POSTED, ZONES } from '../demo/variants.ts';
import type { Line } from '../demo/variants-world.ts';
import { must } from '../net/process.ts';
import { root } from '../setup/processes.ts';

/** Bytes of a secret in a row that count as a part of it. */
const FRAGMENT = 12;
const [ALLOWED, UNLISTED] = ZONES;

let work: string;
let lines: Line[] = [];
beforeAll(async () => {
  mkdirSync(join(root, 'dist'), { recursive: true });
  work = mkdtempSync(join(root, 'dist/leaks-'));
  const world = join(root, 'test/demo/variants-world.ts');
  const output = await must(['unshare', '-rnm', process.execPath, world, work, root], { timeoutMs: 300_000 });
  lines = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}, 320_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

const of = (kind: Line['kind'], way: string): Line[] =>
  lines.filter((line) => line.kind === kind && (line.way === way || line.way.startsWith(`${way}, of the `)));

describe.each(Object.keys(POSTED))('the SSH key, to an allowed host: %s', (way) => {
  it('arrives without Weir, and not with it', () => {
    const [bare, guarded] = of('https', way) as [Line, Line];
    expect(bare).toMatchObject({ guarded: false, part: bare.size });
    expect(bare.size).toBeGreaterThan(40);
    expect(guarded.guarded).toBe(true);
    // In pieces, those pass that are in every key.
    expect(guarded.part).toBeLessThan(way.includes('request') ? FRAGMENT : 1);
    if (!way.includes('request')) expect(guarded.messages).toBe(0);
  });
});

describe.each(Object.keys(ASKED))('the AWS key, in names: %s', (way) => {
  it('arrives without Weir, and not with it', () => {
    const [bare, guarded] = [false, true].map((is) => of('dns', way).filter((line) => line.guarded === is));
    expect(bare).toHaveLength(4);
    for (const { bytes, part, size } of bare as Line[]) expect([part, bytes]).toEqual([size, size]);
    const under = (zone: string | undefined) => (guarded as Line[]).filter((line) => line.zone === zone);
    expect(under(UNLISTED).map(({ messages }) => messages)).toEqual([0, 0]);
    for (const { bytes, messages } of under(ALLOWED)) {
      expect(bytes).toBeLessThan(way.startsWith('split') ? FRAGMENT : 1);
      if (!way.startsWith('split')) expect(messages).toBe(0);
    }
  });
});
