import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { FULL_HEAP, FULL_SHARE } from '../../../sidecar/inspect/pressure.ts';

const MIB = 1024 * 1024;

/** What a process that may have `most` MiB of objects says before it has any, and when it has just fewer and just more than `bound` bytes. */
function says(most: number, bound: number): unknown {
  const script = `
    const { heapUse, isFull } = await import(${JSON.stringify(new URL('../../../sidecar/inspect/pressure.ts', import.meta.url).href)});
    const said = [isFull(), heapUse().full];
    const held = [];
    for (const until of [${bound} - ${MIB}, ${bound} + ${MIB}]) {
      // Of 8 KiB each, and objects, not buffers.
      while (heapUse().used < until) held.push(new Array(1000).fill(held.length));
      said.push(isFull());
    }
    console.log(JSON.stringify(said));`;
  // Young ones count for what may be: as few as the sidecar's.
  const argv = [`--max-old-space-size=${most}`, '--max-semi-space-size=1', '--input-type=module', '-e', script];
  const { stderr, stdout } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

it('there are too many objects from the bound on, where few may be', () => {
  expect(says(128, FULL_HEAP)).toEqual([false, FULL_HEAP, false, true]);
});

it('where more may be, from a part of those on', () => {
  const [, full] = says(1024, FULL_HEAP) as [boolean, number];
  expect(full).toBeGreaterThanOrEqual(FULL_SHARE * 1024 * MIB);
  expect(says(1024, full)).toEqual([false, full, false, true]);
});
