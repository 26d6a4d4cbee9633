/** The thread's life: it begins with a large body, ends when there are none, and what it judges when it ends is refused. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import zlib from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { checkedToken } from '../../../../sidecar/inspect/detectors/samples.ts';
import {
  BLOCK_SIZE,
  createInspector,
  type InspectorOptions,
  type MessageInspection,
  type SecretInspector,
  type Step,
} from '../../../../sidecar/inspect/index.ts';
import {
  MAX_RINGS,
  MAX_THREAD_FAILURES,
  MAX_UNDER_WAY,
  MIN_THREAD_BYTES,
} from '../../../../sidecar/inspect/thread/bounds.ts';
import { noise } from '../../../fixtures/heavy-bodies.ts';
import { random, secret } from '../known/support.ts';
import { judged } from './support.ts';

const INSPECT = join(import.meta.dirname, '../../../../sidecar/inspect/index.ts');
/** More than may be under way. */
const TEXT = Buffer.alloc(2 * MAX_UNDER_WAY, 'a line of a log\n');
const open: SecretInspector[] = [];
afterEach(async () => {
  for (const inspector of open.splice(0)) await inspector.close();
});

function inspectorOf(options: InspectorOptions = {}): SecretInspector {
  const inspector = createInspector({ threadFrom: 0, ...options });
  open.push(inspector);
  return inspector;
}

const begin = (inspector: SecretInspector, length = TEXT.length): MessageInspection =>
  inspector.session('h').open({ body: 'http.body', contentEncoding: [], length });

const names = ({ findings }: { findings: Step['findings'] }): string[] => findings.map(({ detector }) => detector);

