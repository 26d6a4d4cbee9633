import { describe, expect, test } from 'vitest';
import { mountOf, onDemandMounts, parseMountinfo } from '../../../cli/run/mountinfo.ts';
import { parseUnixSockets, translatePath } from '../../../cli/run/unix-sockets.ts';

const NET_UNIX = `Num       RefCount Protocol Flags    Type St Inode Path
0000000053bc0b5f: 00000003 00000000 00000000 0001 03  1062
0000000053bc0b60: 00000002 00000000 00010000 0001 01 23456 /run/docker.sock
0000000053bc0b61: 00000002 00000000 00010000 0005 01 23457 @/tmp/.X11-unix/X0
0000000053bc0b62: 00000002 00000000 00000000 0002 01   11 with space/s.sock
0000000053bc0b63: 00000002 00000000 00010000 0001 01 23458 /home/me/agent @1.sock
half a line
`;

test('sockets with a path, absolute and relative; abstract and nameless ones are left out', () => {
  expect(parseUnixSockets(NET_UNIX)).toEqual([
    { path: '/run/docker.sock', inode: 23456 },
    { path: 'with space/s.sock', inode: 11 },
    { path: '/home/me/agent @1.sock', inode: 23458 },
  ]);
  expect(parseUnixSockets('')).toEqual([]);
});

const OURS = parseMountinfo(`22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
23 22 0:21 / /proc rw - proc proc rw
24 22 254:1 / /data rw - ext4 /dev/vdb rw
25 22 254:1 /projects /home/me/projects rw - ext4 /dev/vdb rw
26 22 0:50 / /with\\040space rw shared:9 master:1 - tmpfs tmpfs rw
`);
const CONTAINER = parseMountinfo(`900 800 0:77 / / rw - overlay overlay rw,lowerdir=/l
901 900 254:1 /projects/pg /var/run/postgresql rw - ext4 /dev/vdb rw
`);

describe('mountinfo', () => {
  test('escapes are undone, optional fields skipped', () => {
    expect(OURS[4]).toEqual({ device: '0:50', root: '/', path: '/with space', type: 'tmpfs' });
    expect(parseMountinfo('broken\n')).toEqual([]);
  });

  test('the innermost mount shows a path, the last of several on one', () => {
    expect(mountOf('/data/x', OURS)?.path).toBe('/data');
    expect(mountOf('/database', OURS)?.path).toBe('/');
    const twice = parseMountinfo('1 0 1:1 / /a rw - x x rw\n2 1 2:2 / /a rw - y y rw\n');
    expect(mountOf('/a', twice)?.device).toBe('2:2');
  });
});

describe('a socket in another mount namespace', () => {
  test('in a shared directory is found at every place where we see it', () => {
    expect(translatePath('/var/run/postgresql/.s.PGSQL', CONTAINER, OURS)).toEqual([
      '/data/projects/pg/.s.PGSQL',
      '/home/me/projects/pg/.s.PGSQL',
    ]);
  });

  test('on a file system that we do not have is not found', () => {
    expect(translatePath('/tmp/x', CONTAINER, OURS)).toEqual([]);
    expect(translatePath('/tmp/x', [], OURS)).toEqual([]);
  });

  test('on the same file system keeps its path', () => {
    expect(translatePath('/srv/x', OURS, OURS)).toEqual(['/srv/x']);
  });
});

test('automounts are found where they can be seen', () => {
  const mounts = parseMountinfo(`1 0 1:1 / / rw - ext4 x rw
2 1 0:30 / /net rw - autofs systemd-1 rw
3 1 0:31 / /home rw - autofs systemd-1 rw
4 3 0:32 / /home rw - nfs4 server:/ rw
5 1 0:33 / /afs rw - afs none rw
`);
  expect(onDemandMounts(mounts)).toEqual(['/net', '/afs']);
});
