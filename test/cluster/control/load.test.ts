/** What the control plane costs: a thousand waiting sidecars, admission under load, five hundred pods at once. Real TLS, tokens, API server. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { V1Pod } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Companion } from '../../net/process.ts';
import { Lab } from './lab.ts';
import type { Replica } from './replica.ts';
import type { Start, Told } from './sidecars.ts';

const SIDECARS = 1000;
const MAX_RSS_BYTES = 200 * 1000 * 1000;
/** Of one core. */
const MAX_IDLE_CPU = 0.05;
const IDLE_SECONDS = 60;
const REACHES_ALL_WITHIN_MS = 3000;
const REVIEWS_PER_SECOND = 50;
const ADDED_P99_MS = 30;
const PODS_AT_ONCE = 500;

let lab: Lab;
let replica: Replica;

beforeAll(async () => {
  lab = await Lab.start();
  replica = await lab.replica();
  await lab.namespace('load', { 'weir.dev/inject': 'enabled' });
  await lab.namespace('plain', {});
  await lab.policy('load', 'web', { egress: [{ name: 'npm', preset: { name: 'npm-install' } }] });
});

afterAll(() => lab?.stop());

/** In parallel, `width` at a time. */
async function each<T>(count: number, width: number, make: (i: number) => Promise<T>): Promise<T[]> {
  const results: T[] = new Array(count);
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < count; i = next++) results[i] = await make(i);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

describe(`${SIDECARS} sidecars on one replica`, () => {
  test('fit in memory, are quiet when idle, and hear of a change together', async () => {
    const pods = await each(SIDECARS, 16, (i) => lab.pod('load', `sidecar-${i}`));
    const tokens = await each(SIDECARS, 16, (i) => lab.token('load', `sidecar-${i}`, pods[i]?.metadata.uid ?? ''));
    const file = join(lab.directory, 'tokens');
    writeFileSync(file, tokens.join('\n'));
    const script = join(import.meta.dirname, 'sidecars.ts');
    const sidecars = new Companion('sidecars', ['nsenter', `--net=/run/netns/${lab.netns}`, process.execPath, script]);
    try {
      const start: Start = {
        host: '127.0.0.1',
        port: replica.port,
        servername: 'weir.weir-system.svc',
        ca: await lab.bundle('load'),
        tokens: file,
      };
      const told = (isSo: (line: Told) => boolean, ms: number) =>
        sidecars.line((line) => isSo(JSON.parse(line) as Told), ms).then((line) => JSON.parse(line) as Told);
      const waiting = told((line) => 'waiting' in line || 'failed' in line, 60_000);
      sidecars.send(JSON.stringify(start));
      expect(await waiting).toEqual({ waiting: SIDECARS });
      await sleep(5000);
      expect(await replica.metric('weir_waiting_sidecars')).toBe(SIDECARS);

      const before = replica.usage();
      await sleep(IDLE_SECONDS * 1000);
      const after = replica.usage();
      const cpu = (after.cpu - before.cpu) / IDLE_SECONDS;
      console.log(`idle: ${(after.rss / 1e6).toFixed(0)} MB, ${(100 * cpu).toFixed(1)} % of a core`);

      const reached: number[] = [];
      for (let i = 0; i < 5; i++) {
        const all = told((line) => 'all' in line, 10_000);
        const edited = Date.now();
        await lab.policy('load', 'web', { egress: [{ name: 'npm', to: { hosts: [`r${i}.acme.dev`] } }] });
        const heard = await all;
        reached.push('ms' in heard ? heard.ms - edited : Number.NaN);
        await sleep(1000);
      }
      const rss = replica.usage().rss;
      console.log(`an edit reaches all, ms: ${reached.join(', ')}; then ${(rss / 1e6).toFixed(0)} MB`);
      expect(Math.max(...reached)).toBeLessThan(REACHES_ALL_WITHIN_MS);
      expect(rss).toBeLessThan(MAX_RSS_BYTES);
      expect(cpu).toBeLessThan(MAX_IDLE_CPU);
    } finally {
      await sidecars.stop();
    }
  }, 300_000);
});

describe('pods', () => {
  test(`${PODS_AT_ONCE} pods at once are all injected alike`, async () => {
    const began = performance.now();
    const pods = await Promise.all(
      Array.from({ length: PODS_AT_ONCE }, (_, i) => lab.pod('load', `burst-${i}`) as Promise<V1Pod>),
    );
    const seconds = (performance.now() - began) / 1000;
    // The volume of the ServiceAccount has a random name in each.
    const shapes = new Set(
      pods.map(({ spec, metadata }) =>
        JSON.stringify([spec, metadata?.labels, metadata?.annotations]).replaceAll(
          /kube-api-access-\w+/g,
          'kube-api-access',
        ),
      ),
    );
    console.log(`${PODS_AT_ONCE} pods in ${seconds.toFixed(1)} s`);
    expect(pods.length).toBe(PODS_AT_ONCE);
    expect(pods.every(({ spec }) => spec?.initContainers?.[1]?.name === 'weir')).toBe(true);
    expect(shapes.size).toBe(1);
  });

  test(`admission adds less than ${ADDED_P99_MS} ms (p99) at ${REVIEWS_PER_SECOND} reviews a second`, async () => {
    // Each pod is two reviews: mutation and the guard.
    const times: Record<'load' | 'plain', number[]> = { load: [], plain: [] };
    const create = async (namespace: 'load' | 'plain', i: number) => {
      const began = performance.now();
      await lab.pod(namespace, `dry-${i}`, {}, true);
      times[namespace][i] = performance.now() - began;
    };
    const count = 500;
    const running: Promise<void>[] = [];
    for (let i = 0; i < count; i++) {
      running.push(create('load', i), create('plain', i));
      await sleep((2 * 1000) / REVIEWS_PER_SECOND);
    }
    await Promise.all(running);
    const p = (namespace: 'load' | 'plain', q: number) => quantile(times[namespace], q);
    // Each pair at the same moment, so that what else the machine does is in both.
    const pairs = times.load.map((ms, i) => ms - (times.plain[i] ?? Number.NaN));
    const added = { p50: quantile(pairs, 0.5), p99: quantile(pairs, 0.99) };
    console.log(
      `pod create, ms: with Weir p50 ${p('load', 0.5).toFixed(1)} p99 ${p('load', 0.99).toFixed(1)}, without p50 ${p('plain', 0.5).toFixed(1)} p99 ${p('plain', 0.99).toFixed(1)}; added p50 ${added.p50.toFixed(1)} p99 ${added.p99.toFixed(1)}`,
    );
    const reviews = (await replica.get('/metrics'))
      .split('\n')
      .filter((line) => line.startsWith('weir_admission_seconds'));
    console.log(
      `in the control plane itself: ${reviews.filter((line) => /le="0.0(1|3)"|_count/.test(line)).join('\n')}`,
    );
    expect(added.p99).toBeLessThan(ADDED_P99_MS);
  });
});