describe('the thread', () => {
  it('judges plain bodies that say that they are large, and nothing else', async () => {
    const inspector = inspectorOf({ threadFrom: MIN_THREAD_BYTES });
    for (const [length, more, bodies] of [
      [MIN_THREAD_BYTES - 1, {}, 0],
      [MIN_THREAD_BYTES, {}, 1],
      [MIN_THREAD_BYTES, { contentEncoding: ['gzip'] }, 0],
      [MIN_THREAD_BYTES, { interactive: true }, 0],
      [MIN_THREAD_BYTES, { body: 'tcp.bytes' }, 0],
      [undefined, {}, 0],
    ] as const) {
      const context = { body: 'http.body' as const, contentEncoding: [], ...more };
      const message = inspector.session('h').open({ ...context, ...(length !== undefined && { length }) });
      expect(inspector.thread().bodies).toBe(0);
      await message.push(Buffer.from('a'));
      expect(inspector.thread().bodies, `${length} ${JSON.stringify(more)}`).toBe(bodies);
      message.abort();
      expect(inspector.thread().bodies).toBe(0);
    }
  });

  it('does not start where there is one core', () => {
    const script = `
      const { createInspector } = await import(${JSON.stringify(INSPECT)});
      const inspector = createInspector();
      const message = inspector.session('h').open({ body: 'http.body', contentEncoding: [], length: ${MIN_THREAD_BYTES} });
      await message.push(Buffer.from('a'));
      console.log(inspector.thread().bodies);
      message.abort();
      await inspector.close();`;
    for (const [cores, bodies] of [
      ['0', '0'],
      ['0,1', '1'],
    ] as const) {
      const argv = ['-c', cores, process.execPath, '--input-type=module', '-e', script];
      const { stderr, stdout } = spawnSync('taskset', argv, { encoding: 'utf8' });
      expect(stdout.trim(), stderr).toBe(bodies);
    }
  });

  it('is sent no more of a body than the bound before that is judged', async () => {
    const inspector = inspectorOf();
    inspector.setKnownSecrets([]);
    const message = begin(inspector);
    // It has only just been started.
    for (let sent = 0; sent < MAX_UNDER_WAY; sent += BLOCK_SIZE) {
      expect(message.push(TEXT.subarray(0, BLOCK_SIZE))).not.toBeInstanceOf(Promise);
    }
    const waiting = message.push(TEXT.subarray(0, BLOCK_SIZE));
    expect(waiting).toBeInstanceOf(Promise);
    expect((await waiting).tooComplex).toBeUndefined();
  });

  it('refuses what it judges when it ends, whatever waits for it, and another judges the next body', async () => {
    const inspector = inspectorOf();
    const idle = begin(inspector);
    const pushing = begin(inspector);
    const ending = begin(inspector);
    for (const message of [idle, pushing, ending]) await message.push(TEXT.subarray(0, BLOCK_SIZE));
    const steps = [pushing.push(TEXT), ending.end()];
    await inspector.close();
    steps.push(idle.push(TEXT.subarray(0, 1)), idle.end());
    for (const step of await Promise.all(steps)) {
      expect(step).toMatchObject({ release: [], tooComplex: expect.stringMatching(/has ended/) });
    }
    const next = await judged(inspector.session('h'), TEXT);
    expect([next.tooComplex, next.released.length]).toEqual([undefined, TEXT.length]);
    expect(inspector.thread()).toMatchObject({ isRunning: true, bodies: 0, failures: 0 });
  });

  it('ends when it needs too much memory: what it judges is refused, and after some times what would need it', async () => {
    const inspector = inspectorOf({ limits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 } });
    for (let failures = 1; failures <= MAX_THREAD_FAILURES; failures++) {
      const [one, other] = await Promise.all([
        judged(inspector.session('h'), TEXT),
        judged(inspector.session('h'), noise(TEXT.length)),
      ]);
      for (const run of [one, other]) {
        expect(run).toMatchObject({ findings: [], releasedBefore: run.released.length });
        expect(run.tooComplex).toMatch(/has ended: ERR_WORKER_OUT_OF_MEMORY/);
      }
      expect(inspector.thread()).toMatchObject({ isRunning: false, bodies: 0, failures });
    }
    const { released, tooComplex } = await judged(inspector.session('h'), TEXT);
    expect([released.length, tooComplex]).toEqual([0, 'the thread that judges ended too often']);
    expect(inspector.thread().failures).toBe(MAX_THREAD_FAILURES);
  }, 60_000);

  it('ends after a while without bodies, and not while there are some', async () => {
    const inspector = inspectorOf({ idleMs: 100 });
    const isRunning = () => inspector.thread().isRunning;
    expect(isRunning()).toBe(false);
    const message = begin(inspector);
    const other = begin(inspector);
    // Before there is anything of a body.
    expect(isRunning()).toBe(true);
    await message.push(TEXT.subarray(0, BLOCK_SIZE));
    await other.push(TEXT.subarray(0, BLOCK_SIZE));
    expect((await other.end()).tooComplex).toBeUndefined();
    await sleep(300);
    expect(isRunning()).toBe(true);
    expect((await message.end()).tooComplex).toBeUndefined();
    await vi.waitUntil(() => !isRunning());
    const next = await judged(inspector.session('h'), TEXT);
    expect([next.tooComplex, next.released.length]).toEqual([undefined, TEXT.length]);
    expect(isRunning()).toBe(true);
    // A head whose body never came.
    await inspector.close();
    begin(inspector).abort();
    expect(isRunning()).toBe(true);
    await vi.waitUntil(() => !isRunning());
    expect(inspector.thread().failures).toBe(0);
  });

  it('forgets a body that is abandoned, with what it had to do for it', async () => {
    const inspector = inspectorOf();
    const message = begin(inspector);
    await message.push(TEXT.subarray(0, BLOCK_SIZE));
    const waiting = message.push(TEXT);
    message.abort();
    expect(await waiting).toMatchObject({ release: [], tooComplex: expect.any(String) });
    expect(inspector.thread().bodies).toBe(0);
    expect((await judged(inspector.session('h'), TEXT)).released.length).toBe(TEXT.length);
  });

  it('looks for the secrets and patterns of each moment', async () => {
    const inspector = inspectorOf();
    const values = [random(1, 40), random(2, 40), random(3, 40)] as const;
    const body = Buffer.concat([TEXT, Buffer.from(`${values.join(' ')} acme_abcd1234 corp-12345678`), TEXT]);
    const found = async () => {
      const { findings } = await judged(inspector.session('h'), body, [10_000]);
      return findings.map(({ detector, secret: name }) => name ?? detector);
    };
    expect(await found()).toEqual([]);
    inspector.setKnownSecrets([secret('s/0', values[0])]);
    inspector.setPatterns([{ name: 'acme', regex: 'acme_[a-z0-9]{8}', hosts: [] }]);
    expect(await found()).toEqual(['s/0', 'pattern/acme']);
    await inspector.replaceKnownSecrets([secret('s/1', values[1]), secret('s/2', values[2])]);
    inspector.setPatterns([{ name: 'corp', regex: 'corp-[0-9]{8}', hosts: [] }]);
    expect(await found()).toEqual(['s/1', 's/2', 'pattern/corp']);
    await inspector.close();
    expect(await found()).toEqual(['s/1', 's/2', 'pattern/corp']);
    inspector.setKnownSecrets([]);
    inspector.setPatterns([]);
    expect(await found()).toEqual([]);
  });

  it('takes a change of the secrets while a body is under way for what is sent after it', async () => {
    const inspector = inspectorOf();
    const value = random(4, 40);
    const message = begin(inspector);
    expect(names(await message.push(TEXT.subarray(0, 3 * BLOCK_SIZE)))).toEqual([]);
    inspector.setKnownSecrets([secret('s/k', value)]);
    const steps = [await message.push(Buffer.from(value)), await message.end()];
    expect(steps.flatMap(names)).toEqual(['known-secret']);
  });

  it('judges many bodies at a time, each for itself', { timeout: 60_000 }, async () => {
    const inspector = inspectorOf();
    const token = checkedToken('gh' + 'p_', 4);
    const bodies = Array.from({ length: MAX_RINGS }, (_, index) => {
      const filler = index % 2 === 0 ? noise(30 * BLOCK_SIZE - 100 * index) : TEXT.subarray(100 * index);
      const end = Buffer.from(index % 3 === 0 ? ` ${token} ` : '');
      // What is compressed takes several turns, between which others have theirs.
      return index % 4 < 2 ? Buffer.concat([filler, end]) : zlib.gzipSync(Buffer.concat([filler, end]), { level: 1 });
    });
    const runs = await Promise.all(bodies.map((body) => judged(inspector.session('h'), body, [16_384])));
    for (const [index, { findings, released, releasedBefore, tooComplex }] of runs.entries()) {
      expect(tooComplex).toBeUndefined();
      expect(released.equals(bodies[index] as Buffer)).toBe(true);
      expect(names({ findings })).toEqual(index % 3 === 0 ? ['github-token'] : []);
      if (index % 3 === 0 && index % 4 < 2) expect(releasedBefore).toBeLessThan(released.length - token.length);
    }
    expect(inspector.thread()).toMatchObject({ isRunning: true, bodies: 0, failures: 0 });
  });
});
