/** A command that goes for Weir itself, installed in the project as a dependency, and for what the next run will read. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { processEnv, root } from '../setup/processes.ts';

let base: string;
let project: string;
const modules = (name: string): string => path.join(project, 'node_modules', name);

beforeAll(() => {
  // Not below /tmp, which the command gets empty.
  base = fs.mkdtempSync('/var/lib/weir-relied-');
  project = path.join(base, 'project');
  for (const name of ['home', 'project/policies', 'outside']) fs.mkdirSync(path.join(base, name), { recursive: true });
  const copy = (from: string, to: string): void => fs.cpSync(path.join(root, from), modules(to), { recursive: true });
  copy('bin', 'weir/bin');
  for (const name of fs.readdirSync(path.join(root, 'dist'))) {
    if (name === 'chunks' || name.endsWith('.mjs')) copy(`dist/${name}`, `weir/dist/${name}`);
  }
  copy('node_modules/koffi', 'koffi');
  copy('node_modules/@koromix', '@koromix');
  const packaged = `node-linux-${os.arch()}`;
  fs.symlinkSync(path.join(root, 'node_modules', packaged), modules(packaged));
  const policy = 'apiVersion: weir.dev/v1alpha1\nkind: EgressPolicy\nmetadata: {name: none}\nspec: {egress: []}\n';
  fs.writeFileSync(path.join(project, 'policies/policy.yaml'), policy);
});
afterAll(() => fs.rmSync(base, { recursive: true }));

function weir(flags: readonly string[], script: string) {
  const { NODE_V8_COVERAGE: _, ...env } = processEnv({ HOME: path.join(base, 'home') });
  const { status, stdout, stderr } = spawnSync(modules('weir/bin/weir'), ['run', ...flags, '--', 'sh', '-c', script], {
    cwd: project,
    env,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test('nothing that this process has yet to load, or has mapped, can be changed, removed, covered or put elsewhere', () => {
  const files = (directory: string): string[] =>
    fs
      .readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
  const before = new Map(
    [...files(modules('weir/dist')), ...files(modules('@koromix'))].map((file) => [file, fs.statSync(file).mtimeMs]),
  );
  const { status, stdout, stderr } = weir(
    [],
    `cd node_modules
     for file in weir/dist/*.mjs weir/dist/chunks/* $(find @koromix -name koffi.node); do
       (echo evil >> "$file") 2>/dev/null && case $file in weir/*) echo "changed $file" ;; esac
     done
     touch weir/dist/new.mjs weir/dist/chunks/new.mjs 2>/dev/null && echo added
     for place in weir/dist weir/dist/chunks weir ../node_modules; do mv "$place" "$place.old" 2>/dev/null && echo "moved $place"; done
     rm -rf weir/dist 2>/dev/null && echo removed
     touch weir/other ok && echo done`,
  );
  expect(stdout).toBe('done\n');
  expect(status).toBe(0);
  expect(stderr).toContain(`weir: weir itself is in ${project}`);
  const own = [...before].filter(([file]) => file.startsWith(modules('weir')) || isLoaded(file));
  expect(own.length).toBeGreaterThan(10);
  for (const [file, time] of own) expect(fs.statSync(file).mtimeMs, file).toBe(time);
});

/** Of the builds for several systems, the one for this. */
function isLoaded(file: string): boolean {
  return file.endsWith(`/linux_${os.arch()}/koffi.node`);
}

test('a directory of policies can be neither added to nor changed', () => {
  const script = `(echo '# evil' >> policies/policy.yaml) 2>/dev/null && echo changed
    (echo > policies/more.yaml) 2>/dev/null && echo added
    mv policies old 2>/dev/null && echo moved; echo done`;
  expect(weir(['--policy', 'policies'], script)).toMatchObject({ status: 0, stdout: 'done\n' });
});

test('what one run left in the project for the next to follow is not followed, and nothing is written there', () => {
  const target = path.join(base, 'outside/profile');
  expect(weir([], `ln -s ${target} weir.log; ln -s policies/policy.yaml policy.yaml; mkdir -p p`).status).toBe(0);
  for (const flags of [
    ['--log', 'weir.log'],
    ['--policy', 'policy.yaml'],
    ['--policy', '.'],
  ]) {
    const { status, stdout, stderr } = weir(flags, 'echo ran');
    expect({ status, stdout }, stderr).toEqual({ status: 2, stdout: '' });
  }
  expect(fs.existsSync(target)).toBe(false);
});

test('programs of the project are not run outside the sandbox, whatever PATH says', () => {
  const bin = path.join(project, 'node_modules/.bin');
  const marker = path.join(base, 'outside/ran');
  fs.mkdirSync(bin);
  for (const name of ['uname', 'dirname', 'readlink', 'unshare', 'setpriv', 'ip', 'iptables-restore', 'sh', 'node']) {
    fs.writeFileSync(path.join(bin, name), `#!/bin/sh\ntouch ${marker}\nexit 1\n`, { mode: 0o755 });
  }
  fs.symlinkSync('../weir/bin/weir', path.join(bin, 'weir'));
  const env = processEnv({ HOME: path.join(base, 'home'), PATH: `${bin}:${process.env.PATH}` });
  const { status, stderr } = spawnSync(path.join(bin, 'weir'), ['run', '--', '/bin/true'], {
    cwd: project,
    env,
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  expect(fs.existsSync(marker)).toBe(false);
});
