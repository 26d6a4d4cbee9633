import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { shared } from '../../../sidecar/inspect/scan/simd/shared.ts';
import { EXACT_TABLE, FOLDED_TABLE } from '../../../sidecar/inspect/scan/table.ts';

const at = (file: string): string =>
  JSON.stringify(new URL(`../../../sidecar/inspect/scan/${file}`, import.meta.url).href);

/** What a thread that starts now says. */
async function inThread(code: string): Promise<unknown> {
  const worker = new Worker(
    `const say = (what) => require('node:worker_threads').parentPort.postMessage(what); ${code}`,
    {
      eval: true,
    },
  );
  try {
    return (await once(worker, 'message'))[0];
  } finally {
    await worker.terminate();
  }
}

it('is made once, also for threads that start later', async () => {
  let made = 0;
  const make = (): Uint8Array => {
    made++;
    return new Uint8Array(new SharedArrayBuffer(1));
  };
  const here = shared('test, once', make);
  expect(shared('test, once', make)).toBe(here);
  expect(made).toBe(1);
  const there = await inThread(
    `import(${at('simd/shared.ts')}).then(({ shared }) => say(shared('test, once', () => new Uint8Array([7]))));`,
  );
  here[0] = 9;
  expect(there).toEqual(new Uint8Array([9]));
});

it('the tables of literals are those that the first thread compiled', async () => {
  const tables = (await inThread(
    `import(${at('table.ts')}).then((all) => say([all.EXACT_TABLE, all.FOLDED_TABLE].map(({ literals }) => literals.table)));`,
  )) as Uint8Array[];
  for (const [index, { literals }] of [EXACT_TABLE, FOLDED_TABLE].entries()) {
    const there = tables[index] as Uint8Array;
    expect(there.buffer).toBeInstanceOf(SharedArrayBuffer);
    const { length } = literals.table;
    expect(there).toHaveLength(length);
    // One memory: a byte that is written here stands there.
    const last = literals.table[length - 1] as number;
    literals.table[length - 1] = last ^ 0xff;
    expect(there[length - 1]).toBe(last ^ 0xff);
    literals.table[length - 1] = last;
  }
});
