/** What bodies cost beside their bytes: time of who carries them, and memory of both threads. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setImmediate as nextImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { PlainJudge } from '../../../../sidecar/inspect/bodies.ts';
import { Findings } from '../../../../sidecar/inspect/findings.ts';
import {
  BLOCK_SIZE,
  createInspector,
  type MessageInspection,
  type SecretInspector,
  type Step,
} from '../../../../sidecar/inspect/index.ts';
import {
  MAX_RINGS,
  MAX_THREAD_DECODER_MEMORY,
  MAX_THREAD_HEAP,
  MAX_UNDER_WAY,
  MIN_THREAD_BYTES,
} from '../../../../sidecar/inspect/thread/bounds.ts';
import { RingReader } from '../../../../sidecar/inspect/thread/ring.ts';
import { Rings } from '../../../../sidecar/inspect/thread/rings.ts';
import { atOnce } from '../../../../sidecar/inspect/turns.ts';
import { bodyBytes, MAX_HELD_MEMORY } from '../../../../sidecar/memory.ts';
import { CROWDED, leastCost, MAX_STALL_MS } from '../../../fixtures/heavy-bodies.ts';
import { judged, WINDOWS_MEMORY, windows } from './support.ts';

const modules = {
  inspect: join(import.meta.dirname, '../../../../sidecar/inspect/index.ts'),
  bodies: join(import.meta.dirname, '../../../fixtures/heavy-bodies.ts'),
};
const TEXT = Buffer.alloc(2 * MAX_UNDER_WAY, 'a line of a log\n');
const open: SecretInspector[] = [];
afterEach(async () => {
  for (const inspector of open.splice(0)) await inspector.close();
});

function inspectorOf(): SecretInspector {
  const inspector = createInspector({ threadFrom: 0 });
  open.push(inspector);
  return inspector;
}

const begin = (inspector: SecretInspector): MessageInspection =>
  inspector.session('h').open({ body: 'http.body', contentEncoding: [], length: TEXT.length });

async function send(message: MessageInspection, body: Buffer): Promise<Step> {
  let step: Step = { findings: [], release: [] };
  for (let at = 0; at < body.length && step.tooComplex === undefined; at += BLOCK_SIZE) {
    step = await message.push(body.subarray(at, at + BLOCK_SIZE));
  }
  return step;
}

/** Bodies that there is memory for at a time. */
const MOST = (length: number | undefined): number => Math.floor(MAX_HELD_MEMORY / bodyBytes(length));

describe('what has thousands of things to do in each block', () => {
  it.each(CROWDED)('does not hold up who carries it: %s', { timeout: 120_000 }, async (_, make) => {
    const inspector = inspectorOf();
    inspector.measureOpaque(true);
    expect((await leastCost(make(), {}, inspector)).longestMs).toBeLessThan(MAX_STALL_MS);
    expect(inspector.thread().failures).toBe(0);
  });

  it.each(CROWDED)(
    'does not end the thread, in as many bodies as there may be: %s',
    { timeout: 120_000 },
    async (_, make) => {
      const inspector = inspectorOf();
      inspector.measureOpaque(true);
      const body = make().subarray(0, BLOCK_SIZE);
      const runs = Array.from({ length: MOST(MIN_THREAD_BYTES) }, () => judged(inspector.session('h'), body));
      for (const { tooComplex } of await Promise.all(runs)) expect(tooComplex ?? 'work budget').toMatch(/work budget/);
      expect(inspector.thread()).toMatchObject({ isRunning: true, bodies: 0, failures: 0 });
    },
  );

  it.each(CROWDED)('does not take the memory of the other way, either: %s', { timeout: 120_000 }, (name) => {
    const script = `
      const { createInspector } = await import(${JSON.stringify(modules.inspect)});
      const { CROWDED } = await import(${JSON.stringify(modules.bodies)});
      const inspector = createInspector();
      const body = CROWDED.find(([name]) => name === ${JSON.stringify(name)})[1]().subarray(0, ${BLOCK_SIZE});
      const judge = async () => {
        const message = inspector.session('h').open({ body: 'http.body', contentEncoding: [] });
        const { tooComplex = 'work budget' } = await message.push(body);
        message.abort();
        return tooComplex;
      };
      const runs = await Promise.all(Array.from({ length: ${MOST(undefined)} }, judge));
      console.log(runs.filter((why) => why.includes('work budget')).length);`;
    const argv = ['--max-old-space-size=128', '--input-type=module', '-e', script];
    const { stderr, stdout } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
    expect(stdout.trim(), stderr).toBe(String(MOST(undefined)));
  });
});

