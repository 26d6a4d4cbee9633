/** The README's quick start as it is written, on the cluster: a real npm install completes, a stealing hook is refused twice. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { must, type Outcome, run } from '../../net/process.ts';
import { root } from '../../setup/processes.ts';
import {
  ctr,
  describeOwn,
  get,
  HOSTS,
  Internet,
  image,
  kubectl,
  kubectlCommand,
  mustBeUp,
  NAMESPACE,
  stateDirectory,
  TOOLS_IMAGE,
  uninstallWeir,
} from '../harness/index.ts';

const SCRIPT = 'docs/quickstart/run.sh';
/** What the manifests name; on a machine without registries our tools image stands in, which has the same Node and npm. */
const PUBLIC_IMAGE = 'docker.io/library/node:24';

describeOwn('quick start', () => {
  let internet: Internet;
  let outcome: Outcome;
  let id: string;
  let key: string;

  beforeAll(async () => {
    await mustBeUp();
    await uninstallWeir();
    await kubectl(['delete', 'namespace', NAMESPACE, 'ci', '--ignore-not-found']);
    await ctr('images', 'tag', '--force', TOOLS_IMAGE, PUBLIC_IMAGE);
    internet = await Internet.start({ registry: true });
    const values = join(stateDirectory, 'quickstart-values.yaml');
    const [, repository, tag] = /^(.*):([^:/]+)$/.exec(image()) ?? [];
    writeFileSync(values, JSON.stringify({ image: { repository, tag }, upstream: { caBundle: internet.ca } }));
    outcome = await run([join(root, SCRIPT)], {
      env: { ...process.env, PATH: await onPath(), VALUES: values },
      timeoutMs: 420_000,
    });
    const { data } = (await get('secret/deploy', 'ci')) as unknown as { data: Record<string, string> };
    const value = (name: string) => Buffer.from(data[name] ?? '', 'base64').toString('latin1');
    id = value('AWS_ACCESS_KEY_ID');
    key = value('AWS_SECRET_ACCESS_KEY');
  }, 500_000);

  afterAll(async () => {
    await kubectl(['delete', 'namespace', 'ci', '--ignore-not-found', '--wait=false']);
    await internet?.stop();
  });

  /** `kubectl` and `helm` as users have them. */
  async function onPath(): Promise<string> {
    const directory = join(stateDirectory, 'path');
    const [command = ''] = kubectlCommand();
    const wrap = `mkdir -p "$1" && for tool in kubectl helm; do printf '#!/bin/sh\\nexec "%s" %s "$@"\\n' "$2" $tool >"$1/$tool" && chmod +x "$1/$tool"; done`;
    await must(['sh', '-c', wrap, 'sh', directory, command]);
    return `${directory}:${process.env.PATH}`;
  }

  test('the script ends well', () => {
    expect(id).toMatch(/^AKIA[A-Z2-7]{16}$/);
    expect(key).toHaveLength(40);
    expect(outcome.status, `${outcome.stdout.slice(-3000)}\n${outcome.stderr.slice(-3000)}`).toBe(0);
  });

  test('the README shows the script', () => {
    const lines = readFileSync(join(root, SCRIPT), 'utf8').split('\n');
    const commands = lines
      .slice(lines.findIndex((line) => line.startsWith('helm ')))
      .join('\n')
      .replaceAll(/ \$\{VALUES.*\}/g, '')
      .trim();
    expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain(commands);
  });

  test('the install is real and completes', async () => {
    expect((await get('job/install', 'ci')).status).toMatchObject({ succeeded: 1 });
    const [, added] = /added (\d+) packages/.exec(outcome.stdout) ?? [];
    expect(Number(added)).toBeGreaterThan(50);
  });

  test('both leaks are refused, and the sink knows nothing of the key', async () => {
    expect(outcome.stdout).toMatch(/POST to example\.com: 403 .*content\.secret/);
    const { streams, questions } = await internet.arrivals();
    const told = Buffer.concat([
      ...questions,
      ...streams.flatMap(({ data, messages }) => [data, ...messages].map((text) => Buffer.from(text, 'base64'))),
    ]).toString('latin1');
    for (const secret of [key, id]) {
      for (const form of [
        secret,
        Buffer.from(secret).toString('hex').slice(0, 16),
        Buffer.from(`${id}:${key}`).toString('base64').slice(0, 20),
      ])
        expect(told.includes(form)).toBe(false);
    }
    expect(streams.filter(({ requests }) => requests.some(({ host }) => host === HOSTS.example.name))).toEqual([]);
    expect(await internet.stray()).toEqual([]);
  });

  test('Events and status tell why', async () => {
    const events = JSON.parse(await kubectl(['get', 'events', '--namespace', 'ci', '--output=json'])).items as {
      reason: string;
      message?: string;
      note?: string;
    }[];
    const denied = events
      .filter(({ reason }) => reason === 'EgressDenied')
      .map((event) => event.message ?? event.note ?? '');
    expect(denied.some((text) => text.includes('content.secret') && text.includes('example.com'))).toBe(true);
    expect(denied.some((text) => text.includes('dns.name') || text.includes('content.secret'))).toBe(true);
    for (const text of denied) for (const part of [key.slice(0, 8), id]) expect(text).not.toContain(part);
    const { status } = await get('egresspolicy/web-build', 'ci');
    expect(status).toMatchObject({
      conditions: expect.arrayContaining([expect.objectContaining({ type: 'Accepted', status: 'True' })]),
    });
    expect(outcome.stdout).toMatch(/Name:\s+web-build/);
  });
});
