import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { CLIENT } from './plan.ts';
import { Companion, run } from './process.ts';
import { NODE } from './runtime.ts';
import { createTopology } from './topology.ts';

const MODULE = fileURLToPath(new URL('./topology.ts', import.meta.url));
const gone = async (files: string[]): Promise<string[]> => {
  const end = Date.now() + 5000;
  while (Date.now() < end && files.some((file) => existsSync(file))) await new Promise((r) => setTimeout(r, 50));
  return files.filter((file) => existsSync(file));
};

test('every address answers, over IPv4 and IPv6, and nothing is left afterwards', async () => {
  const topology = await createTopology();
  const files = [`/run/netns/${topology.client}`, `/run/netns/${topology.outside}`, topology.directory];
  try {
    const listener = new Companion(
      'listener',
      topology.inOutside(['socat', 'TCP6-LISTEN:4444,fork,ipv6only=0', 'SYSTEM:echo hello']),
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    for (const address of ['192.0.2.99:80', '8.8.8.8:65000', '[2001:db8:77::1]:443', `[fe80::1%${CLIENT.device}]:22`]) {
      const { stdout } = await run(topology.inClient(['socat', '-T2', '-', `TCP:${address}`]), { timeoutMs: 3000 });
      expect(stdout, address).toBe('hello\n');
    }
    await listener.stop();
  } finally {
    await topology.destroy();
  }
  expect(await gone(files)).toEqual([]);
});

test('nothing is left when its process is killed', async () => {
  const code = `import { createTopology } from ${JSON.stringify(MODULE)};
    const t = await createTopology(); console.log(JSON.stringify(t)); setInterval(() => {}, 1000);`;
  const maker = new Companion('maker', [NODE, '--input-type=module', '-e', code]);
  try {
    const { client, outside, directory } = JSON.parse(await maker.line((line) => line.startsWith('{'), 10_000));
    const files = [`/run/netns/${client}`, `/run/netns/${outside}`, `/etc/netns/${client}`, directory];
    expect(files.every((file) => existsSync(file))).toBe(true);
    maker.child.kill('SIGKILL');
    expect(await gone(files)).toEqual([]);
  } finally {
    maker.child.kill('SIGKILL');
  }
});

test('an ordinary user is told what is missing', async () => {
  const code = `import { createTopology } from ${JSON.stringify(MODULE)}; await createTopology();`;
  const argv = [
    'setpriv',
    '--reuid',
    '65534',
    '--regid',
    '65534',
    '--clear-groups',
    NODE,
    '--input-type=module',
    '-e',
    code,
  ];
  const { status, stderr } = await run(argv);
  expect(status).toBe(1);
  expect(stderr).toContain('must run as root');
});
