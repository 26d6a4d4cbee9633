import { expect, test } from 'vitest';
import { isolatedDirectories } from '../../../cli/run/isolation.ts';
import { parseMountinfo } from '../../../cli/run/mountinfo.ts';

const TREE: Record<string, string[]> = {
  '/': ['etc', 'home', 'proc', 'srv', 'tmp', 'usr', 'var'],
  '/home': ['me', 'you'],
  '/var': ['lib', 'log'],
  '/var/lib': ['docker', 'x'],
};

function directories(mountinfo: string, start = '/'): string[] {
  return isolatedDirectories(start, parseMountinfo(mountinfo), ['/proc', '/tmp'], (directory) => TREE[directory] ?? []);
}

const ROOT = '1 0 1:1 / / rw - ext4 x rw\n2 1 0:2 / /proc rw - proc p rw\n3 1 0:3 / /tmp rw - tmpfs t rw\n';

test('each directory of one that mounts lie in', () => {
  expect(directories(ROOT)).toEqual(['/etc', '/home', '/srv', '/usr', '/var']);
});

test('as deep as the mounts lie, and the mounts themselves', () => {
  const mounts = `${ROOT}4 1 2:1 / /home/me rw - ext4 y rw\n5 1 0:9 / /var/lib/docker/overlay rw - overlay o rw\n`;
  expect(directories(mounts)).toEqual([
    ...['/etc', '/home/me', '/home/you', '/srv', '/usr'],
    ...['/var/lib/docker/overlay', '/var/lib/x', '/var/log'],
  ]);
});

test('a directory without mounts as a whole, also the start', () => {
  expect(directories(ROOT, '/srv')).toEqual(['/srv']);
  expect(directories('1 0 1:1 / / rw - ext4 x rw\n')).toEqual(['/']);
});

test('file systems that nobody can write are left alone', () => {
  expect(directories(`${ROOT}4 1 7:1 / /srv ro - squashfs s ro\n`)).toEqual(['/etc', '/home', '/usr', '/var']);
});

test('a directory that cannot be listed is passed through to the mounts in it', () => {
  expect(directories(`${ROOT}4 1 2:1 / /usr/secret/disk rw - ext4 y rw\n`)).toContain('/usr/secret/disk');
});
