import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkedToken } from '../../sidecar/inspect/detectors/samples.ts';
import { MIN_THREAD_BYTES } from '../../sidecar/inspect/thread/bounds.ts';
import { digestOf } from '../fixtures/bulk.ts';
import { node, processEnv, root, weir } from '../setup/processes.ts';
import { HOSTS, Internet } from './internet.ts';

const GIB = 1024 ** 3;
/** Judged on a thread of its own. */
const LARGE = 16 * MIN_THREAD_BYTES;
const MAX_RSS_KIB = 200 * 1024;
const policy = `
apiVersion: weir.dev/v1alpha1
kind: EgressPolicy
metadata: {name: bulk, namespace: ci}
spec:
  egress:
    - {name: bulk, to: {hosts: [${HOSTS.bulk.name}]}, http: [{methods: [GET, POST]}]}
`;

let internet: Internet;
let digest: string;
beforeAll(async () => {
  internet = await Internet.start();
  writeFileSync(internet.path('policy.yaml'), policy);
  digest = digestOf(2 * GIB);
}, 120_000);
afterAll(() => internet?.stop());

/** Runs the bulk client under Weir; its answer and the peak resident set of the proxy's process in KiB. */
async function transfer(...args: string[]): Promise<{ answer: Record<string, unknown>; peak: number; errors: string }> {
  const command = [
    weir,
    'run',
    '--policy',
    internet.path('policy.yaml'),
    '--resolver',
    HOSTS.dns.address,
    '--upstream-ca',
    internet.pki.ca,
    '--write',
    root,
    '--',
    node,
    join(root, 'test/fixtures/bulk-client.ts'),
    ...args,
  ];
  const { NODE_V8_COVERAGE: _, ...env } = processEnv();
  const child = spawn('ip', ['netns', 'exec', internet.namespace, ...command], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  let peak = 0;
  // `ip` and the launcher exec: the process that we started is the proxy itself.
  const watch = setInterval(() => {
    try {
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0));
    } catch {
      // it has ended
    }
  }, 100);
  await new Promise((done) => child.on('close', done));
  clearInterval(watch);
  return { answer: JSON.parse(output || '{}'), peak, errors };
}

describe('2 GiB through the proxy', () => {
  it('download: same digest, resident set under 200 MB', async () => {
    const { answer, peak, errors } = await transfer('download', `https://${HOSTS.bulk.name}/bytes/${2 * GIB}`);
    console.log(`download of 2 GiB: peak resident set ${(peak / 1024).toFixed(0)} MiB`);
    expect(answer, errors).toMatchObject({ status: 200, bytes: 2 * GIB, sha256: digest });
    expect(peak).toBeGreaterThan(0);
    expect(peak).toBeLessThan(MAX_RSS_KIB);
  }, 240_000);

  it('upload: same digest, resident set under 200 MB', async () => {
    const { answer, peak, errors } = await transfer('upload', `https://${HOSTS.bulk.name}/digest`, String(2 * GIB));
    console.log(`upload of 2 GiB: peak resident set ${(peak / 1024).toFixed(0)} MiB`);
    expect(answer, errors).toMatchObject({ status: 200, bytes: 2 * GIB, sha256: digest });
    expect(peak).toBeGreaterThan(0);
    expect(peak).toBeLessThan(MAX_RSS_KIB);
  }, 240_000);
});

it('a large upload with a secret near its end is refused, and without it is not', async () => {
  const upload = (...more: string[]) =>
    transfer('upload', `https://${HOSTS.bulk.name}/count`, String(LARGE), 'text', ...more);
  expect((await upload()).answer).toMatchObject({ status: 200, bytes: LARGE });
  const { answer, errors } = await upload(checkedToken('gh' + 'p_', 4));
  expect(answer, errors).toMatchObject({ status: 403 });
  expect(JSON.stringify(answer)).toContain('content.secret');
}, 60_000);