describe('decompressors', () => {
  it('of all bodies hold no more than the bound, though nobody hears what they hold while nothing is sent', async () => {
    const inspector = inspectorOf();
    const fitting = Math.floor(MAX_THREAD_DECODER_MEMORY / WINDOWS_MEMORY);
    const messages = Array.from({ length: fitting + 2 }, () => begin(inspector));
    for (let turn = 0; turn < 2; turn++) {
      const steps: Step[] = [];
      for (const message of messages) {
        expect((await send(message, windows())).memory).toBeUndefined();
        await expect
          .poll(async () => {
            const step = await message.push(Buffer.from('.'));
            if (step.memory !== undefined || step.tooComplex !== undefined) steps.push(step);
            return steps.length;
          })
          .toBe(messages.indexOf(message) + 1);
      }
      expect(steps.map(({ memory }) => memory)).toEqual([...Array(fitting).fill(WINDOWS_MEMORY), undefined, undefined]);
      expect(inspector.thread().decoderBytes).toBe(fitting * WINDOWS_MEMORY);
      for (const { tooComplex } of steps.slice(fitting)) expect(tooComplex).toBe('decompression needs too much memory');
      // What was given up gives back what it held.
      for (const [index, message] of messages.entries()) {
        message.abort();
        messages[index] = begin(inspector);
      }
    }
  });

  it('that wait for more are closed when a message is abandoned', () => {
    const findings = new Findings();
    const judge = new PlainJudge(findings, false);
    const body = windows();
    for (let at = 0; at < body.length; at += BLOCK_SIZE) atOnce(judge.push(body.subarray(at, at + BLOCK_SIZE)));
    expect(findings.budget.memory).toBe(WINDOWS_MEMORY);
    findings.jobs.clear();
    expect(findings.budget.memory).toBe(0);
  });
});

it('tells how many bytes of objects it has, as long as it runs', async () => {
  const inspector = inspectorOf();
  expect(inspector.thread().heapBytes).toBe(0);
  const message = begin(inspector);
  await send(message, TEXT.subarray(0, 4 * BLOCK_SIZE));
  // It has loaded the detectors.
  await expect.poll(() => inspector.thread().heapBytes).toBeGreaterThan(1024 * 1024);
  expect(inspector.thread().heapBytes).toBeLessThan(MAX_THREAD_HEAP);
  message.abort();
  expect(inspector.thread().heapBytes).toBeGreaterThan(1024 * 1024);
  await inspector.close();
  expect(inspector.thread().heapBytes).toBe(0);
});

describe('the memory of rings', () => {
  const leave = (memory: SharedArrayBuffer) => new RingReader(memory, 1000).leave();

  it('is used again when both sides are through with it, and not before', () => {
    const rings = new Rings(1000);
    const [one, other] = [rings.take(), rings.take()];
    expect(one).not.toBe(other);
    rings.giveBack(one);
    leave(other);
    const third = rings.take();
    expect([one, other]).not.toContain(third);
    leave(one);
    new Int32Array(one).fill(7);
    leave(one);
    expect(rings.take()).toBe(one);
    expect(new RingReader(one, 1000).next).toBeUndefined();
    expect(rings.count).toBe(3);
  });

  it('is not more than the bound', () => {
    const rings = new Rings(1000);
    const all = Array.from({ length: MAX_RINGS }, () => rings.take());
    expect(() => rings.take()).toThrow('too many bodies for the thread that judges');
    rings.giveBack(all[3] as SharedArrayBuffer);
    expect(() => rings.take()).toThrow();
    leave(all[3] as SharedArrayBuffer);
    expect(rings.take()).toBe(all[3]);
    rings.clear();
    expect(rings.count).toBe(0);
  });

  it('does not grow with the bodies that were judged, nor with those that were given up', {
    timeout: 60_000,
  }, async () => {
    const inspector = inspectorOf();
    const most = 4 * MAX_RINGS * MAX_UNDER_WAY;
    await judged(inspector.session('h'), TEXT);
    const before = process.memoryUsage.rss();
    for (let count = 0; count < 300; count++) {
      if (count % 10 === 0) await judged(inspector.session('h'), TEXT);
      const message = begin(inspector);
      await message.push(TEXT.subarray(0, MAX_UNDER_WAY - BLOCK_SIZE));
      message.abort();
      await nextImmediate();
    }
    expect(process.memoryUsage.rss() - before).toBeLessThan(most);
    expect(inspector.thread().rings).toBeGreaterThan(0);
    expect(inspector.thread().rings).toBeLessThanOrEqual(MAX_RINGS);
    expect(inspector.thread()).toMatchObject({ isRunning: true, bodies: 0, failures: 0 });
  });

  it('goes to another body while one that waited for room learns that it was given up', async () => {
    const inspector = inspectorOf();
    const [[, make]] = CROWDED as [[string, () => Buffer]];
    const slow = Buffer.concat(Array<Buffer>(5).fill(make()));
    for (let count = 0; count < 20; count++) {
      const message = begin(inspector);
      const step = message.push(slow);
      expect(step).toBeInstanceOf(Promise);
      await nextImmediate();
      message.abort();
      const other = judged(inspector.session('h'), TEXT);
      expect((await step).tooComplex).toBe('the message was abandoned');
      expect((await other).released.length).toBe(TEXT.length);
    }
  });

  it('of one more body than the bound is refused', async () => {
    const inspector = inspectorOf();
    const messages = Array.from({ length: MAX_RINGS + 1 }, () => begin(inspector));
    const steps = await Promise.all(messages.map((message) => message.push(Buffer.from('.'))));
    expect(steps.map(({ tooComplex }) => tooComplex)).toEqual([
      ...Array(MAX_RINGS).fill(undefined),
      'too many bodies for the thread that judges',
    ]);
    for (const message of messages) message.abort();
    await expect.poll(async () => (await judged(inspector.session('h'), TEXT)).tooComplex).toBeUndefined();
  });
});
