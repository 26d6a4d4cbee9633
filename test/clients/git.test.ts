import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOSTS, Internet } from './internet.ts';

const repository = `https://${HOSTS.git.name}/acme/tools.git`;
const policy = (paths: string) => `
apiVersion: weir.dev/v1alpha1
kind: EgressPolicy
metadata: {name: build, namespace: ci}
spec:
  egress:
    - {name: source, preset: {name: git-fetch}, to: {hosts: [${HOSTS.git.name}]}, http: [{paths: ["${paths}"]}]}
`;
const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example'];

let internet: Internet;
beforeAll(async () => {
  internet = await Internet.start();
}, 120_000);
afterAll(() => internet?.stop());

describe('git through the preset git-fetch', () => {
  it('clones, whole and shallow, with both protocol versions', async () => {
    for (const [name, ...flags] of [['whole'], ['shallow', '--depth=1'], ['old', '-c', 'protocol.version=0']]) {
      const outcome = await internet.through(policy('/acme/**'), [
        'git',
        'clone',
        '-q',
        ...flags,
        repository,
        internet.path(name as string),
      ]);
      expect(outcome.status, outcome.stderr).toBe(0);
      expect(readFileSync(join(internet.path(name as string), 'crds/runtime.ts'), 'utf8')).toContain('RuntimePolicy');
    }
  });

  it('refuses to clone outside the paths of the rule', async () => {
    const outcome = await internet.through(policy('/other/**'), [
      'git',
      'clone',
      '-q',
      repository,
      internet.path('outside'),
    ]);
    expect(outcome.status).not.toBe(0);
    expect(outcome.log).toContain('"reason":"http.path"');
  });

  it('refuses git push', async () => {
    const clone = internet.path('pusher');
    expect((await internet.through(policy('/acme/**'), ['git', 'clone', '-q', repository, clone])).status).toBe(0);
    writeFileSync(join(clone, 'loot'), 'stolen\n');
    await internet.bare(['git', '-C', clone, 'add', '-A']);
    await internet.bare(['git', '-C', clone, ...identity, 'commit', '-qm', 'loot']);
    const before = await internet.bare(['git', 'ls-remote', repository, 'main']);
    const outcome = await internet.through(policy('/acme/**'), ['git', '-C', clone, 'push', '-q', 'origin', 'main']);
    expect(outcome.status).not.toBe(0);
    expect(outcome.log).toContain('"reason":"http.query"');
    expect((await internet.bare(['git', 'ls-remote', repository, 'main'])).stdout).toBe(before.stdout);
    const control = await internet.bare(['git', '-C', clone, 'push', '-q', 'origin', 'main']);
    expect(control.status, control.stderr).toBe(0);
  });
});
