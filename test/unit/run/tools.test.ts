import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { refusalAdvice } from '../../../cli/run/refused.ts';
import { executability, findCommand, findProgram, findTools } from '../../../cli/run/tools.ts';

let directory: string;

beforeAll(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'weir-tools-'));
  fs.mkdirSync(path.join(directory, 'bin'));
  fs.writeFileSync(path.join(directory, 'bin', 'tool'), '#!/bin/sh\n', { mode: 0o755 });
  fs.writeFileSync(path.join(directory, 'bin', 'text'), '', { mode: 0o644 });
});

afterAll(() => fs.rmSync(directory, { recursive: true }));

test('the tools are those of the system, whatever PATH says: npm puts the project there first', () => {
  expect(findTools()).toEqual({
    unshare: expect.stringMatching(/\/unshare$/),
    setpriv: expect.stringMatching(/\/setpriv$/),
    ip: expect.stringMatching(/\/ip$/),
  });
});

test('those that are missing are named, with their packages', () => {
  expect(() => findTools([path.join(directory, 'bin')])).toThrow(
    'unshare, setpriv, ip not found: install util-linux and iproute2',
  );
});

test('a program is an executable file', () => {
  const bin = path.join(directory, 'bin');
  expect(findProgram('tool', ['/none', bin])).toBe(path.join(bin, 'tool'));
  expect(findProgram('text', [bin])).toBeUndefined();
  expect(executability(bin)).toBe('no');
  expect(executability(path.join(bin, 'none'))).toBe('absent');
});

test('a command is looked up as execvp would', () => {
  const tool = path.join(directory, 'bin', 'tool');
  expect(findCommand('tool', `/none:${directory}/bin`, '/')).toEqual({ file: tool });
  expect(findCommand('tool', '/none:bin', directory)).toEqual({ file: tool });
  expect(findCommand('./tool', undefined, `${directory}/bin`)).toEqual({ file: tool });
  expect(findCommand('sh', undefined, '/')).toEqual({ file: expect.stringMatching(/^\/(usr\/)?bin\/sh$/) });
  expect(findCommand('text', `${directory}/bin`, '/')).toEqual({ error: 'not executable' });
  expect(findCommand('tool', '/none', '/')).toEqual({ error: 'not found' });
  expect(findCommand(`${tool}x`, undefined, '/')).toEqual({ error: 'not found' });
});

test.each([
  [{ 'kernel.apparmor_restrict_unprivileged_userns': 1 }, 'apparmor_restrict_unprivileged_userns=0'],
  [{ 'kernel.unprivileged_userns_clone': 0 }, 'unprivileged_userns_clone=1'],
  [{ 'user.max_user_namespaces': 0 }, 'max_user_namespaces=15000'],
  [{ 'kernel.apparmor_restrict_unprivileged_userns': 0, 'user.max_user_namespaces': 9000 }, 'seccomp profile'],
  [{}, 'seccomp profile'],
])('advice when the kernel refuses: %o', (sysctls: Record<string, number>, advice) => {
  expect(refusalAdvice((name) => sysctls[name])).toContain(advice);
});

test('advice on this machine', () => {
  expect(refusalAdvice()).not.toBe('');
});
