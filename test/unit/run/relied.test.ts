/** What a command may not turn to its own ends: the files that `weir run` was told to use, and Weir itself. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linkedFile, named, ownFiles, ownFilesWarning } from '../../../cli/run/relied.ts';
import { realpath } from '../../../cli/run/view.ts';

let base: string;
beforeAll(() => {
  base = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'weir-relied-')));
  for (const name of ['app/ci', 'app/empty', 'cache', 'outside'])
    fs.mkdirSync(path.join(base, name), { recursive: true });
  for (const name of ['app/ci/policy.yaml', 'app/policy.yaml', 'app/ca.pem', 'outside/policy.yaml']) {
    fs.writeFileSync(path.join(base, name), '');
  }
  const links = {
    'app/link.yaml': 'ci/policy.yaml',
    'app/out.yaml': '../outside/policy.yaml',
    'app/dir': 'ci',
    'app/log.json': '../outside/log.json',
    'app/dangling': '/nothing',
    'app/loop': 'loop',
    'outside/in.yaml': '../app/policy.yaml',
    'outside/twice.yaml': '../app/link.yaml',
    'outside/app': '../app',
  };
  for (const [name, target] of Object.entries(links)) fs.symlinkSync(target, path.join(base, name));
});
afterAll(() => fs.rmSync(base, { recursive: true }));

function look(options: Partial<Parameters<typeof named>[0]>) {
  const { kept, errors } = named(
    { policies: [], upstreamCa: [], ...options },
    {
      cwd: path.join(base, 'app'),
      writable: [path.join(base, 'app'), path.join(base, 'cache')],
      readlink: (file) => {
        try {
          return fs.lstatSync(file).isSymbolicLink() ? fs.readlinkSync(file) : undefined;
        } catch {
          return null;
        }
      },
      realpath,
      list: (directory) =>
        fs.existsSync(directory) && fs.statSync(directory).isDirectory() ? fs.readdirSync(directory) : [],
    },
  );
  return {
    kept: kept.map((file) => path.relative(base, file)),
    errors: errors.map((text) => text.replaceAll(base, '')),
  };
}

describe('files that the command line names', () => {
  test('policies, authorities and what is in a directory of policies are kept', () => {
    expect(look({ policies: ['policy.yaml', 'ci', '-', '../outside/policy.yaml'], upstreamCa: ['ca.pem'] })).toEqual({
      kept: ['app/policy.yaml', 'app/ci', 'app/ci/policy.yaml', 'outside/policy.yaml', 'app/ca.pem'],
      errors: [],
    });
  });

  test('a link outside leads to what is kept, and cannot be changed', () => {
    const policies = ['../outside/in.yaml', '../outside/app/policy.yaml'];
    expect(look({ policies })).toEqual({ kept: ['app/policy.yaml', 'app/policy.yaml'], errors: [] });
  });

  test.each([
    ['link.yaml', '/app/link.yaml'],
    ['out.yaml', '/app/out.yaml'],
    ['dir/policy.yaml', '/app/dir'],
    ['dir', '/app/dir'],
    ['dangling', '/app/dangling'],
    ['loop', '/app/loop'],
    ['dir/../policy.yaml', '/app/dir'],
    ['dir/./../../policy.yaml', '/app/dir'],
    ['../outside/twice.yaml', '/app/link.yaml'],
    ['../outside/app/link.yaml', '/app/link.yaml'],
  ])('%s passes a link that the command may change', (argument, link) => {
    const message = `${argument}: ${link} is a link that the command may change; name what it leads to`;
    expect(look({ policies: [argument] }).errors).toContain(`--policy ${message}`);
    expect(look({ upstreamCa: [argument] }).errors).toEqual([`--upstream-ca ${message}`]);
    expect(look({ log: argument }).errors).toEqual([`--log ${message}`]);
  });

  test('a log behind a link would be written wherever that leads', () => {
    expect(look({ log: 'log.json' }).errors).toEqual([expect.stringContaining('/app/log.json is a link')]);
    expect(look({ log: 'new.json' }).errors).toEqual([]);
    expect(look({ log: 'none/new.json' }).errors).toEqual([]);
  });

  test('a directory to which the command may add policies is none to take them from', () => {
    expect(look({ policies: ['.'] }).errors).toContain(
      '--policy .: the command may write there, and change it; name files, or another directory',
    );
    expect(look({ policies: ['../cache'] }).errors).toHaveLength(1);
    expect(look({ policies: ['..', '../outside', 'empty'] }).errors).toEqual([
      expect.stringContaining('/app/link.yaml is a link'),
    ]);
  });
});

describe("Weir's own files", () => {
  test('are those that are mapped', () => {
    const maps = [
      '55676bd30000-55676bd32000 r--p 00000000 fe:00 247278                     /opt/a b/node',
      '55676bd32000-55676bd38000 r-xp 00002000 fe:00 247278                     /opt/a b/node',
      '7f0000000000-7f0000001000 rw-p 00000000 00:00 0 ',
      '7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0                          [stack]',
      '7f0000002000-7f0000003000 r-xp 00000000 fe:00 17                         /p/node_modules/k/k.node',
      '',
    ];
    expect(ownFiles(maps.join('\n'))).toEqual(['/opt/a b/node', '/p/node_modules/k/k.node']);
    expect(ownFiles(fs.readFileSync('/proc/self/maps', 'utf8'))).toContain(fs.realpathSync(process.execPath));
  });

  test('are told of when they are in the project', () => {
    expect(ownFilesWarning(['/p/node_modules/weir/dist', '/usr/lib/libc.so.6'], '/p')).toContain('/p');
    expect(ownFilesWarning(['/opt/weir/dist', '/usr/lib/libc.so.6'], '/p')).toBeUndefined();
  });

  test('may have no other name, as a package store gives them', () => {
    const dist = path.join(base, 'app/node_modules/weir/dist');
    fs.mkdirSync(path.join(dist, 'chunks'), { recursive: true });
    const file = path.join(dist, 'chunks/late.mjs');
    fs.writeFileSync(file, '');
    const writable = [path.join(base, 'cache')];
    expect(linkedFile([dist], writable)).toBeUndefined();
    fs.linkSync(file, path.join(base, 'cache/stored'));
    expect(linkedFile([dist], writable)).toBe(file);
    expect(linkedFile([file], writable)).toBe(file);
    // Of another file system, there can be no name in this one.
    expect(linkedFile([dist], ['/proc'])).toBeUndefined();
  });
});
