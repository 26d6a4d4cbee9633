/** A Secret that was written anew is looked for in whatever is judged from then on, not when a timer comes round. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DENY_ALL } from '../../../sidecar/control/answer.ts';
import { createInspector, type MessageInspection, type Step } from '../../../sidecar/inspect/index.ts';
import { fixedPolicy } from '../../../sidecar/policy/index.ts';
import { currentInspector } from '../../../sidecar/secrets/current.ts';
import { LOOK_EVERY_MS, LOOK_HOLDS_MS, type SecretWatch, watchSecrets } from '../../../sidecar/secrets/watch.ts';

let directory: string;
let watch: SecretWatch;
let version = 0;
const secrets = createInspector();
const inspector = currentInspector(secrets, { current: () => watch.current() });

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'weir-rotation-'));
  rotate('a-first-value-of-it');
  watch = watchSecrets({
    directory,
    serviceAccountDirectory: path.join(directory, '..none'),
    held: new Set(['npm']),
    policySource: fixedPolicy(DENY_ALL),
    use: secrets.setKnownSecrets,
    replace: secrets.replaceKnownSecrets,
    say: () => {},
  });
});
afterEach(() => {
  watch.stop();
  secrets.setKnownSecrets([]);
  rmSync(directory, { recursive: true });
});

/** As the kubelet does: a new directory, and one rename. */
function rotate(value: string): void {
  const volume = path.join(directory, 'npm');
  const name = `..${++version}`;
  mkdirSync(path.join(volume, name), { recursive: true });
  writeFileSync(path.join(volume, name, 'token'), value);
  symlinkSync(name, path.join(volume, '..new'));
  renameSync(path.join(volume, '..new'), path.join(volume, '..data'));
  rmSync(path.join(volume, 'token'), { force: true });
  symlinkSync('..data/token', path.join(volume, 'token'));
}

const fresh = (): string => randomBytes(15).toString('hex');
const whole = async (message: MessageInspection, value: string): Promise<Step[]> => [
  await message.push(Buffer.from(value)),
  await message.end(),
];
const open = (body: 'http.body' | 'websocket.message' | 'tcp.bytes' | 'dns.name') =>
  inspector.session('x.example').open({ body, contentEncoding: [] });

const WAYS: Record<string, (value: string) => Promise<Step[]>> = {
  'a header': async (value) => [await open('http.body').field('http.header', 'x', Buffer.from(value))],
  'a path': async (value) => [await open('http.body').field('http.path', 'path', Buffer.from(`/a/${value}`))],
  'a name': async (value) => [await open('dns.name').field('dns.name', 'name', Buffer.from(`${value}.example`))],
  'a body': (value) => whole(open('http.body'), value),
  'a WebSocket message': (value) => whole(open('websocket.message'), value),
  'opaque bytes': (value) => whole(open('tcp.bytes'), value),
};

describe.each(Object.entries(WAYS))('%s', (_, judge) => {
  test('is judged by the value that is in the volume now', async () => {
    const found = async (value: string) =>
      (await judge(value)).flatMap(({ findings }) => findings.map(({ secret }) => secret));
    for (let round = 0; round < 3; round++) {
      const value = fresh();
      expect(await found(value)).toEqual([]);
      rotate(value);
      await sleep(LOOK_HOLDS_MS);
      expect(await found(value)).toContain('npm/token');
    }
    expect(LOOK_HOLDS_MS).toBeLessThanOrEqual(50);
    expect(LOOK_EVERY_MS).toBeGreaterThan(1000);
  });
});

test('what began before is judged by it too', async () => {
  const value = fresh();
  const relay = open('tcp.bytes');
  expect((await relay.push(Buffer.from('hello '))).findings).toEqual([]);
  rotate(value);
  await sleep(LOOK_HOLDS_MS);
  expect((await relay.push(Buffer.from(`${value} `))).findings).toHaveLength(1);
});

test('while an index is built everything waits for it', async () => {
  const value = fresh();
  rotate(`${randomBytes(200_000).toString('base64')}\n${value}`);
  await sleep(LOOK_HOLDS_MS);
  expect(watch.current()).toBeInstanceOf(Promise);
  const steps = await Promise.all(Object.values(WAYS).map((judge) => judge('harmless')));
  expect(watch.current()).toBeUndefined();
  expect(steps.flat().every(({ tooComplex }) => tooComplex === undefined)).toBe(true);
});

test('who waited too long is refused, for good; and not a byte is released', async () => {
  const gate = Promise.withResolvers<void>();
  const late = currentInspector(secrets, { current: () => gate.promise, waitMs: 20 })
    .session('x.example')
    .open({ body: 'http.body', contentEncoding: [] });
  const refusal = { findings: [], release: [], tooComplex: 'the known secrets are being read anew' };
  expect(await late.push(Buffer.from('x'))).toEqual(refusal);
  gate.resolve();
  expect(await late.push(Buffer.from('y'))).toEqual(refusal);
  expect(await late.end()).toEqual(refusal);
});
