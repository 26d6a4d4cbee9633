import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hostSocketPaths } from '../../../cli/run/socket-paths.ts';

let directory: string;
const ends: (() => void)[] = [];

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'weir-sockets-'));
});

afterEach(() => {
  for (const end of ends.splice(0)) end();
  fs.rmSync(directory, { recursive: true });
});

async function listen(name: string): Promise<void> {
  const server = net.createServer().listen(name);
  await once(server, 'listening');
  ends.push(() => server.close());
}

function found(): string[] {
  return hostSocketPaths(directory)
    .filter((file) => file.startsWith(directory))
    .map((file) => path.relative(directory, file))
    .toSorted();
}

test('a listening socket', async () => {
  await listen(path.join(directory, 's'));
  fs.writeFileSync(path.join(directory, 'file'), '');
  expect(found()).toEqual(['s']);
});

test('one that was renamed after it was bound', async () => {
  await listen(path.join(directory, 'control.x1y2'));
  fs.renameSync(path.join(directory, 'control.x1y2'), path.join(directory, 'control'));
  expect(found()).toEqual(['control']);
});

test('one that was bound by a relative name', async () => {
  const script = "require('node:net').createServer().listen('relative.sock', () => console.log('up'))";
  const child = spawn(process.execPath, ['-e', script], { cwd: directory, stdio: ['ignore', 'pipe', 'inherit'] });
  ends.push(() => child.kill());
  await once(child.stdout, 'data');
  expect(found()).toEqual(['relative.sock']);
});

test('one that lies in another network namespace', async () => {
  const script = `require('node:net').createServer().listen(${JSON.stringify(path.join(directory, 'far'))}, () => console.log('up'))`;
  const child = spawn('unshare', ['-rn', process.execPath, '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  ends.push(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  expect(found()).toEqual(['far']);
});

test('one that is left over where agents keep theirs, though nobody is listed', async () => {
  fs.mkdirSync(path.join(directory, '.ssh'));
  const name = path.join(directory, '.ssh', 'control');
  const server = net.createServer().listen(name);
  await once(server, 'listening');
  fs.linkSync(name, path.join(directory, '.ssh', 'linked'));
  await new Promise((resolve) => server.close(resolve));
  expect(found()).toEqual(['.ssh/linked']);
});
