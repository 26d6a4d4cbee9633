import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { safeDescriptor } from '../../../cli/run/stdio.ts';

let directory: string;
const opened: number[] = [];

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'weir-stdio-'));
});

afterEach(() => {
  for (const fd of opened.splice(0)) fs.closeSync(fd);
  fs.rmSync(directory, { recursive: true });
});

function open(file: string, flags: string | number): number {
  const fd = fs.openSync(path.resolve(directory, file), flags);
  opened.push(fd);
  return fd;
}

describe('passed on as they are', () => {
  test.each(['null', 'zero', 'full', 'random', 'urandom'])('/dev/%s', (name) => {
    const fd = open(`/dev/${name}`, 'r');
    expect(safeDescriptor(fd)).toBe(fd);
  });

  test.each(['w', 'a', 'w+'])('a file opened with %s', (flags) => {
    const fd = open('out', flags);
    expect(safeDescriptor(fd)).toBe(fd);
  });

  test('a pipe', () => {
    spawnSync('mkfifo', [path.join(directory, 'fifo')]);
    const fd = open('fifo', fs.constants.O_RDWR);
    expect(safeDescriptor(fd)).toBe(fd);
  });

  test('a file without a name', () => {
    fs.writeFileSync(path.join(directory, 'gone'), 'x');
    const fd = open('gone', 'r');
    fs.unlinkSync(path.join(directory, 'gone'));
    expect(safeDescriptor(fd)).toBe(fd);
  });
});

test('a file that was opened for reading is opened again, at its position', () => {
  fs.writeFileSync(path.join(directory, 'in'), 'one two');
  const fd = open('in', 'r');
  fs.readSync(fd, Buffer.alloc(4), 0, 4, null);
  const again = safeDescriptor(fd);
  opened.push(again);
  expect(again).not.toBe(fd);
  expect(fs.readFileSync(again, 'utf8')).toBe('two');
});

describe('refused', () => {
  test('a directory', () => {
    expect(() => safeDescriptor(open('.', 'r'))).toThrow('is a directory');
  });

  test('a place in the file system that was not opened (O_PATH)', () => {
    expect(() => safeDescriptor(open('.', 0o10000000))).toThrow('is no open file');
  });

  test('a device that can do something', () => {
    expect(() => safeDescriptor(open('/dev/ptmx', 'r'))).toThrow('is a device');
  });

  test('a file whose name leads to another one now', () => {
    for (const name of ['in', 'other']) fs.writeFileSync(path.join(directory, name), '');
    const fd = open('in', 'r');
    fs.linkSync(path.join(directory, 'in'), path.join(directory, 'kept'));
    fs.renameSync(path.join(directory, 'other'), path.join(directory, 'in'));
    expect(() => safeDescriptor(fd)).toThrow('has no name here');
  });

  test('a file that is no file of a file system', () => {
    expect(() => safeDescriptor(open('/proc/self/ns/net', 'r'))).toThrow('has no name here');
  });

  test('a TCP connection', async () => {
    const server = net.createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
    await once(client, 'connect');
    const { fd } = (client as unknown as { _handle: { fd: number } })._handle;
    expect(() => safeDescriptor(fd)).toThrow('is a network socket');
    client.destroy();
    server.close();
  });
});
