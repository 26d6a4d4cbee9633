/** What bodies cost beside their bytes: time of who carries them, and memory of both threads. */
import { setImmediate as nextImmediate } from 'node:timers/promises';
import zlib from 'node:zlib';
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
import { MAX_RINGS, MAX_THREAD_DECODER_MEMORY, MAX_UNDER_WAY } from '../../../../sidecar/inspect/thread/bounds.ts';
import { RingReader } from '../../../../sidecar/inspect/thread/ring.ts';
import { Rings } from '../../../../sidecar/inspect/thread/rings.ts';
import { atOnce } from '../../../../sidecar/inspect/turns.ts';
import { leastCost, MAX_STALL_MS } from '../../../fixtures/heavy-bodies.ts';
import { judged, WINDOWS_MEMORY, windows } from './support.ts';

const MIB = 1024 * 1024;
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

const gzips = (count: number, text: string): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, index) => zlib.gzipSync(Buffer.from(`${index}${text}`))));
const filled = (unit: Buffer): Buffer => Buffer.concat(Array<Buffer>(Math.ceil(MIB / unit.length)).fill(unit));

describe('who carries bodies is held up by none', () => {
  it.each([
    ['of a few bytes, compressed', filled(gzips(3000, 'a'))],
    ['in what is compressed', filled(zlib.gzipSync(filled(gzips(300, 'abc'))))],
  ])('of many pieces that are too short to tell: %s', { timeout: 120_000 }, async (_, body) => {
    const inspector = inspectorOf();
    inspector.measureOpaque(true);
    expect((await leastCost(body, {}, inspector)).longestMs).toBeLessThan(MAX_STALL_MS);
    expect(inspector.thread().failures).toBe(0);
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
    for (let count = 0; count < 1000; count++) {
      if (count % 10 === 0) await judged(inspector.session('h'), TEXT.subarray(0, MAX_UNDER_WAY));
      const message = begin(inspector);
      await message.push(TEXT.subarray(0, BLOCK_SIZE));
      message.abort();
      await nextImmediate();
    }
    expect(process.memoryUsage.rss() - before).toBeLessThan(most);
    expect(inspector.thread()).toEqual({ isRunning: true, bodies: 0, failures: 0 });
  });

  it('goes to another body while one that waited for room learns that it was given up', async () => {
    const inspector = inspectorOf();
    for (let count = 0; count < 20; count++) {
      const message = begin(inspector);
      const step = message.push(TEXT);
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
