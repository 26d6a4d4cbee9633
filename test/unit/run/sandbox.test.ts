import fs from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Sandbox, SandboxError, type SandboxOptions, signalStatus } from '../../../cli/run/sandbox.ts';
import { findTools } from '../../../cli/run/tools.ts';

const VIEW: SandboxOptions['view'] = { writable: [], masks: [], protected: [], sockets: [], home: undefined };

function start(over: Partial<SandboxOptions> = {}): Sandbox {
  return new Sandbox({ tools: findTools(), view: VIEW, terminals: [], env: {}, ...over });
}

/** Processes of the sandbox's session, which its first process leads; without those that have ended and wait for init. */
function processes(sandbox: Sandbox): string[] {
  const leader = /^\/proc\/(\d+)\//.exec(sandbox.terminalDirectory)?.[1];
  return fs.readdirSync('/proc').filter((pid) => {
    try {
      // The fields after the name, which may hold anything.
      const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      const [state, , , session] = fields;
      return session === leader && state !== 'Z';
    } catch {
      return false;
    }
  });
}

test.each([0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89])('can be ended %d ms after its start, whole', async (delay) => {
  const sandbox = start();
  await setTimeout(delay);
  await sandbox.end();
  await sandbox.end();
  await expect.poll(() => processes(sandbox), { timeout: 3000 }).toEqual([]);
});

test('listens in its own network, and hands the sockets over', async () => {
  const sandbox = start();
  const { tcp, dnsTcp, dnsUdp } = await sandbox.listeners;
  const addresses = [...tcp, ...dnsTcp, ...dnsUdp].map((listener) => listener.address());
  expect(addresses).toContainEqual({ address: '127.0.0.1', family: 'IPv4', port: 15001 });
  expect(addresses).toContainEqual({ address: '127.0.0.1', family: 'IPv4', port: 15053 });
  expect(tcp.length).toBe(dnsUdp.length);
  for (const listener of [...tcp, ...dnsTcp, ...dnsUdp]) listener.close();
  await sandbox.end();
});

test('a view that cannot be made is said so', async () => {
  const sandbox = start({ view: { ...VIEW, writable: ['/nonexistent'] } });
  await expect(sandbox.listeners).rejects.toThrow('open_tree /nonexistent: ENOENT');
  await sandbox.end();
});

test('wrappers that fail leave their status', async () => {
  const sandbox = start({ tools: { ...findTools(), unshare: '/bin/false' }, terminals: [2] });
  const error = await sandbox.listeners.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(SandboxError);
  expect(error).toMatchObject({ message: 'the sandbox could not be made (status 1)', status: 125, refused: '' });
});

test('a wrapper that cannot be started is named', async () => {
  const sandbox = start({ tools: { ...findTools(), setpriv: '/nonexistent' } });
  await expect(sandbox.listeners).rejects.toThrow('spawn /nonexistent ENOENT');
});

test('exit statuses of signals', () => {
  expect([signalStatus('SIGINT'), signalStatus('SIGKILL'), signalStatus('SIGTERM')]).toEqual([130, 137, 143]);
});
