import { describe, expect, test } from 'vitest';
import { MAX_LINKS, type PlaceFacts, writablePlaces } from '../../../cli/run/places.ts';

/** A machine with these directories (and those above them) and these symbolic links. */
function machine(directories: readonly string[], links: Readonly<Record<string, string>> = {}) {
  const existing = new Set(['/']);
  for (const directory of directories) {
    const parts = directory.split('/');
    for (let i = 2; i <= parts.length; i += 1) existing.add(parts.slice(0, i).join('/'));
  }
  return (over: Partial<PlaceFacts>) =>
    writablePlaces({
      cwd: '/home/me/app',
      home: '/home/me',
      env: {},
      write: [],
      readlink: (path) => links[path] ?? (existing.has(path) ? undefined : null),
      ...over,
    });
}

describe('the project', () => {
  const places = machine(['/home/me/app', '/home/me/.ssh', '/app', '/usr/src/app', '/var/lib/jenkins/workspace/job']);

  test.each(['/home/me/app', '/app', '/usr/src/app', '/var/lib/jenkins/workspace/job', '/tmp/x', '/root/x'])(
    '%s is one',
    (cwd) => {
      const { writable, warnings } = machine([cwd, '/home/me'])({ cwd });
      expect(writable).toEqual([cwd]);
      expect(warnings).toEqual([]);
    },
  );

  test.each([
    ['/', 'home directory or above'],
    ['/home', 'home directory or above'],
    ['/home/me', 'home directory or above'],
    ['/home/me/.ssh', 'directory of settings'],
    ['/home/me/.config/systemd/user', 'directory of settings'],
    ['/etc', 'directory of the system'],
    ['/etc/cron.d', 'directory of the system'],
    ['/usr/local/bin', 'directory of the system'],
    ['/tmp', 'starts empty'],
    ['/var/lib', 'directory of the system'],
    ['/proc/self', 'directory of the system'],
  ])('%s is none', (cwd, why) => {
    const { writable, warnings } = places({ cwd });
    expect(writable).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining(why)]);
  });
});

describe('caches', () => {
  test('those that exist, without what lies in another', () => {
    const places = machine(['/home/me/app', '/home/me/.npm', '/home/me/.cache/pip', '/home/me/.cargo/registry']);
    const { writable } = places({ env: { PIP_CACHE_DIR: '/home/me/.cache/pip' } });
    expect(writable).toEqual(['/home/me/app', '/home/me/.npm', '/home/me/.cache', '/home/me/.cargo/registry']);
  });

  test('settings beside a cache stay closed', () => {
    const places = machine(['/home/me/app', '/home/me/.cargo/bin', '/home/me/.m2/repository', '/home/me/.gradle']);
    expect(places({}).writable).toEqual(['/home/me/app', '/home/me/.m2/repository']);
  });

  test('a variable moves one, but not onto the home directory or the system', () => {
    const places = machine(['/home/me/app', '/data/npm', '/etc/x']);
    expect(places({ env: { npm_config_cache: '/data/npm' } }).writable).toEqual(['/data/npm', '/home/me/app']);
    for (const value of ['/', '/home/me', '/home', '/etc/x', '', '/none', '..']) {
      expect(places({ env: { npm_config_cache: value } }).writable).toEqual(['/home/me/app']);
    }
  });

  test('a link in the home directory is followed', () => {
    const places = machine(['/home/me/app', '/data/cache'], { '/home/me/.cache': '/data/cache' });
    expect(places({}).writable).toEqual(['/data/cache', '/home/me/app']);
  });
});

describe('--write', () => {
  const directories = ['/home/me/app/sub', '/srv/out', '/home/me', '/etc'];

  test('relative and absolute', () => {
    const places = machine([...directories, '/home/me/lib']);
    expect(places({ write: ['../lib', '/srv/out/'] }).writable).toEqual(['/srv/out', '/home/me/app', '/home/me/lib']);
  });

  test('may open the home directory, which then is the only place there', () => {
    expect(machine(directories)({ write: ['/home/me'] }).writable).toEqual(['/home/me']);
  });

  test.each(['/none', '/', '/proc/sys', '/sys', '/dev', '/run/weir/x'])('%s is refused', (write) => {
    const { errors } = machine([...directories, '/proc/sys', '/sys', '/dev', '/run/weir/x'])({ write: [write] });
    expect(errors).toEqual([expect.stringContaining(`--write ${write}`)]);
  });
});

describe('links that an earlier run may have left', () => {
  test('a cache inside the project that points outside opens nothing', () => {
    const places = machine(['/home/me/app', '/etc/cron.d'], { '/home/me/app/out': '/etc/cron.d' });
    expect(places({ write: ['out'] }).writable).toEqual(['/home/me/app']);
    expect(places({ env: { npm_config_cache: '/home/me/app/out' } }).writable).toEqual(['/home/me/app']);
  });

  test('nor does one that another link leads to', () => {
    const links = { '/home/me/.cache': '/home/me/app/cache', '/home/me/app/cache': '/srv/secret' };
    expect(machine(['/home/me/app', '/srv/secret'], links)({}).writable).toEqual(['/home/me/app']);
  });

  test('a path through a cache of the home directory', () => {
    const links = { '/home/me/.cache/pip': '/home/me/.ssh' };
    const places = machine(['/home/me/app', '/home/me/.cache', '/home/me/.ssh'], links);
    expect(places({ env: { PIP_CACHE_DIR: '/home/me/.cache/pip' } }).writable).toEqual([
      '/home/me/app',
      '/home/me/.cache',
    ]);
  });

  test('links are followed as often as the kernel does, and no more', () => {
    const chain = (length: number): Record<string, string> =>
      Object.fromEntries(Array.from({ length }, (_, i) => [`/l${i}`, i === length - 1 ? '/srv/out' : `/l${i + 1}`]));
    const directories = ['/home/me/app', '/srv/out'];
    expect(machine(directories, chain(MAX_LINKS))({ write: ['/l0'] }).writable).toContain('/srv/out');
    expect(machine(directories, chain(MAX_LINKS + 1))({ write: ['/l0'] }).errors).toHaveLength(1);
    expect(machine(directories, { '/loop': '/loop' })({ write: ['/loop'] }).errors).toHaveLength(1);
  });
});
